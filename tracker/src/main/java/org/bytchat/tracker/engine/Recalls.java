package org.bytchat.tracker.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.bytchat.tracker.message.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Reads mailboxes again that left memory before something of theirs could go: as many of them are
 * remembered as may be in memory, not over a restart. What is forgotten goes when the mailbox is
 * used next, or at its end.
 */
final class Recalls {

  private static final long RETRY_NANOS = 10_000_000_000L;

  private final Desk desk;
  private final Mailboxes mailboxes;

  /** The oldest first. */
  private final Map<NodeId, Recall> recalls = new LinkedHashMap<>();

  private final DeadlineQueue<Recall> due = new DeadlineQueue<>();

  private static final class Recall extends Timed {
    final NodeId mailbox;

    /** When the last of what is acknowledged there was. */
    long lastAckNanos;

    Recall(NodeId mailbox) {
      this.mailbox = mailbox;
    }
  }

  Recalls(Desk desk, Mailboxes mailboxes) {
    this.desk = desk;
    this.mailboxes = mailboxes;
  }

  /**
   * Has a mailbox read at a time, unless it was read before for something else.
   *
   * @param lastAckNanos when the last of what is acknowledged there was
   */
  void add(NodeId mailbox, long lastAckNanos, long atNanos) {
    Recall recall = recalls.computeIfAbsent(mailbox, Recall::new);
    recall.lastAckNanos = lastAckNanos;
    due.schedule(recall, atNanos);
    if (recalls.size() > desk.config.load().mailboxesMax()) {
      take(recalls.keySet().iterator().next());
      desk.count(TrackerCounter.FORGOTTEN_DELETIONS);
    }
  }

  /**
   * A mailbox is in memory again.
   *
   * @return when the last of what is acknowledged there was, null if that was not remembered
   */
  @Nullable Long take(NodeId mailbox) {
    Recall recall = recalls.remove(mailbox);
    if (recall == null) {
      return null;
    }
    due.cancel(recall);
    return recall.lastAckNanos;
  }

  long nextNanos() {
    return due.nextNanos();
  }

  void handleTimeout() {
    Recall recall = due.pollDue(desk.nowNanos);
    while (recall != null) {
      read(recall);
      recall = due.pollDue(desk.nowNanos);
    }
  }

  private void read(Recall recall) {
    mailboxes.with(
        recall.mailbox,
        new Mailboxes.Work() {
          @Override
          public void run(Mailbox mailbox) {
            // It was taken when it came into memory.
          }

          @Override
          public void fail(Refusal refusal, String text) {
            if (refusal == Refusal.BUSY) {
              due.schedule(recall, desk.nowNanos + RETRY_NANOS);
            } else {
              take(recall.mailbox);
            }
          }
        });
  }
}
