package org.bytchat.dht.engine;

import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.ClosestSearch;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * Answers queries. Whatever a source without a valid token is sent because of one datagram, a
 * verifying ping and that of a third node included, is at most three times as long as that datagram
 * (the factor of RFC 9000, section 8.1).
 */
final class RequestHandler {

  private static final long SECOND_NANOS = 1_000_000_000;

  /** How often one contact may send us to others in a minute. */
  private static final int FORWARDS_PER_CONTACT = 60;

  /**
   * What the pings for others may take of the own pace, and what one source may take of the proofs:
   * one part of so many. Sources can be spoofed, and must not use up either.
   */
  private static final int SHARE = 10;

  /** How many sources each limit on favours remembers at the most. */
  private static final int FAVOURED_SOURCES_MAX = 1024;

  private final Core core;
  private final TokenIssuer tokens;
  private final Verifier verifier;
  private final Forwarder forwarder;
  private final SourceRateLimiter sources;
  private final Records records;

  /** Null until somebody asks for a favour. */
  private @Nullable Favours favours;

  /** Null until somebody puts something. */
  private @Nullable PutHandler puts;

  /** Null in a node that offers no services. */
  private final @Nullable ServiceCalls services;

  /** Null in our own dialect. */
  private final @Nullable MainlineHandler mainline;

  /** Sends pings on behalf of others. */
  interface Forwarder {

    /** Has a third node ping an endpoint; returns whether one was found. */
    boolean forward(Endpoint asker, long nowNanos);

    /** Pings an endpoint because a contact asks for it. */
    void reachOut(Endpoint target, long nowNanos);
  }

  RequestHandler(
      Core core, TokenIssuer tokens, Verifier verifier, Records records, Forwarder forwarder) {
    this.core = core;
    this.tokens = tokens;
    this.records = records;
    this.verifier = verifier;
    this.forwarder = forwarder;
    this.services =
        core.config.services() == 0 ? null : new ServiceCalls(core, new TrustedAnswers());
    this.mainline = core.isMainline ? new MainlineHandler(core, tokens, this) : null;
    LimitsConfig limits = core.config.limits();
    boolean local = core.config.scope() == Scope.LOCAL;
    long interval = limits.requestsPerSecond() == 0 ? 0 : SECOND_NANOS / limits.requestsPerSecond();
    this.sources =
        new SourceRateLimiter(interval, limits.requestsBurst(), limits.trackedSources(), local);
  }

  /** How many proofs of the own id are signed: in all, and for one source. */
  private static final class ProofBudget {
    private final Pacer pace;
    private final SourceRateLimiter sources;

    ProofBudget(DhtConfig config) {
      LimitsConfig limits = config.limits();
      int perSource = Math.max(1, limits.proofsPerSecond() / SHARE);
      pace = new Pacer(Math.max(1, limits.proofsPerSecond()));
      sources =
          new SourceRateLimiter(
              SECOND_NANOS / perSource,
              perSource,
              Math.min(FAVOURED_SOURCES_MAX, limits.trackedSources()),
              config.scope() == Scope.LOCAL);
    }

    boolean tryAcquire(Endpoint source, long nowNanos) {
      boolean acquired = pace.isReady(nowNanos) && sources.tryAcquire(source, nowNanos);
      if (acquired) {
        pace.charge(nowNanos);
      }
      return acquired;
    }
  }

  /** What of the pings for others, and of the proofs of the own id, sources may use up. */
  private static final class Favours {
    final Pacer forwards;
    final SourceRateLimiter forwardSources;
    final SourceRateLimiter forwardContacts;
    final ProofBudget proofs;

    /** For those who show a token, and so are where they say; null until somebody does. */
    @Nullable ProofBudget proofsWithToken;

    Favours(DhtConfig config) {
      LimitsConfig limits = config.limits();
      boolean local = config.scope() == Scope.LOCAL;
      long forwardNanos = limits.forwardInterval().toNanos();
      int few = Math.min(FAVOURED_SOURCES_MAX, limits.trackedSources());
      forwardSources = new SourceRateLimiter(forwardNanos, 1, few, local);
      forwardContacts =
          new SourceRateLimiter(
              forwardNanos / FORWARDS_PER_CONTACT, FORWARDS_PER_CONTACT, few, local);
      forwards = new Pacer(Math.max(1, config.lookup().datagramsPerSecond() / SHARE));
      proofs = new ProofBudget(config);
    }

    ProofBudget proofs(boolean trusted, DhtConfig config) {
      if (!trusted) {
        return proofs;
      }
      ProofBudget made = proofsWithToken;
      if (made == null) {
        made = new ProofBudget(config);
        proofsWithToken = made;
      }
      return made;
    }
  }

