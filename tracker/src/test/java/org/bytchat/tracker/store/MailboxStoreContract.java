package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.tracker.store.StoreFixtures.ADA;
import static org.bytchat.tracker.store.StoreFixtures.BOB;
import static org.bytchat.tracker.store.StoreFixtures.LAPTOP;
import static org.bytchat.tracker.store.StoreFixtures.PHONE;
import static org.bytchat.tracker.store.StoreFixtures.acks;
import static org.bytchat.tracker.store.StoreFixtures.batch;
import static org.bytchat.tracker.store.StoreFixtures.bury;
import static org.bytchat.tracker.store.StoreFixtures.digest;
import static org.bytchat.tracker.store.StoreFixtures.envelope;
import static org.bytchat.tracker.store.StoreFixtures.mailbox;
import static org.bytchat.tracker.store.StoreFixtures.origin;
import static org.bytchat.tracker.store.StoreFixtures.put;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.StoreException.Reason;
import org.bytchat.tracker.store.StoredMailbox.Ack;
import org.bytchat.tracker.store.StoredMailbox.Confirmation;
import org.bytchat.tracker.store.StoredMailbox.Entry;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does. */
abstract class MailboxStoreContract {

  private MailboxStore store;

  abstract MailboxStore open() throws StoreException;

  @BeforeEach
  void openStore() throws StoreException {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void commit(Change... changes) throws StoreException {
    store.commit(List.of(changes));
  }

  private StoredMailbox load(NodeId mailbox) throws StoreException {
    return store.load(mailbox).orElseThrow();
  }

  private List<byte[]> envelopes(long... seeds) throws StoreException {
    return store.envelopes(ADA, Arrays.stream(seeds).mapToObj(StoreFixtures::digest).toList());
  }

  @Test
  void load_unknownMailbox_isEmpty() throws StoreException {
    assertThat(store.load(ADA)).isEmpty();
    assertThat(envelopes(1)).containsExactly((byte[]) null);
    assertThat(store.ackBatches(ADA, digest(1))).isEmpty();
    assertThat(store.stats())
        .usingRecursiveComparison()
        .ignoringFields("fileBytes")
        .isEqualTo(new StoreStats(0, 0, 0, 0, 0, 0));
  }

  @Test
  void putEnvelope_new_isKeptWithAllThatIsKnown() throws StoreException {
    Change.PutEnvelope first = put(ADA, 1, 10, 20_000);
    Change.PutEnvelope later = put(ADA, 6, 11, 30_000);
    commit(first, later);
    StoredMailbox found = load(ADA);
    assertThat(found.nextSequence()).isEqualTo(7);
    assertThat(found.entries())
        .usingRecursiveComparison()
        .isEqualTo(List.of(first.entry(), later.entry()));
    assertThat(first.entry().deliveryKey()).isNotNull();
    assertThat(later.entry().deliveryKey()).isNull();
    assertThat(envelopes(11, 12, 10)).containsExactly(envelope(11), null, envelope(10));
    assertThat(store.envelopes(BOB, List.of(digest(10)))).containsExactly((byte[]) null);
    assertThat(store.stats().envelopes()).isEqualTo(2);
    assertThat(store.stats().envelopeBytes()).isEqualTo(1_024);
  }

  @Test
  void origins_heldDeletedUnknown_areThoseOfWhatIsHeld() throws StoreException {
    commit(put(ADA, 1, 10, 20_000), put(ADA, 2, 11, 20_000), put(ADA, 3, 12, 20_000));
    commit(new Change.Delete(ADA, digest(11), 5));
    assertThat(store.origins(ADA, List.of(digest(12), digest(11), digest(10), digest(13))))
        .containsExactly(origin(12), null, origin(10), null);
    assertThat(origin(12)).isNull();
    assertThat(origin(10)).isNotNull();
    assertThat(store.origins(BOB, List.of(digest(10)))).containsExactly((Origin) null);
    commit(put(ADA, 4, 10, 30_000));
    assertThat(store.origins(ADA, List.of(digest(10)))).containsExactly(origin(10));
  }

  @Test
  void putEnvelope_sequenceNotAboveAllBefore_refused() throws StoreException {
    commit(put(ADA, 4, 10, 20_000));
    for (long sequence : new long[] {1, 4}) {
      assertThatThrownBy(() -> commit(put(ADA, sequence, 11, 20_000)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(ADA.toString());
    }
    assertThatThrownBy(() -> commit(bury(ADA, 4, 11, 20_000)))
        .isInstanceOf(IllegalArgumentException.class);
    commit(new Change.Forget(ADA, digest(10)));
    assertThatThrownBy(() -> commit(put(ADA, 4, 11, 20_000)))
        .isInstanceOf(IllegalArgumentException.class);
    commit(put(BOB, 1, 11, 20_000), put(ADA, 5, 11, 20_000));
    assertThat(load(ADA).nextSequence()).isEqualTo(6);
  }

  @Test
  void putEnvelope_digestThatIsThere_replacesEntryAndKeepsAcks() throws StoreException {
    commit(put(ADA, 1, 10, 20_000), put(ADA, 2, 11, 20_000), acks(ADA, PHONE, 1, 10));
    Change.PutEnvelope again = put(ADA, 3, 10, 40_000);
    commit(again);
    StoredMailbox found = load(ADA);
    assertThat(found.entries()).extracting(Entry::sequence).containsExactly(2L, 3L);
    assertThat(found.entries().get(1)).usingRecursiveComparison().isEqualTo(again.entry());
    assertThat(found.acks()).containsExactly(new Ack(digest(10), PHONE, 5_001));
    assertThat(store.ackBatches(ADA, digest(10))).containsExactly(batch(1));
    assertThat(envelopes(10)).containsExactly(envelope(10));
    assertThat(store.stats().envelopes()).isEqualTo(2);
    commit(bury(ADA, 4, 10, 40_000));
    assertThat(envelopes(10)).containsExactly((byte[]) null);
    assertThat(store.stats().envelopes()).isEqualTo(1);
    assertThat(store.stats().tombstones()).isEqualTo(1);
  }

  @Test
  void putTombstone_new_isRememberedWithoutBytes() throws StoreException {
    Change.PutTombstone tombstone = bury(ADA, 1, 10, 20_000);
    commit(tombstone);
    assertThat(load(ADA).entries())
        .usingRecursiveComparison()
        .isEqualTo(List.of(tombstone.entry()));
    assertThat(envelopes(10)).containsExactly((byte[]) null);
    assertThat(store.stats().tombstones()).isEqualTo(1);
    assertThat(store.stats().envelopes()).isZero();
    assertThat(store.expired(20_000, 0, 10)).containsExactly(ADA);
  }

  @Test
  void putAcks_sameDeviceTwice_firstCounts() throws StoreException {
    commit(put(ADA, 1, 10, 20_000), put(ADA, 2, 11, 20_000));
    commit(acks(ADA, PHONE, 1, 10));
    commit(acks(ADA, PHONE, 2, 10, 11), acks(ADA, LAPTOP, 3, 11));
    commit(acks(ADA, PHONE, 4, 10, 11));
    assertThat(load(ADA).acks())
        .containsExactlyInAnyOrder(
            new Ack(digest(10), PHONE, 5_001),
            new Ack(digest(11), PHONE, 5_002),
            new Ack(digest(11), LAPTOP, 5_003));
    assertThat(store.ackBatches(ADA, digest(10))).containsExactly(batch(1));
    assertThat(store.ackBatches(ADA, digest(11))).containsExactly(batch(2), batch(3));
    assertThat(store.stats().ackBatches()).isEqualTo(3);
  }

  @Test
  void putAcks_unknownEntryOrMailbox_changesNothing() throws StoreException {
    commit(acks(ADA, PHONE, 1, 10));
    assertThat(store.load(ADA)).isEmpty();
    commit(put(ADA, 1, 10, 20_000), acks(ADA, PHONE, 2, 99, 10), acks(ADA, LAPTOP, 3, 99));
    assertThat(load(ADA).acks()).containsExactly(new Ack(digest(10), PHONE, 5_002));
    assertThat(store.stats().ackBatches()).isEqualTo(1);
  }

  @Test
  void delete_held_keepsTombstoneAndAcksAndDropsBytes() throws StoreException {
    Change.PutEnvelope held = put(ADA, 1, 10, 20_000);
    commit(held, acks(ADA, PHONE, 1, 10));
    commit(new Change.Delete(ADA, digest(10), 9_000));
    commit(new Change.Delete(ADA, digest(10), 9_999), new Change.Delete(ADA, digest(99), 1));
    StoredMailbox found = load(ADA);
    assertThat(found.entries())
        .usingRecursiveComparison()
        .isEqualTo(List.of(StoreFixtures.tombstone(held.entry(), 9_000)));
    assertThat(found.acks()).hasSize(1);
    assertThat(store.ackBatches(ADA, digest(10))).containsExactly(batch(1));
    assertThat(envelopes(10)).containsExactly((byte[]) null);
    assertThat(store.stats())
        .usingRecursiveComparison()
        .ignoringFields("fileBytes")
        .isEqualTo(new StoreStats(1, 0, 0, 1, 1, 0));
  }

  @Test
  void forget_lastEntryOfABatch_dropsTheBatch() throws StoreException {
    commit(put(ADA, 1, 10, 20_000), put(ADA, 2, 11, 20_000));
    commit(acks(ADA, PHONE, 1, 10, 11));
    commit(new Change.Forget(ADA, digest(10)));
    assertThat(load(ADA).acks()).containsExactly(new Ack(digest(11), PHONE, 5_001));
    assertThat(store.ackBatches(ADA, digest(10))).isEmpty();
    assertThat(store.ackBatches(ADA, digest(11))).containsExactly(batch(1));
    assertThat(store.stats().ackBatches()).isEqualTo(1);
    commit(new Change.Delete(ADA, digest(11), 1), new Change.Forget(ADA, digest(11)));
    StoredMailbox found = load(ADA);
    assertThat(found.entries()).isEmpty();
    assertThat(found.acks()).isEmpty();
    assertThat(found.nextSequence()).isEqualTo(3);
    assertThat(store.stats())
        .usingRecursiveComparison()
        .ignoringFields("fileBytes")
        .isEqualTo(new StoreStats(1, 0, 0, 0, 0, 0));
  }

  @Test
  void parts_newerForm_replaces() throws StoreException {
    commit(
        new Change.PutPart(ADA, Part.FORK, batch(1)),
        new Change.PutPart(ADA, Part.DEVICES, batch(2)),
        new Change.PutPart(ADA, Part.DEVICES, batch(3)),
        new Change.PutPart(BOB, Part.OWNER, new byte[0]));
    assertThat(load(ADA).parts().keySet()).containsExactly(Part.DEVICES, Part.FORK);
    assertThat(load(ADA).parts().get(Part.DEVICES)).isEqualTo(batch(3));
    assertThat(load(BOB).parts().get(Part.OWNER)).isEmpty();
    assertThat(load(BOB).nextSequence()).isEqualTo(1);
  }

  @Test
  void confirmations_sameVersion_replacesAndListsByVersion() throws StoreException {
    commit(
        new Change.PutConfirmation(ADA, new Confirmation(2, 5, 50)),
        new Change.PutConfirmation(ADA, new Confirmation(1, 1, 10)),
        new Change.PutConfirmation(ADA, new Confirmation(2, 6, 60)));
    assertThat(load(ADA).confirmations())
        .containsExactly(new Confirmation(1, 1, 10), new Confirmation(2, 6, 60));
  }

  @Test
  void expired_severalMailboxes_oldestEndFirst() throws StoreException {
    NodeId third = mailbox(3);
    commit(put(ADA, 1, 10, 300), put(ADA, 2, 11, 200), put(BOB, 1, 10, 100));
    commit(put(third, 1, 10, 200), new Change.PutPart(mailbox(4), Part.OWNER, batch(1)));
    List<NodeId> tied = new ArrayList<>(List.of(ADA, third));
    tied.sort(null);
    assertThat(store.expired(99, 0, 10)).isEmpty();
    assertThat(store.expired(100, 0, 10)).containsExactly(BOB);
    assertThat(store.expired(999, 0, 10)).containsExactly(BOB, tied.get(0), tied.get(1));
    assertThat(store.expired(999, 0, 1)).containsExactly(BOB);
    commit(new Change.Forget(ADA, digest(11)), new Change.Forget(BOB, digest(10)));
    assertThat(store.expired(299, 0, 10)).containsExactly(third);
    assertThat(store.expired(300, 0, 10)).containsExactly(third, ADA);
    commit(put(ADA, 3, 10, 900));
    assertThat(store.expired(300, 0, 10)).containsExactly(third);
  }

  @Test
  void touch_knownOrUnknownMailbox_isKeptOfTheKnown() throws StoreException {
    commit(new Change.Touch(ADA, 500));
    assertThat(store.load(ADA)).isEmpty();
    commit(new Change.PutPart(ADA, Part.OWNER, batch(1)));
    assertThat(load(ADA).touchedMillis()).isZero();
    commit(new Change.Touch(ADA, 500));
    assertThat(load(ADA).touchedMillis()).isEqualTo(500);
    Change.PutEnvelope put = put(ADA, 1, 10, 20_000);
    commit(put);
    assertThat(load(ADA).touchedMillis()).isEqualTo(put.entry().acceptedMillis());
    commit(new Change.Touch(ADA, 9_000), bury(ADA, 2, 11, 20_000));
    assertThat(load(ADA).touchedMillis()).isEqualTo(9_000);
    commit(new Change.Touch(ADA, 700));
    assertThat(load(ADA).touchedMillis()).isEqualTo(700);
  }

  @Test
  void idle_mailboxesWithoutEntries_longestAgoFirst() throws StoreException {
    NodeId third = mailbox(3);
    for (NodeId mailbox : List.of(ADA, BOB, third)) {
      commit(new Change.PutPart(mailbox, Part.OWNER, batch(1)));
    }
    commit(new Change.Touch(ADA, 300), new Change.Touch(BOB, 100), new Change.Touch(third, 200));
    assertThat(store.idle(99, 0, 10)).isEmpty();
    assertThat(store.idle(200, 0, 10)).containsExactly(BOB, third);
    assertThat(store.idle(999, 1, 10)).containsExactly(third, ADA);
    assertThat(store.idle(999, 1, 1)).containsExactly(third);
    commit(put(BOB, 1, 10, 20_000), new Change.Touch(third, 400));
    assertThat(store.idle(9_999, 0, 10)).containsExactly(ADA, third);
    commit(new Change.Delete(BOB, digest(10), 5));
    assertThat(store.idle(9_999, 0, 10)).containsExactly(ADA, third);
    commit(new Change.Forget(BOB, digest(10)));
    assertThat(store.idle(9_999, 0, 10)).containsExactly(ADA, third, BOB);
  }

  @Test
  void end_nothingInIt_leavesNothingAndItBeginsAnew() throws StoreException {
    commit(
        new Change.PutPart(ADA, Part.DEVICES, batch(1)),
        new Change.PutConfirmation(ADA, new Confirmation(1, 1, 10)),
        new Change.PutPart(BOB, Part.DEVICES, batch(2)),
        put(ADA, 7, 10, 20_000),
        acks(ADA, PHONE, 1, 10));
    commit(new Change.Forget(ADA, digest(10)), new Change.End(ADA), new Change.End(mailbox(9)));
    assertThat(store.load(ADA)).isEmpty();
    assertThat(store.mailboxes(null, 10)).containsExactly(BOB);
    assertThat(store.idle(99_999, 0, 10)).containsExactly(BOB);
    assertThat(store.stats())
        .usingRecursiveComparison()
        .ignoringFields("fileBytes")
        .isEqualTo(new StoreStats(1, 0, 0, 0, 0, 0));
    commit(put(ADA, 1, 10, 20_000));
    StoredMailbox found = load(ADA);
    assertThat(found.parts()).isEmpty();
    assertThat(found.confirmations()).isEmpty();
    assertThat(found.acks()).isEmpty();
    assertThat(load(BOB).parts().get(Part.DEVICES)).isEqualTo(batch(2));
  }

  @Test
  void end_entryHeldOrRemembered_changesNothing() throws StoreException {
    commit(new Change.PutPart(ADA, Part.DEVICES, batch(1)), put(ADA, 1, 10, 20_000));
    commit(new Change.End(ADA));
    assertThat(load(ADA).parts()).hasSize(1);
    commit(new Change.Delete(ADA, digest(10), 5), new Change.End(ADA));
    assertThat(load(ADA).entries()).hasSize(1);
    assertThat(store.stats().mailboxes()).isEqualTo(1);
  }

  @Test
  void end_andBeginInOneCommit_isTheNewMailbox() throws StoreException {
    commit(new Change.PutPart(ADA, Part.DEVICES, batch(1)), put(ADA, 5, 10, 20_000));
    assertThatThrownBy(() -> commit(new Change.End(ADA), put(ADA, 1, 11, 20_000)))
        .isInstanceOf(IllegalArgumentException.class);
    commit(
        new Change.Forget(ADA, digest(10)),
        new Change.End(ADA),
        new Change.PutPart(ADA, Part.OWNER, batch(2)),
        put(ADA, 1, 11, 20_000));
    StoredMailbox found = load(ADA);
    assertThat(found.parts().keySet()).containsExactly(Part.OWNER);
    assertThat(found.entries()).extracting(Entry::digest).containsExactly(digest(11));
    assertThat(store.stats().mailboxes()).isEqualTo(1);
  }

  @Test
  void mailboxes_pages_giveEachOnceInOrder() throws StoreException {
    List<NodeId> all =
        IntStream.rangeClosed(1, 7).mapToObj(StoreFixtures::mailbox).sorted().toList();
    for (NodeId mailbox : all) {
      commit(new Change.PutPart(mailbox, Part.OWNER, batch(1)));
    }
    List<NodeId> paged = new ArrayList<>(store.mailboxes(null, 3));
    assertThat(paged).hasSize(3);
    paged.addAll(store.mailboxes(paged.get(2), 3));
    paged.addAll(store.mailboxes(paged.get(5), 3));
    assertThat(paged).isEqualTo(all);
    assertThat(store.mailboxes(all.get(6), 3)).isEmpty();
  }

  @Test
  void commit_lastChangeImpossible_leavesNothing() throws StoreException {
    commit(put(ADA, 1, 10, 20_000), acks(ADA, PHONE, 1, 10));
    StoreStats before = store.stats();
    List<Change> impossible =
        List.of(
            put(ADA, 2, 11, 10_000),
            put(BOB, 1, 12, 10_000),
            acks(ADA, LAPTOP, 2, 10, 11),
            new Change.Delete(ADA, digest(10), 5),
            new Change.Forget(ADA, digest(10)),
            new Change.PutPart(ADA, Part.OWNER, batch(1)),
            put(ADA, 2, 13, 20_000));
    assertThatThrownBy(() -> store.commit(impossible)).isInstanceOf(IllegalArgumentException.class);
    StoredMailbox found = load(ADA);
    assertThat(found.nextSequence()).isEqualTo(2);
    assertThat(found.entries()).extracting(Entry::digest).containsExactly(digest(10));
    assertThat(found.acks()).containsExactly(new Ack(digest(10), PHONE, 5_001));
    assertThat(found.parts()).isEmpty();
    assertThat(store.load(BOB)).isEmpty();
    assertThat(envelopes(10, 11)).containsExactly(envelope(10), null);
    assertThat(store.expired(10_000, 0, 10)).isEmpty();
    assertThat(store.stats())
        .usingRecursiveComparison()
        .ignoringFields("fileBytes")
        .isEqualTo(before);
    commit(put(ADA, 2, 11, 10_000));
    assertThat(load(ADA).entries()).hasSize(2);
  }

  @Test
  void closed_everyCall_saysSo() throws StoreException {
    store.close();
    store.close();
    assertThatThrownBy(() -> store.load(ADA)).satisfies(MailboxStoreContract::saysClosed);
    assertThatThrownBy(() -> commit(put(ADA, 1, 10, 1)))
        .satisfies(MailboxStoreContract::saysClosed);
    assertThatThrownBy(() -> store.stats()).satisfies(MailboxStoreContract::saysClosed);
  }

  private static void saysClosed(Throwable thrown) {
    assertThat(thrown).isInstanceOf(StoreException.class);
    assertThat(((StoreException) thrown).reason()).isEqualTo(Reason.CLOSED);
  }
}
