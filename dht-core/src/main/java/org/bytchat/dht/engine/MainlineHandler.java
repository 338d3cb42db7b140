package org.bytchat.dht.engine;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.ItemStore;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.PeerStore;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * Answers the queries of Mainline's dialect: BEP 5, and BEP 44 for items.
 *
 * <p>Mainline has no padding and gives what is asked for without a token, so an answer may be many
 * times as long as its query; the limit for each source is what bounds it.
 */
final class MainlineHandler {

  /** How long BEP 44 has items held, and how long others hold peers. */
  private static final long ITEM_NANOS = 7_200_000_000_000L;

  private static final long PEER_NANOS = 1_800_000_000_000L;

  /** What is kept of peers: as much as a small tracker, and little of one source. */
  private static final int SWARMS_MAX = 5_000;

  private static final int SWARM_PEERS_MAX = 500;
  private static final int PEERS_MAX = 20_000;
  private static final int SOURCE_PEERS_MAX = 500;

  /** What {@code values} takes beside the peers. */
  private static final int VALUES_BYTES = 10;

  private final Core core;
  private final TokenIssuer tokens;
  private final RequestHandler answers;
  private final boolean byEndpoint;
  private final IntUnaryOperator nextBelow;
  private final PendingShares shares;
  private final PeerStore peers =
      new PeerStore(
          new PeerStore.Limits(
              SWARMS_MAX, SWARM_PEERS_MAX, PEERS_MAX, SOURCE_PEERS_MAX, PEER_NANOS));
  private final ItemStore items;

  /** By target, whose put is being verified. */
  private final Map<NodeId, Asker> verifying = new LinkedHashMap<>();

  /** What is left of a query when the signature of its item has been verified. */
  private record Put(MainlineItem item, long expectedSequence, Asker asker) {}

  /** Whom an answer goes to. */
  private record Asker(Endpoint endpoint, long transactionId, int transactionLength) {}

  MainlineHandler(Core core, TokenIssuer tokens, RequestHandler answers) {
    this.core = core;
    this.tokens = tokens;
    this.answers = answers;
    this.byEndpoint = core.config.scope() == Scope.LOCAL;
    this.nextBelow = core.entropy.choices()::nextBelow;
    LimitsConfig limits = core.config.limits();
    this.shares = new PendingShares(limits.pendingEffectsMax());
    StoreConfig store = core.config.store();
    this.items =
        new ItemStore(
            new ItemStore.Limits(
                store.recordsMax(), store.bytesMax(), store.sourceBytesMax(), ITEM_NANOS));
  }

  /** Gives up what has ended. */
  void expire(long nowNanos) {
    peers.expire(nowNanos);
    core.count(Counter.RECORDS_EXPIRED, items.expire(nowNanos));
  }

  /** Handles a query that is within the limits; only the envelope of one that is not sound is. */
  void handle(Packet query, boolean sound, Endpoint from, long nowNanos) {
    if (!sound) {
      refuse(query, from, ErrorCode.PROTOCOL, "bad arguments");
      return;
    }
    switch (query.method) {
      case PING -> send(begin(query, from), from);
      case FIND_NODE -> answerContacts(query, from);
      case GET_PEERS -> answerPeers(query, from, nowNanos);
      case GET -> answerItem(query, from, nowNanos);
      case ANNOUNCE_PEER -> announce(query, from, nowNanos);
      case PUT -> put(query, from, nowNanos);
      case UNKNOWN, BIND, FIND -> {
        // Whoever asks about a key can go on with contacts, whatever the method is called.
        if (query.hasKey) {
          answerContacts(query, from);
        } else {
          refuse(query, from, ErrorCode.METHOD_UNKNOWN, "unknown method");
        }
      }
    }
  }

  private Packet begin(Packet query, Endpoint from) {
    return begin(query.transactionId, query.transactionLength, from);
  }

  private Packet begin(Asker asker) {
    return begin(asker.transactionId, asker.transactionLength, asker.endpoint);
  }

  private Packet begin(long transactionId, int transactionLength, Endpoint to) {
    Packet answer = answers.begin(transactionId, Kind.RESPONSE, to);
    answer.transactionLength = transactionLength;
    return answer;
  }

