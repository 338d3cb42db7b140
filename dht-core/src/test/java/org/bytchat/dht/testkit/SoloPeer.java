package org.bytchat.dht.testkit;

import java.util.Random;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/**
 * Somebody whom a {@link Solo} node talks to, made by a test message by message. Public fields may
 * be changed to tell lies.
 */
public final class SoloPeer {

  /** Its key, a real one. */
  public final NodeIdentity identity;

  /** Where it is. */
  public final Endpoint endpoint;

  private final Random random;

  /**
   * Makes a peer.
   *
   * @param random where its key and its transaction ids come from
   * @param endpoint where it is
   */
  public SoloPeer(Random random, Endpoint endpoint) {
    byte[] seed = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(seed);
    this.identity = NodeIdentity.of(Ed25519Scheme.INSTANCE, seed);
    this.endpoint = endpoint;
    this.random = random;
  }

  /**
   * Returns its id.
   *
   * @return the id
   */
  public NodeId id() {
    return identity.id();
  }

  /**
   * Returns the peer as others know it.
   *
   * @return a contact without services
   */
  public Contact contact() {
    return Contact.of(id(), endpoint, 0);
  }

  /**
   * Makes a query.
   *
   * @param method what it asks
   * @return the query, without arguments
   */
  public Packet query(Method method) {
    Packet packet = begin(Kind.QUERY, random.nextLong());
    packet.method = method;
    return packet;
  }

  /**
   * Makes a padded query for contacts.
   *
   * @param key the key
   * @return the query
   */
  public Packet findNode(NodeId key) {
    Packet packet = query(Method.FIND_NODE);
    packet.key(key);
    packet.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
    return packet;
  }

  /**
   * Makes an answer.
   *
   * @param query the node's query
   * @param contacts the contacts that it names, IPv4
   * @return the answer
   */
  public Packet answer(Packet query, Contact... contacts) {
    Packet packet = begin(Kind.RESPONSE, query.transactionId);
    if (query.method == Method.FIND_NODE) {
      System.arraycopy(contacts, 0, packet.contacts4, 0, contacts.length);
      packet.contacts4Count = contacts.length;
    }
    return packet;
  }

  /**
   * Makes the answer to a challenge.
   *
   * @param query the node's ping
   * @param asker where the peer sees the node
   * @return the answer, with a proof
   */
  public Packet proof(Packet query, Endpoint asker) {
    Packet packet = begin(Kind.RESPONSE, query.transactionId);
    packet.observed = asker;
    packet.hasProof = true;
    byte[] statement =
        SignedBytes.proof(packet.networkId, id(), query.challenge, query.sender(), asker);
    System.arraycopy(identity.publicKey(), 0, packet.publicKey, 0, packet.publicKey.length);
    System.arraycopy(identity.sign(statement), 0, packet.signature, 0, packet.signature.length);
    return packet;
  }

  private Packet begin(Kind kind, long transactionId) {
    Packet packet = new Packet();
    packet.kind = kind;
    packet.transactionId = transactionId;
    packet.sender(id());
    packet.networkId = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
    return packet;
  }

  /**
   * Encodes a message.
   *
   * @param packet the message
   * @return its datagram
   */
  public static byte[] encode(Packet packet) {
    BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);
    byte[] datagram = new byte[codec.sizeOf(packet)];
    codec.encode(packet, datagram, 0);
    return datagram;
  }

  /**
   * Decodes a message.
   *
   * @param datagram its datagram
   * @return the message
   * @throws AssertionError if it is none
   */
  public static Packet decode(byte[] datagram) {
    Packet packet = new Packet();
    BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);
    if (!codec.decode(datagram, 0, datagram.length, packet).hasEnvelope()) {
      throw new AssertionError("no message");
    }
    return packet;
  }
}
