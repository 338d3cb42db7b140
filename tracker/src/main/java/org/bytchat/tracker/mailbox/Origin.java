package org.bytchat.tracker.mailbox;

import java.nio.ByteBuffer;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * Where an envelope was first let in, and by what. An admission verifies for one tracker only, so
 * that whoever takes a copy of the envelope can verify it as that tracker did.
 *
 * @param tracker the id that the admission was made for
 * @param admission the contact's signature, or the stranger's stamp
 */
@API(status = API.Status.EXPERIMENTAL)
public record Origin(NodeId tracker, Admission admission) {

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @param bytes any bytes
   * @return the origin, or why the bytes are none
   */
  public static Parsed<Origin> parse(byte[] bytes) {
    return FieldReader.parse(bytes, Origin::read);
  }

  private static Origin read(FieldReader fields) throws FieldReader.Refused {
    NodeId tracker = fields.nodeId();
    Parsed<Admission> admission = Admission.parse(fields.rest());
    if (admission instanceof Parsed.Good<Admission> good) {
      return new Origin(tracker, good.value());
    }
    throw new FieldReader.Refused("the admission is none");
  }

  /**
   * Returns the form on the wire and on disk.
   *
   * @return the tracker's id, 20 bytes, and the admission
   */
  public byte[] toBytes() {
    byte[] carried = admission.toBytes();
    return ByteBuffer.allocate(NodeId.BYTES + carried.length)
        .put(tracker.toBytes())
        .put(carried)
        .array();
  }
}
