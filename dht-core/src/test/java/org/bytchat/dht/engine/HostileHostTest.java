package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntFunction;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** A node joins through several hosts of which one is hostile. */
class HostileHostTest {

  private static final int GHOSTS = 200;
  private static final int NETWORK = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
  private static final Duration STEP = Duration.ofMillis(20);

  /** What a ghost says on its way. */
  private record Late(long atNanos, Endpoint from, Endpoint to, byte[] datagram) {}

  private final PriorityQueue<Late> late = new PriorityQueue<>(Comparator.comparing(Late::atNanos));
  private final List<Endpoint> ghosts = new ArrayList<>();

  @SeededTest(runs = 3)
  void join_honestHostAnswersLater_isHeardAllTheSame(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults());
    List<StagedPeer> gang = stage.gather(NodeId.ZERO, 100, 2 * StagedNetwork.HONEST);
    StagedNetwork.conspire(gang);
    StagedPeer host = stage.honest.get(0);
    long from = stage.network.nowNanos() + Duration.ofMillis(700).toNanos();
    host.manner = (query, answer) -> stage.network.nowNanos() < from ? null : answer;
    stage.node.start(gang.get(0).contact.endpoint(), host.contact.endpoint());
    stage.network.run(Duration.ofMinutes(1));
    assertKnowsNeighbours(stage);
    Set<Contact> hostile = new HashSet<>(gang.stream().map(peer -> peer.contact).toList());
    assertThat(stage.node.engine().contacts())
        .filteredOn(hostile::contains)
        .hasSizeLessThan(stage.node.engine().contacts().size() / 4);
  }

  @SeededTest(runs = 3)
  void join_hostMakesUpNeighbours_theTrueOnesAreFound(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults());
    StagedPeer hostile =
        haunted(stage, Duration.ZERO, key -> i -> NodeId.of(key.high(), i, key.low()));
    join(stage, hostile);
    run(stage, Duration.ofMinutes(1));
    assertKnowsNeighbours(stage);
    assertThat(stage.count(Counter.TIMEOUTS)).as("ghosts that did not prove").isPositive();
  }

  /** Each names one that is nearer still, and takes as long as it may. */
  @SeededTest(runs = 3)
  void join_hostDrawsItOut_endsWithoutIt(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults());
    StagedPeer hostile =
        haunted(
            stage,
            Duration.ofMillis(600),
            key -> i -> NodeId.of(key.high(), key.middle() ^ (1L << 40) - i * 1000L, key.low()));
    join(stage, hostile);
    run(stage, Duration.ofSeconds(10));
    assertThat(stage.node.stats().joined()).isTrue();
    assertKnowsNeighbours(stage);
  }

  private static void assertKnowsNeighbours(StagedNetwork stage) {
    List<Contact> nearest =
        StagedNetwork.contacts(stage.honest, stage.node.id(), StagedNetwork.K / 2);
    assertThat(stage.node.engine().contacts()).containsAll(nearest);
  }

  private static void join(StagedNetwork stage, StagedPeer hostile) {
    stage.node.start(
        hostile.contact.endpoint(),
        stage.honest.get(0).contact.endpoint(),
        stage.honest.get(1).contact.endpoint());
  }

  private void run(StagedNetwork stage, Duration time) {
    long end = stage.network.nowNanos() + time.toNanos();
    while (stage.network.nowNanos() < end) {
      stage.network.run(STEP);
      while (!late.isEmpty() && late.peek().atNanos <= stage.network.nowNanos()) {
        Late next = late.remove();
        stage.network.inject(next.from, next.to, next.datagram);
      }
    }
  }

  /** Names the ghosts near a key. */
  @FunctionalInterface
  private interface Naming {
    IntFunction<NodeId> near(NodeId key);
  }

  /**
   * Makes a peer that names ghosts alone: endpoints that answer by an id near any key, name those
   * that come next, and prove nothing.
   */
  private StagedPeer haunted(StagedNetwork stage, Duration delay, Naming naming) {
    for (int i = 0; i < GHOSTS; i++) {
      int ghost = i;
      ghosts.add(TestContacts.endpoint(5_000 + i));
      stage.network.attach(
          ghosts.get(i),
          (from, datagram) -> {
            Packet query = SoloPeer.decode(datagram);
            NodeId key = query.key();
            if (query.kind == Kind.QUERY && key != null) {
              long at = stage.network.nowNanos() + delay.toNanos();
              Packet answer = answer(query, from, naming.near(key).apply(ghost));
              StagedPeer.name(answer, named(key, ghost + 1, delay.isZero() ? 20 : 1, naming));
              late.add(new Late(at, ghosts.get(ghost), from, SoloPeer.encode(answer)));
            }
          });
    }
    StagedPeer host = stage.gather(NodeId.ZERO, 1, 2.0 * StagedNetwork.HONEST).get(0);
    host.manner =
        (query, answer) -> {
          NodeId key = query.key();
          if (key != null && !query.hasChallenge) {
            StagedPeer.name(answer, named(key, 0, 20, naming));
          }
          return answer;
        };
    return host;
  }

  private static Packet answer(Packet query, Endpoint asker, NodeId ghost) {
    Packet answer = new Packet();
    answer.kind = Kind.RESPONSE;
    answer.transactionId = query.transactionId;
    answer.networkId = NETWORK;
    answer.observed = asker;
    answer.sender(ghost);
    answer.token(new byte[WireLimits.TOKEN_BYTES], 0, WireLimits.TOKEN_BYTES);
    return answer;
  }

  private List<Contact> named(NodeId key, int first, int count, Naming naming) {
    List<Contact> named = new ArrayList<>();
    for (int i = first; i < Math.min(GHOSTS, first + count); i++) {
      named.add(Contact.of(naming.near(key).apply(i), ghosts.get(i), 0));
    }
    named.sort((a, b) -> key.compareDistance(a.id(), b.id()));
    return named;
  }
}
