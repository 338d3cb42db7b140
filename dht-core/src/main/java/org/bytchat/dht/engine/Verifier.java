package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupStep;
import org.bytchat.dht.routing.InsertOutcome;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

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

  /** Candidates for whom the places of evicted contacts are kept free while they are verified. */
  private List<Contact> favoured = Collections.emptyList();

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
   * @param answeredUs whether it answered a request, and so is at its endpoint and was found by us
   * @return whether it will be pinged
   */
  boolean consider(Contact contact, boolean answeredUs, long nowNanos) {
    RoutingTable table = core.table(contact.endpoint().family());
    if (table == null || !core.isAcceptable(contact.endpoint())) {
      return false;
    }
    if (!hasRoom(table, contact, answeredUs)) {
      if (answeredUs) {
        // Not those who only asked: a later ping is not in the account of what they were sent.
        table.addCandidate(contact, nowNanos);
        RoutingTable second = secondFor(contact);
        if (second != null) {
          second.addCandidate(contact, nowNanos);
        }
      }
      return false;
    }
    return enqueue(contact, answeredUs);
  }

  private @Nullable RoutingTable secondFor(Contact contact) {
    return core.serviceTableFor(contact.services(), contact.endpoint());
  }

  /** Tells whether a contact may come into one of the tables. */
  private boolean hasRoom(RoutingTable table, Contact contact, boolean found) {
    return (Core.in(table, contact) == null && hasRoomInFirst(table, contact, found))
        || hasRoomInSecond(contact, found);
  }

  private boolean hasRoomInSecond(Contact contact, boolean found) {
    RoutingTable second = secondFor(contact);
    return second != null
        && Core.in(second, contact) == null
        && second.hasRoomFor(contact, found, 0);
  }

  private boolean hasRoomInFirst(RoutingTable table, Contact contact, boolean found) {
    int reserved = 0;
    for (int i = 0; !found && i < favoured.size(); i++) {
      Contact candidate = favoured.get(i);
      reserved +=
          candidate.endpoint().family() == contact.endpoint().family()
                  && isOfOneBucket(candidate.id(), contact.id())
              ? 1
              : 0;
    }
    return table.hasRoomFor(contact, found, reserved);
  }

  private boolean isOfOneBucket(NodeId one, NodeId other) {
    return core.identity.id().commonPrefixLength(one)
        == core.identity.id().commonPrefixLength(other);
  }

  /**
   * Has a candidate take the place of a contact that was evicted. Until it is verified the place is
   * not for those who only ask us: they choose when, and could wait for it.
   */
  void replace(Contact candidate) {
    enqueue(candidate, true);
    Endpoint endpoint = candidate.endpoint();
    if (waiting.containsKey(endpoint) || underWay.contains(endpoint)) {
      if (favoured.isEmpty()) {
        favoured = new ArrayList<>(1);
      }
      favoured.add(candidate);
    }
  }

  /**
   * Notes whom a contact of the table names as near this node. Those whom others know are not only
   * known for having asked us; but the word of those who are is not enough.
   */
  void onContactAnswered(Request request, Contact by, Packet packet) {
    boolean isAboutUs =
        request.purpose == Request.Purpose.LOOKUP
            && request.key != null
            && request.key.equals(core.identity.id())
            && packet.kind == Kind.RESPONSE;
    if (isAboutUs) {
      AddressFamily family = by.endpoint().family();
      noteNamed(core.table(family), by, packet, family);
      noteNamed(core.serviceTable(family), by, packet, family);
    }
  }

  private void noteNamed(
      @Nullable RoutingTable table, Contact by, Packet packet, AddressFamily family) {
    if (table != null && table.isFound(by)) {
      int count = core.usableContacts(packet, family);
      for (int i = 0; i < count; i++) {
        Contact named = packet.contacts(family)[i];
        if (named != null) {
          table.onFound(named);
        }
      }
    }
  }

  /**
   * Puts a contact in the line for a ping, unless it is in it. Those who only asked, and may be
   * spoofed, get half of the line, and give way to who answered at their endpoint.
   */
  private boolean enqueue(Contact contact, boolean answeredUs) {
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
    if (table == null || !hasRoom(table, contact, next.answeredUs)) {
      giveUp(contact.endpoint());
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

  /** Ends a verification; returns the candidate for whom a place was kept free, or null. */
  private @Nullable Contact end(Endpoint endpoint) {
    if (!underWay.isEmpty() && underWay.remove(endpoint) && underWay.isEmpty()) {
      underWay = Collections.emptySet();
    }
    Contact ended = null;
    for (int i = favoured.size() - 1; i >= 0; i--) {
      if (favoured.get(i).endpoint().equals(endpoint)) {
        ended = favoured.remove(i);
      }
    }
    favoured = favoured.isEmpty() ? Collections.emptyList() : favoured;
    return ended;
  }

  boolean isVerifying(Request request) {
    return request.purpose == Request.Purpose.VERIFY
        || request.purpose == Request.Purpose.VERIFY_SOURCE;
  }

  void onFailure(Request request) {
    giveUp(request.endpoint);
  }

  void onAnswer(Request request, Contact contact, Packet packet, long nowNanos) {
    boolean found = request.purpose == Request.Purpose.VERIFY;
    if (packet.kind == Kind.ERROR || packet.readOnly) {
      giveUp(request.endpoint);
    } else if (!core.config.proofOfId()) {
      insert(contact, false, found, nowNanos);
    } else {
      ProofCheck.begin(
          new ProofCheck.Parts(core, requests, nowNanos),
          request,
          contact,
          packet,
          (proof, now) -> {
            if (proof == LookupStep.Proof.GOOD) {
              insert(contact, true, found, now);
            } else {
              giveUp(contact.endpoint());
            }
          });
    }
  }

  /** Ends a verification that failed; a place that was kept free goes to the next candidate. */
  private void giveUp(Endpoint endpoint) {
    Contact candidate = end(endpoint);
    if (candidate != null) {
      replaceFrom(core.table(endpoint.family()), candidate);
      replaceFrom(secondFor(candidate), candidate);
    }
  }

  private void replaceFrom(@Nullable RoutingTable table, Contact candidate) {
    Contact next = table == null ? null : table.pollCandidate(candidate.id());
    if (next != null) {
      replace(next);
    }
  }

  /** Takes in a contact that a lookup found, and that proved its id to it. */
  void take(Contact contact, long nowNanos) {
    insert(contact, true, true, nowNanos);
  }

  private void insert(Contact contact, boolean proven, boolean found, long nowNanos) {
    end(contact.endpoint());
    RoutingTable table = core.table(contact.endpoint().family());
    if (table != null && insert(table, contact, new Word(proven, found), nowNanos)) {
      core.count(Counter.CONTACTS_ADDED);
      listener.onAdded(contact, nowNanos);
    }
    RoutingTable second = secondFor(contact);
    if (second != null) {
      insert(second, contact, new Word(proven, found), nowNanos);
    }
  }

  /** What is known of a contact, see {@link RoutingTable#insert}. */
  private record Word(boolean proven, boolean found) {}

  /** Gives a table a contact; tells whether it was taken as a new one. */
  private boolean insert(RoutingTable table, Contact contact, Word word, long nowNanos) {
    InsertOutcome outcome = table.insert(contact, word.proven, word.found, nowNanos);
    if (outcome instanceof InsertOutcome.PingOldest ping) {
      listener.onOldest(ping.oldest(), nowNanos);
    }
    return outcome instanceof InsertOutcome.Inserted;
  }

  /**
   * Notes in the tables that a contact answered, and who offers something no longer. What the first
   * table knows the second may take, and the other way round: it has proved its id.
   *
   * @param readOnly whether it asks not to be told to others, as they cannot reach it any more
   * @return whether it was in a table
   */
  boolean noteAnswer(Contact contact, boolean readOnly, long nowNanos) {
    AddressFamily family = contact.endpoint().family();
    RoutingTable table = core.table(family);
    boolean known = table != null && table.onResponse(contact, nowNanos);
    if (table != null && known && readOnly) {
      table.remove(contact.id());
      core.count(Counter.CONTACTS_EVICTED);
    }
    RoutingTable second = core.serviceTable(family);
    if (table == null || second == null) {
      return known;
    }
    boolean offers = !readOnly && secondFor(contact) != null;
    boolean knownInSecond = second.onResponse(contact, nowNanos);
    if (knownInSecond && !offers) {
      second.remove(contact.id());
    } else if (offers && known && !knownInSecond) {
      insert(second, contact, new Word(false, table.isFound(contact)), nowNanos);
    } else if (offers && knownInSecond && !known && table.hasRoomFor(contact, true, 0)) {
      insert(contact, false, second.isFound(contact), nowNanos);
    }
    return known || knownInSecond;
  }

  /** Notes that a contact did not answer; returns whether the first table gave it up. */
  boolean noteFailure(Contact contact, boolean alone, long nowNanos) {
    AddressFamily family = contact.endpoint().family();
    RoutingTable table = core.table(family);
    int before = table == null ? 0 : table.size();
    Contact candidate = table == null ? null : table.onFailure(contact, alone, nowNanos);
    if (candidate != null) {
      replace(candidate);
    }
    RoutingTable second = core.serviceTable(family);
    Contact other = second == null ? null : second.onFailure(contact, alone, nowNanos);
    if (other != null) {
      replace(other);
    }
    return table != null && table.size() < before;
  }
}
