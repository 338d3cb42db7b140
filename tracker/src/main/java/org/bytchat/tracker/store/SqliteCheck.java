package org.bytchat.tracker.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.StoreException.Reason;

/** Reads a whole database, of one moment, and verifies what can be. */
final class SqliteCheck {

  private static final int PROBLEMS_LISTED = 100;

  private final Path file;
  private final List<String> problems = new ArrayList<>();
  private long problemCount;

  SqliteCheck(Path file) {
    this.file = file;
  }

  SqliteStore.CheckReport run() throws StoreException {
    StoreStats counted = new StoreStats(0, 0, 0, 0, 0, 0);
    if (StoreFiles.length(file) == 0) {
      add("file " + file + " is empty");
      return report(counted);
    }
    try (Connection connection = Sqlite.reader(file);
        Statement statement = connection.createStatement()) {
      int version = SqliteSchema.CURRENT.requireOurs(connection, file);
      connection.setAutoCommit(false);
      Sqlite.problems(connection, "integrity_check(" + PROBLEMS_LISTED + ")").forEach(this::add);
      counted = count(statement);
      if (version >= SqliteSchema.ORIGINS) {
        verifyOrigins(statement);
      }
      if (version >= SqliteSchema.CHECKSUMS) {
        verifyMailboxRows(statement);
        verifyEntryRows(statement);
      }
    } catch (SQLException e) {
      StoreException failure = Sqlite.failure(file, "cannot be read", e);
      if (failure.reason() != Reason.DAMAGED) {
        throw failure;
      }
      add(String.valueOf(failure.getMessage()));
    } catch (StoreException e) {
      if (e.reason() != Reason.DAMAGED) {
        throw e;
      }
      add(String.valueOf(e.getMessage()));
    }
    return report(counted);
  }

  private SqliteStore.CheckReport report(StoreStats counted) {
    return new SqliteStore.CheckReport(
        SqliteStore.withBytes(counted, StoreFiles.length(file)), problems, problemCount);
  }

  private void add(String problem) {
    problemCount++;
    if (problems.size() < PROBLEMS_LISTED) {
      problems.add(problem);
    }
  }

  private StoreStats count(Statement statement) throws SQLException {
    long envelopes = 0;
    long envelopeBytes = 0;
    long tombstones = 0;
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT e.digest, e.size_bytes, e.deleted_millis, b.bytes, m.key
            FROM entry e
            LEFT JOIN envelope b ON b.id = e.envelope
            LEFT JOIN mailbox m ON m.id = e.mailbox""")) {
      while (row.next()) {
        verify(row);
        if (row.getLong(3) == 0) {
          envelopes++;
          envelopeBytes += row.getInt(2);
        } else {
          tombstones++;
        }
      }
    }
    StoreStats counted =
        new StoreStats(
            number(statement, "SELECT count(*) FROM mailbox"),
            envelopes,
            envelopeBytes,
            tombstones,
            number(statement, "SELECT count(*) FROM ack_batch"),
            0);
    StoreStats said = SqliteReader.totals(statement);
    if (!said.equals(counted)) {
      add("the totals say " + said + ", counted were " + counted);
    }
    if (number(statement, "SELECT count(*) FROM envelope") != envelopes) {
      add("there are envelopes without an entry");
    }
    long wrongEnds =
        number(
            statement,
            """
            SELECT count(*) FROM mailbox m
            LEFT JOIN (SELECT mailbox, min(expires_millis) AS first FROM entry GROUP BY mailbox) e
            ON e.mailbox = m.id
            WHERE m.first_expires_millis IS DISTINCT FROM e.first""");
    if (wrongEnds > 0) {
      add(wrongEnds + " mailboxes have a first end that none of their entries has");
    }
    return counted;
  }

  private void verifyOrigins(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT e.digest, b.origin FROM entry e JOIN envelope b ON b.id = e.envelope
            WHERE b.origin IS NOT NULL""")) {
      while (row.next()) {
        byte[] digest = row.getBytes(1);
        if (digest.length == Digest.BYTES && Origin.parse(row.getBytes(2)).toOptional().isEmpty()) {
          add("what let envelope " + Digest.of(digest) + " in is not what was written");
        }
      }
    }
  }

  private void verifyMailboxRows(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT key, next_sequence, first_expires_millis, touched_millis, checksum
            FROM mailbox NOT INDEXED""")) {
      while (row.next()) {
        byte[] key = row.getBytes(1);
        if (key == null || key.length != NodeId.BYTES) {
          add("a mailbox has no key");
          continue;
        }
        NodeId mailbox = NodeId.of(key);
        long next = row.getLong(2);
        Long first = SqliteReader.nullable(row, 3);
        if (!RowChecksum.fits(RowChecksum.of(mailbox, next, first, row.getLong(4)), row, 5)) {
          add("the row of mailbox " + mailbox + " is not what was written");
        }
      }
    }
  }

  private void verifyEntryRows(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT e.digest, e.sequence, e.accepted_millis, e.expires_millis, e.size_bytes,
              e.delivery_key, e.deleted_millis, e.envelope, e.checksum, m.key
            FROM entry e JOIN mailbox m ON m.id = e.mailbox""")) {
      while (row.next()) {
        byte[] digest = row.getBytes(1);
        byte[] key = row.getBytes(10);
        // Those that have none are named elsewhere.
        if (digest != null
            && digest.length == Digest.BYTES
            && key != null
            && key.length == NodeId.BYTES
            && !SqliteReader.isSound(NodeId.of(key), SqliteReader.entry(row), row)) {
          add(
              "entry %s of mailbox %s is not what was written"
                  .formatted(Digest.of(digest), NodeId.of(key)));
        }
      }
    }
  }

  private void verify(ResultSet row) throws SQLException {
    byte[] digest = row.getBytes(1);
    byte[] key = row.getBytes(5);
    byte[] bytes = row.getBytes(4);
    if (digest == null || digest.length != Digest.BYTES) {
      add("an entry has no digest");
    } else if (key == null || key.length != NodeId.BYTES) {
      add("envelope " + Digest.of(digest) + " is in no mailbox");
    } else if (row.getLong(3) != 0) {
      if (bytes != null) {
        add("envelope " + Digest.of(digest) + " was deleted and is there");
      }
    } else if (bytes == null
        || bytes.length != row.getInt(2)
        || !Digest.sha256(bytes).equals(Digest.of(digest))) {
      String how = bytes == null ? "is missing" : "is not what was written";
      add("envelope " + Digest.of(digest) + " of mailbox " + NodeId.of(key) + " " + how);
    }
  }

  private static long number(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }
}
