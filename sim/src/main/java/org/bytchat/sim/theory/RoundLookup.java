package org.bytchat.sim.theory;

/**
 * The lookup that ProbeLab's RFM19.1 (2023-02-24) counts the hops of, in rounds: 0 hops if the
 * asker is among the closest nodes that hold a record; else it takes the closest contacts of its
 * own table, 1 hop if a holder is among them; else the closest of all those contacts' tables, 2
 * hops; and so on.
 */
public final class RoundLookup {

  private final TableNetwork network;
  private final int concurrency;
  private final int replication;

  /**
   * Makes lookups in a network.
   *
   * @param network the network
   * @param concurrency how many contacts go from one round to the next, at least 1
   * @param replication how many closest nodes hold a record, at least 1
   */
  public RoundLookup(TableNetwork network, int concurrency, int replication) {
    this.network = network;
    this.concurrency = Checks.range("concurrency", concurrency, 1, Integer.MAX_VALUE);
    this.replication = Checks.range("replication", replication, 1, network.size());
  }

  /**
   * Counts the hops of a lookup.
   *
   * @param start the node that asks
   * @param target any id
   * @return hops, 0 or more
   */
  public int hops(long start, long target) {
    long[] holders = network.closest(target, replication);
    long farthest = holders[holders.length - 1] ^ target;
    if (Long.compareUnsigned(start ^ target, farthest) <= 0) {
      return 0;
    }
    long[] round = network.reply(start, target, concurrency);
    // Each round shares a longer prefix with the closest node than the one before.
    for (int hops = 1; hops <= TableNetwork.ID_BITS; hops++) {
      if (Long.compareUnsigned(round[0] ^ target, farthest) <= 0) {
        return hops;
      }
      ByDistance next = new ByDistance(target, concurrency * concurrency);
      for (long node : round) {
        // What is not among a table's closest is not among the closest of the union either.
        for (long contact : network.reply(node, target, concurrency)) {
          next.add(contact);
        }
      }
      round = next.closest(concurrency);
    }
    throw new IllegalStateException("the lookup came no closer");
  }
}
