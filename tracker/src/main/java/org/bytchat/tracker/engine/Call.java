package org.bytchat.tracker.engine;

import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Response;

/** A request that is being worked on, until it is answered once. */
class Call {

  final ClientSession session;
  private final Desk desk;
  private final long requestId;

  /** Whether it counts among those of its source that are under way. */
  private boolean isCounted = true;

  /** Begins to work on a request. */
  Call(Desk desk, ClientSession session, long requestId) {
    this.desk = desk;
    this.session = session;
    this.requestId = requestId;
    session.underWayCount++;
    session.source.underWayCount++;
  }

  /** Returns when the mailbox that it is about was used, if that is what it is: now. */
  long usedMillis() {
    return desk.wallMillis();
  }

  /** It only waits, or nobody takes its answer any more: it takes nothing of its source's share. */
  void rest() {
    if (isCounted) {
      isCounted = false;
      session.source.underWayCount--;
    }
  }

  /** Tells whether something may be written for its source now, and refuses it if not. */
  boolean mayWrite() {
    boolean may = session.source.mayWrite(desk.nowNanos);
    if (!may) {
      desk.count(TrackerCounter.REFUSED_SOURCE);
      refuse(Refusal.RATE, "too much was written for this address within an hour");
    }
    return may;
  }

  /** Notes what was written for its source. */
  void chargeWrite(long bytes) {
    session.source.chargeBytes(bytes, desk.nowNanos);
  }

  /** As {@link #mayWrite}, for an acknowledgement, which frees more than it takes. */
  boolean mayAcknowledge() {
    boolean may = session.source.mayAcknowledge(desk.nowNanos);
    if (!may) {
      desk.count(TrackerCounter.REFUSED_SOURCE);
      refuse(Refusal.RATE, "too much was acknowledged from this address within an hour");
    }
    return may;
  }

  /** Notes what was written of acknowledgements for its source. */
  void chargeAcknowledgement(long bytes) {
    session.source.chargeAcknowledgement(bytes, desk.nowNanos);
  }

  /** Tells whether its source may begin a mailbox now, and refuses it if not. */
  boolean mayBegin() {
    boolean may = session.source.mayBegin(desk.nowNanos);
    if (!may) {
      desk.count(TrackerCounter.REFUSED_SOURCE);
      refuse(Refusal.RATE, "too many mailboxes were begun for this address within an hour");
    }
    return may;
  }

  /** Notes that a mailbox began for its source. */
  void chargeMailbox() {
    session.source.chargeMailbox(desk.nowNanos);
  }

  /** Answers a part; more follow. */
  void part(Response response) {
    if (!session.closed) {
      desk.send(session.id, requestId, response);
    }
  }

  /** Answers, and ends the work. */
  void answer(Response response) {
    session.underWayCount--;
    rest();
    if (session.fetch == this) {
      session.fetch = null;
    }
    part(response);
  }

  /**
   * Refuses for a signature that is not known to be good.
   *
   * @param bad what to say if it is bad
   */
  void refuse(Desk.Verdict verdict, String bad) {
    boolean isBad = verdict == Desk.Verdict.BAD;
    refuse(verdict.refusal(), isBad ? bad : "the signature could not be verified");
  }

  void refuse(Refusal refusal, String text) {
    answer(new Response.Refused(refusal, text, null, 0));
  }
}
