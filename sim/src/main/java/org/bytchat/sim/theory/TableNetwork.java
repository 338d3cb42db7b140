package org.bytchat.sim.theory;

import java.util.Arrays;

/**
 * A static network whose nodes have ideal routing tables, at eight bytes a node: the sorted ids,
 * and nothing else. The candidates of a bucket are a contiguous range of them, and the bucket is a
 * random subset of that range that follows from seed, node and bucket alone. So a node answers each
 * question from one and the same table, which is never stored.
 *
 * <p>Ids are the first 64 bits of what would be 160, which tell ten million nodes apart; they
 * compare unsigned. A contact, a node and a target are such an id. Immutable.
 */
public final class TableNetwork {

  /** The bits of an id here, and so the buckets of a table. */
  public static final int ID_BITS = 64;

  /** The largest network. */
  public static final int SIZE_MAX = 10_000_000;

  /** The largest bucket. */
  public static final int BUCKET_SIZE_MAX = 256;

  /** Keeps the streams of ids apart from those of buckets, whose last number is at most 63. */
  private static final long IDS = -1;

  /** The ids with the first bit flipped, so that their signed order is the unsigned one. */
  private final long[] flipped;

  private final int bucketSize;
  private final long seed;

  private TableNetwork(long[] flipped, int bucketSize, long seed) {
    Checks.range("size", flipped.length, 2, SIZE_MAX);
    Checks.range("bucketSize", bucketSize, 1, BUCKET_SIZE_MAX);
    this.flipped = flipped;
    this.bucketSize = bucketSize;
    this.seed = seed;
  }

  /**
   * Makes a network of random ids, all different.
   *
   * @param size nodes, 2 to 10,000,000
   * @param bucketSize k, 1 to 256
   * @param seed what ids and tables follow from
   * @return the network
   */
  public static TableNetwork random(int size, int bucketSize, long seed) {
    Checks.range("size", size, 2, SIZE_MAX);
    // One stream repeats no number, so that no two nodes get the same id.
    Draws draws = new Draws(seed, 0, IDS);
    long[] ids = new long[size];
    for (int i = 0; i < size; i++) {
      ids[i] = draws.next();
    }
    Arrays.sort(ids);
    return new TableNetwork(ids, bucketSize, seed);
  }

  /**
   * Makes a network of given ids.
   *
   * @param ids of 2 to 10,000,000 nodes, in any order
   * @param bucketSize k, 1 to 256
   * @param seed what the tables follow from
   * @return the network
   * @throws IllegalArgumentException if two ids are equal
   */
  public static TableNetwork of(long[] ids, int bucketSize, long seed) {
    long[] flipped = Arrays.stream(ids).map(TableNetwork::flip).sorted().toArray();
    for (int i = 1; i < flipped.length; i++) {
      if (flipped[i - 1] == flipped[i]) {
        throw new IllegalArgumentException(
            "two nodes have the id " + Long.toHexString(flip(flipped[i])));
      }
    }
    return new TableNetwork(flipped, bucketSize, seed);
  }

  /**
   * Returns the number of nodes.
   *
   * @return 2 to 10,000,000
   */
  public int size() {
    return flipped.length;
  }

  /**
   * Returns the size k of a bucket.
   *
   * @return 1 to 256
   */
  public int bucketSize() {
    return bucketSize;
  }

  /**
   * Returns a node.
   *
   * @param rank how many nodes have a smaller id, 0 to size - 1
   * @return its id
   */
  public long id(int rank) {
    return flip(flipped[rank]);
  }

  /**
   * Returns the nodes that are truly closest to a target.
   *
   * @param target any id
   * @param count how many, at least 1
   * @return ids, the closest first; all nodes if there are fewer
   */
  public long[] closest(long target, int count) {
    Checks.range("count", count, 1, Integer.MAX_VALUE);
    // A range of a prefix holds what is closest. Begin where it holds about one node.
    int bits = ID_BITS - Long.numberOfLeadingZeros(size());
    while (bits > 0 && rangeSize(target, bits) < count) {
      bits--;
    }
    ByDistance all = new ByDistance(target, rangeSize(target, bits));
    addAll(all, target, bits);
    return all.closest(count);
  }

