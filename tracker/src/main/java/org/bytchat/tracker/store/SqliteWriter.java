package org.bytchat.tracker.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.jspecify.annotations.Nullable;

/** The connection that writes. Used by one thread at a time. */
final class SqliteWriter implements AutoCloseable {

  /** The log may be this long before writers wait for readers, briefly, so that it can shrink. */
  private static final long LOG_BYTES_MAX = 4L * Sqlite.LOG_BYTES;

  private static final int READERS_WAIT_MILLIS = 100;

  private final Connection connection;
  private final Path wal;
  private final SqliteStatements sql;

  /** As committed. */
  private StoreStats totals;

  private long nextMailbox;
  private long nextEnvelope;
  private long nextBatch;
  private long logBytesTolerated = LOG_BYTES_MAX;

  /** What a transaction has read and changed, written at its end. */
  private final Map<NodeId, Row> rows = new LinkedHashMap<>();

  private long mailboxes;
  private long envelopes;
  private long envelopeBytes;
  private long tombstones;
  private long ackBatches;

  /** A mailbox's row. */
  private static final class Row {
    final NodeId key;
    final long id;
    long nextSequence;
    @Nullable Long firstExpiresMillis;
    long touchedMillis;
    boolean isSound = true;
    boolean changed;
    boolean lostFirst;
    boolean lostAcks;

    Row(NodeId key, long id, long nextSequence) {
      this.key = key;
      this.id = id;
      this.nextSequence = nextSequence;
    }

    int checksum() {
      return RowChecksum.of(key, nextSequence, firstExpiresMillis, touchedMillis);
    }
  }

  /** An entry as it is on disk. */
  private record Old(StoredMailbox.Entry entry, long envelope, boolean isSound) {}

  /**
   * Takes a connection.
   *
   * @param connection closed with this
   * @param database its file
   */
  SqliteWriter(Connection connection, Path database) throws SQLException {
    this.connection = connection;
    this.wal = database.resolveSibling(database.getFileName() + "-wal");
    try (Statement statement = connection.createStatement()) {
      totals = SqliteReader.totals(statement);
      nextMailbox = next(statement, "mailbox");
      nextEnvelope = next(statement, "envelope");
      nextBatch = next(statement, "ack_batch");
    }
    connection.setAutoCommit(false);
    sql = new SqliteStatements(connection);
  }

