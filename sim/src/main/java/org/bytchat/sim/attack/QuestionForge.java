package org.bytchat.sim.attack;

import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.scenario.Attack;

/**
 * Makes the questions that have most bytes sent to whom they name, for each byte of their own.
 *
 * <p>An answer has at most three times a question's bytes. So each question is as short as its
 * answer allows, or, if nothing else, not padded at all. If the node does not know the endpoint, a
 * longer question has it send a verifying ping as well: the asker's id is so near to the node's
 * that its bucket has room.
 */
final class QuestionForge {

  /** The bits of a transaction that tell its question. */
  private static final int QUESTION_BITS = 3;

  /** So much of a question's budget must be left to its answer beside a verifying ping. */
  private static final int ANSWER_BUDGET_MIN = 3 * WireLimits.DATAGRAM_BYTES_MIN;

  /** Any version, features as long as they get, and an address: what answers have. */
  private static final int VERSION = 0x42430001;

  private static final int FEATURES = 0xff;
  private static final Endpoint ANYWHERE = Endpoint.ofIpv4(0x0801_0101, 4_000);
  private static final Contact ANYBODY = Contact.of(NodeId.ZERO, ANYWHERE, 0);

  private final int networkId;
  private final long seed;
  private final int proofBytes;
  private final int contactsBytes;
  private final Packet packet = new Packet();

  /**
   * Makes a forge.
   *
   * @param networkId the network
   * @param bucketSize contacts in a full answer
   * @param seed of ids, keys and challenges
   */
  QuestionForge(int networkId, int bucketSize, long seed) {
    this.networkId = networkId;
    this.seed = seed;
    BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);
    Packet answer = new Packet();
    beginAnswer(answer);
    answer.hasProof = true;
    this.proofBytes = codec.sizeOf(answer);
    beginAnswer(answer);
    answer.tokenLength = WireLimits.TOKEN_BYTES;
    answer.contacts4Count = Math.min(bucketSize, WireLimits.CONTACTS_MAX);
    for (int i = 0; i < answer.contacts4Count; i++) {
      answer.contacts4[i] = ANYBODY;
    }
    // One more is kept by who answers, see the engine's answers with contacts.
    this.contactsBytes = codec.sizeOf(answer) + 1;
  }

  private void beginAnswer(Packet answer) {
    answer.clear();
    answer.kind = Kind.RESPONSE;
    answer.networkId = networkId;
    answer.version = VERSION;
    answer.features = FEATURES;
    answer.transactionId = -1;
    answer.observed = ANYWHERE;
  }

  /**
   * Makes a question.
   *
   * @param question what is asked
   * @param target who is asked
   * @param number which question of all it is, so that ids and keys are new
   * @param isNew whether the node may be had to ping the source too
   * @return the packet, good until the next call
   */
  Packet make(Attack.Question question, NodeId target, long number, boolean isNew) {
    long bits = Mix.combine(seed, number);
    packet.clear();
    packet.kind = Kind.QUERY;
    packet.networkId = networkId;
    packet.transactionId = transactionOf(question, bits);
    packet.sender(NodeId.of(target.high(), Mix.at(bits, 1), (int) Mix.at(bits, 2)));
    int ping = isNew ? WireLimits.CHALLENGE_PADDED_BYTES : 0;
    switch (question) {
      case PING -> plain(ping);
      case PROOF -> {
        packet.method = Method.PING;
        packet.hasChallenge = true;
        for (int i = 0; i < packet.challenge.length; i++) {
          packet.challenge[i] = (byte) Mix.at(bits, 3 + i);
        }
        packet.paddedBytes = lengthFor(proofBytes + ping);
      }
      case FIND_NODE, GET -> {
        boolean isGet = question == Attack.Question.GET;
        packet.method = isGet ? Method.GET : Method.FIND_NODE;
        packet.key(NodeId.of(Mix.at(bits, 3), Mix.at(bits, 4), (int) Mix.at(bits, 5)));
        packet.paddedBytes = lengthFor(contactsBytes);
      }
      case FORWARD -> {
        // Such a question has the node verify nobody.
        plain(0);
        packet.forward = true;
      }
      case ALL -> throw new IllegalArgumentException("not one question");
    }
    return packet;
  }

  private void plain(int ping) {
    packet.method = Method.PING;
    packet.paddedBytes = ping == 0 ? 0 : lengthFor(ping + ANSWER_BUDGET_MIN);
  }

  /** Returns the least length of a question that so much may be sent for. */
  private static int lengthFor(int bytes) {
    return Math.min(
        WireLimits.DATAGRAM_BYTES,
        (bytes + WireLimits.AMPLIFICATION_FACTOR - 1) / WireLimits.AMPLIFICATION_FACTOR);
  }

  // An answer bears its question's transaction, and so tells what was asked.

  private static long transactionOf(Attack.Question question, long bits) {
    return bits << QUESTION_BITS | question.ordinal();
  }

  /**
   * Returns what a transaction's question was; {@link Attack.Question#ALL} if it was no forged one.
   */
  static Attack.Question questionOf(long transactionId) {
    int index = (int) transactionId & (1 << QUESTION_BITS) - 1;
    return Attack.Question.values()[Math.min(index, Attack.Question.ALL.ordinal())];
  }
}
