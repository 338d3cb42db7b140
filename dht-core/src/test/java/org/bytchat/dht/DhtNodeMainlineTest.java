package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.wire.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes of Mainline's dialect on real sockets, and nodes of ours that meet through them. */
class DhtNodeMainlineTest {

  /** A node and k = 8 others, so that a bucket holds them all however their ids fall. */
  private static final int NODES = 9;

  private static final DhtConfig MAINLINE = DhtConfig.defaults().withDialect(Dialect.MAINLINE);

  private final DhtRuntime runtime = DhtRuntime.start(2, 1);
  private final List<DhtNode> nodes = new ArrayList<>();

  @BeforeEach
  void startNodes() throws Exception {
    for (int i = 0; i < NODES; i++) {
      DhtNodeBuilder builder = Loopback.node().runtime(runtime).config(MAINLINE);
      if (i > 0) {
        builder.bootstrap(Loopback.hostAndPort(nodes.get(0)));
      }
      nodes.add(builder.build().start());
    }
    for (DhtNode node : nodes) {
      await().atMost(Loopback.LONG).until(() -> Loopback.get(node.contacts()).size() == NODES - 1);
    }
  }

  @AfterEach
  void stopNodes() {
    runtime.close();
  }

  @Test
  void peers_announcedByOne_areFoundByAnother() throws Exception {
    NodeId infohash = NodeId.of(1, 2, 3);
    assertThat(Loopback.get(nodes.get(1).mainline().peers(infohash)).peers()).isEmpty();
    Mainline.Peers announced = Loopback.get(nodes.get(2).mainline().announce(infohash, 4_000));
    assertThat(announced.announced()).isNotNull();
    assertThat(announced.announced()).extracting(PutResult::stored).isEqualTo(8);
    assertThat(Loopback.get(nodes.get(3).mainline().peers(infohash)).peers())
        .containsExactly(new InetSocketAddress(InetAddresses.forString("127.0.0.1"), 4_000));
  }

  @Test
  void items_putByOne_areReadByAnother() throws Exception {
    byte[] value = "5:value".getBytes(StandardCharsets.US_ASCII);
    MainlineItem plain = MainlineItem.immutable(value);
    assertThat(Loopback.get(nodes.get(2).mainline().put(plain)).stored()).isEqualTo(8);
    assertThat(Loopback.get(nodes.get(3).mainline().item(plain.target(), new byte[0])))
        .contains(plain);

    UserKey key = UserKey.generateEd25519(new SecureRandom());
    MainlineItem signed = signed(key, 1, value);
    Loopback.get(nodes.get(2).mainline().put(signed));
    assertThat(Loopback.get(nodes.get(3).mainline().item(signed.target(), new byte[0])))
        .contains(signed);
    PutResult refused = Loopback.get(nodes.get(2).mainline().put(signed(key, 2, value), 7));
    assertThat(refused.nodes()).allMatch(node -> node.errorCode() == ErrorCode.CAS_MISMATCH);
    assertThat(Loopback.get(nodes.get(4).mainline().item(NodeId.ZERO, new byte[0]))).isEmpty();
  }

  private static MainlineItem signed(UserKey key, long sequence, byte[] value) {
    byte[] encoded = key.publicKey().encoded();
    byte[] raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    byte[] statement = MainlineItem.statement(new byte[0], sequence, value);
    return MainlineItem.mutable(raw, new byte[0], sequence, value, key.sign(statement));
  }

  @Test
  void commands_ofTheOtherDialect_fail() throws Exception {
    try (DhtNode ours = Loopback.node().runtime(runtime).build().start()) {
      assertThatThrownBy(() -> Loopback.get(ours.mainline().peers(NodeId.ZERO)))
          .hasRootCauseInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> Loopback.get(nodes.get(0).get(NodeId.ZERO)))
          .hasRootCauseInstanceOf(IllegalStateException.class);
    }
    assertThatThrownBy(() -> Loopback.get(nodes.get(0).mainline().announce(NodeId.ZERO, 0)))
        .hasRootCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ping_andLookup_workAsInOurDialect() throws Exception {
    InetSocketAddress address = nodes.get(5).localAddresses().get(0);
    assertThat(Loopback.get(nodes.get(1).ping(address)).contact().id())
        .isEqualTo(nodes.get(5).id());
    assertThat(Loopback.get(nodes.get(1).lookup(nodes.get(5).id())).closest().get(0).id())
        .isEqualTo(nodes.get(5).id());
  }

