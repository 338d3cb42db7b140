package org.bytchat.tracker.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.Timed;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.store.StoredMailbox;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox in memory, without the envelopes' bytes: what is there, whose it is, and which
 * envelopes may go. As {@link Timed} it is due when one may.
 */
final class Mailbox extends Timed {

  /** How many devices may have acknowledged what is in it: one bit of a long each. */
  private static final int DEVICES_MAX = Long.SIZE;

  final NodeId key;

  @Nullable Owner owner;
  @Nullable DeviceList list;
  @Nullable DeliveryKeys deliveryKeys;
  @Nullable DeviceList fork;

  /** When the list was last confirmed to be the newest, in this life; null if it was not. */
  @Nullable Long confirmedNanos;

  /** When the network was last asked for the list, null if it was not. */
  @Nullable Long askedNanos;

  /** Commits of it that are under way. */
  int commitsUnderWay;

  /** Whether a commit failed, so that memory is ahead of the disk and must be read again. */
  boolean stale;

  /** How many deposits were refused since it has been full. */
  long refusedCount;

  int liveCount;
  long liveBytes;
  int strangersCount;
  long strangersBytes;

  private long nextSequence;
  private final Map<Digest, Held> entries = new LinkedHashMap<>();
  private final List<DeviceId> devices = new ArrayList<>();

  /** The last sequence that each version was confirmed for, by version. */
  private final Map<Long, Long> confirmations = new LinkedHashMap<>();

  private final Map<ByteBuffer, KeyUse> keyUses = new LinkedHashMap<>();

  /** What a delivery key has used up. */
  static final class KeyUse {

    /** Envelopes held. */
    int heldCount;

    /** When it could last have been unused, as in a token bucket of an hour's rate. */
    long fullAtNanos;
  }

  /** Begins a mailbox of which nothing is kept. */
  Mailbox(NodeId key) {
    this.key = key;
    this.nextSequence = 1;
  }

  /** Takes up what is kept of a mailbox. */
  Mailbox(NodeId key, StoredMailbox stored, SignatureScheme scheme, long nowNanos) {
    this.key = key;
    this.nextSequence = stored.nextSequence();
    byte[] ownerBytes = stored.parts().get(Part.OWNER);
    this.owner =
        ownerBytes == null ? null : Owner.parse(ownerBytes, scheme).toOptional().orElse(null);
    this.list = listOf(stored.parts().get(Part.DEVICES));
    this.fork = listOf(stored.parts().get(Part.FORK));
    byte[] keyBytes = stored.parts().get(Part.DELIVERY_KEYS);
    this.deliveryKeys =
        keyBytes == null ? null : DeliveryKeys.parse(keyBytes).toOptional().orElse(null);
    for (StoredMailbox.Confirmation confirmation : stored.confirmations()) {
      confirmations.put(confirmation.version(), confirmation.sequence());
    }
    for (StoredMailbox.Entry entry : stored.entries()) {
      add(new Held(entry, true));
    }
    for (StoredMailbox.Ack ack : stored.acks()) {
      Held held = entries.get(ack.digest());
      if (held != null) {
        acknowledge(held, ack.device(), nowNanos);
      }
    }
  }

  private static @Nullable DeviceList listOf(byte @Nullable [] bytes) {
    return bytes == null ? null : DeviceList.parse(bytes).toOptional().orElse(null);
  }

  Collection<Held> entries() {
    return entries.values();
  }

  int entryCount() {
    return entries.size();
  }

  int tombstoneCount() {
    return entries.size() - liveCount;
  }

  @Nullable Held find(Digest digest) {
    return entries.get(digest);
  }

  /** Returns the sequence that the next envelope gets. */
  long nextSequence() {
    return nextSequence;
  }

  /** Adds an entry behind all others. */
  void add(Held held) {
    entries.put(held.digest(), held);
    nextSequence = Math.max(nextSequence, held.entry.sequence() + 1);
    if (held.isLive()) {
      book(held, 1);
    }
  }

