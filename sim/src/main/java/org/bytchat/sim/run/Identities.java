package org.bytchat.sim.run;

import java.nio.ByteBuffer;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.sim.model.Mix;

/** Makes keys that follow from a run's seed. */
final class Identities {

  private static final long NODES = 301;

  private Identities() {}

  /** Returns the private seed of a key. */
  static byte[] keySeed(long seed, int number, int life) {
    ByteBuffer bytes = ByteBuffer.allocate(SignatureScheme.SEED_BYTES);
    long state = Mix.combine(seed, ((long) number << 32) + life);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putLong(Mix.at(state, i));
    }
    return bytes.array();
  }

  /** Makes a node's key. */
  static NodeIdentity ofNode(SignatureScheme scheme, long seed, int node, int life) {
    return NodeIdentity.of(scheme, keySeed(Mix.seed(seed, NODES), node, life));
  }
}
