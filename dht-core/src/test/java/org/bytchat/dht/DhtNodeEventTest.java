package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.runtime.DhtRuntime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node tells its listener, and what a listener may do to it. */
@Timeout(60)
class DhtNodeEventTest {

  @Test
  void start_bootstrapHostsSilent_joinsOnceOneIsThere() throws Exception {
    int port = Loopback.freePort();
    try (DhtNode node =
        Loopback.node()
            .config(Loopback.impatient())
            .bootstrap("nobody.invalid:4000")
            .bootstrap("127.0.0.1:" + port)
            .build()
            .start()) {
      assertThat(Loopback.failureOf(node.lookup(node.id())))
          .isInstanceOf(DhtException.NoPeers.class);
      CompletableFuture<Integer> joined = node.joined();
      assertThat(joined).isNotDone();
      try (DhtNode late = DhtNode.builder().bind(Loopback.loopback(port)).build().start()) {
        assertThat(Loopback.get(joined)).isEqualTo(1);
        assertThat(Loopback.get(late.joined())).isEqualTo(1);
      }
    }
  }

  @Test
  void listener_nodeJoins_hearsOfItOnItsThread() throws Exception {
    List<DhtEvent> events = new CopyOnWriteArrayList<>();
    List<Boolean> onLoop = new CopyOnWriteArrayList<>();
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node =
            Loopback.node()
                .bootstrap(Loopback.hostAndPort(peer))
                .listener(
                    event -> {
                      events.add(event);
                      onLoop.add(DhtRuntime.isLoopThread());
                    })
                .build()
                .start()) {
      await().atMost(Loopback.LONG).until(() -> events.size() >= 2);
      assertThat(events)
          .containsExactlyInAnyOrder(
              new DhtEvent.Joined(1), new DhtEvent.ExternalAddress(Loopback.addressOf(node)));
      assertThat(onLoop).containsOnly(true);
      assertThat(Loopback.get(node.joined())).isEqualTo(1);
    }
  }

  @Test
  void listener_peerGoesAndComesBack_hearsOfTheOutage() throws Exception {
    List<DhtEvent> events = new CopyOnWriteArrayList<>();
    int port = Loopback.freePort();
    NodeIdentity key = NodeIdentity.generate(new SecureRandom());
    DhtNodeBuilder peer = DhtNode.builder().bind(Loopback.loopback(port)).identity(key);
    RoutingConfig busy =
        RoutingConfig.defaults()
            .withPeriods(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(100));
    try (DhtNode node =
        Loopback.node()
            .config(Loopback.impatient().withRouting(busy))
            .bootstrap("127.0.0.1:" + port)
            .listener(events::add)
            .build()) {
      try (DhtNode first = peer.build().start()) {
        node.start();
        Loopback.get(node.joined());
        assertThat(first.id()).isEqualTo(key.id());
      }
      await().atMost(Loopback.LONG).until(() -> events.contains(new DhtEvent.OutageBegan()));
      assertThat(events).doesNotContain(new DhtEvent.OutageEnded());
      try (DhtNode second = peer.build().start()) {
        await().atMost(Loopback.LONG).until(() -> events.contains(new DhtEvent.OutageEnded()));
        assertThat(Loopback.get(node.lookup(key.id())).closest())
            .extracting(contact -> contact.id())
            .containsExactly(second.id());
      }
    }
  }

  @Test
  void listener_throws_doesNoHarm() throws Exception {
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node =
            Loopback.node()
                .bootstrap(Loopback.hostAndPort(peer))
                .listener(
                    event -> {
                      if (event instanceof DhtEvent.Joined) {
                        throw new AssertionError("thrown by a test's listener");
                      }
                      throw new IllegalStateException("thrown by a test's listener");
                    })
                .build()
                .start()) {
      assertThat(Loopback.get(node.joined())).isEqualTo(1);
      assertThat(Loopback.get(node.lookup(peer.id())).closest()).hasSize(1);
      assertThat(Loopback.get(node.ping(Loopback.addressOf(peer))).contact().id())
          .isEqualTo(peer.id());
    }
  }

  @Test
  void callback_interruptsTheLoop_doesNoHarm() throws Exception {
    try (DatagramSocket silent = Loopback.silent();
        DhtNode node = Loopback.node().config(Loopback.impatient()).build().start()) {
      CompletableFuture<Void> interrupted =
          node.ping(Loopback.addressOf(silent))
              .handle(
                  (pong, failure) -> {
                    Thread.currentThread().interrupt();
                    return null;
                  });
      Loopback.get(interrupted);
      CompletableFuture<Boolean> stillSet =
          node.ping(Loopback.addressOf(silent))
              .handle((pong, failure) -> Thread.currentThread().isInterrupted());
      assertThat(Loopback.get(stillSet)).as("or no select would wait").isFalse();
    }
  }

  @Test
  void callback_asksTheNodeAgain_isServed() throws Exception {
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node = Loopback.node().bootstrap(Loopback.hostAndPort(peer)).build().start()) {
      Loopback.get(node.joined());
      CompletableFuture<Integer> chained =
          node.ping(Loopback.addressOf(peer))
              .thenCompose(pong -> node.lookup(pong.contact().id()))
              .thenCompose(found -> node.contacts())
              .thenApply(List::size);
      assertThat(Loopback.get(chained)).isEqualTo(1);
      assertThat(Loopback.failureOf(node.networkChanged())).isNull();
    }
  }
}
