package org.bytchat.tracker.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What {@link SqliteWriter} says, prepared once. */
final class SqliteStatements {

  private static final String UPDATE_MAILBOX =
      """
      UPDATE mailbox
      SET next_sequence = ?, first_expires_millis = ?, touched_millis = ?, checksum = ?
      WHERE id = ?""";

  /** The columns that {@link SqliteReader#entry} reads, and then those of the checksum. */
  private static final String ENTRY =
      """
      SELECT digest, sequence, accepted_millis, expires_millis, size_bytes, delivery_key,
        deleted_millis, envelope, checksum
      FROM entry WHERE mailbox = ? AND digest = ?""";

  private static final String ADD_ENTRY =
      """
      INSERT INTO entry (mailbox, digest, sequence, accepted_millis, expires_millis,
        size_bytes, delivery_key, deleted_millis, envelope, checksum)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

  private static final String ADD_ACK =
      """
      INSERT INTO ack (mailbox, sequence, device, at_millis, batch)
      SELECT mailbox, sequence, ?, ?, ? FROM entry WHERE mailbox = ? AND digest = ?
      ON CONFLICT DO NOTHING""";

  private static final String PUT_CONFIRMATION =
      """
      INSERT INTO confirmation (mailbox, version, sequence, at_millis) VALUES (?, ?, ?, ?)
      ON CONFLICT (mailbox, version)
      DO UPDATE SET sequence = excluded.sequence, at_millis = excluded.at_millis""";

  final PreparedStatement mailbox;
  final PreparedStatement addMailbox;
  final PreparedStatement updateMailbox;
  final PreparedStatement dropMailbox;
  final PreparedStatement anyEntry;
  final PreparedStatement entry;
  final PreparedStatement addEntry;
  final PreparedStatement dropEntry;
  final PreparedStatement markDeleted;
  final PreparedStatement firstEnd;
  final PreparedStatement addEnvelope;
  final PreparedStatement dropEnvelope;
  final PreparedStatement addAck;
  final PreparedStatement moveAcks;
  final PreparedStatement dropAcks;
  final PreparedStatement addBatch;
  final PreparedStatement dropBatches;
  final PreparedStatement putPart;
  final PreparedStatement dropParts;
  final PreparedStatement dropConfirmations;
  final PreparedStatement putConfirmation;
  final PreparedStatement totals;

  SqliteStatements(Connection connection) throws SQLException {
    mailbox =
        connection.prepareStatement(
            """
            SELECT id, next_sequence, first_expires_millis, touched_millis, checksum
            FROM mailbox WHERE key = ?""");
    addMailbox =
        connection.prepareStatement(
            "INSERT INTO mailbox (id, key, next_sequence) VALUES (?, ?, 1)");
    updateMailbox = connection.prepareStatement(UPDATE_MAILBOX);
    dropMailbox = connection.prepareStatement("DELETE FROM mailbox WHERE id = ?");
    anyEntry = connection.prepareStatement("SELECT 1 FROM entry WHERE mailbox = ? LIMIT 1");
    entry = connection.prepareStatement(ENTRY);
    addEntry = connection.prepareStatement(ADD_ENTRY);
    dropEntry = connection.prepareStatement("DELETE FROM entry WHERE mailbox = ? AND digest = ?");
    markDeleted =
        connection.prepareStatement(
            """
            UPDATE entry SET deleted_millis = ?, envelope = NULL, checksum = ?
            WHERE mailbox = ? AND digest = ?""");
    firstEnd =
        connection.prepareStatement("SELECT min(expires_millis) FROM entry WHERE mailbox = ?");
    addEnvelope =
        connection.prepareStatement("INSERT INTO envelope (id, bytes, origin) VALUES (?, ?, ?)");
    dropEnvelope = connection.prepareStatement("DELETE FROM envelope WHERE id = ?");
    addAck = connection.prepareStatement(ADD_ACK);
    moveAcks =
        connection.prepareStatement(
            "UPDATE ack SET sequence = ? WHERE mailbox = ? AND sequence = ?");
    dropAcks = connection.prepareStatement("DELETE FROM ack WHERE mailbox = ? AND sequence = ?");
    addBatch =
        connection.prepareStatement("INSERT INTO ack_batch (id, mailbox, bytes) VALUES (?, ?, ?)");
    // One pass over the mailbox at the end of a commit, for no index by batch.
    dropBatches =
        connection.prepareStatement(
            """
            DELETE FROM ack_batch
            WHERE mailbox = ? AND id NOT IN (SELECT batch FROM ack WHERE mailbox = ?)""");
    putPart =
        connection.prepareStatement(
            """
            INSERT INTO part (mailbox, part, bytes) VALUES (?, ?, ?)
            ON CONFLICT (mailbox, part) DO UPDATE SET bytes = excluded.bytes""");
    dropParts = connection.prepareStatement("DELETE FROM part WHERE mailbox = ?");
    dropConfirmations = connection.prepareStatement("DELETE FROM confirmation WHERE mailbox = ?");
    putConfirmation = connection.prepareStatement(PUT_CONFIRMATION);
    totals =
        connection.prepareStatement(
            """
            UPDATE total SET mailboxes = ?, envelopes = ?, envelope_bytes = ?, tombstones = ?,
              ack_batches = ?
            WHERE id = 1""");
  }
}
