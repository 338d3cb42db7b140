package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.dht.store.MainlineItems.MUTABLE_BYTES;
import static org.bytchat.dht.store.MainlineItems.ascii;
import static org.bytchat.dht.store.MainlineItems.immutable;
import static org.bytchat.dht.store.MainlineItems.mutable;
import static org.bytchat.dht.store.StorePut.ANY_SEQUENCE;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytchat.dht.store.ItemStore.Limits;
import org.bytchat.dht.store.ItemStore.Refusal;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.time.DeadlineQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Goal: each rule of the store, at its boundary. Every check is made before and at the commit. */
class ItemStoreTest {

  private static final long NOW = -50;
  private static final long LIFETIME = 1_000;

  private ItemStore store = new ItemStore(new Limits(100, 100_000, 10_000, LIFETIME));

  private static ItemStore small(int items, int bytes, int sourceBytes) {
    return new ItemStore(new Limits(items, bytes, sourceBytes, LIFETIME));
  }

  private @Nullable Refusal put(MainlineItem item, long cas, long source, long now) {
    int count = store.count();
    long bytes = store.bytes();
    long next = store.nextExpiryNanos();
    Refusal checked = store.check(item, cas, source, now);
    assertThat(store.count()).isEqualTo(count);
    assertThat(store.bytes()).isEqualTo(bytes);
    assertThat(store.nextExpiryNanos()).isEqualTo(next);
    assertThat(store.commit(item, cas, source, now)).isEqualTo(checked);
    if (checked != null) {
      assertThat(store.count()).isEqualTo(count);
      assertThat(store.bytes()).isEqualTo(bytes);
      assertThat(store.nextExpiryNanos()).isEqualTo(next);
    }
    return checked;
  }

  private void stored(MainlineItem item, long source) {
    assertThat(put(item, ANY_SEQUENCE, source, NOW)).isNull();
    assertThat(held(item)).isTrue();
  }

  private boolean held(MainlineItem item) {
    return Objects.equals(store.get(item.target(), NOW), item);
  }

  // Sequences.

  @Test
  void put_new_isHeld() {
    MainlineItem item = mutable(1, 5);
    assertThat(store.get(item.target(), NOW)).isNull();
    stored(item, 1);
    assertThat(store.get(item.target(), NOW)).isSameAs(item);
    assertThat(store.count()).isEqualTo(1);
    assertThat(store.bytes()).isEqualTo(item.size());
    assertThat(store.get(mutable(2, 5).target(), NOW)).isNull();
  }

  @Test
  void put_higherSequence_takesThePlace() {
    stored(mutable(1, 5, 0, 10), 1);
    MainlineItem newer = mutable(1, 6, 1, 30);
    stored(newer, 2);
    assertThat(store.count()).isEqualTo(1);
    assertThat(store.bytes()).isEqualTo(newer.size());
    assertThat(store.evicted()).isZero();
  }

  @Test
  void put_lowerSequence_isTooOld() {
    MainlineItem item = mutable(1, 5);
    stored(item, 1);
    assertThat(put(mutable(1, 4), ANY_SEQUENCE, 1, NOW)).isEqualTo(Refusal.SEQUENCE_TOO_OLD);
    assertThat(put(mutable(1, Long.MIN_VALUE), ANY_SEQUENCE, 1, NOW))
        .isEqualTo(Refusal.SEQUENCE_TOO_OLD);
    assertThat(held(item)).isTrue();
  }

  @Test
  void put_sameSequenceOtherValue_isTooOld() {
    MainlineItem item = mutable(1, 5, 0, 4);
    stored(item, 1);
    assertThat(put(mutable(1, 5, 1, 4), ANY_SEQUENCE, 1, NOW)).isEqualTo(Refusal.SEQUENCE_TOO_OLD);
    assertThat(held(item)).isTrue();
  }

  @Test
  void put_sameSequenceAndValueOtherSignature_beginsANewLifeOfWhatIsHeld() {
    MainlineItem item = mutable(1, 5);
    stored(item, 1);
    MainlineItem again =
        MainlineItem.mutable(item.publicKey(), item.salt(), 5, item.value(), Items.bytes(64, 77));
    assertThat(put(again, ANY_SEQUENCE, 1, NOW + 9)).isNull();
    assertThat(store.get(item.target(), NOW + 9)).isSameAs(item);
    assertThat(store.nextExpiryNanos()).isEqualTo(NOW + 9 + LIFETIME);
  }

  @Test
  void put_otherKindUnderTheSameTarget_isRefusedBothWays() {
    // With one byte of salt such a key is a bencoded string of 30 bytes.
    byte[] key = ascii("30:45678901234567890123456789012");
    byte[] salt = ascii("3");
    MainlineItem value = MainlineItem.immutable(ascii("30:456789012345678901234567890123"));
    MainlineItem owned = MainlineItem.mutable(key, salt, 9, ascii("le"), new byte[64]);
    assertThat(owned.target()).isEqualTo(value.target());
    stored(value, 1);
    assertThat(put(owned, ANY_SEQUENCE, 1, NOW)).isEqualTo(Refusal.SEQUENCE_TOO_OLD);
    store = small(100, 100_000, 10_000);
    MainlineItem first = MainlineItem.mutable(key, salt, -1, ascii("le"), new byte[64]);
    stored(first, 1);
    assertThat(put(value, ANY_SEQUENCE, 1, NOW)).isEqualTo(Refusal.SEQUENCE_TOO_OLD);
    assertThat(held(first)).isTrue();
  }

