package org.bytchat.sim.theory;

/**
 * Lookups over ideal tables, as a node does them that gets an answer from everyone. An iterative
 * lookup knows the k closest contacts of the asker's own table; in a round it asks at once the
 * alpha closest it has not asked among the k closest it knows, awaits all k contacts of each reply,
 * and begins the next; it ends when the k closest it knows have all been asked. The asker is in no
 * reply and in no result.
 */
public final class IterativeOracle {

  private final TableNetwork network;

  /**
   * Makes lookups in a network, whose bucket size is k.
   *
   * @param network the network
   */
  public IterativeOracle(TableNetwork network) {
    this.network = network;
  }

  /**
   * What an iterative lookup took.
   *
   * @param rpcs requests sent
   * @param rounds batches of requests
   * @param depth hops of referral to the closest node found: 1 from the asker's own table
   * @param exact whether what it found are the k nodes that are truly closest, the asker left out
   */
  public record Lookup(int rpcs, int rounds, int depth, boolean exact) {}

  /**
   * Counts the hops from a node to the one closest to a target, going to the closest contact that
   * each node on the way has.
   *
   * @param start the first node
   * @param target any id
   * @return hops, 0 if the first node is the closest
   */
  public int greedyHops(long start, long target) {
    long closest = network.closest(target, 1)[0];
    long node = start;
    // Each hop shares a longer prefix with the closest node.
    for (int hops = 0; hops <= TableNetwork.ID_BITS; hops++) {
      if (node == closest) {
        return hops;
      }
      node = network.reply(node, target, 1)[0];
    }
    throw new IllegalStateException("the lookup came no closer");
  }

  /**
   * Does an iterative lookup.
   *
   * @param start the node that asks
   * @param target any id
   * @param alpha how many it asks at once, at least 1
   * @return what it took
   */
  public Lookup lookup(long start, long target, int alpha) {
    Checks.range("alpha", alpha, 1, Integer.MAX_VALUE);
    int wanted = network.bucketSize();
    Shortlist known = new Shortlist(target, wanted);
    for (long contact : network.reply(start, target, wanted)) {
      known.add(contact, 1);
    }
    long[] batch = new long[Math.min(alpha, wanted)];
    int[] depths = new int[batch.length];
    int rpcs = 0;
    int rounds = 0;
    int asked = known.ask(batch, depths);
    while (asked > 0) {
      rounds++;
      rpcs += asked;
      for (int i = 0; i < asked; i++) {
        learn(known, start, batch[i], depths[i] + 1);
      }
      asked = known.ask(batch, depths);
    }
    return new Lookup(rpcs, rounds, known.depth(0), isExact(known, start));
  }

  private void learn(Shortlist known, long asker, long node, int depth) {
    int left = known.capacity();
    for (long contact : network.reply(node, known.target(), left + 1)) {
      if (contact != asker && left > 0) {
        known.add(contact, depth);
        left--;
      }
    }
  }

  private boolean isExact(Shortlist known, long asker) {
    int place = 0;
    for (long node : network.closest(known.target(), known.capacity() + 1)) {
      if (node == asker || place == known.capacity()) {
        continue;
      }
      if (place >= known.size() || known.id(place) != node) {
        return false;
      }
      place++;
    }
    return true;
  }
}
