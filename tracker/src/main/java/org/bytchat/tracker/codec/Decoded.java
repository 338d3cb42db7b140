package org.bytchat.tracker.codec;

import org.apiguardian.api.API;

/**
 * What came of reading a frame that a stranger sent.
 *
 * @param <T> the kind of message
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Decoded<T> {

  /**
   * A message. No signature has been verified.
   *
   * @param <T> the kind of message
   * @param requestId the number of the request that this is or answers, 0 to 2^32 - 1
   * @param message the message
   */
  record Message<T>(long requestId, T message) implements Decoded<T> {}

  /**
   * A whole frame with a request's number, but no message: an unknown name, or a value that is
   * missing, doubled or none. A tracker answers it with {@link
   * org.bytchat.tracker.message.Refusal#MALFORMED}; the session can go on.
   *
   * @param <T> the kind of message
   * @param requestId the number of the request that this is or answers, 0 to 2^32 - 1
   * @param reason what is wrong, for people; nothing of it was chosen by the sender but numbers
   */
  record Malformed<T>(long requestId, String reason) implements Decoded<T> {}

  /**
   * The bytes are no frame, so that nobody can say what they answer or how to answer them. The
   * session is of no more use.
   *
   * @param <T> the kind of message
   * @param reason what is wrong, for people; nothing of it was chosen by the sender but numbers
   */
  record NoFrame<T>(String reason) implements Decoded<T> {}
}
