package org.bytchat.tracker.repair;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;
import org.jspecify.annotations.Nullable;

/**
 * What a tracker gives of an envelope: the envelope and what let it in, or the memory of it.
 * Nothing of it is verified.
 *
 * @param head what goes with the bytes
 * @param envelope the envelope as carried; null if it was deleted
 */
@API(status = API.Status.EXPERIMENTAL)
public record Copy(Head head, byte @Nullable [] envelope) {

  @Override
  public boolean equals(Object other) {
    return other instanceof Copy that
        && head.equals(that.head)
        && Arrays.equals(envelope, that.envelope);
  }

  @Override
  public int hashCode() {
    return head.hashCode();
  }

  /**
   * What goes with the bytes of an envelope.
   *
   * @param digest names it
   * @param expiresMillis when it ends; of a deleted one nothing shows that this is true
   * @param origin what let it in; null if it was deleted
   */
  public record Head(Digest digest, long expiresMillis, @Nullable Origin origin) {

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @param bytes any bytes
     * @return the head, or why the bytes are none
     */
    public static Parsed<Head> parse(byte[] bytes) {
      return FieldReader.parse(bytes, Head::read);
    }

    private static Head read(FieldReader fields) throws FieldReader.Refused {
      Digest digest = Digest.of(fields.bytes(Digest.BYTES));
      long expiresMillis = fields.number("the end");
      byte[] rest = fields.rest();
      if (rest.length == 0) {
        return new Head(digest, expiresMillis, null);
      }
      Origin origin =
          Origin.parse(rest)
              .toOptional()
              .orElseThrow(() -> new FieldReader.Refused("the origin is none"));
      return new Head(digest, expiresMillis, origin);
    }

    /**
     * Returns the form on the wire.
     *
     * @return the digest, the end in 8 bytes, and the origin if there is one
     */
    public byte[] toBytes() {
      Origin from = origin;
      byte[] carried = from == null ? new byte[0] : from.toBytes();
      return ByteBuffer.allocate(Digest.BYTES + Long.BYTES + carried.length)
          .put(digest.toBytes())
          .putLong(expiresMillis)
          .put(carried)
          .array();
    }
  }
}