  private Favours favours() {
    Favours made = favours;
    if (made == null) {
      made = new Favours(core.config);
      favours = made;
    }
    return made;
  }

  private PutHandler puts() {
    PutHandler made = puts;
    if (made == null) {
      made = new PutHandler(core, records, new TrustedAnswers());
      puts = made;
    }
    return made;
  }

  /**
   * Handles a query.
   *
   * @param query the query
   * @param sound whether its arguments are
   * @param length the length of its datagram
   */
  void handle(Packet query, boolean sound, int length, Endpoint from, long nowNanos) {
    if (!sources.tryAcquire(from, nowNanos)) {
      core.count(Counter.DROPPED_RATE_LIMITED);
      return;
    }
    if (mainline != null) {
      // As if trusted: without padding there is no budget that a ping could be taken off.
      verifySource(query, from, true, WireLimits.MAINLINE_ANSWER_BYTES, nowNanos);
      mainline.handle(query, sound, from, nowNanos);
      return;
    }
    boolean trusted = false;
    if (query.tokenLength > 0) {
      trusted = tokens.isValid(from, query);
      if (!trusted) {
        core.count(Counter.BAD_TOKENS);
      }
    }
    int budget =
        trusted
            ? WireLimits.DATAGRAM_BYTES
            : Math.min(WireLimits.DATAGRAM_BYTES, WireLimits.AMPLIFICATION_FACTOR * length);
    budget -= verifySource(query, from, trusted, budget, nowNanos);
    if (query.method == Method.UNKNOWN || (query.method.isForService() && services == null)) {
      refuse(query, from, budget, ErrorCode.METHOD_UNKNOWN, "unknown method");
    } else if (!sound) {
      refuse(query, from, budget, ErrorCode.PROTOCOL, "bad arguments");
    } else {
      switch (query.method) {
        case PING -> handlePing(query, from, budget, trusted, nowNanos);
        case FIND_NODE -> answerContacts(query, from, budget, -1);
        case GET -> handleGet(query, from, budget, trusted, nowNanos);
        case PUT, BIND, FIND -> {
          if (!trusted) {
            refuse(query, from, budget, ErrorCode.BAD_TOKEN, "token not valid here");
          } else if (services != null && query.method.isForService()) {
            services.handle(query, from);
          } else {
            puts().handle(query, from, nowNanos);
          }
        }
        case UNKNOWN, GET_PEERS, ANNOUNCE_PEER -> throw new AssertionError("refused above");
      }
    }
  }

  /**
   * Puts an unknown source in the line for a verifying ping if its bucket has room. Whoever wants
   * to be pinged by a third node gets that ping instead.
   *
   * @return the bytes that the ping takes off the answer's budget
   */
  private int verifySource(
      Packet query, Endpoint from, boolean trusted, int budget, long nowNanos) {
    if (query.readOnly || query.forward) {
      return 0;
    }
    RoutingTable table = core.table(from.family());
    if (table == null) {
      return 0;
    }
    Contact known = table.find(query.senderHigh, query.senderMiddle, query.senderLow);
    // The common cases, for which no contact is made: a contact, or a stranger without a place.
    boolean isSettled =
        known == null
            ? table.isSettled(query.senderHigh, query.senderMiddle, query.senderLow)
            : known.endpoint().equals(from);
    if (isSettled && !isWantedInSecond(query, from)) {
      return 0;
    }
    int ping = trusted ? 0 : verifier.pingBytes();
    // What remains must still hold a plain answer.
    if (budget - ping < WireLimits.DATAGRAM_BYTES_MIN * 3) {
      return 0;
    }
    return verifier.consider(core.sender(query, from), false, nowNanos) ? ping : 0;
  }

  /** Tells whether a source offers what this node does, and the second table may have room. */
  private boolean isWantedInSecond(Packet query, Endpoint from) {
    RoutingTable second = core.serviceTableFor(query.services(), from);
    if (second == null) {
      return false;
    }
    Contact known = second.find(query.senderHigh, query.senderMiddle, query.senderLow);
    return known == null
        ? !second.isSettled(query.senderHigh, query.senderMiddle, query.senderLow)
        : !known.endpoint().equals(from);
  }

  private void handlePing(Packet query, Endpoint from, int budget, boolean trusted, long nowNanos) {
    int left = budget - (query.forward ? forward(from, budget, nowNanos) : 0);
    Endpoint target = query.forwardTo;
    if (target != null) {
      reachOut(query, from, target, nowNanos);
    }
    if (query.hasChallenge) {
      prove(query, from, left, trusted, nowNanos);
    } else {
      sendAnswer(begin(query, Kind.RESPONSE, from), from, left);
    }
  }

