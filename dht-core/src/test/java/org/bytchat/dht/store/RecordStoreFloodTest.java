package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.store.Items.NOW;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.store.StoreOutcome.Admissible;
import org.bytchat.dht.store.StoreOutcome.Refusal;
import org.bytchat.dht.store.StoreOutcome.Refused;
import org.bytchat.dht.store.StoreOutcome.Stored;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/**
 * Goal: a flood takes nothing from those who have no more than their share.
 *
 * <p>When something has to go, the store is full, so the largest source has more than an equal part
 * of it. A source with no more than limit / (number of sources) is never the largest. Where all
 * have the same, what came first stays until it ends.
 */
class RecordStoreFloodTest {

  private static final int VICTIMS = 20;
  private static final int PUTS = 8_000;

  @SeededTest(runs = 4)
  void flood_oneSource_leavesAllOthersAlone(long seed) {
    flood(Seeds.random(seed), 1, 1 << 20, 1_000, 1 << 20);
  }

  @SeededTest(runs = 4)
  void flood_oneSourceOverItsOwnLimit_leavesAllOthersAlone(long seed) {
    flood(Seeds.random(seed), 1, 1 << 30, 1_000_000, 1 << 16);
  }

  @SeededTest(runs = 4)
  void flood_thousandSources_leavesWhoHasAShareAlone(long seed) {
    flood(Seeds.random(seed), 1_000, 1_020 * 1_400, 1_000_000, 1 << 20);
  }

  @SeededTest(runs = 4)
  void flood_thousandSourcesOfTinyItems_leavesWhoHasAShareAlone(long seed) {
    flood(Seeds.random(seed), 1_000, 1 << 30, 1_020 * 3, 1 << 20);
  }

  @Test
  void flood_moreSourcesThanRecords_whatCameFirstStaysUntilItEnds() {
    RecordStore store =
        new RecordStore(StoreConfig.defaults().withSpace(1 << 30, 1_000, 1 << 20, 5_000));
    for (int user = 0; user < 2_000; user++) {
      StoreOutcome.Committed outcome = store.commit(StorePut.of(Items.mutable(user, 1), user), NOW);
      if (user < 1_000) {
        assertThat(outcome).isInstanceOf(Stored.class);
      } else {
        assertThat(outcome).isEqualTo(new Refused(Refusal.STORE_FULL, 0, null));
      }
    }
    assertThat(store.stats().evicted()).isZero();
    MutableRecord newer = Items.mutable(7, 2);
    assertThat(store.commit(StorePut.of(newer, 7), NOW)).isInstanceOf(Stored.class);
    assertThat(store.stats().items()).isEqualTo(1_000);
    long end = newer.expiresMillis();
    store.pollExpired(end, 1_000);
    MutableRecord late = Items.mutable(1_500, 1, end, 10);
    assertThat(store.commit(StorePut.of(late, 1_500), end)).isInstanceOf(Stored.class);
  }

  private static void flood(Random random, int flooders, int bytes, int records, int each) {
    RecordStore store =
        new RecordStore(StoreConfig.defaults().withSpace(bytes, records, each, 5_000));
    int sources = VICTIMS + flooders;
    List<StoredItem> victims = new ArrayList<>();
    for (int source = 0; source < VICTIMS; source++) {
      long taken = 0;
      for (int i = 0; i < Math.min(3, records / sources); i++) {
        MutableRecord item = Items.mutable(1_000_000 + source * 10 + i, 1, NOW, 200);
        taken += item.size();
        if (taken <= Math.min(bytes / sources, each)) {
          assertThat(store.commit(StorePut.of(item, source), NOW)).isInstanceOf(Stored.class);
          victims.add(item);
        }
      }
    }
    assertThat(victims).hasSizeGreaterThanOrEqualTo(3 * VICTIMS);
    int stored = 0;
    for (int i = 0; i < PUTS; i++) {
      StoredItem item =
          random.nextBoolean()
              ? Items.mutable(i, 1, NOW, random.nextInt(700))
              : Items.leaf(i, 1 + random.nextInt(20), NOW + Items.DAY);
      StorePut put = StorePut.of(item, VICTIMS + random.nextInt(flooders));
      boolean isAdmissible = store.check(put, NOW) instanceof Admissible;
      boolean isStored = store.commit(put, NOW) instanceof Stored;
      assertThat(isStored).isEqualTo(isAdmissible);
      stored += isStored ? 1 : 0;
      assertThat(store.stats().bytes()).isLessThanOrEqualTo(bytes);
      assertThat(store.stats().items()).isLessThanOrEqualTo(records);
      assertThat(store.stats().rememberedSequences()).isLessThanOrEqualTo(5_000);
    }
    assertThat(store.stats().evicted()).as("the flood fills the store").isGreaterThan(100);
    assertThat(stored).isGreaterThan(PUTS / 2);
    for (StoredItem item : victims) {
      assertThat(store.get(item.key(), NOW)).isEqualTo(item);
    }
  }
}
