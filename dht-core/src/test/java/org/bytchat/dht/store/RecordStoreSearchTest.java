package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.store.Items.DAY;
import static org.bytchat.dht.store.Items.NOW;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;

/** Goal: searches by place find what a plain sort of all items finds. */
class RecordStoreSearchTest {

  private static final Comparator<HeldItem> IN_ORDER =
      Comparator.comparing(HeldItem::place).thenComparing(held -> held.item().key());

  @SeededTest(runs = 40)
  void searches_anyPlaces_sameAsASort(long seed) {
    Random random = Seeds.random(seed);
    RecordStore store = new RecordStore(StoreConfig.defaults());
    List<HeldItem> all = new ArrayList<>();
    List<NodeId> places = new ArrayList<>(List.of(NodeId.ZERO, NodeId.of(-1, -1, -1)));
    int count = random.nextInt(300);
    for (int i = 0; i < count; i++) {
      NodeId near = places.get(random.nextInt(places.size()));
      NodeId place =
          random.nextInt(4) == 0 ? near : TestContacts.sharing(near, random.nextInt(160), random);
      places.add(place);
      Chunk chunk = Items.leaf(i, 10, NOW + DAY + random.nextInt(2));
      store.commit(StorePut.of(chunk, random.nextInt(5)).withPlace(place), NOW);
      all.addAll(
          store.closestTo(place, 500, NOW).stream()
              .filter(held -> held.item().equals(chunk))
              .toList());
    }
    assertThat(all).hasSize(count);
    for (int i = 0; i < 40; i++) {
      NodeId near = places.get(random.nextInt(places.size()));
      NodeId target =
          random.nextBoolean() ? near : TestContacts.sharing(near, random.nextInt(160), random);
      long now = NOW + (random.nextBoolean() ? 0 : DAY);
      checkClosest(store, all, target, random.nextInt(30), now);
      checkPlaces(store, all, target, now);
    }
  }

  /** A walk over all places meets every item once, and can begin anywhere. */
  private static void checkPlaces(RecordStore store, List<HeldItem> all, NodeId target, long now) {
    List<NodeId> walked = new ArrayList<>();
    List<HeldItem> met = new ArrayList<>();
    NodeId place = store.nextPlace(null);
    while (place != null) {
      walked.add(place);
      met.addAll(Items.at(place, store, now));
      place = store.nextPlace(place);
    }
    List<NodeId> places = all.stream().map(HeldItem::place).distinct().sorted().toList();
    assertThat(walked).isEqualTo(places);
    assertThat(met)
        .isEqualTo(
            all.stream()
                .filter(held -> held.item().expiresMillis() > now)
                .sorted(IN_ORDER)
                .toList());
    assertThat(store.nextPlace(target))
        .isEqualTo(
            places.stream().filter(one -> one.compareTo(target) > 0).findFirst().orElse(null));
    assertThat(Items.at(target, store, now))
        .isEqualTo(met.stream().filter(held -> held.place().equals(target)).toList());
  }

  private static void checkClosest(
      RecordStore store, List<HeldItem> all, NodeId target, int limit, long now) {
    Comparator<HeldItem> byDistance = (a, b) -> target.compareDistance(a.place(), b.place());
    assertThat(store.closestTo(target, limit, now))
        .isEqualTo(
            all.stream()
                .filter(held -> held.item().expiresMillis() > now)
                .sorted(byDistance.thenComparing(IN_ORDER))
                .limit(limit)
                .toList());
  }
}
