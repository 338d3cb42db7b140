package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.dht.store.Items.DAY;
import static org.bytchat.dht.store.Items.MINUTE;
import static org.bytchat.dht.store.Items.NOW;

import java.util.Comparator;
import java.util.List;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StoreOutcome.Admissible;
import org.bytchat.dht.store.StoreOutcome.Refusal;
import org.bytchat.dht.store.StoreOutcome.Refused;
import org.bytchat.dht.store.StoreOutcome.Stored;
import org.bytchat.dht.store.StoreOutcome.Unchanged;
import org.junit.jupiter.api.Test;

/** Goal: each rule of the store, at its boundary. Every check is made before and at the commit. */
class RecordStoreTest {

  private static final NodeId ELSEWHERE = Keys.sha1(new byte[] {1});

  private final RecordStore store = new RecordStore(StoreConfig.defaults());

  private static RecordStore small(int bytes, int records, int sourceBytes) {
    return new RecordStore(StoreConfig.defaults().withSpace(bytes, records, sourceBytes, 2));
  }

  private static StoreConfig longest(int recordBytes) {
    StoreConfig config = StoreConfig.defaults();
    return new StoreConfig(
        recordBytes,
        config.bytesMax(),
        config.recordsMax(),
        config.sourceBytesMax(),
        config.rememberedSequencesMax(),
        config.ttlMin(),
        config.ttlDefault(),
        config.ttlMax(),
        config.clockTolerance(),
        config.replicas(),
        config.acks(),
        config.repairInterval(),
        config.repairJitter(),
        config.repairBytesPerSecond());
  }

  private static void stored(RecordStore store, StorePut put, long nowMillis) {
    assertThat(store.check(put, nowMillis))
        .isEqualTo(new Admissible(put.item() instanceof MutableRecord));
    assertThat(store.commit(put, nowMillis)).isInstanceOf(Stored.class);
    assertThat(store.get(put.key(), nowMillis)).isNotNull();
  }

  private void stored(StoredItem item) {
    stored(store, StorePut.of(item, 1), NOW);
  }

  private static Refused refused(RecordStore store, StorePut put, long nowMillis) {
    RecordStore.Stats before = store.stats();
    StoreOutcome.Checked checked = store.check(put, nowMillis);
    assertThat(checked).isInstanceOf(Refused.class);
    assertThat(store.commit(put, nowMillis)).isEqualTo(checked);
    assertThat(store.stats()).isEqualTo(before);
    return (Refused) checked;
  }

  private Refusal refusal(StorePut put, long nowMillis) {
    return refused(store, put, nowMillis).reason();
  }

  private Refusal refusal(StoredItem item) {
    return refusal(StorePut.of(item, 1), NOW);
  }

  private void unchanged(StorePut put, StoredItem held) {
    RecordStore.Stats before = store.stats();
    assertThat(store.check(put, NOW)).isEqualTo(new Unchanged(held));
    assertThat(store.commit(put, NOW)).isEqualTo(new Unchanged(held));
    assertThat(store.stats()).isEqualTo(before);
  }

  @Test
  void put_new_isHeldAsCarried() {
    MutableRecord item = Items.mutable(1, 5);
    assertThat(store.get(item.key(), NOW)).isNull();
    assertThat(store.sequenceOf(item.key(), NOW)).isZero();
    assertThat(store.check(StorePut.of(item, 9), NOW)).isEqualTo(new Admissible(true));
    assertThat(store.commit(StorePut.of(item, 9), NOW))
        .isEqualTo(new Stored(item, List.of(new StoreChange.Put(item, item.key(), 9))));
    assertThat(store.get(item.key(), NOW)).isSameAs(item);
    assertThat(store.sequenceOf(item.key(), NOW)).isEqualTo(5);
    assertThat(store.stats()).isEqualTo(new RecordStore.Stats(1, item.size(), 1, 0, 0, 0));
  }

  @Test
  void put_longerThanConfigured_isTooBig() {
    MutableRecord item = Items.mutable(1, 5, NOW, 100);
    RecordStore strict = new RecordStore(longest(item.size() - 1));
    assertThat(refused(strict, StorePut.of(item, 1), NOW).reason()).isEqualTo(Refusal.TOO_BIG);
    stored(strict, StorePut.of(Items.mutable(1, 5, NOW, 99), 1), NOW);
  }

