package org.bytchat.dht.store;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.NodeId;
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
 */
final class Quota {

  /**
   * A held item.
   *
   * @param held the item, its place and who pays
   * @param order its age: what came later has more
   */
  record Entry(HeldItem held, long order) implements SourceLedger.Charge {

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

  private final StoreConfig config;
  private final SourceLedger<Entry> ledger;

  Quota(StoreConfig config, SourceLedger<Entry> ledger) {
    this.config = config;
    this.ledger = ledger;
  }

  /**
   * Tells what {@link #makeRoom} would.
   *
   * @param newcomer what comes, not in the ledger
   * @param replaced what it takes the place of, in the ledger
   * @return why there is no room, or null
   */
  @Nullable Refusal refusal(Entry newcomer, @Nullable Entry replaced) {
    if (isSureOfRoom(newcomer, replaced)) {
      return null;
    }
    List<Entry> taken = new ArrayList<>();
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
  private boolean isSureOfRoom(Entry newcomer, @Nullable Entry replaced) {
    return newcomer.bytes() <= config.sourceBytesMax()
        && (ledger.sources() + 1L) * newcomer.bytes() <= config.bytesMax()
        && (replaced != null
            || ledger.total(Measure.COUNT) < config.recordsMax()
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
  @Nullable Refusal makeRoom(Entry newcomer, @Nullable Entry replaced, List<Entry> taken) {
    take(replaced, taken);
    Refusal full = makeRoom(newcomer, taken);
    if (full != null) {
      putBack(taken);
    }
    return full;
  }

  private @Nullable Refusal makeRoom(Entry newcomer, List<Entry> taken) {
    long source = newcomer.source();
    while (ledger.sizeOf(source, Measure.BYTES) + newcomer.bytes() > config.sourceBytesMax()) {
      if (!take(ledger.oldestOf(source), taken)) {
        return Refusal.SOURCE_FULL;
      }
    }
    while (ledger.total(Measure.BYTES) + newcomer.bytes() > config.bytesMax()) {
      if (!take(ledger.oldestOfLargest(Measure.BYTES, source, newcomer.bytes()), taken)) {
        return Refusal.STORE_FULL;
      }
    }
    while (ledger.total(Measure.COUNT) + 1 > config.recordsMax()) {
      if (!take(ledger.oldestOfLargest(Measure.COUNT, source, 1), taken)) {
        return Refusal.STORE_FULL;
      }
    }
    return null;
  }

  private boolean take(@Nullable Entry entry, List<Entry> taken) {
    if (entry == null) {
      return false;
    }
    ledger.remove(entry);
    taken.add(entry);
    return true;
  }

  private void putBack(List<Entry> taken) {
    taken.forEach(ledger::add);
    taken.clear();
  }
}
