package org.bytchat.dht.wire;

import org.apiguardian.api.API;

/** The service bits of the protocol, which nodes say they offer and lookups ask for. */
@API(status = API.Status.EXPERIMENTAL)
public final class Services {

  /** The node is a tracker: it keeps the bindings of devices, and mailboxes. */
  public static final int TRACKER = 1;

  private Services() {}
}
