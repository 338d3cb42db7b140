package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.bytchat.tracker.store.StoreFixtures.ADA;
import static org.bytchat.tracker.store.StoreFixtures.BOB;
import static org.bytchat.tracker.store.StoreFixtures.digest;
import static org.bytchat.tracker.store.StoreFixtures.envelope;
import static org.bytchat.tracker.store.StoreFixtures.mailbox;
import static org.bytchat.tracker.store.StoreFixtures.origin;
import static org.bytchat.tracker.store.StoreFixtures.put;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.SqliteStore.Options;
import org.bytchat.tracker.store.StoreException.Reason;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest {

  private static final Options SMALL = new Options(1, 60);

  @TempDir Path folder;

  private Path database() {
    return folder.resolve("mailboxes.sqlite");
  }

  private SqliteStore open() throws StoreException {
    return SqliteStore.open(folder, Options.defaults());
  }

  private static void assertFails(Reason reason, String text, ThrowingRunnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
        .hasMessageContaining(text);
  }

  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  @Test
  void open_again_hasWhatWasCommitted() throws Exception {
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 10, 20_000), put(BOB, 3, 11, 10_000)));
      assertThat(store.stats().fileBytes()).isPositive();
    }
    assertThat(folder.resolve("mailboxes.sqlite-wal")).doesNotExist();
    try (SqliteStore store = open()) {
      assertThat(store.load(BOB).orElseThrow().nextSequence()).isEqualTo(4);
      assertThat(store.envelopes(ADA, List.of(digest(10)))).containsExactly(envelope(10));
      assertThat(store.stats().envelopes()).isEqualTo(2);
      store.commit(List.of(put(ADA, 2, 12, 20_000)));
    }
    try (SqliteStore store = open()) {
      assertThat(store.stats().envelopes()).isEqualTo(3);
    }
  }

  @Test
  void open_new_isForItsOwnerAlone() throws Exception {
    open().close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(database())))
        .isEqualTo("rw-------");
  }

  @Test
  void open_folderNamedLikeAUri_isThatFolder() throws Exception {
    Path odd = folder.resolve("a b?mode=memory#%41");
    try (SqliteStore store = SqliteStore.open(odd, Options.defaults())) {
      store.commit(List.of(put(ADA, 1, 10, 20_000)));
    }
    assertThat(odd.resolve("mailboxes.sqlite")).isNotEmptyFile();
    try (SqliteStore store = SqliteStore.open(odd, Options.defaults())) {
      assertThat(store.load(ADA)).isPresent();
    }
  }

  @Test
  void open_whileAnotherHasIt_isInUse() throws Exception {
    try (SqliteStore store = open()) {
      assertFails(Reason.IN_USE, folder.toString(), this::open);
      assertFails(Reason.IN_USE, folder.toString(), () -> SqliteStore.repair(folder));
      store.commit(List.of(put(ADA, 1, 10, 20_000)));
    }
    open().close();
  }

  @Test
  void open_laterVersion_refusedAndLeftAsItIs() throws Exception {
    SqliteSchema later =
        SqliteSchema.CURRENT.with(List.of("CREATE TABLE later (id INTEGER PRIMARY KEY)"));
    SqliteStore.open(folder, Options.defaults(), later).close();
    byte[] before = Files.readAllBytes(database());
    assertFails(Reason.NEWER, "version: " + later.version(), this::open);
    assertFails(Reason.NEWER, database().toString(), () -> SqliteStore.repair(folder));
    assertThat(Files.readAllBytes(database())).isEqualTo(before);
  }

  @Test
  void open_earlierVersion_isMigratedStepByStep() throws Exception {
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 10, 20_000)));
    }
    SqliteSchema later =
        SqliteSchema.CURRENT
            .with(List.of("CREATE TABLE later (id INTEGER PRIMARY KEY)"))
            .with(List.of("INSERT INTO later SELECT id + 40 FROM mailbox"));
    try (SqliteStore store = SqliteStore.open(folder, Options.defaults(), later)) {
      assertThat(store.envelopes(ADA, List.of(digest(10)))).containsExactly(envelope(10));
    }
    try (Connection connection = Sqlite.reader(database())) {
      assertThat(SqliteSchema.pragma(connection, "user_version")).isEqualTo(later.version());
    }
  }

  @Test
  void open_version1_isMigratedAndItsEnvelopesHaveNoOrigin() throws Exception {
    SqliteSchema first = new SqliteSchema(SqliteSchema.CURRENT.steps().subList(0, 1));
    Files.createFile(database());
    try (Connection connection = Sqlite.writer(database())) {
      first.migrate(connection, 0);
      fillVersion1(connection);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
    try (SqliteStore store = open()) {
      assertThat(store.envelopes(ADA, List.of(digest(10)))).containsExactly(envelope(10));
      assertThat(store.origins(ADA, List.of(digest(10)))).containsExactly((Origin) null);
      store.commit(List.of(put(ADA, 2, 11, 20_000)));
      assertThat(store.origins(ADA, List.of(digest(11)))).containsExactly(origin(11));
      assertThat(store.stats().envelopes()).isEqualTo(2);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }

  @Test
  void open_version2_isMigratedAndWhenItsMailboxesWereUsedIsNotKnown() throws Exception {
    Files.createFile(database());
    try (Connection connection = Sqlite.writer(database());
        Statement statement = connection.createStatement()) {
      new SqliteSchema(SqliteSchema.CURRENT.steps().subList(0, 2)).migrate(connection, 0);
      statement.execute(
          "INSERT INTO mailbox VALUES (7, x'%s', 1, NULL)"
              .formatted(HexFormat.of().formatHex(ADA.toBytes())));
      statement.execute("UPDATE total SET mailboxes = 1");
    }
    try (SqliteStore store = open()) {
      assertThat(store.load(ADA).orElseThrow().touchedMillis()).isZero();
      assertThat(store.idle(0, 0, 10)).containsExactly(ADA);
      // Its number is above that of mailboxes, as when others have ended.
      store.commit(List.of(put(BOB, 1, 10, 20_000), put(ADA, 1, 11, 20_000)));
      assertThat(store.load(BOB).orElseThrow().entries()).hasSize(1);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }

  @Test
  void open_version2_rowsGetChecksumsWhenTheyAreWritten() throws Exception {
    Files.createFile(database());
    try (Connection connection = Sqlite.writer(database())) {
      new SqliteSchema(SqliteSchema.CURRENT.steps().subList(0, 1)).migrate(connection, 0);
      fillVersion1(connection);
      new SqliteSchema(SqliteSchema.CURRENT.steps().subList(0, 2)).migrate(connection, 1);
    }
    try (SqliteStore store = open()) {
      assertThat(store.load(ADA).orElseThrow().entries()).hasSize(1);
      store.commit(List.of(new Change.Delete(ADA, digest(10), 5), put(ADA, 2, 11, 20_000)));
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
    execute("UPDATE entry SET deleted_millis = deleted_millis + 1 WHERE deleted_millis > 0");
    try (SqliteStore store = open()) {
      assertFails(Reason.DAMAGED, "entry " + digest(10), () -> store.load(ADA));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = Sqlite.writer(database());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void end_mailboxes_numbersAreGivenAgainToNewOnes() throws Exception {
    Change part = new Change.PutPart(ADA, Part.DEVICES, new byte[] {1});
    try (SqliteStore store = open()) {
      store.commit(List.of(part, new Change.PutPart(BOB, Part.DEVICES, new byte[] {2})));
      store.commit(List.of(new Change.End(ADA)));
      store.commit(List.of(new Change.PutPart(mailbox(3), Part.FORK, new byte[] {3})));
      store.commit(List.of(new Change.End(mailbox(3))));
    }
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 10, 20_000), put(mailbox(4), 1, 11, 20_000)));
      assertThat(store.load(ADA).orElseThrow().parts()).isEmpty();
      assertThat(store.load(mailbox(4)).orElseThrow().parts()).isEmpty();
      assertThat(store.load(BOB).orElseThrow().parts()).hasSize(1);
      assertThat(store.stats().mailboxes()).isEqualTo(3);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }

  private static void fillVersion1(Connection connection) throws SQLException {
    try (PreparedStatement mailbox =
            connection.prepareStatement("INSERT INTO mailbox VALUES (1, ?, 2, 20000)");
        PreparedStatement entry =
            connection.prepareStatement(
                "INSERT INTO entry VALUES (1, ?, 1, 1001, 20000, 512, NULL, 0, 1)");
        PreparedStatement envelope =
            connection.prepareStatement("INSERT INTO envelope VALUES (1, ?)");
        Statement total = connection.createStatement()) {
      mailbox.setBytes(1, ADA.toBytes());
      mailbox.executeUpdate();
      entry.setBytes(1, digest(10).toBytes());
      entry.executeUpdate();
      envelope.setBytes(1, envelope(10));
      envelope.executeUpdate();
      total.execute("UPDATE total SET mailboxes = 1, envelopes = 1, envelope_bytes = 512");
    }
  }

  @Test
  void backup_withOrigins_hasThem() throws Exception {
    Path target = folder.resolve("copy");
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 10, 20_000), new Change.Touch(ADA, 4_000)));
      store.backup(target);
    }
    try (SqliteStore copy = SqliteStore.open(target, Options.defaults())) {
      assertThat(copy.load(ADA).orElseThrow().touchedMillis()).isEqualTo(4_000);
      assertThat(copy.origins(ADA, List.of(digest(10)))).containsExactly(origin(10));
    }
  }

  @Test
  void check_originThatIsNone_isNamed() throws Exception {
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 10, 20_000)));
    }
    try (Connection connection = Sqlite.writer(database());
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE envelope SET origin = x'0102'");
    }
    assertThat(SqliteStore.check(folder).problems())
        .singleElement(as(STRING))
        .contains("what let envelope " + digest(10));
  }

  @Test
  void open_migrationThatFails_leavesTheEarlierVersion() throws Exception {
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 10, 20_000)));
    }
    SqliteSchema broken =
        SqliteSchema.CURRENT
            .with(List.of("DROP TABLE envelope"))
            .with(List.of("INSERT INTO nowhere VALUES (1)"));
    assertFails(Reason.IO, "nowhere", () -> SqliteStore.open(folder, Options.defaults(), broken));
    try (SqliteStore store = open()) {
      assertThat(store.envelopes(ADA, List.of(digest(10)))).containsExactly(envelope(10));
    }
  }

  @Test
  void open_afterAnUncleanEnd_checksAndGoesOn() throws Exception {
    SqliteStore store = open();
    store.commit(List.of(put(ADA, 1, 10, 20_000)));
    Path copy = Files.createDirectory(folder.resolve("copy"));
    for (String suffix : List.of("", "-wal")) {
      String name = "mailboxes.sqlite" + suffix;
      Files.copy(folder.resolve(name), copy.resolve(name));
    }
    store.close();
    try (SqliteStore survivor = SqliteStore.open(copy, Options.defaults())) {
      assertThat(survivor.envelopes(ADA, List.of(digest(10)))).containsExactly(envelope(10));
      assertThat(survivor.stats().envelopes()).isEqualTo(1);
    }
  }

  @Test
  void open_databaseGoneAndItsLogThere_isDamaged() throws Exception {
    Files.writeString(folder.resolve("mailboxes.sqlite-wal"), "something");
    assertFails(Reason.DAMAGED, "missing", this::open);
    assertThat(database()).doesNotExist();
  }

  @Test
  void open_halfMadeDatabaseOfACrash_isMadeAnew() throws Exception {
    Files.writeString(folder.resolve("mailboxes.sqlite.new"), "half");
    try (SqliteStore store = open()) {
      assertThat(store.stats().mailboxes()).isZero();
    }
  }

  @Test
  void open_repairInterruptedBeforeTheSwap_isFinished() throws Exception {
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 10, 20_000)));
    }
    Files.move(database(), folder.resolve("mailboxes.sqlite.repaired"));
    Files.writeString(database(), "damaged");
    try (SqliteStore store = open()) {
      assertThat(store.load(ADA)).isPresent();
    }
    assertThat(folder.resolve("mailboxes.sqlite.damaged-1")).hasContent("damaged");
  }

  @Test
  void commit_diskFull_failsWholeAndRecovers() throws Exception {
    long kept = 0;
    try (SqliteStore store = SqliteStore.open(folder, SMALL)) {
      boolean full = false;
      while (!full) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          changes.add(put(ADA, kept + i + 1, kept + i, 20_000));
        }
        try {
          store.commit(changes);
          kept += changes.size();
        } catch (StoreException e) {
          assertThat(e.reason()).isEqualTo(Reason.FULL);
          assertThat(e).hasMessageContaining(database().toString());
          full = true;
        }
      }
      assertThat(kept).isGreaterThan(10);
      assertThat(store.load(ADA).orElseThrow().entries()).hasSize((int) kept);
      assertThat(store.stats().envelopes()).isEqualTo(kept);
      List<Change> deletions = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        deletions.add(new Change.Delete(ADA, digest(i), 5));
      }
      store.commit(deletions);
      store.commit(List.of(put(ADA, kept + 1, 5_000, 20_000)));
      assertThat(store.envelopes(ADA, List.of(digest(5_000)))).containsExactly(envelope(5_000));
    }
    try (SqliteStore store = open()) {
      List<Change> many = new ArrayList<>();
      for (int i = 1; i <= 100; i++) {
        many.add(put(BOB, i, 9_000 + i, 20_000));
      }
      store.commit(many);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }

  @Test
  void backup_whileAWriterWrites_isWholeAndOfOneMoment() throws Exception {
    Path target = folder.resolve("backup");
    try (SqliteStore store = open()) {
      store.commit(List.of(put(ADA, 1, 1, 20_000), put(BOB, 1, 1, 20_000)));
      AtomicBoolean stop = new AtomicBoolean();
      CountDownLatch begun = new CountDownLatch(1);
      Thread writer =
          new Thread(
              () -> {
                for (int i = 2; !stop.get(); i++) {
                  commitUnchecked(store, put(ADA, i, i, 20_000), put(BOB, i, i, 20_000));
                  begun.countDown();
                }
              });
      writer.start();
      begun.await();
      store.backup(target);
      stop.set(true);
      writer.join();
      assertFails(Reason.IO, "exists", () -> store.backup(target));
      assertFails(Reason.IN_USE, folder.toString(), () -> store.backup(folder));
      SqliteStore.backup(folder, folder.resolve("second"));
    }
    assertThat(SqliteStore.check(target).problems()).isEmpty();
    assertThat(SqliteStore.check(folder.resolve("second")).problems()).isEmpty();
    try (SqliteStore copy = SqliteStore.open(target, Options.defaults())) {
      int size = copy.load(ADA).orElseThrow().entries().size();
      assertThat(copy.load(BOB).orElseThrow().entries()).hasSize(size);
      copy.commit(List.of(put(ADA, size + 1, 900_000, 20_000)));
    }
  }

  private static void commitUnchecked(SqliteStore store, Change... changes) {
    try {
      store.commit(List.of(changes));
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readers_moreThreadsThanReaders_allAreServed() throws Exception {
    try (SqliteStore store = SqliteStore.open(folder, new Options(2, 0))) {
      store.commit(List.of(put(ADA, 1, 1, 20_000)));
      List<Thread> threads = new ArrayList<>();
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 8; i++) {
        Thread thread =
            new Thread(
                () -> {
                  try {
                    for (int j = 0; j < 200; j++) {
                      assertThat(store.envelopes(ADA, List.of(digest(1))))
                          .containsExactly(envelope(1));
                    }
                  } catch (StoreException | AssertionError e) {
                    failures.add(e);
                  }
                });
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void options_outOfRange_refused() {
    assertThatThrownBy(() -> new Options(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Options(65, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Options(1, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void check_missing_saysSo() {
    assertFails(Reason.IO, "does not exist", () -> SqliteStore.check(folder));
    assertFails(Reason.IO, "does not exist", () -> SqliteStore.repair(folder));
  }

  @Test
  void open_sameLengthOtherTime_isCheckedAgain() throws Exception {
    open().close();
    Files.setLastModifiedTime(database(), FileTime.fromMillis(1_000_000));
    open().close();
    assertThat(SqliteStore.repair(folder).damaged()).isNull();
  }
}
