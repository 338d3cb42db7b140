package org.bytchat.dht.wire;

import org.apiguardian.api.API;

/** The three kinds of datagrams. */
@API(status = API.Status.EXPERIMENTAL)
public enum Kind {
  /** A question, {@code y = "q"}. */
  QUERY('q'),
  /** An answer to a question, {@code y = "r"}. */
  RESPONSE('r'),
  /** A refusal of a question, {@code y = "e"}. */
  ERROR('e');

  private final char code;

  Kind(char code) {
    this.code = code;
  }

  /**
   * Returns the letter of the wire.
   *
   * @return {@code q}, {@code r} or {@code e}
   */
  public char code() {
    return code;
  }
}
