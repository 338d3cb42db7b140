package org.bytchat.sim.attack;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.ParseOutcome;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.Stranger;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.scenario.Attack;
import org.jspecify.annotations.Nullable;

/**
 * Answers as a node would, and lies. It has a key and can prove its id; the names that are made up
 * for it it cannot prove. Belongs to the thread of its place.
 */
public final class HostileNode implements Stranger {

  /** The answer without its contacts, with all that one can have beside them. */
  private static final int ANSWER_BYTES = 130;

  /** What it claims is newer than what the claimant could have seen. */
  private static final long CLAIMED_AHEAD_MILLIS = 1_000;

  private final Crowd crowd;
  private final int number;
  private final NodeIdentity identity;
  private final Packet packet = new Packet();

  /** By place, what it was given; never walked through. */
  private final Map<NodeId, MutableRecord> held = new HashMap<>();

  private long asked;
  private long queries;
  private long answers;
  private long bytesSent;
  private long bytesReceived;
  private long putsTaken;

  /**
   * Makes a hostile node.
   *
   * @param crowd those whom it works with
   * @param number its number among them
   * @param identity its key
   */
  public HostileNode(Crowd crowd, int number, NodeIdentity identity) {
    this.crowd = crowd;
    this.number = number;
    this.identity = identity;
  }

  /**
   * Asks a node for those near the own id, so that it considers this one for its table.
   *
   * @param self the own place
   * @param to where the node is
   * @param control sends messages
   */
  public void ask(SimNode self, Endpoint to, World.Control control) {
    begin(Kind.QUERY, Mix.combine(Mix.combine(identity.id().high(), control.nowMicros()), asked++));
    packet.method = Method.FIND_NODE;
    packet.key(identity.id());
    packet.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
    queries++;
    bytesSent += control.send(self, to, packet);
  }

  private void begin(Kind kind, long transactionId) {
    packet.clear();
    packet.kind = kind;
    packet.transactionId = transactionId;
    packet.networkId = crowd.setting().networkId();
    packet.features = crowd.setting().services();
    packet.sender(identity.id());
  }

  @Override
  public void onPacket(SimNode self, Packet inbound, Endpoint from, World.Control control) {
    onDatagram(self, inbound, WireLimits.QUERY_PADDED_BYTES_IPV4, from, control);
  }

  @Override
  public void onDatagram(
      SimNode self, Packet inbound, int bytes, Endpoint from, World.Control control) {
    bytesReceived += bytes;
    if (inbound.kind != Kind.QUERY
        || inbound.networkId != crowd.setting().networkId()
        || !prepare(inbound, bytes, from, control.nowMicros())) {
      return;
    }
    answers++;
    bytesSent += control.send(self, from, packet);
  }

  /** Makes an answer; false for silence. */
  private boolean prepare(Packet query, int bytes, Endpoint from, long nowMicros) {
    begin(Kind.RESPONSE, query.transactionId);
    packet.observed = from;
    NodeId key = query.key();
    return switch (query.method) {
      case PING -> {
        if (query.hasChallenge) {
          prove(query, from);
        }
        yield true;
      }
      case FIND_NODE -> key != null && refer(query, key, bytes, nowMicros);
      case GET -> key != null && give(query, key, bytes, nowMicros);
      case PUT -> key != null && take(query, key);
      case UNKNOWN, GET_PEERS, ANNOUNCE_PEER, BIND, FIND -> false;
    };
  }

  private void prove(Packet query, Endpoint from) {
    byte[] statement =
        SignedBytes.proof(
            crowd.setting().networkId(), identity.id(), query.challenge, query.sender(), from);
    byte[] publicKey = identity.publicKey();
    byte[] signature = identity.sign(statement);
    packet.hasProof = true;
    System.arraycopy(publicKey, 0, packet.publicKey, 0, publicKey.length);
    System.arraycopy(signature, 0, packet.signature, 0, signature.length);
  }

  /** Names others, unless it keeps silent; it accepts any token, so that each has one. */
  private boolean refer(Packet query, NodeId key, int bytes, long nowMicros) {
    Crowd.Manner manner = crowd.manner();
    if (manner.lie() == Attack.Lie.DROP) {
      return false;
    }
    NodeId near = query.place == null ? key : query.place;
    packet.sender(crowd.idFor(number, near));
    issueToken();
    NodeId asker = query.sender();
    List<Contact> named = crowd.answer(number, near, asker, nowMicros);
    int room = Math.min(WireLimits.DATAGRAM_BYTES, WireLimits.AMPLIFICATION_FACTOR * bytes);
    int fitting = Math.max(0, (room - ANSWER_BYTES) / AddressFamily.IPV4.contactBytes());
    int count = 0;
    for (Contact contact : named) {
      if (count < fitting && !contact.id().equals(asker)) {
        packet.contacts4[count++] = contact;
      }
    }
    packet.contacts4Count = count;
    return true;
  }

  private void issueToken() {
    packet.tokenLength = WireLimits.TOKEN_BYTES;
    for (int i = 0; i < WireLimits.TOKEN_BYTES; i++) {
      packet.token[i] = (byte) (number >>> 8 * (i % Integer.BYTES));
    }
  }

  // Records.

  private boolean give(Packet query, NodeId key, int bytes, long nowMicros) {
    MutableRecord record = held.get(key);
    if (!refer(query, key, bytes, nowMicros)) {
      return false;
    }
    switch (crowd.manner().holding()) {
      case WITHHOLD -> {
        // As if it had none.
      }
      case CLAIM ->
          packet.sequence = SimWorld.WALL_MILLIS + nowMicros / 1000 + CLAIMED_AHEAD_MILLIS;
      case KEEP, ROLL_BACK -> giveHeld(query, record);
    }
    return true;
  }

  private void giveHeld(Packet query, @Nullable MutableRecord record) {
    if (record == null) {
      return;
    }
    packet.sequence = record.sequence();
    if (query.tokenLength > 0) {
      packet.contacts4Count = -1;
      packet.record = record.bytes();
      packet.recordLength = record.size();
    }
  }

  private boolean take(Packet query, NodeId key) {
    byte[] bytes = query.record();
    if (crowd.manner().lie() == Attack.Lie.DROP
        || bytes == null
        || !(StoredItem.parse(bytes) instanceof ParseOutcome.Parsed parsed)) {
      return false;
    }
    packet.sender(crowd.idFor(number, query.place == null ? key : query.place));
    if (parsed.item() instanceof MutableRecord record) {
      packet.sequence = record.sequence();
      boolean isFirst = crowd.manner().holding() == Attack.Holding.ROLL_BACK;
      held.merge(
          record.key(),
          record,
          (before, now) -> isFirst == before.sequence() < now.sequence() ? before : now);
    } else {
      packet.sequence = 0;
    }
    putsTaken++;
    return true;
  }

  // What it did.

  /**
   * Returns how many queries it sent.
   *
   * @return the count
   */
  public long queries() {
    return queries;
  }

  /**
   * Returns how many queries it answered.
   *
   * @return the count
   */
  public long answers() {
    return answers;
  }

  /**
   * Returns how much it sent.
   *
   * @return bytes, without the headers of UDP and IP
   */
  public long bytesSent() {
    return bytesSent;
  }

  /**
   * Returns how much arrived.
   *
   * @return bytes, without the headers of UDP and IP
   */
  public long bytesReceived() {
    return bytesReceived;
  }

  /**
   * Returns how many puts it said to have stored.
   *
   * @return the count
   */
  public long putsTaken() {
    return putsTaken;
  }
}
