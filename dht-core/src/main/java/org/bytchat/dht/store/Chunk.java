package org.bytchat.dht.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;

/**
 * A part of a blob, which lies under the SHA-1 of its content and is not signed.
 *
 * <p>As carried: 2 (kind) ‖ expires (8, big-endian) ‖ content. A leaf's content is 0 ‖ data; an
 * index' is 1 ‖ the 20-byte ids of the chunks it names.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Chunk implements StoredItem {

  /** The first byte of a chunk. */
  static final byte KIND = 2;

  /** The most data in a leaf. */
  public static final int DATA_BYTES_MAX = 959;

  /** The most ids in an index. */
  public static final int IDS_MAX = 45;

  private static final byte LEAF = 0;
  private static final byte INDEX = 1;
  private static final int HEADER_BYTES = 1 + Long.BYTES;

  private final byte[] bytes;
  private final NodeId key;

  private Chunk(byte[] bytes, NodeId key) {
    this.bytes = bytes;
    this.key = key;
  }

  /**
   * Makes a leaf.
   *
   * @param data 1 to {@link #DATA_BYTES_MAX} bytes
   * @param expiresMillis when it ends, milliseconds since 1970, at least 0
   * @return the chunk
   * @throws IllegalArgumentException if there is no data or too much, or the time is negative
   */
  public static Chunk leaf(byte[] data, long expiresMillis) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + 1 + data.length);
    bytes.put(KIND).putLong(expiresMillis).put(LEAF).put(data);
    return made(bytes.array());
  }

  /**
   * Makes an index.
   *
   * @param ids the keys of 1 to {@link #IDS_MAX} chunks
   * @param expiresMillis when it ends, milliseconds since 1970, at least 0
   * @return the chunk
   * @throws IllegalArgumentException if there are no ids or too many, or the time is negative
   */
  public static Chunk index(List<NodeId> ids, long expiresMillis) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + 1 + ids.size() * NodeId.BYTES);
    bytes.put(KIND).putLong(expiresMillis).put(INDEX);
    ids.forEach(id -> bytes.put(id.toBytes()));
    return made(bytes.array());
  }

  private static Chunk made(byte[] bytes) {
    if (parseItem(bytes) instanceof ParseOutcome.Parsed parsed
        && parsed.item() instanceof Chunk chunk) {
      return chunk;
    }
    throw new IllegalArgumentException(
        "not a chunk: %d bytes of content, expires %d"
            .formatted(bytes.length - HEADER_BYTES, ByteBuffer.wrap(bytes).getLong(1)));
  }

  /** Reads a chunk from bytes that begin with the kind and are kept. */
  static ParseOutcome parseItem(byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TRUNCATED);
    }
    if (ByteBuffer.wrap(bytes).getLong(1) < 0) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.TIME);
    }
    if (!isContent(bytes)) {
      return new ParseOutcome.Malformed(ParseOutcome.Fault.CHUNK_CONTENT);
    }
    byte[] content = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    return new ParseOutcome.Parsed(new Chunk(bytes, Keys.sha1(content)));
  }

  private static boolean isContent(byte[] bytes) {
    int carried = bytes.length - HEADER_BYTES - 1;
    if (carried < 1) {
      return false;
    }
    return switch (bytes[HEADER_BYTES]) {
      case LEAF -> carried <= DATA_BYTES_MAX;
      case INDEX -> carried % NodeId.BYTES == 0 && carried / NodeId.BYTES <= IDS_MAX;
      default -> false;
    };
  }

  /**
   * Returns the same content with another end.
   *
   * @param expiresMillis milliseconds since 1970, at least 0
   * @return the chunk, of the same key
   * @throws IllegalArgumentException if the time is negative
   */
  public Chunk withExpiresMillis(long expiresMillis) {
    if (expiresMillis < 0) {
      throw new IllegalArgumentException("expiresMillis must not be negative: " + expiresMillis);
    }
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).putLong(1, expiresMillis);
    return new Chunk(changed, key);
  }

  @Override
  public NodeId key() {
    return key;
  }

  @Override
  public long expiresMillis() {
    return ByteBuffer.wrap(bytes).getLong(1);
  }

  /**
   * Tells an index from a leaf.
   *
   * @return whether this is an index
   */
  public boolean isIndex() {
    return bytes[HEADER_BYTES] == INDEX;
  }

  /**
   * Returns the data of a leaf.
   *
   * @return a copy, 1 to {@link #DATA_BYTES_MAX} bytes
   * @throws IllegalStateException if this is an index
   */
  public byte[] data() {
    if (isIndex()) {
      throw new IllegalStateException("an index has no data");
    }
    return Arrays.copyOfRange(bytes, HEADER_BYTES + 1, bytes.length);
  }

  /**
   * Returns the ids of an index.
   *
   * @return the keys of 1 to {@link #IDS_MAX} chunks, in the order of the data
   * @throws IllegalStateException if this is a leaf
   */
  public List<NodeId> ids() {
    if (!isIndex()) {
      throw new IllegalStateException("a leaf has no ids");
    }
    List<NodeId> ids = new ArrayList<>();
    for (int at = HEADER_BYTES + 1; at < bytes.length; at += NodeId.BYTES) {
      ids.add(NodeId.read(bytes, at));
    }
    return ids;
  }

  @Override
  public int size() {
    return bytes.length;
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Chunk that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Chunk[%s, %s, %d bytes]".formatted(key, isIndex() ? "index" : "leaf", bytes.length);
  }
}
