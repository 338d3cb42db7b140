package org.bytchat.tracker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: roots and paths are those of RFC 6962, and nothing else leads to a root. */
class MerkleTreeTest {

  private static final int SIZE_MAX = AckBatch.DIGESTS_MAX;
  private static final List<Digest> LEAVES = leaves(1);

  /** The leaves and roots that the tests of Certificate Transparency's logs have. */
  @Test
  void reference_knownLeaves_hasTheKnownRoots() {
    List<byte[]> leaves =
        Stream.of(
                "",
                "00",
                "10",
                "2021",
                "3031",
                "40414243",
                "5051525354555657",
                "606162636465666768696a6b6c6d6e6f")
            .map(HexFormat.of()::parseHex)
            .toList();
    assertThat(HexFormat.of().formatHex(reference(leaves.subList(0, 1))))
        .isEqualTo("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assertThat(HexFormat.of().formatHex(reference(leaves.subList(0, 2))))
        .isEqualTo("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    assertThat(HexFormat.of().formatHex(reference(leaves.subList(0, 3))))
        .isEqualTo("aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    assertThat(HexFormat.of().formatHex(reference(leaves)))
        .isEqualTo("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  }

  @Test
  void root_ofEverySize_isTheReference() {
    for (int size = 1; size <= SIZE_MAX; size++) {
      assertThat(MerkleTree.root(LEAVES.subList(0, size)))
          .as("size %d", size)
          .isEqualTo(referenceRoot(LEAVES.subList(0, size)));
    }
  }

  @Test
  void path_ofEveryLeafOfEverySize_leadsToTheRoot() {
    for (int size = 1; size <= SIZE_MAX; size++) {
      List<Digest> leaves = LEAVES.subList(0, size);
      Digest root = referenceRoot(leaves);
      for (int index = 0; index < size; index++) {
        List<Digest> path = MerkleTree.path(leaves, index);
        assertThat(path).hasSize(MerkleTree.pathLength(index, size)).hasSizeLessThanOrEqualTo(8);
        assertThat(MerkleTree.rootOf(leaves.get(index), index, size, path))
            .as("%d of %d", index, size)
            .isEqualTo(root);
      }
    }
  }

  @Test
  void rootOf_anotherIndex_isNotTheRoot() {
    for (int size = 1; size <= 40; size++) {
      List<Digest> leaves = LEAVES.subList(0, size);
      Digest root = referenceRoot(leaves);
      for (int index = 0; index < size; index++) {
        List<Digest> path = MerkleTree.path(leaves, index);
        for (int other = -1; other <= size + 1; other++) {
          if (other != index) {
            assertThat(MerkleTree.rootOf(leaves.get(index), other, size, path))
                .as("%d as %d of %d", index, other, size)
                .isNotEqualTo(root);
          }
        }
      }
    }
  }

  @SeededTest(runs = 30)
  void rootOf_anotherPathOrLeaf_isNotTheRoot(long seed) {
    Random random = Seeds.random(seed);
    int size = 2 + random.nextInt(SIZE_MAX - 1);
    int index = random.nextInt(size);
    List<Digest> leaves = leaves(seed).subList(0, size);
    Digest root = referenceRoot(leaves);
    Digest leaf = leaves.get(index);
    List<Digest> path = MerkleTree.path(leaves, index);
    assertThat(MerkleTree.rootOf(leaf, index, size, path.subList(1, path.size())))
        .isNotEqualTo(root);
    assertThat(MerkleTree.rootOf(leaf, index, size, path.subList(0, path.size() - 1))).isNull();
    List<Digest> longer = new ArrayList<>(path);
    longer.add(leaf);
    assertThat(MerkleTree.rootOf(leaf, index, size, longer)).isNull();
    for (int at = 0; at < path.size(); at++) {
      List<Digest> changed = new ArrayList<>(path);
      changed.set(at, leaf);
      assertThat(MerkleTree.rootOf(leaf, index, size, changed)).isNotEqualTo(root);
      Collections.swap(changed, 0, at);
      assertThat(MerkleTree.rootOf(leaf, index, size, changed)).isNotEqualTo(root);
    }
    assertThat(MerkleTree.rootOf(path.get(0), index, size, path)).isNotEqualTo(root);
    // The root itself is no leaf: leaves and nodes are hashed apart.
    assertThat(MerkleTree.rootOf(root, 0, 1, List.of())).isNotEqualTo(root);
  }

  @Test
  void rootOf_noSuchPlace_isNull() {
    assertThat(MerkleTree.rootOf(LEAVES.get(0), 0, 0, List.of())).isNull();
    assertThat(MerkleTree.rootOf(LEAVES.get(0), 1, 1, List.of())).isNull();
    assertThat(MerkleTree.rootOf(LEAVES.get(0), -1, 2, List.of(LEAVES.get(1)))).isNull();
    assertThat(MerkleTree.rootOf(LEAVES.get(0), 0, 1, List.of(LEAVES.get(1)))).isNull();
  }

  /** The size is signed beside the root, as the same path can lead to it in a tree of another. */
  @Test
  void rootOf_anotherSize_canBeTheRoot() {
    List<Digest> path = MerkleTree.path(LEAVES.subList(0, 3), 0);
    assertThat(MerkleTree.rootOf(LEAVES.get(0), 0, 4, path))
        .isEqualTo(referenceRoot(LEAVES.subList(0, 3)));
  }

  private static List<Digest> leaves(long seed) {
    return Stream.iterate(0, number -> number + 1)
        .limit(SIZE_MAX)
        .map(number -> Digest.sha256((seed + "/" + number).getBytes(StandardCharsets.US_ASCII)))
        .toList();
  }

  private static Digest referenceRoot(List<Digest> leaves) {
    return Digest.of(reference(leaves.stream().map(Digest::toBytes).toList()));
  }

  /** A log's way: trees of powers of two are joined as soon as there are two of one size. */
  private static byte[] reference(List<byte[]> leaves) {
    Deque<byte[]> roots = new ArrayDeque<>();
    for (int i = 0; i < leaves.size(); i++) {
      roots.push(hash(0, leaves.get(i), new byte[0]));
      for (int ones = i; (ones & 1) == 1; ones >>= 1) {
        byte[] right = roots.pop();
        roots.push(hash(1, roots.pop(), right));
      }
    }
    byte[] root = roots.pop();
    while (!roots.isEmpty()) {
      root = hash(1, roots.pop(), root);
    }
    return root;
  }

  private static byte[] hash(int kind, byte[] left, byte[] right) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] all = Arrays.copyOf(new byte[] {(byte) kind}, 1 + left.length + right.length);
      System.arraycopy(left, 0, all, 1, left.length);
      System.arraycopy(right, 0, all, 1 + left.length, right.length);
      return sha256.digest(all);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
