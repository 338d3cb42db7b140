package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;

/**
 * What happened on one machine since it was looked at last. Written by the machine's thread, read
 * between two windows.
 */
final class MailLog {

  /** So many faults of one machine tell enough. */
  private static final int PROBLEMS_MAX = 5;

  private List<Entry> entries = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /** What was counted. */
  final MailCounts counts = new MailCounts();

  /** Something that happened. */
  sealed interface Entry {

    long atMicros();
  }

  /** A message was handed to its sender's outbox. */
  record Sent(long atMicros, int message, Digest digest, long writtenMillis, long expiresMillis)
      implements Entry {}

  /** A message has as many receipts as it needs, from these trackers. */
  record Deposited(long atMicros, Digest digest, List<NodeId> trackers) implements Entry {

    Deposited {
      trackers = List.copyOf(trackers);
    }
  }

  /** A device's application has an envelope. */
  record Accepted(long atMicros, Digest digest, int device) implements Entry {}

  /** The sender has the proof that a device has it. */
  record Proven(long atMicros, Digest digest) implements Entry {}

  /** A tracker has deleted an envelope. */
  record Deleted(long atMicros, NodeId mailbox, Digest digest, int tracker) implements Entry {}

  void add(Entry entry) {
    entries.add(entry);
  }

  /** Something is so that must never be so. */
  void problem(String text) {
    counts.problems++;
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(text);
    }
  }

  List<Entry> drain() {
    if (entries.isEmpty()) {
      return List.of();
    }
    List<Entry> drained = entries;
    entries = new ArrayList<>();
    return drained;
  }

  List<String> drainProblems() {
    if (problems.isEmpty()) {
      return List.of();
    }
    List<String> drained = List.copyOf(problems);
    problems.clear();
    return drained;
  }
}
