package org.bytchat.dht.store;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Puts a blob together from chunks that strangers send.
 *
 * <p>It is told of chunks and says which are still needed. The size in the reference fixes the
 * whole tree, so no more than {@link Blob#CHUNKS_MAX} chunks are ever asked for, and none twice
 * unless it did not come. Not thread-safe.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class BlobAssembler {

  /** What became of a chunk. */
  public sealed interface Step {

    /** It belongs to the blob; more are needed. */
    record Taken() implements Step {}

    /** It was not asked for, or came before, or nothing is needed any more. */
    record NotWanted() implements Step {}

    /**
     * It was the last one.
     *
     * @param content the blob
     */
    record Complete(byte[] content) implements Step {}

    /**
     * No chunk can make the blob whole, because its author cut it wrongly. Every later chunk is not
     * wanted.
     *
     * @param fault why
     */
    record Failed(Fault fault) implements Step {}
  }

  /** Why a blob cannot be put together. */
  public enum Fault {
    /** A leaf stands where an index is due. */
    INDEX_EXPECTED,
    /** An index stands where a leaf is due: the tree is too deep, or a loop. */
    LEAF_EXPECTED,
    /** An index names more or fewer chunks than the size needs. */
    CHUNK_COUNT,
    /** A leaf has more or less data than the size needs. */
    LEAF_SIZE,
    /** The SHA-256 is not that of the reference. */
    HASH
  }

  private static final Step TAKEN = new Step.Taken();
  private static final Step NOT_WANTED = new Step.NotWanted();

  private final BlobReference reference;
  private final BlobShape shape;
  private final byte[] content;

  /* Where in the tree each id is due; an id may be due in several places, and then comes once. */
  private boolean hasRoot;
  private final @Nullable NodeId[] indexes;
  private final boolean[] hasIndex;
  private final @Nullable NodeId[] leaves;
  private final boolean[] hasLeaf;
  private boolean over;

  /**
   * Makes an assembler that needs the root.
   *
   * @param reference what the signed record says of the blob
   */
  public BlobAssembler(BlobReference reference) {
    this.reference = reference;
    this.shape = new BlobShape(reference.size());
    this.content = new byte[reference.size()];
    this.indexes = new NodeId[shape.indexes()];
    this.hasIndex = new boolean[shape.indexes()];
    this.leaves = new NodeId[shape.leaves()];
    this.hasLeaf = new boolean[shape.leaves()];
  }

  /**
   * Returns the chunks that are needed and known by id. All of them lie at the nodes closest to the
   * root.
   *
   * @return ids, each once, in the order of the tree; empty when it is over
   */
  public List<NodeId> wanted() {
    if (over) {
      return List.of();
    }
    if (!hasRoot) {
      return List.of(reference.root());
    }
    Set<NodeId> wanted = new LinkedHashSet<>();
    addMissing(indexes, hasIndex, wanted);
    addMissing(leaves, hasLeaf, wanted);
    return List.copyOf(wanted);
  }

  private static void addMissing(@Nullable NodeId[] ids, boolean[] has, Set<NodeId> wanted) {
    for (int i = 0; i < ids.length; i++) {
      NodeId id = ids[i];
      if (id != null && !has[i]) {
        wanted.add(id);
      }
    }
  }

  /**
   * Takes a chunk. Its key follows from its content, so one that was changed on the way is not
   * wanted, and what it replaced can be asked for elsewhere.
   *
   * @param chunk any chunk
   * @return what became of it
   */
  public Step offer(Chunk chunk) {
    if (!wanted().contains(chunk.key())) {
      return NOT_WANTED;
    }
    Fault fault = hasRoot ? placeBelowRoot(chunk) : placeRoot(chunk);
    if (fault != null) {
      over = true;
      return new Step.Failed(fault);
    }
    if (!wanted().isEmpty()) {
      return TAKEN;
    }
    over = true;
    if (!Arrays.equals(BlobShape.sha256(content), reference.sha256())) {
      return new Step.Failed(Fault.HASH);
    }
    return new Step.Complete(content.clone());
  }

  private @Nullable Fault placeRoot(Chunk root) {
    if (!root.isIndex()) {
      return Fault.INDEX_EXPECTED;
    }
    List<NodeId> ids = root.ids();
    if (ids.size() != shape.rootIds()) {
      return Fault.CHUNK_COUNT;
    }
    hasRoot = true;
    ids.toArray(shape.indexes() > 0 ? indexes : leaves);
    return null;
  }

  private @Nullable Fault placeBelowRoot(Chunk chunk) {
    for (int i = 0; i < indexes.length; i++) {
      if (chunk.key().equals(indexes[i]) && !hasIndex[i]) {
        Fault fault = placeIndex(chunk, i);
        if (fault != null) {
          return fault;
        }
      }
    }
    for (int i = 0; i < leaves.length; i++) {
      if (chunk.key().equals(leaves[i]) && !hasLeaf[i]) {
        Fault fault = placeLeaf(chunk, i);
        if (fault != null) {
          return fault;
        }
      }
    }
    return null;
  }

  private @Nullable Fault placeIndex(Chunk chunk, int index) {
    if (!chunk.isIndex()) {
      return Fault.INDEX_EXPECTED;
    }
    List<NodeId> ids = chunk.ids();
    if (ids.size() != shape.indexIds(index)) {
      return Fault.CHUNK_COUNT;
    }
    hasIndex[index] = true;
    for (int i = 0; i < ids.size(); i++) {
      int leaf = index * Chunk.IDS_MAX + i;
      int same = placed(ids.get(i));
      leaves[leaf] = ids.get(i);
      if (same >= 0) {
        if (shape.leafBytes(leaf) != shape.leafBytes(same)) {
          return Fault.LEAF_SIZE;
        }
        copyLeaf(same, leaf);
      }
    }
    return null;
  }

  /** Returns where a leaf with this id has been placed already, or -1. */
  private int placed(NodeId id) {
    for (int i = 0; i < leaves.length; i++) {
      if (hasLeaf[i] && id.equals(leaves[i])) {
        return i;
      }
    }
    return -1;
  }

  private void copyLeaf(int from, int to) {
    hasLeaf[to] = true;
    System.arraycopy(
        content,
        from * Chunk.DATA_BYTES_MAX,
        content,
        to * Chunk.DATA_BYTES_MAX,
        shape.leafBytes(to));
  }

  private @Nullable Fault placeLeaf(Chunk chunk, int leaf) {
    if (chunk.isIndex()) {
      return Fault.LEAF_EXPECTED;
    }
    byte[] data = chunk.data();
    if (data.length != shape.leafBytes(leaf)) {
      return Fault.LEAF_SIZE;
    }
    hasLeaf[leaf] = true;
    System.arraycopy(data, 0, content, leaf * Chunk.DATA_BYTES_MAX, data.length);
    return null;
  }
}
