package org.bytchat.tracker.interop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.tracker.Required;

/**
 * Hosts on a switch of their own, as network namespaces of Linux: for programs that refuse the
 * loopback address, and for those that take their address from the interface.
 *
 * <p>The switch is a bridge in a namespace too, so that nothing is added to the machine's own
 * network, and all of it goes when the namespaces go. There is no way out, and no DNS.
 */
final class NetworkNamespaces implements AutoCloseable {

  /**
   * Addresses that no one routes. libtorrent keeps the id of a node on such an address; on one that
   * looks public it takes another id when it learns its address, which spoils what others know.
   */
  static final String PRIVATE = "10.96.";

  /** Addresses that no one has but that count as public (RFC 2544), for what BEP 42 asks. */
  static final String PUBLIC = "198.18.";

  private static final String INTERFACE = "eth0";

  private final String prefix;
  private final String network;
  private final List<String> namespaces = new ArrayList<>();

  private NetworkNamespaces(String network) {
    this.network = network;
    this.prefix = "byt" + ProcessHandle.current().pid() + "x";
  }

  /** Makes the switch; the test is skipped where that is not permitted. */
  static NetworkNamespaces create(String network) throws IOException, InterruptedException {
    Required.assumeInstalled("ip", "iproute2");
    NetworkNamespaces made = new NetworkNamespaces(network);
    try {
      made.add("s");
      ip("-n", made.name("s"), "link", "add", "br0", "type", "bridge");
      ip("-n", made.name("s"), "link", "set", "br0", "up");
    } catch (IOException e) {
      made.close();
      Required.assume(false, "network namespaces are not permitted here: " + e.getMessage());
    }
    return made;
  }

  /**
   * One host on the switch.
   *
   * @param namespace its namespace
   * @param addresses its addresses, each as text
   */
  record Host(String namespace, List<String> addresses) {

    /** A command line that runs in this host. */
    List<String> command(List<String> command) {
      List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
      all.addAll(command);
      return all;
    }
  }

  /** Adds a host with so many addresses. */
  Host host(int addresses) throws IOException, InterruptedException {
    int number = namespaces.size();
    return host(
        IntStream.rangeClosed(1, addresses).mapToObj(i -> network + number + "." + i).toList());
  }

  /** Adds a host with these addresses, of whichever networks. */
  Host host(List<String> addresses) throws IOException, InterruptedException {
    int number = namespaces.size();
    String host = "h" + number;
    add(host);
    String port = "p" + number;
    List<String> link = new ArrayList<>(List.of("-n", name(host), "link", "add", INTERFACE));
    link.addAll(List.of("type", "veth", "peer", "name", port, "netns", name("s")));
    ip(link.toArray(new String[0]));
    ip("-n", name("s"), "link", "set", port, "master", "br0", "up");
    ip("-n", name(host), "link", "set", INTERFACE, "up");
    for (String address : addresses) {
      ip("-n", name(host), "address", "add", address + "/32", "dev", INTERFACE);
    }
    // All hosts are neighbours.
    ip("-n", name(host), "route", "add", "default", "dev", INTERFACE);
    return new Host(name(host), addresses);
  }

  private void add(String host) throws IOException, InterruptedException {
    ip("netns", "add", name(host));
    namespaces.add(name(host));
    ip("-n", name(host), "link", "set", "lo", "up");
  }

  private String name(String host) {
    return prefix + host;
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(Arrays.asList(arguments));
    PeerProgram.run(command);
  }

  /** Removes all of it; processes that still run in a host keep that one until they end. */
  @Override
  public void close() throws IOException {
    while (!namespaces.isEmpty()) {
      try {
        ip("netns", "delete", namespaces.remove(namespaces.size() - 1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }
  }
}
