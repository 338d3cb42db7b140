package org.bytchat.dht.engine;

import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * The requests under way: sends them at the node's own pace, again when they are slow, and accepts
 * an answer only if transaction id, address, port and node id all agree.
 */
final class Requests {

  private static final int ATTEMPTS_MAX = 3;

  /** Holders are few and must all be heard, so that nothing older than what is stored is read. */
  private static final int STORE_ATTEMPTS_MAX = 5;

  /** After so many failures in a row, the network itself may have been away. */
  private static final int SILENCE_FAILURES = 3;

  private final Core core;
  private final LookupConfig config;
  private final Listener listener;
  private final Pacer pacer;
  private final RttHistogram rtt;
  private final long hardTimeoutNanos;
  private final RequestTable byTransaction = new RequestTable();
  private final DeadlineQueue<Request> deadlines = new DeadlineQueue<>();
  private final long challengeKey0;
  private final long challengeKey1;

  /** When an answer was last accepted; meaningful once there was one. */
  private long lastAnswerNanos;

  private boolean anyAnswer;

  /** The answer that ended the last silence; what was sent before it says nothing of a peer. */
  private long aliveSinceNanos = Long.MIN_VALUE;

  /** How often contacts of the table failed since the last answer. */
  private int failuresInRow;

  /** Who is told what became of a request. */
  interface Listener {

    /** The right node answered; the packet may still be an error. */
    void onAnswer(Request request, Contact contact, Packet packet, long nowNanos);

    /** The request takes longer than most. */
    void onSlow(Request request);

    /** The request is not repeated any more; it may still be answered. */
    void onOverdue(Request request);

    /** Nobody answered in time, or not the one who was asked. */
    void onFailure(Request request, long nowNanos);

    /** Says whether a slow request is worth a second repetition. */
    boolean isWorthRepeating(Request request);
  }

  Requests(Core core, Listener listener) {
    this.core = core;
    this.config = core.config.lookup();
    this.listener = listener;
    this.pacer = new Pacer(config.datagramsPerSecond());
    this.rtt = new RttHistogram(config.softTimeoutInitial().toNanos());
    this.hardTimeoutNanos = config.hardTimeout().toNanos();
    this.challengeKey0 = core.entropy.secrets().nextLong();
    this.challengeKey1 = core.entropy.secrets().nextLong();
  }

  /** Tells whether a request may be sent now. */
  boolean isReady(long nowNanos) {
    return byTransaction.size() < config.transactionsMax() && pacer.isReady(nowNanos);
  }

  /** Returns when the pace allows the next request, or never while too many are under way. */
  long readyAtNanos() {
    return byTransaction.size() < config.transactionsMax()
        ? pacer.readyAtNanos()
        : DeadlineQueue.NEVER;
  }

  /** Sends a request for the first time, or once more with a token. */
  void send(Request request, long nowNanos) {
    do {
      request.transactionId = core.entropy.transactions().nextLong();
    } while (byTransaction.get(request.transactionId) != null);
    byTransaction.add(request);
    request.firstSentNanos = nowNanos;
    core.count(Counter.REQUESTS);
    transmit(request, nowNanos);
    deadlines.schedule(request, nowNanos + rtt.softTimeoutNanos());
  }

  private void transmit(Request request, long nowNanos) {
    request.attempts++;
    pacer.charge(nowNanos);
    Packet packet = core.begin();
    packet.kind = Kind.QUERY;
    packet.method = request.method;
    packet.transactionId = request.transactionId;
    packet.want = request.want;
    packet.serviceMask = request.services;
    NodeId key = request.key;
    if (key != null) {
      packet.key(key);
      // Who is asked what it holds is not asked whom it knows.
      if (request.purpose != Request.Purpose.STORE) {
        packet.paddedBytes =
            wantedFamily(request) == AddressFamily.IPV4
                ? WireLimits.QUERY_PADDED_BYTES_IPV4
                : WireLimits.QUERY_PADDED_BYTES_IPV6;
      }
    }
    byte[] token = request.token;
    if (token != null) {
      packet.token(token, 0, token.length);
    }
    if (request.purpose == Request.Purpose.STORE) {
      fillStore(request, packet);
    }
    if (request.challenged) {
      packet.hasChallenge = true;
      packet.paddedBytes = WireLimits.CHALLENGE_PADDED_BYTES;
      challenge(request, packet.challenge);
    }
    MainlineStore store = request.mainline;
    if (store != null) {
      store.fill(packet);
    }
    packet.forward = request.purpose == Request.Purpose.REACHABILITY;
    packet.forwardTo = request.forwardTo;
    core.send(request.endpoint, packet);
  }

  private static AddressFamily wantedFamily(Request request) {
    return request.want != null ? request.want : request.endpoint.family();
  }

  private static void fillStore(Request request, Packet packet) {
    StoredItem item = request.item;
    if (item != null) {
      packet.record = item.bytes();
      packet.recordLength = item.size();
    }
    byte[] payload = request.payload;
    if (payload != null) {
      packet.record = payload;
      packet.recordLength = payload.length;
    }
    packet.place = request.place;
    packet.expectedSequence = request.expectedSequence;
  }

  /** Computes the challenge of a request: fresh for each transaction, and stored nowhere. */
  void challenge(Request request, byte[] into) {
    SipHash hash = core.workspace.hash;
    long first = hash.begin(challengeKey0, challengeKey1).update(request.transactionId).finish();
    long second = hash.begin(challengeKey1, challengeKey0).update(request.transactionId).finish();
    for (int i = 0; i < 8; i++) {
      into[i] = (byte) (first >>> 8 * i);
      into[8 + i] = (byte) (second >>> 8 * i);
    }
  }

