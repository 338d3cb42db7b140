package org.bytchat.dht.engine;

import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupStep;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/** What all operations on records need: requests to holders, lookups, and to be called later. */
final class Operations {

  /** What may wait for its turn; whoever finds the line full tries again after a pause. */
  private static final int OUTGOING_MAX = 1024;

  private static final long PAUSE_NANOS = 100_000_000;

  /** How often a node that is too busy to prove its id is asked to. */
  private static final int PROOF_ATTEMPTS_MAX = 5;

  private static final long PROOF_PAUSE_NANOS = 1_000_000_000;

  /** How often the driver is asked to verify a record if it fails to. */
  private static final int VERIFY_ATTEMPTS_MAX = 20;

  final Core core;
  final LookupPool lookups;
  final Records records;
  private final Fifo<Request> outgoing;
  private final DeadlineQueue<Delayed> delayed = new DeadlineQueue<>();

  /** Something to do at a time. */
  interface Action {
    void run(long nowNanos);
  }

  /** Something that was put off, and can be taken back. */
  static final class Delayed extends Timed {
    private final Action action;

    private Delayed(Action action) {
      this.action = action;
    }
  }

  /**
   * An item at a holder.
   *
   * @param key the item's key
   * @param place where it lies
   * @param token the holder's, null if there is none
   */
  record Spot(NodeId key, NodeId place, byte @Nullable [] token) {}

  Operations(Core core, LookupPool lookups, Records records, Fifo<Request> outgoing) {
    this.core = core;
    this.lookups = lookups;
    this.records = records;
    this.outgoing = outgoing;
  }

  /** Asks a holder for an item, or without a token for its sequence. */
  void get(Contact holder, Spot spot, Request.Reply reply, long nowNanos) {
    ask(request(Method.GET, holder, spot, reply), nowNanos);
  }

  /** Asks a holder to take an item; the expected sequence is -1 for any. */
  void put(Contact holder, Spot spot, Item item, Request.Reply reply, long nowNanos) {
    Request request = request(Method.PUT, holder, spot, reply);
    request.item = item.item;
    request.expectedSequence = item.expectedSequence;
    ask(request, nowNanos);
  }

  /** What is to be put, and the sequence that it shall replace, -1 for any. */
  record Item(StoredItem item, long expectedSequence) {}

  private static Request request(Method method, Contact holder, Spot spot, Request.Reply reply) {
    Request request = new Request(Request.Purpose.STORE, method, holder.endpoint(), holder);
    request.key = spot.key;
    request.place = spot.place.equals(spot.key) ? null : spot.place;
    request.token = spot.token;
    request.reply = reply;
    return request;
  }

  /** Has a node prove its id, unless it is known to have done so, or none has to. */
  void prove(Contact contact, Verified then, long nowNanos) {
    if (!core.asksForProofs() || core.known(contact) != null) {
      then.onVerified(true, nowNanos);
    } else {
      prove(contact, then, PROOF_ATTEMPTS_MAX, nowNanos);
    }
  }

  private void prove(Contact contact, Verified then, int attempts, long nowNanos) {
    Request request = Request.ping(Request.Purpose.STORE, contact);
    request.challenged = true;
    request.reply =
        new Request.Reply() {
          @Override
          public void onAnswer(Packet packet, long now) {
            lookups.checkProof(request, contact, packet, (proof, end) -> onProof(proof, end), now);
          }

          private void onProof(LookupStep.Proof proof, long now) {
            if (proof == LookupStep.Proof.NONE && attempts > 1) {
              // It has no time for it, as somebody may see to: later.
              later(now + PROOF_PAUSE_NANOS, again -> prove(contact, then, attempts - 1, again));
            } else {
              then.onVerified(proof == LookupStep.Proof.GOOD, now);
            }
          }

          @Override
          public void onFailure(long now) {
            then.onVerified(false, now);
          }
        };
    ask(request, nowNanos);
  }

  /** Sends a request in its turn. */
  void ask(Request request, long nowNanos) {
    if (outgoing.size() < OUTGOING_MAX) {
      outgoing.add(request);
    } else {
      later(nowNanos + PAUSE_NANOS, now -> ask(request, now));
    }
  }

  /** Verifies a signature; if too much is being verified, after a pause. */
  void verify(Core.EffectFactory what, Verified then, long nowNanos) {
    verify(what, then, VERIFY_ATTEMPTS_MAX, nowNanos);
  }

  private void verify(Core.EffectFactory what, Verified then, int attempts, long nowNanos) {
    boolean started =
        core.perform(
            what,
            (result, now) -> {
              if (result instanceof Effect.Verified || attempts == 1) {
                then.onVerified(result instanceof Effect.Verified found && found.good(), now);
              } else {
                // The driver had no room for it, which says nothing of the signature.
                later(now + PAUSE_NANOS, again -> verify(what, then, attempts - 1, again));
              }
            });
    if (!started) {
      later(nowNanos + PAUSE_NANOS, now -> verify(what, then, attempts, now));
    }
  }

  /** Is told whether a signature or a proof is good. */
  interface Verified {
    void onVerified(boolean good, long nowNanos);
  }

  /** Has something done at a time. */
  Delayed later(long atNanos, Action action) {
    Delayed entry = new Delayed(action);
    delayed.schedule(entry, atNanos);
    return entry;
  }

  void cancel(Delayed entry) {
    delayed.cancel(entry);
  }

  void handleTimeout(long nowNanos) {
    Delayed due = delayed.pollDue(nowNanos);
    while (due != null) {
      due.action.run(nowNanos);
      due = delayed.pollDue(nowNanos);
    }
  }

  long nextDeadlineNanos() {
    return delayed.nextNanos();
  }
}
