package org.bytchat.tracker.repair;

import java.nio.ByteBuffer;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * A mailbox that a tracker has, in short: who has the same fingerprint has the same.
 *
 * @param mailbox which
 * @param fingerprint of its lists and of all of its items, see {@link Fingerprints}
 */
@API(status = API.Status.EXPERIMENTAL)
public record Summary(NodeId mailbox, Digest fingerprint) {

  /** The length of its form in bytes. */
  public static final int BYTES = NodeId.BYTES + Digest.BYTES;

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @param bytes any bytes
   * @return the summary, or why the bytes are none
   */
  public static Parsed<Summary> parse(byte[] bytes) {
    return FieldReader.parse(
        bytes, fields -> new Summary(fields.nodeId(), Digest.of(fields.bytes(Digest.BYTES))));
  }

  /**
   * Returns the form on the wire.
   *
   * @return {@link #BYTES} bytes
   */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).put(mailbox.toBytes()).put(fingerprint.toBytes()).array();
  }
}
