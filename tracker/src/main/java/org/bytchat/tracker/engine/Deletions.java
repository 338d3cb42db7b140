package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;

/**
 * Lets envelopes go: those that every device has acknowledged, a while after the last did and only
 * while the device list is known to be the newest; and whatever has ended.
 */
final class Deletions {

  /** How long until the network is asked for a list again. */
  private static final long ASK_NANOS = 600_000_000_000L;

  private final Desk desk;
  private final Mailboxes mailboxes;
  private final Owners owners;
  private final Listener listener;
  private final DeadlineQueue<Mailbox> due = new DeadlineQueue<>();
  private final Recalls recalls;

  /** Finds mailboxes in which something has ended. */
  private final Sweep sweep;

  /** Hears of envelopes that went. */
  interface Listener {
    void onGone(long bytes);
  }

  Deletions(Desk desk, Mailboxes mailboxes, Owners owners, Listener listener) {
    this.desk = desk;
    this.mailboxes = mailboxes;
    this.owners = owners;
    this.listener = listener;
    this.recalls = new Recalls(desk, mailboxes);
    this.sweep = new Sweep(desk, mailboxes, new Expiry());
  }

  private final class Expiry implements Sweep.Chore {

    @Override
    public TrackerEffect find(long id, int skip, int limit) {
      return new TrackerEffect.FindExpired(id, endedMillis(), skip, limit);
    }

    @Override
    public boolean visit(Mailbox mailbox) {
      return expire(mailbox);
    }
  }

  void start() {
    sweep.start(desk.nowNanos);
  }

  long nextNanos() {
    return Math.min(due.nextNanos(), Math.min(recalls.nextNanos(), sweep.nextNanos()));
  }

  void onLoaded(Mailbox mailbox) {
    Recalls.Recall recall = recalls.take(mailbox.key);
    mailbox.recall = recall;
    if (recall != null) {
      mailbox.restoreAckTimes(recall.lastAckNanos);
    }
    plan(mailbox);
  }

  void onDropped(Mailbox mailbox) {
    due.cancel(mailbox);
    long at = firstNanos(mailbox);
    if (at != DeadlineQueue.NEVER) {
      recalls.add(mailbox, at);
    }
  }

  /** Sets when something of a mailbox may go. */
  void plan(Mailbox mailbox) {
    long at = firstNanos(mailbox);
    if (at == DeadlineQueue.NEVER) {
      due.cancel(mailbox);
    } else {
      due.schedule(mailbox, at);
    }
  }

  private long firstNanos(Mailbox mailbox) {
    long at = DeadlineQueue.NEVER;
    for (Held held : mailbox.entries()) {
      if (mayGo(mailbox, held)) {
        at = Math.min(at, held.lastAckNanos + desk.config.times().deletionDelay().toNanos());
      }
    }
    return at;
  }

  private static boolean mayGo(Mailbox mailbox, Held held) {
    return held.durable && held.isLive() && !held.deleting && mailbox.isAcknowledgedByAll(held);
  }

  void handleTimeout() {
    Mailbox mailbox = due.pollDue(desk.nowNanos);
    while (mailbox != null) {
      if (mailboxes.peek(mailbox.key) == mailbox) {
        delete(mailbox);
      }
      mailbox = due.pollDue(desk.nowNanos);
    }
    recalls.handleTimeout();
    sweep.handleTimeout();
  }

  private void delete(Mailbox mailbox) {
    if (!mailbox.isConfirmed(desk.config, desk.nowNanos)) {
      ask(mailbox);
      return;
    }
    if (!desk.hasRoomFor(1)) {
      due.schedule(mailbox, desk.nowNanos + 1_000_000_000L);
      return;
    }
    long before = desk.nowNanos - desk.config.times().deletionDelay().toNanos();
    long nowMillis = desk.wallMillis();
    int room = desk.config.mailbox().tombstonesMax() - mailbox.tombstoneCount();
    List<Held> going = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (Held held : mailbox.entries()) {
      if (going.size() < room && held.lastAckNanos <= before && mayGo(mailbox, held)) {
        going.add(held);
        changes.add(new Change.Delete(mailbox.key, held.digest(), nowMillis));
      }
    }
    if (going.isEmpty()) {
      if (room > 0) {
        plan(mailbox);
      }
      return;
    }
    going.forEach(held -> held.deleting = true);
    mailboxes.commit(
        mailbox,
        changes,
        new Mailboxes.Outcome() {
          @Override
          public void onCommitted() {
            going.forEach(held -> bury(mailbox, held, nowMillis));
            plan(mailbox);
          }

          @Override
          public void onFailed(StoreException.Reason reason) {
            // The mailbox is read again, a while later, and all that may go is found again.
            going.forEach(held -> held.deleting = false);
          }
        });
  }

