package org.bytchat.tracker.wire;

import java.util.Optional;
import org.apiguardian.api.API;

/**
 * What came of reading bytes that a stranger sent: a value, or why they are none.
 *
 * @param <T> what is read
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Parsed<T> {

  /**
   * The bytes are well-formed. No signature has been verified.
   *
   * @param <T> what is read
   * @param value the value
   */
  record Good<T>(T value) implements Parsed<T> {}

  /**
   * The bytes are no such value.
   *
   * @param <T> what is read
   * @param reason what is wrong, for people
   */
  record Malformed<T>(String reason) implements Parsed<T> {}

  /**
   * Returns the value.
   *
   * @return it, or nothing if the bytes are none
   */
  default Optional<T> toOptional() {
    return this instanceof Good<T> good ? Optional.of(good.value()) : Optional.empty();
  }
}
