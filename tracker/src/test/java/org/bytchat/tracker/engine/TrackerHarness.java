package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.MemoryStore;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * Drives one tracker on virtual time: performs its effects at once, or late and in another order,
 * lets commits fail and the tracker crash, and watches that each request is answered once.
 */
final class TrackerHarness {

  private static final long START_NANOS = -9_000_000_000_000_000_000L;
  private static final long START_MILLIS = 1_800_000_000_000L;

  final MemoryStore store = new MemoryStore();
  final NodeIdentity identity;
  final Random random;
  final SignatureScheme scheme;
  final Map<NodeId, DeviceList> published = new HashMap<>();

  /** How many times the network was asked for each user's list. */
  final List<NodeId> asked = new ArrayList<>();

  /** Envelopes that the disk has damaged. */
  final List<Digest> damaged = new ArrayList<>();

  /** Mailboxes that the disk has damaged. */
  final Set<NodeId> unreadable = new HashSet<>();

  /** Why the next commits fail, null for one that does not. */
  final Deque<Fate> commitFates = new ArrayDeque<>();

  /** Whether the next computations are performed; all that follow are. */
  final Deque<Boolean> computeFates = new ArrayDeque<>();

  /** How long effects take at most; 0 for at once. */
  long delayMaxNanos;

  /** How long a commit takes beside that. */
  long commitNanos;

  /** Whether effects are held back until {@link #release}. */
  boolean isHolding;

  TrackerConfig config;
  TrackerEngine engine;
  long nowNanos = START_NANOS;

  /** How much the clock of the tracker is ahead. */
  long clockMillis;

  final Map<Long, Answer> answers = new LinkedHashMap<>();

  /** Hears of each answer, and of each step. */
  Observer observer = new Observer() {};

  private final Map<Long, byte[]> sessions = new LinkedHashMap<>();
  private final List<Task> tasks = new ArrayList<>();
  private long lastCommitNanos = START_NANOS;
  private long nextSession = 1;
  private long nextRequest = 1;
  private long nextTask;

  /** Watches. */
  interface Observer {
    default void onAnswer(Answer answer, Response response) {}

    default void onStep() {}
  }

  /** What becomes of a commit. */
  enum Fate {
    WRITTEN,
    FULL,
    IO
  }

  /** What a request was answered. */
  static final class Answer {
    final long session;
    final Request request;
    final List<byte[]> envelopes = new ArrayList<>();
    @Nullable Response last;
    boolean isLost;

    Answer(long session, Request request) {
      this.session = session;
      this.request = request;
    }

    <T extends Response> T as(Class<T> type) {
      assertThat(last).isInstanceOf(type);
      return type.cast(Objects.requireNonNull(last));
    }

    Refusal refusal() {
      return as(Response.Refused.class).refusal();
    }

    boolean isRefused() {
      return last instanceof Response.Refused;
    }

    Receipt receipt() {
      return as(Response.Receipts.class).deposit();
    }

    List<Digest> digests() {
      return envelopes.stream().map(Digest::sha256).toList();
    }
  }

  /** Something that happens at a time. */
  private record Task(long atNanos, long order, Runnable action) {}

  TrackerHarness(TrackerConfig config, SignatureScheme scheme, long seed) {
    this.config = config;
    this.scheme = scheme;
    this.random = Seeds.random(seed);
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    this.identity = NodeIdentity.of(scheme, bytes);
    this.engine = begin();
  }

