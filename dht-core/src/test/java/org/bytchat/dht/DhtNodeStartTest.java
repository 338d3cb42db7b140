package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.runtime.StateFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node that cannot start says why and what to do, leaves nothing open, and can be tried again.
 */
@Timeout(60)
class DhtNodeStartTest {

  @TempDir Path folder;

  @AfterEach
  void nothingIsLeft() {
    Loopback.awaitNoThreads();
  }

  @Test
  void start_portInUse_namesItAndCanBeTriedAgain() throws Exception {
    DhtNode node;
    CompletableFuture<Integer> joined;
    try (DatagramSocket other = Loopback.silent()) {
      InetSocketAddress address = Loopback.addressOf(other);
      node = DhtNode.builder().bind(address).data(folder).build();
      joined = node.joined();
      assertThatThrownBy(node::start)
          .isInstanceOf(DhtException.CannotStart.class)
          .hasMessageContaining("UDP 127.0.0.1:" + address.getPort())
          .hasMessageContaining("stop the program that uses the port, or choose another");
    }
    requireUnlocked();
    Loopback.awaitNoThreads();
    assertThat(joined).as("it may still join").isNotDone();
    try (DhtNode started = node.start()) {
      assertThat(Loopback.get(started.stats()).id()).isEqualTo(started.id());
    }
  }

  @Test
  void start_secondPortInUse_freesTheFirst() throws Exception {
    int port = Loopback.freePort();
    try (DatagramSocket other = Loopback.silent();
        DhtNode node =
            DhtNode.builder()
                .bind(Loopback.loopback(port))
                .bind(Loopback.addressOf(other))
                .build()) {
      assertThatThrownBy(node::start).isInstanceOf(DhtException.CannotStart.class);
      Loopback.requireFree(Loopback.loopback(port));
    }
  }

  @Test
  void start_addressOfAnotherHost_namesIt() {
    try (DhtNode node = DhtNode.builder().bind(new InetSocketAddress("192.0.2.1", 4000)).build()) {
      assertThatThrownBy(node::start)
          .isInstanceOf(DhtException.CannotStart.class)
          .hasMessageContaining("UDP 192.0.2.1:4000");
    }
  }

  @Test
  void start_ipv6PortInUse_namesItAsWritten() throws Exception {
    assumeTrue(Loopback.hasIpv6(), "this host has no IPv6 loopback address");
    try (DatagramSocket other = new DatagramSocket(Loopback.IPV6);
        DhtNode node = DhtNode.builder().bind(Loopback.addressOf(other)).build()) {
      assertThatThrownBy(node::start)
          .isInstanceOf(DhtException.CannotStart.class)
          .hasMessageContaining("UDP [0:0:0:0:0:0:0:1]:" + other.getLocalPort() + " ");
    }
  }

  @Test
  void start_runtimeClosed_saysSo() throws Exception {
    DhtRuntime runtime = DhtRuntime.start(1, 1);
    runtime.close();
    int port = Loopback.freePort();
    try (DhtNode node =
        DhtNode.builder().bind(Loopback.loopback(port)).runtime(runtime).data(folder).build()) {
      assertThatThrownBy(node::start)
          .isInstanceOf(DhtException.CannotStart.class)
          .hasMessageContaining("the runtime is closed");
      Loopback.requireFree(Loopback.loopback(port));
      requireUnlocked();
    }
  }

  @Test
  void start_folderOfAnotherNode_isRefused() throws Exception {
    int port = Loopback.freePort();
    try (DhtNode owner = Loopback.node().data(folder).build().start();
        DhtNode node = DhtNode.builder().bind(Loopback.loopback(port)).data(folder).build()) {
      assertThatThrownBy(node::start)
          .isInstanceOf(DhtException.CannotStart.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("in use by another node: stop it, or choose another folder");
      Loopback.requireFree(Loopback.loopback(port));
      Loopback.closeAll(List.of(owner));
      node.start();
      assertThat(Files.exists(folder.resolve("node.key"))).isTrue();
    }
  }

  @Test
  void start_fileInsteadOfAFolder_isRefused() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertCannotStart(file, "data folder " + file + " cannot be used: it is a file");
    assertCannotStart(file.resolve("below"), "data folder " + file.resolve("below"));
  }

