package org.bytchat.sim.kernel;

import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Packet;

/** Somebody at a place of the network who runs no node, but sends and receives messages. */
@FunctionalInterface
public interface Stranger {

  /**
   * Takes a message.
   *
   * @param self the place
   * @param packet the message, good for this call only
   * @param from where it says that it comes from
   * @param control sends messages
   */
  void onPacket(SimNode self, Packet packet, Endpoint from, World.Control control);

  /**
   * Takes a message of which the length counts; whoever needs the length takes this one.
   *
   * @param self the place
   * @param packet the message, good for this call only
   * @param bytes the length of its datagram
   * @param from where it says that it comes from
   * @param control sends messages
   */
  default void onDatagram(
      SimNode self, Packet packet, int bytes, Endpoint from, World.Control control) {
    onPacket(self, packet, from, control);
  }
}
