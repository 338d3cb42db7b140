package org.bytchat.sim.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.report.LogHistogram;
import org.jspecify.annotations.Nullable;

/**
 * The reference store: what was written when, and so what a reader has to find.
 *
 * <p>A version that enough holders took is to be found by every read that begins after that, or a
 * newer one, until it ends. A read that finds an older one is stale, one that finds nothing is a
 * miss; both may happen where nodes fail, and are counted. What nobody wrote, or what has ended,
 * must never be found.
 */
final class RecordBook {

  private static final Comparator<Entry> ORDER =
      Comparator.comparingLong(Entry::endMicros)
          .thenComparingInt(Entry::node)
          .thenComparingLong(entry -> entry.op.timeMicros());

  private static final int VIOLATIONS_KEPT = 20;

  private final RecordMaker maker;
  private final List<PlannedRecord> records;
  private final List<Deque<Stored>> stored = new ArrayList<>();
  private final long toleranceMicros;
  private final List<String> violations = new ArrayList<>();

  final Counts counts = new Counts();

  /**
   * Something that has ended.
   *
   * @param endMicros when
   * @param node who did it
   * @param op what
   * @param beganMicros when it began; its end if nobody knows, as of what is published again
   * @param found what a read found
   * @param answered how many answered a read, or stored a write
   * @param isEnough whether enough stored a write
   */
  record Entry(
      long endMicros,
      int node,
      Op op,
      long beganMicros,
      @Nullable MutableRecord found,
      int answered,
      boolean isEnough) {}

  private record Stored(int version, long fromMicros, long endMicros) {}

  /** What is counted. */
  static final class Counts {
    long puts;
    long putsEnough;
    long copies;
    long gets;
    long getsExpected;
    long found;
    long stale;
    long missed;
    long violations;
    final LogHistogram putMicros = new LogHistogram();
    final LogHistogram getMicros = new LogHistogram();
  }

  RecordBook(RecordMaker maker, List<PlannedRecord> records, long toleranceMicros) {
    this.maker = maker;
    this.records = records;
    this.toleranceMicros = toleranceMicros;
    for (int i = 0; i < records.size(); i++) {
      stored.add(new ArrayDeque<>());
    }
  }

  /** Takes what has ended on all threads since it was asked last. */
  void enter(List<Entry> entries) {
    entries.sort(ORDER);
    for (Entry entry : entries) {
      if (entry.op.kind() == Op.Kind.GET) {
        onGet(entry);
      } else {
        onPut(entry);
      }
    }
  }

  private void onPut(Entry entry) {
    counts.puts++;
    counts.copies += entry.answered;
    if (entry.beganMicros < entry.endMicros) {
      counts.putMicros.record(entry.endMicros - entry.beganMicros);
    }
    if (entry.isEnough) {
      counts.putsEnough++;
      PlannedRecord record = records.get(entry.op.record());
      Deque<Stored> versions = stored.get(entry.op.record());
      versions.addLast(
          new Stored(entry.op.version(), entry.endMicros, entry.beganMicros + record.ttlMicros()));
      while (versions.size() > 8) {
        versions.removeFirst();
      }
    }
  }

  private void onGet(Entry entry) {
    counts.gets++;
    counts.getMicros.record(entry.endMicros - entry.beganMicros);
    int expected = expectedVersion(entry.op.record(), entry.beganMicros, entry.endMicros);
    counts.getsExpected += expected > 0 ? 1 : 0;
    MutableRecord found = entry.found;
    if (found == null) {
      counts.missed += expected > 0 ? 1 : 0;
      return;
    }
    int version = RecordMaker.versionOf(found.value());
    if (!Arrays.equals(found.value(), maker.value(entry.op.record(), version))) {
      violation(entry, "found what nobody wrote");
      return;
    }
    long endsMicros = (found.expiresMillis() - SimWorld.WALL_MILLIS) * 1000;
    if (entry.beganMicros > endsMicros + toleranceMicros) {
      double late = (entry.beganMicros - endsMicros) / 1e6;
      violation(entry, String.format(Locale.ROOT, "found a record %.1f s past its end", late));
      return;
    }
    if (expected > 0) {
      counts.found += version >= expected ? 1 : 0;
      counts.stale += version < expected ? 1 : 0;
    }
  }

  /** Returns the version that a read has to find at least, 0 if it need not find any. */
  private int expectedVersion(int record, long beganMicros, long endedMicros) {
    int expected = 0;
    for (Iterator<Stored> each = stored.get(record).descendingIterator(); each.hasNext(); ) {
      Stored version = each.next();
      if (version.fromMicros <= beganMicros && endedMicros < version.endMicros - toleranceMicros) {
        expected = Math.max(expected, version.version);
      }
    }
    return expected;
  }

  /** Returns the newest version that enough holders took, and that has not ended; 0 for none. */
  int currentVersion(int record, long nowMicros) {
    return expectedVersion(record, nowMicros, nowMicros);
  }

  void violation(Entry entry, String what) {
    violation(
        String.format(
            Locale.ROOT,
            "%.3f s: node %d, record %d: %s",
            entry.endMicros / 1e6,
            entry.node,
            entry.op.record(),
            what));
  }

  void violation(String what) {
    counts.violations++;
    if (violations.size() < VIOLATIONS_KEPT) {
      violations.add(what);
    }
  }

  /** Returns the first violations. */
  List<String> violations() {
    return List.copyOf(violations);
  }
}