  private TrackerEngine begin() {
    TrackerEngine[] self = new TrackerEngine[1];
    TrackerEngine made =
        new TrackerEngine(
            config,
            TestUser.NETWORK,
            identity,
            new byte[32],
            (session, request, response) -> {
              assertThat(self[0]).isSameAs(engine);
              answered(session, request, response);
            });
    self[0] = made;
    engine = made;
    made.adjustClock(wallMillis(), nowNanos);
    try {
      made.start(store.stats(), nowNanos);
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
    pump();
    return made;
  }

  NodeId tracker() {
    return identity.id();
  }

  long wallMillis() {
    return START_MILLIS + (nowNanos - START_NANOS) / 1_000_000 + clockMillis;
  }

  TestUser user(int deviceCount) {
    return new TestUser(scheme, random, deviceCount);
  }

  private void answered(long session, long request, Response response) {
    Answer answer = Objects.requireNonNull(answers.get(request));
    assertThat(answer.session).isEqualTo(session);
    assertThat(sessions).as("answers go to open sessions").containsKey(session);
    assertThat(answer.last).as("one answer to " + answer.request).isNull();
    if (response instanceof Response.Envelopes part) {
      answer.envelopes.addAll(part.envelopes());
    } else {
      answer.last = response;
    }
    observer.onAnswer(answer, response);
  }

  // Sessions and requests

  long open() {
    return openFrom(null);
  }

  /** Opens a session from somewhere. */
  long openFrom(@Nullable Endpoint source) {
    long session = nextSession++;
    byte[] hash = new byte[32];
    random.nextBytes(hash);
    sessions.put(session, hash);
    engine.handleOpened(session, source, hash, nowNanos);
    return session;
  }

  byte[] hash(long session) {
    return Objects.requireNonNull(sessions.get(session));
  }

  void close(long session) {
    sessions.remove(session);
    answers.values().stream()
        .filter(answer -> answer.session == session && answer.last == null)
        .forEach(answer -> answer.isLost = true);
    engine.handleClosed(session, nowNanos);
    pump();
  }

  /** Sends a request in a session. */
  Answer send(long session, Request request) {
    long id = nextRequest++;
    Answer answer = new Answer(session, request);
    answers.put(id, answer);
    engine.handleRequest(session, id, request, nowNanos);
    pump();
    return answer;
  }

  /** Sends a request in a session of its own. */
  Answer send(Request request) {
    long session = open();
    Answer answer = send(session, request);
    if (answer.last != null) {
      close(session);
    }
    return answer;
  }

  /** Opens a session for a device, which sends its list along. */
  long open(TestUser user, NodeIdentity device) {
    long session = open();
    Answer answer = send(session, user.open(device, user.list, tracker(), hash(session)));
    answer.as(Response.Opened.class);
    return session;
  }

  Answer fetch(long session, long after, int limit, Duration wait) {
    return send(session, new Request.Fetch(after, limit, wait.toMillis()));
  }

  Answer fetch(long session) {
    return fetch(session, 0, 1_000, Duration.ZERO);
  }

  // Time

  /** Takes the effects, and performs those that take no time. */
  void pump() {
    TrackerEffect effect = engine.pollEffect();
    while (effect != null) {
      schedule(effect);
      effect = engine.pollEffect();
    }
    if (!isHolding && delayMaxNanos == 0) {
      runTasks(nowNanos);
    }
    check();
  }

  private long delay() {
    return delayMaxNanos == 0 ? 0 : (long) (random.nextDouble() * delayMaxNanos);
  }

  private void schedule(TrackerEffect effect) {
    long at = nowNanos + delay();
    if (effect instanceof TrackerEffect.Commit) {
      at = Math.max(at + commitNanos, lastCommitNanos);
      lastCommitNanos = at;
    }
    TrackerEngine of = engine;
    add(
        at,
        () -> {
          TrackerEffect.Result result = perform(effect);
          long done = nowNanos + delay();
          if (effect instanceof TrackerEffect.Commit) {
            done = Math.max(done, lastCommitNanos);
            lastCommitNanos = done;
          }
          add(done, () -> of.handleEffect(effect.id(), result, nowNanos));
        });
  }

  private void add(long atNanos, Runnable action) {
    tasks.add(new Task(atNanos, nextTask++, action));
  }

  private TrackerEffect.Result perform(TrackerEffect effect) {
    try {
      if (effect instanceof TrackerEffect.ReadEnvelopes read
          && read.digests().stream().anyMatch(damaged::contains)) {
        return new TrackerEffect.Failed(StoreException.Reason.DAMAGED);
      } else if (effect instanceof TrackerEffect.Load load && unreadable.contains(load.mailbox())) {
        return new TrackerEffect.Failed(StoreException.Reason.DAMAGED);
      } else if (effect instanceof TrackerEffect.Read read) {
        return read.perform(store);
      } else if (effect instanceof TrackerEffect.Compute compute) {
        boolean isPerformed = computeFates.isEmpty() || computeFates.poll();
        return isPerformed
            ? compute.perform(identity)
            : new TrackerEffect.Failed(StoreException.Reason.IO);
      } else if (effect instanceof TrackerEffect.ReadUser read) {
        asked.add(read.owner().mailbox());
        return new TrackerEffect.UserRead(published.get(read.owner().mailbox()));
      } else if (effect instanceof TrackerEffect.Commit commit) {
        Fate fate = commitFates.isEmpty() ? Fate.WRITTEN : commitFates.poll();
        if (fate == Fate.WRITTEN) {
          store.commit(commit.changes());
          return new TrackerEffect.Committed();
        }
        return new TrackerEffect.Failed(
            fate == Fate.FULL ? StoreException.Reason.FULL : StoreException.Reason.IO);
      }
      throw new AssertionError("unknown: " + effect);
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
  }

  /** Performs what is due. */
  private void runTasks(long untilNanos) {
    Task next = next();
    while (next != null && next.atNanos <= untilNanos) {
      tasks.remove(next);
      nowNanos = Math.max(nowNanos, next.atNanos);
      next.action.run();
      TrackerEffect effect = engine.pollEffect();
      while (effect != null) {
        schedule(effect);
        effect = engine.pollEffect();
      }
      check();
      next = next();
    }
  }

  private @Nullable Task next() {
    Task first = null;
    for (Task task : tasks) {
      if (first == null
          || task.atNanos < first.atNanos
          || (task.atNanos == first.atNanos && task.order < first.order)) {
        first = task;
      }
    }
    return first;
  }

  /** Performs what was held back. */
  void release() {
    isHolding = false;
    runTasks(nowNanos);
  }

  /** Lets time pass, with everything that happens in it. */
  void advance(Duration duration) {
    long until = nowNanos + duration.toNanos();
    while (true) {
      Task task = isHolding ? null : next();
      long taskNanos = task == null ? Long.MAX_VALUE : task.atNanos;
      long at = Math.min(taskNanos, Math.max(nowNanos, engine.pollTimeoutNanos()));
      if (at > until) {
        break;
      }
      nowNanos = Math.max(nowNanos, at);
      if (taskNanos <= at) {
        runTasks(at);
      } else {
        engine.handleTimeout(nowNanos);
        assertThat(engine.pollTimeoutNanos()).as("deadlines move on").isGreaterThan(nowNanos);
        pump();
      }
    }
    nowNanos = until;
    engine.handleTimeout(nowNanos);
    pump();
  }

  /** Waits until nothing is under way. */
  void settle() {
    while (!tasks.isEmpty()) {
      Task task = next();
      runTasks(task == null ? nowNanos : task.atNanos);
    }
    assertThat(engine.stats().pendingEffects()).isZero();
  }

  void stepClock(Duration by) {
    clockMillis += by.toMillis();
    engine.adjustClock(wallMillis(), nowNanos);
  }

  /** The power fails; what was not committed is lost, and with it all sessions. */
  void crash() {
    tasks.clear();
    lastCommitNanos = nowNanos;
    answers.values().stream()
        .filter(answer -> answer.last == null)
        .forEach(answer -> answer.isLost = true);
    sessions.clear();
    begin();
  }

  /** Sessions that are open. */
  List<Long> sessions() {
    return List.copyOf(sessions.keySet());
  }

  /** Checks what holds at any moment. */
  void check() {
    int entries = 0;
    for (Mailbox mailbox : engine.mailboxes.all()) {
      entries += mailbox.entryCount();
      long live = mailbox.entries().stream().filter(Held::isLive).count();
      assertThat(mailbox.liveCount).isEqualTo((int) live);
      assertThat(mailbox.liveBytes)
          .isEqualTo(
              mailbox.entries().stream()
                  .filter(Held::isLive)
                  .mapToLong(held -> held.entry.sizeBytes())
                  .sum());
      assertThat(mailbox.strangersCount)
          .isEqualTo(
              (int)
                  mailbox.entries().stream()
                      .filter(h -> h.isLive() && h.entry.deliveryKey() == null)
                      .count());
    }
    assertThat(engine.mailboxes.entryCount()).isEqualTo(entries);
    observer.onStep();
  }

  /** Checks, when nothing is under way, that everything was answered but what waits. */
  void checkAnswered() {
    long open =
        answers.values().stream().filter(answer -> answer.last == null && !answer.isLost).count();
    assertThat(open).isEqualTo(engine.stats().waitingFetches());
    answers.values().removeIf(answer -> answer.last != null || answer.isLost);
  }
}