  @Test
  void put_underAnotherKey_isRefused() {
    MutableRecord item = Items.mutable(1, 5);
    Chunk chunk = Items.leaf(1, 10, NOW + DAY);
    assertThat(refusal(new StorePut(item, ELSEWHERE, ELSEWHERE, -1, 1), NOW))
        .isEqualTo(Refusal.WRONG_KEY);
    assertThat(refusal(StorePut.of(item, 1).withPlace(ELSEWHERE), NOW))
        .isEqualTo(Refusal.WRONG_KEY);
    assertThat(refusal(new StorePut(chunk, ELSEWHERE, ELSEWHERE, -1, 1), NOW))
        .isEqualTo(Refusal.WRONG_KEY);
    stored(store, StorePut.of(chunk, 1).withPlace(ELSEWHERE), NOW);
  }

  // Times.

  @Test
  void put_lifetime_threeToSevenDays() {
    assertThat(refusal(Items.draft(1, 1, NOW, NOW + 3 * DAY - 1, 1))).isEqualTo(Refusal.LIFETIME);
    assertThat(refusal(Items.draft(1, 1, NOW, NOW + 7 * DAY + 1, 1))).isEqualTo(Refusal.LIFETIME);
    assertThat(refusal(Items.draft(1, 1, NOW + DAY, NOW, 1))).isEqualTo(Refusal.LIFETIME);
    assertThat(refusal(Items.draft(1, 1, 0, Long.MAX_VALUE, 1))).isEqualTo(Refusal.LIFETIME);
    assertThat(refusal(Items.draft(1, 1, Long.MAX_VALUE, 0, 1))).isEqualTo(Refusal.LIFETIME);
    stored(Items.draft(1, 1, NOW, NOW + 3 * DAY, 1));
    stored(Items.draft(2, 1, NOW, NOW + 7 * DAY, 1));
  }

  @Test
  void put_issuedAhead_tenMinutesAreForgiven() {
    assertThat(refusal(Items.mutable(1, 1, NOW + 10 * MINUTE + 1, 1)))
        .isEqualTo(Refusal.ISSUED_AHEAD);
    stored(Items.mutable(1, 1, NOW + 10 * MINUTE, 1));
  }

  @Test
  void put_end_mustNotBePast() {
    assertThat(refusal(Items.mutable(1, 1, NOW - 7 * DAY, 1))).isEqualTo(Refusal.EXPIRED);
    stored(Items.mutable(1, 1, NOW - 7 * DAY + 1, 1));
    assertThat(refusal(Items.leaf(1, 1, NOW))).isEqualTo(Refusal.EXPIRED);
    stored(Items.leaf(1, 1, NOW + 1));
  }

  @Test
  void put_extremeClock_neverThrows() {
    for (long now : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      for (StoredItem item : List.of(Items.mutable(1, 1), Items.leaf(1, 1, Long.MAX_VALUE))) {
        RecordStore fresh = new RecordStore(StoreConfig.defaults());
        assertThat(fresh.check(StorePut.of(item, 1), now)).isNotNull();
        assertThat(fresh.commit(StorePut.of(item, 1), now)).isNotNull();
        assertThat(fresh.pollExpired(Long.MAX_VALUE, 10)).isNotNull();
      }
    }
  }

  // Sequences.

  @Test
  void put_sameBytesAgain_changesNothing() {
    MutableRecord item = Items.mutable(1, 5);
    stored(item);
    unchanged(StorePut.of((MutableRecord) Items.parsed(item.bytes()), 2), item);
    unchanged(StorePut.of(item, 2).withExpectedSequence(4), item);
  }

  @Test
  void put_higherSequence_replaces() {
    stored(Items.mutable(1, 5));
    MutableRecord newer = Items.mutable(1, 6);
    assertThat(store.commit(StorePut.of(newer, 2), NOW))
        .isEqualTo(new Stored(newer, List.of(new StoreChange.Put(newer, newer.key(), 2))));
    assertThat(store.get(newer.key(), NOW)).isEqualTo(newer);
    assertThat(store.stats()).isEqualTo(new RecordStore.Stats(1, newer.size(), 1, 0, 0, 0));
    stored(Items.mutable(1, Long.MAX_VALUE));
  }

