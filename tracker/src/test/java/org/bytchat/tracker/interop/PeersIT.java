package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.interop.LibtorrentSwarm.Item;
import org.bytchat.tracker.interop.LibtorrentSwarm.Mutable;
import org.bytchat.tracker.interop.LibtorrentSwarm.Peer;
import org.bytchat.tracker.interop.LibtorrentSwarm.Put;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of others among themselves: what a test with a node of ours takes for granted. */
@Tag("interop")
@Timeout(120)
class PeersIT {

  private static final int NODES = 20;
  private static final int SEED_BYTES = 32;
  private static final int HASH_BYTES = 20;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Bytes as text, one to one. */
  private static final Charset BYTES = StandardCharsets.ISO_8859_1;

  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Random random = Seeds.random(1);

  @Test
  void libtorrent_bootstrapsThroughOneNode() throws Exception {
    try (LibtorrentSwarm swarm = LibtorrentSwarm.startLocal("127.0.81", NODES)) {
      Peer hub = swarm.peers().get(0);
      for (int i = 1; i < NODES; i++) {
        swarm.bootstrap(i, hub.address(), hub.port());
      }
      for (int i = 0; i < NODES; i++) {
        int node = i;
        await().atMost(LIMIT).until(() -> swarm.table(node).contacts() > 0);
      }
      // All they have in common is the hub: it verifies one of them each five seconds.
      byte[] infoHash = bytes(HASH_BYTES);
      swarm.announce(3, infoHash);
      assertThat(swarm.peers(17, infoHash, 1, LIMIT))
          .containsExactly(swarm.peers().get(3).endpoint());
    }
  }

  @Test
  void libtorrent_findsPeersAndItemsOfOthers() throws Exception {
    try (LibtorrentSwarm swarm = acquainted(LibtorrentSwarm.startLocal("127.0.82", NODES))) {
      byte[] infoHash = bytes(HASH_BYTES);
      swarm.announce(3, infoHash);
      assertThat(swarm.peers(17, infoHash, 1, LIMIT))
          .containsExactly(swarm.peers().get(3).endpoint());

      Put immutable = swarm.putImmutable(4, "for ever");
      assertThat(immutable.stored()).isPositive();
      assertThat(swarm.getImmutable(16, immutable.where()).map(Item::text)).hasValue("for ever");
      assertThat(swarm.getImmutable(16, bytes(HASH_BYTES))).isEmpty();

      byte[] seed = bytes(SEED_BYTES);
      byte[] key = swarm.putMutable(5, new Mutable(seed, "salt", "first")).where();
      assertThat(swarm.getMutable(15, key, "salt").map(Item::text)).hasValue("first");
      assertThat(swarm.getMutable(15, key, "")).isEmpty();
      Put second = swarm.putMutable(6, new Mutable(seed, "salt", "second"));
      assertThat(second.seq()).isEqualTo(2);
      assertThat(swarm.getMutable(14, key, "salt").map(Item::text)).hasValue("second");
      assertThat(swarm.getMutable(14, key, "salt").map(Item::seq)).hasValue(2L);
    }
  }

  @Test
  void libtorrent_ordersMutableItems() throws Exception {
    try (LibtorrentSwarm swarm = LibtorrentSwarm.startLocal("127.0.83", 1)) {
      Peer node = swarm.peers().get(0);
      Mutable item = new Mutable(bytes(SEED_BYTES), "salt", "value");
      assertThat(swarm.putDirectly(node, item, 5, null)).isZero();
      assertThat(swarm.putDirectly(node, item, 5, null)).isZero();
      assertThat(swarm.putDirectly(node, item, 4, null)).isEqualTo(302);
      assertThat(swarm.putDirectly(node, item, 6, 4L)).isEqualTo(301);
      assertThat(swarm.putDirectly(node, item, 6, 5L)).isZero();
      assertThat(swarm.putDirectly(node, item, -1, null)).isEqualTo(203);
      Mutable large = new Mutable(item.seed(), "", "v".repeat(1000));
      assertThat(swarm.putDirectly(node, large, 1, null)).isEqualTo(205);
      Mutable salty = new Mutable(item.seed(), "s".repeat(65), "value");
      assertThat(swarm.putDirectly(node, salty, 1, null)).isEqualTo(207);
      assertThat(swarm.counter(0, "dht.dht_put_in")).isEqualTo(8);

      byte[] ping = ("d1:ad2:id20:" + "i".repeat(20) + "e1:q4:ping1:t1:x1:y1:qe").getBytes(BYTES);
      assertThat(swarm.krpc(node, ping)).hasValueSatisfying(PeersIT::assertAnswersX);
    }
  }

  private static void assertAnswersX(byte[] answer) {
    assertThat(new String(answer, BYTES)).startsWith("d2:ip6:").contains("1:t1:x").endsWith("1:re");
  }

  @Test
  void libtorrent_thatCannotListen_isSaid() throws Exception {
    LibtorrentSwarm.assumeInstalled();
    // An address for documentation (RFC 5737), which is not this machine's.
    assertThatThrownBy(() -> LibtorrentSwarm.startLocal("203.0.113", 1))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("listening on 203.0.113.1");
  }

  @Test
  void aria2_findsAndIsFound(@TempDir Path folder) throws Exception {
    try (LibtorrentSwarm swarm = acquainted(LibtorrentSwarm.startLocal("127.0.84", NODES));
        Aria2 aria2 =
            Aria2.start(
                Aria2.Settings.at("127.0.84.200", folder), swarm.peers().get(0).endpoint())) {
      byte[] infoHash = bytes(HASH_BYTES);
      swarm.announce(3, infoHash);
      aria2.join(infoHash);
      String announced = swarm.peers().get(3).endpoint();
      await().atMost(LIMIT).until(() -> swarm.peers(9, infoHash, 2, LOOK).size() == 2);
      assertThat(swarm.peers(9, infoHash, 2, LOOK))
          .containsExactlyInAnyOrder(announced, aria2.endpoint());
      assertThat(aria2.peersFound()).contains(announced);
      assertThat(aria2.nodesHeard()).contains(swarm.peers().get(0).endpoint());
    }
  }

  /** Waits until each node has all others in its table. */
  private static LibtorrentSwarm acquainted(LibtorrentSwarm swarm) throws Exception {
    try {
      swarm.acquaint();
      int others = swarm.peers().size() - 1;
      for (int i = 0; i <= others; i++) {
        int node = i;
        await().atMost(LIMIT).until(() -> swarm.table(node).verified() == others);
      }
      return swarm;
    } catch (Exception | AssertionError e) {
      swarm.close();
      throw e;
    }
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
