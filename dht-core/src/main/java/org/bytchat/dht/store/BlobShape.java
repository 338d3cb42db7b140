package org.bytchat.dht.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The one tree that a blob of a given size is cut into: every leaf but the last is full, and so is
 * every index below the root but the last; there are indexes below the root only if the root could
 * not name all leaves itself.
 */
final class BlobShape {

  private final int size;

  BlobShape(int size) {
    this.size = size;
  }

  int leaves() {
    return ceilingOf(size, Chunk.DATA_BYTES_MAX);
  }

  /** Returns how many bytes of data a leaf has. */
  int leafBytes(int leaf) {
    return Math.min(Chunk.DATA_BYTES_MAX, size - leaf * Chunk.DATA_BYTES_MAX);
  }

  /** Returns how many indexes the root names, 0 if it names the leaves. */
  int indexes() {
    return leaves() <= Chunk.IDS_MAX ? 0 : ceilingOf(leaves(), Chunk.IDS_MAX);
  }

  /** Returns how many ids the root has. */
  int rootIds() {
    return indexes() == 0 ? leaves() : indexes();
  }

  /** Returns how many ids an index below the root has. */
  int indexIds(int index) {
    return Math.min(Chunk.IDS_MAX, leaves() - index * Chunk.IDS_MAX);
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static int ceilingOf(int count, int each) {
    return (count + each - 1) / each;
  }
}
