package org.bytchat.sim.model;

import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;

/**
 * Public IPv4 endpoints for the nodes of a run, and who has an endpoint.
 *
 * <p>Networks of 16 bits are dealt out in an order that the seed shuffles, one node to each before
 * any gets its next; in a network, each node has a subnet of 24 bits to itself. So n nodes are
 * spread over n /24s, and no /16 has more than one node above the average. Networks that touch a
 * block of IANA's registry of special-purpose addresses are left out.
 *
 * <p>Groups of nodes may crowd in a few subnets instead, each in a network of its own, which are
 * dealt out from the other end of that order.
 *
 * <p>Both directions are arithmetic and small tables, whatever the number of nodes.
 */
public final class AddressPlan {

  private static final int PORT_MIN = 1024;
  private static final int PORTS = 65_536 - PORT_MIN;
  private static final int SUBNETS = 256;
  private static final int HOSTS = 254;

  /** Odd, so that multiplying by it shuffles the subnets of a network. */
  private static final int STEP = 173;

  /** What undoes the multiplication modulo 256. */
  private static final int STEP_INVERSE = 37;

  private static final char NOBODY = 0xffff;

  /** Blocks that are not for hosts of the Internet: first address, bits of the prefix. */
  private static final int[][] SPECIAL = {
    {0, 8},
    {10 << 24, 8},
    {100 << 24 | 64 << 16, 10},
    {127 << 24, 8},
    {169 << 24 | 254 << 16, 16},
    {172 << 24 | 16 << 16, 12},
    {192 << 24, 24},
    {192 << 24 | 2 << 8, 24},
    {192 << 24 | 31 << 16 | 196 << 8, 24},
    {192 << 24 | 52 << 16 | 193 << 8, 24},
    {192 << 24 | 88 << 16 | 99 << 8, 24},
    {192 << 24 | 168 << 16, 16},
    {192 << 24 | 175 << 16 | 48 << 8, 24},
    {198 << 24 | 18 << 16, 15},
    {198 << 24 | 51 << 16 | 100 << 8, 24},
    {203 << 24 | 113 << 8, 24},
    {224 << 24, 3}
  };

  private final long seed;
  private final int nodes;

  /** The networks in the order of this plan. */
  private final char[] networks;

  /** The place of each network in that order. */
  private final char[] places = new char[1 << 16];

  /** In the order of their nodes. */
  private final Group[] groups;

  /** By group, the number of its first subnet; and how many subnets all have. */
  private final int[] firstSubnets;

  /**
   * Nodes that share a few subnets.
   *
   * @param first the number of its first node
   * @param nodes how many it has
   * @param subnets in how many subnets of 24 bits they are, at least 1
   */
  public record Group(int first, int nodes, int subnets) {

    private boolean has(int node) {
      return first <= node && node < first + nodes;
    }
  }

  /**
   * Makes a plan.
   *
   * @param seed the run's seed
   * @param nodes how many nodes there are, 0 to {@link #capacity()}
   * @throws IllegalArgumentException if they are too many
   */
  public AddressPlan(long seed, int nodes) {
    this(seed, nodes, List.of());
  }

  /**
   * Makes a plan.
   *
   * @param seed the run's seed
   * @param nodes how many nodes there are, 0 to {@link #capacity()}, less the groups' subnets
   * @param groups which of them share subnets, in the order of their nodes
   * @throws IllegalArgumentException if they are too many
   */
  public AddressPlan(long seed, int nodes, List<Group> groups) {
    this.groups = groups.toArray(Group[]::new);
    this.firstSubnets = new int[groups.size() + 1];
    for (int i = 0; i < groups.size(); i++) {
      firstSubnets[i + 1] = firstSubnets[i] + groups.get(i).subnets;
    }
    Checked.range("nodes with addresses", nodes, 0, capacity() - firstSubnets[groups.size()]);
    this.seed = Mix.seed(seed, Purpose.ADDRESS);
    this.nodes = nodes;
    networks = Usable.NETWORKS.clone();
    shuffle(networks, this.seed);
    Arrays.fill(places, NOBODY);
    for (int place = 0; place < networks.length; place++) {
      places[networks[place]] = (char) place;
    }
  }

  /**
   * Returns how many nodes can have addresses.
   *
   * @return about 14 million
   */
  public static int capacity() {
    return Usable.NETWORKS.length * SUBNETS;
  }

  /**
   * Returns how many nodes have addresses.
   *
   * @return 0 to {@link #capacity()}
   */
  public int nodes() {
    return nodes;
  }

  /**
   * Makes the endpoint of a node.
   *
   * @param node the node's number
   * @return a routable endpoint whose address no other node has
   * @throws IndexOutOfBoundsException if there is no such node
   */
  public Endpoint endpoint(int node) {
    if (node < 0 || node >= nodes) {
      throw new IndexOutOfBoundsException("node " + node + " of " + nodes);
    }
    for (int i = 0; i < groups.length; i++) {
      if (groups[i].has(node)) {
        return crowded(i, node - groups[i].first);
      }
    }
    int network = networks[node % networks.length];
    int subnet = node / networks.length * STEP + first(network) & 0xff;
    long bits = Mix.at(seed, node);
    return Endpoint.ofIpv4(network << 16 | subnet << 8 | host(bits), port(bits));
  }

