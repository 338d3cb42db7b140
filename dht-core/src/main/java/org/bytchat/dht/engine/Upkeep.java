package org.bytchat.dht.engine;

import java.util.List;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.EngineTimer;
import org.jspecify.annotations.Nullable;

/** Sees to it that the contacts are alive, and that they are kept for the node's next life. */
final class Upkeep {

  private static final AddressFamily[] FAMILIES = AddressFamily.values();

  private final Core core;
  private final Requests requests;
  private final Membership membership;
  private final Membership.Duties duties;

  /** No check is made before. */
  private long checkFromNanos;

  /** How long after a contact is due it is checked, so that nodes do not keep step. */
  private long checkSlackNanos;

  /** Whether contacts are being kept: a slow place must not use up the effects. */
  private boolean keeping;

  Upkeep(Core core, Requests requests, Membership membership, Membership.Duties duties) {
    this.core = core;
    this.requests = requests;
    this.membership = membership;
    this.duties = duties;
  }

  void start(long nowNanos) {
    planCheck(nowNanos);
    if (core.keepsState) {
      planKeep(nowNanos);
    }
  }

  private void planCheck(long nowNanos) {
    long checkNanos = core.config.routing().pingInterval().toNanos();
    long pause = core.entropy.choices().jitter(checkNanos);
    checkFromNanos = nowNanos + pause;
    checkSlackNanos = pause - checkNanos / 4 * 3;
    adjust(nowNanos);
  }

  /**
   * Sets the timer to when a check is due; to be called after whatever may have changed that. At a
   * million nodes of which most have nothing to check, a timer of a few seconds would be all that
   * goes on.
   */
  void adjust(long nowNanos) {
    long due = isDoubtful() ? checkFromNanos : DeadlineQueue.NEVER;
    for (AddressFamily family : FAMILIES) {
      RoutingTable table = core.table(family);
      if (table != null && table.size() > 0) {
        due = Math.min(due, table.nextCheckNanos(nowNanos) + checkSlackNanos);
      }
      RoutingTable second = core.serviceTable(family);
      if (second != null && second.size() > 0) {
        due = Math.min(due, second.nextCheckNanos(nowNanos) + checkSlackNanos);
      }
    }
    duties.timers().set(EngineTimer.CONTACT_CHECK, Math.max(checkFromNanos, due));
  }

  private boolean isDoubtful() {
    return requests.failuresInRow() > 0 && !membership.isOutage();
  }

  void onCheckTimer(long nowNanos) {
    for (AddressFamily family : FAMILIES) {
      RoutingTable table = core.table(family);
      Contact checked = table == null ? null : checkContacts(table, nowNanos);
      RoutingTable second = core.serviceTable(family);
      Contact due = second == null ? null : second.pollDueForCheck(nowNanos);
      // One that is in both tables is mostly due in both at once.
      if (due != null && (checked == null || !due.equals(checked))) {
        duties.enqueue(Request.ping(Request.Purpose.CHECK, due));
      }
    }
    planCheck(nowNanos);
  }

  /**
   * Pings a contact that is due. While one fails and nobody else is heard of, the contact heard of
   * last is pinged too: whether it answers tells a dead contact from an outage. Returns who is due.
   */
  private @Nullable Contact checkContacts(RoutingTable table, long nowNanos) {
    Contact due = table.pollDueForCheck(nowNanos);
    boolean doubtful = requests.failuresInRow() > 0 || (due != null && table.isFailing(due));
    if (doubtful && !membership.isOutage()) {
      Contact witness = table.lastHeardOf();
      if (witness != null && (due == null || !witness.equals(due))) {
        duties.enqueue(Request.ping(Request.Purpose.CHECK, witness));
      }
    }
    if (due != null) {
      duties.enqueue(Request.ping(Request.Purpose.CHECK, due));
    }
    return due;
  }

  private void planKeep(long nowNanos) {
    long keepNanos = core.config.routing().keepInterval().toNanos();
    long pause = core.entropy.choices().jitter(keepNanos);
    duties.timers().set(EngineTimer.KEEP_CONTACTS, nowNanos + pause);
  }

  void onKeepTimer(long nowNanos) {
    planKeep(nowNanos);
    List<Contact> contacts = core.contacts();
    // An empty table says nothing that would be worth more than what was kept before.
    if (!contacts.isEmpty() && !keeping) {
      keeping =
          core.perform(
              id -> new Effect.KeepContacts(id, contacts), (result, now) -> keeping = false);
    }
  }
}
