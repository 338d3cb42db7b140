package org.bytchat.dht.engine;

import java.util.LinkedHashSet;
import java.util.Set;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.ParseOutcome;
import org.bytchat.dht.store.StoreOutcome;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest record of a place.
 *
 * <p>All of the closest nodes say which sequence they hold; the record is then read from one of
 * those with the highest, and verified. Whoever claims more than it has costs one request. If fewer
 * than w of the r closest hold what was read, nodes that did not answer may hold something newer
 * that w acknowledged, and are asked again.
 */
final class GetOperation {

  private static final int PARALLEL_MAX = 16;
  private static final int ROUNDS_MAX = 3;

  private final Operations operations;
  private final NodeId place;
  private final Completion completion;
  private final Set<Contact> asked = new LinkedHashSet<>();

  /** Who said that it holds something newer, and then did not answer. */
  private final Set<Contact> unread = new LinkedHashSet<>();

  private @Nullable MutableRecord best;
  private int underWay;
  private int rounds;

  /** Takes what was read. */
  interface Completion {

    /**
     * Ends the operation.
     *
     * @param found the newest valid record, null if there is none
     * @param answered how many nodes answered; 0 says nothing about the record
     */
    void onFinished(@Nullable MutableRecord found, int answered, long nowNanos);
  }

  private GetOperation(Operations operations, NodeId place, Completion completion) {
    this.operations = operations;
    this.place = place;
    this.completion = completion;
  }

  /** Begins to read; returns whether there was room for it. */
  static boolean start(Operations operations, NodeId place, Completion completion, long nowNanos) {
    GetOperation operation = new GetOperation(operations, place, completion);
    return HolderSearch.forReading(operations, place, operation::onFound, nowNanos);
  }

  private void onFound(HolderSearch search, long nowNanos) {
    rounds++;
    if (operations.records.get(place, nowNanos) instanceof MutableRecord held) {
      offer(held);
    }
    read(search, nowNanos);
  }

  private void offer(MutableRecord found) {
    MutableRecord known = best;
    if (known == null || found.sequence() > known.sequence()) {
      best = found;
    }
  }

  private long bestSequence() {
    MutableRecord known = best;
    return known == null ? 0 : known.sequence();
  }

  private void read(HolderSearch search, long nowNanos) {
    HolderSearch.Holder next = underWay < PARALLEL_MAX ? nextClaim(search) : null;
    while (next != null) {
      asked.add(next.contact());
      underWay++;
      operations.get(
          next.contact(),
          new Operations.Spot(place, place, next.token()),
          new Reading(search, next.contact()),
          nowNanos);
      next = underWay < PARALLEL_MAX ? nextClaim(search) : null;
    }
    if (underWay == 0) {
      conclude(search, nowNanos);
    }
  }

  /**
   * Returns who is asked next: in turn who claims the highest sequence above what is known, and who
   * claims the lowest of these, the nearest of each. Who claims too much and is silent keeps the
   * others waiting for long, if there are many of them.
   */
  private HolderSearch.@Nullable Holder nextClaim(HolderSearch search) {
    boolean isHighFirst = asked.size() % 2 == 0;
    HolderSearch.Holder next = null;
    for (HolderSearch.Holder holder : search.claimants()) {
      if (holder.sequence() > bestSequence() && !asked.contains(holder.contact())) {
        long known = next == null ? holder.sequence() : next.sequence();
        boolean isBetter = isHighFirst ? holder.sequence() > known : holder.sequence() < known;
        next = next == null || isBetter ? holder : next;
      }
    }
    return next;
  }

  private void conclude(HolderSearch search, long nowNanos) {
    long sequence = best == null ? -1 : bestSequence();
    if (rounds < ROUNDS_MAX && !search.isConfirmed(sequence)) {
      // No others are worth the time that silent ones take.
      unread.retainAll(search.nearest());
      boolean unreadAny = asked.removeAll(unread);
      unread.clear();
      if (search.askAgain(nowNanos)) {
        return;
      }
      if (unreadAny) {
        rounds++;
        read(search, nowNanos);
        return;
      }
    }
    completion.onFinished(best, search.answeredCount(), nowNanos);
  }

  private final class Reading implements Request.Reply {

    private final HolderSearch search;
    private final Contact holder;

    Reading(HolderSearch search, Contact holder) {
      this.search = search;
      this.holder = holder;
    }

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      MutableRecord candidate = candidate(packet, nowNanos);
      if (candidate == null) {
        operations.core.count(Counter.READS_INVALID);
        onEnd(nowNanos);
        return;
      }
      operations.verify(
          id -> new Effect.VerifyRecord(id, candidate, operations.core.networkId),
          (good, now) -> {
            if (good) {
              offer(candidate);
            } else {
              operations.core.count(Counter.READS_INVALID);
            }
            onEnd(now);
          },
          nowNanos);
    }

    @Override
    public void onFailure(long nowNanos) {
      unread.add(holder);
      onEnd(nowNanos);
    }

    private void onEnd(long nowNanos) {
      underWay--;
      read(search, nowNanos);
    }
  }

  /** Returns what an answer holds if all but its signature is right. */
  private @Nullable MutableRecord candidate(Packet packet, long nowNanos) {
    byte[] bytes = packet.record();
    if (bytes != null
        && StoredItem.parse(bytes) instanceof ParseOutcome.Parsed parsed
        && parsed.item() instanceof MutableRecord found
        && found.key().equals(place)
        && isInTime(found, nowNanos)) {
      return found;
    }
    return null;
  }

  /**
   * Checks the times. The holder's clock may be as far ahead of this one as the writer's of the
   * holder's: who refused what w holders took would go back to something older.
   */
  private boolean isInTime(MutableRecord found, long nowNanos) {
    long wallMillis = operations.records.wallMillis(nowNanos);
    StoreOutcome.Refusal fault = operations.records.times().check(found, wallMillis);
    if (fault != StoreOutcome.Refusal.ISSUED_AHEAD) {
      return fault == null;
    }
    long toleranceMillis = operations.core.config.store().clockTolerance().toMillis();
    return operations.records.times().check(found, wallMillis + toleranceMillis) == null;
  }
}