  @Test
  void put_lowerSequence_isTooOldAndTheHeldOneIsReturned() {
    MutableRecord held = Items.mutable(1, 5);
    stored(held);
    assertThat(refused(store, StorePut.of(Items.mutable(1, 4), 1), NOW))
        .isEqualTo(new Refused(Refusal.SEQUENCE_TOO_OLD, 5, held));
  }

  @Test
  void put_equalSequenceOtherBytes_isAConflictAndTheHeldOneIsReturned() {
    MutableRecord held = Items.mutable(1, 5);
    stored(held);
    assertThat(refused(store, StorePut.of(Items.mutable(1, 5, NOW, 11), 1), NOW))
        .isEqualTo(new Refused(Refusal.SEQUENCE_CONFLICT, 5, held));
    assertThat(refused(store, StorePut.of(Items.mutable(1, 5, NOW + 1, 10), 1), NOW).reason())
        .isEqualTo(Refusal.SEQUENCE_CONFLICT);
  }

  @Test
  void put_endThatFallsAsTheSequenceRises_isRefused() {
    MutableRecord held = Items.mutable(1, 5, NOW, 1);
    stored(held);
    assertThat(refusal(Items.mutable(1, 6, NOW - 1, 1))).isEqualTo(Refusal.EXPIRY_FALLS);
    stored(Items.draft(1, 6, NOW + 1, held.expiresMillis(), 1));
  }

  @Test
  void put_compareAndSwap_countsWhereASequenceIsKnown() {
    StorePut put = StorePut.of(Items.mutable(1, 5), 1);
    assertThat(store.check(put.withExpectedSequence(3), NOW)).isEqualTo(new Admissible(true));
    stored(store, put.withExpectedSequence(0), NOW);
    StorePut next = StorePut.of(Items.mutable(1, 6), 1);
    for (long wrong : new long[] {0, 4, 6}) {
      assertThat(refused(store, next.withExpectedSequence(wrong), NOW))
          .isEqualTo(new Refused(Refusal.CAS_MISMATCH, 5, (MutableRecord) put.item()));
    }
    stored(store, next.withExpectedSequence(5), NOW);
  }

  @Test
  void commit_whatCameBetween_isCheckedAgain() {
    StorePut first = StorePut.of(Items.mutable(1, 5), 1).withExpectedSequence(0);
    StorePut second = StorePut.of(Items.mutable(1, 6), 1).withExpectedSequence(0);
    assertThat(store.check(first, NOW)).isEqualTo(new Admissible(true));
    assertThat(store.check(second, NOW)).isEqualTo(new Admissible(true));
    assertThat(store.commit(second, NOW)).isInstanceOf(Stored.class);
    assertThat(store.commit(first, NOW))
        .isEqualTo(new Refused(Refusal.CAS_MISMATCH, 6, (MutableRecord) second.item()));
    MutableRecord late = Items.mutable(2, 1);
    assertThat(store.check(StorePut.of(late, 1), NOW)).isEqualTo(new Admissible(true));
    assertThat(store.commit(StorePut.of(late, 1), late.expiresMillis()))
        .isEqualTo(new Refused(Refusal.EXPIRED, 0, null));
  }

  // Chunks.

  @Test
  void putChunk_endFarAhead_isCutToTheLongestLife() {
    Chunk chunk = Items.leaf(1, 10, Long.MAX_VALUE);
    Chunk cut = chunk.withExpiresMillis(NOW + 7 * DAY);
    assertThat(store.check(StorePut.of(chunk, 1), NOW)).isEqualTo(new Admissible(false));
    assertThat(store.commit(StorePut.of(chunk, 1), NOW))
        .isEqualTo(new Stored(cut, List.of(new StoreChange.Put(cut, cut.key(), 1))));
    unchanged(StorePut.of(chunk, 1), cut);
    assertThat(store.get(chunk.key(), NOW)).isEqualTo(cut);
  }

