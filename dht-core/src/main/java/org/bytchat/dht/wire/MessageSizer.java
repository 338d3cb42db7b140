package org.bytchat.dht.wire;

import org.apiguardian.api.API;

/**
 * Tells the engine how long a message will be, so that it keeps to the amplification factor and to
 * the size of a datagram without encoding, and so that a simulation without a codec has exact
 * sizes.
 */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface MessageSizer {

  /**
   * Returns the exact encoded length.
   *
   * @param packet a message that could be encoded
   * @return the bytes of its datagram, padding included; may exceed the limit of a datagram
   */
  int sizeOf(Packet packet);
}
