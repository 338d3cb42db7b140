package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.codec.Decoded;
import org.bytchat.tracker.codec.MessageCodec;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.RepairStatements;
import org.bytchat.tracker.store.MailboxStore;
import org.bytchat.tracker.store.MemoryStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/** Several trackers on one virtual time, which ask each other as their drivers would let them. */
final class RepairLab {

  private static final long START_MILLIS = 1_800_000_000_000L;

  final SignatureScheme scheme;
  private final MessageCodec codec;
  final Random random;
  final List<Node> nodes = new ArrayList<>();
  final Map<NodeId, DeviceList> published = new LinkedHashMap<>();
  long nowNanos;

  /** How long effects and answers take at most; 0 for at once. */
  long delayMaxNanos;

  /** One of how many commits fails; 0 for none. */
  int failEvery;

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos == b.atNanos
                  ? Long.compare(a.order, b.order)
                  : Long.compare(a.atNanos, b.atNanos));
  private long nextTask;
  private long nextSession = 1;

  private record Task(long atNanos, long order, Runnable action) {}

  RepairLab(SignatureScheme scheme, long seed) {
    this.scheme = scheme;
    this.codec = new MessageCodec(scheme);
    this.random = Seeds.random(seed);
  }

  /** What is left of an answer after it was on the wire. */
  private Response carry(Response response) {
    Decoded<Response> decoded = codec.decodeResponse(codec.encode(1, response));
    return ((Decoded.Message<Response>) decoded).message();
  }

  private Request carry(Request request) {
    Decoded<Request> decoded = codec.decodeRequest(codec.encode(1, request));
    return ((Decoded.Message<Request>) decoded).message();
  }

  /** A tracker with its store. */
  final class Node {
    final TrackerConfig config;
    final NodeIdentity identity;
    MailboxStore store = new MemoryStore();
    TrackerEngine engine;

    /** What it says to peers instead of what the engine would; null for the engine's answer. */
    @Nullable BiFunction<Node, Request, @Nullable Response> lies;

    /** Whether it answers nobody. */
    boolean isDown;

    /** Whom it knows; null for all. */
    @Nullable List<Node> knows;

    /** What it asked of whom. */
    final List<Request> asked = new ArrayList<>();

    /** How many device lists it has verified. */
    int verifiedListCount;

    private final Map<Long, byte[]> hashes = new LinkedHashMap<>();
    private final Map<Long, Map<Long, Waiter>> waiting = new LinkedHashMap<>();
    private final Map<NodeId, Long> sessionsTo = new LinkedHashMap<>();
    private long lastCommitNanos;
    private long nextRequest = 1;

    Node(TrackerConfig config) {
      this.config = config;
      byte[] seed = new byte[32];
      random.nextBytes(seed);
      this.identity = NodeIdentity.of(scheme, seed);
      this.engine = begin();
    }

    private TrackerEngine begin() {
      TrackerEngine made =
          new TrackerEngine(config, TestUser.NETWORK, identity, new byte[32], this::answered);
      made.adjustClock(wallMillis(), nowNanos);
      try {
        made.start(store.stats(), nowNanos);
      } catch (StoreException e) {
        throw new AssertionError(e);
      }
      return made;
    }

    NodeId id() {
      return identity.id();
    }

    Contact contact() {
      return Contact.of(id(), Endpoint.of(new byte[] {11, 0, 0, 1}, 1 + nodes.indexOf(this)), 1);
    }

    private void answered(long session, long requestId, Response response) {
      Map<Long, Waiter> waiters = waiting.getOrDefault(session, Map.of());
      if (response instanceof Response.Envelopes page) {
        for (Response.Envelopes part : MessageCodec.split(page.envelopes())) {
          Response.Envelopes carried = (Response.Envelopes) carry(part);
          Objects.requireNonNull(waiters.get(requestId)).envelopes.addAll(carried.envelopes());
        }
      } else {
        Waiter waiter = Objects.requireNonNull(waiters.remove(requestId), "one answer");
        waiter.take.take(carry(response), waiter.envelopes);
      }
    }

    long open() {
      long session = nextSession++;
      byte[] hash = new byte[32];
      random.nextBytes(hash);
      hashes.put(session, hash);
      waiting.put(session, new LinkedHashMap<>());
      engine.handleOpened(session, null, hash, nowNanos);
      return session;
    }

    byte[] hash(long session) {
      return Objects.requireNonNull(hashes.get(session));
    }

    void request(long session, Request request, Taker taker) {
      long id = nextRequest++;
      Objects.requireNonNull(waiting.get(session)).put(id, new Waiter(taker, new ArrayList<>()));
      engine.handleRequest(session, id, carry(request), nowNanos);
      pump(this);
    }

    /** Asks, and waits until everything is quiet. */
    Response send(long session, Request request) {
      Response[] answer = new Response[1];
      request(session, request, (response, envelopes) -> answer[0] = response);
      settle();
      return Objects.requireNonNull(answer[0]);
    }

    Response send(Request request) {
      return send(open(), request);
    }

    /** Shows another node's key in a session here. */
    Response greet(long session, Node peer) {
      byte[] statement = RepairStatements.peer(TestUser.NETWORK, id(), peer.id(), hash(session));
      return send(
          session, new Request.Peer(peer.identity.publicKey(), peer.identity.sign(statement)));
    }

    /** Opens a session for a device. */
    long open(TestUser user, NodeIdentity device) {
      long session = open();
      Response answer = send(session, user.open(device, user.list, id(), hash(session)));
      assertThat(answer).isInstanceOf(Response.Opened.class);
      return session;
    }

    /** All that a device would get. */
    Set<Digest> fetch(TestUser user, NodeIdentity device) {
      Set<Digest> got = new LinkedHashSet<>();
      long session = open(user, device);
      request(
          session,
          new Request.Fetch(0, 1_000, 0),
          (response, envelopes) -> envelopes.forEach(envelope -> got.add(Digest.sha256(envelope))));
      settle();
      return got;
    }

    /** The power fails. */
    void crash() {
      waiting.clear();
      hashes.clear();
      nodes.forEach(node -> node.sessionsTo.remove(id()));
      sessionsTo.clear();
      engine = begin();
    }

    @Nullable StoredMailbox stored(TestUser user) {
      try {
        return store.load(user.mailbox).orElse(null);
      } catch (StoreException e) {
        throw new AssertionError(e);
      }
    }

    List<StoredMailbox.Ack> acks(TestUser user) {
      StoredMailbox mailbox = stored(user);
      return mailbox == null ? List.of() : mailbox.acks();
    }

    /** The digests of what is held, or of what is remembered as deleted. */
    Set<Digest> digests(TestUser user, boolean isDeleted) {
      Set<Digest> found = new LinkedHashSet<>();
      StoredMailbox mailbox = stored(user);
      if (mailbox != null) {
        mailbox.entries().stream()
            .filter(entry -> entry.isDeleted() == isDeleted)
            .forEach(entry -> found.add(entry.digest()));
      }
      return found;
    }

    Digest fingerprint(TestUser user) {
      try {
        return Mailbox.fingerprint(user.mailbox, store.load(user.mailbox), wallMillis());
      } catch (StoreException e) {
        throw new AssertionError(e);
      }
    }

    long count(TrackerCounter counter) {
      return engine.stats().get(counter);
    }

    /** Asks another node as the engine wants it, in a session that lasts. */
    private void ask(TrackerEffect.AskPeer ask) {
      asked.add(ask.request());
      TrackerEngine of = engine;
      Node peer = node(ask.peer().id());
      if (peer == null || peer.isDown) {
        later(() -> of.handleEffect(ask.id(), failed(), nowNanos));
        return;
      }
      BiFunction<Node, Request, @Nullable Response> liar = peer.lies;
      Response lie = liar == null ? null : liar.apply(this, ask.request());
      if (lie != null) {
        later(() -> of.handleEffect(ask.id(), new TrackerEffect.PeerAnswered(lie), nowNanos));
        return;
      }
      later(() -> askHonest(of, ask, peer));
    }

    private void askHonest(TrackerEngine of, TrackerEffect.AskPeer ask, Node peer) {
      if (of != engine) {
        return;
      }
      Taker taker =
          (response, envelopes) ->
              later(
                  () ->
                      of.handleEffect(
                          ask.id(), new TrackerEffect.PeerAnswered(response), nowNanos));
      Long session = sessionsTo.get(peer.id());
      if (session == null) {
        long opened = peer.open();
        sessionsTo.put(peer.id(), opened);
        byte[] statement =
            RepairStatements.peer(TestUser.NETWORK, peer.id(), id(), peer.hash(opened));
        peer.request(
            opened,
            new Request.Peer(identity.publicKey(), identity.sign(statement)),
            (response, envelopes) -> {
              if (response instanceof Response.Greeted) {
                peer.request(opened, ask.request(), taker);
              } else {
                sessionsTo.remove(peer.id());
                taker.take(response, envelopes);
              }
            });
      } else {
        peer.request(session, ask.request(), taker);
      }
    }

    void tellNeighbours() {
      List<Node> others = knows == null ? nodes : knows;
      engine.handleNeighbours(
          others.stream().filter(node -> node != this).map(Node::contact).toList(), nowNanos);
    }
  }

  /** Takes an answer. */
  interface Taker {
    void take(Response response, List<byte[]> envelopes);
  }

  private record Waiter(Taker take, List<byte[]> envelopes) {}

  Node add(TrackerConfig config) {
    Node node = new Node(config);
    nodes.add(node);
    return node;
  }

  List<Node> add(TrackerConfig config, int count) {
    for (int i = 0; i < count; i++) {
      add(config);
    }
    return List.copyOf(nodes);
  }

  @Nullable Node node(NodeId id) {
    return nodes.stream().filter(node -> node.id().equals(id)).findFirst().orElse(null);
  }

  /** The nodes by their distance to a mailbox. */
  List<Node> closest(TestUser user) {
    return nodes.stream().sorted((a, b) -> user.mailbox.compareDistance(a.id(), b.id())).toList();
  }

  long wallMillis() {
    return START_MILLIS + nowNanos / 1_000_000;
  }

  TestUser user(int deviceCount) {
    TestUser user = new TestUser(scheme, random, deviceCount);
    published.put(user.mailbox, user.list);
    return user;
  }

  private static TrackerEffect.Failed failed() {
    return new TrackerEffect.Failed(StoreException.Reason.IO);
  }

  private long delay() {
    return delayMaxNanos == 0 ? 0 : (long) (random.nextDouble() * delayMaxNanos);
  }

  private void later(Runnable action) {
    at(nowNanos + delay(), action);
  }

  private void at(long atNanos, Runnable action) {
    tasks.add(new Task(atNanos, nextTask++, action));
  }

  /** Takes a node's effects. */
  private void pump(Node node) {
    TrackerEffect effect = node.engine.pollEffect();
    while (effect != null) {
      begin(node, effect);
      effect = node.engine.pollEffect();
    }
  }

  private void begin(Node node, TrackerEffect effect) {
    TrackerEngine of = node.engine;
    if (effect instanceof TrackerEffect.AskPeer ask) {
      node.ask(ask);
      return;
    }
    long at = nowNanos + delay();
    if (effect instanceof TrackerEffect.Commit) {
      at = Math.max(at, node.lastCommitNanos);
      node.lastCommitNanos = at;
    }
    at(
        at,
        () -> {
          if (of == node.engine) {
            of.handleEffect(effect.id(), perform(node, effect), nowNanos);
          }
        });
  }

  private TrackerEffect.Result perform(Node node, TrackerEffect effect) {
    try {
      if (effect instanceof TrackerEffect.Read read) {
        return read.perform(node.store);
      } else if (effect instanceof TrackerEffect.Compute compute) {
        node.verifiedListCount += effect instanceof TrackerEffect.VerifyList ? 1 : 0;
        return compute.perform(node.identity);
      } else if (effect instanceof TrackerEffect.ReadUser read) {
        return new TrackerEffect.UserRead(published.get(read.owner().mailbox()));
      } else if (effect instanceof TrackerEffect.Commit commit) {
        if (failEvery > 0 && random.nextInt(failEvery) == 0) {
          return failed();
        }
        node.store.commit(commit.changes());
        return new TrackerEffect.Committed();
      }
      throw new AssertionError("unknown: " + effect);
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
  }

  /** Performs what is due now, without letting time pass. */
  void settle() {
    nodes.forEach(this::pump);
    while (!tasks.isEmpty() && tasks.element().atNanos <= nowNanos + delayMaxNanos * 20) {
      runNext();
    }
  }

  private void runNext() {
    Task task = tasks.remove();
    nowNanos = Math.max(nowNanos, task.atNanos);
    task.action.run();
    nodes.forEach(this::pump);
  }

  void tellNeighbours() {
    nodes.forEach(Node::tellNeighbours);
  }

  /** Lets time pass, with everything that happens in it. */
  void advance(Duration duration) {
    long until = nowNanos + duration.toNanos();
    while (true) {
      long next = tasks.isEmpty() ? Long.MAX_VALUE : tasks.element().atNanos;
      Node due = null;
      for (Node node : nodes) {
        long at = Math.max(nowNanos, node.engine.pollTimeoutNanos());
        if (at < next) {
          next = at;
          due = node;
        }
      }
      if (next > until) {
        break;
      }
      nowNanos = Math.max(nowNanos, next);
      if (due == null) {
        runNext();
      } else {
        due.engine.adjustClock(wallMillis(), nowNanos);
        due.engine.handleTimeout(nowNanos);
        assertThat(due.engine.pollTimeoutNanos()).as("deadlines move on").isGreaterThan(nowNanos);
        pump(due);
      }
    }
    nowNanos = until;
  }

  /** One round in which each asks all others. */
  void repair() {
    tellNeighbours();
    advance(Duration.ofMinutes(30));
  }

  /** Acknowledges at some nodes. */
  void acknowledge(TestUser user, NodeIdentity device, List<Digest> digests, Node... at) {
    AckBatch batch = user.ack(device, digests);
    for (Node node : at) {
      assertThat(node.send(new Request.PutAcks(batch))).isInstanceOf(Response.Acked.class);
    }
  }
}
