package org.bytchat.tracker.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.Timed;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.repair.Fingerprints;
import org.bytchat.tracker.repair.Item;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoredMailbox;
import org.bytchat.tracker.store.StoredMailbox.Part;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox in memory, without the envelopes' bytes: what is there, whose it is, and which
 * envelopes may go. As {@link Timed} it is due when one may.
 */
final class Mailbox extends Timed {

  /** How many versions of the list are remembered to have been confirmed. */
  private static final int CONFIRMATIONS_MAX = 1_024;

  private static final long HOUR_NANOS = 3_600_000_000_000L;

  /** How old the time of the last use may be, which decides on weeks. */
  private static final long TOUCH_MILLIS = 24 * 3_600_000L;

  /** How many devices may have acknowledged what is in it: one bit of a long each. */
  private static final int DEVICES_MAX = Long.SIZE;

  // Heap, counted by fields: an entry, a delivery key with its use, a confirmation, a device.
  private static final long ENTRY_BYTES = 350;
  private static final long KEY_BYTES = 240;
  private static final long CONFIRMATION_BYTES = 100;
  private static final long DEVICE_BYTES = 400;
  private static final long REVOKED_BYTES = 80;

  final NodeId key;

  /** Why it was read, if it was to delete something; null once that was done. */
  Recalls.@Nullable Recall recall;

  /** What of its weight is counted. */
  int weighed;

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

  /** Whether it is on disk, or is about to be. */
  boolean isBegun;

  /** Whether a commit failed, so that memory is ahead of the disk and must be read again. */
  boolean stale;

  /** How many deposits were refused since it has been full, since it was read. */
  long refusedCount;

  int liveCount;
  long liveBytes;
  int strangersCount;
  long strangersBytes;

  /** When it was last used, by the clock, as it is on disk or will be; 0 if that is not known. */
  long touchedMillis;

  private long nextSequence;
  private final Map<Digest, Held> entries = new LinkedHashMap<>();

  /** The bit of each device that has acknowledged something, or is about to. */
  private final Map<DeviceId, Integer> bits = new LinkedHashMap<>();

  /** The devices of the newest list. */
  private Map<DeviceId, Device> listed = Collections.emptyMap();

  /** The last sequence that each version was confirmed for, by version. */
  private final Map<Long, Long> confirmations = new LinkedHashMap<>();

  private final Map<ByteBuffer, KeyUse> keyUses = new LinkedHashMap<>();

  /** What a delivery key has used up. */
  static final class KeyUse {

    /** Envelopes held. */
    int heldCount;

    /** When its token bucket, which holds an hour's rate, is full again; null if it is. */
    private @Nullable Long fullAtNanos;

    /** Tells whether it may be used now. */
    boolean mayDeposit(int hourlyRate, long nowNanos) {
      Long fullAt = fullAtNanos;
      return fullAt == null || fullAt - nowNanos <= HOUR_NANOS - HOUR_NANOS / hourlyRate;
    }

    /** Notes that it is used. */
    void charge(int hourlyRate, long nowNanos) {
      Long fullAt = fullAtNanos;
      long from = fullAt == null ? nowNanos : Math.max(fullAt, nowNanos);
      fullAtNanos = from + HOUR_NANOS / hourlyRate;
    }

    /** Copies of other trackers were not held to the rate, and are not to shut a contact out. */
    private void cap(long atNanos) {
      Long fullAt = fullAtNanos;
      if (fullAt != null && fullAt > atNanos) {
        fullAtNanos = atNanos;
      }
    }
  }

  /** Begins a mailbox of which nothing is kept. */
  Mailbox(NodeId key) {
    this.key = key;
    this.nextSequence = 1;
  }