  private void send(Packet answer, Endpoint to) {
    answers.sendAnswer(answer, to, WireLimits.MAINLINE_ANSWER_BYTES);
  }

  private void refuse(Packet query, Endpoint from, int code, String text) {
    sendError(begin(query, from), from, code, text);
  }

  private void sendError(Packet answer, Endpoint to, int code, String text) {
    answer.kind = Kind.ERROR;
    answers.refuse(answer, code, text, to, WireLimits.MAINLINE_ANSWER_BYTES);
  }

  private void answerContacts(Packet query, Endpoint from) {
    Packet answer = begin(query, from);
    addContacts(query, from, answer);
    send(answer, from);
  }

  /** Adds the closest contacts of each family that is wanted, by default the asker's (BEP 32). */
  private void addContacts(Packet query, Endpoint from, Packet answer) {
    if (query.wantBoth) {
      answers.addContacts(query, AddressFamily.IPV4, WireLimits.MAINLINE_ANSWER_BYTES, answer);
      answers.addContacts(query, AddressFamily.IPV6, WireLimits.MAINLINE_ANSWER_BYTES, answer);
    } else {
      AddressFamily family = query.want == null ? from.family() : query.want;
      answers.addContacts(query, family, WireLimits.MAINLINE_ANSWER_BYTES, answer);
    }
  }

  private void answerPeers(Packet query, Endpoint from, long nowNanos) {
    Packet answer = begin(query, from);
    tokens.issue(from, query, answer);
    addContacts(query, from, answer);
    NodeId key = query.key();
    AddressFamily family = from.family();
    int known = key == null ? 0 : peers.sample(key, family, answer.peers, nextBelow, nowNanos);
    if (known > 0) {
      int each = family == AddressFamily.IPV4 ? 2 : 3;
      int room = WireLimits.MAINLINE_ANSWER_BYTES - core.sizer.sizeOf(answer) - VALUES_BYTES;
      answer.peersCount = Math.min(known, Math.max(0, room / (family.endpointBytes() + each)));
    }
    send(answer, from);
  }

  /** Answers with an item, and with the contacts that fit beside it. */
  private void answerItem(Packet query, Endpoint from, long nowNanos) {
    Packet answer = begin(query, from);
    tokens.issue(from, query, answer);
    NodeId key = query.key();
    MainlineItem held = key == null ? null : items.get(key, nowNanos);
    if (held != null && held.isMutable() && held.sequence() <= query.sequence) {
      // The asker has it already, or something newer.
      answer.sequence = held.sequence();
    } else if (held != null) {
      MainlineStore.fill(answer, held);
    }
    addContacts(query, from, answer);
    send(answer, from);
  }

  private boolean hasToken(Packet query, Endpoint from) {
    boolean valid = tokens.isValid(from, query);
    if (!valid) {
      core.count(Counter.BAD_TOKENS);
      refuse(query, from, ErrorCode.PROTOCOL, "token not valid here");
    }
    return valid;
  }

  private void announce(Packet query, Endpoint from, long nowNanos) {
    NodeId key = query.key();
    if (key == null || !hasToken(query, from)) {
      return;
    }
    Endpoint peer = query.impliedPort ? from : from.withPort(query.port);
    if (peers.announce(key, peer, sourceOf(from), nowNanos)) {
      core.count(Counter.PEERS_STORED);
      send(begin(query, from), from);
    } else {
      core.count(Counter.PUTS_QUOTA);
      refuse(query, from, ErrorCode.BUSY, "too many peers of one source");
    }
  }

  private long sourceOf(Endpoint from) {
    return SourceRateLimiter.keyOf(from, byEndpoint);
  }