  // Rendezvous.

  private DhtNodeBuilder meeting(String address) {
    return DhtNode.builder()
        .runtime(runtime)
        .bind(new InetSocketAddress(InetAddresses.forString(address), 0))
        .rendezvous(Loopback.hostAndPort(nodes.get(4)));
  }

  @Test
  void rendezvous_ofTwoNodes_makesThemContacts() throws Exception {
    List<DhtEvent> events = new CopyOnWriteArrayList<>();
    try (DhtNode first = meeting("127.0.90.1").listener(events::add).build().start()) {
      await()
          .atMost(Loopback.LONG)
          .untilAsserted(() -> assertThat(events).contains(new DhtEvent.RendezvousEnded(0, 8)));
      try (DhtNode second = meeting("127.0.91.1").build().start();
          DhtNode third = meeting("127.0.92.1").build().start()) {
        for (DhtNode node : List.of(first, second, third)) {
          await().atMost(Loopback.LONG).until(() -> Loopback.get(node.contacts()).size() == 2);
        }
        assertThat(Loopback.get(second.lookup(first.id())).closest().get(0).id())
            .isEqualTo(first.id());
        assertThat(Loopback.get(second.stats()).engine().joined()).isTrue();
      }
    }
  }

  @Test
  void rendezvous_ofAnotherNetwork_findsNobody() throws Exception {
    List<DhtEvent> events = new CopyOnWriteArrayList<>();
    DhtConfig other = DhtConfig.defaults().withNetwork("other");
    try (DhtNode first = meeting("127.0.90.1").build().start();
        DhtNode second =
            meeting("127.0.91.1").config(other).listener(events::add).build().start()) {
      await()
          .atMost(Loopback.LONG)
          .untilAsserted(() -> assertThat(events).contains(new DhtEvent.RendezvousEnded(0, 8)));
      assertThat(Loopback.get(second.contacts())).isEmpty();
      assertThat(Loopback.get(first.contacts())).isEmpty();
    }
  }

  @Test
  void rendezvous_readOnly_findsAndIsNotFound() throws Exception {
    try (DhtNode first = meeting("127.0.90.1").build().start()) {
      List<DhtEvent> events = new CopyOnWriteArrayList<>();
      DhtConfig readOnly = DhtConfig.defaults().withReadOnly(true);
      await()
          .atMost(Loopback.LONG)
          .until(() -> !Loopback.get(nodes.get(1).mainline().peers(infohash())).peers().isEmpty());
      try (DhtNode second =
          meeting("127.0.91.1").config(readOnly).listener(events::add).build().start()) {
        await().atMost(Loopback.LONG).until(() -> Loopback.get(second.contacts()).size() == 1);
        assertThat(events).contains(new DhtEvent.RendezvousEnded(1, 0));
        assertThat(Loopback.get(nodes.get(1).mainline().peers(infohash())).peers())
            .containsExactly(first.localAddresses().get(0));
      }
    }
  }

  /** SHA-1("bytchat" ‖ "bytchat"), computed with another program. */
  private static NodeId infohash() {
    return NodeId.parse("94be333b0b3ea41e9457f44593ac74f479c965f3");
  }

  @Test
  void rendezvous_entryNodes_areChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DhtNode.builder().rendezvous("host:0"))
        .withMessageContaining("entry node must be HOST:PORT");
    assertThatThrownBy(() -> DhtNode.builder().config(MAINLINE).rendezvous().build())
        .isInstanceOf(IllegalStateException.class);
  }
}
