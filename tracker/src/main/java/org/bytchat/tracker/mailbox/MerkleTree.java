package org.bytchat.tracker.mailbox;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One hash for several digests, and proofs that one of them is among those (RFC 6962, sections 2.1
 * and 2.1.1; proofs are checked as in RFC 9162, section 2.1.3.2).
 */
final class MerkleTree {

  private static final byte[] LEAF = {0};
  private static final byte[] NODE = {1};

  private MerkleTree() {}

  /** Returns the root of at least one leaf. */
  static Digest root(List<Digest> leaves) {
    if (leaves.size() == 1) {
      return leaf(leaves.get(0));
    }
    int split = split(leaves.size());
    return node(root(leaves.subList(0, split)), root(leaves.subList(split, leaves.size())));
  }

  /** Returns the hashes beside the way from a leaf to the root, the lowest first. */
  static List<Digest> path(List<Digest> leaves, int index) {
    List<Digest> path = new ArrayList<>();
    collect(leaves, index, path);
    return path;
  }

  /** Returns how many hashes the way to the root has beside it, for an index below the size. */
  static int pathLength(int index, int size) {
    int length = 0;
    int at = index;
    int leaves = size;
    while (leaves > 1) {
      int split = split(leaves);
      leaves = at < split ? split : leaves - split;
      at = at < split ? at : at - split;
      length++;
    }
    return length;
  }

  private static void collect(List<Digest> leaves, int index, List<Digest> path) {
    if (leaves.size() == 1) {
      return;
    }
    int split = split(leaves.size());
    List<Digest> left = leaves.subList(0, split);
    List<Digest> right = leaves.subList(split, leaves.size());
    if (index < split) {
      collect(left, index, path);
      path.add(root(right));
    } else {
      collect(right, index - split, path);
      path.add(root(left));
    }
  }

  /** Returns the root that a leaf and its path lead to; null if no tree of that size has such. */
  static @Nullable Digest rootOf(Digest leaf, int index, int size, List<Digest> path) {
    if (index < 0 || index >= size) {
      return null;
    }
    int at = index;
    int last = size - 1;
    Digest hash = leaf(leaf);
    for (Digest beside : path) {
      if (last == 0) {
        return null;
      }
      if ((at & 1) == 1 || at == last) {
        hash = node(beside, hash);
        while ((at & 1) == 0 && at != 0) {
          at >>= 1;
          last >>= 1;
        }
      } else {
        hash = node(hash, beside);
      }
      at >>= 1;
      last >>= 1;
    }
    return last == 0 ? hash : null;
  }

  private static Digest leaf(Digest digest) {
    return Digest.sha256(LEAF, digest.toBytes());
  }

  private static Digest node(Digest left, Digest right) {
    return Digest.sha256(NODE, left.toBytes(), right.toBytes());
  }

  /** The largest power of two that is less than a size. */
  private static int split(int size) {
    return Integer.highestOneBit(size - 1);
  }
}
