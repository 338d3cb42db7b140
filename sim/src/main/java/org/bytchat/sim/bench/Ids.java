package org.bytchat.sim.bench;

import java.util.Random;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;

/** Ids and endpoints that benchmarks make up. */
final class Ids {

  private Ids() {}

  static NodeId random(Random random) {
    return NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
  }

  /** Returns an id that shares exactly so many leading bits with another; at most 63. */
  static NodeId sharing(NodeId base, int prefix, Random random) {
    return sharing(base, prefix, random.nextLong());
  }

  /** The same, of one number, so that equal numbers give equal ids. */
  static NodeId sharing(NodeId base, int prefix, long number) {
    long differing = Long.MIN_VALUE >>> prefix;
    long below = prefix == 63 ? 0 : number >>> prefix + 1;
    long mixed = number * 0x9E3779B97F4A7C15L;
    return NodeId.of(
        base.high() ^ differing ^ below, base.middle() ^ mixed, base.low() ^ (int) (mixed >> 17));
  }

  /** Returns a public IPv4 endpoint in a /16 of its own, for an index below 20,000. */
  static Endpoint endpoint(int index) {
    return Endpoint.ofIpv4(11 + index / 256 << 24 | index % 256 << 16 | 0x0101, 4000);
  }
}
