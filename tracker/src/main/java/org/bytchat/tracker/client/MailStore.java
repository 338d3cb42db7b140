package org.bytchat.tracker.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.quorum.OutboxEngine;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumChange;
import org.bytchat.tracker.store.Sqlite;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoreException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What a client keeps: parcels, their receipts, which envelopes the application has, the device's
 * own list, and which device lists of recipients are the newest; no private key. Not thread-safe.
 * One process at a time may have the file open.
 */
final class MailStore implements AutoCloseable {

  /** "Bytc", in the header of the file. */
  private static final int APPLICATION_ID = 0x4279_7463;

  private static final int LOCK_MILLIS = 1_000;
  private static final int SQLITE_BUSY = 5;

  /** What makes version 1 of nothing. */
  private static final List<String> TABLES =
      List.of(
          """
          CREATE TABLE parcel (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            envelope BLOB NOT NULL,
            delivery_key BLOB)\
          """,
          """
          CREATE TABLE receipt (
            digest BLOB NOT NULL,
            tracker BLOB NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (digest, tracker)) WITHOUT ROWID\
          """,
          """
          CREATE TABLE seen (
            digest BLOB PRIMARY KEY,
            expires_millis INTEGER NOT NULL) WITHOUT ROWID\
          """,
          "CREATE INDEX seen_by_end ON seen (expires_millis)",
          "PRAGMA application_id = " + APPLICATION_ID);

  /** What makes version 2 of version 1. */
  private static final List<String> LISTS =
      List.of(
          """
          CREATE TABLE own_list (
            mailbox BLOB PRIMARY KEY,
            bytes BLOB NOT NULL) WITHOUT ROWID\
          """,
          """
          CREATE TABLE list_version (
            id INTEGER PRIMARY KEY,
            mailbox BLOB NOT NULL UNIQUE,
            version INTEGER NOT NULL)\
          """);

  /** What makes version 3 of version 2. */
  private static final List<String> HASHES =
      List.of("ALTER TABLE list_version ADD COLUMN hash BLOB");

  /** What makes each version of the one before, from 0, which is nothing. */
  private static final List<List<String>> STEPS = List.of(TABLES, LISTS, HASHES);

  private static final int VERSION = STEPS.size();

  private final Path file;
  private final Connection connection;

  private MailStore(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /**
   * Opens a file, made if it does not exist.
   *
   * @throws StoreException if it cannot be used; the message names it
   */
  static MailStore open(Path file) throws StoreException {
    Connection connection = null;
    boolean opened = false;
    try {
      if (!Files.exists(file)) {
        Sqlite.createForOwner(file);
      }
      connection = Sqlite.writer(file, LOCK_MILLIS);
      prepare(file, connection);
      opened = true;
      return new MailStore(file, connection);
    } catch (IOException e) {
      throw new StoreException(Reason.IO, "file " + file + " cannot be made: " + e.getMessage(), e);
    } catch (SQLException e) {
      throw failure(file, "cannot be used", e);
    } finally {
      if (!opened && connection != null) {
        closeQuietly(connection);
      }
    }
  }

  private static StoreException failure(Path file, String what, SQLException e) {
    if ((e.getErrorCode() & 0xff) == SQLITE_BUSY) {
      return new StoreException(Reason.IN_USE, "file " + file + " is in use", e);
    }
    return Sqlite.failure(file, what, e);
  }

  private static StoreException damaged(Path file, IllegalArgumentException e) {
    return new StoreException(Reason.DAMAGED, "file " + file + " is damaged: " + e.getMessage(), e);
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // What went wrong before is what the caller is told.
      return;
    }
  }

