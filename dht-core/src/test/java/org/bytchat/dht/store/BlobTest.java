package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.BlobAssembler.Fault;
import org.bytchat.dht.store.BlobAssembler.Step;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: a blob comes back whole from its chunks in any order, and nothing else passes for it. */
class BlobTest {

  /** As many bytes as the root can name without an index below it. */
  private static final int FLAT = 45 * 959;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 958, 959, 960, FLAT - 1, FLAT, FLAT + 1, 65_535, 65_536})
  void cut_sizeAtABoundary_isPutTogetherAgain(int size) {
    checkWhole(Items.bytes(size, size), Seeds.random(size));
    checkWhole(new byte[size], Seeds.random(size));
  }

  @SeededTest(runs = 40)
  void cut_randomSize_isPutTogetherAgain(long seed) {
    Random random = Seeds.random(seed);
    checkWhole(Items.bytes(1 + random.nextInt(65_536), random), random);
  }

  /** Blocks that repeat make chunks that repeat, which lie in several places of the tree. */
  @SeededTest(runs = 20)
  void cut_repetitiveContent_isPutTogetherAgain(long seed) {
    Random random = Seeds.random(seed);
    byte[] content = new byte[1 + random.nextInt(65_536)];
    for (int i = 0; i < content.length; i += 959) {
      int to = Math.min(content.length, i + 959);
      Arrays.fill(content, i, to, (byte) random.nextInt(3));
    }
    checkWhole(content, random);
  }

  private static void checkWhole(byte[] content, Random random) {
    Blob blob = Blob.cut(content, 99);
    assertThat(blob.reference().size()).isEqualTo(content.length);
    assertThat(blob.reference().sha256()).isEqualTo(BlobShape.sha256(content));
    Chunk root = blob.chunks().get(blob.chunks().size() - 1);
    assertThat(root.key()).isEqualTo(blob.reference().root());
    assertThat(root.isIndex()).isTrue();
    Map<NodeId, Chunk> byKey = byKey(blob);
    assertThat(byKey).hasSameSizeAs(blob.chunks()).hasSizeLessThanOrEqualTo(Blob.CHUNKS_MAX);
    BlobAssembler assembler = new BlobAssembler(blob.reference());
    Set<NodeId> asked = new LinkedHashSet<>();
    Step step = new Step.Taken();
    while (!(step instanceof Step.Complete)) {
      assertThat(step).isEqualTo(new Step.Taken());
      List<NodeId> wanted = assembler.wanted();
      assertThat(wanted).isNotEmpty().doesNotHaveDuplicates();
      NodeId id = wanted.get(random.nextInt(wanted.size()));
      assertThat(asked.add(id)).as("no chunk is asked for after it came").isTrue();
      step = assembler.offer(Objects.requireNonNull(byKey.get(id)));
    }
    assertThat(((Step.Complete) step).content()).isEqualTo(content);
    assertThat(asked).isEqualTo(byKey.keySet());
    assertThat(assembler.wanted()).isEmpty();
    assertThat(assembler.offer(root)).isEqualTo(new Step.NotWanted());
  }

  private static Map<NodeId, Chunk> byKey(Blob blob) {
    Map<NodeId, Chunk> byKey = new LinkedHashMap<>();
    blob.chunks().forEach(chunk -> byKey.put(chunk.key(), chunk));
    return byKey;
  }

  @Test
  void cut_outOfRange_isRefused() {
    assertThatThrownBy(() -> Blob.cut(new byte[0], 1)).hasMessageEndingWith("not 0");
    assertThatThrownBy(() -> Blob.cut(new byte[65_537], 1)).hasMessageEndingWith("not 65537");
    assertThatThrownBy(() -> Blob.cut(new byte[1], -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cut_largest_hasTheMostChunks() {
    assertThat(Blob.cut(Items.bytes(65_536, 1), 1).chunks()).hasSize(Blob.CHUNKS_MAX);
  }

  @Test
  void reference_bytes_areReadAgain() {
    BlobReference reference = Blob.cut(Items.bytes(70_000 - 5_000, 1), 1).reference();
    byte[] bytes = reference.toBytes();
    assertThat(bytes).hasSize(56).startsWith(0, 0, 0xfd, 0xe8);
    assertThat(BlobReference.parse(bytes)).contains(reference);
    assertThat(BlobReference.parse(Arrays.copyOf(bytes, 55))).isEmpty();
    assertThat(BlobReference.parse(Arrays.copyOf(bytes, 57))).isEmpty();
    for (int size : new int[] {0, -1, 65_537}) {
      byte[] wrong = bytes.clone();
      wrong[0] = (byte) (size >>> 24);
      wrong[1] = (byte) (size >>> 16);
      wrong[2] = (byte) (size >>> 8);
      wrong[3] = (byte) size;
      assertThat(BlobReference.parse(wrong)).as("%d", size).isEmpty();
    }
    assertThatThrownBy(() -> new BlobReference(0, new byte[32], NodeId.ZERO))
        .hasMessage("size must be in 1..65536: 0");
    assertThatThrownBy(() -> new BlobReference(1, new byte[31], NodeId.ZERO))
        .hasMessage("a SHA-256 has 32 bytes, not 31");
  }

  // Faults.

  @Test
  void offer_chunkChangedOnTheWay_isNotWantedAndStillMissing() {
    Blob blob = Blob.cut(Items.bytes(2_000, 1), 1);
    BlobAssembler assembler = new BlobAssembler(blob.reference());
    assertThat(assembler.offer(Items.leaf(5, 10, 1))).isEqualTo(new Step.NotWanted());
    assertThat(assembler.wanted()).containsExactly(blob.reference().root());
    assertThat(assembler.offer(blob.chunks().get(3))).isEqualTo(new Step.Taken());
    byte[] changed = blob.chunks().get(0).bytes();
    changed[20] ^= 1;
    assertThat(assembler.offer((Chunk) Items.parsed(changed))).isEqualTo(new Step.NotWanted());
    assertThat(assembler.offer(blob.chunks().get(0))).isEqualTo(new Step.Taken());
    assertThat(assembler.offer(blob.chunks().get(0))).isEqualTo(new Step.NotWanted());
  }

  @Test
  void offer_rootThatIsALeaf_fails() {
    Chunk leaf = Items.leaf(1, 500, 1);
    assertThat(assemble(500, List.of(leaf))).isEqualTo(Fault.INDEX_EXPECTED);
  }

  @Test
  void offer_leafWhereAnIndexIsDue_fails() {
    Chunk leaf = Items.leaf(1, 959, 1);
    Chunk root = Chunk.index(List.of(leaf.key(), NodeId.ZERO), 1);
    assertThat(assemble(65_536, List.of(root, leaf))).isEqualTo(Fault.INDEX_EXPECTED);
  }

  /** What names itself, however far down, has to be an index where only a leaf can be. */
  @Test
  void offer_indexWhereALeafIsDue_fails() {
    Chunk deep = Chunk.index(List.of(NodeId.ZERO), 1);
    Chunk flat = Chunk.index(List.of(deep.key()), 1);
    assertThat(assemble(500, List.of(flat, deep))).isEqualTo(Fault.LEAF_EXPECTED);
    Chunk full = Chunk.index(Collections.nCopies(45, deep.key()), 1);
    Chunk rest = Chunk.index(Collections.nCopies(24, deep.key()), 1);
    Chunk root = Chunk.index(List.of(full.key(), rest.key()), 1);
    assertThat(assemble(65_536, List.of(root, full, rest, deep))).isEqualTo(Fault.LEAF_EXPECTED);
  }

  @Test
  void offer_moreOrFewerChunksThanTheSizeNeeds_fails() {
    Chunk leaf = Items.leaf(1, 959, 1);
    for (int ids : new int[] {1, 3, 45}) {
      Chunk root = Chunk.index(Collections.nCopies(ids, leaf.key()), 1);
      assertThat(assemble(2 * 959, List.of(root, leaf))).isEqualTo(Fault.CHUNK_COUNT);
    }
    Chunk full = Chunk.index(Collections.nCopies(45, leaf.key()), 1);
    Chunk most = Chunk.index(Collections.nCopies(25, leaf.key()), 1);
    Chunk root = Chunk.index(List.of(full.key(), most.key()), 1);
    assertThat(assemble(65_536, List.of(root, full, most))).isEqualTo(Fault.CHUNK_COUNT);
    Chunk swapped = Chunk.index(List.of(most.key(), full.key()), 1);
    assertThat(assemble(65_536, List.of(swapped, most))).isEqualTo(Fault.CHUNK_COUNT);
  }

  @Test
  void offer_leafOfAnotherLength_fails() {
    for (int length : new int[] {499, 501, 959}) {
      Chunk leaf = Items.leaf(1, length, 1);
      Chunk root = Chunk.index(List.of(leaf.key()), 1);
      assertThat(assemble(500, List.of(root, leaf))).isEqualTo(Fault.LEAF_SIZE);
    }
    // The same leaf can be whole in one place and too long in another.
    Chunk leaf = Items.leaf(1, 959, 1);
    Chunk root = Chunk.index(List.of(leaf.key(), leaf.key()), 1);
    assertThat(assemble(1_000, List.of(root, leaf))).isEqualTo(Fault.LEAF_SIZE);
    Chunk full = Chunk.index(Collections.nCopies(45, leaf.key()), 1);
    Chunk last = Chunk.index(List.of(leaf.key()), 1);
    Chunk top = Chunk.index(List.of(full.key(), last.key()), 1);
    assertThat(assemble(FLAT + 1, List.of(top, full, leaf, last))).isEqualTo(Fault.LEAF_SIZE);
  }

  @Test
  void offer_otherContentOfTheSameSize_fails() {
    Blob blob = Blob.cut(Items.bytes(3_000, 1), 1);
    BlobReference wrong = new BlobReference(3_000, new byte[32], blob.reference().root());
    assertThat(assemble(wrong, inOrder(blob))).isEqualTo(Fault.HASH);
  }

  @SeededTest(runs = 60)
  void offer_oneChunkForged_neverCompletes(long seed) {
    Random random = Seeds.random(seed);
    int size = 1 + random.nextInt(65_536);
    Blob blob = Blob.cut(Items.bytes(size, random), 1);
    BlobReference reference = blob.reference();
    int other = 1 + random.nextInt(65_536);
    BlobReference wrongSize = new BlobReference(other, reference.sha256(), reference.root());
    if (other != size) {
      assertThat(assemble(wrongSize, inOrder(blob)))
          .isIn(Fault.CHUNK_COUNT, Fault.LEAF_SIZE, Fault.INDEX_EXPECTED, Fault.LEAF_EXPECTED);
    }
    // A new root whose ids are in another order: all chunks are genuine.
    Chunk root = blob.chunks().get(blob.chunks().size() - 1);
    List<NodeId> ids = new ArrayList<>(root.ids());
    Collections.rotate(ids, 1);
    Chunk forged = Chunk.index(ids, 1);
    List<Chunk> chunks = inOrder(blob);
    chunks.set(0, forged);
    if (ids.size() > 1) {
      assertThat(assemble(new BlobReference(size, reference.sha256(), forged.key()), chunks))
          .isIn(Fault.HASH, Fault.LEAF_SIZE, Fault.CHUNK_COUNT);
    }
  }

  private static List<Chunk> inOrder(Blob blob) {
    List<Chunk> chunks = new ArrayList<>(blob.chunks());
    Collections.reverse(chunks);
    return chunks;
  }

  private static Fault assemble(int size, List<Chunk> chunks) {
    return assemble(new BlobReference(size, new byte[32], chunks.get(0).key()), chunks);
  }

  /** Offers the chunks in order, several times, and returns how it failed. */
  private static Fault assemble(BlobReference reference, List<Chunk> chunks) {
    BlobAssembler assembler = new BlobAssembler(reference);
    for (int round = 0; round < 3; round++) {
      for (Chunk chunk : chunks) {
        Step step = assembler.offer(chunk);
        if (step instanceof Step.Failed failed) {
          assertThat(assembler.wanted()).isEmpty();
          assertThat(assembler.offer(chunk)).isEqualTo(new Step.NotWanted());
          return failed.fault();
        }
        assertThat(step).isNotInstanceOf(Step.Complete.class);
      }
    }
    throw new AssertionError("it did not fail, and wants " + assembler.wanted());
  }
}
