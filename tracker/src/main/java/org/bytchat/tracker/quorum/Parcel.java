package org.bytchat.tracker.quorum;

import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.jspecify.annotations.Nullable;

/**
 * An envelope to be deposited, and by which right.
 *
 * @param envelope the envelope; the same bytes go to all trackers
 * @param deliveryKey the public half of the key that the mailbox's owner gave us, 32 bytes; null
 *     for strangers, who work for a stamp at each tracker
 */
@API(status = API.Status.EXPERIMENTAL)
public record Parcel(Envelope envelope, byte @Nullable [] deliveryKey) {

  private static final int KEY_BYTES = 32;

  /**
   * Makes a parcel; the key is copied.
   *
   * @throws IllegalArgumentException if the key has another length
   */
  public Parcel {
    if (deliveryKey != null) {
      if (deliveryKey.length != KEY_BYTES) {
        throw new IllegalArgumentException("a key has 32 bytes, not " + deliveryKey.length);
      }
      deliveryKey = deliveryKey.clone();
    }
  }

  @Override
  public byte @Nullable [] deliveryKey() {
    return deliveryKey == null ? null : deliveryKey.clone();
  }

  /**
   * Returns what names the parcel.
   *
   * @return the envelope's digest
   */
  public Digest digest() {
    return envelope.digest();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Parcel that
        && envelope.equals(that.envelope)
        && Arrays.equals(deliveryKey, that.deliveryKey);
  }

  @Override
  public int hashCode() {
    return envelope.hashCode();
  }

  /** Names neither the key nor the mailbox. */
  @Override
  public String toString() {
    return "Parcel[" + envelope + "]";
  }
}
