package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.tracker.store.StoreFixtures.PHONE;
import static org.bytchat.tracker.store.StoreFixtures.acks;
import static org.bytchat.tracker.store.StoreFixtures.batch;
import static org.bytchat.tracker.store.StoreFixtures.digest;
import static org.bytchat.tracker.store.StoreFixtures.envelope;
import static org.bytchat.tracker.store.StoreFixtures.mailbox;
import static org.bytchat.tracker.store.StoreFixtures.put;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.store.SqliteStore.CheckReport;
import org.bytchat.tracker.store.SqliteStore.Options;
import org.bytchat.tracker.store.SqliteStore.RepairReport;
import org.bytchat.tracker.store.StoreException.Reason;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged database is named, never used nor emptied, and repaired as far as it can be read. */
class SqliteDamageTest {

  private static final int MAILBOXES = 60;
  private static final int ENVELOPES_EACH = 8;

  /** The pages before this one are the roots of tables and indexes. */
  private static final int ROOTS = 13;

  private static final int ENVELOPES = MAILBOXES * ENVELOPES_EACH;

  @TempDir Path folder;

  private Path database() {
    return folder.resolve("mailboxes.sqlite");
  }

  private SqliteStore open() throws StoreException {
    return SqliteStore.open(folder, Options.defaults());
  }

  private static long seed(int mailbox, int sequence) {
    return mailbox * 100L + sequence;
  }

