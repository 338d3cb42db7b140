package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Holds the network that stores no tables against tables that are written out. */
class TableNetworkTest {

  /** Networks of many sizes, crowded by bucket sizes from 1 up. */
  private static List<TableNetwork> networks() {
    return IntStream.range(0, 60)
        .mapToObj(i -> TableNetwork.random(2 + i * i / 6, 1 + i % 21, 1_000 + i))
        .toList();
  }

  private static long[] ids(TableNetwork network) {
    return IntStream.range(0, network.size()).mapToLong(network::id).toArray();
  }

  private static long[] sorted(LongStream ids, long target) {
    return ids.boxed()
        .sorted((a, b) -> Long.compareUnsigned(a ^ target, b ^ target))
        .mapToLong(Long::longValue)
        .toArray();
  }

  private static long[] first(long[] all, int count) {
    return Arrays.copyOf(all, Math.min(count, all.length));
  }

  private static LongStream table(TableNetwork network, long node) {
    return IntStream.range(0, TableNetwork.ID_BITS)
        .mapToObj(bucket -> network.bucket(node, bucket))
        .flatMapToLong(LongStream::of);
  }

  @Test
  void closest_toAnyTarget_isThatOfSortingAll() {
    for (TableNetwork network : networks()) {
      Draws draws = new Draws(1, 2, 3);
      long[] targets = {draws.next(), draws.next(), 0, -1, network.id(network.size() / 2)};
      for (long target : targets) {
        long[] all = sorted(LongStream.of(ids(network)), target);
        for (int count : new int[] {1, 2, 20, network.size(), network.size() + 5}) {
          assertThat(network.closest(target, count)).isEqualTo(first(all, count));
        }
      }
    }
  }

  @Test
  void bucket_ofAnyNode_isAsManyOfItsCandidatesAsFit() {
    for (TableNetwork network : networks()) {
      long node = network.id(network.size() / 3);
      for (int b = 0; b < TableNetwork.ID_BITS; b++) {
        int bucket = b;
        long[] candidates =
            LongStream.of(ids(network))
                .filter(id -> Long.numberOfLeadingZeros(id ^ node) == bucket)
                .toArray();
        long[] contacts = network.bucket(node, bucket);
        assertThat(contacts).doesNotHaveDuplicates();
        assertThat(candidates).contains(contacts);
        assertThat(contacts).hasSize(Math.min(network.bucketSize(), candidates.length));
        assertThat(network.candidates(node, bucket)).isEqualTo(candidates.length);
        assertThat(network.bucketFill(node, bucket)).isEqualTo(contacts.length);
      }
      assertThat(network.tableSize(node)).isEqualTo((int) table(network, node).count());
    }
  }

  @Test
  void reply_ofAnyNode_isTheClosestOfItsOneTable() {
    for (TableNetwork network : networks()) {
      Draws draws = new Draws(4, 5, 6);
      for (int i = 0; i < 5; i++) {
        long node = network.id(draws.below(network.size()));
        long other = network.id(draws.below(network.size()));
        for (long target : new long[] {draws.next(), node, other, other ^ 1}) {
          long[] table = sorted(table(network, node), target);
          for (int count : new int[] {1, network.bucketSize(), 40, 10_000}) {
            assertThat(network.reply(node, target, count)).isEqualTo(first(table, count));
          }
        }
      }
    }
  }

  @Test
  void bucket_ofMoreCandidatesThanFit_takesEachAsOften() {
    TableNetwork network = TableNetwork.random(2_000, 8, 7);
    Map<Long, Integer> counts = new HashMap<>();
    long[] lower = LongStream.of(ids(network)).filter(id -> id >= 0).toArray();
    for (long node : lower) {
      for (long contact : network.bucket(node, 0)) {
        counts.merge(contact, 1, Integer::sum);
      }
    }
    int candidates = network.size() - lower.length;
    double expected = 8.0 * lower.length / candidates;
    double chiSquare = 0;
    for (long id : ids(network)) {
      if (id < 0) {
        double off = counts.getOrDefault(id, 0) - expected;
        chiSquare += off * off / expected;
      }
    }
    // One degree of freedom for each candidate; its standard deviation is the root of twice that.
    assertThat(chiSquare).isCloseTo(candidates, within(4 * Math.sqrt(2 * candidates)));
  }

  @Test
  void tables_ofAnotherSeed_differ() {
    long[] ids = LongStream.range(0, 1_000).map(i -> i << 54).toArray();
    TableNetwork one = TableNetwork.of(ids, 8, 1);
    assertThat(one.bucket(0, 0)).isEqualTo(TableNetwork.of(ids, 8, 1).bucket(0, 0));
    assertThat(one.bucket(0, 0)).isNotEqualTo(TableNetwork.of(ids, 8, 2).bucket(0, 0));
  }

  @Test
  void random_ids_areAllDifferentAndSpreadOut() {
    TableNetwork network = TableNetwork.random(100_000, 20, 9);
    long[] ids = ids(network);
    assertThat(LongStream.of(ids).distinct().count()).isEqualTo(ids.length);
    assertThat(LongStream.of(ids).filter(id -> id < 0).count()).isBetween(49_000L, 51_000L);
  }

  @Test
  void of_anyOrder_isSortedUnsigned() {
    TableNetwork network = TableNetwork.of(new long[] {-1, 5, Long.MIN_VALUE, 0}, 1, 1);
    assertThat(ids(network)).containsExactly(0, 5, Long.MIN_VALUE, -1);
  }

  @Test
  void wrongArguments_areNamed() {
    assertThatThrownBy(() -> TableNetwork.of(new long[] {7, 3, 7}, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("id 7");
    assertThatThrownBy(() -> TableNetwork.random(1, 20, 1)).hasMessageContaining("size");
    assertThatThrownBy(() -> TableNetwork.random(10_000_001, 20, 1)).hasMessageContaining("size");
    assertThatThrownBy(() -> TableNetwork.random(9, 257, 1)).hasMessageContaining("bucketSize");
    TableNetwork network = TableNetwork.random(9, 20, 1);
    assertThatThrownBy(() -> network.closest(1, 0)).hasMessageContaining("count");
    assertThatThrownBy(() -> network.reply(1, 1, 0)).hasMessageContaining("count");
    assertThatThrownBy(() -> network.bucket(1, 64)).hasMessageContaining("bucket");
  }
}
