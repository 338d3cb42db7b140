package org.bytchat.dht.codec;

import org.apiguardian.api.API;
import org.bytchat.dht.wire.MessageSizer;
import org.bytchat.dht.wire.Packet;

/**
 * Bytes to messages and back, for one dialect.
 *
 * <p>Both directions are total functions over caller-owned byte ranges: no input makes them throw,
 * and they allocate nothing but the contacts and endpoints of a decoded message. One instance
 * belongs to one thread.
 */
@API(status = API.Status.EXPERIMENTAL)
public interface MessageCodec extends MessageSizer {

  /**
   * Decodes one datagram.
   *
   * @param buffer holds the datagram
   * @param offset index of its first byte
   * @param length its length
   * @param packet cleared and filled; without an envelope its content is unspecified
   * @return what became of it
   */
  DecodeOutcome decode(byte[] buffer, int offset, int length, Packet packet);

  /**
   * Encodes one message.
   *
   * @param packet the message; {@link #sizeOf} tells whether it fits a datagram
   * @param buffer takes the bytes; must have room for {@code sizeOf(packet)} from the offset on
   * @param offset index of the first byte written
   * @return how many bytes were written, equal to {@code sizeOf(packet)}
   */
  int encode(Packet packet, byte[] buffer, int offset);
}