  /**
   * Has a third node ping a source, if the budget holds that ping beside a plain answer.
   *
   * @return the bytes that the ping takes off the answer's budget
   */
  private int forward(Endpoint from, int budget, long nowNanos) {
    Favours favours = favours();
    Packet packet = core.begin();
    packet.method = Method.PING;
    packet.readOnly = false;
    int ping = core.sizer.sizeOf(packet);
    boolean forwarded =
        budget - ping >= WireLimits.DATAGRAM_BYTES_MIN * 3
            && favours.forwards.isReady(nowNanos)
            && favours.forwardSources.tryAcquire(from, nowNanos)
            && forwarder.forward(from, nowNanos);
    core.count(forwarded ? Counter.FORWARDS : Counter.FORWARDS_REFUSED);
    if (!forwarded) {
      return 0;
    }
    favours.forwards.charge(nowNanos);
    return ping;
  }

  /** A contact of the table sends us to somebody else; strangers may not. */
  private void reachOut(Packet query, Endpoint from, Endpoint target, long nowNanos) {
    Favours favours = favours();
    boolean allowed =
        core.knownSender(query, from) != null
            && core.isAcceptable(target)
            && core.table(target.family()) != null
            && favours.forwards.isReady(nowNanos)
            && favours.forwardContacts.tryAcquire(from, nowNanos)
            && favours.forwardSources.tryAcquire(target, nowNanos);
    core.count(allowed ? Counter.FORWARDS : Counter.FORWARDS_REFUSED);
    if (allowed) {
      favours.forwards.charge(nowNanos);
      forwarder.reachOut(target, nowNanos);
    }
  }

  /**
   * Answers a challenge. Spoofed ones can use up what is signed for those without a token; who is
   * refused for it alone gets a token, with which to ask again.
   */
  private void prove(Packet query, Endpoint from, int budget, boolean trusted, long nowNanos) {
    boolean able = core.config.limits().proofsPerSecond() > 0 && core.hasRoomForEffect();
    if (!able || !favours().proofs(trusted, core.config).tryAcquire(from, nowNanos)) {
      core.count(Counter.PROOFS_BUSY);
      Packet answer = begin(query, Kind.ERROR, from);
      if (able && !trusted) {
        tokens.issue(from, query, answer);
      }
      refuse(answer, ErrorCode.BUSY, "too many proofs", from, budget);
      return;
    }
    long transactionId = query.transactionId;
    byte[] statement =
        SignedBytes.proof(
            core.networkId, core.identity.id(), query.challenge, query.sender(), from);
    core.perform(
        id -> new Effect.Sign(id, statement),
        (result, now) -> sendProof(transactionId, from, budget, result));
  }

  private void sendProof(long transactionId, Endpoint from, int budget, Effect.Result result) {
    Packet answer = core.begin();
    answer.transactionId = transactionId;
    answer.observed = from;
    if (result instanceof Effect.Signed signed) {
      answer.kind = Kind.RESPONSE;
      answer.hasProof = true;
      System.arraycopy(core.identity.publicKey(), 0, answer.publicKey, 0, answer.publicKey.length);
      System.arraycopy(signed.signature(), 0, answer.signature, 0, answer.signature.length);
      core.count(Counter.PROOFS_SIGNED);
    } else {
      answer.kind = Kind.ERROR;
      answer.error(ErrorCode.BUSY, "");
    }
    sendAnswer(answer, from, budget);
  }

  /** Gives what is held to those who have a token, and to others says that it is held. */
  private void handleGet(Packet query, Endpoint from, int budget, boolean trusted, long nowNanos) {
    NodeId key = query.key();
    StoredItem held = key == null ? null : records.get(key, nowNanos);
    long sequence = held == null ? -1 : PutHandler.sequenceOf(held);
    if (held == null || !trusted) {
      answerContacts(query, from, budget, sequence);
      return;
    }
    Packet answer = begin(query, Kind.RESPONSE, from);
    tokens.issue(from, query, answer);
    answer.sequence = sequence;
    answer.record = held.bytes();
    answer.recordLength = held.size();
    sendAnswer(answer, from, budget);
  }

  /** Answers with the closest contacts that fit, a token, and a sequence unless it is -1. */
  private void answerContacts(Packet query, Endpoint from, int budget, long sequence) {
    AddressFamily family = query.want != null ? query.want : from.family();
    Packet answer = begin(query, Kind.RESPONSE, from);
    answer.sequence = sequence;
    tokens.issue(from, query, answer);
    addContacts(query, family, Math.min(budget, WireLimits.DATAGRAM_BYTES), answer);
    sendAnswer(answer, from, budget);
  }

