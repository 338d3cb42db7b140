package org.bytchat.dht.wire;

import org.apiguardian.api.API;

/** What a query asks for. */
@API(status = API.Status.EXPERIMENTAL)
public enum Method {
  /** Are you there, and (with a challenge) are you who you say. */
  PING("ping"),
  /** The closest contacts to a key. */
  FIND_NODE("find_node"),
  /** The record stored at a key, or the closest contacts. */
  GET("get"),
  /** Store a record. */
  PUT("put"),
  /** A well-formed query for something this version does not know. */
  UNKNOWN(""),
  /** Mainline's (BEP 5): who has announced itself under a key. */
  GET_PEERS("get_peers"),
  /** Mainline's (BEP 5): note me under a key. */
  ANNOUNCE_PEER("announce_peer"),
  /** Tell a service of the asked node something about a key. */
  BIND("bind"),
  /** Ask a service of the asked node something about a key. */
  FIND("find");

  private final String wireName;

  Method(String wireName) {
    this.wireName = wireName;
  }

  /**
   * Tells whether a service answers it, and not the node itself.
   *
   * @return whether it is {@link #BIND} or {@link #FIND}
   */
  public boolean isForService() {
    return this == BIND || this == FIND;
  }

  /**
   * Returns the name on the wire.
   *
   * @return the value of {@code q}; empty for {@link #UNKNOWN}
   */
  public String wireName() {
    return wireName;
  }
}
