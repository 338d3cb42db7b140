package org.bytchat.dht.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what owners want to be found, and again at half its life while the node runs.
 *
 * <p>Each time: the blob first, so that no record names what is not there; then what is published
 * at present is read, so that sequence and end rise; then the record is signed and put. When
 * somebody else has published something newer with the same key, this one is given up: what is
 * newest is what the owner wants.
 */
final class Publisher {

  /** How often the sequence is raised above what holders say that they have. */
  private static final int ATTEMPTS_MAX = 3;

  private static final int PUBLICATIONS_MAX = 10_000;

  private static final long RETRY_NANOS_MIN = 15_000_000_000L;
  private static final int RETRY_DOUBLINGS_MAX = 8;

  /** A host that slept or was set does not count all time, so the clock is looked at so often. */
  private static final long CLOCK_CHECK_NANOS = 3_600_000_000_000L;

  private final Operations operations;
  private final Map<Long, Entry> entries = new LinkedHashMap<>();
  private long nextId = 1;

  private static final class Entry {
    final long id;
    final Publication what;
    final NodeId place;
    long lastSequence;
    long lastExpiresMillis;
    int attempts;
    int failures;

    /** Whether w nodes have taken it: what is newer from then on is somebody else's. */
    boolean isPublished;

    boolean isOver;
    long dueNanos;
    long dueMillis;
    Operations.@Nullable Delayed next;

    Entry(long id, Publication what) {
      this.id = id;
      this.what = what;
      this.place = Uid.ofKey(what.uidVersion(), what.publicKey()).place(what.label());
    }
  }

  Publisher(Operations operations) {
    this.operations = operations;
  }

  /** Begins to publish; returns what names it, or -1 if there is too much to do already. */
  long publish(Publication what, long nowNanos) {
    check(what);
    if (entries.size() >= PUBLICATIONS_MAX) {
      return -1;
    }
    Entry entry = new Entry(nextId, what);
    if (!begin(entry, nowNanos)) {
      return -1;
    }
    entries.put(nextId, entry);
    return nextId++;
  }

