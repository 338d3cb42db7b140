package org.bytchat.tracker.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Copies what can be read and verified of a damaged database into a new one.
 *
 * <p>A query ends where it meets damage. So each is made for one mailbox, or one row, and in both
 * directions: what lies on a damaged page is lost, and what lies before and behind it is not.
 */
final class SqliteSalvage {

  private static final int CHANGES_MAX = 500;

  /**
   * How far a mailbox whose next sequence is lost skips ahead, since numbers given to entries that
   * are lost too must not be given again.
   */
  private static final long SEQUENCES_SKIPPED = 1 << 20;

  /** Where the header of the file has the number of pages (SQLite's file format, section 1.3). */
  private static final int PAGE_COUNT_OFFSET = 28;

  private final Path damaged;
  private final Path fresh;
  private final List<Change> changes = new ArrayList<>();

  /** Keys by number. */
  private final TreeMap<Long, NodeId> mailboxes = new TreeMap<>();

  private final TreeMap<Long, Long> nextSequences = new TreeMap<>();

  SqliteSalvage(Path damaged, Path fresh) {
    this.damaged = damaged;
    this.fresh = fresh;
  }

  /** Takes a row; what it cannot read of it throws. */
  private interface Row {
    void accept(ResultSet row) throws SQLException;
  }

  SqliteStore.RepairReport run(StoreFiles files) throws StoreException {
    byte[] head = head();
    StoreStats before = null;
    StoreStats kept;
    try (SqliteWriter writer = new SqliteWriter(Sqlite.writer(fresh), fresh)) {
      try (Connection source = openDamaged(head)) {
        if (source != null) {
          before = totals(source);
          copy(source, writer);
        }
      }
      kept = writer.totals();
    } catch (SQLException e) {
      throw Sqlite.failure(fresh, "cannot be written", e);
    }
    deleteCopy();
    Path aside = files.replaceDamaged(fresh);
    return new SqliteStore.RepairReport(aside, SqliteStore.withBytes(kept, files.bytes()), before);
  }

