package org.bytchat.dht.engine;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.routing.InsertOutcome;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * The way into the table: a contact is pinged with a challenge, and enters when it has answered
 * from its endpoint with a signature of the key that its id is the hash of.
 */
final class Verifier {

  private final Core core;
  private final Requests requests;
  private final Listener listener;

  /** Waiting for a ping, oldest first; each endpoint once. */
  private Map<Endpoint, Waiting> waiting = Collections.emptyMap();

  /** Pinged, or with a signature being checked. */
  private Set<Endpoint> underWay = Collections.emptySet();

  /** Is told what became of contacts. */
  interface Listener {

    /** A contact was taken into the table. */
    void onAdded(Contact contact, long nowNanos);

    /** A full bucket's oldest contact should show that it is alive. */
    void onOldest(Contact oldest, long nowNanos);
  }

  private record Waiting(Contact contact, boolean answeredUs) {}

  Verifier(Core core, Requests requests, Listener listener) {
    this.core = core;
    this.requests = requests;
    this.listener = listener;
  }

  /**
   * Considers a contact that is not in the table: it is pinged if there would be room for it, and
   * otherwise, if it answered us, remembered as a candidate.
   *
   * @param answeredUs whether it answered a request, and so is at its endpoint
   * @return whether it will be pinged
   */
  boolean consider(Contact contact, boolean answeredUs, long nowNanos) {
    RoutingTable table = core.table(contact.endpoint().family());
    if (table == null || !core.isAcceptable(contact.endpoint())) {
      return false;
    }
    if (!table.hasRoomFor(contact)) {
      if (answeredUs) {
        // Not those who only asked: a later ping is not in the account of what they were sent.
        table.addCandidate(contact, nowNanos);
      }
      return false;
    }
    return enqueue(contact, answeredUs);
  }

  /**
   * Puts a contact in the line for a ping, unless it is in it. Those who only asked, and may be
   * spoofed, get half of the line, and give way to who answered at their endpoint.
   */
  boolean enqueue(Contact contact, boolean answeredUs) {
    Waiting before = waiting.get(contact.endpoint());
    if (contact.id().equals(core.identity.id())
        || (before != null && (before.answeredUs || !answeredUs))
        || underWay.contains(contact.endpoint())) {
      return false;
    }
    int most = core.config.limits().pendingVerificationsMax();
    if (before == null && waiting.size() >= (answeredUs ? most : (most + 1) / 2)) {
      core.count(Counter.VERIFICATIONS_DROPPED);
      return false;
    }
    if (waiting.isEmpty()) {
      waiting = new LinkedHashMap<>();
    }
    waiting.put(contact.endpoint(), new Waiting(contact, answeredUs));
    return true;
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  int waitingCount() {
    return waiting.size();
  }

  /** Sends the ping that is next in line. */
  void sendNext(long nowNanos) {
    Waiting next = waiting.values().iterator().next();
    Contact contact = next.contact;
    waiting.remove(contact.endpoint());
    if (waiting.isEmpty()) {
      waiting = Collections.emptyMap();
    }
    RoutingTable table = core.table(contact.endpoint().family());
    if (core.known(contact) != null || table == null || !table.hasRoomFor(contact)) {
      return;
    }
    if (underWay.isEmpty()) {
      underWay = new LinkedHashSet<>();
    }
    underWay.add(contact.endpoint());
    Request request =
        Request.ping(
            next.answeredUs ? Request.Purpose.VERIFY : Request.Purpose.VERIFY_SOURCE, contact);
    request.challenged = core.config.proofOfId();
    requests.send(request, nowNanos);
  }

  /** Returns the length of a verifying ping, for the account of what a source was sent. */
  int pingBytes() {
    Packet packet = core.begin();
    packet.method = Method.PING;
    packet.hasChallenge = core.config.proofOfId();
    packet.paddedBytes = packet.hasChallenge ? WireLimits.CHALLENGE_PADDED_BYTES : 0;
    return core.sizer.sizeOf(packet);
  }

  private void end(Endpoint endpoint) {
    if (!underWay.isEmpty() && underWay.remove(endpoint) && underWay.isEmpty()) {
      underWay = Collections.emptySet();
    }
  }

  void onFailure(Request request) {
    end(request.endpoint);
  }

  void onAnswer(Request request, Contact contact, Packet packet, long nowNanos) {
    if (packet.kind == Kind.ERROR || packet.readOnly) {
      end(request.endpoint);
      return;
    }
    if (!core.config.proofOfId()) {
      end(request.endpoint);
      insert(contact, false, nowNanos);
      return;
    }
    Endpoint observed = packet.observed;
    if (!packet.hasProof
        || observed == null
        || !core.isOwnEndpoint(observed)
        || !NodeIdentity.idOf(packet.publicKey).equals(contact.id())) {
      end(request.endpoint);
      core.count(Counter.PROOFS_FAILED);
      return;
    }
    byte[] challenge = new byte[WireLimits.CHALLENGE_BYTES];
    requests.challenge(request, challenge);
    byte[] statement =
        SignedBytes.proof(core.networkId, contact.id(), challenge, core.identity.id(), observed);
    byte[] publicKey = packet.publicKey.clone();
    byte[] signature = Arrays.copyOf(packet.signature, packet.signature.length);
    boolean started =
        core.perform(
            id -> new Effect.Verify(id, publicKey, statement, signature),
            (result, now) -> onVerified(contact, result, now));
    if (!started) {
      end(request.endpoint);
    }
  }

  private void onVerified(Contact contact, Effect.Result result, long nowNanos) {
    end(contact.endpoint());
    if (result instanceof Effect.Verified verified && verified.good()) {
      core.count(Counter.PROOFS_VERIFIED);
      insert(contact, true, nowNanos);
    } else {
      core.count(Counter.PROOFS_FAILED);
    }
  }

  private void insert(Contact contact, boolean proven, long nowNanos) {
    RoutingTable table = core.table(contact.endpoint().family());
    if (table == null) {
      return;
    }
    InsertOutcome outcome = table.insert(contact, proven, nowNanos);
    if (outcome instanceof InsertOutcome.Inserted) {
      core.count(Counter.CONTACTS_ADDED);
      listener.onAdded(contact, nowNanos);
    } else if (outcome instanceof InsertOutcome.PingOldest ping) {
      listener.onOldest(ping.oldest(), nowNanos);
    }
  }
}