  /** Refuses what no holder would take, before it fails again and again. */
  private void check(Publication what) {
    StoreConfig config = operations.core.config.store();
    if (what.ttl().compareTo(config.ttlMin()) < 0 || what.ttl().compareTo(config.ttlMax()) > 0) {
      throw new IllegalArgumentException(
          "ttl must be %s to %s: %s".formatted(config.ttlMin(), config.ttlMax(), what.ttl()));
    }
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            what.uidVersion(), what.label(), what.publicKey(), 1, 0, 0, what.value());
    if (!isSound(draft, MutableRecord.SIGNATURE_BYTES_MIN)) {
      throw new IllegalArgumentException(
          "the value is too long for a record: %d bytes".formatted(what.value().length));
    }
  }

  /** Publishes something no longer; what is out there lives until its end. */
  void stop(long id) {
    Entry entry = entries.remove(id);
    if (entry != null) {
      entry.isOver = true;
      if (entry.next != null) {
        operations.cancel(entry.next);
      }
    }
  }

  int count() {
    return entries.size();
  }

  private boolean begin(Entry entry, long nowNanos) {
    entry.attempts = 0;
    byte[] blob = entry.what.blob();
    if (blob.length == 0) {
      return read(entry, nowNanos);
    }
    long wallMillis = operations.records.wallMillis(nowNanos);
    // The record that names it may live longer than asked for.
    long endMillis = Math.max(wallMillis + entry.what.ttl().toMillis(), entry.lastExpiresMillis);
    Blob cut = Blob.cut(blob, endMillis);
    return PutOperation.start(
        operations,
        new PutOperation.Wish(cut.reference().root(), List.copyOf(cut.chunks()), -1),
        (result, now) -> {
          if (result.isEnough()) {
            readOrRetry(entry, now);
          } else {
            end(entry, result, now);
          }
        },
        nowNanos);
  }

  private boolean read(Entry entry, long nowNanos) {
    return GetOperation.start(
        operations, entry.place, (found, answered, now) -> onRead(entry, found, now), nowNanos);
  }

  private void readOrRetry(Entry entry, long nowNanos) {
    if (!entry.isOver && !read(entry, nowNanos)) {
      end(entry, null, nowNanos);
    }
  }

  private void onRead(Entry entry, @Nullable MutableRecord found, long nowNanos) {
    if (entry.isOver) {
      return;
    }
    if (found != null) {
      boolean isOthers = entry.isPublished && found.sequence() > entry.lastSequence;
      if (isOthers || found.sequence() == Long.MAX_VALUE) {
        stop(entry.id);
        operations.core.emit(new EngineEvent.Published(entry.id, null, true));
        return;
      }
      entry.lastSequence = Math.max(entry.lastSequence, found.sequence());
      entry.lastExpiresMillis = Math.max(entry.lastExpiresMillis, found.expiresMillis());
    }
    sign(entry, nowNanos);
  }

  private void sign(Entry entry, long nowNanos) {
    StoreConfig config = operations.core.config.store();
    long wallMillis = operations.records.wallMillis(nowNanos);
    // The end may not fall as the sequence rises, and is bound to the time of issue.
    long issuedMillis = Math.max(wallMillis, entry.lastExpiresMillis - config.ttlMax().toMillis());
    long expiresMillis =
        Math.max(issuedMillis + entry.what.ttl().toMillis(), entry.lastExpiresMillis);
    long sequence = Math.max(entry.lastSequence + 1, issuedMillis);
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            entry.what.uidVersion(),
            entry.what.label(),
            entry.what.publicKey(),
            sequence,
            issuedMillis,
            expiresMillis,
            entry.what.value());
    boolean started =
        operations.core.perform(
            id -> new Effect.SignRecord(id, draft, operations.core.networkId, entry.what.signer()),
            (result, now) -> onSigned(entry, draft, result, now));
    if (!started) {
      end(entry, null, nowNanos);
    }
  }

  private void onSigned(
      Entry entry, MutableRecord.Draft draft, Effect.Result result, long nowNanos) {
    if (entry.isOver) {
      return;
    }
    boolean started = false;
    if (result instanceof Effect.Signed signed && isSound(draft, signed.signature().length)) {
      MutableRecord made = draft.signed(signed.signature());
      entry.lastSequence = made.sequence();
      entry.lastExpiresMillis = made.expiresMillis();
      started =
          PutOperation.start(
              operations,
              new PutOperation.Wish(entry.place, List.of(made), -1),
              (put, now) -> onPut(entry, put, now),
              nowNanos);
    }
    if (!started) {
      end(entry, null, nowNanos);
    }
  }

  /** Tells whether a record can be made: the signer is not ours. */
  private static boolean isSound(MutableRecord.Draft draft, int signatureBytes) {
    return signatureBytes >= MutableRecord.SIGNATURE_BYTES_MIN
        && signatureBytes <= MutableRecord.SIGNATURE_BYTES_MAX
        && draft.size(signatureBytes) <= StoredItem.BYTES_MAX;
  }

  private void onPut(Entry entry, PutResult result, long nowNanos) {
    if (entry.isOver) {
      return;
    }
    entry.attempts++;
    if (result.isSuperseded() && entry.attempts < ATTEMPTS_MAX) {
      readOrRetry(entry, nowNanos);
      return;
    }
    end(entry, result, nowNanos);
  }

  /** Tells what became of it, and plans the next time. */
  private void end(Entry entry, @Nullable PutResult result, long nowNanos) {
    if (entry.isOver) {
      return;
    }
    boolean isEnough = result != null && result.isEnough();
    long inNanos;
    if (isEnough) {
      entry.failures = 0;
      entry.isPublished = true;
      inNanos = operations.core.entropy.choices().jitter(entry.what.ttl().toNanos() / 2);
    } else {
      int doublings = Math.min(RETRY_DOUBLINGS_MAX, entry.failures++);
      inNanos = operations.core.entropy.choices().jitter(RETRY_NANOS_MIN << doublings);
    }
    entry.dueNanos = nowNanos + inNanos;
    entry.dueMillis = operations.records.wallMillis(nowNanos) + inNanos / 1_000_000;
    plan(entry, nowNanos);
    operations.core.emit(new EngineEvent.Published(entry.id, result, false));
  }

  private void plan(Entry entry, long nowNanos) {
    long atNanos = Math.min(entry.dueNanos, nowNanos + CLOCK_CHECK_NANOS);
    entry.next = operations.later(atNanos, now -> again(entry, now));
  }

  private void again(Entry entry, long nowNanos) {
    entry.next = null;
    if (nowNanos < entry.dueNanos && operations.records.wallMillis(nowNanos) < entry.dueMillis) {
      plan(entry, nowNanos);
      return;
    }
    if (!begin(entry, nowNanos)) {
      end(entry, null, nowNanos);
    }
  }
}
