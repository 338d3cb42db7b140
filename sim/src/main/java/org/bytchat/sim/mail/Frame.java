package org.bytchat.sim.mail;

import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;

/** What goes through the stream between two machines. */
sealed interface Frame {

  /**
   * Names a stream.
   *
   * @param dialer the machine that opened it
   * @param number which of its streams, in all lives
   */
  record Stream(int dialer, long number) {}

  Stream stream();

  /** Opens the stream. */
  record Dial(Stream stream) implements Frame {}

  /** The stream is open. */
  record Accept(Stream stream, byte[] handshakeHash) implements Frame {}

  /** A request. */
  record Ask(Stream stream, long requestId, Request request) implements Frame {}

  /** A part of the answer to one. */
  record Answer(Stream stream, long requestId, Response response) implements Frame {}

  /** The stream is no more; to the one who dialled it, or from them. */
  record Close(Stream stream, boolean toDialer) implements Frame {}
}