  /**
   * Returns how many nodes could be in a bucket of a node.
   *
   * @param node the node
   * @param bucket the leading bits in common, 0 to 63
   * @return nodes, 0 or more
   */
  public int candidates(long node, int bucket) {
    return rangeSize(otherSide(node, bucket), bucket + 1);
  }

  /**
   * Returns how many contacts a node has in a bucket.
   *
   * @param node the node
   * @param bucket the leading bits in common, 0 to 63
   * @return contacts, 0 to k
   */
  public int bucketFill(long node, int bucket) {
    return Math.min(bucketSize, candidates(node, bucket));
  }

  /**
   * Returns how many contacts a node has.
   *
   * @param node the node
   * @return contacts
   */
  public int tableSize(long node) {
    int sum = 0;
    for (int bucket = 0; bucket < ID_BITS && rangeSize(node, bucket) > 1; bucket++) {
      sum += bucketFill(node, bucket);
    }
    return sum;
  }

  /**
   * Returns a bucket of a node.
   *
   * @param node the node
   * @param bucket the leading bits in common, 0 to 63
   * @return ids, the smallest first
   */
  public long[] bucket(long node, int bucket) {
    ByDistance contacts = new ByDistance(0, bucketSize);
    addBucket(contacts, node, bucket);
    return contacts.closest(bucketSize);
  }

  /**
   * Returns the contacts closest to a target that a node has in its table.
   *
   * @param node the node asked; never in the reply
   * @param target any id
   * @param count how many, at least 1
   * @return ids, the closest first; the whole table if it has fewer
   */
  public long[] reply(long node, long target, int count) {
    Checks.range("count", count, 1, Integer.MAX_VALUE);
    ByDistance found = new ByDistance(target, 2 * bucketSize);
    int common = Long.numberOfLeadingZeros(node ^ target);
    if (common < ID_BITS) {
      addBucket(found, node, common);
    }
    // Next are those that part from the target where the node does, in all its further buckets.
    if (found.size() < count) {
      for (int b = common + 1; b < ID_BITS && rangeSize(node, b) > 1; b++) {
        addBucket(found, node, b);
      }
    }
    for (int b = common - 1; b >= 0 && found.size() < count; b--) {
      addBucket(found, node, b);
    }
    return found.closest(count);
  }

  private void addBucket(ByDistance to, long node, int bucket) {
    long side = otherSide(node, bucket);
    int candidates = rangeSize(side, bucket + 1);
    if (candidates <= bucketSize) {
      addAll(to, side, bucket + 1);
      return;
    }
    // A uniform subset by Floyd's method (Bentley, Programming pearls, 1987): one draw for each.
    int from = rangeStart(side, bucket + 1);
    Draws draws = new Draws(seed, node, bucket);
    SmallSet chosen = new SmallSet(bucketSize);
    for (int last = candidates - bucketSize; last < candidates; last++) {
      int drawn = draws.below(last + 1);
      if (!chosen.add(drawn)) {
        drawn = last;
        chosen.add(drawn);
      }
      to.add(id(from + drawn));
    }
  }

  private void addAll(ByDistance to, long prefix, int bits) {
    int end = rangeEnd(prefix, bits);
    for (int i = rangeStart(prefix, bits); i < end; i++) {
      to.add(id(i));
    }
  }

  /** Returns an id of the subtree that shares exactly so many bits with a node. */
  private static long otherSide(long node, int bucket) {
    return node ^ Long.MIN_VALUE >>> Checks.range("bucket", bucket, 0, ID_BITS - 1);
  }

  /** Returns how many nodes begin with the first so many bits of an id. */
  private int rangeSize(long prefix, int bits) {
    return rangeEnd(prefix, bits) - rangeStart(prefix, bits);
  }

  private int rangeStart(long prefix, int bits) {
    int found = Arrays.binarySearch(flipped, flip(prefix & ~below(bits)));
    return found >= 0 ? found : -found - 1;
  }

  private int rangeEnd(long prefix, int bits) {
    int found = Arrays.binarySearch(flipped, flip(prefix | below(bits)));
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** Returns the bits that a prefix of so many leaves open. */
  private static long below(int bits) {
    return bits == ID_BITS ? 0 : -1L >>> bits;
  }

  private static long flip(long id) {
    return id ^ Long.MIN_VALUE;
  }
}
