package org.bytchat.tracker.quorum;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeSet;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.jspecify.annotations.Nullable;

/** Envelopes that came: each is handed to the application once, and remembered till its end. */
final class Arrivals {

  private static final Duration PRUNE_INTERVAL = Duration.ofHours(1);

  private final Desk<InboxEvent> desk;
  private final NodeId mailbox;
  private final Listener listener;
  private final Keeper keeper;
  private final QuorumConfig.InboxTimes times;
  private final Map<Digest, Brought> seen = new LinkedHashMap<>();
  private final TreeSet<QuorumChange.Seen> byEnd =
      new TreeSet<>(
          Comparator.comparingLong(QuorumChange.Seen::expiresMillis)
              .thenComparing(QuorumChange.Seen::digest));
  private final Map<Digest, Waiting> waiting = new LinkedHashMap<>();
  private final Queue<Waiting> ready = new ArrayDeque<>();

  /** How many of those above each tracker brought; no more trackers than envelopes. */
  private final Map<NodeId, Integer> broughtCounts = new LinkedHashMap<>();

  private final Desk.Alarm prune = new Desk.Alarm(this::prune);
  private long queuedBytes;
  private int deliveringCount;
  private long prunedBeforeMillis;

  /** Hears of what may be acknowledged. */
  interface Listener {

    /** The application has an envelope, and that is kept. */
    void onAccepted(Digest digest);

    /** There is room again for what is fetched. */
    void onRoom();
  }

  /** What came of an envelope that a tracker gave. */
  enum Arrival {
    /** Nobody had given it before. */
    NEW,
    /** The application is about to have it. */
    WAITING,
    /** The application has it. */
    SEEN,
    /** It is none, or of another mailbox, or has ended. */
    WRONG,
    /** The tracker has brought its share. */
    BEYOND_SHARE
  }

  /** What the application has, and who brought it; nobody if it was before a restart. */
  private record Brought(QuorumChange.Seen seen, @Nullable NodeId by) {}

  /** An envelope that the application does not have yet. */
  private final class Waiting {
    final Envelope envelope;
    final NodeId by;
    final Desk.Alarm again = new Desk.Alarm(this::offerAgain);
    boolean isUnderWay;
    int failures;

    Waiting(Envelope envelope, NodeId by) {
      this.envelope = envelope;
      this.by = by;
    }

    private void offerAgain() {
      ready.add(this);
      deliver();
    }
  }

  Arrivals(Desk<InboxEvent> desk, NodeId mailbox, Listener listener) {
    this.desk = desk;
    this.mailbox = mailbox;
    this.listener = listener;
    this.keeper = new Keeper(desk);
    this.times = desk.config.inboxTimes();
  }

  void start(List<QuorumChange.Seen> kept) {
    kept.forEach(one -> remember(new Brought(one, null)));
    prune();
  }

  /**
   * The clock was ahead, and is no more: what it had made us refuse may be taken. Something that
   * was forgotten meanwhile may come twice, which is better than never.
   */
  void onClockSetBack() {
    prunedBeforeMillis = desk.wallMillis() - times.clockTolerance().toMillis();
  }

  /** Returns what writes for all of the inbox: one change after the other. */
  Keeper keeper() {
    return keeper;
  }

  boolean hasRoom() {
    return queuedBytes < desk.config.inbox().queuedBytesMax();
  }

  /**
   * Takes an envelope from a tracker.
   *
   * @param by the tracker
   */
  Arrival take(Envelope envelope, NodeId by) {
    Digest digest = envelope.digest();
    if (!envelope.mailbox().equals(mailbox)) {
      return Arrival.WRONG;
    }
    if (seen.containsKey(digest)) {
      return Arrival.SEEN;
    }
    if (waiting.containsKey(digest)) {
      return Arrival.WAITING;
    }
    long toleranceMillis = times.clockTolerance().toMillis();
    long nowMillis = desk.wallMillis();
    // Twice: the clock of its sender may be wrong by as much, the other way.
    if (envelope.expiresMillis() < Math.max(prunedBeforeMillis, nowMillis - toleranceMillis)
        || envelope.createdMillis() > nowMillis + 2 * toleranceMillis) {
      return Arrival.WRONG;
    }
    int broughtCount = broughtCounts.getOrDefault(by, 0);
    if (broughtCount >= desk.config.inbox().seenPerTrackerMax()) {
      return Arrival.BEYOND_SHARE;
    }
    broughtCounts.put(by, broughtCount + 1);
    Waiting added = new Waiting(envelope, by);
    waiting.put(digest, added);
    queuedBytes += envelope.bytes().length;
    ready.add(added);
    deliver();
    return Arrival.NEW;
  }