  // Compare-and-swap.

  @Test
  void cas_ofWhatIsHeld_isStored() {
    stored(mutable(1, 5), 1);
    assertThat(put(mutable(1, 9), 5, 1, NOW)).isNull();
    assertThat(held(mutable(1, 9))).isTrue();
  }

  @Test
  void cas_ofAnotherSequence_isAMismatchWhateverTheSequence() {
    stored(mutable(1, 5), 1);
    for (long sequence : new long[] {4, 5, 6}) {
      assertThat(put(mutable(1, sequence), 4, 1, NOW)).isEqualTo(Refusal.CAS_MISMATCH);
      assertThat(put(mutable(1, sequence), 6, 1, NOW)).isEqualTo(Refusal.CAS_MISMATCH);
    }
    assertThat(put(mutable(1, 6), 0, 1, NOW)).isEqualTo(Refusal.CAS_MISMATCH);
    assertThat(put(mutable(1, 4), 5, 1, NOW)).isEqualTo(Refusal.SEQUENCE_TOO_OLD);
    assertThat(put(mutable(1, 5), 5, 1, NOW)).isNull();
  }

  @Test
  void cas_whereNothingIsHeld_isStored() {
    assertThat(put(mutable(1, 5), 3, 1, NOW)).isNull();
    assertThat(put(mutable(1, 3), 3, 1, NOW + LIFETIME)).isNull();
  }

  @Test
  void cas_ofImmutable_doesNotCount() {
    MainlineItem item = immutable(1, 10);
    stored(item, 1);
    assertThat(put(item, 3, 1, NOW)).isNull();
  }

  // Time.

  @Test
  void get_atItsEnd_isGoneAndTakesSpaceUntilExpired() {
    MainlineItem item = mutable(1, 5);
    stored(item, 1);
    assertThat(store.nextExpiryNanos()).isEqualTo(NOW + LIFETIME);
    assertThat(store.expire(NOW + LIFETIME - 1)).isZero();
    assertThat(store.get(item.target(), NOW + LIFETIME - 1)).isSameAs(item);
    assertThat(store.get(item.target(), NOW + LIFETIME)).isNull();
    assertThat(store.count()).isEqualTo(1);
    assertThat(store.expire(NOW + LIFETIME)).isEqualTo(1);
    assertThat(store.count()).isZero();
    assertThat(store.bytes()).isZero();
    assertThat(store.evicted()).isZero();
    assertThat(store.nextExpiryNanos()).isEqualTo(DeadlineQueue.NEVER);
  }

  @Test
  void expire_several_endsWhatIsDue() {
    store.commit(mutable(1, 1), ANY_SEQUENCE, 1, 10);
    store.commit(immutable(2, 9), ANY_SEQUENCE, 1, 20);
    store.commit(mutable(3, 1), ANY_SEQUENCE, 1, 30);
    store.commit(mutable(1, 1), ANY_SEQUENCE, 1, 40);
    assertThat(store.nextExpiryNanos()).isEqualTo(20 + LIFETIME);
    assertThat(store.expire(30 + LIFETIME)).isEqualTo(2);
    assertThat(store.count()).isEqualTo(1);
    assertThat(store.get(mutable(1, 1).target(), 30 + LIFETIME)).isNotNull();
    assertThat(store.nextExpiryNanos()).isEqualTo(40 + LIFETIME);
  }

  @Test
  void put_overWhatEndedButTakesSpace_isAsIfNothingWereHeld() {
    stored(mutable(1, 5), 1);
    assertThat(put(mutable(1, 4), ANY_SEQUENCE, 2, NOW + LIFETIME)).isNull();
    assertThat(store.count()).isEqualTo(1);
    assertThat(store.nextExpiryNanos()).isEqualTo(NOW + 2 * LIFETIME);
  }

  @Test
  void put_sameImmutable_beginsANewLife() {
    MainlineItem item = immutable(1, 10);
    stored(item, 1);
    assertThat(put(item, ANY_SEQUENCE, 2, NOW + 7)).isNull();
    assertThat(store.count()).isEqualTo(1);
    assertThat(store.bytes()).isEqualTo(10);
    assertThat(store.nextExpiryNanos()).isEqualTo(NOW + 7 + LIFETIME);
  }

  // Quotas.

  @Test
  void put_moreThanASourceMayHave_itsOldestGo() {
    store = small(100, 1_000, 100);
    stored(immutable(1, 40), 1);
    stored(immutable(2, 40), 1);
    stored(immutable(3, 40), 2);
    stored(immutable(4, 20), 1);
    assertThat(store.evicted()).isZero();
    stored(immutable(5, 1), 1);
    assertThat(held(immutable(1, 40))).isFalse();
    assertThat(held(immutable(2, 40))).isTrue();
    assertThat(held(immutable(3, 40))).isTrue();
    assertThat(store.evicted()).isEqualTo(1);
  }

