package org.bytchat.tracker.quorum;

import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.jspecify.annotations.Nullable;

/** An envelope to be deposited, and by which right. Immutable. */
@API(status = API.Status.EXPERIMENTAL)
public final class Parcel {

  private static final int KEY_BYTES = 32;

  private final Envelope envelope;
  private final byte @Nullable [] deliveryKey;

  /**
   * Makes a parcel; the key is copied.
   *
   * @param envelope the envelope; the same bytes go to all trackers
   * @param deliveryKey the public half of the key that the mailbox's owner gave us, 32 bytes; null
   *     for strangers, who work for a stamp at each tracker
   * @throws IllegalArgumentException if the key has another length
   */
  public Parcel(Envelope envelope, byte @Nullable [] deliveryKey) {
    if (deliveryKey != null && deliveryKey.length != KEY_BYTES) {
      throw new IllegalArgumentException("a key has 32 bytes, not " + deliveryKey.length);
    }
    this.envelope = envelope;
    this.deliveryKey = deliveryKey == null ? null : deliveryKey.clone();
  }

  /**
   * Returns the envelope.
   *
   * @return the envelope
   */
  public Envelope envelope() {
    return envelope;
  }

  /**
   * Returns the public key whose private half admits the envelope.
   *
   * @return a copy, or null for a stranger's parcel
   */
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