  @BeforeEach
  void fill() throws StoreException {
    try (SqliteStore store = open()) {
      for (int i = 1; i <= MAILBOXES; i++) {
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.PutPart(mailbox(i), Part.OWNER, batch(i)));
        for (int j = 1; j <= ENVELOPES_EACH; j++) {
          changes.add(put(mailbox(i), j, seed(i, j), 20_000));
        }
        changes.add(acks(mailbox(i), PHONE, i, seed(i, 1), seed(i, 2)));
        changes.add(new Change.Delete(mailbox(i), digest(seed(i, 1)), 7));
        changes.add(new Change.Touch(mailbox(i), 50_000 + i));
        store.commit(changes);
      }
    }
  }

  private void overwrite(long offset, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(database(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  private void assertNamedAndUntouched() throws IOException {
    byte[] before = Files.readAllBytes(database());
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.DAMAGED))
        .hasMessageContaining(database().toString());
    assertThat(Files.readAllBytes(database())).isEqualTo(before);
  }

  private int offsetOf(byte[] bytes) throws IOException {
    byte[] file = Files.readAllBytes(database());
    for (int i = 0; i + bytes.length <= file.length; i++) {
      if (Arrays.equals(file, i, i + bytes.length, bytes, 0, bytes.length)) {
        return i;
      }
    }
    throw new AssertionError("not in the file");
  }

  @Test
  void open_notADatabase_isNamedAndLeft() throws IOException {
    for (byte[] other :
        List.of(
            new byte[0],
            "Dear diary,\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII),
            new byte[100_000])) {
      Files.write(database(), other);
      assertNamedAndUntouched();
    }
  }

  @Test
  void open_truncated_isNamedAndLeft() throws IOException {
    for (int share = 3; share > 0; share--) {
      try (FileChannel channel = FileChannel.open(database(), StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(database()) * share / 4);
      }
      assertNamedAndUntouched();
    }
  }

  @SeededTest(runs = 4)
  void open_pagesOverwritten_isNamedAndRepairKeepsTheRest(long seed) throws Exception {
    Random random = Seeds.random(seed);
    int pages = (int) (Files.size(database()) / Sqlite.PAGE_BYTES);
    int bad = ROOTS + random.nextInt(pages - ROOTS);
    byte[] garbage = new byte[Sqlite.PAGE_BYTES];
    random.nextBytes(garbage);
    overwrite((long) bad * Sqlite.PAGE_BYTES, garbage);
    assertNamedAndUntouched();
    assertThat(SqliteStore.check(folder).isSound()).isFalse();
    byte[] damaged = Files.readAllBytes(database());
    RepairReport report = SqliteStore.repair(folder);
    assertThat(report.damaged()).isEqualTo(aside(1)).hasBinaryContent(damaged);
    assertSalvaged(report);
  }

  private Path aside(int number) throws IOException {
    return folder.toRealPath().resolve("mailboxes.sqlite.damaged-" + number);
  }

  /** What is there is right; what is not, the report says. */
  private void assertSalvaged(RepairReport report) throws StoreException {
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
    int held = 0;
    try (SqliteStore store = open()) {
      for (int i = 1; i <= MAILBOXES; i++) {
        NodeId mailbox = mailbox(i);
        StoredMailbox found = store.load(mailbox).orElse(null);
        if (found == null) {
          continue;
        }
        assertThat(found.nextSequence()).isGreaterThan(ENVELOPES_EACH);
        for (StoredMailbox.Entry entry : found.entries()) {
          long seed = seed(i, (int) entry.sequence());
          assertThat(entry.digest()).isEqualTo(digest(seed));
          if (!entry.isDeleted()) {
            held++;
            assertThat(store.envelopes(mailbox, List.of(entry.digest())))
                .containsExactly(envelope(seed));
          }
        }
      }
      assertThat(store.stats().envelopes()).isEqualTo(held);
    }
    assertThat(report.kept().envelopes()).isEqualTo(held);
    assertThat(held).as("a page has a few of them").isGreaterThan(ENVELOPES / 3);
    if (report.before() != null) {
      assertThat(report.lostEnvelopes()).isEqualTo(ENVELOPES - MAILBOXES - held);
    }
  }

  @Test
  void repair_firstPageLost_keepsEverything() throws Exception {
    overwrite(0, new byte[Sqlite.PAGE_BYTES]);
    assertNamedAndUntouched();
    RepairReport report = SqliteStore.repair(folder);
    assertThat(report.lostEnvelopes()).isZero();
    assertThat(report.lostMailboxes()).isZero();
    assertThat(report.kept().tombstones()).isEqualTo(MAILBOXES);
    assertThat(report.kept().ackBatches()).isEqualTo(MAILBOXES);
    assertSalvaged(report);
    try (SqliteStore store = open()) {
      assertThat(store.load(mailbox(5)).orElseThrow().parts().get(Part.OWNER)).isEqualTo(batch(5));
      assertThat(store.load(mailbox(5)).orElseThrow().acks()).hasSize(2);
      assertThat(store.load(mailbox(5)).orElseThrow().touchedMillis()).isEqualTo(50_005);
      assertThat(store.ackBatches(mailbox(5), digest(seed(5, 2)))).containsExactly(batch(5));
      assertThat(store.load(mailbox(5)).orElseThrow().nextSequence()).isEqualTo(ENVELOPES_EACH + 1);
    }
  }

  @Test
  void repair_rootOfATableLost_keepsTheOthersAndSaysWhatIsLost() throws Exception {
    int envelopeRoot = 5;
    overwrite((envelopeRoot - 1L) * Sqlite.PAGE_BYTES, new byte[Sqlite.PAGE_BYTES]);
    assertNamedAndUntouched();
    RepairReport report = SqliteStore.repair(folder);
    assertThat(report.lostEnvelopes()).isEqualTo(ENVELOPES - MAILBOXES);
    assertThat(report.lostMailboxes()).isZero();
    assertThat(report.kept().tombstones()).isEqualTo(MAILBOXES);
    try (SqliteStore store = open()) {
      StoredMailbox found = store.load(mailbox(5)).orElseThrow();
      assertThat(found.parts().get(Part.OWNER)).isEqualTo(batch(5));
      assertThat(found.nextSequence()).isEqualTo(ENVELOPES_EACH + 1);
    }
  }

  @Test
  void repair_backupWithFirstPageLost_keepsEverything() throws Exception {
    Path copy = folder.resolve("copy");
    SqliteStore.backup(folder, copy);
    try (FileChannel channel =
        FileChannel.open(copy.resolve("mailboxes.sqlite"), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(Sqlite.PAGE_BYTES), 0);
    }
    assertThat(SqliteStore.repair(copy).lostEnvelopes()).isZero();
  }

  @Test
  void repair_noDatabaseAtAll_movesItAsideAndSaysThatNothingIsKnown() throws Exception {
    Files.writeString(database(), "Dear diary");
    RepairReport report = SqliteStore.repair(folder);
    assertThat(report.kept().envelopes()).isZero();
    assertThat(report.lostEnvelopes()).isEqualTo(-1);
    assertThat(report.damaged()).isEqualTo(aside(1)).hasContent("Dear diary");
    Files.writeString(database(), "Dear diary, again");
    assertThat(SqliteStore.repair(folder).damaged())
        .isEqualTo(aside(2))
        .hasContent("Dear diary, again");
    assertThat(aside(1)).hasContent("Dear diary");
    try (SqliteStore store = open()) {
      assertThat(store.stats().mailboxes()).isZero();
    }
  }

  @Test
  void repair_sound_doesNothing() throws Exception {
    byte[] before = Files.readAllBytes(database());
    RepairReport report = SqliteStore.repair(folder);
    assertThat(report.damaged()).isNull();
    assertThat(report.lostEnvelopes()).isZero();
    assertThat(Files.readAllBytes(database())).isEqualTo(before);
  }

  @Test
  void envelopes_bytesChanged_isDamagedAndNeverServed() throws Exception {
    NodeId mailbox = mailbox(9);
    overwrite(offsetOf(envelope(seed(9, 4))) + 100, new byte[] {1, 2, 3, 4, 5});
    try (SqliteStore store = open()) {
      assertThatThrownBy(
              () -> store.envelopes(mailbox, List.of(digest(seed(9, 3)), digest(seed(9, 4)))))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED))
          .hasMessageContaining(mailbox.toString())
          .hasMessageContaining(digest(seed(9, 4)).toString());
      assertThat(store.envelopes(mailbox, List.of(digest(seed(9, 3)))))
          .containsExactly(envelope(seed(9, 3)));
    }
    CheckReport check = SqliteStore.check(folder);
    assertThat(check.problemCount()).isEqualTo(1);
    assertThat(check.problems().get(0)).contains(digest(seed(9, 4)).toString());
    RepairReport report = SqliteStore.repair(folder);
    assertThat(report.lostEnvelopes()).isEqualTo(1);
    assertThat(report.lostMailboxes()).isZero();
    assertSalvaged(report);
    try (SqliteStore store = open()) {
      store.commit(List.of(put(mailbox, ENVELOPES_EACH + 1, seed(9, 4), 20_000)));
    }
  }

  @Test
  void check_sound_countsWhatIsThere() throws Exception {
    CheckReport report = SqliteStore.check(folder);
    assertThat(report.problems()).isEmpty();
    assertThat(report.isSound()).isTrue();
    assertThat(report.totals().mailboxes()).isEqualTo(MAILBOXES);
    assertThat(report.totals().envelopes()).isEqualTo(ENVELOPES - MAILBOXES);
    assertThat(report.totals().tombstones()).isEqualTo(MAILBOXES);
    assertThat(report.totals().ackBatches()).isEqualTo(MAILBOXES);
  }
}
