package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.store.BlobReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node ends once, whoever ends it and wherever, and nothing that it owes stays open. */
@Timeout(60)
class DhtNodeCloseTest {

  private static final int RACES = 60;

  @AfterEach
  void nothingIsLeft() {
    Loopback.awaitNoThreads();
  }

  @Test
  void close_workUnderWay_failsItWithClosed() throws Exception {
    try (DatagramSocket silent = Loopback.silent()) {
      DhtNode peer = Loopback.node().build().start();
      DhtNode node = Loopback.node().bootstrap(Loopback.hostAndPort(peer)).build().start();
      Loopback.get(node.joined());
      peer.close();
      DhtNode alone =
          Loopback.node()
              .bootstrap(Loopback.hostAndPort(Loopback.addressOf(silent)))
              .build()
              .start();
      List<CompletableFuture<?>> open =
          List.of(
              node.lookup(NodeId.ZERO),
              node.ping(Loopback.addressOf(silent)),
              alone.joined(),
              alone.ping(Loopback.addressOf(silent)));
      assertThat(Loopback.get(node.stats()).engine().lookupsUnderWay()).isPositive();
      assertThat(open).noneMatch(CompletableFuture::isDone);
      node.close();
      alone.close();
      assertThat(open).allMatch(CompletableFuture::isDone);
      for (CompletableFuture<?> future : open) {
        assertThat(Loopback.failureOf(future)).isInstanceOf(DhtException.Closed.class);
      }
    }
  }

  @Test
  void close_again_doesNothing() throws Exception {
    DhtNode node = Loopback.node().build().start();
    InetSocketAddress address = Loopback.addressOf(node);
    node.close();
    Loopback.requireFree(address);
    node.close();
    assertThat(Loopback.failureOf(node.joined())).isInstanceOf(DhtException.Closed.class);
  }

  @Test
  void close_beforeTheStart_preventsIt() throws Exception {
    DhtNode node = Loopback.node().build();
    CompletableFuture<Integer> joined = node.joined();
    node.close();
    assertThat(Loopback.failureOf(joined)).isInstanceOf(DhtException.Closed.class);
    assertThatThrownBy(node::start).isInstanceOf(DhtException.Closed.class);
  }

  @Test
  void methods_notStarted_throwClosed() {
    try (DhtNode node = Loopback.node().build()) {
      assertAllThrowClosed(node, "not started");
    }
  }

  @Test
  void methods_closed_throwClosed() {
    DhtNode node = Loopback.node().build().start();
    node.close();
    assertAllThrowClosed(node, "is closed");
  }

  private static void assertAllThrowClosed(DhtNode node, String message) {
    InetSocketAddress address = Loopback.loopback(4000);
    UserKey key = LoopbackNetwork.newKey();
    Stream.<Function<DhtNode, ?>>of(DhtNode::id, DhtNode::localAddresses)
        .forEach(method -> assertThrowsClosed(node, method, message));
    Stream.<Function<DhtNode, CompletableFuture<?>>>of(
            each -> each.lookup(NodeId.ZERO),
            each -> each.ping(address),
            each -> each.get(NodeId.ZERO),
            each -> each.put(LoopbackNetwork.signed(key, 1, "x")),
            each -> each.blob(new BlobReference(1, new byte[32], NodeId.ZERO)),
            each -> each.profile(key.publicKey().uid(Uid.VERSION_2)),
            each -> each.publish(key, Uid.VERSION_2, new Profile("Ann")),
            DhtNode::stats,
            DhtNode::contacts,
            DhtNode::networkChanged)
        .forEach(method -> assertThrowsClosed(node, method, message));
  }

  private static void assertThrowsClosed(
      DhtNode node, Function<DhtNode, ?> method, String message) {
    assertThatThrownBy(() -> method.apply(node))
        .isInstanceOf(DhtException.Closed.class)
        .hasMessageContaining(message);
  }

  @Test
  void tryWithResources_always_freesThePort() throws Exception {
    InetSocketAddress address;
    try (DhtNode node = Loopback.node().build().start()) {
      address = Loopback.addressOf(node);
      assertThatThrownBy(() -> Loopback.requireFree(address)).isInstanceOf(BindException.class);
    }
    Loopback.requireFree(address);
  }

  @Test
  void start_again_isRefusedAndHarmless() throws Exception {
    try (DhtNode node = Loopback.node().build().start()) {
      assertThatThrownBy(node::start).isInstanceOf(IllegalStateException.class);
      assertThat(Loopback.get(node.stats()).id()).isEqualTo(node.id());
    }
  }

