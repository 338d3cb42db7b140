package org.bytchat.sim.network;

import java.util.Arrays;
import java.util.stream.IntStream;
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
  private final int[] ranks;

  /** Those to choose from, in the order of their ids. */
  private final Contact[] listed;

  TableFiller(Directory directory, int bucketSize, long atMicros) {
    this(directory, bucketSize, atMicros, 0);
  }

  /** Has those only that offer some services. */
  TableFiller(Directory directory, int bucketSize, long atMicros, int services) {
    this.directory = directory;
    this.bucketSize = bucketSize;
    this.atMicros = atMicros;
    this.ranks =
        Arrays.stream(directory.listedRanks(atMicros))
            .filter(rank -> (directory.contactOfRank(rank).services() & services) == services)
            .toArray();
    this.listed = new Contact[ranks.length];
    for (int i = 0; i < ranks.length; i++) {
      listed[i] = directory.contactOfRank(ranks[i]);
    }
  }

  /** Fills an empty table. */
  void fill(int node, int life, RoutingTable table, Entropy random) {
    int[] size = new int[1];
    directory.forBuckets(
        node, life, (first, end) -> size[0] += Math.min(bucketSize, indexOf(end) - indexOf(first)));
    table.reserve(size[0]);
    directory.forBuckets(
        node,
        life,
        (firstRank, endRank) -> {
          int first = indexOf(firstRank);
          int count = indexOf(endRank) - first;
          if (count <= bucketSize) {
            put(IntStream.range(first, first + count).toArray(), table);
          } else {
            draw(first, count, table, random);
          }
        });
  }

  /** Returns how many are listed below a rank. */
  private int indexOf(int rank) {
    int found = Arrays.binarySearch(ranks, rank);
    return found < 0 ? -found - 1 : found;
  }

  /** Draws k of more than k, all sets alike (Floyd's sampling, CACM 30(9), 1987). */
  private void draw(int first, int count, RoutingTable table, Entropy random) {
    int[] drawn = new int[bucketSize];
    for (int i = 0; i < bucketSize; i++) {
      int last = count - bucketSize + i;
      int index = first + random.nextBelow(last + 1);
      drawn[i] = isAmong(drawn, i, index) ? first + last : index;
    }
    put(drawn, table);
  }

  private static boolean isAmong(int[] drawn, int end, int index) {
    for (int i = 0; i < end; i++) {
      if (drawn[i] == index) {
        return true;
      }
    }
    return false;
  }

  /**
   * Puts some of the listed into the table. They lie all over the memory of a large network, so
   * each step is done for all of them: the processor then fetches them side by side.
   */
  private void put(int[] indices, RoutingTable table) {
    Contact[] chosen = new Contact[indices.length];
    for (int i = 0; i < indices.length; i++) {
      chosen[i] = listed[indices[i]];
    }
    long nowNanos = atMicros * 1000;
    table.fill(chosen, nowNanos);
  }
}
