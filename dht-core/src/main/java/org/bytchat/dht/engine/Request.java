package org.bytchat.dht.engine;

import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.time.Timed;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/** A request under way: what was asked of whom, why, and how often. */
final class Request extends Timed {

  /** Who is told what becomes of a request. */
  enum Purpose {
    /** Somebody called {@link NodeEngine#startPing}. */
    USER_PING,
    /** A lookup asks a candidate. */
    LOOKUP,
    /** The first datagram to a bootstrap endpoint, whose id is not known. */
    BOOTSTRAP,
    /** A contact that was evicted is asked whether it is back. */
    LOST,
    /** A contact that is known to be there is asked to prove its id. */
    VERIFY,
    /** The same for a source that only asked us something; it is pinged once and never again. */
    VERIFY_SOURCE,
    /** A contact of the table is asked whether it is still there. */
    CHECK,
    /** A contact is asked to have a third node reach us. */
    REACHABILITY,
    /** A contact is asked to reach somebody else. */
    FORWARD,
    /** Somebody is reached on behalf of a contact; pinged once. */
    REACH_OUT,
    /** A holder is asked for an item, or to take one. */
    STORE;

    /**
     * Tells whether the target may have been named by somebody else and so gets one datagram only.
     */
    boolean isSingle() {
      return this == VERIFY_SOURCE || this == REACH_OUT || this == FORWARD;
    }

    /** Tells whether who answers counts as found: others choose the rest, or they were lost. */
    boolean finds() {
      return this != REACH_OUT && this != LOST && this != STORE;
    }
  }

  final Purpose purpose;
  final Method method;
  final Endpoint endpoint;

  /** The node that must answer; its id is not known for bootstrap endpoints and pings. */
  final @Nullable Contact contact;

  long transactionId;

  /** The user's ping, or the attempt to join, that this belongs to. */
  long reference;

  /** The lookup that this belongs to. */
  LookupPool.@Nullable Active lookup;

  /** What a find_node, get or put is about. */
  @Nullable NodeId key;

  /** Where the item lies, if that is not the key. */
  @Nullable NodeId place;

  /**
   * The token of who is asked: without it a holder gives and takes no item, and a node that is
   * asked for many proofs signs none.
   */
  byte @Nullable [] token;

  /** What is to be stored. */
  @Nullable StoredItem item;

  /** Compare-and-swap: the sequence to be replaced, or -1. */
  long expectedSequence = StorePut.ANY_SEQUENCE;

  /** What is to be announced or put in Mainline's dialect. */
  @Nullable MainlineStore mainline;

  /** Who is told, if this is for {@link Purpose#STORE}. */
  @Nullable Reply reply;

  @Nullable AddressFamily want;

  /** The service bits that each contact in the answer must have. */
  int services;

  /** What a service is asked. */
  byte @Nullable [] payload;

  /** Whom a forwarded ping is for. */
  @Nullable Endpoint forwardTo;

  boolean challenged;
  int attempts;
  long firstSentNanos;
  boolean slow;

  /** Whether another node answered from the endpoint than was asked. */
  boolean isElsewhere;

  /** Takes what becomes of a request for {@link Purpose#STORE}. */
  interface Reply {

    /** The holder answered, perhaps with an error; the packet is the engine's. */
    void onAnswer(Packet packet, long nowNanos);

    /** The holder did not answer in time. */
    void onFailure(long nowNanos);
  }

  Request(Purpose purpose, Method method, Endpoint endpoint, @Nullable Contact contact) {
    this.purpose = purpose;
    this.method = method;
    this.endpoint = endpoint;
    this.contact = contact;
  }

  /** Tells of an answer to a request for {@link Purpose#STORE}. */
  void tellAnswer(Packet packet, long nowNanos) {
    if (reply != null) {
      reply.onAnswer(packet, nowNanos);
    }
  }

  /** Tells of the failure of a request for {@link Purpose#STORE}. */
  void tellFailure(long nowNanos) {
    if (reply != null) {
      reply.onFailure(nowNanos);
    }
  }

  static Request ping(Purpose purpose, Contact contact) {
    return new Request(purpose, Method.PING, contact.endpoint(), contact);
  }

  static Request findNode(
      Purpose purpose, Endpoint endpoint, @Nullable Contact contact, NodeId key) {
    Request request = new Request(purpose, Method.FIND_NODE, endpoint, contact);
    request.key = key;
    return request;
  }
}
