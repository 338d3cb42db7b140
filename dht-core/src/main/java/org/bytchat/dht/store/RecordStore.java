package org.bytchat.dht.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apiguardian.api.API;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StoreOutcome.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * What a node holds for others, in memory and bounded.
 *
 * <p>A put is checked, then its signature is verified by whoever owns the store, then it is
 * committed, which checks all again: much may have happened in between. The rules:
 *
 * <ul>
 *   <li>Of mutable records of one key the highest sequence wins. It is remembered until the record
 *       ends and for as long as clocks may differ, also if the record had to go before, so that
 *       nothing older comes back, even to a clock that is set back.
 *   <li>The same bytes again change nothing, and nothing about who pays. Other bytes of the same
 *       sequence are refused. The end may not fall as the sequence rises.
 *   <li>Compare-and-swap counts where a sequence is known; a node that knows none takes the record.
 *       It is not applied to the same bytes again: an answer may have been lost.
 *   <li>A chunk's end is cut to the longest time to live; a later end prolongs it. It keeps its
 *       first place and its first payer.
 *   <li>{@link Quota} says who gives way when it is full.
 * </ul>
 *
 * <p>The time is a parameter, milliseconds since 1970, and may jump either way. Nothing that is
 * past its end is returned; it takes space until {@link #pollExpired} is called. All changes are
 * returned to the caller, for its log. Not thread-safe; deterministic.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class RecordStore {

  /** The time at which an empty store next has something to do: never. */
  public static final long NEVER = Long.MAX_VALUE;

  private final StoreConfig config;
  private final TimeRules times;
  private final Map<NodeId, Entry> byKey = new LinkedHashMap<>();
  private final TreeSet<Entry> byEnd =
      new TreeSet<>(Comparator.comparingLong(Entry::expiresMillis).thenComparingLong(Entry::order));
  private final PlaceIndex byPlace = new PlaceIndex();
  private final SourceLedger<Entry> ledger = new SourceLedger<>();
  private final Quota<Entry> quota;
  private final SequenceMemory memory;

  private long nextOrder;
  private long evicted;
  private long forgotten;

  /**
   * Makes an empty store.
   *
   * @param config its limits
   */
  public RecordStore(StoreConfig config) {
    this.config = config;
    this.times = new TimeRules(config);
    this.quota =
        new Quota<>(
            new Quota.Limits(config.bytesMax(), config.recordsMax(), config.sourceBytesMax()),
            ledger);
    this.memory = new SequenceMemory(config.rememberedSequencesMax());
  }

  /**
   * A held item.
   *
   * @param held the item, its place and who pays
   * @param order its age: what came later has more
   */
  private record Entry(HeldItem held, long order) implements SourceLedger.Charge {

    NodeId key() {
      return held.item().key();
    }

    long expiresMillis() {
      return held.item().expiresMillis();
    }

    @Override
    public long source() {
      return held.source();
    }

    @Override
    public int bytes() {
      return held.item().size();
    }
  }

  /** What is known of a key's sequence. */
  private record Known(
      long sequence, long expiresMillis, @Nullable MutableRecord held, long digest) {

    static final Known NOTHING = new Known(0, 0, null, 0);

    boolean isSame(MutableRecord other) {
      return sequence == other.sequence()
          && (held != null ? held.equals(other) : digest == digestOf(other));
    }
  }

  // Storing.

  /**
   * Checks everything that needs no key, and changes nothing.
   *
   * @param put what is to be stored
   * @param nowMillis the time
   * @return whether it may go on
   */
  public StoreOutcome.Checked check(StorePut put, long nowMillis) {
    StoreOutcome.Refused refused = refuse(put, nowMillis);
    if (refused != null) {
      return refused;
    }
    StoreOutcome.Unchanged unchanged = unchanged(put, nowMillis);
    if (unchanged != null) {
      return unchanged;
    }
    if (heldChunk(put.item()) == null) {
      Refusal full = quota.refusal(newEntry(put, nowMillis, nextOrder), byKey.get(put.key()));
      if (full != null) {
        return refused(full, put.key(), nowMillis);
      }
    }
    return new StoreOutcome.Admissible(put.item() instanceof MutableRecord);
  }

  /**
   * Stores, after the signature has been verified.
   *
   * @param put what is to be stored
   * @param nowMillis the time
   * @return what became of it
   */
  public StoreOutcome.Committed commit(StorePut put, long nowMillis) {
    StoreOutcome.Refused refused = refuse(put, nowMillis);
    if (refused != null) {
      return refused;
    }
    StoreOutcome.Unchanged unchanged = unchanged(put, nowMillis);
    if (unchanged != null) {
      return unchanged;
    }
    Entry newcomer = newEntry(put, nowMillis, nextOrder++);
    Entry prolonged = heldChunk(put.item());
    List<StoreChange> changes = new ArrayList<>();
    if (prolonged != null) {
      newcomer = prolong(prolonged, newcomer.held().item());
    } else {
      Refusal full = admit(newcomer, nowMillis, changes::add);
      if (full != null) {
        return refused(full, put.key(), nowMillis);
      }
    }
    HeldItem held = newcomer.held();
    changes.add(new StoreChange.Put(held.item(), held.place(), held.source()));
    return new StoreOutcome.Stored(held.item(), changes);
  }

  private StoreOutcome.@Nullable Refused refuse(StorePut put, long nowMillis) {
    StoredItem item = put.item();
    Refusal reason = null;
    if (item.size() > config.recordBytesMax()) {
      reason = Refusal.TOO_BIG;
    } else if (!put.key().equals(item.key())
        || (item instanceof MutableRecord && !put.place().equals(item.key()))) {
      reason = Refusal.WRONG_KEY;
    } else {
      reason = times.check(item, nowMillis);
    }
    if (reason == null) {
      reason = refuseSequence(put, known(item.key(), nowMillis));
    }
    return reason == null ? null : refused(reason, put.key(), nowMillis);
  }

  private static @Nullable Refusal refuseSequence(StorePut put, Known known) {
    MutableRecord mutable = put.item() instanceof MutableRecord found ? found : null;
    if (mutable != null && known.isSame(mutable)) {
      return null;
    }
    boolean isComparing = put.expectedSequence() != StorePut.ANY_SEQUENCE;
    if (isComparing && known.sequence != 0 && put.expectedSequence() != known.sequence) {
      return Refusal.CAS_MISMATCH;
    }
    if (mutable == null || known.sequence == 0) {
      return null;
    }
    if (mutable.sequence() < known.sequence) {
      return Refusal.SEQUENCE_TOO_OLD;
    }
    if (mutable.sequence() == known.sequence) {
      return Refusal.SEQUENCE_CONFLICT;
    }
    return mutable.expiresMillis() < known.expiresMillis ? Refusal.EXPIRY_FALLS : null;
  }

  private StoreOutcome.Refused refused(Refusal reason, NodeId key, long nowMillis) {
    MutableRecord held = get(key, nowMillis) instanceof MutableRecord found ? found : null;
    return new StoreOutcome.Refused(reason, sequenceOf(key, nowMillis), held);
  }

  private StoreOutcome.@Nullable Unchanged unchanged(StorePut put, long nowMillis) {
    Entry entry = byKey.get(put.key());
    if (entry == null) {
      return null;
    }
    StoredItem held = entry.held().item();
    boolean isSame =
        put.item() instanceof Chunk chunk && held instanceof Chunk
            ? times.cut(chunk, nowMillis).expiresMillis() <= held.expiresMillis()
            : held.equals(put.item());
    return isSame ? new StoreOutcome.Unchanged(held) : null;
  }

  private @Nullable Entry heldChunk(StoredItem item) {
    Entry entry = item instanceof Chunk ? byKey.get(item.key()) : null;
    return entry != null && entry.held().item() instanceof Chunk ? entry : null;
  }

  private Entry newEntry(StorePut put, long nowMillis, long order) {
    StoredItem item = put.item() instanceof Chunk chunk ? times.cut(chunk, nowMillis) : put.item();
    return new Entry(new HeldItem(item, put.place(), put.source()), order);
  }

  /** Replaces a chunk by one that ends later; place, payer and age stay. */
  private Entry prolong(Entry entry, StoredItem item) {
    HeldItem held = new HeldItem(item, entry.held().place(), entry.source());
    Entry prolonged = new Entry(held, entry.order());
    take(entry);
    insert(prolonged);
    return prolonged;
  }

  /** Makes room for an entry and takes it in, or changes nothing. */
  private @Nullable Refusal admit(Entry newcomer, long nowMillis, Consumer<StoreChange> changes) {
    List<Entry> taken = new ArrayList<>();
    Refusal full = quota.makeRoom(newcomer, byKey.get(newcomer.key()), taken);
    for (Entry gone : taken) {
      unlist(gone);
      if (!gone.key().equals(newcomer.key())) {
        evicted++;
        rememberOrRemove(gone, nowMillis, changes);
      }
    }
    if (full == null) {
      insert(newcomer);
    }
    return full;
  }

  // Reading.

  /**
   * Returns what is held for a key.
   *
   * @param key the key
   * @param nowMillis the time
   * @return the item, null if there is none that is alive
   */
  public @Nullable StoredItem get(NodeId key, long nowMillis) {
    Entry entry = byKey.get(key);
    return entry == null || entry.expiresMillis() <= nowMillis ? null : entry.held().item();
  }

  /**
   * Returns the highest sequence that is known for a key, also if the record had to go.
   *
   * @param key the key
   * @param nowMillis the time
   * @return the sequence, 0 if none is known
   */
  public long sequenceOf(NodeId key, long nowMillis) {
    return known(key, nowMillis).sequence;
  }

  private Known known(NodeId key, long nowMillis) {
    Entry entry = byKey.get(key);
    Known known = Known.NOTHING;
    if (entry != null && entry.held().item() instanceof MutableRecord held) {
      known = new Known(held.sequence(), held.expiresMillis(), held, 0);
    } else {
      SequenceMemory.Remembered found = memory.get(key);
      if (found != null) {
        StoreChange.Remember remembered = found.known();
        known =
            new Known(remembered.sequence(), remembered.expiresMillis(), null, remembered.digest());
      }
    }
    return isRemembered(known.expiresMillis, nowMillis) ? known : Known.NOTHING;
  }

  /**
   * Returns the items whose places are closest to an id.
   *
   * @param target the id
   * @param limit how many at the most
   * @param nowMillis the time
   * @return those that are alive, closest first, by key where places are the same
   */
  public List<HeldItem> closestTo(NodeId target, int limit, long nowMillis) {
    List<HeldItem> found = new ArrayList<>();
    if (limit > 0) {
      byPlace.forClosest(
          target,
          held -> {
            if (held.item().expiresMillis() > nowMillis) {
              found.add(held);
            }
            return found.size() < limit;
          });
    }
    return found;
  }

  /**
   * Returns the next place where something lies, so that a caller can walk all places in steps,
   * whatever changes between them. What is past its end counts until {@link #pollExpired} gave it
   * up.
   *
   * @param after a place, whether or not something lies there; null for the start
   * @return the smallest place above it, the smallest of all for null; null if there is none
   */
  public @Nullable NodeId nextPlace(@Nullable NodeId after) {
    return byPlace.next(after);
  }

  // Ending.

  /**
   * Gives up what is past its end: first sequences, so that they push out no others, then items.
   *
   * @param nowMillis the time
   * @param limit how many at the most, at least 1
   * @return what changed, to be written to the log as one entry; there may be more to give up, as
   *     {@link #nextExpiryMillis} tells
   */
  public List<StoreChange> pollExpired(long nowMillis, int limit) {
    List<StoreChange> changes = new ArrayList<>();
    int left = limit;
    SequenceMemory.Remembered known = memory.first();
    while (left > 0 && known != null && !isRemembered(known.known().expiresMillis(), nowMillis)) {
      memory.forget(known.known().key());
      changes.add(new StoreChange.Remove(known.known().key()));
      known = memory.first();
      left--;
    }
    while (left > 0 && !byEnd.isEmpty() && byEnd.first().expiresMillis() <= nowMillis) {
      Entry first = byEnd.first();
      take(first);
      rememberOrRemove(first, nowMillis, changes::add);
      left--;
    }
    return changes;
  }

  private boolean isRemembered(long expiresMillis, long nowMillis) {
    return times.rememberedUntilMillis(expiresMillis) > nowMillis;
  }

  /**
   * Returns when {@link #pollExpired} next has something to do.
   *
   * @return milliseconds since 1970, {@link #NEVER} if there is nothing
   */
  public long nextExpiryMillis() {
    long next = byEnd.isEmpty() ? NEVER : byEnd.first().expiresMillis();
    SequenceMemory.Remembered first = memory.first();
    return first == null
        ? next
        : Math.min(next, times.rememberedUntilMillis(first.known().expiresMillis()));
  }

  private void rememberOrRemove(Entry gone, long nowMillis, Consumer<StoreChange> changes) {
    if (!(gone.held().item() instanceof MutableRecord mutable)
        || !isRemembered(mutable.expiresMillis(), nowMillis)) {
      changes.accept(new StoreChange.Remove(gone.key()));
      return;
    }
    StoreChange.Remember known =
        new StoreChange.Remember(
            mutable.key(),
            mutable.sequence(),
            mutable.expiresMillis(),
            digestOf(mutable),
            gone.source());
    changes.accept(known);
    remember(known, changes);
  }

  private void remember(StoreChange.Remember known, Consumer<StoreChange> changes) {
    NodeId given = memory.remember(new SequenceMemory.Remembered(known, nextOrder++));
    if (given != null) {
      forgotten++;
      changes.accept(new StoreChange.Remove(given));
    }
  }

  // Keeping for the next life.

  /**
   * Returns the changes that make this state of an empty store.
   *
   * @return the changes, as many as there are items and remembered sequences
   */
  public List<StoreChange> snapshot() {
    return freeze().get();
  }

  /**
   * Takes down this state quickly; its changes are made when they are asked for.
   *
   * @return gives what {@link #snapshot} would return now, at any time and on any thread
   */
  public Supplier<List<StoreChange>> freeze() {
    List<Entry> items = new ArrayList<>(byKey.values());
    List<SequenceMemory.Remembered> remembered = memory.all();
    return () -> {
      List<StoreChange> changes = new ArrayList<>();
      items.stream()
          .sorted(Comparator.comparingLong(Entry::order))
          .map(Entry::held)
          .forEach(
              held -> changes.add(new StoreChange.Put(held.item(), held.place(), held.source())));
      remembered.stream()
          .sorted(Comparator.comparingLong(SequenceMemory.Remembered::order))
          .forEach(known -> changes.add(known.known()));
      return changes;
    };
  }

  /**
   * Makes the state of a former life again, within today's limits of space, and gives up what ended
   * meanwhile. The sequence of a record that has no room any more is remembered. A snapshot is due
   * afterwards.
   *
   * @param changes what made the state, in order
   * @param nowMillis the time
   * @throws IllegalStateException if the store is not empty
   */
  public void restore(List<StoreChange> changes, long nowMillis) {
    if (!byKey.isEmpty() || memory.size() > 0) {
      throw new IllegalStateException("only an empty store can be restored");
    }
    changes.forEach(change -> apply(change, nowMillis));
    pollExpired(nowMillis, Integer.MAX_VALUE);
  }

  private void apply(StoreChange change, long nowMillis) {
    if (change instanceof StoreChange.Put put) {
      applyPut(put, nowMillis);
    } else if (change instanceof StoreChange.Remember known) {
      drop(known.key());
      remember(known, ignored -> {});
    } else if (change instanceof StoreChange.Remove remove) {
      drop(remove.key());
      memory.forget(remove.key());
    }
  }

  private void applyPut(StoreChange.Put put, long nowMillis) {
    Entry prolonged = heldChunk(put.item());
    if (prolonged != null) {
      prolong(prolonged, put.item());
      return;
    }
    Entry entry = new Entry(new HeldItem(put.item(), put.place(), put.source()), nextOrder++);
    boolean isTooBig = put.item().size() > config.recordBytesMax();
    if (isTooBig || admit(entry, nowMillis, ignored -> {}) != null) {
      evicted++;
      drop(entry.key());
      rememberOrRemove(entry, nowMillis, ignored -> {});
    }
  }

  private void drop(NodeId key) {
    Entry entry = byKey.get(key);
    if (entry != null) {
      take(entry);
    }
  }

  private void insert(Entry entry) {
    // What is held says its sequence itself.
    memory.forget(entry.key());
    ledger.add(entry);
    byKey.put(entry.key(), entry);
    byEnd.add(entry);
    byPlace.put(entry.held());
  }

  private void take(Entry entry) {
    ledger.remove(entry);
    unlist(entry);
  }

  private void unlist(Entry entry) {
    byKey.remove(entry.key());
    byEnd.remove(entry);
    byPlace.remove(entry.held());
  }

  private static long digestOf(MutableRecord mutable) {
    return ByteBuffer.wrap(BlobShape.sha256(mutable.bytes())).getLong();
  }

  // Gauges.

  /**
   * Returns how full the store is.
   *
   * @return the gauges
   */
  public Stats stats() {
    return new Stats(
        byKey.size(),
        ledger.total(SourceLedger.Measure.BYTES),
        ledger.sources(),
        memory.size(),
        evicted,
        forgotten);
  }

  /**
   * How full a store is, and what it had to give up.
   *
   * @param items records and chunks held
   * @param bytes the sum of their lengths
   * @param sources those who pay for them
   * @param rememberedSequences sequences of records that are no longer held
   * @param evicted items given up for others since the store was made
   * @param forgotten sequences given up for others before their time since the store was made
   */
  public record Stats(
      int items, long bytes, int sources, int rememberedSequences, long evicted, long forgotten) {

    /** Of a store that never held anything. */
    public static final Stats NOTHING = new Stats(0, 0, 0, 0, 0, 0);
  }
}
