package org.bytchat.tracker.quorum;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** What the parts of one engine share: the time, its ways out, and what waits for a time. */
final class Desk<E> {

  private static final long CLOCK_STEP_MILLIS = 1_000;
  private static final long CLOCK_SETTLES_NANOS = Duration.ofMinutes(5).toNanos();

  final QuorumConfig config;
  final int networkId;
  private final Entropy entropy;

  private final long[] counters = new long[QuorumCounter.values().length];
  private final Queue<QuorumEffect> effects = new ArrayDeque<>();
  private final Queue<E> events = new ArrayDeque<>();
  private final Map<Long, EffectHandler> pending = new LinkedHashMap<>();
  private final DeadlineQueue<Alarm> alarms = new DeadlineQueue<>();
  private long nextEffectId = 1;

  /** The time of the call that is being handled, monotonic. */
  long nowNanos;

  private long wallMillis;
  private long wallNanos;
  private boolean isClockKnown;
  private long clockSteppedNanos;

  /** Something to do at a time. */
  static final class Alarm extends Timed {
    private final Runnable action;
    private boolean isSet;

    Alarm(Runnable action) {
      this.action = action;
    }

    boolean isSet() {
      return isSet;
    }
  }

  /** Takes the result of an effect. */
  @FunctionalInterface
  interface EffectHandler {
    void handle(QuorumEffect.Result result);
  }

  /** Makes an effect of its id. */
  @FunctionalInterface
  interface EffectFactory {
    QuorumEffect create(long id);
  }

  /** What is known of a signature. */
  enum Verdict {
    GOOD,
    BAD,
    /** It could not be verified here and now, which says nothing against who has shown it. */
    NOT_PERFORMED
  }

  /** Told what is known of a signature. */
  @FunctionalInterface
  interface Judge {
    void handle(Verdict verdict);
  }

  Desk(QuorumConfig config, int networkId, Entropy entropy) {
    this.config = config;
    this.networkId = networkId;
    this.entropy = entropy;
  }

  /** Takes the time of the world; returns by how much it was set, 0 if it only went on. */
  long adjustClock(long millis) {
    long stepMillis = isClockKnown ? millis - wallMillis() : 0;
    boolean isStep = Math.abs(stepMillis) > CLOCK_STEP_MILLIS;
    if (isStep || !isClockKnown) {
      clockSteppedNanos = nowNanos;
      isClockKnown = true;
    }
    wallMillis = millis;
    wallNanos = nowNanos;
    return isStep ? stepMillis : 0;
  }

  /**
   * Returns how long the clock is not to be relied on yet: one that is wrong at the start, or after
   * a sleep, is mostly set soon.
   */
  long clockUnsettledNanos() {
    return clockSteppedNanos + CLOCK_SETTLES_NANOS - nowNanos;
  }

  /** Returns the time of the world, milliseconds since 1970. */
  long wallMillis() {
    return wallMillis + (nowNanos - wallNanos) / 1_000_000;
  }

  void count(QuorumCounter counter) {
    counters[counter.ordinal()]++;
  }

  long counted(QuorumCounter counter) {
    return counters[counter.ordinal()];
  }

  void tell(E event) {
    events.add(event);
  }

  @Nullable E pollEvent() {
    return events.poll();
  }

  // Effects

  void perform(EffectFactory factory, EffectHandler handler) {
    long id = nextEffectId++;
    pending.put(id, handler);
    effects.add(factory.create(id));
  }

  @Nullable QuorumEffect pollEffect() {
    return effects.poll();
  }

  void handleEffect(long id, QuorumEffect.Result result) {
    EffectHandler handler = pending.remove(id);
    if (handler != null) {
      handler.handle(result);
    }
  }

  /** Asks a tracker, and counts what comes of it. */
  void ask(Contact tracker, Request request, EffectHandler handler) {
    ask(id -> new QuorumEffect.Ask(id, tracker, request), handler);
  }

  /** Performs what asks a tracker, and counts what comes of it. */
  void ask(EffectFactory factory, EffectHandler handler) {
    count(QuorumCounter.ASKS);
    perform(
        factory,
        result -> {
          if (refusal(result) != null) {
            count(QuorumCounter.REFUSED);
          } else if (!(result instanceof QuorumEffect.Answered)
              && !(result instanceof QuorumEffect.Page)
              && !(result instanceof QuorumEffect.BindAnswered)) {
            count(QuorumCounter.LOST);
          }
          handler.handle(result);
        });
  }

  /** Returns what a tracker has answered to anything but a fetch, or null. */
  static @Nullable Response response(QuorumEffect.Result result) {
    return result instanceof QuorumEffect.Answered answered ? answered.response() : null;
  }

  static Response.@Nullable Refused refusal(QuorumEffect.Result result) {
    return response(result) instanceof Response.Refused refused ? refused : null;
  }

  /** Says what a result is that is no answer. */
  static String lostText(QuorumEffect.Result result) {
    if (result instanceof QuorumEffect.Lost lost) {
      return lost.text();
    }
    return result instanceof QuorumEffect.Failed failed ? failed.text() : "an unexpected answer";
  }

  void verify(byte[] publicKey, byte[] statement, byte[] signature, Judge judge) {
    perform(
        id -> new QuorumEffect.Verify(id, publicKey, statement, signature),
        result -> judge(result, judge));
  }

  void verify(Owner owner, DeviceList list, Judge judge) {
    perform(
        id -> new QuorumEffect.VerifyList(id, owner, list, networkId),
        result -> judge(result, judge));
  }

  private void judge(QuorumEffect.Result result, Judge judge) {
    Verdict verdict = Verdict.NOT_PERFORMED;
    if (result instanceof QuorumEffect.Verified verified) {
      verdict = verified.good() ? Verdict.GOOD : Verdict.BAD;
    }
    if (verdict == Verdict.NOT_PERFORMED) {
      count(QuorumCounter.NOT_VERIFIED);
    }
    judge.handle(verdict);
  }

  // Time

  void set(Alarm alarm, long afterNanos) {
    alarm.isSet = true;
    alarms.schedule(alarm, nowNanos + Math.max(0, afterNanos));
  }

  void cancel(Alarm alarm) {
    alarm.isSet = false;
    alarms.cancel(alarm);
  }

  /** Returns how long an alarm still waits. */
  long remainingNanos(Alarm alarm) {
    return alarm.isSet ? alarm.deadlineNanos() - nowNanos : Long.MAX_VALUE;
  }

  void handleTimeout() {
    Alarm due = alarms.pollDue(nowNanos);
    while (due != null) {
      due.isSet = false;
      due.action.run();
      due = alarms.pollDue(nowNanos);
    }
  }

  long nextNanos() {
    return alarms.nextNanos();
  }

  /** Returns about so long, so that clients do not come all at once. */
  long around(Duration duration) {
    return entropy.jitter(duration.toNanos());
  }

  /** Returns how long to wait after so many failures, from 1. */
  long backoff(int failures, Duration min, Duration max) {
    int doublings = Math.min(30, Math.max(0, failures - 1));
    long nanos = min.toNanos();
    for (int i = 0; i < doublings && nanos < max.toNanos(); i++) {
      nanos *= 2;
    }
    return entropy.jitter(Math.min(nanos, max.toNanos()));
  }
}
