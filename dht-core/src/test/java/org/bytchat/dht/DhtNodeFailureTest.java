package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a user is told when a node cannot do what it was asked to. */
@Timeout(60)
class DhtNodeFailureTest {

  /** More than a mailbox holds. */
  private static final int COMMANDS = 17_000;

  @Test
  void stats_mailboxFull_areRefusedWithOverloadedAndNoneIsLost() throws Exception {
    try (DatagramSocket silent = Loopback.silent();
        DhtNode node = Loopback.node().config(Loopback.impatient()).build().start()) {
      CountDownLatch release = Loopback.block(node, silent);
      List<CompletableFuture<DhtStats>> asked = new ArrayList<>();
      for (int i = 0; i < COMMANDS; i++) {
        asked.add(node.stats());
      }
      // The loop is blocked, so what is done now was refused at once.
      Map<Boolean, List<CompletableFuture<DhtStats>>> byRefusal =
          asked.stream().collect(Collectors.partitioningBy(CompletableFuture::isDone));
      release.countDown();
      List<CompletableFuture<DhtStats>> refused = byRefusal.getOrDefault(true, List.of());
      List<CompletableFuture<DhtStats>> taken = byRefusal.getOrDefault(false, List.of());
      assertThat(refused.size()).isBetween(COMMANDS - 16_384, COMMANDS / 2);
      for (CompletableFuture<DhtStats> future : refused) {
        assertThat(Loopback.failureOf(future)).isInstanceOf(DhtException.Overloaded.class);
      }
      for (CompletableFuture<DhtStats> future : taken) {
        assertThat(Loopback.get(future).id()).isEqualTo(node.id());
      }
      assertThat(Loopback.failureOf(node.stats())).as("afterwards").isNull();
    }
  }

  @Test
  void lookup_moreThanMayWait_isRefusedWithOverloaded() throws Exception {
    LookupConfig one =
        new LookupConfig(3, 1, 200, 1, 1024, Duration.ofMillis(50), Duration.ofMillis(200), 250);
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node =
            Loopback.node()
                .config(DhtConfig.defaults().withLookup(one))
                .bootstrap(Loopback.hostAndPort(peer))
                .build()
                .start()) {
      Loopback.get(node.joined());
      Loopback.closeAll(List.of(peer));
      List<CompletableFuture<LookupResult>> lookups = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        lookups.add(node.lookup(NodeId.ZERO));
      }
      int refused = 0;
      for (CompletableFuture<LookupResult> lookup : lookups) {
        Throwable failure = Loopback.failureOf(lookup);
        if (failure instanceof DhtException.Overloaded) {
          refused++;
        } else {
          assertThat(failure)
              .isInstanceOf(DhtException.NoPeers.class)
              .hasMessage("none of 1 requests was answered");
        }
      }
      assertThat(refused).as("one under way and 16 waiting are taken").isBetween(23, 39);
    }
  }

  @Test
  void lookup_nobodyKnown_failsWithNoPeers() throws Exception {
    try (DhtNode node = Loopback.node().build().start()) {
      assertThat(Loopback.failureOf(node.lookup(NodeId.ZERO)))
          .isInstanceOf(DhtException.NoPeers.class)
          .hasMessage("the node knows nobody to ask");
    }
  }

  @Test
  void ping_nobodyAnswers_failsWithTimeout() throws Exception {
    try (DatagramSocket silent = Loopback.silent();
        DhtNode node = Loopback.node().config(Loopback.impatient()).build().start()) {
      assertThat(Loopback.failureOf(node.ping(Loopback.addressOf(silent))))
          .isInstanceOf(DhtException.Timeout.class);
    }
  }

  @Test
  void ping_moreThanMayWait_isRefusedWithOverloaded() throws Exception {
    DhtConfig slow =
        DhtConfig.defaults().withLookup(LookupConfig.defaults().withDatagramsPerSecond(1));
    try (DatagramSocket silent = Loopback.silent();
        DhtNode node = Loopback.node().config(slow).build().start()) {
      List<CompletableFuture<PingResult>> pings = new ArrayList<>();
      for (int i = 0; i < 1_100; i++) {
        pings.add(node.ping(Loopback.addressOf(silent)));
      }
      assertThat(Loopback.failureOf(pings.get(pings.size() - 1)))
          .isInstanceOf(DhtException.Overloaded.class);
      assertThat(pings.get(500)).isNotDone();
    }
  }

  @Test
  void ping_addressOutOfScope_failsWithIllegalArgument() throws Exception {
    try (DhtNode node = Loopback.node().scope(Scope.PUBLIC).build().start()) {
      assertThat(Loopback.failureOf(node.ping(Loopback.loopback(4000))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("127.0.0.1:4000");
      assertThat(Loopback.failureOf(node.ping(new InetSocketAddress("2001:4860::1", 4000))))
          .as("it has no IPv6 socket")
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(Loopback.failureOf(node.ping(new InetSocketAddress("203.0.113.1", 0))))
          .as("port 0")
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void ping_unresolvedAddress_throws() {
    try (DhtNode node = Loopback.node().build().start()) {
      InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nobody.invalid", 4000);
      assertThatThrownBy(() -> node.ping(unresolved)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void datagram_tooLongOrNoMessage_isCountedAndHarmless() throws Exception {
    try (DatagramSocket sender = Loopback.silent();
        DhtNode node = Loopback.node().build().start()) {
      for (int length : new int[] {0, 1, 1_201, 2_048, 3_000, 60_000}) {
        sender.send(new DatagramPacket(new byte[length], length, Loopback.addressOf(node)));
      }
      await()
          .atMost(Loopback.LONG)
          .until(() -> Loopback.get(node.stats()).engine().count(Counter.DROPPED_MALFORMED) == 6);
      DhtStats stats = Loopback.get(node.stats());
      assertThat(stats.engine().count(Counter.RECEIVED_BYTES))
          .as("3,000 and 60,000 are cut")
          .isEqualTo(1 + 1_201 + 3 * 2_048);
      assertThat(stats.uptime()).isPositive();
      assertThat(stats.sendsDropped()).isZero();
    }
  }
}
