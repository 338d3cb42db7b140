package org.bytchat.sim.theory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds the rounds against the published text, followed word by word over whole tables. */
class RoundLookupTest {

  private static final int CONCURRENCY = 3;
  private static final int REPLICATION = 4;

  private static int slowHops(TableNetwork network, long start, long target) {
    List<Long> holders = new ArrayList<>();
    for (long id : network.closest(target, REPLICATION)) {
      holders.add(id);
    }
    List<Long> round = List.of(start);
    for (int hops = 0; ; hops++) {
      if (round.stream().anyMatch(holders::contains)) {
        return hops;
      }
      TreeSet<Long> union =
          new TreeSet<>(Comparator.comparing((Long id) -> id ^ target, Long::compareUnsigned));
      for (long node : round) {
        for (int bucket = 0; bucket < TableNetwork.ID_BITS; bucket++) {
          for (long contact : network.bucket(node, bucket)) {
            union.add(contact);
          }
        }
      }
      round = union.stream().limit(CONCURRENCY).toList();
    }
  }

  @Test
  void hops_inManyNetworks_areThoseOfTheText() {
    int hopsMax = 0;
    for (int i = 0; i < 60; i++) {
      TableNetwork network = TableNetwork.random(REPLICATION + i * i / 4, 1 + i % 5, i);
      RoundLookup lookup = new RoundLookup(network, CONCURRENCY, REPLICATION);
      Draws draws = new Draws(i, 1, 2);
      for (int j = 0; j < 20; j++) {
        long start = network.id(draws.below(network.size()));
        long target = draws.next();
        int hops = lookup.hops(start, target);
        assertThat(hops).isEqualTo(slowHops(network, start, target));
        hopsMax = Math.max(hopsMax, hops);
      }
    }
    assertThat(hopsMax).isGreaterThan(2);
  }

  @Test
  void hops_fromAHolder_areNone() {
    TableNetwork network = TableNetwork.random(100, 3, 5);
    RoundLookup lookup = new RoundLookup(network, CONCURRENCY, REPLICATION);
    long target = 77;
    long[] closest = network.closest(target, REPLICATION + 1);
    for (int i = 0; i < REPLICATION; i++) {
      assertThat(lookup.hops(closest[i], target)).isZero();
    }
    assertThat(lookup.hops(closest[REPLICATION], target)).isEqualTo(1);
  }
}