  @Test
  void put_aloneMoreThanASourceMayHave_isRefused() {
    store = small(100, 1_000, 100);
    stored(immutable(1, 100), 1);
    assertThat(put(immutable(2, 101), ANY_SEQUENCE, 1, NOW)).isEqualTo(Refusal.QUOTA);
    assertThat(held(immutable(1, 100))).isTrue();
  }

  @Test
  void put_refreshed_isTheYoungestOfItsPayer() {
    store = small(3, 1_000, 1_000);
    stored(immutable(1, 10), 1);
    stored(immutable(2, 10), 1);
    stored(immutable(1, 10), 1);
    stored(immutable(3, 10), 1);
    stored(immutable(4, 10), 1);
    assertThat(held(immutable(2, 10))).isFalse();
    assertThat(held(immutable(1, 10))).isTrue();
  }

  @Test
  void put_refreshedByAnother_isStillPaidByTheFirst() {
    store = small(100, 1_000, 100);
    stored(immutable(1, 60), 1);
    stored(immutable(1, 60), 2);
    stored(immutable(2, 60), 2);
    assertThat(held(immutable(1, 60))).isTrue();
    stored(immutable(3, 60), 1);
    assertThat(held(immutable(1, 60))).isFalse();
  }

  @Test
  void put_storeFull_theOldestOfTheLargestGoes() {
    store = small(4, 10_000, 10_000);
    stored(immutable(1, 10), 1);
    stored(immutable(2, 10), 2);
    stored(immutable(3, 10), 2);
    stored(immutable(4, 10), 2);
    stored(immutable(5, 10), 3);
    assertThat(held(immutable(2, 10))).isFalse();
    assertThat(held(immutable(1, 10))).isTrue();
    stored(immutable(6, 10), 1);
    assertThat(held(immutable(1, 10))).as("equal sources: the newcomer's gives way").isFalse();
    assertThat(store.count()).isEqualTo(4);
    assertThat(store.evicted()).isEqualTo(2);
  }

  @Test
  void put_storeFullOfEqualSources_isRefusedToAnotherAndFreeToTheirs() {
    store = small(2, 10_000, 10_000);
    stored(mutable(1, 1), 1);
    stored(mutable(2, 1), 2);
    assertThat(put(mutable(3, 1), ANY_SEQUENCE, 3, NOW)).isEqualTo(Refusal.QUOTA);
    assertThat(put(mutable(2, 2), ANY_SEQUENCE, 3, NOW)).isNull();
    assertThat(put(mutable(1, 1), ANY_SEQUENCE, 3, NOW)).isNull();
    assertThat(store.evicted()).isZero();
  }

  @Test
  void put_bytesFull_theLargestInBytesGivesWay() {
    store = small(100, 300, 300);
    stored(immutable(1, 200), 1);
    stored(immutable(2, 40), 2);
    stored(immutable(3, 40), 2);
    stored(immutable(4, 20), 2);
    stored(immutable(5, 30), 3);
    assertThat(held(immutable(1, 200))).isFalse();
    assertThat(store.bytes()).isEqualTo(130);
    MainlineItem longest = mutable(6, 1, 0, 300 - MUTABLE_BYTES);
    assertThat(put(longest, ANY_SEQUENCE, 4, NOW)).isEqualTo(Refusal.QUOTA);
  }

  @SeededTest(runs = 4)
  void flood_oneSource_leavesAllOthersAlone(long seed) {
    Random random = Seeds.random(seed);
    store = small(200, 40_000, 30_000);
    List<MainlineItem> victims = new ArrayList<>();
    for (int source = 0; source < 20; source++) {
      for (int i = 0; i < 4; i++) {
        victims.add(mutable(1_000 + 10 * source + i, 1, 0, 100));
        stored(victims.get(victims.size() - 1), source);
      }
    }
    for (int i = 0; i < 3_000; i++) {
      MainlineItem item =
          switch (random.nextInt(3)) {
            case 0 -> mutable(i, 1, 0, 1 + random.nextInt(900));
            case 1 -> immutable(i, 1 + random.nextInt(20));
            default -> victims.get(random.nextInt(victims.size()));
          };
      put(item, ANY_SEQUENCE, 99, NOW);
      assertThat(store.bytes()).isLessThanOrEqualTo(40_000);
      assertThat(store.count()).isLessThanOrEqualTo(200);
    }
    assertThat(store.evicted()).as("the flood fills the store").isGreaterThan(1_000);
    assertThat(victims).allMatch(this::held);
  }

  @Test
  void limits_belowOne_areRefused() {
    assertThat(small(1, 1, 1).count()).isZero();
    assertThatThrownBy(() -> new Limits(0, 2, 3, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("limits must be at least 1: 0, 2, 3, 4");
    assertThatThrownBy(() -> new Limits(1, 0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Limits(1, 1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Limits(1, 1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new Limits(1, 1, 1, 1).lifetimeNanos()).isEqualTo(1);
  }
}