  /** Adds the closest contacts of a family, as many as fit an answer of a length. */
  void addContacts(Packet query, AddressFamily family, int length, Packet answer) {
    answer.contactCount(family, 0);
    RoutingTable table = core.table(family);
    if (table != null) {
      // Kept for the longer header of a longer list: one byte in ours, two in Mainline's dialect.
      int room = length - core.sizer.sizeOf(answer) - (core.isMainline ? 2 : 1);
      fillContacts(query, table, family, Math.max(0, room / family.contactBytes()), answer);
    }
  }

  private void fillContacts(
      Packet query, RoutingTable table, AddressFamily family, int fitting, Packet answer) {
    int limit = Math.min(fitting, core.config.routing().bucketSize());
    ClosestSearch search = core.workspace.search;
    NodeId place = query.place;
    if (place == null) {
      search.begin(query.keyHigh, query.keyMiddle, query.keyLow, limit);
    } else {
      search.begin(place, limit);
    }
    // The asker knows itself; naming it would hide the contact after it, whom nobody else may name.
    search
        .offering(query.serviceMask)
        .without(query.senderHigh, query.senderMiddle, query.senderLow);
    int count = table.closest(search);
    @Nullable Contact[] contacts = answer.contacts(family);
    for (int i = 0; i < count; i++) {
      contacts[i] = search.get(i);
    }
    RoutingTable second = query.serviceMask == 0 ? null : core.serviceTable(family);
    if (second != null) {
      second.closest(search);
      count = merge(search, contacts, count, limit);
    }
    answer.contactCount(family, count);
  }

  /** Puts what a search found between contacts that are in its order; returns how many remain. */
  private static int merge(
      ClosestSearch search, @Nullable Contact[] contacts, int known, int limit) {
    int count = known;
    for (int i = 0; i < search.count(); i++) {
      Contact found = search.get(i);
      int at = count;
      while (at > 0 && search.isNearer(found, contacts[at - 1])) {
        at--;
      }
      Contact before = at == 0 ? null : contacts[at - 1];
      boolean isDouble = before != null && found.id().equals(before.id());
      if (!isDouble && at < limit) {
        int kept = Math.min(count, limit - 1);
        System.arraycopy(contacts, at, contacts, at + 1, kept - at);
        contacts[at] = found;
        count = kept + 1;
      }
    }
    return count;
  }

  private Packet begin(Packet query, Kind kind, Endpoint from) {
    return begin(query.transactionId, kind, from);
  }

  /** Begins an answer. */
  Packet begin(long transactionId, Kind kind, Endpoint from) {
    Packet answer = core.begin();
    answer.kind = kind;
    answer.transactionId = transactionId;
    answer.observed = from;
    return answer;
  }

  /** Answers to those who showed a token, and so are where they say. */
  private final class TrustedAnswers implements PutHandler.Answers {

    @Override
    public Packet begin(long transactionId, Endpoint to) {
      return RequestHandler.this.begin(transactionId, Kind.RESPONSE, to);
    }

    @Override
    public void send(Packet answer, Endpoint to) {
      sendAnswer(answer, to, WireLimits.DATAGRAM_BYTES);
    }

    @Override
    public void refuse(Packet answer, Endpoint to, int code, String text) {
      answer.kind = Kind.ERROR;
      RequestHandler.this.refuse(answer, code, text, to, WireLimits.DATAGRAM_BYTES);
    }
  }

  private void refuse(Packet query, Endpoint from, int budget, int code, String text) {
    refuse(begin(query, Kind.ERROR, from), code, text, from, budget);
  }

  /** Sends a refusal; the packet may hold more than the code. */
  void refuse(Packet answer, int code, String text, Endpoint from, int budget) {
    answer.error(code, text);
    if (core.sizer.sizeOf(answer) > budget) {
      answer.errorTextLength = 0;
    }
    core.count(Counter.REFUSED);
    sendAnswer(answer, from, budget);
  }

  /** Sends an answer, unless it is longer than it may be. */
  void sendAnswer(Packet answer, Endpoint to, int budget) {
    if (core.sizer.sizeOf(answer) > budget) {
      core.count(Counter.DROPPED_AMPLIFICATION);
      return;
    }
    if (answer.kind == Kind.RESPONSE) {
      core.count(Counter.ANSWERED);
    }
    core.send(to, answer);
  }

  /** Gives up what Mainline's nodes stored here and what has ended. */
  void expire(long nowNanos) {
    if (mainline != null) {
      mainline.expire(nowNanos);
    }
  }

  /** See {@link NodeEngine#touchNear}. */
  int touchNear() {
    return puts == null ? 0 : 1;
  }

  /** See {@link NodeEngine#touchFar}. */
  int touch() {
    return sources.capacity() ^ tokens.touch();
  }
}
