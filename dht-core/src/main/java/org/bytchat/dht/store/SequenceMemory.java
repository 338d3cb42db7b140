package org.bytchat.dht.store;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The sequences of records that are no longer held, so that nothing older comes back.
 *
 * <p>Bounded: over the limit, the oldest one of the source that has the most is given up.
 */
final class SequenceMemory {

  /** A sequence. */
  record Remembered(StoreChange.Remember known, long order) implements SourceLedger.Charge {

    @Override
    public long source() {
      return known.source();
    }

    @Override
    public int bytes() {
      return 1;
    }

    private long expiresMillis() {
      return known.expiresMillis();
    }
  }

  private final int countMax;
  private final Map<NodeId, Remembered> byKey = new LinkedHashMap<>();
  private final TreeSet<Remembered> byEnd =
      new TreeSet<>(
          Comparator.comparingLong(Remembered::expiresMillis).thenComparingLong(Remembered::order));
  private final SourceLedger<Remembered> ledger = new SourceLedger<>();

  SequenceMemory(int countMax) {
    this.countMax = countMax;
  }

  /** Remembers a sequence in the place of one that was for its key; returns what was given up. */
  @Nullable NodeId remember(Remembered sequence) {
    forget(sequence.known.key());
    byKey.put(sequence.known.key(), sequence);
    byEnd.add(sequence);
    ledger.add(sequence);
    if (byKey.size() <= countMax) {
      return null;
    }
    Remembered oldest = ledger.oldestOfLargest(SourceLedger.Measure.COUNT, sequence.source(), 0);
    NodeId key = oldest == null ? sequence.known.key() : oldest.known.key();
    forget(key);
    return key;
  }

  @Nullable Remembered get(NodeId key) {
    return byKey.get(key);
  }

  /** Forgets a key; returns whether it was remembered. */
  boolean forget(NodeId key) {
    Remembered found = byKey.remove(key);
    if (found == null) {
      return false;
    }
    byEnd.remove(found);
    ledger.remove(found);
    return true;
  }

  /** Returns the one whose record ends first. */
  @Nullable Remembered first() {
    return byEnd.isEmpty() ? null : byEnd.first();
  }

  int size() {
    return byKey.size();
  }

  /** Returns all. */
  List<Remembered> all() {
    return List.copyOf(byKey.values());
  }
}
