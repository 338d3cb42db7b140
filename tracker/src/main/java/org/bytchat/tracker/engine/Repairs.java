package org.bytchat.tracker.engine;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Summary;
import org.jspecify.annotations.Nullable;

/**
 * Takes from other trackers what this one lacks: asks one after the other, each for a while, for
 * the mailboxes that both are to have, and mends those that differ. Nobody can make it take
 * anything; all that it takes is verified as if a client had sent it.
 */
final class Repairs implements MailboxRepair.Line {

  private static final long SECOND_NANOS = 1_000_000_000L;

  /** A driver that gives no answer in this time is not waited for. */
  private static final long ANSWER_NANOS = 120 * SECOND_NANOS;

  /** How long one peer is asked while others wait. */
  private static final long TURN_NANOS = 60 * SECOND_NANOS;

  /** How often a peer that has no time is asked again in one turn. */
  private static final int BUSY_MAX = 60;

  /** How many mailboxes a peer may refuse in one turn, which ends then. */
  private static final int REFUSED_MAX = 8;

  /** How many failures in a row make the pause longer: to 2^this intervals. */
  private static final int FAILURES_MAX = 4;

  private final Desk desk;
  private final Neighbours neighbours;
  private final MailboxRepair.Tools tools;
  private final Pace work;
  private final Pace bytes;
  private final Map<NodeId, Peer> peers = new LinkedHashMap<>();

  /** Those that are not asked any more, as long as coming back is not to end their pause. */
  private final Map<NodeId, Peer> departed = new LinkedHashMap<>();

  private @Nullable Turn turn;

  /** Another tracker, and how far it was asked. */
  private static final class Peer {
    Contact contact;
    long nextNanos;
    int failures;

    /** The last mailbox that was dealt with, null to begin with the first. */
    @Nullable NodeId cursor;

    Peer(Contact contact, long nextNanos) {
      this.contact = contact;
      this.nextNanos = nextNanos;
    }
  }

  /** One peer's turn. */
  private static final class Turn {
    final Peer peer;
    final long endNanos;

    /** Those of a page that differ, and are not mended yet. */
    final Queue<MailboxRepair.Difference> differing = new ArrayDeque<>();

    /** Where the next page begins, null if there is none. */
    @Nullable NodeId nextPage;

    /** What waits for the pace, null if nothing does. */
    @Nullable Runnable waiting;

    /** The mailbox that is being mended, null if none is. */
    @Nullable MailboxRepair mending;

    /** How often the peer had no time. */
    int busyCount;

    /** How many mailboxes the peer has refused. */
    int refusedCount;

    /** When that goes on, or when an answer must have come. */
    long wakeNanos = DeadlineQueue.NEVER;

    Turn(Peer peer, long endNanos) {
      this.peer = peer;
      this.endNanos = endNanos;
    }
  }

  Repairs(Desk desk, Neighbours neighbours, MailboxRepair.Tools tools) {
    this.desk = desk;
    this.neighbours = neighbours;
    this.tools = tools;
    this.work = new Pace(desk.config.repair().mailboxesPerSecond());
    this.bytes = new Pace(desk.config.repair().bytesPerSecond());
  }

  /** The neighbours are others now. */
  void onNeighbours() {
    if (desk.config.repair().replicas() == 0) {
      return;
    }
    Map<NodeId, Peer> now = new LinkedHashMap<>();
    for (Contact contact : neighbours.peers()) {
      Peer left = departed.remove(contact.id());
      Peer fresh = left == null ? new Peer(contact, desk.nowNanos) : left;
      Peer peer = peers.getOrDefault(contact.id(), fresh);
      peer.contact = contact;
      now.put(contact.id(), peer);
    }
    peers.keySet().removeAll(now.keySet());
    departed.putAll(peers);
    forget();
    peers.clear();
    peers.putAll(now);
  }

  /** Forgets those whose pause is over, and beyond the limit those who are nearest to its end. */
  private void forget() {
    departed.values().removeIf(this::isForgiven);
    List<Peer> pausing =
        departed.values().stream()
            .filter(peer -> turn == null || turn.peer != peer)
            .sorted(Comparator.comparingLong(peer -> peer.nextNanos))
            .toList();
    int overCount = Math.max(0, pausing.size() - desk.config.repair().neighboursMax());
    pausing.subList(0, overCount).forEach(this::forget);
  }

  private void forget(Peer peer) {
    desk.count(TrackerCounter.REPAIR_FORGOTTEN);
    departed.remove(peer.contact.id());
  }

