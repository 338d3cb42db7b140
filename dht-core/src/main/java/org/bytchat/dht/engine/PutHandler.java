package org.bytchat.dht.engine;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.ParseOutcome;
import org.bytchat.dht.store.StoreOutcome;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * Takes records from others. What needs no key is checked first, then the signature is verified
 * elsewhere, then all is checked again: much may have changed meanwhile. What comes for one key is
 * applied in the order in which it came.
 */
final class PutHandler {

  private final Core core;
  private final Records records;
  private final Answers answers;
  private final boolean byEndpoint;
  private final PendingShares shares;

  /** Puts whose signature is being verified, oldest first. */
  private final Map<NodeId, ArrayDeque<Pending>> byKey = new LinkedHashMap<>();

  /** Sends answers to puts. */
  interface Answers {

    /** Begins an answer. */
    Packet begin(long transactionId, Endpoint to);

    /** Sends it. */
    void send(Packet answer, Endpoint to);

    /** Sends a refusal; the packet may hold more than the code. */
    void refuse(Packet answer, Endpoint to, int code, String text);
  }

  private static final class Pending {
    final StorePut put;
    final long transactionId;
    final Endpoint from;

    /** Null until the signature was verified. */
    Effect.@Nullable Result result;

    Pending(StorePut put, long transactionId, Endpoint from) {
      this.put = put;
      this.transactionId = transactionId;
      this.from = from;
    }
  }

  PutHandler(Core core, Records records, Answers answers) {
    this.core = core;
    this.records = records;
    this.answers = answers;
    this.byEndpoint = core.config.scope() == Scope.LOCAL;
    this.shares = new PendingShares(core.config.limits().pendingEffectsMax());
  }

  /** Returns who pays for what comes from an endpoint. */
  long sourceOf(Endpoint endpoint) {
    return SourceRateLimiter.keyOf(endpoint, byEndpoint);
  }

  /** Handles a put whose token is good. */
  void handle(Packet query, Endpoint from, long nowNanos) {
    if (isBeyondReach(query)) {
      refuseBusy(query.transactionId, from);
      return;
    }
    byte[] bytes = query.record();
    NodeId key = query.key();
    if (bytes == null || key == null) {
      throw new AssertionError("a put without key or record is not sound");
    }
    ParseOutcome parsed = StoredItem.parse(bytes);
    if (parsed instanceof ParseOutcome.Malformed malformed) {
      refuseMalformed(malformed.fault(), query.transactionId, from);
      return;
    }
    StoredItem item = ((ParseOutcome.Parsed) parsed).item();
    NodeId place = query.place == null ? key : query.place;
    StorePut put = new StorePut(item, key, place, query.expectedSequence, sourceOf(from));
    StoreOutcome.Checked checked = records.check(put, nowNanos);
    if (checked instanceof StoreOutcome.Refused refused) {
      refuse(refused, query.transactionId, from);
    } else if (checked instanceof StoreOutcome.Unchanged) {
      core.count(Counter.PUTS_UNCHANGED);
      acknowledge(item, query.transactionId, from);
    } else if (item instanceof MutableRecord signed) {
      verify(signed, new Pending(put, query.transactionId, from));
    } else {
      answer(new Pending(put, query.transactionId, from), nowNanos);
    }
  }

  private void verify(MutableRecord signed, Pending pending) {
    ArrayDeque<Pending> sameKey = byKey.get(pending.put.key());
    if (sameKey != null && isRepeated(pending, sameKey)) {
      return;
    }
    boolean started =
        shares.hasRoomFor(pending.put.source())
            && core.perform(
                id -> new Effect.VerifyRecord(id, signed, core.networkId),
                (result, now) -> onVerified(pending, result, now));
    if (!started) {
      refuseBusy(pending.transactionId, pending.from);
      return;
    }
    shares.add(pending.put.source());
    byKey.computeIfAbsent(pending.put.key(), ignored -> new ArrayDeque<>()).add(pending);
  }

  /**
   * Tells, in a flood, that a record could not be verified now anyway, before anything is copied.
   */
  private boolean isBeyondReach(Packet query) {
    byte[] carried = query.record;
    return shares.isFull()
        && carried != null
        && MutableRecord.isKind(carried, query.recordOffset, query.recordLength)
        && !byKey.containsKey(query.key());
  }

  private void refuseBusy(long transactionId, Endpoint to) {
    core.count(Counter.PUTS_BUSY);
    answers.refuse(answers.begin(transactionId, to), to, ErrorCode.BUSY, "too many puts");
  }

  /** Tells whether a put was sent again while it is being verified. */
  private static boolean isRepeated(Pending pending, ArrayDeque<Pending> sameKey) {
    for (Pending earlier : sameKey) {
      if (earlier.transactionId == pending.transactionId && earlier.from.equals(pending.from)) {
        return true;
      }
    }
    return false;
  }

