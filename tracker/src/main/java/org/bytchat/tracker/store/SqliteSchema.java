package org.bytchat.tracker.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.tracker.store.StoreException.Reason;

/**
 * The tables, and how those of one version become those of the next.
 *
 * <p>Each mailbox has a small number, which its rows begin with. Entries are clustered by mailbox
 * and digest: what a request names is found in one descent, and a mailbox lies together. Envelopes
 * have a table of their own, in the order in which they came: deposits append to it, and who lists
 * entries does not read past them. The mailbox's row, which each deposit writes anyway, has the
 * first end of its entries, so that the end of entries costs deposits no index, and when it was
 * last touched, of which there is an index of mailboxes without entries only. {@code total} has one
 * row, so that nothing is ever counted. An acknowledgement names its entry by the sequence, which
 * is shorter than the digest.
 *
 * <p>PostgreSQL takes the same with {@code BYTEA} for {@code BLOB}, {@code BIGINT} for {@code
 * INTEGER} and without {@code WITHOUT ROWID}.
 *
 * @param steps of version n to n + 1, from 0: the statements of each
 */
record SqliteSchema(List<List<String>> steps) {

  /** "Bytm", in the header of the file. */
  static final int APPLICATION_ID = 0x4279_746d;

  /** The first version that keeps what let envelopes in. */
  static final int ORIGINS = 2;

  /** The first version whose entries and mailboxes have checksums. */
  static final int CHECKSUMS = 3;

  /** All tables come before the first index: so VACUUM gives them the same pages again. */
  static final SqliteSchema CURRENT =
      new SqliteSchema(
          List.of(
              List.of(
                  """
                  CREATE TABLE mailbox (
                    id INTEGER PRIMARY KEY,
                    key BLOB NOT NULL UNIQUE,
                    next_sequence INTEGER NOT NULL,
                    first_expires_millis INTEGER)""",
                  """
                  CREATE TABLE entry (
                    mailbox INTEGER NOT NULL,
                    digest BLOB NOT NULL,
                    sequence INTEGER NOT NULL,
                    accepted_millis INTEGER NOT NULL,
                    expires_millis INTEGER NOT NULL,
                    size_bytes INTEGER NOT NULL,
                    delivery_key BLOB,
                    deleted_millis INTEGER NOT NULL,
                    envelope INTEGER,
                    PRIMARY KEY (mailbox, digest)) WITHOUT ROWID""",
                  """
                  CREATE TABLE envelope (
                    id INTEGER PRIMARY KEY,
                    bytes BLOB NOT NULL)""",
                  """
                  CREATE TABLE ack (
                    mailbox INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    device BLOB NOT NULL,
                    at_millis INTEGER NOT NULL,
                    batch INTEGER NOT NULL,
                    PRIMARY KEY (mailbox, sequence, device)) WITHOUT ROWID""",
                  """
                  CREATE TABLE ack_batch (
                    id INTEGER PRIMARY KEY,
                    mailbox INTEGER NOT NULL,
                    bytes BLOB NOT NULL)""",
                  """
                  CREATE TABLE part (
                    mailbox INTEGER NOT NULL,
                    part INTEGER NOT NULL,
                    bytes BLOB NOT NULL,
                    PRIMARY KEY (mailbox, part)) WITHOUT ROWID""",
                  """
                  CREATE TABLE confirmation (
                    mailbox INTEGER NOT NULL,
                    version INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    at_millis INTEGER NOT NULL,
                    PRIMARY KEY (mailbox, version)) WITHOUT ROWID""",
                  """
                  CREATE TABLE total (
                    id INTEGER PRIMARY KEY,
                    mailboxes INTEGER NOT NULL,
                    envelopes INTEGER NOT NULL,
                    envelope_bytes INTEGER NOT NULL,
                    tombstones INTEGER NOT NULL,
                    ack_batches INTEGER NOT NULL)""",
                  "CREATE INDEX mailbox_by_end ON mailbox (first_expires_millis, key)",
                  "CREATE INDEX ack_batch_by_mailbox ON ack_batch (mailbox)",
                  "INSERT INTO total VALUES (1, 0, 0, 0, 0, 0)"),
              // What let each envelope in, so that other trackers can verify it.
              List.of("ALTER TABLE envelope ADD COLUMN origin BLOB"),
              // When a mailbox was last touched, so that it can end; 0 if that is not known.
              // Rows that were there have no checksum until they are written again.
              List.of(
                  "ALTER TABLE mailbox ADD COLUMN touched_millis INTEGER NOT NULL DEFAULT 0",
                  "ALTER TABLE mailbox ADD COLUMN checksum INTEGER",
                  "ALTER TABLE entry ADD COLUMN checksum INTEGER",
                  """
                  CREATE INDEX mailbox_by_touch ON mailbox (touched_millis, key)
                  WHERE first_expires_millis IS NULL""")));

  SqliteSchema {
    steps = List.copyOf(steps);
  }

  /** The same with one step more, for tests of what a later version does. */
  SqliteSchema with(List<String> step) {
    List<List<String>> more = new ArrayList<>(steps);
    more.add(step);
    return new SqliteSchema(more);
  }

  int version() {
    return steps.size();
  }

  /**
   * Returns the version of a database.
   *
   * @throws StoreException NEWER or DAMAGED if this program must not use it
   */
  int requireOurs(Connection connection, Object file) throws SQLException, StoreException {
    int application = pragma(connection, "application_id");
    int version = pragma(connection, "user_version");
    if (application != APPLICATION_ID || version < 1) {
      throw new StoreException(
          Reason.DAMAGED, "file " + file + " is damaged: it is no database of mailboxes");
    }
    if (version > version()) {
      throw new StoreException(
          Reason.NEWER,
          "file " + file + " is of a later version: " + version + ", known up to " + version());
    }
    return version;
  }

  /** Makes the tables of this version of those of an earlier one, 0 for none, or leaves all. */
  void migrate(Connection connection, int from) throws SQLException {
    if (from == version()) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      try {
        for (List<String> step : steps.subList(from, version())) {
          for (String sql : step) {
            statement.execute(sql);
          }
        }
        statement.execute("PRAGMA application_id = " + APPLICATION_ID);
        statement.execute("PRAGMA user_version = " + version());
        statement.execute("COMMIT");
      } catch (SQLException e) {
        statement.execute("ROLLBACK");
        throw e;
      }
    }
  }

  static int pragma(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }
}
