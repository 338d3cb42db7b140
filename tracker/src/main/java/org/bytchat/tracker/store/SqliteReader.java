package org.bytchat.tracker.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.StoreException.Reason;
import org.bytchat.tracker.wire.Parsed;
import org.jspecify.annotations.Nullable;

/** A connection that reads. Used by one thread at a time. */
final class SqliteReader implements AutoCloseable {

  private static final List<StoredMailbox.Part> PARTS = List.of(StoredMailbox.Part.values());

  private final Connection connection;
  private final Path file;
  private final PreparedStatement mailbox;
  private final PreparedStatement parts;
  private final PreparedStatement confirmations;
  private final PreparedStatement entries;
  private final PreparedStatement acks;
  private final PreparedStatement envelope;
  private final PreparedStatement origin;
  private final PreparedStatement batches;
  private final PreparedStatement keys;
  private final PreparedStatement ended;
  private final PreparedStatement idle;

  /**
   * Takes a connection.
   *
   * @param connection closed with this
   * @param file for messages
   */
  SqliteReader(Connection connection, Path file) throws SQLException {
    this.connection = connection;
    this.file = file;
    connection.setAutoCommit(false);
    mailbox =
        connection.prepareStatement(
            """
            SELECT id, next_sequence, touched_millis, first_expires_millis, checksum
            FROM mailbox WHERE key = ?""");
    parts =
        connection.prepareStatement("SELECT part, bytes FROM part WHERE mailbox = ? ORDER BY part");
    confirmations =
        connection.prepareStatement(
            """
            SELECT version, sequence, at_millis FROM confirmation
            WHERE mailbox = ? ORDER BY version""");
    entries =
        connection.prepareStatement(
            """
            SELECT digest, sequence, accepted_millis, expires_millis, size_bytes, delivery_key,
              deleted_millis, envelope, checksum
            FROM entry WHERE mailbox = ? ORDER BY sequence""");
    acks =
        connection.prepareStatement(
            """
            SELECT sequence, device, at_millis FROM ack
            WHERE mailbox = ? ORDER BY sequence, device""");
    envelope =
        connection.prepareStatement(
            """
            SELECT e.envelope, b.bytes FROM entry e LEFT JOIN envelope b ON b.id = e.envelope
            WHERE e.mailbox = ? AND e.digest = ?""");
    origin =
        connection.prepareStatement(
            """
            SELECT b.origin FROM entry e JOIN envelope b ON b.id = e.envelope
            WHERE e.mailbox = ? AND e.digest = ?""");
    batches =
        connection.prepareStatement(
            """
            SELECT b.bytes FROM entry e
            JOIN ack a ON a.mailbox = e.mailbox AND a.sequence = e.sequence
            JOIN ack_batch b ON b.id = a.batch
            WHERE e.mailbox = ? AND e.digest = ? ORDER BY b.id""");
    keys =
        connection.prepareStatement("SELECT key FROM mailbox WHERE key > ? ORDER BY key LIMIT ?");
    ended =
        connection.prepareStatement(
            """
            SELECT key FROM mailbox WHERE first_expires_millis <= ?
            ORDER BY first_expires_millis, key LIMIT ? OFFSET ?""");
    idle =
        connection.prepareStatement(
            """
            SELECT key FROM mailbox WHERE first_expires_millis IS NULL AND touched_millis <= ?
            ORDER BY touched_millis, key LIMIT ? OFFSET ?""");
  }

  /** Ends the snapshot that the reads before had, so that the log can shrink. */
  void release() throws SQLException {
    connection.commit();
  }