  /**
   * Takes up what is kept of a mailbox.
   *
   * @param scheme what keys are for; null if nobody asks for the owner, whose key takes as long to
   *     check as all the rest
   */
  Mailbox(NodeId key, StoredMailbox stored, @Nullable SignatureScheme scheme, Moment now) {
    this.key = key;
    this.isBegun = true;
    this.nextSequence = stored.nextSequence();
    this.touchedMillis = stored.touchedMillis();
    byte[] ownerBytes = stored.parts().get(Part.OWNER);
    this.owner =
        ownerBytes == null || scheme == null
            ? null
            : Owner.parse(ownerBytes, scheme).toOptional().orElse(null);
    setList(listOf(stored.parts().get(Part.DEVICES)));
    this.fork = listOf(stored.parts().get(Part.FORK));
    byte[] keyBytes = stored.parts().get(Part.DELIVERY_KEYS);
    this.deliveryKeys =
        keyBytes == null ? null : DeliveryKeys.parse(keyBytes).toOptional().orElse(null);
    for (StoredMailbox.Confirmation confirmation : stored.confirmations()) {
      confirmations.put(confirmation.version(), confirmation.sequence());
      // If what was accepted before it could not be written, its sequence must not be given to
      // something later, which it does not confirm the version for.
      nextSequence = Math.max(nextSequence, confirmation.sequence());
    }
    for (StoredMailbox.Entry entry : stored.entries()) {
      add(new Held(entry, true));
      chargeAgain(entry, now);
    }
    keyUses.values().forEach(use -> use.cap(now.nanos() + HOUR_NANOS));
    for (StoredMailbox.Ack ack : stored.acks()) {
      Held held = entries.get(ack.digest());
      if (held != null) {
        acknowledge(held, ack.device(), now.nanos());
      }
    }
  }

  /**
   * A moment by both clocks.
   *
   * @param nanos monotonic
   * @param wallMillis since 1970
   */
  record Moment(long nanos, long wallMillis) {}

  /** Being read again gives no contact more than their rate. */
  private void chargeAgain(StoredMailbox.Entry entry, Moment now) {
    DeliveryKeys keys = deliveryKeys;
    byte[] deliveryKey = entry.deliveryKey();
    long ageMillis = Math.max(0, now.wallMillis - entry.acceptedMillis());
    if (keys != null && deliveryKey != null && ageMillis < HOUR_NANOS / 1_000_000) {
      keys.key(deliveryKey)
          .ifPresent(
              allowed ->
                  use(deliveryKey).charge(allowed.hourlyRate(), now.nanos - ageMillis * 1_000_000));
    }
  }

  /** Returns the fingerprint of what is kept of a mailbox, also if that is nothing. */
  static Digest fingerprint(NodeId key, Optional<StoredMailbox> stored, long nowMillis) {
    Mailbox mailbox =
        stored
            .map(kept -> new Mailbox(key, kept, null, new Moment(0, nowMillis)))
            .orElseGet(() -> new Mailbox(key));
    return mailbox.fingerprint(nowMillis);
  }

  /**
   * Notes that it is used, at most once a day, so that to read costs no write.
   *
   * @return what is to be written, nothing if it was used lately
   */
  Optional<Change.Touch> touch(long nowMillis) {
    // A time in the future is that of a clock that was wrong.
    if (Math.abs(nowMillis - touchedMillis) < TOUCH_MILLIS) {
      return Optional.empty();
    }
    touchedMillis = nowMillis;
    return Optional.of(new Change.Touch(key, nowMillis));
  }

  /** Takes up a newer device list, which nothing has confirmed yet. */
  void adopt(Owner newOwner, DeviceList newest) {
    owner = newOwner;
    setList(newest);
    confirmedNanos = null;
  }

