package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtEvent;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.Counter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two of our nodes that know nothing but a node of libtorrent, and find each other. */
@Tag("interop")
@Timeout(120)
class RendezvousIT {

  private static final int THEIRS = 20;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static DhtNode start(String address, String entry, List<DhtEvent> events)
      throws Exception {
    return DhtNode.builder()
        .bind(new InetSocketAddress(InetAddress.getByName(address), 0))
        .rendezvous(entry)
        .listener(events::add)
        .build()
        .start();
  }

  private static String endpoint(DhtNode node) {
    InetSocketAddress address = node.localAddresses().get(0);
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  @Test
  void ourNodes_throughTheirSwarm_findEachOther() throws Exception {
    byte[] infoHash =
        MessageDigest.getInstance("SHA-1")
            .digest(("bytchat" + DhtConfig.DEFAULT_NETWORK).getBytes(StandardCharsets.UTF_8));
    List<DhtEvent> first = new CopyOnWriteArrayList<>();
    List<DhtEvent> second = new CopyOnWriteArrayList<>();
    try (LibtorrentSwarm swarm = LibtorrentSwarm.startLocal("127.0.87", THEIRS)) {
      swarm.acquaint();
      for (int i = 0; i < THEIRS; i++) {
        int node = i;
        await().atMost(LIMIT).until(() -> swarm.table(node).verified() == THEIRS - 1);
      }
      String entry = swarm.peers().get(0).endpoint();
      try (DhtNode one = start("127.0.88.1", entry, first)) {
        await().atMost(LIMIT).until(() -> announcedTo(first) == 8);
        assertThat(swarm.peers(7, infoHash, 1, LIMIT)).containsExactly(endpoint(one));
        try (DhtNode other = start("127.0.89.1", swarm.peers().get(5).endpoint(), second)) {
          assertThat(other.joined().get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
          assertThat(other.contacts().get().get(0).id()).isEqualTo(one.id());
          await().atMost(LIMIT).until(() -> one.contacts().get().size() == 1);
          assertThat(swarm.peers(3, infoHash, 2, LOOK)).contains(endpoint(one));
          assertThat(one.stats().get().engine().count(Counter.DROPPED_MALFORMED)).isZero();
        }
      }
    }
  }

  /** Returns how many nodes took the first announcement, 0 if there was none. */
  private static int announcedTo(List<DhtEvent> events) {
    return events.stream()
        .filter(DhtEvent.RendezvousEnded.class::isInstance)
        .mapToInt(event -> ((DhtEvent.RendezvousEnded) event).announcedTo())
        .findFirst()
        .orElse(0);
  }
}
