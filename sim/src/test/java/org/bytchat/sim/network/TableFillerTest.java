package org.bytchat.sim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.config.DefenceConfig;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.engine.XoshiroEntropy;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: filled tables are those of a network that has been quiet for long, without a bias. */
class TableFillerTest {

  private static final RoutingConfig CONFIG = DhtConfig.defaults().routing();
  private static final int SIZE = CONFIG.bucketSize();

  private static RoutingTable filled(Directory directory, TableFiller filler, int node, long seed) {
    RoutingTable table =
        new RoutingTable(directory.contact(node, 0).id(), CONFIG, DefenceConfig.defaults(), false);
    filler.fill(node, 0, table, new XoshiroEntropy(seed, node));
    return table;
  }

  private static int[] candidates(Places places, Directory directory, NodeId own) {
    int[] counts = new int[NodeId.BITS + 1];
    for (int node = 0; node < places.nodes(); node++) {
      for (int life = 0; life < places.of(node).length / 2; life++) {
        long[] times = places.of(node);
        boolean isUp = times[2 * life] == 0 && times[2 * life + 1] > 0;
        if (isUp && places.isReachable(node)) {
          Contact contact = directory.contact(node, places.isFresh() ? life : 0);
          counts[own.commonPrefixLength(contact.id())]++;
        }
      }
    }
    return counts;
  }

  /** Some are up at the start, and most come later, so that few of a range can be chosen. */
  private static Places places(Random random, int nodes, boolean isFresh, int lives) {
    List<long[]> times = new ArrayList<>();
    List<Integer> unreachable = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      long[] of = new long[2 * lives];
      for (int i = 0; i < of.length; i++) {
        of[i] = i == 0 && (node == 0 || random.nextInt(3) == 0) ? 0 : 100L * i + 50;
      }
      times.add(of);
      if (node > 0 && random.nextInt(10) == 0) {
        unreachable.add(node);
      }
    }
    return new Places(times, isFresh, unreachable);
  }

  private static void assertFull(Places places, Directory directory, int node, long seed) {
    TableFiller filler = new TableFiller(directory, SIZE, 0);
    RoutingTable table = filled(directory, filler, node, seed);
    NodeId own = directory.contact(node, 0).id();
    int[] candidates = candidates(places, directory, own);
    int[] fill = new int[NodeId.BITS + 1];
    for (Contact contact : table.contacts()) {
      fill[own.commonPrefixLength(contact.id())]++;
      assertThat(directory.isUpAs(contact, 0)).isTrue();
      assertThat(directory.intern(contact)).isSameAs(contact);
    }
    assertThat(table.contacts()).doesNotHaveDuplicates();
    for (int bit = 0; bit < NodeId.BITS; bit++) {
      assertThat(fill[bit]).as("bucket " + bit).isEqualTo(Math.min(SIZE, candidates[bit]));
      assertThat(table.bucketSize(bit)).isEqualTo(fill[bit]);
    }
  }

  @SeededTest
  void fill_anyNetwork_hasInEachBucketAllThatItCan(long seed) {
    Random random = Seeds.random(seed);
    Places places = places(random, 2 + random.nextInt(1_500), random.nextBoolean(), 2);
    assertFull(places, places.directory(seed), 0, seed);
  }

  @Test
  void fill_fewOfManyIdentitiesUp_stillFindsThem() {
    // 50 lives each: of 20,000 identities about 130 are up, 65 of them in the farthest bucket.
    Places places = places(Seeds.random(8), 400, true, 50);
    assertFull(places, places.directory(8), 0, 8);
  }

  @Test
  void fill_manyTables_choosesEachAlike() {
    int nodes = 600;
    Places places = places(Seeds.random(11), nodes, false, 1);
    Directory directory = places.directory(11);
    TableFiller filler = new TableFiller(directory, SIZE, 0);
    NodeId own = directory.contact(0, 0).id();
    int tables = 2_000;
    Map<NodeId, Integer> chosen = new HashMap<>();
    for (int i = 0; i < tables; i++) {
      RoutingTable table = filled(directory, filler, 0, i);
      for (Contact contact : table.contacts()) {
        if (own.commonPrefixLength(contact.id()) == 0) {
          chosen.merge(contact.id(), 1, Integer::sum);
        }
      }
    }
    int candidates = candidates(places, directory, own)[0];
    assertThat(candidates).isGreaterThan(3 * SIZE);
    assertThat(chosen).hasSize(candidates);
    double mean = (double) tables * SIZE / candidates;
    // Six standard deviations of a binomial law on either side.
    double most = 6 * Math.sqrt(mean);
    assertThat(chosen.values()).allMatch(count -> Math.abs(count - mean) < most);
  }
}