  /** One that has failed counts as new when the longest pause has passed after its own. */
  private boolean isForgiven(Peer peer) {
    if (turn != null && turn.peer == peer) {
      return false;
    }
    long longest = desk.config.repair().interval().toNanos() << FAILURES_MAX;
    return peer.nextNanos + (peer.failures == 0 ? 0 : longest) <= desk.nowNanos;
  }

  long nextNanos() {
    Turn current = turn;
    if (current != null) {
      return current.wakeNanos;
    }
    long next = DeadlineQueue.NEVER;
    for (Peer peer : peers.values()) {
      next = Math.min(next, peer.nextNanos);
    }
    return next;
  }

  void handleTimeout() {
    Turn current = turn;
    if (current != null && current.wakeNanos <= desk.nowNanos) {
      Runnable next = current.waiting;
      if (next == null) {
        fail();
      } else {
        current.waiting = null;
        current.wakeNanos = DeadlineQueue.NEVER;
        next.run();
      }
    }
    if (turn == null) {
      begin();
    }
  }

  /** Begins with the peer that has waited longest, if it is its time. */
  private void begin() {
    Peer first = null;
    for (Peer peer : peers.values()) {
      if (first == null || peer.nextNanos < first.nextNanos) {
        first = peer;
      }
    }
    if (first != null && first.nextNanos <= desk.nowNanos) {
      turn = new Turn(first, desk.nowNanos + TURN_NANOS);
      askPage(first.cursor);
    }
  }

  private Turn turn() {
    Turn current = turn;
    if (current == null) {
      throw new AssertionError("nobody has a turn");
    }
    return current;
  }

  private void askPage(@Nullable NodeId after) {
    ask(
        new Request.ListMailboxes(after, PeerRequests.SUMMARIES_MAX),
        response -> {
          if (response instanceof Response.Mailboxes page && rises(page, after)) {
            bytes.charge((long) page.summaries().size() * Summary.BYTES, desk.nowNanos);
            work.charge(1 + page.summaries().size(), desk.nowNanos);
            turn().nextPage = page.next();
            compare(page.summaries());
          } else {
            // What follows there is not to be seen: from the beginning, next time.
            turn().peer.cursor = null;
            fail();
          }
        });
  }

  /** A list that does not rise could have no end. */
  private static boolean rises(Response.Mailboxes page, @Nullable NodeId after) {
    NodeId before = after;
    for (Summary summary : page.summaries()) {
      if (before != null && summary.mailbox().compareTo(before) <= 0) {
        return false;
      }
      before = summary.mailbox();
    }
    NodeId next = page.next();
    return page.summaries().size() <= PeerRequests.SUMMARIES_MAX
        && (next == null || before == null || next.compareTo(before) >= 0)
        && (next == null || after == null || next.compareTo(after) > 0);
  }

  private void compare(List<Summary> summaries) {
    List<Summary> ours =
        summaries.stream().filter(summary -> neighbours.replicates(summary.mailbox())).toList();
    if (ours.isEmpty()) {
      endPage();
      return;
    }
    Turn current = turn();
    List<NodeId> keys = ours.stream().map(Summary::mailbox).toList();
    long nowMillis = desk.wallMillis();
    desk.perform(
        id -> new TrackerEffect.Fingerprint(id, keys, nowMillis),
        result -> {
          if (turn != current) {
            return;
          }
          if (!(result instanceof TrackerEffect.Fingerprinted read)) {
            // The fault is here, not the peer's.
            endPage();
            return;
          }
          for (Summary summary : ours) {
            Digest here = read.fingerprints().get(summary.mailbox());
            // Into one that is damaged here nothing can be taken.
            if (here != null && !here.equals(summary.fingerprint())) {
              addDifference(current, summary, here);
            }
          }
          mendNext();
        });
  }

  private void addDifference(Turn current, Summary summary, Digest here) {
    LastingDifferences.Pair both = new LastingDifferences.Pair(here, summary.fingerprint());
    NodeId mailbox = summary.mailbox();
    if (!tools.lasting().isKnown(new LastingDifferences.Place(peer(), mailbox), both)) {
      current.differing.add(new MailboxRepair.Difference(mailbox, both));
    }
  }

  private void mendNext() {
    Turn current = turn();
    leaveMailbox();
    MailboxRepair.Difference difference = current.differing.poll();
    if (difference == null) {
      endPage();
    } else {
      desk.count(TrackerCounter.REPAIR_MAILBOXES);
      // Whatever ends the turn in it, the next turn goes on behind it: others are not to wait.
      current.peer.cursor = difference.mailbox();
      MailboxRepair mending = new MailboxRepair(desk, tools, this, difference);
      current.mending = mending;
      mending.begin();
    }
  }