  private void bury(Mailbox mailbox, Held held, long atMillis) {
    mailbox.bury(held, atMillis);
    mailbox.recall = null;
    held.deleting = false;
    desk.count(TrackerCounter.DELETED);
    listener.onGone(held.entry.sizeBytes());
  }

  /** Has the owner's record read, to learn whether the list is the newest. */
  void ask(Mailbox mailbox) {
    Owner owner = mailbox.owner;
    Long asked = mailbox.askedNanos;
    boolean mayAsk = asked == null || desk.nowNanos - asked >= ASK_NANOS;
    if (owner != null && mayAsk && desk.hasRoomFor(1)) {
      mailbox.askedNanos = desk.nowNanos;
      Owners.Witness witness = owners.witness(mailbox);
      desk.perform(
          id -> new TrackerEffect.ReadUser(id, owner),
          result -> {
            if (result instanceof TrackerEffect.UserRead read && read.list() != null) {
              onRead(witness, owner, read.list());
            }
          });
    }
    due.schedule(mailbox, desk.nowNanos + ASK_NANOS);
  }

  private void onRead(Owners.Witness witness, Owner owner, DeviceList list) {
    desk.perform(
        id -> new TrackerEffect.VerifyList(id, owner, list, desk.networkId),
        result ->
            desk.judge(
                result,
                verdict -> {
                  Mailbox mailbox = mailboxes.peek(owner.mailbox());
                  if (verdict.isGood() && mailbox != null) {
                    onVerified(mailbox, witness, owner, list);
                  }
                }));
  }

  private void onVerified(Mailbox mailbox, Owners.Witness witness, Owner owner, DeviceList list) {
    DeviceList held = mailbox.list;
    DeviceList.Standing standing = held == null ? DeviceList.Standing.NEWER : list.standing(held);
    if (standing == DeviceList.Standing.NEWER) {
      mailboxes.commit(
          mailbox,
          owners.adopt(mailbox, owner, list, desk.wallMillis()),
          new Mailboxes.Outcome() {
            @Override
            public void onCommitted() {
              plan(mailbox);
              owners.confirm(mailbox, witness, list.version());
            }

            @Override
            public void onFailed(StoreException.Reason reason) {}
          });
    } else if (standing == DeviceList.Standing.SAME) {
      owners.confirm(mailbox, witness, list.version());
    } else if (standing.isContradiction()) {
      owners.noteFork(mailbox, list);
    }
  }

  private long endedMillis() {
    return desk.wallMillis() - desk.config.times().clockTolerance().toMillis();
  }

  /** Returns whether all of it that has ended goes. */
  private boolean expire(Mailbox mailbox) {
    long untilMillis = endedMillis();
    List<Held> ended = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (Held held : mailbox.entries()) {
      if (held.durable && !held.deleting && held.entry.expiresMillis() <= untilMillis) {
        ended.add(held);
        changes.add(new Change.Forget(mailbox.key, held.digest()));
      }
    }
    if (ended.isEmpty()) {
      // Either its end is on its way already, or it is not for now.
      return mailbox.commitsUnderWay > 0;
    }
    if (!desk.hasRoomFor(1)) {
      return false;
    }
    ended.forEach(held -> held.deleting = true);
    mailboxes.commit(
        mailbox,
        changes,
        new Mailboxes.Outcome() {
          @Override
          public void onCommitted() {
            ended.forEach(held -> forget(mailbox, held));
            mailbox.pruneKeyUses();
            plan(mailbox);
          }

          @Override
          public void onFailed(StoreException.Reason reason) {
            // The mailbox is read again, and the next sweep finds it.
            sweep.onFailed(reason);
          }
        });
    return true;
  }

  private void forget(Mailbox mailbox, Held held) {
    if (held.isLive()) {
      desk.count(TrackerCounter.EXPIRED);
      listener.onGone(held.entry.sizeBytes());
    }
    mailboxes.remove(mailbox, held);
  }
}
