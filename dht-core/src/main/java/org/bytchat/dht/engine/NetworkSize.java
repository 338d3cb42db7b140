package org.bytchat.dht.engine;

import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;

/**
 * Estimates how many nodes a family's network has, from how near the nearest ones are.
 *
 * <p>If n ids are spread evenly, the distance of the k-th nearest to a key is about k / n of the id
 * space, and (k − 1) / distance estimates n without bias. The median over lookups of random keys is
 * what is told, of keys that are not near this node. Where it matters that nobody can make it too
 * high, and so hide a crowd, the own neighbourhood bounds it: those in the table have proved their
 * ids, so whoever wants to raise that has to find keys near this one node. As he may have done so,
 * the lookups bound the neighbourhood in turn.
 */
final class NetworkSize {

  private static final int SAMPLES = 9;

  /** Fewer say less than the own neighbourhood alone. */
  private static final int SAMPLES_LEAST = 4;

  /** A neighbourhood of 20 is rarely this many times thinner than the network. */
  private static final double NEIGHBOURHOOD_FACTOR = 1.5;

  /** The network may have grown so many times since most of the lookups; else this is a crowd. */
  private static final double CROWD_FACTOR = 4;

  /** Who crowds this node crowds the keys that share so many bits with its id as well. */
  private static final int NEAR_BITS = 6;

  private static final double SHARE_MAX = 0.1;
  private static final double IDS = 0x1.0p64;
  private static final float[] NOTHING = {};

  private final NodeId own;
  private final int nearest;

  /** The last estimates, in a ring. */
  private float[] samples = NOTHING;

  private int count;

  NetworkSize(NodeId own, int nearest) {
    this.own = own;
    this.nearest = nearest;
  }

  /** Takes what a lookup of a key found that nobody else chose. */
  void onLookup(NodeId key, List<Contact> closest) {
    int found = Math.min(nearest, closest.size());
    if (found < nearest || found < 2 || own.commonPrefixLength(key) >= NEAR_BITS) {
      return;
    }
    if (samples.length == 0) {
      samples = new float[SAMPLES];
    }
    samples[count++ % SAMPLES] = (float) estimate(key, closest.get(found - 1).id(), found);
    // It must not overflow, and stay at its place in the ring.
    count = count == 2 * SAMPLES ? SAMPLES : count;
  }

  private static double estimate(NodeId key, NodeId farthest, int found) {
    double distance = Math.max(1, unsigned(key.high() ^ farthest.high())) / IDS;
    return (found - 1) / distance;
  }

  private static double unsigned(long bits) {
    return (bits >>> 1) * 2.0 + (bits & 1);
  }

  /** Returns the estimate, this node included. */
  double estimate(RoutingTable table, ClosestSearch search) {
    return count >= SAMPLES_LEAST ? median() + 1 : neighbourhood(table, search);
  }

  private double neighbourhood(RoutingTable table, ClosestSearch search) {
    int found = table.closest(search.begin(own, nearest));
    return found < nearest || found < 2
        ? found + 1
        : estimate(own, search.get(found - 1).id(), found) + 1;
  }

  private double median() {
    float[] sorted = Arrays.copyOf(samples, Math.min(count, SAMPLES));
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0;
  }

  /**
   * Returns the distance within which so many nodes are expected, its upper 64 bits; 0 in a network
   * so small that it would be much of it, and the estimate rough.
   */
  long reach(double nodes, RoutingTable table, ClosestSearch search) {
    double size = neighbourhood(table, search);
    if (count >= SAMPLES_LEAST) {
      double told = median() + 1;
      // After many came at once the lookups of before say too little.
      size = Math.min(size, CROWD_FACTOR * told);
      size = Math.max(size, Math.min(NEIGHBOURHOOD_FACTOR * size, told));
    }
    double share = nodes / size;
    return share > SHARE_MAX ? 0 : (long) (share * IDS);
  }

  /**
   * The same, but rather too far than too near, for those who shall hold something: who wants too
   * few of them has to mislead the lookups and to crowd this node.
   */
  long holderReach(double nodes, RoutingTable table, ClosestSearch search) {
    double around = neighbourhood(table, search);
    double told = count >= SAMPLES_LEAST ? median() + 1 : around;
    double share = nodes / Math.max(around, told);
    return share > SHARE_MAX
        ? 0
        : (long) (Math.min(SHARE_MAX, nodes / Math.min(around, told)) * IDS);
  }
}