  /** Makes the endpoint of a member of a group: in each subnet one host after the other. */
  private Endpoint crowded(int group, int member) {
    int subnets = groups[group].subnets;
    int number = firstSubnets[group] + member % subnets;
    int network = networks[networks.length - 1 - number % networks.length];
    int subnet = lastRound(number) * STEP + first(network) & 0xff;
    int place = member / subnets;
    int host = 1 + place % HOSTS;
    int port = PORT_MIN + (firstPort(number) + place / HOSTS) % PORTS;
    return Endpoint.ofIpv4(network << 16 | subnet << 8 | host, port);
  }

  /** Groups take the subnets of a network that its nodes would get last. */
  private int lastRound(int number) {
    return SUBNETS - 1 - number / networks.length;
  }

  private int firstPort(int number) {
    return Mix.below(Mix.at(seed, Long.MIN_VALUE + number), PORTS);
  }

  /** Returns which member of a group has an endpoint, or -1. */
  private int memberAt(int number, int address, int port) {
    int group = 0;
    while (group < groups.length && number >= firstSubnets[group + 1]) {
      group++;
    }
    int host = (address & 0xff) - 1;
    if (group == groups.length || host < 0 || host >= HOSTS) {
      return -1;
    }
    int over = Math.floorMod(port - PORT_MIN - firstPort(number), PORTS);
    long place = (long) over * HOSTS + host;
    long member = place * groups[group].subnets + number - firstSubnets[group];
    return port >= PORT_MIN && member < groups[group].nodes
        ? groups[group].first + (int) member
        : -1;
  }

  /**
   * Makes an endpoint where nobody is.
   *
   * @param bits what it follows from
   * @return a routable endpoint
   */
  public Endpoint nobody(long bits) {
    long drawn = bits;
    while (true) {
      int network = networks[Mix.below(Mix.at(drawn, 0), networks.length)];
      long rest = Mix.at(drawn, 1);
      int address = network << 16 | (int) (rest >>> 56) << 8 | host(rest);
      Endpoint endpoint = Endpoint.ofIpv4(address, port(rest));
      if (indexOf(endpoint) < 0) {
        return endpoint;
      }
      drawn = Mix.at(drawn, 2);
    }
  }

  /**
   * Returns who has an endpoint.
   *
   * @param endpoint any endpoint
   * @return the node's number, -1 if nobody has it
   */
  public int indexOf(Endpoint endpoint) {
    return endpoint.family() == AddressFamily.IPV4
        ? indexOf((int) endpoint.addressLow(), endpoint.port())
        : -1;
  }

  /**
   * Returns who has an endpoint.
   *
   * @param address the IPv4 address, big-endian
   * @param port the port
   * @return the node's number, -1 if nobody has it
   */
  public int indexOf(int address, int port) {
    int network = address >>> 16;
    int place = places[network];
    if (place == NOBODY) {
      return -1;
    }
    int round = ((address >>> 8) - first(network)) * STEP_INVERSE & 0xff;
    if (groups.length > 0) {
      int number = (SUBNETS - 1 - round) * networks.length + networks.length - 1 - place;
      if (number < firstSubnets[groups.length]) {
        return memberAt(number, address, port);
      }
    }
    int node = round * networks.length + place;
    long bits = Mix.at(seed, node);
    boolean isTheirs = node < nodes && host(bits) == (address & 0xff) && port(bits) == port;
    return isTheirs && !isCrowded(node) ? node : -1;
  }

  private boolean isCrowded(int node) {
    if (groups.length == 0 || node < groups[0].first) {
      return false;
    }
    for (Group group : groups) {
      if (group.has(node)) {
        return true;
      }
    }
    return false;
  }

  /** By Fisher and Yates. */
  private static void shuffle(char[] items, long seed) {
    for (int i = items.length - 1; i > 0; i--) {
      // Negative, so that they are not those of nodes.
      int other = Mix.below(Mix.at(seed, -1L - i), i + 1);
      char item = items[i];
      items[i] = items[other];
      items[other] = item;
    }
  }

  /** The subnet in which a network's first node is, in the low 8 bits. */
  private int first(int network) {
    return network * 0x9E37 + (int) seed >>> 8;
  }

  private static int host(long bits) {
    return 1 + (int) ((bits & 0xffff) * HOSTS >>> 16);
  }

  private static int port(long bits) {
    return PORT_MIN + Mix.below(bits, PORTS);
  }

  /** The networks that have nothing special. */
  private static final class Usable {

    static final char[] NETWORKS = networks();

    private static char[] networks() {
      char[] found = new char[1 << 16];
      int count = 0;
      for (int network = 0; network < 1 << 16; network++) {
        if (!isSpecial(network)) {
          found[count++] = (char) network;
        }
      }
      return Arrays.copyOf(found, count);
    }

    private static boolean isSpecial(int network) {
      for (int[] block : SPECIAL) {
        int mask = -1 << 32 - Math.min(16, block[1]);
        if ((network << 16 & mask) == (block[0] & mask)) {
          return true;
        }
      }
      return false;
    }
  }
}