  private void onVerified(Pending verified, Effect.Result result, long nowNanos) {
    verified.result = result;
    shares.remove(verified.put.source());
    NodeId key = verified.put.key();
    ArrayDeque<Pending> sameKey = byKey.get(key);
    while (sameKey != null && !sameKey.isEmpty() && sameKey.element().result != null) {
      Pending next = sameKey.remove();
      if (next.result instanceof Effect.Verified found && found.good()) {
        answer(next, nowNanos);
      } else {
        boolean failed = !(next.result instanceof Effect.Verified);
        core.count(failed ? Counter.PUTS_BUSY : Counter.PUTS_BAD_SIGNATURE);
        answers.refuse(
            answers.begin(next.transactionId, next.from),
            next.from,
            failed ? ErrorCode.BUSY : ErrorCode.BAD_SIGNATURE,
            failed ? "too many puts" : "bad key or signature");
      }
    }
    if (sameKey != null && sameKey.isEmpty()) {
      byKey.remove(key);
    }
  }

  private void answer(Pending pending, long nowNanos) {
    StoreOutcome.Committed committed = records.commit(pending.put, nowNanos);
    if (committed instanceof StoreOutcome.Refused refused) {
      refuse(refused, pending.transactionId, pending.from);
      return;
    }
    if (committed instanceof StoreOutcome.Unchanged) {
      core.count(Counter.PUTS_UNCHANGED);
    }
    acknowledge(pending.put.item(), pending.transactionId, pending.from);
  }

  private void acknowledge(StoredItem item, long transactionId, Endpoint to) {
    Packet answer = answers.begin(transactionId, to);
    answer.sequence = sequenceOf(item);
    answers.send(answer, to);
  }

  /** Returns what stands for an item's sequence on the wire: 0 for a chunk. */
  static long sequenceOf(StoredItem item) {
    return item instanceof MutableRecord signed ? signed.sequence() : 0;
  }

  private void refuseMalformed(ParseOutcome.Fault fault, long transactionId, Endpoint to) {
    boolean isTooBig = fault == ParseOutcome.Fault.TOO_BIG;
    core.count(isTooBig ? Counter.PUTS_TOO_BIG : Counter.PUTS_MALFORMED);
    answers.refuse(
        answers.begin(transactionId, to),
        to,
        isTooBig ? ErrorCode.TOO_BIG : ErrorCode.PROTOCOL,
        "bad record: " + fault);
  }

  private void refuse(StoreOutcome.Refused refused, long transactionId, Endpoint to) {
    Packet answer = answers.begin(transactionId, to);
    StoreOutcome.Refusal reason = refused.reason();
    int code = codeOf(reason);
    core.count(counterOf(code));
    if (code >= ErrorCode.CAS_MISMATCH) {
      answer.sequence = refused.sequence();
    }
    MutableRecord held = refused.held();
    if (reason == StoreOutcome.Refusal.SEQUENCE_CONFLICT && held != null) {
      answer.record = held.bytes();
      answer.recordLength = held.size();
      if (core.sizer.sizeOf(answer) + reason.name().length() + 4 > WireLimits.DATAGRAM_BYTES) {
        answer.record = null;
        answer.recordLength = 0;
      }
    }
    answers.refuse(answer, to, code, reason.name());
  }

  /** Returns how a refusal is told on the wire. */
  static int codeOf(StoreOutcome.Refusal reason) {
    return switch (reason) {
      case TOO_BIG -> ErrorCode.TOO_BIG;
      case WRONG_KEY -> ErrorCode.WRONG_KEY;
      case LIFETIME, ISSUED_AHEAD, EXPIRED, EXPIRY_FALLS -> ErrorCode.BAD_TIME;
      case CAS_MISMATCH -> ErrorCode.CAS_MISMATCH;
      case SEQUENCE_TOO_OLD -> ErrorCode.SEQUENCE_TOO_OLD;
      case SEQUENCE_CONFLICT -> ErrorCode.SEQUENCE_CONFLICT;
      case SOURCE_FULL, STORE_FULL -> ErrorCode.QUOTA;
    };
  }

  private static Counter counterOf(int code) {
    return switch (code) {
      case ErrorCode.TOO_BIG -> Counter.PUTS_TOO_BIG;
      case ErrorCode.WRONG_KEY -> Counter.PUTS_WRONG_KEY;
      case ErrorCode.BAD_TIME -> Counter.PUTS_BAD_TIME;
      case ErrorCode.CAS_MISMATCH -> Counter.PUTS_CAS_MISMATCH;
      case ErrorCode.SEQUENCE_TOO_OLD -> Counter.PUTS_TOO_OLD;
      case ErrorCode.SEQUENCE_CONFLICT -> Counter.PUTS_CONFLICT;
      default -> Counter.PUTS_QUOTA;
    };
  }
}
