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

  /** Each time that it was in vain the pause doubles, so often. */
  private static final int DOUBLED_MAX = 4;

  private static final long PAUSE_NANOS = 600_000_000_000L;

  /** How many are read in a second: others are to have something of the tracker too. */
  private static final int READS_MAX = 64;

  private final Desk desk;
  private final Mailboxes mailboxes;

  /** The oldest first. */
  private final Map<NodeId, Recall> recalls = new LinkedHashMap<>();

  private final DeadlineQueue<Recall> due = new DeadlineQueue<>();
  private final Pace pace = new Pace(READS_MAX);

  /** A plan to read a mailbox; it stays with the mailbox until something of that has gone. */
  static final class Recall extends Timed {
    private final NodeId mailbox;
    private int tries;

    /** When the last of what is acknowledged there was. */
    long lastAckNanos;

    private Recall(NodeId mailbox) {
      this.mailbox = mailbox;
    }
  }

  Recalls(Desk desk, Mailboxes mailboxes) {
    this.desk = desk;
    this.mailboxes = mailboxes;
  }

  /** Has a mailbox read at a time or later, unless it is read before for something else. */
  void add(Mailbox mailbox, long atNanos) {
    Recall known = mailbox.recall;
    Recall recall = known == null ? new Recall(mailbox.key) : known;
    recall.lastAckNanos = mailbox.lastAckNanos();
    recalls.put(mailbox.key, recall);
    due.schedule(recall, Math.max(atNanos, afterPause(recall)));
    if (recalls.size() > desk.config.load().mailboxesMax()) {
      take(recalls.keySet().iterator().next());
      desk.count(TrackerCounter.FORGOTTEN_DELETIONS);
    }
  }

  private long afterPause(Recall recall) {
    long pauseNanos = PAUSE_NANOS << Math.min(DOUBLED_MAX, recall.tries);
    recall.tries++;
    return desk.nowNanos + pauseNanos;
  }

  /**
   * A mailbox is in memory again.
   *
   * @return what was planned, null for nothing
   */
  @Nullable Recall take(NodeId mailbox) {
    Recall recall = recalls.remove(mailbox);
    if (recall != null) {
      due.cancel(recall);
    }
    return recall;
  }

  long nextNanos() {
    long next = due.nextNanos();
    return next == DeadlineQueue.NEVER ? next : Math.max(next, pace.readyNanos(desk.nowNanos));
  }

  void handleTimeout() {
    if (!desk.hasRoomFor(desk.config.load().effectsMax() / 2)) {
      // Others are to have something of the effects too: this rests for a second.
      pace.charge(2 * READS_MAX, desk.nowNanos);
    }
    while (pace.isReady(desk.nowNanos)) {
      Recall recall = due.pollDue(desk.nowNanos);
      if (recall == null) {
        return;
      }
      pace.charge(1, desk.nowNanos);
      read(recall);
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
            if (recalls.containsKey(recall.mailbox)) {
              due.schedule(recall, afterPause(recall));
            }
          }
        });
  }
}
