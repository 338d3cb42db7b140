package org.bytchat.dht.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;

/**
 * Content too long for a record, cut into chunks that all lie at the nodes closest to the root.
 *
 * @param reference what a signed record says of it
 * @param chunks all different chunks, the root last: once that is stored, all are
 */
@API(status = API.Status.EXPERIMENTAL)
public record Blob(BlobReference reference, List<Chunk> chunks) {

  /** The most chunks of a blob: 69 leaves, 2 indexes, and the root. */
  public static final int CHUNKS_MAX = 72;

  public Blob {
    chunks = List.copyOf(chunks);
  }

  /**
   * Cuts content. The same content gives the same chunks and reference everywhere.
   *
   * @param content 1 to {@link BlobReference#SIZE_MAX} bytes
   * @param expiresMillis when its chunks end, milliseconds since 1970, at least 0
   * @return the chunks and the reference
   * @throws IllegalArgumentException if the content is empty or too long, or the time is negative
   */
  public static Blob cut(byte[] content, long expiresMillis) {
    if (content.length < 1 || content.length > BlobReference.SIZE_MAX) {
      throw new IllegalArgumentException(
          "a blob has 1 to " + BlobReference.SIZE_MAX + " bytes, not " + content.length);
    }
    BlobShape shape = new BlobShape(content.length);
    Map<NodeId, Chunk> chunks = new LinkedHashMap<>();
    List<NodeId> leaves = new ArrayList<>();
    for (int leaf = 0; leaf < shape.leaves(); leaf++) {
      int from = leaf * Chunk.DATA_BYTES_MAX;
      byte[] data = Arrays.copyOfRange(content, from, from + shape.leafBytes(leaf));
      leaves.add(added(chunks, Chunk.leaf(data, expiresMillis)));
    }
    List<NodeId> top = leaves;
    if (shape.indexes() > 0) {
      top = new ArrayList<>();
      for (int index = 0; index < shape.indexes(); index++) {
        int from = index * Chunk.IDS_MAX;
        List<NodeId> ids = leaves.subList(from, from + shape.indexIds(index));
        top.add(added(chunks, Chunk.index(ids, expiresMillis)));
      }
    }
    NodeId root = added(chunks, Chunk.index(top, expiresMillis));
    BlobReference reference = new BlobReference(content.length, BlobShape.sha256(content), root);
    return new Blob(reference, List.copyOf(chunks.values()));
  }

  private static NodeId added(Map<NodeId, Chunk> chunks, Chunk chunk) {
    chunks.putIfAbsent(chunk.key(), chunk);
    return chunk.key();
  }
}
