package org.bytchat.dht.store;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.store.SourceLedger.Measure;
import org.bytchat.dht.store.StoreOutcome.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Makes room: decides what goes when something comes.
 *
 * <p>Over the limit of its source: the source's own oldest items go. Then, over a limit of the
 * store: the oldest item of the largest source goes, again and again until there is room; the size
 * of the source that brings the newcomer is taken with it. Size is bytes where the bytes are over
 * their limit, and a count where the count is. Among sources of equal size it is the one with the
 * newcomer that gives way; if it has nothing but the newcomer, that is refused. So nobody's items
 * go for those of a source that is as large or larger.
 *
 * @param <T> an item
 */
final class Quota<T extends SourceLedger.Charge> {

  /**
   * How much space there is.
   *
   * @param bytesMax of all items together
   * @param countMax items at the most
   * @param sourceBytesMax of all items of one source
   */
  record Limits(long bytesMax, long countMax, long sourceBytesMax) {}

  private final Limits limits;
  private final SourceLedger<T> ledger;

  Quota(Limits limits, SourceLedger<T> ledger) {
    this.limits = limits;
    this.ledger = ledger;
  }

  /**
   * Tells what {@link #makeRoom} would.
   *
   * @param newcomer what comes, not in the ledger
   * @param replaced what it takes the place of, in the ledger
   * @return why there is no room, or null
   */
  @Nullable Refusal refusal(T newcomer, @Nullable T replaced) {
    if (isSureOfRoom(newcomer, replaced)) {
      return null;
    }
    List<T> taken = new ArrayList<>();
    Refusal full = makeRoom(newcomer, replaced, taken);
    putBack(taken);
    return full;
  }

  /*
   * A check costs its sender little, and trying may mean to take out a hundred small items, so what
   * is clear is not tried. For its bytes a newcomer is refused only when no other source has more
   * than it, and if all of them and it fit at that size, they are within the limit before. With the
   * default limits that is always so. For the count one item has to go, and any that goes for other
   * reasons will do.
   */
  private boolean isSureOfRoom(T newcomer, @Nullable T replaced) {
    return newcomer.bytes() <= limits.sourceBytesMax()
        && (ledger.sources() + 1L) * newcomer.bytes() <= limits.bytesMax()
        && (replaced != null
            || ledger.total(Measure.COUNT) < limits.countMax()
            || ledger.oldestOfLargest(Measure.COUNT, newcomer.source(), 1) != null);
  }

  /**
   * Takes out of the ledger what has to go.
   *
   * @param newcomer what comes, not in the ledger
   * @param replaced what it takes the place of, in the ledger; it goes first
   * @param taken what was taken out is added to this, in order; nothing if there is no room
   * @return why there is no room, or null
   */
  @Nullable Refusal makeRoom(T newcomer, @Nullable T replaced, List<T> taken) {
    take(replaced, taken);
    Refusal full = makeRoom(newcomer, taken);
    if (full != null) {
      putBack(taken);
    }
    return full;
  }

  private @Nullable Refusal makeRoom(T newcomer, List<T> taken) {
    long source = newcomer.source();
    while (ledger.sizeOf(source, Measure.BYTES) + newcomer.bytes() > limits.sourceBytesMax()) {
      if (!take(ledger.oldestOf(source), taken)) {
        return Refusal.SOURCE_FULL;
      }
    }
    while (ledger.total(Measure.BYTES) + newcomer.bytes() > limits.bytesMax()) {
      if (!take(ledger.oldestOfLargest(Measure.BYTES, source, newcomer.bytes()), taken)) {
        return Refusal.STORE_FULL;
      }
    }
    while (ledger.total(Measure.COUNT) + 1 > limits.countMax()) {
      if (!take(ledger.oldestOfLargest(Measure.COUNT, source, 1), taken)) {
        return Refusal.STORE_FULL;
      }
    }
    return null;
  }

  private boolean take(@Nullable T entry, List<T> taken) {
    if (entry == null) {
      return false;
    }
    ledger.remove(entry);
    taken.add(entry);
    return true;
  }

  private void putBack(List<T> taken) {
    taken.forEach(ledger::add);
    taken.clear();
  }
}