  @Test
  void putChunk_again_onlyALaterEndCountsAndPayerAndPlaceStay() {
    Chunk chunk = Items.leaf(1, 10, NOW + DAY);
    stored(store, StorePut.of(chunk, 1).withPlace(ELSEWHERE), NOW);
    unchanged(StorePut.of(chunk.withExpiresMillis(NOW + DAY - 1), 2), chunk);
    unchanged(StorePut.of(chunk, 2), chunk);
    Chunk later = chunk.withExpiresMillis(NOW + DAY + 1);
    assertThat(store.commit(StorePut.of(later, 2), NOW))
        .isEqualTo(new Stored(later, List.of(new StoreChange.Put(later, ELSEWHERE, 1))));
    assertThat(store.closestTo(ELSEWHERE, 9, NOW))
        .containsExactly(new HeldItem(later, ELSEWHERE, 1));
  }

  // Ends.

  @Test
  void get_atItsEnd_isGone() {
    MutableRecord item = Items.mutable(1, 5);
    Chunk chunk = Items.leaf(1, 10, item.expiresMillis());
    stored(item);
    stored(chunk);
    for (NodeId key : List.of(item.key(), chunk.key())) {
      assertThat(store.get(key, item.expiresMillis() - 1)).isNotNull();
      assertThat(store.get(key, item.expiresMillis())).isNull();
    }
    assertThat(store.closestTo(NodeId.ZERO, 9, item.expiresMillis())).isEmpty();
  }

  @Test
  void pollExpired_atTheEnd_givesUpTheItemAndLaterTheSequence() {
    assertThat(store.nextExpiryMillis()).isEqualTo(RecordStore.NEVER);
    MutableRecord item = Items.mutable(1, 5);
    long end = item.expiresMillis();
    stored(item);
    Chunk chunk = Items.leaf(1, 10, NOW + 1);
    stored(chunk);
    assertThat(store.nextExpiryMillis()).isEqualTo(NOW + 1);
    assertThat(store.pollExpired(NOW, 9)).isEmpty();
    assertThat(store.pollExpired(NOW + 1, 9)).containsExactly(new StoreChange.Remove(chunk.key()));
    assertThat(store.nextExpiryMillis()).isEqualTo(end);
    List<StoreChange> changes = store.pollExpired(end, 9);
    assertThat(changes).hasSize(1).first().isInstanceOf(StoreChange.Remember.class);
    assertThat(store.sequenceOf(item.key(), end)).isEqualTo(5);
    assertThat(store.nextExpiryMillis()).isEqualTo(end + 10 * MINUTE);
    assertThat(store.pollExpired(end + 10 * MINUTE - 1, 9)).isEmpty();
    assertThat(store.sequenceOf(item.key(), end + 10 * MINUTE - 1)).isEqualTo(5);
    assertThat(store.sequenceOf(item.key(), end + 10 * MINUTE)).isZero();
    assertThat(store.pollExpired(end + 10 * MINUTE, 9))
        .containsExactly(new StoreChange.Remove(item.key()));
    assertThat(store.stats()).isEqualTo(new RecordStore.Stats(0, 0, 0, 0, 0, 0));
  }

  @Test
  void pollExpired_limit_leavesTheRestForTheNextCall() {
    for (int user = 0; user < 5; user++) {
      stored(Items.leaf(user, 10, NOW + 1 + user));
    }
    assertThat(store.pollExpired(NOW + DAY, 3)).hasSize(3);
    assertThat(store.nextExpiryMillis()).isEqualTo(NOW + 4);
    assertThat(store.pollExpired(NOW + DAY, 3)).hasSize(2);
  }

  @Test
  void put_afterTheClockWasSetBack_bringsNothingOldUp() {
    MutableRecord newer = Items.mutable(1, 6);
    stored(newer);
    assertThat(store.pollExpired(newer.expiresMillis() + 9 * MINUTE, 9)).hasSize(1);
    assertThat(refusal(Items.mutable(1, 5))).isEqualTo(Refusal.SEQUENCE_TOO_OLD);
  }

  // Space.

  @Test
  void put_overTheLimitOfItsSource_itsOwnOldestGoes() {
    RecordStore limited = small(1 << 20, 100, 4_096);
    stored(limited, StorePut.of(Items.mutable(99, 1), 2), NOW);
    int size = Items.mutable(1, 1, NOW, 800).size();
    for (int user = 1; user <= 4; user++) {
      stored(limited, StorePut.of(Items.mutable(user, 1, NOW, 800), 1), NOW);
    }
    MutableRecord oldest = Items.mutable(1, 1, NOW, 800);
    MutableRecord next = Items.mutable(5, 1, NOW, 800);
    Stored result = (Stored) limited.commit(StorePut.of(next, 1), NOW);
    assertThat(result.changes()).hasSize(2);
    assertThat(((StoreChange.Remember) result.changes().get(0)).key()).isEqualTo(oldest.key());
    assertThat(limited.get(oldest.key(), NOW)).isNull();
    assertThat(limited.stats().items()).isEqualTo(5);
    assertThat(limited.stats().bytes()).isEqualTo(4L * size + Items.mutable(99, 1).size());
    assertThat(limited.stats().evicted()).isEqualTo(1);
  }

