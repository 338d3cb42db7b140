package org.bytchat.dht.engine;

import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.time.EngineTimer;

/** Sees to it that the contacts are alive, and that they are kept for the node's next life. */
final class Upkeep {

  private final Core core;
  private final Requests requests;
  private final Membership membership;
  private final Membership.Duties duties;
  private final long checkNanos;
  private final long keepNanos;

  /** Whether contacts are being kept: a slow place must not use up the effects. */
  private boolean keeping;

  Upkeep(Core core, Requests requests, Membership membership, Membership.Duties duties) {
    this.core = core;
    this.requests = requests;
    this.membership = membership;
    this.duties = duties;
    this.checkNanos = core.config.routing().pingInterval().toNanos();
    this.keepNanos = core.config.routing().keepInterval().toNanos();
  }

  void start(long nowNanos) {
    planCheck(nowNanos);
    if (core.keepsState) {
      planKeep(nowNanos);
    }
  }

  private void planCheck(long nowNanos) {
    long pause = core.entropy.choices().jitter(checkNanos);
    duties.timers().set(EngineTimer.CONTACT_CHECK, nowNanos + pause);
  }

  void onCheckTimer(long nowNanos) {
    planCheck(nowNanos);
    for (RoutingTable table : core.tables()) {
      checkContacts(table, nowNanos);
    }
  }

  /**
   * Pings a contact that is due. While one fails and nobody else is heard of, the contact heard of
   * last is pinged too: whether it answers tells a dead contact from an outage.
   */
  private void checkContacts(RoutingTable table, long nowNanos) {
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
  }

  private void planKeep(long nowNanos) {
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