  private void put(Packet query, Endpoint from, long nowNanos) {
    byte[] value = query.record();
    if (value == null) {
      throw new AssertionError("a put without a value is not sound");
    }
    if (value.length > MainlineItem.VALUE_BYTES_MAX) {
      core.count(Counter.PUTS_TOO_BIG);
      refuse(query, from, ErrorCode.TOO_BIG, "value above 1000 bytes");
      return;
    }
    if (query.saltLength > WireLimits.SALT_BYTES_MAX) {
      core.count(Counter.PUTS_TOO_BIG);
      refuse(query, from, ErrorCode.SALT_TOO_BIG, "salt above 64 bytes");
      return;
    }
    MainlineItem item = itemOf(query, value);
    query.key(item.target());
    if (!hasToken(query, from)) {
      return;
    }
    Asker asker = new Asker(from, query.transactionId, query.transactionLength);
    Put put = new Put(item, query.expectedSequence, asker);
    ItemStore.Refusal refusal = items.check(item, put.expectedSequence, sourceOf(from), nowNanos);
    if (refusal != null) {
      refuse(refusal, asker);
    } else if (item.isMutable()) {
      verify(put);
    } else {
      commit(put, nowNanos);
    }
  }

  /** Makes an item of a put or of an answer to a get. */
  static MainlineItem itemOf(Packet packet, byte[] value) {
    return packet.hasProof
        ? MainlineItem.mutable(
            packet.publicKey,
            Arrays.copyOf(packet.salt, packet.saltLength),
            packet.sequence,
            value,
            packet.signature)
        : MainlineItem.immutable(value);
  }

  /**
   * Has a signature verified. What comes for the same target meanwhile is not taken, so that puts
   * are applied in the order in which they came; a put that was sent again is not even answered.
   */
  private void verify(Put put) {
    MainlineItem item = put.item;
    Asker earlier = verifying.get(item.target());
    if (earlier != null) {
      if (!earlier.equals(put.asker)) {
        refuseBusy(put.asker);
      }
      return;
    }
    long source = sourceOf(put.asker.endpoint);
    boolean started =
        shares.hasRoomFor(source)
            && core.perform(
                id -> new Effect.Verify(id, item.publicKey(), item.statement(), item.signature()),
                (result, now) -> {
                  shares.remove(source);
                  verifying.remove(item.target());
                  onVerified(put, result, now);
                });
    if (started) {
      shares.add(source);
      verifying.put(item.target(), put.asker);
    } else {
      refuseBusy(put.asker);
    }
  }

  private void onVerified(Put put, Effect.Result result, long nowNanos) {
    if (!(result instanceof Effect.Verified verified)) {
      refuseBusy(put.asker);
    } else if (verified.good()) {
      commit(put, nowNanos);
    } else {
      core.count(Counter.PUTS_BAD_SIGNATURE);
      Asker asker = put.asker;
      sendError(begin(asker), asker.endpoint, ErrorCode.BAD_SIGNATURE, "bad signature");
    }
  }

  private void refuseBusy(Asker asker) {
    core.count(Counter.PUTS_BUSY);
    sendError(begin(asker), asker.endpoint, ErrorCode.BUSY, "too many puts");
  }

  /** Checks again, as much may have changed while the signature was verified, and stores. */
  private void commit(Put put, long nowNanos) {
    Asker asker = put.asker;
    ItemStore.Refusal refusal =
        items.commit(put.item, put.expectedSequence, sourceOf(asker.endpoint), nowNanos);
    if (refusal == null) {
      core.count(Counter.RECORDS_STORED);
      send(begin(asker), asker.endpoint);
    } else {
      refuse(refusal, asker);
    }
  }

  private void refuse(ItemStore.Refusal refusal, Asker asker) {
    Packet answer = begin(asker);
    switch (refusal) {
      case CAS_MISMATCH -> {
        core.count(Counter.PUTS_CAS_MISMATCH);
        sendError(answer, asker.endpoint, ErrorCode.CAS_MISMATCH, "cas is not the sequence held");
      }
      case SEQUENCE_TOO_OLD -> {
        core.count(Counter.PUTS_TOO_OLD);
        sendError(answer, asker.endpoint, ErrorCode.SEQUENCE_TOO_OLD, "seq is not newer");
      }
      case QUOTA -> {
        core.count(Counter.PUTS_QUOTA);
        sendError(answer, asker.endpoint, ErrorCode.BUSY, "no space left");
      }
    }
  }
}
