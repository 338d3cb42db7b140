package org.bytchat.dht.config;

import org.apiguardian.api.API;

/** What a node speaks: how messages are encoded, what ids are made of, and what is stored. */
@API(status = API.Status.EXPERIMENTAL)
public enum Dialect {
  /** Our own, {@code docs/protocol.md}. */
  BYTCHAT,
  /** That of BitTorrent's Mainline DHT: BEP 5, 32, 42, 43 and 44, {@code docs/mainline.md}. */
  MAINLINE
}