  /** Handles a response or an error. */
  void handleReply(Packet packet, Endpoint from, long nowNanos) {
    Request request = byTransaction.get(packet.transactionId);
    if (request == null) {
      core.count(Counter.DROPPED_UNSOLICITED);
      return;
    }
    if (!request.endpoint.equals(from)) {
      core.count(Counter.DROPPED_WRONG_ENDPOINT);
      return;
    }
    Contact asked = request.contact;
    boolean isNameless = core.isMainline && packet.kind == Kind.ERROR;
    if (asked != null && !isNameless && !packet.isSender(asked.id())) {
      // The endpoint is real, and not the node that was asked: that node is not there.
      core.count(Counter.DROPPED_WRONG_ID);
      request.isElsewhere = true;
      finish(request);
      listener.onFailure(request, nowNanos);
      return;
    }
    if (isNameless ? asked == null : !isComplete(request, packet)) {
      core.count(Counter.DROPPED_INCOMPLETE);
      finish(request);
      listener.onFailure(request, nowNanos);
      return;
    }
    finish(request);
    lastAnswerNanos = nowNanos;
    if (!anyAnswer || failuresInRow >= SILENCE_FAILURES) {
      aliveSinceNanos = nowNanos;
    }
    anyAnswer = true;
    failuresInRow = 0;
    pacer.onAnswer();
    core.count(packet.kind == Kind.ERROR ? Counter.ERRORS_RECEIVED : Counter.RESPONSES);
    // Which copy of a repeated request was answered is not known. Taken for the first, the time is
    // too long if that was lost. Left out (Karn's rule), it would leave the soft timeout too short
    // for ever once peers became slower, and each request would be repeated in vain.
    rtt.record(nowNanos - request.firstSentNanos);
    if (isTokenForChallenge(request, packet)) {
      request.token = packet.token();
      request.attempts = 0;
      // At once, in the place of the request that just ended; like a repetition it slows down those
      // that follow.
      send(request, nowNanos);
      return;
    }
    Contact contact =
        asked != null && asked.services() == packet.services() ? asked : core.sender(packet, from);
    listener.onAnswer(request, contact, packet, nowNanos);
  }

  /**
   * Tells whether a node has no time for the challenges of those who may be spoofed, and gives a
   * token to challenge it with. Who showed one already is not answered so in earnest.
   */
  private static boolean isTokenForChallenge(Request request, Packet packet) {
    return request.challenged
        && request.token == null
        && packet.kind == Kind.ERROR
        && packet.errorCode == ErrorCode.BUSY
        && packet.tokenLength > 0;
  }

  /** Tells whether an answer has what was asked for; Mainline's nodes leave out what is empty. */
  private boolean isComplete(Request request, Packet packet) {
    boolean named = request.method == Method.FIND_NODE || request.method == Method.GET;
    if (packet.kind == Kind.ERROR || !named || request.token != null || core.isMainline) {
      return true;
    }
    return wantedFamily(request) == AddressFamily.IPV4
        ? packet.contacts4Count >= 0
        : packet.contacts6Count >= 0;
  }

  /** Repeats or gives up what is overdue. */
  void handleTimeout(long nowNanos) {
    Request request = deadlines.pollDue(nowNanos);
    while (request != null) {
      handleOverdue(request, nowNanos);
      request = deadlines.pollDue(nowNanos);
    }
  }

  private void handleOverdue(Request request, long nowNanos) {
    long hardDeadline = request.firstSentNanos + hardTimeoutNanos;
    if (nowNanos >= hardDeadline) {
      byTransaction.remove(request);
      // Others may be made up by whoever named them or spoofed their datagrams.
      if (request.contact != null && core.known(request.contact) != null) {
        failuresInRow++;
        if (core.config.defences().pacing()) {
          pacer.onLoss();
        }
      }
      core.count(Counter.TIMEOUTS);
      listener.onFailure(request, nowNanos);
      return;
    }
    if (!request.slow) {
      request.slow = true;
      listener.onSlow(request);
    }
    boolean stores = request.purpose == Request.Purpose.STORE;
    boolean again =
        !request.purpose.isSingle()
            && (request.attempts == 1
                || (stores && request.attempts < STORE_ATTEMPTS_MAX)
                || (request.attempts < ATTEMPTS_MAX && listener.isWorthRepeating(request)));
    long next = hardDeadline;
    if (again) {
      core.count(Counter.RESENT);
      transmit(request, nowNanos);
      next = Math.min(hardDeadline, nowNanos + (stores ? 1 : 2) * rtt.softTimeoutNanos());
    } else {
      listener.onOverdue(request);
    }
    deadlines.schedule(request, next);
  }

  private void finish(Request request) {
    byTransaction.remove(request);
    deadlines.cancel(request);
  }

  long nextDeadlineNanos() {
    return deadlines.nextNanos();
  }

  int underWayCount() {
    return byTransaction.size();
  }

  /** Tells whether anybody answered since a time. */
  boolean hasAnswerSince(long nanos) {
    return anyAnswer && lastAnswerNanos - nanos > 0;
  }

  /**
   * Tells whether a request failed because of its peer: while others were answered, or with an
   * answer of somebody else.
   */
  boolean failedAlone(Request request) {
    return request.isElsewhere
        || (hasAnswerSince(request.firstSentNanos)
            && request.firstSentNanos - aliveSinceNanos >= 0);
  }

  int failuresInRow() {
    return failuresInRow;
  }

  RttHistogram rtt() {
    return rtt;
  }

  /** See {@link NodeEngine#touchFar}. */
  int touch() {
    return byTransaction.touch() ^ (int) deadlines.nextNanos() ^ rtt.touch();
  }
}
