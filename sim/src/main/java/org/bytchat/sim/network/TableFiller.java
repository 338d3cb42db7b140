package org.bytchat.sim.network;

import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.routing.RoutingTable;

/**
 * Fills a node's table as a network that has been quiet for long would have: each bucket has k of
 * those that fall into it, chosen at random, or all of them (the oracle join of p2psim).
 */
final class TableFiller {

  /** Up to so many times k, a bucket's candidates are shuffled; above, they are drawn. */
  private static final int SHUFFLED = 4;

  private final Directory directory;
  private final int bucketSize;

  TableFiller(Directory directory, int bucketSize) {
    this.directory = directory;
    this.bucketSize = bucketSize;
  }

  /** Fills a table. */
  void fill(int node, int life, RoutingTable table, Entropy random, long nowMicros) {
    directory.forBuckets(
        node,
        life,
        (first, end) -> {
          if (end - first <= SHUFFLED * bucketSize) {
            shuffle(first, end, table, random, nowMicros);
          } else {
            draw(first, end, table, random, nowMicros);
          }
        });
  }

  private void shuffle(int first, int end, RoutingTable table, Entropy random, long nowMicros) {
    int[] ranks = new int[end - first];
    int placed = 0;
    for (int i = 0; i < ranks.length; i++) {
      // The inside-out shuffle of Knuth's volume 2, section 3.4.2.
      int at = random.nextBelow(i + 1);
      ranks[i] = ranks[at];
      ranks[at] = first + i;
    }
    for (int i = 0; i < ranks.length && placed < bucketSize; i++) {
      placed += put(ranks[i], table, nowMicros) ? 1 : 0;
    }
  }

  private void draw(int first, int end, RoutingTable table, Entropy random, long nowMicros) {
    int placed = 0;
    // With few of a large bucket up, some draws are in vain; a table need not be perfect then.
    for (int tries = 0; placed < bucketSize && tries < 100 * bucketSize; tries++) {
      placed += put(first + random.nextBelow(end - first), table, nowMicros) ? 1 : 0;
    }
  }

  private boolean put(int rank, RoutingTable table, long nowMicros) {
    Contact contact = directory.listed(rank, nowMicros);
    return contact != null
        && table.find(contact.id()) == null
        && table.fill(contact, nowMicros * 1000);
  }
}
