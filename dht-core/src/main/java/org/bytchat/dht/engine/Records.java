package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.RecordStore;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.store.StoreOutcome;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.store.TimeRules;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.EngineTimer;
import org.bytchat.dht.time.TimerTable;
import org.jspecify.annotations.Nullable;

/** The records that a node holds: the store, its clock, the ends of items, and what is on disk. */
final class Records {

  private static final long MILLI_NANOS = 1_000_000;
  private static final long SECOND_NANOS = 1_000_000_000;

  /** The wall clock may jump, so the ends of items are looked at at least so often. */
  private static final long EXPIRY_CHECK_NANOS_MAX = 3_600 * SECOND_NANOS;

  /** A clock that jumps ahead so far is doubted for a while. */
  private static final long JUMP_MILLIS = 600_000;

  private static final long JUMP_GRACE_NANOS = 3_600 * SECOND_NANOS;

  private static final long KEEP_RETRY_NANOS = 60 * SECOND_NANOS;

  /** Items that are given up at once; the next ones follow after others had their turn. */
  private static final int EXPIRY_BATCH = 256;

  /** Changes in one entry of the log. */
  private static final int APPEND_BATCH = 256;

  /** If so many wait to be written, the whole store is written in their place. */
  private static final int UNWRITTEN_MAX = 20_000;

  /** The log is replaced by a snapshot when it is longer than this, and than the last one. */
  private static final long LOG_BYTES_MIN = 4 << 20;

  /** What an entry of the log has beside the bytes of its items, about. */
  private static final int CHANGE_BYTES = 40;

  private final Core core;
  private final TimerTable timers;

  /** Null until something was to be stored. */
  private @Nullable RecordStore store;

  private @Nullable TimeRules times;

  private long wallOffsetMillis;
  private boolean hasClock;

  /** Until then nothing is given up: the clock jumped ahead, and may be set back. */
  private long givesUpFromNanos = Long.MIN_VALUE;

  /** Changes that are not on disk and not on their way there. */
  private List<StoreChange> unwritten = List.of();

  private boolean writing;
  private boolean snapshotDue;
  private long snapshotBytes;
  private long appendedBytes;
  private long retryAtNanos = Long.MIN_VALUE;

  Records(Core core, TimerTable timers) {
    this.core = core;
    this.timers = timers;
  }

  /** Tells the time of the world; it may jump either way. */
  void adjustClock(long wallMillis, long nowNanos) {
    long offsetMillis = wallMillis - nowNanos / MILLI_NANOS;
    if (hasClock && offsetMillis - wallOffsetMillis > JUMP_MILLIS) {
      givesUpFromNanos = nowNanos + JUMP_GRACE_NANOS;
    }
    wallOffsetMillis = offsetMillis;
    hasClock = true;
  }

  long wallMillis(long nowNanos) {
    if (!hasClock) {
      throw new IllegalStateException("the driver did not tell the time: adjustClock");
    }
    return nowNanos / MILLI_NANOS + wallOffsetMillis;
  }

  /** Takes up what an earlier life held. */
  void restore(List<StoreChange> changes, long nowNanos) {
    store().restore(changes, wallMillis(nowNanos));
    snapshotDue = core.keepsState;
  }

  void start(long nowNanos) {
    planExpiry(nowNanos);
    write(nowNanos);
  }

  RecordStore store() {
    RecordStore made = store;
    if (made == null) {
      made = new RecordStore(core.config.store());
      store = made;
    }
    return made;
  }

  TimeRules times() {
    TimeRules made = times;
    if (made == null) {
      made = new TimeRules(core.config.store());
      times = made;
    }
    return made;
  }

  /** Tells whether nothing is held. */
  boolean isEmpty() {
    return store == null || store.nextPlace(null) == null;
  }

  RecordStore.Stats stats() {
    return store == null ? RecordStore.Stats.NOTHING : store.stats();
  }

  @Nullable StoredItem get(NodeId key, long nowNanos) {
    return store == null ? null : store.get(key, wallMillis(nowNanos));
  }

  /** Checks a put without changing anything. */
  StoreOutcome.Checked check(StorePut put, long nowNanos) {
    return store().check(put, wallMillis(nowNanos));
  }

  /** Stores what was verified. */
  StoreOutcome.Committed commit(StorePut put, long nowNanos) {
    StoreOutcome.Committed outcome = store().commit(put, wallMillis(nowNanos));
    if (outcome instanceof StoreOutcome.Stored stored) {
      core.count(Counter.RECORDS_STORED);
      note(stored.changes(), nowNanos);
      planExpiry(nowNanos);
    }
    return outcome;
  }

