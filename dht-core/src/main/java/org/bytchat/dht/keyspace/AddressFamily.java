package org.bytchat.dht.keyspace;

import org.apiguardian.api.API;

/** The address family of an endpoint; each family has a routing table of its own (as BEP 32). */
@API(status = API.Status.EXPERIMENTAL)
public enum AddressFamily {
  /** Addresses of 4 bytes. */
  IPV4(4),
  /** Addresses of 16 bytes. */
  IPV6(16);

  private final int addressBytes;

  AddressFamily(int addressBytes) {
    this.addressBytes = addressBytes;
  }

  /**
   * Returns the length of an address.
   *
   * @return 4 or 16
   */
  public int addressBytes() {
    return addressBytes;
  }

  /**
   * Returns the length of an address and a port as the wire carries them.
   *
   * @return 6 or 18
   */
  public int endpointBytes() {
    return addressBytes + 2;
  }

  /**
   * Returns the length of a contact as the wire carries it: id, endpoint, service bits.
   *
   * @return 27 or 39
   */
  public int contactBytes() {
    return NodeId.BYTES + endpointBytes() + 1;
  }
}
