package org.bytchat.dht.engine;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Packet;

/** Where an engine puts its messages; whoever implements it encodes or copies them at once. */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface Outbox {

  /**
   * Takes a message.
   *
   * @param to where it goes
   * @param packet the message, the engine's again after the call
   * @return its encoded length in bytes
   */
  int send(Endpoint to, Packet packet);
}
