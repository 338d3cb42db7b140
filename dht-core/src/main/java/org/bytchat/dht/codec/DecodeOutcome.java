package org.bytchat.dht.codec;

import org.apiguardian.api.API;

/** What became of decoding a datagram: a message, or the first reason why it is none. */
@API(status = API.Status.EXPERIMENTAL)
public enum DecodeOutcome {
  /** A whole, well-formed message. */
  DECODED,
  /** A query whose envelope is whole but whose arguments are not: it is answered with an error. */
  BAD_ARGUMENTS,
  /** Shorter than any message. */
  TOO_SHORT,
  /** Longer than a datagram may be. */
  TOO_LONG,
  /** Ends before a value does, or claims more bytes or items than there are. */
  TRUNCATED,
  /** Has bytes after its map. */
  TRAILING_BYTES,
  /** Is not a map, or a value has the wrong type or length. */
  WRONG_TYPE,
  /** An integer or a length is not written in its shortest form. */
  NOT_MINIMAL,
  /** A known key stands twice in one map. */
  DUPLICATE_KEY,
  /** A map has more entries than any message. */
  TOO_MANY_ENTRIES,
  /** One of {@code t}, {@code y}, {@code id}, {@code n} is missing, or the kind's own part is. */
  MISSING_KEY,
  /** {@code y} is none of the three kinds. */
  UNKNOWN_KIND,
  /** The keys of a bencoded dictionary do not rise. */
  UNSORTED_KEYS,
  /** Is nested deeper than any bencoded message. */
  TOO_DEEP;

  /**
   * Tells whether the packet's envelope can be used.
   *
   * @return true for {@link #DECODED} and {@link #BAD_ARGUMENTS}
   */
  public boolean hasEnvelope() {
    return this == DECODED || this == BAD_ARGUMENTS;
  }
}