  @Test
  void put_storeFull_theLargestSourceGivesWay() {
    RecordStore limited = small(1 << 16, 4, 1 << 16);
    stored(limited, StorePut.of(Items.mutable(1, 1), 1), NOW);
    stored(limited, StorePut.of(Items.mutable(2, 1), 2), NOW);
    stored(limited, StorePut.of(Items.mutable(3, 1), 2), NOW);
    stored(limited, StorePut.of(Items.mutable(4, 1), 2), NOW);
    // Source 3 has one with the newcomer, source 2 has three: its oldest goes.
    stored(limited, StorePut.of(Items.mutable(5, 1), 3), NOW);
    assertThat(limited.get(Items.mutable(2, 1).key(), NOW)).isNull();
    // Source 3 would have two now, as many as source 2: it gives way itself.
    stored(limited, StorePut.of(Items.mutable(6, 1), 3), NOW);
    assertThat(limited.get(Items.mutable(5, 1).key(), NOW)).isNull();
    // One each with the newcomer but source 2: that one goes again.
    stored(limited, StorePut.of(Items.mutable(7, 1), 4), NOW);
    assertThat(limited.get(Items.mutable(3, 1).key(), NOW)).isNull();
    // All have one: a newcomer that is all its source has is refused.
    assertThat(refused(limited, StorePut.of(Items.mutable(8, 1), 5), NOW))
        .isEqualTo(new Refused(Refusal.STORE_FULL, 0, null));
    // What replaces its own record needs no room.
    stored(limited, StorePut.of(Items.mutable(7, 2), 6), NOW);
  }

  @Test
  void put_bytesFull_theLargestSourceByBytesGivesWay() {
    RecordStore limited = small(1 << 16, 1_000, 1 << 16);
    int big = Items.mutable(1, 1, NOW, 800).size();
    int user = 0;
    while (limited.stats().bytes() + big <= 1 << 16) {
      stored(limited, StorePut.of(Items.mutable(user++, 1, NOW, 800), 1), NOW);
    }
    for (int small = 0; small < 3; small++) {
      stored(limited, StorePut.of(Items.leaf(small, 2, NOW + DAY), 2), NOW);
    }
    stored(limited, StorePut.of(Items.mutable(1_000, 1, NOW, 800), 3), NOW);
    assertThat(limited.get(Items.mutable(0, 1).key(), NOW)).isNull();
    assertThat(limited.get(Items.leaf(0, 2, 1).key(), NOW)).isNotNull();
  }

  @Test
  void put_roomOnlyForAPart_refusesAndGivesNothingUp() {
    // One source has more than the newcomer, but not once half of it went; the others have less.
    StoreConfig config = StoreConfig.defaults().withSpace(1 << 16, 1_000, 1 << 16, 9);
    RecordStore limited = new RecordStore(config);
    stored(limited, StorePut.of(leafOf(1, 490), 0), NOW);
    stored(limited, StorePut.of(leafOf(2, 490), 0), NOW);
    int source = 1;
    while (limited.stats().bytes() + 900 <= 1 << 16) {
      stored(limited, StorePut.of(leafOf(2 + source, 900), source), NOW);
      source++;
    }
    int rest = (int) ((1 << 16) - limited.stats().bytes());
    stored(limited, StorePut.of(leafOf(-2, rest), source), NOW);
    Refused result = refused(limited, StorePut.of(leafOf(-1, 969), -2), NOW);
    assertThat(result.reason()).isEqualTo(Refusal.STORE_FULL);
    assertThat(limited.closestTo(NodeId.ZERO, 1_000, NOW)).hasSize(source + 2);
    stored(limited, StorePut.of(leafOf(-1, 899), -2), NOW);
    assertThat(limited.get(leafOf(1, 490).key(), NOW)).isNull();
  }