  @Test
  void close_byAListener_endsTheNode() throws Exception {
    try (DhtNode peer = Loopback.node().build().start()) {
      AtomicReference<DhtNode> self = new AtomicReference<>();
      DhtNode node =
          Loopback.node()
              .bootstrap(Loopback.hostAndPort(peer))
              .listener(
                  event -> {
                    if (event instanceof DhtEvent.Joined) {
                      Objects.requireNonNull(self.get()).close();
                    }
                  })
              .build();
      self.set(node);
      node.start();
      await().atMost(Loopback.LONG).until(() -> isClosed(node));
      await().atMost(Loopback.LONG).until(() -> !Loopback.threads().contains("bytchat-closer"));
    }
  }

  @Test
  void close_byACallback_endsTheNode() throws Exception {
    try (DatagramSocket silent = Loopback.silent()) {
      DhtNode node = Loopback.node().config(Loopback.impatient()).build().start();
      InetSocketAddress address = Loopback.addressOf(node);
      CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
      var unused =
          node.ping(Loopback.addressOf(silent))
              .whenComplete(
                  (pong, failure) -> {
                    onLoop.complete(DhtRuntime.isLoopThread());
                    node.close();
                  });
      assertThat(Loopback.get(onLoop)).isTrue();
      Loopback.awaitNoThreads();
      Loopback.requireFree(address);
    }
  }

  @Test
  void close_runtimeFirst_failsWhatIsOpenAndLeavesNothing() throws Exception {
    try (DatagramSocket silent = Loopback.silent()) {
      DhtRuntime runtime = DhtRuntime.start(1, 1);
      DhtNode node = Loopback.node().runtime(runtime).build().start();
      InetSocketAddress address = Loopback.addressOf(node);
      CompletableFuture<PingResult> ping = node.ping(Loopback.addressOf(silent));
      runtime.close();
      assertThat(Loopback.failureOf(ping)).isInstanceOf(DhtException.Closed.class);
      assertThat(Loopback.failureOf(node.joined())).isInstanceOf(DhtException.Closed.class);
      assertThat(Loopback.failureOf(node.lookup(NodeId.ZERO)))
          .isInstanceOf(DhtException.Closed.class);
      assertThat(Loopback.failureOf(node.stats())).isInstanceOf(DhtException.Closed.class);
      Loopback.requireFree(address);
      node.close();
      runtime.close();
    }
  }

  @Test
  void close_runtimeByACallback_endsIt() throws Exception {
    try (DatagramSocket silent = Loopback.silent()) {
      DhtRuntime runtime = DhtRuntime.start(2, 1);
      DhtNode node = Loopback.node().runtime(runtime).config(Loopback.impatient()).build().start();
      CompletableFuture<PingResult> ping = node.ping(Loopback.addressOf(silent));
      var unused = ping.whenComplete((pong, failure) -> runtime.close());
      assertThat(Loopback.failureOf(ping)).isInstanceOf(DhtException.Timeout.class);
      Loopback.awaitNoThreads();
      assertThat(Loopback.failureOf(node.stats())).isInstanceOf(DhtException.Closed.class);
      node.close();
    }
  }

  @Test
  void close_loopBlockedByACallback_returnsAndFailsWhatIsOpen() throws Exception {
    try (DatagramSocket silent = Loopback.silent()) {
      DhtNode node = Loopback.node().config(Loopback.impatient()).build().start();
      InetSocketAddress address = Loopback.addressOf(node);
      CountDownLatch release = Loopback.block(node, silent);
      CompletableFuture<Integer> joined = node.joined();
      CompletableFuture<DhtStats> waiting = node.stats();
      node.close();
      assertThat(joined).isCompletedExceptionally();
      assertThat(waiting).as("is in the mailbox").isNotDone();
      release.countDown();
      assertThat(Loopback.failureOf(waiting)).isInstanceOf(DhtException.Closed.class);
      Loopback.awaitNoThreads();
      Loopback.requireFree(address);
    }
  }

  /** A channel stays bound until its selector has looked at it once more. */
  @Test
  void close_sharedRuntime_freesThePortAtOnce() throws Exception {
    try (DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      for (int i = 0; i < RACES; i++) {
        DhtNode node = Loopback.node().runtime(runtime).build().start();
        InetSocketAddress address = Loopback.addressOf(node);
        node.close();
        Loopback.requireFree(address);
      }
    }
  }

