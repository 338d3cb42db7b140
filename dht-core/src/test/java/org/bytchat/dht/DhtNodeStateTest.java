package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.runtime.StateFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that keeps its state in a folder is the same node in its next life. */
@Timeout(60)
class DhtNodeStateTest {

  @TempDir Path folder;

  @Test
  void start_secondLifeWithoutBootstrap_keepsIdAndRejoins() throws Exception {
    try (DhtNode a = Loopback.node().build().start();
        DhtNode b = Loopback.node().bootstrap(Loopback.hostAndPort(a)).build().start()) {
      NodeId id;
      try (DhtNode first =
          Loopback.node().data(folder).bootstrap(Loopback.hostAndPort(a)).build().start()) {
        id = first.id();
        await().atMost(Loopback.LONG).until(() -> Loopback.get(first.contacts()).size() == 2);
      }
      assertThat(kept()).extracting(Contact::id).containsExactlyInAnyOrder(a.id(), b.id());
      try (DhtNode second = Loopback.node().data(folder).build().start()) {
        assertThat(second.id()).isEqualTo(id);
        assertThat(Loopback.get(second.joined())).isPositive();
        assertThat(Loopback.get(second.lookup(a.id())).closest())
            .extracting(Contact::id)
            .contains(a.id());
      }
    }
  }

  @Test
  void start_keptContactsGone_doesNotForgetThemAtTheEnd() throws Exception {
    try (DhtNode peer = Loopback.node().build().start()) {
      try (DhtNode first =
          Loopback.node().data(folder).bootstrap(Loopback.hostAndPort(peer)).build().start()) {
        Loopback.get(first.joined());
      }
    }
    List<Contact> before = kept();
    assertThat(before).hasSize(1);
    try (DhtNode second =
        Loopback.node().data(folder).config(Loopback.impatient()).build().start()) {
      assertThat(Loopback.failureOf(second.lookup(second.id())))
          .isInstanceOf(DhtException.NoPeers.class);
    }
    assertThat(kept()).isEqualTo(before);
  }

  @Test
  void run_keepInterval_keepsContactsWhileItRuns() throws Exception {
    DhtConfig often =
        DhtConfig.defaults()
            .withRouting(RoutingConfig.defaults().withKeepInterval(Duration.ofSeconds(1)));
    Path file = folder.resolve("contacts.msgpack");
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node =
            Loopback.node()
                .data(folder)
                .config(often)
                .bootstrap(Loopback.hostAndPort(peer))
                .build()
                .start()) {
      Loopback.get(node.joined());
      await().atMost(Loopback.LONG).until(() -> Files.exists(file));
      Files.delete(file);
      await().atMost(Loopback.LONG).until(() -> Files.exists(file));
    }
  }

  @Test
  void close_threadInterrupted_keepsContactsAllTheSame() throws Exception {
    try (DhtNode peer = Loopback.node().build().start();
        DhtNode node =
            Loopback.node().data(folder).bootstrap(Loopback.hostAndPort(peer)).build().start()) {
      Loopback.get(node.joined());
      Thread.currentThread().interrupt();
      Loopback.closeAll(List.of(node));
      assertThat(Thread.interrupted()).as("the flag is the caller's").isTrue();
    }
    assertThat(kept()).hasSize(1);
  }

  @Test
  void close_runtimeClosedFirst_unlocksTheFolder() throws Exception {
    DhtRuntime runtime = DhtRuntime.start(1, 1);
    try (DhtNode node = Loopback.node().runtime(runtime).data(folder).build().start()) {
      runtime.close();
      assertThat(Loopback.failureOf(node.stats())).isInstanceOf(DhtException.Closed.class);
    }
    assertThat(kept()).isEmpty();
  }

  private List<Contact> kept() {
    try (StateFolder state = StateFolder.open(folder)) {
      return state.readContacts();
    }
  }
}