  @Test
  void start_unwritableFolder_isRefused() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assumeTrue(!Files.isWritable(folder), "root writes everywhere");
      assertCannotStart(folder, "check its permissions");
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 64})
  void start_keyOfAnotherSize_isRefusedAndKept(int bytes) throws Exception {
    Path key = folder.resolve("node.key");
    Files.write(key, new byte[bytes]);
    assertCannotStart(folder, "has " + bytes + " bytes instead of 32: restore it from a backup");
    assertThat(Files.size(key)).isEqualTo(bytes);
    requireUnlocked();
  }

  @Test
  void start_keyThatIsNoFile_isRefused() throws Exception {
    Files.createDirectory(folder.resolve("node.key"));
    assertCannotStart(folder, "key file " + folder.resolve("node.key") + " cannot be used");
    requireUnlocked();
  }

  private static void assertCannotStart(Path data, String message) throws Exception {
    int port = Loopback.freePort();
    try (DhtNode node = DhtNode.builder().bind(Loopback.loopback(port)).data(data).build()) {
      assertThatThrownBy(node::start)
          .isInstanceOf(DhtException.CannotStart.class)
          .hasMessageContaining(message);
      Loopback.requireFree(Loopback.loopback(port));
    }
  }

  private void requireUnlocked() {
    StateFolder.open(folder).close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ":4000", "host:0", "host:65536", "host:-1", "host:x", "[::1", "1:2:3", " :1"})
  void bootstrap_otherText_isRefused(String text) {
    DhtNodeBuilder builder = DhtNode.builder();
    assertThatThrownBy(() -> builder.bootstrap(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "host:1", "[::1]:65535", "[::1]", "::1", "10.0.0.1:4000"})
  void bootstrap_hostAndPort_isTaken(String text) {
    DhtNodeBuilder builder = DhtNode.builder().bootstrap(text);
    assertThat(builder.bootstrap).hasSize(1);
    assertThat(builder.bootstrap.get(0).hasPort()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 65_536})
  void port_outOfRange_isRefused(int port) {
    DhtNodeBuilder builder = DhtNode.builder();
    assertThatThrownBy(() -> builder.port(port)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bind_unresolvedAddress_isRefused() {
    DhtNodeBuilder builder = DhtNode.builder();
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nobody.invalid", 1);
    assertThatThrownBy(() -> builder.bind(unresolved)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void scope_notGiven_followsFromTheAddresses() {
    InetSocketAddress local = new InetSocketAddress("10.0.0.1", 1);
    InetSocketAddress wide = new InetSocketAddress("203.0.113.1", 1);
    assertThat(DhtNode.builder().effectiveConfig().scope()).isEqualTo(Scope.PUBLIC);
    assertThat(DhtNode.builder().bind(local).effectiveConfig().scope()).isEqualTo(Scope.LOCAL);
    assertThat(DhtNode.builder().bind(local).bind(wide).effectiveConfig().scope())
        .isEqualTo(Scope.PUBLIC);
  }

  @Test
  void scope_given_holdsWhateverTheOrder() {
    DhtConfig config = DhtConfig.defaults();
    assertThat(DhtNode.builder().scope(Scope.LOCAL).config(config).effectiveConfig().scope())
        .isEqualTo(Scope.LOCAL);
    assertThat(DhtNode.builder().config(config).scope(Scope.LOCAL).effectiveConfig().scope())
        .isEqualTo(Scope.LOCAL);
    assertThat(Loopback.node().scope(Scope.PUBLIC).effectiveConfig().scope())
        .isEqualTo(Scope.PUBLIC);
  }

  @Test
  void bindAddresses_bothWildcardsOfOnePort_leaveTheOneThatCarriesBoth() {
    InetSocketAddress ipv4 = new InetSocketAddress("0.0.0.0", 4000);
    InetSocketAddress ipv6 = new InetSocketAddress("::", 4000);
    assertThat(DhtNode.builder().bind(ipv4).bind(ipv6).bindAddresses()).containsExactly(ipv6);
    assertThat(DhtNode.builder().bind(ipv4).bindAddresses()).containsExactly(ipv4);
    assertThat(DhtNode.builder().port(4000).bindAddresses()).containsExactly(ipv4);
  }
}
