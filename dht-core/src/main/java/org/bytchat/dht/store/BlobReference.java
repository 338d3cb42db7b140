package org.bytchat.dht.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;

/**
 * What a signed record says of a blob: its size, its SHA-256, and the key of its root.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if the size or the hash's length is
 * out of range.
 *
 * @param size 1 to {@link #SIZE_MAX} bytes
 * @param sha256 the hash of the whole blob, 32 bytes; not to be changed
 * @param root the key of the index that everything begins with
 */
@API(status = API.Status.EXPERIMENTAL)
public record BlobReference(int size, byte[] sha256, NodeId root) {

  /** The longest blob. */
  public static final int SIZE_MAX = 65_536;

  /** The length of an encoded reference. */
  public static final int BYTES = 4 + 32 + NodeId.BYTES;

  public BlobReference {
    if (size < 1 || size > SIZE_MAX) {
      throw new IllegalArgumentException("size must be in 1.." + SIZE_MAX + ": " + size);
    }
    if (sha256.length != 32) {
      throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + sha256.length);
    }
  }

  /**
   * Reads a reference.
   *
   * @param bytes any bytes
   * @return the reference, or nothing if the length or the size is not a reference's
   */
  public static Optional<BlobReference> parse(byte[] bytes) {
    if (bytes.length != BYTES) {
      return Optional.empty();
    }
    int size = ByteBuffer.wrap(bytes).getInt();
    if (size < 1 || size > SIZE_MAX) {
      return Optional.empty();
    }
    return Optional.of(
        new BlobReference(size, Arrays.copyOfRange(bytes, 4, 36), NodeId.read(bytes, 36)));
  }

  /**
   * Writes the reference.
   *
   * @return {@link #BYTES} bytes: size (4) ‖ SHA-256 (32) ‖ root (20)
   */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putInt(size).put(sha256).put(root.toBytes()).array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlobReference that
        && size == that.size
        && Arrays.equals(sha256, that.sha256)
        && root.equals(that.root);
  }

  @Override
  public int hashCode() {
    return 31 * root.hashCode() + Arrays.hashCode(sha256);
  }
}