  private static long next(Statement statement, String table) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT max(id) FROM " + table)) {
      return row.next() ? row.getLong(1) + 1 : 1;
    }
  }

  /** What is kept, without the length of the files. */
  StoreStats totals() {
    return totals;
  }

  /**
   * Writes all or nothing.
   *
   * @throws SQLException if nothing was written; the connection is of no use any more
   * @throws IllegalArgumentException if nothing was written because of the changes
   */
  void commit(List<Change> changes) throws SQLException {
    rows.clear();
    count(totals);
    try {
      for (Change change : changes) {
        apply(change);
      }
      finish();
    } catch (RuntimeException | Error e) {
      connection.rollback();
      throw e;
    }
  }

  /** Writes where a mailbox goes on, for one that was salvaged. */
  void skipTo(NodeId mailbox, long nextSequence) throws SQLException {
    rows.clear();
    count(totals);
    Row row = rowOrNew(mailbox);
    row.nextSequence = Math.max(row.nextSequence, nextSequence);
    row.changed = true;
    finish();
  }

  private void count(StoreStats from) {
    mailboxes = from.mailboxes();
    envelopes = from.envelopes();
    envelopeBytes = from.envelopeBytes();
    tombstones = from.tombstones();
    ackBatches = from.ackBatches();
  }

  private void finish() throws SQLException {
    for (Row row : rows.values()) {
      writeRow(row);
    }
    StoreStats now = new StoreStats(mailboxes, envelopes, envelopeBytes, tombstones, ackBatches, 0);
    if (!now.equals(totals)) {
      sql.totals.setLong(1, mailboxes);
      sql.totals.setLong(2, envelopes);
      sql.totals.setLong(3, envelopeBytes);
      sql.totals.setLong(4, tombstones);
      sql.totals.setLong(5, ackBatches);
      sql.totals.executeUpdate();
    }
    connection.commit();
    totals = now;
    boundLog();
  }

  private void writeRow(Row row) throws SQLException {
    if (row.lostFirst) {
      sql.firstEnd.setLong(1, row.id);
      try (ResultSet first = sql.firstEnd.executeQuery()) {
        row.firstExpiresMillis = first.next() ? SqliteReader.nullable(first, 1) : null;
      }
    }
    if (row.lostAcks) {
      sql.dropBatches.setLong(1, row.id);
      sql.dropBatches.setLong(2, row.id);
      ackBatches -= sql.dropBatches.executeUpdate();
    }
    if (row.changed || row.lostFirst) {
      sql.updateMailbox.setLong(1, row.nextSequence);
      setNullable(sql.updateMailbox, 2, row.firstExpiresMillis);
      sql.updateMailbox.setLong(3, row.touchedMillis);
      sql.updateMailbox.setInt(4, RowChecksum.after(row.checksum(), row.isSound));
      sql.updateMailbox.setLong(5, row.id);
      sql.updateMailbox.executeUpdate();
    }
  }

  private static void setNullable(PreparedStatement statement, int index, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.BIGINT);
    } else {
      statement.setLong(index, value);
    }
  }

  /**
   * Readers that follow each other without a gap would let the log grow for ever, so that at a
   * limit it waits for them; a backup may take longer than that, and then it grows on for now. The
   * commit was made, so that a failure here is none of it.
   */
  private void boundLog() {
    long bytes = StoreFiles.length(wal);
    if (bytes < logBytesTolerated) {
      return;
    }
    logBytesTolerated = bytes + LOG_BYTES_MAX;
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = " + READERS_WAIT_MILLIS);
      try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(RESTART)")) {
        if (row.next() && row.getInt(1) == 0) {
          logBytesTolerated = LOG_BYTES_MAX;
        }
      }
      statement.execute("PRAGMA busy_timeout = " + Sqlite.BUSY_MILLIS);
    } catch (SQLException e) {
      // The next commit that fails tells; until then the log serves as well.
      return;
    }
  }

  private void apply(Change change) throws SQLException {
    if (change instanceof Change.PutEnvelope put) {
      put(put.mailbox(), put.entry(), put);
    } else if (change instanceof Change.PutTombstone put) {
      put(put.mailbox(), put.entry(), null);
    } else if (change instanceof Change.PutPart put) {
      sql.putPart.setLong(1, rowOrNew(put.mailbox()).id);
      sql.putPart.setInt(2, put.part().ordinal());
      sql.putPart.setBytes(3, put.bytes());
      sql.putPart.executeUpdate();
    } else if (change instanceof Change.PutConfirmation put) {
      sql.putConfirmation.setLong(1, rowOrNew(put.mailbox()).id);
      sql.putConfirmation.setLong(2, put.confirmation().version());
      sql.putConfirmation.setLong(3, put.confirmation().sequence());
      sql.putConfirmation.setLong(4, put.confirmation().atMillis());
      sql.putConfirmation.executeUpdate();
    } else {
      Row row = row(change.mailbox());
      if (row != null) {
        applyToRow(row, change);
      }
    }
  }

  private void applyToRow(Row row, Change change) throws SQLException {
    if (change instanceof Change.PutAcks acks) {
      acknowledge(row, acks);
    } else if (change instanceof Change.Touch touch) {
      row.touchedMillis = touch.atMillis();
      row.changed = true;
    } else if (change instanceof Change.End end) {
      end(end.mailbox(), row);
    } else if (change instanceof Change.Delete delete) {
      Old old = entry(row, delete.digest());
      if (old != null && !old.entry().isDeleted()) {
        delete(row, old, delete.deletedMillis());
      }
    } else if (change instanceof Change.Forget forget) {
      Old old = entry(row, forget.digest());
      if (old != null) {
        remove(row, forget.digest(), old);
        sql.dropAcks.setLong(1, row.id);
        sql.dropAcks.setLong(2, old.entry().sequence());
        row.lostAcks |= sql.dropAcks.executeUpdate() > 0;
      }
    }
  }

  private void delete(Row row, Old old, long atMillis) throws SQLException {
    uncount(old);
    tombstones++;
    StoredMailbox.Entry deleted = old.entry().deleted(atMillis);
    int checksum = RowChecksum.of(row.key, deleted, 0);
    sql.markDeleted.setLong(1, atMillis);
    sql.markDeleted.setInt(2, RowChecksum.after(checksum, old.isSound()));
    sql.markDeleted.setLong(3, row.id);
    sql.markDeleted.setBytes(4, deleted.digest().toBytes());
    sql.markDeleted.executeUpdate();
  }

  private void end(NodeId mailbox, Row row) throws SQLException {
    sql.anyEntry.setLong(1, row.id);
    try (ResultSet entries = sql.anyEntry.executeQuery()) {
      if (entries.next()) {
        return;
      }
    }
    // Those of entries that the same commit forgets are there still.
    sql.dropBatches.setLong(1, row.id);
    sql.dropBatches.setLong(2, row.id);
    ackBatches -= sql.dropBatches.executeUpdate();
    for (PreparedStatement drop : List.of(sql.dropParts, sql.dropConfirmations, sql.dropMailbox)) {
      drop.setLong(1, row.id);
      drop.executeUpdate();
    }
    mailboxes--;
    rows.remove(mailbox);
  }

  private @Nullable Row row(NodeId mailbox) throws SQLException {
    Row known = rows.get(mailbox);
    if (known != null) {
      return known;
    }
    sql.mailbox.setBytes(1, mailbox.toBytes());
    try (ResultSet found = sql.mailbox.executeQuery()) {
      if (!found.next()) {
        return null;
      }
      Row row = new Row(mailbox, found.getLong(1), found.getLong(2));
      row.firstExpiresMillis = SqliteReader.nullable(found, 3);
      row.touchedMillis = found.getLong(4);
      row.isSound = RowChecksum.fits(row.checksum(), found, 5);
      rows.put(mailbox, row);
      return row;
    }
  }

  private Row rowOrNew(NodeId mailbox) throws SQLException {
    Row known = row(mailbox);
    if (known != null) {
      return known;
    }
    Row row = new Row(mailbox, nextMailbox++, 1);
    row.changed = true;
    sql.addMailbox.setLong(1, row.id);
    sql.addMailbox.setBytes(2, mailbox.toBytes());
    sql.addMailbox.executeUpdate();
    mailboxes++;
    rows.put(mailbox, row);
    return row;
  }

  private @Nullable Old entry(Row row, Digest digest) throws SQLException {
    sql.entry.setLong(1, row.id);
    sql.entry.setBytes(2, digest.toBytes());
    try (ResultSet found = sql.entry.executeQuery()) {
      if (!found.next()) {
        return null;
      }
      StoredMailbox.Entry entry = SqliteReader.entry(found);
      return new Old(entry, found.getLong(8), SqliteReader.isSound(row.key, entry, found));
    }
  }

  private void put(NodeId mailbox, StoredMailbox.Entry entry, Change.@Nullable PutEnvelope envelope)
      throws SQLException {
    Row row = rowOrNew(mailbox);
    MemoryStore.requireSequence(mailbox, entry.sequence(), row.nextSequence);
    Old old = entry(row, entry.digest());
    if (old != null) {
      remove(row, entry.digest(), old);
      sql.moveAcks.setLong(1, entry.sequence());
      sql.moveAcks.setLong(2, row.id);
      sql.moveAcks.setLong(3, old.entry().sequence());
      sql.moveAcks.executeUpdate();
    }
    sql.addEntry.setLong(1, row.id);
    sql.addEntry.setBytes(2, entry.digest().toBytes());
    sql.addEntry.setLong(3, entry.sequence());
    sql.addEntry.setLong(4, entry.acceptedMillis());
    sql.addEntry.setLong(5, entry.expiresMillis());
    sql.addEntry.setInt(6, entry.sizeBytes());
    sql.addEntry.setBytes(7, entry.deliveryKey());
    sql.addEntry.setLong(8, entry.deletedMillis());
    if (envelope == null) {
      sql.addEntry.setNull(9, Types.BIGINT);
      sql.addEntry.setInt(10, RowChecksum.of(mailbox, entry, 0));
      tombstones++;
    } else {
      sql.addEnvelope.setLong(1, nextEnvelope);
      sql.addEnvelope.setBytes(2, envelope.envelope());
      Origin origin = envelope.origin();
      sql.addEnvelope.setBytes(3, origin == null ? null : origin.toBytes());
      sql.addEnvelope.executeUpdate();
      sql.addEntry.setInt(10, RowChecksum.of(mailbox, entry, nextEnvelope));
      sql.addEntry.setLong(9, nextEnvelope++);
      envelopes++;
      envelopeBytes += envelope.envelope().length;
    }
    sql.addEntry.executeUpdate();
    row.nextSequence = entry.sequence() + 1;
    row.touchedMillis = Math.max(row.touchedMillis, entry.acceptedMillis());
    row.changed = true;
    Long first = row.firstExpiresMillis;
    if (first == null || entry.expiresMillis() < first) {
      row.firstExpiresMillis = entry.expiresMillis();
    }
  }

  private void remove(Row row, Digest digest, Old old) throws SQLException {
    uncount(old);
    Long first = row.firstExpiresMillis;
    row.lostFirst |= first != null && old.entry().expiresMillis() <= first;
    sql.dropEntry.setLong(1, row.id);
    sql.dropEntry.setBytes(2, digest.toBytes());
    sql.dropEntry.executeUpdate();
  }

  private void uncount(Old old) throws SQLException {
    if (old.entry().isDeleted()) {
      tombstones--;
    } else {
      envelopes--;
      envelopeBytes -= old.entry().sizeBytes();
      if (old.isSound()) {
        // The number of a damaged row could be that of another one's envelope.
        sql.dropEnvelope.setLong(1, old.envelope());
        sql.dropEnvelope.executeUpdate();
      }
    }
  }

  private void acknowledge(Row row, Change.PutAcks acks) throws SQLException {
    sql.addAck.setBytes(1, acks.device().toBytes());
    sql.addAck.setLong(2, acks.atMillis());
    sql.addAck.setLong(3, nextBatch);
    sql.addAck.setLong(4, row.id);
    int added = 0;
    for (Digest digest : acks.digests()) {
      sql.addAck.setBytes(5, digest.toBytes());
      added += sql.addAck.executeUpdate();
    }
    if (added > 0) {
      sql.addBatch.setLong(1, nextBatch++);
      sql.addBatch.setLong(2, row.id);
      sql.addBatch.setBytes(3, acks.batch());
      sql.addBatch.executeUpdate();
      ackBatches++;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
