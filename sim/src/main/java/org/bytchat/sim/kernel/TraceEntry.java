package org.bytchat.sim.kernel;

import java.util.Comparator;
import java.util.Locale;

/**
 * One line of a trace: a datagram and what became of it.
 *
 * @param timeMicros when it was handled, or sent if it never arrived
 * @param from the sender
 * @param to the receiver, -1 if nobody is there
 * @param type kind and method
 * @param transactionId its transaction
 * @param bytes its length
 * @param outcome what became of it
 */
public record TraceEntry(
    long timeMicros, int from, int to, String type, long transactionId, int bytes, Outcome outcome)
    implements Comparable<TraceEntry> {

  private static final Comparator<TraceEntry> ORDER =
      Comparator.comparingLong(TraceEntry::timeMicros)
          .thenComparingInt(TraceEntry::to)
          .thenComparingInt(TraceEntry::from)
          .thenComparingLong(TraceEntry::transactionId)
          .thenComparing(TraceEntry::type)
          .thenComparingInt(TraceEntry::bytes)
          .thenComparing(TraceEntry::outcome);

  @Override
  public int compareTo(TraceEntry other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.6f s: node %d to node %d, %s %016x, %d bytes, %s",
        timeMicros / 1e6,
        from,
        to,
        type,
        transactionId,
        bytes,
        outcome);
  }
}
