package org.bytchat.sim.network;

import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.sim.model.AddressPlan;
import org.bytchat.sim.model.Mix;

/**
 * A small network as a directory wants it.
 *
 * @param times by node, when it starts and stops in turn
 * @param isFresh whether each life has a key of its own
 * @param unreachable who cannot be reached
 */
record Places(List<long[]> times, boolean isFresh, List<Integer> unreachable)
    implements Directory.Lives {

  static final int BUCKET = 8;

  Directory directory(long seed) {
    AddressPlan plan = new AddressPlan(seed, times.size());
    Directory.Addresses addresses =
        new Directory.Addresses() {
          @Override
          public Endpoint endpoint(int node) {
            return plan.endpoint(node);
          }

          @Override
          public int indexOf(Endpoint endpoint) {
            return plan.indexOf(endpoint);
          }
        };
    return new Directory(addresses, this, (node, life) -> identity(seed, node, life), 1);
  }

  static NodeIdentity identity(long seed, int node, int life) {
    byte[] key = new byte[32];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) Mix.at(Mix.combine(Mix.combine(seed, node), life), i);
    }
    return NodeIdentity.of(SimulatedScheme.INSTANCE, key);
  }

  @Override
  public int nodes() {
    return times.size();
  }

  @Override
  public long[] of(int node) {
    return times.get(node);
  }

  @Override
  public boolean isReachable(int node) {
    return !unreachable.contains(node);
  }
}