  @Test
  void close_twoNodesEachByTheOthersCallback_bothEnd() throws Exception {
    try (DatagramSocket silent = Loopback.silent();
        DhtRuntime runtime = DhtRuntime.start(2, 1)) {
      DhtNode a = Loopback.node().runtime(runtime).config(Loopback.impatient()).build().start();
      DhtNode b = Loopback.node().runtime(runtime).config(Loopback.impatient()).build().start();
      var unusedA = a.ping(Loopback.addressOf(silent)).whenComplete((x, y) -> b.close());
      var unusedB = b.ping(Loopback.addressOf(silent)).whenComplete((x, y) -> a.close());
      await().atMost(Loopback.LONG).until(() -> isClosed(a) && isClosed(b));
      await().atMost(Loopback.LONG).until(() -> !Loopback.threads().contains("bytchat-closer"));
      assertThat(Loopback.failureOf(a.joined())).isInstanceOf(DhtException.Closed.class);
      assertThat(Loopback.failureOf(b.joined())).isInstanceOf(DhtException.Closed.class);
    }
  }

  @Test
  void start_byACallback_startsAnotherNodeOfTheRuntime() throws Exception {
    try (DatagramSocket silent = Loopback.silent();
        DhtRuntime runtime = DhtRuntime.start(1, 1);
        DhtNode node =
            Loopback.node().runtime(runtime).config(Loopback.impatient()).build().start();
        DhtNode second = Loopback.node().runtime(runtime).build()) {
      CompletableFuture<DhtNode> started =
          node.ping(Loopback.addressOf(silent)).handle((pong, failure) -> second.start());
      assertThat(Loopback.get(started)).isSameAs(second);
      PingResult pong = Loopback.get(node.ping(Loopback.addressOf(second)));
      assertThat(pong.contact().id()).isEqualTo(second.id());
    }
  }

  @Test
  void close_whileItStarts_leavesNothing() throws Exception {
    for (int i = 0; i < RACES; i++) {
      int port = Loopback.freePort();
      DhtNode node = DhtNode.builder().bind(Loopback.loopback(port)).build();
      CompletableFuture<Void> start = CompletableFuture.runAsync(node::start);
      CompletableFuture<Void> close = CompletableFuture.runAsync(node::close);
      Loopback.get(close);
      Throwable failure = Loopback.failureOf(start);
      if (failure != null) {
        assertThat(failure).hasCauseInstanceOf(DhtException.Closed.class);
      }
      assertThat(Loopback.failureOf(node.joined())).isInstanceOf(DhtException.Closed.class);
      Loopback.requireFree(Loopback.loopback(port));
    }
  }

  @Test
  void start_whileTheRuntimeCloses_worksOrFailsAndLeavesNothing() throws Exception {
    for (int i = 0; i < RACES; i++) {
      int port = Loopback.freePort();
      DhtRuntime runtime = DhtRuntime.start(1, 1);
      DhtNode node = DhtNode.builder().bind(Loopback.loopback(port)).runtime(runtime).build();
      CompletableFuture<Void> start = CompletableFuture.runAsync(node::start);
      CompletableFuture<Void> close = CompletableFuture.runAsync(runtime::close);
      Loopback.get(close);
      Throwable failure = Loopback.failureOf(start);
      if (failure != null) {
        assertThat(failure).hasCauseInstanceOf(DhtException.CannotStart.class);
        assertThat(failure.getCause()).hasMessageContaining("the runtime is closed");
      } else {
        // The loop that ended had the node, and told it.
        assertThat(Loopback.failureOf(node.joined())).isInstanceOf(DhtException.Closed.class);
      }
      Loopback.requireFree(Loopback.loopback(port));
      node.close();
      assertThat(Loopback.failureOf(node.joined())).isInstanceOf(DhtException.Closed.class);
    }
  }

  /** The loop ends with the node's registration still in its mailbox. */
  @Test
  void start_runtimeClosesBeforeTheLoopGetsToIt_failsAndLeavesNothing() throws Exception {
    try (DatagramSocket silent = Loopback.silent();
        DhtRuntime runtime = DhtRuntime.start(1, 1);
        DhtNode blocking =
            Loopback.node().runtime(runtime).config(Loopback.impatient()).build().start()) {
      int port = Loopback.freePort();
      DhtNode node = DhtNode.builder().bind(Loopback.loopback(port)).runtime(runtime).build();
      CountDownLatch release = Loopback.block(blocking, silent);
      CompletableFuture<DhtNode> start = new CompletableFuture<>();
      Thread starter = new Thread(() -> start.completeAsync(node::start, Runnable::run));
      starter.start();
      await().atMost(Loopback.LONG).until(() -> starter.getState() == Thread.State.WAITING);
      Loopback.close(runtime);
      release.countDown();
      assertThat(Loopback.failureOf(start))
          .hasCauseInstanceOf(DhtException.CannotStart.class)
          .hasMessageContaining("the runtime is closed");
      Loopback.requireFree(Loopback.loopback(port));
    }
  }

  private static boolean isClosed(DhtNode node) {
    try {
      node.id();
      return false;
    } catch (DhtException.Closed e) {
      return true;
    }
  }
}
