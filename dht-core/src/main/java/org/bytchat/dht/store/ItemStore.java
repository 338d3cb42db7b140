package org.bytchat.dht.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.jspecify.annotations.Nullable;

/**
 * What a node holds for others in the Mainline DHT (BEP 44), in memory and bounded.
 *
 * <p>A put is checked, then its signature is verified by whoever owns the store, then it is
 * committed, which checks all again: much may have happened in between. The rules:
 *
 * <ul>
 *   <li>Of mutable items under one target the highest sequence wins. Nothing is remembered of what
 *       is no longer held.
 *   <li>The same value with the same sequence begins a new life; only its age changes, not who pays
 *       for it, or anyone could take over what others pay for and give it up with his own.
 *   <li>Compare-and-swap counts where a mutable item is held, also for the same value again.
 *   <li>Who has more than a source may have gives up what he put longest ago. When the store is
 *       full, the largest source does; nobody's items go for those of a source that is as large or
 *       larger.
 * </ul>
 *
 * <p>The time is a parameter, monotonic nanoseconds. Nothing that is past its end is returned or
 * compared with; it takes space until {@link #expire} is called. Not thread-safe; deterministic.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class ItemStore {

  private final Limits limits;
  private final Map<NodeId, Entry> byTarget = new LinkedHashMap<>();
  private final DeadlineQueue<Entry> byEnd = new DeadlineQueue<>();
  private final SourceLedger<Entry> ledger = new SourceLedger<>();
  private final Quota<Entry> quota;

  private long nextOrder;
  private long evicted;

  /**
   * Makes an empty store.
   *
   * @param limits its limits
   */
  public ItemStore(Limits limits) {
    this.limits = limits;
    this.quota =
        new Quota<>(
            new Quota.Limits(limits.bytesMax, limits.itemsMax, limits.sourceBytesMax), ledger);
  }

  /**
   * How much is held, and for how long.
   *
   * <p>The constructor throws {@link IllegalArgumentException} if one of them is below 1.
   *
   * @param itemsMax items at the most
   * @param bytesMax of all items together, by {@link MainlineItem#size}
   * @param sourceBytesMax of all items of one source
   * @param lifetimeNanos how long an item is held after it was put; BEP 44 says 2 hours
   */
  public record Limits(int itemsMax, int bytesMax, int sourceBytesMax, long lifetimeNanos) {

    public Limits {
      if (itemsMax < 1 || bytesMax < 1 || sourceBytesMax < 1 || lifetimeNanos < 1) {
        throw new IllegalArgumentException(
            "limits must be at least 1: %d, %d, %d, %d"
                .formatted(itemsMax, bytesMax, sourceBytesMax, lifetimeNanos));
      }
    }
  }

  /** Why an item is not stored. */
  public enum Refusal {
    /** The sequence held is not the one that the writer expected: error 301 of BEP 44. */
    CAS_MISMATCH,
    /**
     * A higher sequence is held, or another value of the same one, or, if its owner contrived that,
     * an immutable item under the target of a mutable one or the other way round: error 302.
     */
    SEQUENCE_TOO_OLD,
    /** It alone is more than a source may have, or the store is full and nobody has more. */
    QUOTA
  }

  private static final class Entry extends Timed implements SourceLedger.Charge {

    final MainlineItem item;
    final long source;
    long order;

    Entry(MainlineItem item, long source) {
      this.item = item;
      this.source = source;
    }

    @Override
    public long source() {
      return source;
    }

    @Override
    public long order() {
      return order;
    }

    @Override
    public int bytes() {
      return item.size();
    }
  }

  // Storing.

  /**
   * Checks everything that needs no key, and changes nothing.
   *
   * @param item what is to be stored
   * @param expectedSequence compare-and-swap: the sequence that must be held if one is, or {@link
   *     StorePut#ANY_SEQUENCE}; without meaning for immutable items
   * @param source who pays for the space: a number that the caller makes of the writer's address,
   *     the same for all addresses that one writer may have
   * @param nowNanos the time
   * @return why it would not be stored, null if it would
   */
  public @Nullable Refusal check(
      MainlineItem item, long expectedSequence, long source, long nowNanos) {
    Entry held = live(item.target(), nowNanos);
    Refusal refusal = held == null ? null : refusal(item, expectedSequence, held.item);
    if (refusal != null) {
      return refusal;
    }
    boolean isRoom = quota.refusal(new Entry(item, source), byTarget.get(item.target())) == null;
    return isRoom ? null : Refusal.QUOTA;
  }

  /**
   * Stores, after the signature has been verified.
   *
   * @param item what is to be stored
   * @param expectedSequence as for {@link #check}
   * @param source as for {@link #check}
   * @param nowNanos the time
   * @return why it was not stored and nothing changed; null if it is held now
   */
  public @Nullable Refusal commit(
      MainlineItem item, long expectedSequence, long source, long nowNanos) {
    Entry held = live(item.target(), nowNanos);
    Refusal refusal = held == null ? null : refusal(item, expectedSequence, held.item);
    if (refusal != null) {
      return refusal;
    }
    if (held != null && item.sequence() == held.item.sequence()) {
      ledger.remove(held);
      insert(held, nowNanos);
      return null;
    }
    return admit(new Entry(item, source), nowNanos);
  }

  private static @Nullable Refusal refusal(
      MainlineItem item, long expectedSequence, MainlineItem held) {
    if (item.isMutable() != held.isMutable()) {
      // SHA-1(key ‖ salt) is also that of a value if the two happen to be bencoded.
      return Refusal.SEQUENCE_TOO_OLD;
    }
    boolean isComparing = item.isMutable() && expectedSequence != StorePut.ANY_SEQUENCE;
    if (isComparing && expectedSequence != held.sequence()) {
      return Refusal.CAS_MISMATCH;
    }
    boolean isOther = item.sequence() == held.sequence() && !item.hasValueOf(held);
    return item.sequence() < held.sequence() || isOther ? Refusal.SEQUENCE_TOO_OLD : null;
  }

  /** Makes room for an entry and takes it in, or changes nothing. */
  private @Nullable Refusal admit(Entry newcomer, long nowNanos) {
    NodeId target = newcomer.item.target();
    List<Entry> taken = new ArrayList<>();
    if (quota.makeRoom(newcomer, byTarget.get(target), taken) != null) {
      return Refusal.QUOTA;
    }
    for (Entry gone : taken) {
      byTarget.remove(gone.item.target());
      byEnd.cancel(gone);
      evicted += gone.item.target().equals(target) ? 0 : 1;
    }
    byTarget.put(target, newcomer);
    insert(newcomer, nowNanos);
    return null;
  }

  /** Makes an entry the youngest. */
  private void insert(Entry entry, long nowNanos) {
    entry.order = nextOrder++;
    ledger.add(entry);
    byEnd.schedule(entry, nowNanos + limits.lifetimeNanos);
  }

  // Reading.

  /**
   * Returns what is held under a target.
   *
   * @param target the target
   * @param nowNanos the time
   * @return the item, null if there is none that is alive
   */
  public @Nullable MainlineItem get(NodeId target, long nowNanos) {
    Entry entry = live(target, nowNanos);
    return entry == null ? null : entry.item;
  }

  private @Nullable Entry live(NodeId target, long nowNanos) {
    Entry entry = byTarget.get(target);
    return entry == null || entry.deadlineNanos() <= nowNanos ? null : entry;
  }

  // Ending.

  /**
   * Gives up what is past its end.
   *
   * @param nowNanos the time
   * @return how many items that were
   */
  public int expire(long nowNanos) {
    int count = 0;
    Entry ended = byEnd.pollDue(nowNanos);
    while (ended != null) {
      ledger.remove(ended);
      byTarget.remove(ended.item.target());
      count++;
      ended = byEnd.pollDue(nowNanos);
    }
    return count;
  }

  /**
   * Returns when {@link #expire} next has something to do.
   *
   * @return monotonic nanoseconds, {@link DeadlineQueue#NEVER} if the store is empty
   */
  public long nextExpiryNanos() {
    return byEnd.nextNanos();
  }

  // Gauges.

  /**
   * Returns how many items take space.
   *
   * @return the count
   */
  public int count() {
    return byTarget.size();
  }

  /**
   * Returns how much space they take.
   *
   * @return the sum of their sizes in bytes
   */
  public long bytes() {
    return ledger.total(SourceLedger.Measure.BYTES);
  }

  /**
   * Returns how many items were given up for others since the store was made.
   *
   * @return the count
   */
  public long evicted() {
    return evicted;
  }
}
