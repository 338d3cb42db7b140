package org.bytchat.dht.testkit;

import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;

/**
 * Endpoints for the nodes of a run: public-looking ones, two to a subnet and four to a network as
 * the Internet's might be, or the ports of one loopback address.
 */
public final class AddressPlan {

  /** First bytes of IPv4 addresses with nothing special among them. */
  private static final int[] FIRST_BYTES = {23, 45, 62, 81, 94, 109, 133, 151, 178, 185, 203, 212};

  private static final int PER_NETWORK = 4;
  private static final int PER_SUBNET = 2;

  private final long seed;
  private final Scope scope;

  /**
   * Makes a plan.
   *
   * @param seed the run's seed
   * @param scope public-looking or local addresses
   */
  public AddressPlan(long seed, Scope scope) {
    this.seed = seed;
    this.scope = scope;
  }

  /**
   * Returns the endpoint of a node.
   *
   * @param index the node's number, 0 to 10,000
   * @param family which of its endpoints
   * @return an endpoint that no other index has
   */
  public Endpoint endpoint(int index, AddressFamily family) {
    if (scope == Scope.LOCAL) {
      return family == AddressFamily.IPV4
          ? Endpoint.ofIpv4(127 << 24 | 1, 10_000 + index)
          : Endpoint.ofIpv6(0, 1, 10_000 + index);
    }
    int network = index / PER_NETWORK;
    int within = index % PER_NETWORK;
    int first = FIRST_BYTES[network % FIRST_BYTES.length];
    int shift = (int) (Seeds.derive(seed, 1) & 0xff);
    int second = network / FIRST_BYTES.length + shift & 0xff;
    int third = within / PER_SUBNET;
    int port = 1024 + (int) (Seeds.derive(seed, 2 + index) >>> 48) % 60_000;
    if (family == AddressFamily.IPV4) {
      return Endpoint.ofIpv4(first << 24 | second << 16 | third << 8 | 1 + within, port);
    }
    long high = 0x2a00L << 48 | (long) (first << 8 | second) << 32 | (long) third << 16;
    return Endpoint.ofIpv6(high, 1 + within, port);
  }
}
