package org.bytchat.tracker.engine;

import java.util.function.Predicate;
import org.bytchat.tracker.store.StoreException;

/**
 * Forgets mailboxes in which nothing is held nor remembered and that nobody has used for weeks:
 * anybody can make users up, and their mailboxes would fill the disk for ever.
 */
final class IdleMailboxes {

  /** After a long outage of this tracker devices get time to show themselves before it begins. */
  static final long GRACE_NANOS = 3_600_000_000_000L;

  private final Desk desk;
  private final Mailboxes mailboxes;
  private final Predicate<Mailbox> isUsed;
  private final Owners owners;
  private final Sweep sweep;

  /**
   * Makes it; nothing happens before {@link #start}.
   *
   * @param isUsed tells which mailboxes are in use
   */
  IdleMailboxes(Desk desk, Mailboxes mailboxes, Owners owners, Predicate<Mailbox> isUsed) {
    this.desk = desk;
    this.mailboxes = mailboxes;
    this.isUsed = isUsed;
    this.owners = owners;
    this.sweep =
        new Sweep(
            desk,
            mailboxes,
            new Sweep.Chore() {
              @Override
              public TrackerEffect find(long id, int skip, int limit) {
                return new TrackerEffect.FindIdle(id, untilMillis(), skip, limit);
              }

              @Override
              public boolean visit(Mailbox mailbox) {
                return end(mailbox);
              }
            });
  }

  void start() {
    sweep.start(desk.nowNanos + GRACE_NANOS);
  }

  long nextNanos() {
    return sweep.nextNanos();
  }

  void handleTimeout() {
    sweep.handleTimeout();
  }

  private long untilMillis() {
    return desk.wallMillis() - desk.config.times().mailboxIdle().toMillis();
  }

  private boolean end(Mailbox mailbox) {
    if (!mailbox.isBegun || mailbox.touchedMillis > untilMillis()) {
      // It ended, or was used, since it was found.
      return true;
    }
    if (mailbox.entryCount() > 0
        || mailbox.commitsUnderWay > 0
        || isUsed.test(mailbox)
        || !desk.hasRoomFor(1)) {
      return false;
    }
    if (mailbox.touchedMillis == 0) {
      // When it was used is not known; now it is in use.
      owners.touch(mailbox);
      return true;
    }
    mailboxes.end(
        mailbox,
        new Mailboxes.Outcome() {
          @Override
          public void onCommitted() {
            desk.count(TrackerCounter.FORGOTTEN_MAILBOXES);
          }

          @Override
          public void onFailed(StoreException.Reason reason) {
            sweep.onFailed(reason);
          }
        });
    return true;
  }
}