  static StoreStats totals(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT mailboxes, envelopes, envelope_bytes, tombstones, ack_batches
            FROM total WHERE id = 1""")) {
      return row.next()
          ? new StoreStats(
              row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), 0)
          : new StoreStats(0, 0, 0, 0, 0, 0);
    }
  }

  Optional<StoredMailbox> load(NodeId key) throws SQLException, StoreException {
    mailbox.setBytes(1, key.toBytes());
    long id;
    long nextSequence;
    long touchedMillis;
    try (ResultSet row = mailbox.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      id = row.getLong(1);
      nextSequence = row.getLong(2);
      touchedMillis = row.getLong(3);
      Long first = nullable(row, 4);
      if (!RowChecksum.fits(RowChecksum.of(key, nextSequence, first, touchedMillis), row, 5)) {
        throw damaged("the row of mailbox " + key + " is not what was written", null);
      }
    }
    try {
      List<StoredMailbox.Entry> entries = entries(key, id);
      return Optional.of(
          new StoredMailbox(
              nextSequence,
              touchedMillis,
              parts(id),
              confirmations(id),
              entries,
              acks(id, entries)));
    } catch (IllegalArgumentException e) {
      throw damaged("mailbox " + key + ": " + e.getMessage(), e);
    }
  }

  private StoreException damaged(String what, @Nullable Throwable cause) {
    String message = "file " + file + " is damaged: " + what;
    return cause == null
        ? new StoreException(Reason.DAMAGED, message)
        : new StoreException(Reason.DAMAGED, message, cause);
  }

  private Map<StoredMailbox.Part, byte[]> parts(long id) throws SQLException {
    Map<StoredMailbox.Part, byte[]> found = new EnumMap<>(StoredMailbox.Part.class);
    parts.setLong(1, id);
    try (ResultSet row = parts.executeQuery()) {
      while (row.next()) {
        int part = row.getInt(1);
        if (part < 0 || part >= PARTS.size()) {
          throw new IllegalArgumentException("no part is number " + part);
        }
        found.put(PARTS.get(part), row.getBytes(2));
      }
    }
    return found;
  }

  private List<StoredMailbox.Confirmation> confirmations(long id) throws SQLException {
    List<StoredMailbox.Confirmation> found = new ArrayList<>();
    confirmations.setLong(1, id);
    try (ResultSet row = confirmations.executeQuery()) {
      while (row.next()) {
        found.add(new StoredMailbox.Confirmation(row.getLong(1), row.getLong(2), row.getLong(3)));
      }
    }
    return found;
  }

  static @Nullable Long nullable(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  private List<StoredMailbox.Entry> entries(NodeId key, long id) throws SQLException {
    List<StoredMailbox.Entry> found = new ArrayList<>();
    entries.setLong(1, id);
    try (ResultSet row = entries.executeQuery()) {
      while (row.next()) {
        StoredMailbox.Entry entry = entry(row);
        if (!isSound(key, entry, row)) {
          throw new IllegalArgumentException(
              "entry " + entry.digest() + " is not what was written");
        }
        found.add(entry);
      }
    }
    return found;
  }

  /** Reads an entry's columns from the first on: digest, sequence, accepted and so on. */
  static StoredMailbox.Entry entry(ResultSet row) throws SQLException {
    return new StoredMailbox.Entry(
        row.getLong(2),
        Digest.of(row.getBytes(1)),
        row.getLong(3),
        row.getLong(4),
        row.getInt(5),
        row.getBytes(6),
        row.getLong(7));
  }

  /** Tells whether the columns behind an entry's, envelope and checksum, fit it. */
  static boolean isSound(NodeId key, StoredMailbox.Entry entry, ResultSet row) throws SQLException {
    return RowChecksum.fits(RowChecksum.of(key, entry, row.getLong(8)), row, 9);
  }

  private List<StoredMailbox.Ack> acks(long id, List<StoredMailbox.Entry> entries)
      throws SQLException {
    Map<Long, Digest> digests = new HashMap<>();
    entries.forEach(entry -> digests.put(entry.sequence(), entry.digest()));
    List<StoredMailbox.Ack> found = new ArrayList<>();
    acks.setLong(1, id);
    try (ResultSet row = acks.executeQuery()) {
      while (row.next()) {
        Digest digest = digests.get(row.getLong(1));
        if (digest == null) {
          throw new IllegalArgumentException("no entry has the sequence of an acknowledgement");
        }
        found.add(new StoredMailbox.Ack(digest, DeviceId.of(row.getBytes(2)), row.getLong(3)));
      }
    }
    return found;
  }

  private long id(NodeId key) throws SQLException {
    mailbox.setBytes(1, key.toBytes());
    try (ResultSet row = mailbox.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  List<byte @Nullable []> envelopes(NodeId key, List<Digest> digests)
      throws SQLException, StoreException {
    long id = id(key);
    List<byte @Nullable []> found = new ArrayList<>(digests.size());
    for (Digest digest : digests) {
      found.add(id == 0 ? null : envelope(key, id, digest));
    }
    return found;
  }

  private byte @Nullable [] envelope(NodeId key, long id, Digest digest)
      throws SQLException, StoreException {
    envelope.setLong(1, id);
    envelope.setBytes(2, digest.toBytes());
    try (ResultSet row = envelope.executeQuery()) {
      if (!row.next() || row.getLong(1) == 0) {
        return null;
      }
      byte[] bytes = row.getBytes(2);
      if (bytes == null || !Digest.sha256(bytes).equals(digest)) {
        String how = bytes == null ? "is missing" : "is not what was written";
        throw damaged("envelope " + digest + " of mailbox " + key + " " + how, null);
      }
      return bytes;
    }
  }

  List<@Nullable Origin> origins(NodeId key, List<Digest> digests)
      throws SQLException, StoreException {
    origin.setLong(1, id(key));
    List<@Nullable Origin> found = new ArrayList<>(digests.size());
    for (Digest digest : digests) {
      origin.setBytes(2, digest.toBytes());
      try (ResultSet row = origin.executeQuery()) {
        byte[] bytes = row.next() ? row.getBytes(1) : null;
        found.add(bytes == null ? null : origin(digest, bytes));
      }
    }
    return found;
  }

  private Origin origin(Digest digest, byte[] bytes) throws StoreException {
    if (Origin.parse(bytes) instanceof Parsed.Good<Origin> good) {
      return good.value();
    }
    throw damaged("what let envelope " + digest + " in is not what was written", null);
  }

  List<byte[]> ackBatches(NodeId key, Digest digest) throws SQLException {
    List<byte[]> found = new ArrayList<>();
    batches.setLong(1, id(key));
    batches.setBytes(2, digest.toBytes());
    try (ResultSet row = batches.executeQuery()) {
      while (row.next()) {
        found.add(row.getBytes(1));
      }
    }
    return found;
  }

  List<NodeId> mailboxes(@Nullable NodeId after, int limit) throws SQLException, StoreException {
    // Nothing sorts before the empty key, and no key is it.
    keys.setBytes(1, after == null ? new byte[0] : after.toBytes());
    return keys(keys, limit);
  }

  List<NodeId> expired(long untilMillis, int skip, int limit) throws SQLException, StoreException {
    ended.setLong(1, untilMillis);
    ended.setInt(3, skip);
    return keys(ended, limit);
  }

  List<NodeId> idle(long untilMillis, int skip, int limit) throws SQLException, StoreException {
    idle.setLong(1, untilMillis);
    idle.setInt(3, skip);
    return keys(idle, limit);
  }

  private List<NodeId> keys(PreparedStatement statement, int limit)
      throws SQLException, StoreException {
    statement.setInt(2, limit);
    List<NodeId> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.add(NodeId.of(row.getBytes(1)));
      }
      return found;
    } catch (IllegalArgumentException e) {
      throw damaged("a mailbox has no key: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
