package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.DhtException;
import org.bytchat.dht.config.Scope;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.store.SqliteStore;
import org.bytchat.tracker.store.StoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A node and its tracker in this process, whose TCP ports may be in use. */
class HeadlessNodeTest {

  /** In the header of an SQLite file. */
  private static final int LAST_BYTE_OF_USER_VERSION = 63;

  @TempDir private Path folder;

  private final List<Tracker.Setup> setups = new ArrayList<>();

  private NodeSettings settings(int port) {
    NodeOptions options = new NodeOptions();
    new CommandLine(options)
        .parseArgs("--bind=127.0.0.1", "--port=" + port, "--data=" + folder.resolve("data"));
    return NodeSettings.of(options, ConfigFile.empty());
  }

  /** A node that finds its TCP port in use so many times. */
  private HeadlessNode node(int port, int refusals) {
    return new HeadlessNode(
        settings(port),
        event -> {},
        fault -> {},
        setup -> {
          setups.add(setup);
          if (setups.size() <= refusals) {
            throw new IOException("cannot listen", new BindException("Address already in use"));
          }
          return Tracker.start(setup);
        });
  }

  private static int port(InetSocketAddress address) {
    return address.getPort();
  }

  @Test
  void anyPort_inUseForTcp_isLeftForAnother() {
    try (HeadlessNode node = node(0, 2)) {
      node.start();
      assertThat(setups).hasSize(3);
      assertThat(setups.stream().map(setup -> port(setup.addresses().get(0))))
          .doesNotHaveDuplicates();
      assertThat(Objects.requireNonNull(node.tracker()).addresses())
          .isEqualTo(node.node().localAddresses());
      // The folder was given back, so that the key is the same.
      assertThat(setups.stream().map(setup -> setup.identity().id()).distinct()).hasSize(1);
    }
  }

  @Test
  void anyPort_alwaysInUseForTcp_isGivenUp() {
    try (HeadlessNode node = node(0, 1_000)) {
      assertThatThrownBy(node::start)
          .isInstanceOf(CommandFailure.class)
          .hasMessageContaining("Address already in use");
      assertThat(setups).hasSize(8);
    }
  }

  @Test
  void fixedPort_inUseForTcp_isNamedAtOnce() throws IOException {
    int free;
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      free = socket.getLocalPort();
    }
    try (HeadlessNode node = node(free, 1)) {
      assertThatThrownBy(node::start)
          .isInstanceOfSatisfying(
              CommandFailure.class,
              failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.REFUSED))
          .hasMessageContaining("TCP 127.0.0.1:" + free + " cannot be bound");
      assertThat(setups).hasSize(1);
    }
  }

  private void assertRefused(String message) {
    try (HeadlessNode node = node(0, 0)) {
      assertThatThrownBy(node::start)
          .isInstanceOfSatisfying(
              CommandFailure.class,
              failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.REFUSED))
          .hasMessageContaining(message);
      assertThat(setups).hasSize(1);
    }
  }

  @Test
  void mailboxes_inUse_areRefused() throws StoreException {
    Path mailboxes = folder.resolve("data").resolve("mailboxes");
    try (SqliteStore store = SqliteStore.open(mailboxes, SqliteStore.Options.defaults())) {
      assertRefused("in use by another node");
      assertThat(store.stats().mailboxes()).isZero();
    }
  }

  @Test
  void mailboxes_ofALaterVersion_areRefused() throws IOException, StoreException {
    Path mailboxes = folder.resolve("data").resolve("mailboxes");
    SqliteStore.open(mailboxes, SqliteStore.Options.defaults()).close();
    Path database = mailboxes.resolve("mailboxes.sqlite");
    byte[] bytes = Files.readAllBytes(database);
    bytes[LAST_BYTE_OF_USER_VERSION] = 99;
    Files.write(database, bytes);
    assertRefused("mailboxes.sqlite is of a later version: 99");
    assertThat(Files.readAllBytes(database)).isEqualTo(bytes);
  }

  @Test
  void sessions_ofALocalNode_haveItsScope() {
    try (HeadlessNode node = node(0, 0)) {
      node.start();
      assertThat(setups.get(0).sessions().perSource().scope()).isEqualTo(Scope.LOCAL);
      assertThat(setups.get(0).sessions().perSource().halfOpen())
          .isEqualTo(Tracker.defaultSessions().perSource().halfOpen());
      assertThat(setups.get(0).folder()).isEqualTo(folder.resolve("data").resolve("mailboxes"));
    }
  }

  @Test
  void close_twice_endsBoth() throws Exception {
    HeadlessNode node = node(0, 0);
    node.start();
    Tracker tracker = Objects.requireNonNull(node.tracker());
    node.close();
    node.close();
    assertThatThrownBy(() -> node.node().id()).isInstanceOf(DhtException.Closed.class);
    assertThatThrownBy(tracker::storeStats).hasMessageContaining("is closed");
    assertThatThrownBy(node::start).isInstanceOf(DhtException.Closed.class);
  }
}