  private static void prepare(Path file, Connection connection)
      throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA locking_mode = EXCLUSIVE");
      statement.execute("BEGIN IMMEDIATE");
      try {
        int version = pragma(statement, "user_version");
        int application = pragma(statement, "application_id");
        boolean isNew = version == 0 && application == 0 && pragma(statement, "page_count") <= 1;
        if (!isNew && (application != APPLICATION_ID || version < 1)) {
          throw new StoreException(
              Reason.DAMAGED, "file " + file + " is damaged: it is no database of a mail client");
        } else if (version > VERSION) {
          throw new StoreException(
              Reason.NEWER,
              "file " + file + " is of a later version: " + version + ", known up to " + VERSION);
        }
        for (String sql : STEPS.subList(version, VERSION).stream().flatMap(List::stream).toList()) {
          statement.execute(sql);
        }
        if (version < VERSION) {
          statement.execute("PRAGMA user_version = " + VERSION);
        }
        statement.execute("COMMIT");
      } catch (SQLException | StoreException e) {
        statement.execute("ROLLBACK");
        throw e;
      }
    }
  }

  private static int pragma(Statement statement, String name) throws SQLException {
    try (ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  /** Returns the parcels, in the order in which they came. */
  List<OutboxEngine.Kept> parcels() throws StoreException {
    Map<Digest, List<Receipt>> receipts = new LinkedHashMap<>();
    List<OutboxEngine.Kept> kept = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery("SELECT bytes FROM receipt")) {
        while (rows.next()) {
          Receipt.parse(rows.getBytes(1))
              .toOptional()
              .ifPresent(
                  one ->
                      receipts
                          .computeIfAbsent(one.content().digest(), unused -> new ArrayList<>())
                          .add(one));
        }
      }
      try (ResultSet rows =
          statement.executeQuery("SELECT envelope, delivery_key FROM parcel ORDER BY id")) {
        while (rows.next()) {
          Envelope envelope = Envelope.parse(rows.getBytes(1)).toOptional().orElse(null);
          if (envelope == null) {
            throw new StoreException(
                Reason.DAMAGED, "file " + file + " is damaged: a parcel is no envelope");
          }
          Parcel parcel = new Parcel(envelope, rows.getBytes(2));
          List<Receipt> its = receipts.get(parcel.digest());
          kept.add(new OutboxEngine.Kept(parcel, its == null ? List.of() : its));
        }
      }
      return kept;
    } catch (SQLException e) {
      throw failure(file, "cannot be read", e);
    } catch (IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  /** Returns the newest device lists of recipients, the first noted first. */
  List<QuorumChange.ListVersion> listVersions() throws StoreException {
    List<QuorumChange.ListVersion> versions = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT mailbox, version, hash FROM list_version ORDER BY id")) {
      while (rows.next()) {
        byte[] hash = rows.getBytes(3);
        versions.add(
            new QuorumChange.ListVersion(
                NodeId.of(rows.getBytes(1)),
                rows.getLong(2),
                hash == null ? null : Digest.of(hash)));
      }
      return versions;
    } catch (SQLException e) {
      throw failure(file, "cannot be read", e);
    } catch (IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  /** Returns the device list that a device of a mailbox used last, null if none was kept. */
  @Nullable DeviceList ownList(NodeId mailbox) throws StoreException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT bytes FROM own_list WHERE mailbox = ?")) {
      statement.setBytes(1, mailbox.toBytes());
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          return null;
        }
        DeviceList list = DeviceList.parse(rows.getBytes(1)).toOptional().orElse(null);
        if (list == null) {
          throw new StoreException(
              Reason.DAMAGED, "file " + file + " is damaged: a device list is none");
        }
        return list;
      }
    } catch (SQLException e) {
      throw failure(file, "cannot be read", e);
    }
  }

  /** Returns what the application has. */
  List<QuorumChange.Seen> seen() throws StoreException {
    List<QuorumChange.Seen> seen = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT digest, expires_millis FROM seen")) {
      while (rows.next()) {
        seen.add(new QuorumChange.Seen(Digest.of(rows.getBytes(1)), rows.getLong(2)));
      }
      return seen;
    } catch (SQLException e) {
      throw failure(file, "cannot be read", e);
    } catch (IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  /**
   * Makes changes, all or none; they are on disk when this returns.
   *
   * @throws StoreException if they are not
   */
  void commit(List<QuorumChange> changes) throws StoreException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      boolean committed = false;
      try {
        for (QuorumChange change : changes) {
          apply(change);
        }
        statement.execute("COMMIT");
        committed = true;
      } finally {
        if (!committed) {
          rollback(statement);
        }
      }
    } catch (SQLException e) {
      throw failure(file, "cannot be written", e);
    }
  }

  /** SQLite may have undone the transaction by itself; then there is none. */
  private static void rollback(Statement statement) {
    try {
      statement.execute("ROLLBACK");
    } catch (SQLException e) {
      return;
    }
  }

  private void apply(QuorumChange change) throws SQLException {
    if (change instanceof QuorumChange.PutParcel put) {
      Parcel parcel = put.parcel();
      run(
          "INSERT OR IGNORE INTO parcel (digest, envelope, delivery_key) VALUES (?, ?, ?)",
          parcel.digest().toBytes(),
          parcel.envelope().bytes(),
          parcel.deliveryKey());
    } else if (change instanceof QuorumChange.PutReceipt put) {
      Receipt receipt = put.receipt();
      byte[] digest = receipt.content().digest().toBytes();
      run(
          "INSERT OR IGNORE INTO receipt (digest, tracker, bytes)"
              + " SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM parcel WHERE digest = ?)",
          digest,
          receipt.tracker().toBytes(),
          receipt.toBytes(),
          digest);
    } else if (change instanceof QuorumChange.RemoveParcel remove) {
      run("DELETE FROM parcel WHERE digest = ?", remove.digest().toBytes());
      run("DELETE FROM receipt WHERE digest = ?", remove.digest().toBytes());
    } else if (change instanceof QuorumChange.PutSeen put) {
      run(
          "INSERT OR IGNORE INTO seen (digest, expires_millis) VALUES (?, ?)",
          put.seen().digest().toBytes(),
          put.seen().expiresMillis());
    } else if (change instanceof QuorumChange.PruneSeen prune) {
      run("DELETE FROM seen WHERE expires_millis < ?", prune.endedBeforeMillis());
    } else if (change instanceof QuorumChange.RemoveSeen remove) {
      run("DELETE FROM seen WHERE digest = ?", remove.digest().toBytes());
    } else if (change instanceof QuorumChange.PutListVersion put) {
      putListVersion(put.listVersion());
    } else if (change instanceof QuorumChange.PutOwnList put) {
      run(
          "INSERT OR REPLACE INTO own_list (mailbox, bytes) VALUES (?, ?)",
          put.mailbox().toBytes(),
          put.list().toBytes());
    } else if (change instanceof QuorumChange.RemoveListVersion remove) {
      run("DELETE FROM list_version WHERE mailbox = ?", remove.mailbox().toBytes());
    } else {
      throw new AssertionError("a change that is not known: " + change.getClass());
    }
  }

  /** The version never falls, and of one version the hash that came first stays. */
  private void putListVersion(QuorumChange.ListVersion put) throws SQLException {
    Digest hash = put.hash();
    run(
        """
        INSERT INTO list_version (mailbox, version, hash) VALUES (?, ?, ?)
        ON CONFLICT (mailbox) DO UPDATE SET
          hash = CASE
            WHEN excluded.version > version THEN excluded.hash
            WHEN excluded.version = version THEN COALESCE(hash, excluded.hash)
            ELSE hash END,
          version = MAX(version, excluded.version)\
        """,
        put.mailbox().toBytes(),
        put.version(),
        hash == null ? null : hash.toBytes());
  }

  private void run(String sql, @Nullable Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  @Override
  public void close() {
    closeQuietly(connection);
  }
}
