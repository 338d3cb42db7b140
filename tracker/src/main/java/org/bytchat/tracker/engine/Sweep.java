package org.bytchat.tracker.engine;

import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * Looks mailboxes up on disk that something is to be done with, and does it: a page at a time, now
 * and then. Those with which nothing can be done, as they are damaged or in use, are passed over
 * until the end of the round, so that they do not stand in the way of those behind them.
 */
final class Sweep {

  /** How many mailboxes are looked for at once. */
  static final int PAGE_MAX = 256;

  private static final long PAUSE_NANOS = 1_000_000_000L;

  private final Desk desk;
  private final Mailboxes mailboxes;
  private final Chore chore;
  private long atNanos = DeadlineQueue.NEVER;

  /** It rests until then, after the disk was full; null before it ever was. */
  private @Nullable Long restsUntilNanos;

  /** How many of the first ones are passed over in this round. */
  private int passedCount;

  /** How many of the page are to be looked at yet, and one more while it is taken up. */
  private int leftCount;

  /** What to look for, and what to do with it. */
  interface Chore {

    /** Makes the effect that finds mailboxes. */
    TrackerEffect find(long id, int skip, int limit);

    /** Does it; tells whether the mailbox will not be found any more. */
    boolean visit(Mailbox mailbox);
  }

  Sweep(Desk desk, Mailboxes mailboxes, Chore chore) {
    this.desk = desk;
    this.mailboxes = mailboxes;
    this.chore = chore;
  }

  /** Begins at a time. */
  void start(long firstNanos) {
    atNanos = firstNanos;
  }

  long nextNanos() {
    Long rest = restsUntilNanos;
    return rest == null || atNanos == DeadlineQueue.NEVER ? atNanos : Math.max(atNanos, rest);
  }

  /**
   * What a visit has begun failed, so that the mailbox is found again: it is passed over until the
   * end of the round. On a full disk all else would fail too, page after page.
   */
  void onFailed(StoreException.Reason reason) {
    if (reason == StoreException.Reason.FULL) {
      restsUntilNanos = desk.nowNanos + desk.config.times().sweepInterval().toNanos();
    } else {
      passedCount++;
    }
  }

  void handleTimeout() {
    if (nextNanos() > desk.nowNanos) {
      return;
    }
    atNanos = DeadlineQueue.NEVER;
    int skip = passedCount;
    desk.perform(
        id -> chore.find(id, skip, PAGE_MAX),
        result -> visit(result instanceof TrackerEffect.Found read ? read.mailboxes() : List.of()));
  }

  private void visit(List<NodeId> page) {
    boolean isLast = page.size() < PAGE_MAX;
    leftCount = page.size() + 1;
    page.forEach(key -> visit(key, isLast));
    onVisited(isLast);
  }

  private void visit(NodeId key, boolean isLast) {
    mailboxes.with(
        key,
        new Mailboxes.Work() {
          @Override
          public void run(Mailbox mailbox) {
            passedCount += chore.visit(mailbox) ? 0 : 1;
            onVisited(isLast);
          }

          @Override
          public void fail(Refusal refusal, String text) {
            passedCount++;
            onVisited(isLast);
          }
        });
  }

  private void onVisited(boolean isLast) {
    leftCount--;
    if (leftCount > 0) {
      return;
    }
    if (isLast) {
      passedCount = 0;
    }
    atNanos =
        desk.nowNanos + (isLast ? desk.config.times().sweepInterval().toNanos() : PAUSE_NANOS);
  }
}