  private void deliver() {
    while (deliveringCount < desk.config.inbox().deliveriesMax() && !ready.isEmpty()) {
      Waiting next = ready.remove();
      next.isUnderWay = true;
      deliveringCount++;
      desk.perform(
          id -> new QuorumEffect.Deliver(id, next.envelope), result -> onDelivered(next, result));
    }
  }

  private void onDelivered(Waiting delivered, QuorumEffect.Result result) {
    deliveringCount--;
    if (result instanceof QuorumEffect.Accepted) {
      desk.count(QuorumCounter.ACCEPTED);
      Envelope envelope = delivered.envelope;
      QuorumChange.Seen now = new QuorumChange.Seen(envelope.digest(), envelope.expiresMillis());
      // It keeps its place in the queue till then, so that not more waits for the disk.
      keeper.keep(
          new QuorumChange.PutSeen(now),
          () -> {
            waiting.remove(now.digest());
            queuedBytes -= envelope.bytes().length;
            remember(new Brought(now, delivered.by));
            forgetSome();
            listener.onAccepted(now.digest());
            listener.onRoom();
          });
    } else {
      desk.count(QuorumCounter.REJECTED);
      delivered.isUnderWay = false;
      delivered.failures++;
      desk.set(
          delivered.again, desk.backoff(delivered.failures, times.retryMin(), times.retryMax()));
    }
    deliver();
  }

  private void remember(Brought one) {
    if (seen.putIfAbsent(one.seen.digest(), one) == null) {
      byEnd.add(one.seen);
    }
  }

  /** Forgets what ends first. */
  private Digest forgetFirst() {
    QuorumChange.Seen first = byEnd.first();
    byEnd.remove(first);
    Brought forgotten = seen.remove(first.digest());
    NodeId by = forgotten == null ? null : forgotten.by;
    if (by != null) {
      countDown(by);
    }
    return first.digest();
  }

  private void countDown(NodeId by) {
    broughtCounts.computeIfPresent(by, (same, count) -> count == 1 ? null : count - 1);
  }

  private void forgetSome() {
    while (seen.size() > desk.config.inbox().seenMax()) {
      desk.count(QuorumCounter.FORGOTTEN);
      keeper.keep(new QuorumChange.RemoveSeen(forgetFirst()), null);
    }
  }

  /** Forgets what no tracker may give any more, and does not take it either from now on. */
  private void prune() {
    desk.set(prune, desk.around(PRUNE_INTERVAL));
    long before = desk.wallMillis() - times.clockTolerance().toMillis();
    prunedBeforeMillis = Math.max(prunedBeforeMillis, before);
    boolean isAny = false;
    while (!byEnd.isEmpty() && byEnd.first().expiresMillis() < before) {
      forgetFirst();
      isAny = true;
    }
    if (isAny) {
      keeper.keep(new QuorumChange.PruneSeen(before), null);
    }
    if (dropEnded(before)) {
      listener.onRoom();
    }
  }

  /** Drops what the application would not take till its end: others need the room. */
  private boolean dropEnded(long before) {
    boolean isAny = false;
    for (Waiting one : List.copyOf(waiting.values())) {
      if (!one.isUnderWay && one.envelope.expiresMillis() < before) {
        waiting.remove(one.envelope.digest());
        ready.remove(one);
        desk.cancel(one.again);
        queuedBytes -= one.envelope.bytes().length;
        countDown(one.by);
        desk.count(QuorumCounter.DROPPED);
        isAny = true;
      }
    }
    return isAny;
  }
}