  /** Whether it has come to its end or not. */
  private void leaveMailbox() {
    MailboxRepair mending = turn().mending;
    if (mending != null) {
      turn().mending = null;
      mending.leave();
    }
  }

  private void endPage() {
    Turn current = turn();
    NodeId next = current.nextPage;
    current.peer.cursor = next;
    if (next == null) {
      end(desk.config.repair().interval().toNanos());
      current.peer.failures = 0;
    } else if (desk.nowNanos >= current.endNanos) {
      end(0);
    } else {
      askPage(next);
    }
  }

  private void end(long pauseNanos) {
    leaveMailbox();
    turn().peer.nextNanos = desk.nowNanos + Math.max(SECOND_NANOS, pauseNanos);
    turn = null;
  }

  /** Ends the turn of a peer that does not do what it must, or that does not answer. */
  private void fail() {
    desk.count(TrackerCounter.REPAIR_FAILURES);
    Peer peer = turn().peer;
    peer.failures = Math.min(FAILURES_MAX, peer.failures + 1);
    end(desk.config.repair().interval().toNanos() << peer.failures);
  }

  @Override
  public void ask(Request request, MailboxRepair.AnswerHandler handler) {
    Turn current = turn();
    long ready = Math.max(work.readyNanos(desk.nowNanos), bytes.readyNanos(desk.nowNanos));
    if (ready > desk.nowNanos || !desk.hasRoomFor(1)) {
      current.waiting = () -> ask(request, handler);
      current.wakeNanos = Math.max(ready, desk.nowNanos + SECOND_NANOS / 100);
      return;
    }
    current.wakeNanos = desk.nowNanos + ANSWER_NANOS;
    if (!(request instanceof Request.ListMailboxes)) {
      work.charge(1, desk.nowNanos);
    }
    Contact contact = current.peer.contact;
    desk.perform(
        id -> new TrackerEffect.AskPeer(id, contact, request),
        result -> {
          if (turn == current) {
            current.wakeNanos = DeadlineQueue.NEVER;
            answered(request, result, handler);
          }
        });
  }

  private void answered(
      Request request, TrackerEffect.Result result, MailboxRepair.AnswerHandler handler) {
    Turn current = turn();
    if (!(result instanceof TrackerEffect.PeerAnswered answered)) {
      fail();
    } else if (answered.response() instanceof Response.Refused refused) {
      onRefused(request, refused.refusal(), () -> ask(request, handler));
    } else if (desk.nowNanos >= current.endNanos + TURN_NANOS) {
      // One mailbox takes very long: others have their turn before it goes on.
      end(0);
    } else {
      handler.handle(answered.response());
    }
  }

  /**
   * What a peer refuses for its pace, for the trackers that it knows, or for one mailbox that it
   * cannot read, is no failure of it.
   */
  private void onRefused(Request request, Refusal refusal, Runnable again) {
    Turn current = turn();
    boolean isOfMailbox = !(request instanceof Request.ListMailboxes);
    boolean isNotNear = refusal == Refusal.NOT_NEAR;
    if (refusal == Refusal.BUSY) {
      onBusy(current, again);
    } else if (isOfMailbox && (isNotNear || refusal == Refusal.STORE)) {
      current.refusedCount++;
      if (current.refusedCount < REFUSED_MAX) {
        mendNext();
      } else {
        end(desk.config.repair().interval().toNanos());
      }
    } else if (isNotNear) {
      end(desk.config.repair().interval().toNanos());
    } else {
      fail();
    }
  }

  /** A peer has a pace of its own: the same is asked again, while the turn lasts. */
  private void onBusy(Turn current, Runnable again) {
    if (desk.nowNanos < current.endNanos && current.busyCount < BUSY_MAX) {
      current.busyCount++;
      current.waiting = again;
      current.wakeNanos = desk.nowNanos + SECOND_NANOS;
    } else {
      end(Math.min(10 * SECOND_NANOS, desk.config.repair().interval().toNanos()));
    }
  }

  @Override
  public NodeId peer() {
    return turn().peer.contact.id();
  }

  @Override
  public void charge(long sizeBytes) {
    bytes.charge(sizeBytes, desk.nowNanos);
    desk.count(TrackerCounter.REPAIR_TAKEN_BYTES, sizeBytes);
  }

  @Override
  public boolean isCurrent(MailboxRepair repair) {
    Turn current = turn;
    return current != null && repair.line == this && repair.turn == current;
  }

  @Override
  public Object turnNow() {
    return turn();
  }

  @Override
  public void onMended() {
    mendNext();
  }

  @Override
  public void onBroken() {
    fail();
  }
}
