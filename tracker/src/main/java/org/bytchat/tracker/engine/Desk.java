package org.bytchat.tracker.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;

/** What the parts of one tracker share: who it is, the time, its limits and its ways out. */
final class Desk {

  final TrackerConfig config;
  final int networkId;
  final NodeId tracker;
  final byte[] publicKey;
  private final TrackerEngine.Outbox outbox;

  private final long[] counters = new long[TrackerCounter.values().length];
  private final Queue<TrackerEffect> effects = new ArrayDeque<>();
  private final Map<Long, EffectHandler> pending = new LinkedHashMap<>();
  private long nextEffectId = 1;

  /** The time of the call that is being handled, monotonic. */
  long nowNanos;

  private long wallMillis;
  private long wallNanos;

  /** Takes the result of an effect. */
  @FunctionalInterface
  interface EffectHandler {
    void handle(TrackerEffect.Result result);
  }

  /** Makes an effect of its id. */
  @FunctionalInterface
  interface EffectFactory {
    TrackerEffect create(long id);
  }

  Desk(TrackerConfig config, int networkId, NodeIdentity identity, TrackerEngine.Outbox outbox) {
    this.config = config;
    this.networkId = networkId;
    this.tracker = identity.id();
    this.publicKey = identity.publicKey();
    this.outbox = outbox;
  }

  void adjustClock(long millis) {
    wallMillis = millis;
    wallNanos = nowNanos;
  }

  /** Returns the time of the world, milliseconds since 1970. */
  long wallMillis() {
    return wallMillis + (nowNanos - wallNanos) / 1_000_000;
  }

  void count(TrackerCounter counter) {
    counters[counter.ordinal()]++;
  }

  void count(TrackerCounter counter, long amount) {
    counters[counter.ordinal()] += amount;
  }

  List<Long> counters() {
    List<Long> values = new ArrayList<>(counters.length);
    Arrays.stream(counters).forEach(values::add);
    return values;
  }

  /** Tells whether so many more effects may be under way. */
  boolean hasRoomFor(int count) {
    return pending.size() + count <= config.load().effectsMax();
  }

  /** Begins an effect, whether there is room or not: what was begun must be brought to its end. */
  void perform(EffectFactory factory, EffectHandler handler) {
    long id = nextEffectId++;
    pending.put(id, handler);
    effects.add(factory.create(id));
  }

  @Nullable TrackerEffect pollEffect() {
    return effects.poll();
  }

  void handleEffect(long id, TrackerEffect.Result result) {
    EffectHandler handler = pending.remove(id);
    if (handler != null) {
      if (result instanceof TrackerEffect.Failed failed
          && failed.reason() != StoreException.Reason.CLOSED) {
        count(TrackerCounter.STORE_FAILURES);
      }
      handler.handle(result);
    }
  }

  int pendingEffectCount() {
    return pending.size();
  }

  /** Has a signature verified, and tells the outcome. */
  void verify(byte[] publicKey, byte[] statement, byte[] signature, Judge judge) {
    perform(
        id -> new TrackerEffect.Verify(id, publicKey, statement, signature),
        result -> judge(result, judge));
  }

  void judge(TrackerEffect.Result result, Judge judge) {
    Verdict verdict = Verdict.NOT_PERFORMED;
    if (result instanceof TrackerEffect.Verified verified) {
      verdict = verified.good() ? Verdict.GOOD : Verdict.BAD;
    }
    if (verdict == Verdict.BAD) {
      count(TrackerCounter.BAD_SIGNATURES);
    }
    judge.handle(verdict);
  }

  /** What is known of a signature. */
  enum Verdict {
    GOOD,
    BAD,
    /** It could not be verified here and now, which is no fault of its sender. */
    NOT_PERFORMED;

    boolean isGood() {
      return this == GOOD;
    }

    /**
     * Why its sender is refused: one who is told that a good signature is bad may give up.
     *
     * @throws IllegalStateException if it is good
     */
    Refusal refusal() {
      return switch (this) {
        case GOOD -> throw new IllegalStateException("a good signature is not refused");
        case BAD -> Refusal.BAD_SIGNATURE;
        case NOT_PERFORMED -> Refusal.BUSY;
      };
    }
  }

  /** Told what is known of a signature. */
  @FunctionalInterface
  interface Judge {
    void handle(Verdict verdict);
  }

  /** Told a receipt, or null if it could not be signed. */
  @FunctionalInterface
  interface ReceiptHandler {
    void handle(@Nullable Receipt receipt);
  }

  /** Has a receipt signed. */
  void sign(Receipt.Content content, ReceiptHandler handler) {
    byte[] statement = content.statement(networkId);
    perform(
        id -> new TrackerEffect.Sign(id, statement),
        result -> {
          if (result instanceof TrackerEffect.Signed signed) {
            count(TrackerCounter.RECEIPTS);
            handler.handle(new Receipt(content, publicKey, signed.signature()));
          } else {
            handler.handle(null);
          }
        });
  }

  void send(long session, long requestId, Response response) {
    if (response instanceof Response.Refused refused) {
      count(TrackerCounter.REFUSED);
      if (refused.refusal() == Refusal.BUSY) {
        count(TrackerCounter.REFUSED_BUSY);
      } else if (refused.refusal() == Refusal.QUOTA || refused.refusal() == Refusal.RATE) {
        count(TrackerCounter.REFUSED_QUOTA);
      }
    }
    outbox.send(session, requestId, response);
  }
}