  /** Returns a leaf that is so long as a whole. */
  private static Chunk leafOf(int number, int size) {
    return Items.leaf(number, size - 10, NOW + DAY);
  }

  @Test
  void put_itemLargerThanAllOfASource_cannotBe() {
    // The least limit of a source is above the longest item.
    assertThat(4_096).isGreaterThan(StoredItem.BYTES_MAX);
    stored(small(1 << 16, 9, 4_096), StorePut.of(Items.mutable(1, 1, NOW, 850), 1), NOW);
  }

  @Test
  void sequenceOf_evicted_isRememberedAndNothingOlderOrOtherComesBack() {
    RecordStore limited = small(1 << 16, 1, 1 << 16);
    MutableRecord gone = Items.mutable(1, 5);
    stored(limited, StorePut.of(gone, 1), NOW);
    stored(limited, StorePut.of(Items.mutable(2, 1), 1), NOW);
    assertThat(limited.get(gone.key(), NOW)).isNull();
    assertThat(limited.sequenceOf(gone.key(), NOW)).isEqualTo(5);
    assertThat(refused(limited, StorePut.of(Items.mutable(1, 4), 1), NOW))
        .isEqualTo(new Refused(Refusal.SEQUENCE_TOO_OLD, 5, null));
    assertThat(refused(limited, StorePut.of(Items.mutable(1, 5, NOW, 11), 1), NOW))
        .isEqualTo(new Refused(Refusal.SEQUENCE_CONFLICT, 5, null));
    assertThat(refused(limited, StorePut.of(Items.mutable(1, 6, NOW - 1, 1), 1), NOW).reason())
        .isEqualTo(Refusal.EXPIRY_FALLS);
    StorePut again = StorePut.of(Items.mutable(1, 7), 1);
    assertThat(refused(limited, again.withExpectedSequence(4), NOW).reason())
        .isEqualTo(Refusal.CAS_MISMATCH);
    assertThat(limited.check(again.withExpectedSequence(5), NOW)).isEqualTo(new Admissible(true));
    stored(limited, StorePut.of(gone, 1), NOW);
    assertThat(limited.stats().rememberedSequences()).isEqualTo(1);
  }

  @Test
  void rememberedSequences_overTheLimit_thoseOfTheLargestSourceGo() {
    RecordStore two = small(1 << 16, 2, 1 << 16);
    stored(two, StorePut.of(Items.mutable(100, 1), 7), NOW);
    stored(two, StorePut.of(Items.mutable(101, 1), 7), NOW);
    stored(two, StorePut.of(Items.mutable(1, 1), 1), NOW);
    for (int user = 2; user < 9; user++) {
      stored(two, StorePut.of(Items.mutable(user, 1), 1), NOW);
    }
    // One of source 7 had to go for source 1, whose own sequences then push out only each other.
    assertThat(two.sequenceOf(Items.mutable(100, 1).key(), NOW)).isEqualTo(1);
    assertThat(two.sequenceOf(Items.mutable(7, 1).key(), NOW)).isEqualTo(1);
    assertThat(two.sequenceOf(Items.mutable(6, 1).key(), NOW)).isZero();
    assertThat(two.stats().rememberedSequences()).isEqualTo(2);
    assertThat(two.stats().forgotten()).isEqualTo(6);
  }

  // The next life.