  private void setList(@Nullable DeviceList newest) {
    list = newest;
    Map<DeviceId, Device> all = new LinkedHashMap<>();
    if (newest != null) {
      newest.content().devices().forEach(device -> all.put(device.id(), device));
    }
    listed = all;
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

  /** Returns about what it takes in memory, in entries: its lists can take more than these. */
  int weight() {
    DeliveryKeys keys = deliveryKeys;
    long bytes =
        listBytes(list)
            + listBytes(fork)
            + (keys == null ? 0 : KEY_BYTES * keys.content().keys().size())
            + CONFIRMATION_BYTES * confirmations.size();
    return entryCount() + (int) (bytes / ENTRY_BYTES);
  }

  private static long listBytes(@Nullable DeviceList list) {
    return list == null
        ? 0
        : DEVICE_BYTES * list.content().devices().size()
            + REVOKED_BYTES * list.content().revoked().size();
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
    touchedMillis = Math.max(touchedMillis, held.entry.acceptedMillis());
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

  /** Notes that a device has acknowledged an entry, if there is room to. */
  void acknowledge(Held held, DeviceId device, long nowNanos) {
    if (reserve(device)) {
      held.acks |= 1L << bits.getOrDefault(device, 0);
      held.lastAckNanos = nowNanos;
    }
  }

  /** Returns when the last acknowledgement came of all, or since when they are in memory. */
  long lastAckNanos() {
    long last = Long.MIN_VALUE;
    for (Held held : entries.values()) {
      if (held.acks != 0) {
        last = Math.max(last, held.lastAckNanos);
      }
    }
    return last;
  }

  /** None came after this, as is known though the mailbox has left memory in between. */
  void restoreAckTimes(long lastNanos) {
    for (Held held : entries.values()) {
      held.lastAckNanos = Math.min(held.lastAckNanos, lastNanos);
    }
  }

  /**
   * Returns what other trackers are to have too: what is durable and has not ended, with the
   * devices of the newest list that have acknowledged it.
   *
   * @param nowMillis the time, since 1970
   * @return by digest
   */
  List<Item> items(long nowMillis) {
    List<DeviceId> devices = new ArrayList<>(listed.keySet());
    Collections.sort(devices);
    List<Item> items = new ArrayList<>();
    for (Held held : entries.values()) {
      if (held.durable && held.entry.expiresMillis() > nowMillis) {
        List<DeviceId> acked =
            devices.stream().filter(device -> isAcknowledged(held, device)).toList();
        items.add(new Item(held.digest(), acked));
      }
    }
    items.sort(Comparator.comparing(Item::digest));
    return items;
  }

  /** Returns the fingerprint of its lists. */
  Digest listsFingerprint() {
    return Fingerprints.ofLists(list, validKeys());
  }

  /** Returns the fingerprint by which another tracker tells whether it has the same. */
  Digest fingerprint(long nowMillis) {
    return Fingerprints.ofMailbox(listsFingerprint(), Fingerprints.of(items(nowMillis)));
  }

  /** Returns the devices of the newest list. */
  Set<DeviceId> listedDevices() {
    return Collections.unmodifiableSet(listed.keySet());
  }

  /** Tells whether a device has acknowledged an entry. */
  boolean isAcknowledged(Held held, DeviceId device) {
    Integer bit = bits.get(device);
    return bit != null && (held.acks & 1L << bit) != 0;
  }

  /** Makes room to note a device's acknowledgements; tells whether there is. */
  boolean reserve(DeviceId device) {
    if (bits.containsKey(device)) {
      return true;
    }
    if (bits.size() == DEVICES_MAX) {
      releaseBits();
    }
    if (bits.size() == DEVICES_MAX) {
      return false;
    }
    long taken = 0;
    for (int bit : bits.values()) {
      taken |= 1L << bit;
    }
    bits.put(device, Long.numberOfTrailingZeros(~taken));
    return true;
  }

  /** Takes back the bits of devices that are not listed any more and have acknowledged nothing. */
  private void releaseBits() {
    long used = 0;
    for (Held held : entries.values()) {
      used |= held.acks;
    }
    long inUse = used;
    bits.entrySet()
        .removeIf(bit -> (inUse & 1L << bit.getValue()) == 0 && !listed.containsKey(bit.getKey()));
  }

  /**
   * Returns the delivery keys if the device that signed them is listed still, else null: a device
   * that was stolen could otherwise sign the highest version there is, and shut the owner out.
   */
  @Nullable DeliveryKeys validKeys() {
    DeliveryKeys keys = deliveryKeys;
    return keys == null || listed(keys.content().device()) == null ? null : keys;
  }

  /** Returns the device of the newest list with an id, or null. */
  @Nullable Device listed(DeviceId device) {
    return listed.get(device);
  }

  /**
   * Notes that a version of the list was the newest.
   *
   * @param version the version
   * @param sequence the next one of that moment: entries before it were there
   * @param atNanos that moment
   * @param isRoom whether it could be kept now; if not, only the moment is noted
   * @return whether that is new for some entry, and to be kept
   */
  boolean confirm(long version, long sequence, long atNanos, boolean isRoom) {
    Long before = confirmedNanos;
    confirmedNanos = before == null ? atNanos : Math.max(before, atNanos);
    Long known = confirmations.get(version);
    if (!isRoom) {
      return false;
    }
    if (known == null ? confirmations.size() >= CONFIRMATIONS_MAX : known >= sequence) {
      return false;
    }
    confirmations.put(version, sequence);
    return true;
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
    if (list == null || held.acks == 0) {
      return false;
    }
    long version = Long.MAX_VALUE;
    for (Map.Entry<Long, Long> confirmation : confirmations.entrySet()) {
      if (confirmation.getValue() > held.entry.sequence()) {
        version = Math.min(version, confirmation.getKey());
      }
    }
    for (Map.Entry<DeviceId, Device> device : listed.entrySet()) {
      if (device.getValue().since() <= version && !isAcknowledged(held, device.getKey())) {
        return false;
      }
    }
    return true;
  }
}
