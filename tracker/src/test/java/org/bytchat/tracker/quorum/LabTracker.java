package org.bytchat.tracker.quorum;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.engine.TrackerEffect;
import org.bytchat.tracker.engine.TrackerEngine;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.MemoryStore;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;

/** One tracker: its engine, its disk, and how it lies. */
final class LabTracker implements Lab.Party {

  private final Lab lab;
  final NodeIdentity identity;
  final Endpoint endpoint;
  final MemoryStore store = new MemoryStore();
  TrackerConfig config =
      TrackerConfig.defaults().withStamps(new TrackerConfig.Stamps(2, 10, 1_000));
  TrackerEngine engine;

  /** Whether lookups find it. */
  boolean isListed = true;

  boolean isDown;

  /** Says something else than it should; null for nothing at all. */
  Liar liar = (request, response) -> response;

  /** What it says to those who bind instead of the truth. */
  UnaryOperator<BindingAnswer> bindLiar = UnaryOperator.identity();

  /** Gives other envelopes than it should. */
  Counterfeiter counterfeiter = envelopes -> envelopes;

  /** What it was asked. */
  final List<Request> asked = new ArrayList<>();

  private final Map<Long, byte[]> sessions = new LinkedHashMap<>();
  private final Map<Long, Pending> pending = new LinkedHashMap<>();
  private static long nextSession = 1;
  private long nextRequest = 1;

  /** Says something else. */
  interface Liar {
    @Nullable Response lie(Request request, Response truth);
  }

  /** Gives something else. */
  interface Counterfeiter {
    List<byte[]> replace(List<byte[]> envelopes);
  }

  /** A request that is not answered yet. */
  private record Pending(
      long session,
      Request request,
      List<byte[]> envelopes,
      Consumer<QuorumEffect.Result> answer) {}

  LabTracker(Lab lab, int index) {
    this.lab = lab;
    this.identity = NodeIdentity.of(Lab.SCHEME, lab.bytes(32));
    this.endpoint = Endpoint.ofIpv4(0x0a000000 + index, 4_000);
    this.engine = begin();
  }

  NodeId id() {
    return identity.id();
  }

  Contact contact() {
    return Contact.of(id(), endpoint, Services.TRACKER);
  }

  private TrackerEngine begin() {
    TrackerEngine made =
        new TrackerEngine(
            config, TestUser.NETWORK, identity, new byte[32], (s, request, r) -> send(request, r));
    made.adjustClock(lab.wallMillis(), lab.nowNanos);
    try {
      made.start(store.stats(), lab.nowNanos);
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
    return made;
  }

  private void send(long request, Response response) {
    Pending asked = pending.get(request);
    if (asked == null) {
      return;
    }
    if (response instanceof Response.Envelopes part) {
      asked.envelopes.addAll(part.envelopes());
      return;
    }
    pending.remove(request);
    Response said = liar.lie(asked.request, response);
    if (said == null) {
      asked.answer.accept(new QuorumEffect.Lost("it says nothing"));
    } else if (said instanceof Response.PageEnd end) {
      asked.answer.accept(
          new QuorumEffect.Page(counterfeiter.replace(List.copyOf(asked.envelopes)), end));
    } else {
      asked.answer.accept(new QuorumEffect.Answered(said));
    }
  }

  long open() {
    long session = nextSession++;
    byte[] hash = lab.bytes(32);
    sessions.put(session, hash);
    engine.handleOpened(session, null, hash, lab.nowNanos);
    return session;
  }

  boolean isOpen(long session) {
    return sessions.containsKey(session);
  }

  byte[] hash(long session) {
    return Objects.requireNonNull(sessions.get(session));
  }

  void request(long session, Request request, Consumer<QuorumEffect.Result> answer) {
    long id = nextRequest++;
    asked.add(request);
    pending.put(id, new Pending(session, request, new ArrayList<>(), answer));
    engine.handleRequest(session, id, request, lab.nowNanos);
  }

  void query(TrackerEngine.Query query, Consumer<BindingAnswer> answer) {
    engine.handleQuery(query, truth -> answer.accept(bindLiar.apply(truth)), lab.nowNanos);
  }

  /** The power fails; what is on disk stays. */
  void crash() {
    isDown = true;
    sessions.clear();
    List<Pending> open = new ArrayList<>(pending.values());
    pending.clear();
    open.forEach(one -> one.answer.accept(new QuorumEffect.Lost("the session ended")));
  }

  void restart() {
    isDown = false;
    engine = begin();
  }

  boolean holds(Digest digest, NodeId mailbox) {
    try {
      return store.envelopes(mailbox, List.of(digest)).get(0) != null;
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void pump() {
    TrackerEffect effect = engine.pollEffect();
    while (effect != null) {
      engine.handleEffect(effect.id(), perform(effect), lab.nowNanos);
      effect = engine.pollEffect();
    }
  }

  private TrackerEffect.Result perform(TrackerEffect effect) {
    try {
      if (effect instanceof TrackerEffect.Read read) {
        return read.perform(store);
      } else if (effect instanceof TrackerEffect.Compute compute) {
        return compute.perform(identity);
      } else if (effect instanceof TrackerEffect.Commit commit) {
        store.commit(commit.changes());
        return new TrackerEffect.Committed();
      }
      return new TrackerEffect.UserRead(null);
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public long nextNanos() {
    return isDown ? Long.MAX_VALUE : engine.pollTimeoutNanos();
  }

  @Override
  public void handleTimeout() {
    engine.handleTimeout(lab.nowNanos);
  }
}
