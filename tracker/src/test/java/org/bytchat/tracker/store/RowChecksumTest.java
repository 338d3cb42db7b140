package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.tracker.store.StoreFixtures.ADA;
import static org.bytchat.tracker.store.StoreFixtures.BOB;
import static org.bytchat.tracker.store.StoreFixtures.PHONE;
import static org.bytchat.tracker.store.StoreFixtures.acks;
import static org.bytchat.tracker.store.StoreFixtures.digest;
import static org.bytchat.tracker.store.StoreFixtures.envelope;
import static org.bytchat.tracker.store.StoreFixtures.put;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.store.SqliteStore.CheckReport;
import org.bytchat.tracker.store.SqliteStore.Options;
import org.bytchat.tracker.store.SqliteStore.RepairReport;
import org.bytchat.tracker.store.StoreException.Reason;
import org.bytchat.tracker.store.StoredMailbox.Entry;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bits that change in what no other check covers are noticed, and named. */
class RowChecksumTest {

  @TempDir Path folder;

  private SqliteStore open() throws StoreException {
    return SqliteStore.open(folder, Options.defaults());
  }

  @BeforeEach
  void fill() throws StoreException {
    try (SqliteStore store = open()) {
      store.commit(
          List.of(
              new Change.PutPart(ADA, Part.OWNER, new byte[] {1}),
              put(ADA, 1, 10, 20_000),
              put(ADA, 2, 11, 30_000),
              put(ADA, 3, 12, 40_000),
              put(BOB, 1, 10, 20_000),
              put(BOB, 2, 13, 20_000),
              acks(ADA, PHONE, 1, 10, 11)));
      store.commit(List.of(new Change.Delete(ADA, digest(12), 9_000)));
      store.commit(List.of(new Change.Touch(ADA, 50_000)));
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = Sqlite.writer(folder.resolve("mailboxes.sqlite"));
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }

  private void assertDamaged(NodeId mailbox, String what) throws StoreException {
    try (SqliteStore store = open()) {
      assertThatThrownBy(() -> store.load(mailbox))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED))
          .hasMessageContaining(mailbox.toString())
          .hasMessageContaining(what);
    }
    CheckReport report = SqliteStore.check(folder);
    assertThat(report.problems())
        .anySatisfy(problem -> assertThat(problem).contains(mailbox.toString()).contains(what));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sequence = 66",
        "accepted_millis = accepted_millis + 1024",
        "expires_millis = expires_millis + 1048576",
        "size_bytes = 513",
        "delivery_key = x'00'",
        "deleted_millis = 1",
        "envelope = NULL",
        "envelope = 1",
        "checksum = checksum + 1"
      })
  void load_columnOfAnEntryChanged_isDamagedAndNamed(String change) throws Exception {
    execute("UPDATE entry SET " + change + " WHERE mailbox = 1 AND sequence = 2");
    assertDamaged(ADA, digest(11).toString());
    try (SqliteStore store = open()) {
      assertThat(store.load(BOB).orElseThrow().entries()).hasSize(2);
    }
  }

  @Test
  void load_deliveryKeyGone_isDamaged() throws Exception {
    execute("UPDATE entry SET delivery_key = NULL WHERE mailbox = 1 AND sequence = 1");
    assertDamaged(ADA, digest(10).toString());
  }

  @Test
  void load_tombstoneHeldAgain_isDamaged() throws Exception {
    execute("UPDATE entry SET deleted_millis = 0 WHERE mailbox = 1 AND sequence = 3");
    assertDamaged(ADA, digest(12).toString());
  }

  @Test
  void load_entryInAnotherMailbox_isDamaged() throws Exception {
    execute("UPDATE entry SET mailbox = 1 WHERE mailbox = 2 AND sequence = 2");
    assertDamaged(ADA, digest(13).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "next_sequence = 3",
        "first_expires_millis = 20001",
        "first_expires_millis = NULL",
        "touched_millis = 0"
      })
  void load_columnOfAMailboxChanged_isDamagedAndNamed(String change) throws Exception {
    execute("UPDATE mailbox SET " + change + " WHERE id = 1");
    assertDamaged(ADA, "the row of mailbox");
  }

  @Test
  void change_ofADamagedRow_doesNotMakeItGood() throws Exception {
    execute("UPDATE entry SET accepted_millis = 7 WHERE mailbox = 1 AND sequence = 2");
    execute("UPDATE mailbox SET next_sequence = 9 WHERE id = 2");
    try (SqliteStore store = open()) {
      store.commit(List.of(new Change.Delete(ADA, digest(11), 5), new Change.Touch(BOB, 8)));
    }
    assertDamaged(ADA, digest(11).toString());
    assertDamaged(BOB, "the row of mailbox");
  }

  @Test
  void repair_damagedEntries_areLeftOutAndCounted() throws Exception {
    execute("UPDATE entry SET expires_millis = 1 WHERE mailbox = 1 AND sequence = 2");
    RepairReport report = SqliteStore.repair(folder);
    assertThat(report.damaged()).isNotNull();
    assertThat(report.lostEnvelopes()).isEqualTo(1);
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
    try (SqliteStore store = open()) {
      StoredMailbox found = store.load(ADA).orElseThrow();
      assertThat(found.entries()).extracting(Entry::sequence).containsExactly(1L, 3L);
      assertThat(found.touchedMillis()).isEqualTo(50_000);
      assertThat(found.nextSequence()).isEqualTo(4);
      assertThat(store.envelopes(ADA, List.of(digest(10)))).containsExactly(envelope(10));
    }
  }

  @Test
  void repair_damagedMailboxRow_givesNoSequenceAgain() throws Exception {
    execute("UPDATE mailbox SET next_sequence = 2 WHERE id = 1");
    assertThat(SqliteStore.repair(folder).lostEnvelopes()).isZero();
    try (SqliteStore store = open()) {
      StoredMailbox found = store.load(ADA).orElseThrow();
      assertThat(found.entries()).hasSize(3);
      assertThat(found.nextSequence()).isGreaterThan(4);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }

  @Test
  void repair_version2_takesRowsWithoutChecksums() throws Exception {
    for (String sql :
        List.of(
            "DROP INDEX mailbox_by_touch",
            "ALTER TABLE mailbox DROP COLUMN touched_millis",
            "ALTER TABLE mailbox DROP COLUMN checksum",
            "ALTER TABLE entry DROP COLUMN checksum",
            "UPDATE total SET envelopes = 77",
            "PRAGMA user_version = 2")) {
      try (Connection connection = Sqlite.writer(folder.resolve("mailboxes.sqlite"));
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
    assertThat(SqliteStore.repair(folder).kept().envelopes()).isEqualTo(4);
    try (SqliteStore store = open()) {
      StoredMailbox found = store.load(ADA).orElseThrow();
      assertThat(found.entries()).hasSize(3);
      assertThat(found.nextSequence()).isEqualTo(4);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }
}