  /** The first page of a database that has no rows yet: it says where each table begins. */
  private byte[] head() throws StoreException {
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.READ)) {
      ByteBuffer head = ByteBuffer.allocate(Sqlite.PAGE_BYTES);
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // Until it is whole.
      }
      return head.array();
    } catch (IOException e) {
      throw StoreFiles.failure("file " + fresh + " cannot be read", e);
    }
  }

  private @Nullable Connection openDamaged(byte[] head) throws StoreException {
    Connection asItIs = open(damaged);
    return asItIs == null ? open(copyWithHead(head)) : asItIs;
  }

  /** Returns null if it is no database, or its tables are not known. */
  private static @Nullable Connection open(Path file) {
    try {
      Connection connection = Sqlite.reader(file);
      try (Statement statement = connection.createStatement()) {
        statement.executeQuery("SELECT id FROM mailbox WHERE id = 0").close();
        return connection;
      } catch (SQLException e) {
        connection.close();
        return null;
      }
    } catch (SQLException e) {
      // It cannot even be opened.
      return null;
    }
  }

  /**
   * Without its first page nobody knows where the tables of a database are; but every new one has
   * them at the same places, and a copy too. The damaged file stays as it is.
   */
  private Path copyWithHead(byte[] head) throws StoreException {
    Path copy = damaged.resolveSibling(damaged.getFileName() + ".salvage");
    try {
      Files.copy(damaged, copy, StandardCopyOption.REPLACE_EXISTING);
      Path wal = damaged.resolveSibling(damaged.getFileName() + "-wal");
      if (Files.exists(wal)) {
        Path walCopy = copy.resolveSibling(copy.getFileName() + "-wal");
        Files.copy(wal, walCopy, StandardCopyOption.REPLACE_EXISTING);
      }
      ByteBuffer page = ByteBuffer.wrap(head.clone());
      page.putInt(PAGE_COUNT_OFFSET, (int) (Files.size(damaged) / Sqlite.PAGE_BYTES));
      try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
        while (page.hasRemaining()) {
          channel.write(page);
        }
      }
      return copy;
    } catch (IOException e) {
      throw StoreFiles.failure("file " + copy + " cannot be made", e);
    }
  }

  private void deleteCopy() throws StoreException {
    try {
      for (String suffix : List.of("", "-wal", "-shm")) {
        Files.deleteIfExists(damaged.resolveSibling(damaged.getFileName() + ".salvage" + suffix));
      }
    } catch (IOException e) {
      throw StoreFiles.failure("a copy of file " + damaged + " cannot be deleted", e);
    }
  }

  private static @Nullable StoreStats totals(Connection source) {
    try (Statement statement = source.createStatement()) {
      return SqliteReader.totals(statement);
    } catch (SQLException e) {
      // Then nobody knows what was lost.
      return null;
    }
  }

  private void copy(Connection source, SqliteWriter writer) throws SQLException {
    findMailboxes(source);
    for (Map.Entry<Long, NodeId> mailbox : mailboxes.entrySet()) {
      copyMailbox(source, mailbox.getKey(), mailbox.getValue());
      if (changes.size() >= CHANGES_MAX) {
        flush(writer);
      }
    }
    flush(writer);
    for (Map.Entry<Long, NodeId> mailbox : mailboxes.entrySet()) {
      Long next = nextSequences.get(mailbox.getKey());
      if (next != null) {
        writer.skipTo(mailbox.getValue(), next);
      }
    }
  }

  private void flush(SqliteWriter writer) throws SQLException {
    writer.commit(changes);
    changes.clear();
  }

  /** Of the table, and of the index by key, which has the numbers too. */
  private void findMailboxes(Connection source) {
    Set<NodeId> keys = new HashSet<>();
    Row take =
        row -> {
          NodeId key = NodeId.of(row.getBytes(2));
          if (!mailboxes.containsKey(row.getLong(1)) && keys.add(key)) {
            mailboxes.put(row.getLong(1), key);
          }
        };
    both(source, "SELECT id, key FROM mailbox NOT INDEXED ORDER BY id", 0, take);
    both(source, "SELECT id, key FROM mailbox WHERE key > x'' ORDER BY key", 0, take);
  }

  /** Makes a query, and if it meets damage from the other end too. */
  private static void both(Connection source, String query, long mailbox, Row take) {
    if (!each(source, query, mailbox, take)) {
      each(source, query + " DESC", mailbox, take);
    }
  }

  /** Returns whether it came to the end. A row that makes no sense is passed over. */
  private static boolean each(Connection source, String query, long parameter, Row take) {
    try (PreparedStatement statement = source.prepareStatement(query)) {
      if (parameter != 0) {
        statement.setLong(1, parameter);
      }
      boolean whole = true;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          try {
            take.accept(row);
          } catch (IllegalArgumentException | NullPointerException e) {
            whole = false;
          }
        }
      }
      return whole;
    } catch (SQLException e) {
      // Damage; what came before it was taken.
      return false;
    }
  }

  private record Found(StoredMailbox.Entry entry, long envelope) {}

  private record FoundBatch(DeviceId device, long atMillis, List<Long> sequences) {}

  private void copyMailbox(Connection source, long id, NodeId key) {
    both(
        source,
        "SELECT part, bytes FROM part WHERE mailbox = ? ORDER BY part",
        id,
        row -> {
          StoredMailbox.Part[] parts = StoredMailbox.Part.values();
          if (row.getInt(1) >= 0 && row.getInt(1) < parts.length) {
            changes.add(new Change.PutPart(key, parts[row.getInt(1)], row.getBytes(2)));
          }
        });
    both(
        source,
        "SELECT version, sequence, at_millis FROM confirmation WHERE mailbox = ? ORDER BY version",
        id,
        row ->
            changes.add(
                new Change.PutConfirmation(
                    key,
                    new StoredMailbox.Confirmation(
                        row.getLong(1), row.getLong(2), row.getLong(3)))));
    NavigableMap<Long, Found> entries = entries(source, id, key);
    entries.values().removeIf(found -> !copyEntry(source, key, found));
    copyAcks(source, id, key, entries);
    copyRow(source, id, key, entries);
  }

  /** An entry that does not fit its checksum is not kept, whatever of it is wrong. */
  private static NavigableMap<Long, Found> entries(Connection source, long id, NodeId key) {
    NavigableMap<Long, Found> entries = new TreeMap<>();
    both(
        source,
        """
        SELECT digest, sequence, accepted_millis, expires_millis, size_bytes, delivery_key,
          deleted_millis, envelope, %s
        FROM entry WHERE mailbox = ? ORDER BY digest"""
            .formatted(checksum(source)),
        id,
        row -> {
          Found found = new Found(SqliteReader.entry(row), row.getLong(8));
          if (SqliteReader.isSound(key, found.entry(), row)) {
            entries.put(found.entry().sequence(), found);
          }
        });
    return entries;
  }

  /** Before version 3 there is none. */
  private static String checksum(Connection source) {
    try {
      source.prepareStatement("SELECT checksum FROM entry").close();
      return "checksum";
    } catch (SQLException e) {
      return "NULL";
    }
  }

  /** An entry without its envelope is not kept: other trackers can then give it back. */
  private boolean copyEntry(Connection source, NodeId key, Found found) {
    try {
      if (found.entry().isDeleted()) {
        changes.add(new Change.PutTombstone(key, found.entry()));
        return true;
      }
      byte[] bytes = bytes(source, "SELECT bytes FROM envelope WHERE id = ?", found.envelope());
      if (bytes == null || !Digest.sha256(bytes).equals(found.entry().digest())) {
        return false;
      }
      // Of version 1, which has none, and of a damaged page nothing is read.
      byte[] origin = bytes(source, "SELECT origin FROM envelope WHERE id = ?", found.envelope());
      Origin from = origin == null ? null : Origin.parse(origin).toOptional().orElse(null);
      changes.add(new Change.PutEnvelope(key, found.entry(), bytes, from));
      return true;
    } catch (IllegalArgumentException e) {
      // Its sequence or size make no sense.
      return false;
    }
  }

  private static byte @Nullable [] bytes(Connection source, String query, long id) {
    List<byte[]> found = new ArrayList<>();
    each(source, query, id, row -> found.add(row.getBytes(1)));
    return found.isEmpty() ? null : found.get(0);
  }

  private void copyAcks(Connection source, long id, NodeId key, NavigableMap<Long, Found> entries) {
    TreeMap<Long, FoundBatch> batches = new TreeMap<>();
    Row take =
        row -> {
          DeviceId device = DeviceId.of(row.getBytes(2));
          long atMillis = row.getLong(3);
          FoundBatch batch =
              batches.computeIfAbsent(
                  row.getLong(4), number -> new FoundBatch(device, atMillis, new ArrayList<>()));
          if (batch.device().equals(device)) {
            batch.sequences().add(row.getLong(1));
          }
        };
    both(
        source,
        "SELECT sequence, device, at_millis, batch FROM ack WHERE mailbox = ? ORDER BY sequence",
        id,
        take);
    batches.forEach(
        (number, batch) -> {
          byte[] bytes = bytes(source, "SELECT bytes FROM ack_batch WHERE id = ?", number);
          List<Digest> digests = new ArrayList<>();
          for (Long sequence : new TreeSet<>(batch.sequences())) {
            Found found = entries.get(sequence);
            if (found != null) {
              digests.add(found.entry().digest());
            }
          }
          if (bytes != null && !digests.isEmpty()) {
            changes.add(new Change.PutAcks(key, batch.device(), bytes, digests, batch.atMillis()));
          }
        });
  }

  /**
   * What there is not before version 3 counts as not known, and as if it was used when somebody
   * looks at it.
   */
  private void copyRow(Connection source, long id, NodeId key, NavigableMap<Long, Found> entries) {
    List<Long> found = new ArrayList<>();
    boolean isOld = checksum(source).equals("NULL");
    each(
        source,
        "SELECT next_sequence, first_expires_millis, %s FROM mailbox NOT INDEXED WHERE id = ?"
            .formatted(isOld ? "0, NULL" : "touched_millis, checksum"),
        id,
        row -> {
          long next = row.getLong(1);
          long touched = row.getLong(3);
          Long first = SqliteReader.nullable(row, 2);
          if (RowChecksum.fits(RowChecksum.of(key, next, first, touched), row, 4)) {
            found.add(next);
            changes.add(new Change.Touch(key, touched));
          }
        });
    nextSequences.put(
        id,
        found.isEmpty()
            ? (entries.isEmpty() ? 1 : entries.lastKey() + 1) + SEQUENCES_SKIPPED
            : found.get(0));
  }
}
