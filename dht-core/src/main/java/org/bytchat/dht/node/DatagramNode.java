package org.bytchat.dht.node;

import org.apiguardian.api.API;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Packet;

/**
 * A node at the level of bytes: codec and engine together. Its driver gives it datagrams, and takes
 * what {@link DriverResources#transmits} holds after each call on the node or its {@link #engine}.
 *
 * <p>Not thread-safe. Nothing that arrives makes a method throw.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DatagramNode {

  private final DriverResources resources;
  private final NodeEngine engine;

  /**
   * Makes a node; nothing happens before {@link NodeEngine#start}.
   *
   * @param setup key, configuration, families and random numbers
   * @param resources what the driver's nodes share
   */
  public DatagramNode(EngineSetup setup, DriverResources resources) {
    this.resources = resources;
    this.engine = new NodeEngine(setup, resources.workspace(), resources.codec(), this::transmit);
  }

  private int transmit(Endpoint to, Packet packet) {
    TransmitQueue queue = resources.transmits();
    int length = resources.codec().encode(packet, queue.nextBuffer(), 0);
    queue.add(to, length);
    return length;
  }

  /**
   * Handles one datagram.
   *
   * @param buffer holds it; the caller's again after the call
   * @param offset index of its first byte
   * @param length its length
   * @param from where it came from
   * @param nowNanos the time
   */
  public void handleDatagram(byte[] buffer, int offset, int length, Endpoint from, long nowNanos) {
    Packet packet = resources.workspace().inbound();
    DecodeOutcome outcome = resources.codec().decode(buffer, offset, length, packet);
    if (outcome.hasEnvelope()) {
      engine.handlePacket(packet, outcome == DecodeOutcome.DECODED, length, from, nowNanos);
    } else {
      engine.handleMalformed(length);
    }
  }

  /**
   * Returns the engine, for commands, timeouts, effects, events and getters.
   *
   * @return the engine
   */
  public NodeEngine engine() {
    return engine;
  }
}