  /** Removes an entry. */
  void remove(Held held) {
    if (entries.remove(held.digest()) != null && held.isLive()) {
      book(held, -1);
    }
  }

  /** Turns an envelope into the memory of it. */
  void bury(Held held, long atMillis) {
    if (held.isLive()) {
      book(held, -1);
      held.deletedMillis = atMillis;
    }
  }

  private void book(Held held, int sign) {
    liveCount += sign;
    liveBytes += (long) sign * held.entry.sizeBytes();
    byte[] deliveryKey = held.entry.deliveryKey();
    if (deliveryKey == null) {
      strangersCount += sign;
      strangersBytes += (long) sign * held.entry.sizeBytes();
    } else {
      use(deliveryKey).heldCount += sign;
    }
  }

  /** Returns what a delivery key has used up. */
  KeyUse use(byte[] deliveryKey) {
    return keyUses.computeIfAbsent(ByteBuffer.wrap(deliveryKey), unused -> new KeyUse());
  }

  /** Forgets what keys have used up that are no longer good for anything. */
  void pruneKeyUses() {
    DeliveryKeys keys = deliveryKeys;
    keyUses
        .entrySet()
        .removeIf(
            use ->
                use.getValue().heldCount == 0
                    && (keys == null || keys.key(use.getKey().array()).isEmpty()));
  }

  /** Notes that a device has acknowledged an entry; tells whether there was room to. */
  boolean acknowledge(Held held, DeviceId device, long nowNanos) {
    int index = devices.indexOf(device);
    if (index < 0) {
      if (devices.size() == DEVICES_MAX) {
        return false;
      }
      index = devices.size();
      devices.add(device);
    }
    held.acks |= 1L << index;
    held.lastAckNanos = nowNanos;
    return true;
  }

  /** Tells whether a device has acknowledged an entry. */
  boolean isAcknowledged(Held held, DeviceId device) {
    int index = devices.indexOf(device);
    return index >= 0 && (held.acks & 1L << index) != 0;
  }

  /** Tells whether there is room to note another device's acknowledgements. */
  boolean hasRoomFor(DeviceId device) {
    return devices.contains(device) || devices.size() < DEVICES_MAX;
  }

  /** Returns the device of the newest list with an id, or null. */
  @Nullable Device listed(DeviceId device) {
    DeviceList newest = list;
    return newest == null ? null : newest.device(device).orElse(null);
  }

  /** Notes that a version of the list is the newest. */
  void confirm(long version, long nowNanos) {
    confirmedNanos = nowNanos;
    confirmations.put(version, nextSequence);
  }

  /** Returns for which entries a version is confirmed: those before this sequence; 0 for none. */
  long confirmedSequence(long version) {
    return confirmations.getOrDefault(version, 0L);
  }

  /** Tells whether the list was confirmed lately enough. */
  boolean isConfirmed(TrackerConfig config, long nowNanos) {
    Long at = confirmedNanos;
    return at != null && nowNanos - at <= config.times().confirmed().toNanos();
  }

  /**
   * Tells whether every device has acknowledged an entry that must: those of the newest list that
   * were listed when the envelope was accepted. The version of that moment is the first that was
   * confirmed after it; while none was, all devices of the newest list must.
   */
  boolean isAcknowledgedByAll(Held held) {
    DeviceList newest = list;
    if (newest == null || held.acks == 0) {
      return false;
    }
    long version = Long.MAX_VALUE;
    for (Map.Entry<Long, Long> confirmation : confirmations.entrySet()) {
      if (confirmation.getValue() > held.entry.sequence()) {
        version = Math.min(version, confirmation.getKey());
      }
    }
    for (Device device : newest.content().devices()) {
      if (device.since() <= version && !isAcknowledged(held, device.id())) {
        return false;
      }
    }
    return true;
  }
}
