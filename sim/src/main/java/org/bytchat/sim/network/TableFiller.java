package org.bytchat.sim.network;

import java.util.Arrays;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.routing.RoutingTable;

/**
 * Fills a node's table as a network that has been quiet for long would have: each bucket has k of
 * those that are up and fall into it, chosen at random, or all of them (the oracle join of p2psim).
 * Immutable, and shared by all threads.
 */
final class TableFiller {

  private final Directory directory;
  private final int bucketSize;
  private final long atMicros;

  /** The ranks of those to choose from, ascending. */
  private final int[] listed;

  TableFiller(Directory directory, int bucketSize, long atMicros) {
    this.directory = directory;
    this.bucketSize = bucketSize;
    this.atMicros = atMicros;
    this.listed = directory.listedRanks(atMicros);
  }

  /** Fills an empty table. */
  void fill(int node, int life, RoutingTable table, Entropy random) {
    directory.forBuckets(
        node,
        life,
        (firstRank, endRank) -> {
          int first = indexOf(firstRank);
          int count = indexOf(endRank) - first;
          if (count <= bucketSize) {
            for (int i = 0; i < count; i++) {
              put(first + i, table);
            }
          } else {
            draw(first, count, table, random);
          }
        });
  }

  /** Returns how many are listed below a rank. */
  private int indexOf(int rank) {
    int found = Arrays.binarySearch(listed, rank);
    return found < 0 ? -found - 1 : found;
  }

  /** Draws k of more than k, all sets alike (Floyd's sampling, CACM 30(9), 1987). */
  private void draw(int first, int count, RoutingTable table, Entropy random) {
    for (int last = count - bucketSize; last < count; last++) {
      int drawn = random.nextBelow(last + 1);
      if (!put(first + drawn, table)) {
        put(first + last, table);
      }
    }
  }

  /** Puts one of the listed into the table; false if it is there already. */
  private boolean put(int index, RoutingTable table) {
    Contact contact = directory.contactOfRank(listed[index]);
    return table.find(contact.id()) == null && table.fill(contact, atMicros * 1000);
  }
}
