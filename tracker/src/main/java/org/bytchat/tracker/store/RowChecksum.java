package org.bytchat.tracker.store;

import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.zip.CRC32C;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/**
 * The checksum of a row: CRC-32C (Castagnoli; RFC 3720, section 12.1) of its numbers as 8 bytes
 * each, big-endian, and of the mailbox's key. It is there for bits that change on the disk, which
 * SQLite does not notice, and not for anybody who means to deceive.
 */
final class RowChecksum {

  private static final int NUMBERS_MAX = 7;

  /** What a number that is absent counts as: no time or id is it. */
  private static final long ABSENT = Long.MIN_VALUE;

  private RowChecksum() {}

  /**
   * Returns the checksum of an entry.
   *
   * @param mailbox whose, by key, so that one that got into another mailbox is noticed too
   * @param entry what is kept of it
   * @param envelope the number of its envelope, 0 for none
   */
  static int of(NodeId mailbox, StoredMailbox.Entry entry, long envelope) {
    byte[] deliveryKey = entry.deliveryKey();
    ByteBuffer bytes =
        ByteBuffer.allocate(
            NodeId.BYTES
                + Digest.BYTES
                + NUMBERS_MAX * Long.BYTES
                + (deliveryKey == null ? 0 : deliveryKey.length));
    bytes.put(mailbox.toBytes()).put(entry.digest().toBytes());
    bytes.putLong(entry.sequence()).putLong(entry.acceptedMillis()).putLong(entry.expiresMillis());
    bytes.putLong(entry.sizeBytes()).putLong(entry.deletedMillis()).putLong(envelope);
    bytes.putLong(deliveryKey == null ? ABSENT : deliveryKey.length);
    if (deliveryKey != null) {
      bytes.put(deliveryKey);
    }
    return of(bytes);
  }

  /**
   * Returns the checksum of a mailbox's row.
   *
   * @param mailbox its key
   * @param nextSequence as there
   * @param firstExpiresMillis as there
   * @param touchedMillis as there
   */
  static int of(
      NodeId mailbox, long nextSequence, @Nullable Long firstExpiresMillis, long touchedMillis) {
    ByteBuffer bytes = ByteBuffer.allocate(NodeId.BYTES + NUMBERS_MAX * Long.BYTES);
    bytes.put(mailbox.toBytes()).putLong(nextSequence);
    bytes.putLong(firstExpiresMillis == null ? ABSENT : firstExpiresMillis);
    return of(bytes.putLong(touchedMillis));
  }

  private static int of(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.flip());
    return (int) checksum.getValue();
  }

  /** Tells whether a row has a checksum, or none as before version 3. */
  static boolean fits(int checksum, ResultSet row, int column) throws SQLException {
    long kept = row.getLong(column);
    return row.wasNull() || kept == checksum;
  }

  /**
   * Returns what a row that was changed gets: the checksum, or if it did not fit before, one that
   * does not fit still, so that damage is not made good by a change.
   */
  static int after(int checksum, boolean didFit) {
    return didFit ? checksum : ~checksum;
  }
}
