package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.testkit.TestContacts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Networks of nodes that talk over the sockets of this host. */
@Timeout(120)
class DhtNodeNetworkTest {

  private static final int NODES = 50;
  private static final int LOOKUPS = 1_000;
  private static final int K = 20;

  private final List<DhtNode> nodes = new ArrayList<>();

  @AfterEach
  void closeNodes() {
    Loopback.closeAll(nodes);
  }

  @Test
  void lookup_fiftyNodesJoinedThroughOne_findsExactlyTheClosest() throws Exception {
    try (DhtRuntime runtime = DhtRuntime.start(2, 2)) {
      startNetwork(NODES, runtime, Loopback.busy());
      awaitJoined();
      List<NodeId> ids = nodes.stream().map(DhtNode::id).toList();
      await().atMost(Loopback.LONG).until(() -> findAllTheirNeighbours(ids));
      Random random = new Random(1);
      int exact = 0;
      // In parts, as many under way as a few users would have.
      for (int done = 0; done < LOOKUPS; done += NODES) {
        exact += lookUpFromAll(ids, random);
      }
      assertThat(exact).as("exact of " + LOOKUPS).isGreaterThanOrEqualTo(LOOKUPS - LOOKUPS / 1000);
    }
  }

  private boolean findAllTheirNeighbours(List<NodeId> ids) throws Exception {
    boolean all = true;
    List<CompletableFuture<LookupResult>> results =
        nodes.stream().map(node -> node.lookup(node.id())).toList();
    for (int i = 0; i < results.size(); i++) {
      all &= idsOf(Loopback.get(results.get(i))).equals(closest(ids, ids.get(i), ids.get(i)));
    }
    return all;
  }

  private int lookUpFromAll(List<NodeId> ids, Random random) throws Exception {
    List<NodeId> targets =
        Stream.generate(() -> TestContacts.randomId(random)).limit(NODES).toList();
    List<CompletableFuture<LookupResult>> results = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      results.add(nodes.get(i).lookup(targets.get(i)));
    }
    int exact = 0;
    for (int i = 0; i < NODES; i++) {
      LookupResult result = Loopback.get(results.get(i));
      assertThat(idsOf(result)).doesNotContain(ids.get(i));
      assertThat(result.target()).isEqualTo(targets.get(i));
      exact += idsOf(result).equals(closest(ids, targets.get(i), ids.get(i))) ? 1 : 0;
    }
    return exact;
  }

  /** The truth: the k closest of all but the asker, from distances computed as numbers. */
  private static List<NodeId> closest(List<NodeId> ids, NodeId target, NodeId asker) {
    return ids.stream()
        .filter(id -> !id.equals(asker))
        .sorted(Comparator.comparing(id -> TestContacts.distance(target, id)))
        .limit(K)
        .toList();
  }

  private static List<NodeId> idsOf(LookupResult result) {
    return result.closest().stream().map(Contact::id).toList();
  }

  @Test
  void nodes_dualStack_areInBothNetworks() throws Exception {
    assumeTrue(Loopback.hasIpv6(), "this host has no IPv6 loopback address");
    try (DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      for (int i = 0; i < 4; i++) {
        DhtNodeBuilder builder = Loopback.node().bind(Loopback.IPV6).runtime(runtime);
        for (InetSocketAddress first : i == 0 ? List.<InetSocketAddress>of() : firstAddresses()) {
          builder.bootstrap(Loopback.hostAndPort(first));
        }
        nodes.add(builder.build().start());
      }
      // One more in each family alone.
      nodes.add(single(runtime, Loopback.IPV4, firstAddresses().get(0)));
      nodes.add(single(runtime, Loopback.IPV6, firstAddresses().get(1)));
      awaitJoined();
      List<NodeId> ids = nodes.stream().map(DhtNode::id).toList();
      DhtNode both = nodes.get(1);
      await().atMost(Loopback.LONG).until(() -> Loopback.get(both.contacts()).size() == 2 * 3 + 2);
      LookupResult result = Loopback.get(both.lookup(NodeId.ZERO));
      assertThat(idsOf(result)).isEqualTo(closest(ids, NodeId.ZERO, both.id()));
      LookupResult onlyIpv4 = Loopback.get(nodes.get(4).lookup(NodeId.ZERO));
      assertThat(onlyIpv4.closest())
          .hasSize(4)
          .allMatch(contact -> contact.endpoint().family() == AddressFamily.IPV4);
      for (InetSocketAddress address : firstAddresses()) {
        PingResult pong = Loopback.get(both.ping(address));
        assertThat(pong.contact().id()).isEqualTo(ids.get(0));
        assertThat(pong.contact().endpoint().port()).isEqualTo(address.getPort());
      }
    }
  }

  private List<InetSocketAddress> firstAddresses() {
    return nodes.get(0).localAddresses();
  }

  private static DhtNode single(
      DhtRuntime runtime, InetSocketAddress bind, InetSocketAddress bootstrap) {
    return DhtNode.builder()
        .bind(bind)
        .runtime(runtime)
        .bootstrap(Loopback.hostAndPort(bootstrap))
        .build()
        .start();
  }

  @Test
  void ping_secondAddressOfAFamily_isAnsweredFromThere() throws Exception {
    InetSocketAddress second = new InetSocketAddress("127.0.0.2", 0);
    assumeTrue(canBind(second), "this host has one loopback address only");
    DhtNode two = Loopback.node().bind(second).build().start();
    nodes.add(two);
    DhtNode asker = Loopback.node().config(Loopback.impatient()).build().start();
    nodes.add(asker);
    for (InetSocketAddress address : two.localAddresses()) {
      PingResult pong = Loopback.get(asker.ping(address));
      assertThat(pong.contact().id()).isEqualTo(two.id());
      assertThat(pong.roundTrip()).isPositive();
    }
  }

  private static boolean canBind(InetSocketAddress address) {
    try (DatagramSocket socket = new DatagramSocket(address)) {
      return socket.isBound();
    } catch (SocketException e) {
      return false;
    }
  }

  @Test
  void close_aHundredNodesOfOneRuntime_leavesNeitherThreadsNorDescriptors() throws Exception {
    // With two first, for what the platform opens once and for good.
    runAndClose(2);
    long before = Loopback.descriptors();
    runAndClose(100);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(Loopback.descriptors()).isLessThanOrEqualTo(before));
  }

  private void runAndClose(int count) throws Exception {
    nodes.clear();
    DhtRuntime runtime = DhtRuntime.start(2, 2);
    startNetwork(count, runtime, DhtConfig.defaults());
    List<InetSocketAddress> addresses = nodes.stream().map(Loopback::addressOf).toList();
    awaitJoined();
    assertThat(Loopback.threads()).as("not one for each node").hasSizeLessThan(10);
    Loopback.closeAll(nodes);
    runtime.close();
    Loopback.awaitNoThreads();
    for (InetSocketAddress address : addresses) {
      Loopback.requireFree(address);
    }
  }

  private void awaitJoined() throws Exception {
    for (DhtNode node : nodes) {
      assertThat(Loopback.get(node.joined())).isPositive();
    }
  }

  private void startNetwork(int count, DhtRuntime runtime, DhtConfig config) {
    for (int i = 0; i < count; i++) {
      DhtNodeBuilder builder = Loopback.node().runtime(runtime).config(config);
      if (i > 0) {
        builder.bootstrap(Loopback.hostAndPort(nodes.get(0)));
      }
      nodes.add(builder.build().start());
    }
  }
}