  @Test
  void restore_snapshot_isTheSameStateWithoutWhatEnded() {
    stored(Items.mutable(1, 5));
    stored(Items.leaf(1, 10, NOW + DAY));
    stored(Items.leaf(2, 10, NOW + 2 * DAY));
    RecordStore next = new RecordStore(StoreConfig.defaults());
    next.restore(store.snapshot(), NOW);
    assertThat(next.snapshot()).isEqualTo(store.snapshot());
    assertThat(next.stats()).isEqualTo(store.stats());
    RecordStore later = new RecordStore(StoreConfig.defaults());
    later.restore(store.snapshot(), NOW + DAY);
    assertThat(later.stats().items()).isEqualTo(2);
    RecordStore end = new RecordStore(StoreConfig.defaults());
    end.restore(store.snapshot(), NOW + 7 * DAY);
    assertThat(end.stats().items()).isZero();
    assertThat(end.sequenceOf(Items.mutable(1, 5).key(), NOW + 7 * DAY)).isEqualTo(5);
    assertThatThrownBy(() -> next.restore(List.of(), NOW))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void restore_lowerLimits_appliesThem() {
    for (int user = 0; user < 20; user++) {
      stored(store, StorePut.of(Items.mutable(user, 1), user % 2), NOW);
    }
    RecordStore less = small(1 << 16, 3, 1 << 16);
    less.restore(store.snapshot(), NOW);
    assertThat(less.stats().items()).isEqualTo(3);
    assertThat(less.stats().rememberedSequences()).isEqualTo(2);
  }

  @Test
  void restore_anyClock_ends() {
    stored(Items.mutable(1, 5));
    for (long now : new long[] {Long.MIN_VALUE, 0, Long.MAX_VALUE}) {
      RecordStore next = new RecordStore(StoreConfig.defaults());
      next.restore(store.snapshot(), now);
      assertThat(next.stats().items()).isEqualTo(now == Long.MAX_VALUE ? 0 : 1);
      RecordStore empty = new RecordStore(StoreConfig.defaults());
      empty.restore(List.of(), now);
      assertThat(empty.snapshot()).isEmpty();
    }
  }

  @Test
  void restore_noRoomForARecord_remembersItsSequence() {
    for (int user = 0; user < 20; user++) {
      stored(store, StorePut.of(Items.mutable(user, 3), user), NOW);
    }
    RecordStore less = new RecordStore(StoreConfig.defaults().withSpace(1 << 16, 5, 1 << 16, 100));
    less.restore(store.snapshot(), NOW);
    assertThat(less.stats())
        .isEqualTo(new RecordStore.Stats(5, less.stats().bytes(), 5, 15, 15, 0));
    for (int user = 0; user < 20; user++) {
      assertThat(less.sequenceOf(Items.mutable(user, 1).key(), NOW)).isEqualTo(3);
    }
  }

  @Test
  void restore_newerRecordIsTooBigNow_theOlderOneDoesNotComeBack() {
    MutableRecord older = Items.mutable(1, 5, NOW, 10);
    MutableRecord newer = Items.mutable(1, 6, NOW, 700);
    List<StoreChange> changes =
        List.of(
            new StoreChange.Put(older, older.key(), 1), new StoreChange.Put(newer, newer.key(), 1));
    RecordStore strict = new RecordStore(longest(newer.size() - 1));
    strict.restore(changes, NOW);
    assertThat(strict.get(older.key(), NOW)).isNull();
    assertThat(strict.sequenceOf(older.key(), NOW)).isEqualTo(6);
    assertThat(refused(strict, StorePut.of(older, 1), NOW).reason())
        .isEqualTo(Refusal.SEQUENCE_TOO_OLD);
  }

  // Places.

  @Test
  void nextPlace_walk_meetsEachPlaceOnceInOrder() {
    assertThat(store.nextPlace(null)).isNull();
    NodeId last = NodeId.of(-1, -1, -1);
    for (NodeId place : List.of(last, NodeId.ZERO, ELSEWHERE)) {
      for (int number = 0; number < 3; number++) {
        Chunk chunk = Items.leaf(place.hashCode() + number, 10, NOW + DAY + number);
        stored(store, StorePut.of(chunk, 1).withPlace(place), NOW);
      }
    }
    assertThat(store.nextPlace(null)).isEqualTo(NodeId.ZERO);
    assertThat(store.nextPlace(NodeId.ZERO)).isEqualTo(ELSEWHERE);
    assertThat(store.nextPlace(NodeId.of(0, 0, 1))).isEqualTo(ELSEWHERE);
    assertThat(store.nextPlace(ELSEWHERE)).isEqualTo(last);
    assertThat(store.nextPlace(last)).isNull();
    assertThat(Items.at(last, store, NOW))
        .hasSize(3)
        .isSortedAccordingTo(Comparator.comparing(held -> held.item().key()));
    assertThat(Items.at(last, store, NOW + DAY)).hasSize(2);
    assertThat(Items.at(NodeId.of(0, 0, 1), store, NOW)).isEmpty();
    store.pollExpired(NOW + DAY + 2, 9);
    assertThat(store.nextPlace(null)).isNull();
  }
}
