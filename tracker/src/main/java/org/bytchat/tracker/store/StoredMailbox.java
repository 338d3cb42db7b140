package org.bytchat.tracker.store;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a mailbox, without the envelopes' bytes. The same content gives the same order
 * everywhere, whatever keeps it.
 *
 * @param nextSequence higher than that of every entry there ever was; at least 1
 * @param touchedMillis when it was last used, by the tracker's clock; 0 if that is not known
 * @param parts what is signed and as it was carried, each in its newest form; in the order of the
 *     constants
 * @param confirmations of versions of the device list, by version
 * @param entries envelopes held and remembered, by sequence
 * @param acks which devices have acknowledged which of the entries, by the entry's sequence, then
 *     by device
 */
@API(status = API.Status.EXPERIMENTAL)
public record StoredMailbox(
    long nextSequence,
    long touchedMillis,
    Map<Part, byte[]> parts,
    List<Confirmation> confirmations,
    List<Entry> entries,
    List<Ack> acks) {

  public StoredMailbox {
    // Not Map.copyOf, whose order differs from one run to the next.
    Map<Part, byte[]> inOrder = new EnumMap<>(Part.class);
    inOrder.putAll(parts);
    parts = Collections.unmodifiableMap(inOrder);
    confirmations = List.copyOf(confirmations);
    entries = List.copyOf(entries);
    acks = List.copyOf(acks);
  }

  /** What a mailbox has once. The order of the constants is kept on disk: new ones go last. */
  public enum Part {
    /** The version of the owner's UID, one byte, and their public key. */
    OWNER,
    /** The newest device list. */
    DEVICES,
    /** The newest list of delivery keys. */
    DELIVERY_KEYS,
    /** A device list that was refused because another of that version is held. */
    FORK
  }

  /**
   * That a version of the device list was the newest.
   *
   * @param version the version, from 1
   * @param sequence the {@link #nextSequence} of that moment: entries before it were there
   * @param atMillis when, by the tracker's clock
   */
  public record Confirmation(long version, long sequence, long atMillis) {}

  /**
   * An envelope that is held, or was deleted and is remembered.
   *
   * @param sequence its place in the mailbox, from 1, rising in the order of acceptance
   * @param digest names it
   * @param acceptedMillis when it was accepted, by the tracker's clock
   * @param expiresMillis when it ends
   * @param sizeBytes its length
   * @param deliveryKey the key that admitted it, 32 bytes, null for a stranger's
   * @param deletedMillis when it was deleted, 0 if it is held
   */
  public record Entry(
      long sequence,
      Digest digest,
      long acceptedMillis,
      long expiresMillis,
      int sizeBytes,
      byte @Nullable [] deliveryKey,
      long deletedMillis) {

    /** {@return whether the envelope was deleted} */
    public boolean isDeleted() {
      return deletedMillis != 0;
    }

    /** Returns the same after its deletion. */
    Entry deleted(long atMillis) {
      return new Entry(
          sequence, digest, acceptedMillis, expiresMillis, sizeBytes, deliveryKey, atMillis);
    }
  }

  /**
   * That a device has acknowledged an entry.
   *
   * @param digest names the entry
   * @param device names the device
   * @param atMillis when it was told, by the tracker's clock
   */
  public record Ack(Digest digest, DeviceId device, long atMillis) {}
}