  /** Gives up what ended. */
  void onExpiryTimer(long nowNanos) {
    long wallMillis = wallMillis(nowNanos);
    if (store().nextExpiryMillis() <= wallMillis && nowNanos >= givesUpFromNanos) {
      List<StoreChange> changes = store().pollExpired(wallMillis, EXPIRY_BATCH);
      core.count(Counter.RECORDS_EXPIRED, changes.size());
      note(changes, nowNanos);
    }
    planExpiry(nowNanos);
  }

  private void planExpiry(long nowNanos) {
    long nextMillis = store == null ? RecordStore.NEVER : store.nextExpiryMillis();
    if (nextMillis == RecordStore.NEVER) {
      timers.set(EngineTimer.EXPIRY, DeadlineQueue.NEVER);
      return;
    }
    long leftMillis = Math.max(0, nextMillis - wallMillis(nowNanos));
    // Not at once again, so that a long list does not hold everything else up.
    long inNanos =
        leftMillis >= EXPIRY_CHECK_NANOS_MAX / MILLI_NANOS
            ? EXPIRY_CHECK_NANOS_MAX
            : Math.max(SECOND_NANOS / 100, leftMillis * MILLI_NANOS);
    timers.set(EngineTimer.EXPIRY, Math.max(nowNanos + inNanos, givesUpFromNanos));
  }

  private void note(List<StoreChange> changes, long nowNanos) {
    if (!core.keepsState) {
      return;
    }
    if (!snapshotDue) {
      if (unwritten.isEmpty()) {
        unwritten = new ArrayList<>();
      }
      unwritten.addAll(changes);
      if (unwritten.size() > UNWRITTEN_MAX) {
        unwritten = List.of();
        snapshotDue = true;
      }
    }
    write(nowNanos);
  }

  /** Writes what waits, one effect at a time, so that all is written in its order. */
  private void write(long nowNanos) {
    if (writing || !core.keepsState || nowNanos < retryAtNanos) {
      return;
    }
    if (snapshotDue) {
      Supplier<List<StoreChange>> snapshot = store().freeze();
      writing =
          core.perform(
              id -> new Effect.KeepRecords(id, snapshot), (result, now) -> onWritten(result, now));
      if (writing) {
        snapshotDue = false;
        unwritten = List.of();
        RecordStore.Stats held = stats();
        snapshotBytes =
            held.bytes() + (long) CHANGE_BYTES * (held.items() + held.rememberedSequences());
        appendedBytes = 0;
      }
    } else if (!unwritten.isEmpty()) {
      List<StoreChange> batch =
          List.copyOf(unwritten.subList(0, Math.min(APPEND_BATCH, unwritten.size())));
      writing =
          core.perform(
              id -> new Effect.AppendChanges(id, batch), (result, now) -> onWritten(result, now));
      if (writing) {
        unwritten.subList(0, batch.size()).clear();
        appendedBytes += bytesOf(batch);
      }
    }
    if (writing) {
      timers.set(EngineTimer.KEEP_RECORDS, DeadlineQueue.NEVER);
    } else if (snapshotDue || !unwritten.isEmpty()) {
      timers.set(EngineTimer.KEEP_RECORDS, nowNanos + SECOND_NANOS);
    }
  }

  /** Returns how long changes are in the log, about. */
  private static long bytesOf(List<StoreChange> changes) {
    long bytes = (long) CHANGE_BYTES * changes.size();
    for (StoreChange change : changes) {
      bytes += change instanceof StoreChange.Put put ? put.item().size() : 0;
    }
    return bytes;
  }

  private void onWritten(Effect.Result result, long nowNanos) {
    writing = false;
    if (!(result instanceof Effect.Kept)) {
      // What is on disk is not known any more. All is written anew, when the disk had time.
      core.count(Counter.KEEPS_FAILED);
      unwritten = List.of();
      snapshotDue = true;
      retryAtNanos = nowNanos + KEEP_RETRY_NANOS;
      timers.set(EngineTimer.KEEP_RECORDS, retryAtNanos);
      return;
    }
    retryAtNanos = Long.MIN_VALUE;
    if (appendedBytes > LOG_BYTES_MIN && appendedBytes > snapshotBytes) {
      unwritten = List.of();
      snapshotDue = true;
    }
    write(nowNanos);
  }

  void onKeepTimer(long nowNanos) {
    write(nowNanos);
  }
}
