package org.bytchat.dht.config;

import org.apiguardian.api.API;

/** Which addresses a node talks to. */
@API(status = API.Status.EXPERIMENTAL)
public enum Scope {
  /** The Internet: contacts with private, loopback or unspecified addresses are dropped. */
  PUBLIC,
  /**
   * A laboratory, one host or one private network: local addresses are taken, exempt from diversity
   * limits, and rate limits are kept for each endpoint rather than each address.
   */
  LOCAL
}
