package org.bytchat.sim.attack;

import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.Stranger;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.scenario.Attack;

/**
 * Somebody whose endpoint a {@link Spoofer} names: counts what arrives and never says a word.
 * Belongs to the thread that handles its place.
 */
public final class SilentVictim implements Stranger {

  private final long[] datagrams = new long[Attack.Question.values().length];
  private final long[] bytes = new long[datagrams.length];
  private long verifyingDatagrams;
  private long verifyingBytes;

  @Override
  public void onPacket(SimNode self, Packet packet, Endpoint from, World.Control control) {
    throw new IllegalStateException("a victim counts bytes");
  }

  @Override
  public void onDatagram(
      SimNode self, Packet packet, int length, Endpoint from, World.Control control) {
    Attack.Question cause = causeOf(packet);
    datagrams[cause.ordinal()]++;
    bytes[cause.ordinal()] += length;
    if (packet.kind == Kind.QUERY && packet.hasChallenge) {
      verifyingDatagrams++;
      verifyingBytes += length;
    }
  }

  private static Attack.Question causeOf(Packet packet) {
    if (packet.kind != Kind.QUERY) {
      return QuestionForge.questionOf(packet.transactionId);
    }
    // What made a node verify an endpoint does not show.
    return packet.hasChallenge ? Attack.Question.ALL : Attack.Question.FORWARD;
  }

  /**
   * Returns how many datagrams arrived.
   *
   * @param question in answer to which question; for {@link Attack.Question#FORWARD} also the pings
   *     of third nodes, for {@link Attack.Question#ALL} all that arrived, verifying pings included
   * @return the count
   */
  public long datagrams(Attack.Question question) {
    return Sums.of(datagrams, question);
  }

  /**
   * Returns how many bytes arrived.
   *
   * @param question as for {@link #datagrams}
   * @return payload bytes, without the headers of UDP and IP
   */
  public long bytes(Attack.Question question) {
    return Sums.of(bytes, question);
  }

  /**
   * Returns how many verifying pings arrived. Without proofs of ids they cannot be told from
   * forwarded ones, and count as such.
   *
   * @return the count
   */
  public long verifyingDatagrams() {
    return verifyingDatagrams;
  }

  /**
   * Returns the length of all verifying pings.
   *
   * @return payload bytes
   */
  public long verifyingBytes() {
    return verifyingBytes;
  }
}
