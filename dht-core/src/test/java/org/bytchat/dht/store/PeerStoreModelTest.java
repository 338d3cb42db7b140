package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.PeerStore.Limits;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Shrinker;
import org.bytchat.dht.time.DeadlineQueue;

/** Goal: whatever happens, the store is a plain list, oldest announce first, with the rules. */
class PeerStoreModelTest {

  private static final int OPERATIONS = 2_000;
  private static final int SWARMS = 12;
  private static final long LIFETIME = 500;

  private record Operation(int swarm, Endpoint peer, long source, int pause, boolean expires) {}

  private record Peer(int swarm, Endpoint endpoint, long source, long end) {}

  @SeededTest(runs = 40)
  void operations_random_sameAsTheNaiveStore(long seed) {
    Random random = Seeds.random(seed);
    // Each limit is at times what is short and at times out of reach.
    Limits limits =
        new Limits(
            random.nextBoolean() ? 100 : 1 + random.nextInt(SWARMS),
            random.nextBoolean() ? 100 : 1 + random.nextInt(8),
            random.nextBoolean() ? 500 : 1 + random.nextInt(40),
            random.nextBoolean() ? 500 : 1 + random.nextInt(20),
            LIFETIME);
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < OPERATIONS; i++) {
      int peer = random.nextInt(1 + random.nextInt(12));
      operations.add(
          new Operation(
              random.nextInt(1 + random.nextInt(SWARMS)),
              random.nextInt(3) == 0 ? Endpoint.ofIpv6(1, peer, 1) : Endpoint.ofIpv4(1, peer),
              random.nextInt(1 + random.nextInt(NaiveSources.COUNT)),
              random.nextInt(4) == 0 ? random.nextInt(60) : 0,
              random.nextInt(3) == 0));
    }
    Shrinker.check(operations, list -> new Run(limits, seed).all(list));
  }

  private static NodeId infohash(int swarm) {
    return NodeId.of(7, 7, swarm);
  }

  private static final class Run {

    private final Limits limits;
    private final PeerStore store;
    private final Random random;
    private final List<Peer> naive = new ArrayList<>();

    /** By swarm, where in the run its last announce was. */
    private final int[] lastAnnounce = new int[SWARMS];

    private int announces;
    private long now;
    private long evicted;

    Run(Limits limits, long seed) {
      this.limits = limits;
      this.store = new PeerStore(limits);
      this.random = Seeds.random(Seeds.derive(seed, 1));
    }

    void all(List<Operation> operations) {
      for (Operation operation : operations) {
        now += operation.pause;
        if (operation.expires) {
          int before = naive.size();
          naive.removeIf(peer -> peer.end <= now);
          assertThat(store.expire(now)).isEqualTo(before - naive.size());
        }
        boolean isHeld =
            store.announce(infohash(operation.swarm), operation.peer, operation.source, now);
        assertThat(isHeld).isEqualTo(announce(operation));
        checkState(operation.swarm);
      }
    }

    private void checkState(int swarm) {
      assertThat(store.peerCount()).isEqualTo(naive.size());
      assertThat(store.swarmCount()).isEqualTo(swarms().size());
      assertThat(store.evicted()).isEqualTo(evicted);
      assertThat(store.nextExpiryNanos())
          .isEqualTo(naive.stream().mapToLong(Peer::end).min().orElse(DeadlineQueue.NEVER));
      checkSample(swarm, random.nextInt(6));
      if (announces % 16 == 0) {
        for (int other = 0; other < SWARMS; other++) {
          checkSample(other, 100);
        }
      }
    }

    private void checkSample(int swarm, int limit) {
      for (AddressFamily family : AddressFamily.values()) {
        Set<Endpoint> live = new LinkedHashSet<>();
        for (Peer peer : naive) {
          if (peer.swarm == swarm && peer.endpoint.family() == family && peer.end > now) {
            live.add(peer.endpoint);
          }
        }
        Endpoint[] into = new Endpoint[limit];
        int found = store.sample(infohash(swarm), family, into, random::nextInt, now);
        assertThat(found).isEqualTo(Math.min(limit, live.size()));
        assertThat(Arrays.asList(into).subList(0, found)).doesNotHaveDuplicates().isSubsetOf(live);
      }
    }

    private Set<Integer> swarms() {
      Set<Integer> swarms = new LinkedHashSet<>();
      naive.forEach(peer -> swarms.add(peer.swarm));
      return swarms;
    }

    private boolean announce(Operation operation) {
      announces++;
      long source = operation.source;
      for (Peer peer : naive) {
        if (peer.swarm == operation.swarm && peer.endpoint.equals(operation.peer)) {
          source = peer.source;
          naive.remove(peer);
          add(operation, source);
          return true;
        }
      }
      if (count(-1, source) >= limits.sourcePeersMax()) {
        return false;
      }
      boolean hasRoom =
          count(operation.swarm, -1) >= limits.swarmPeersMax()
              ? evictFromSwarm(operation.swarm, source)
              : count(operation.swarm, -1) == 0 && swarms().size() >= limits.swarmsMax()
                  ? evictSwarm(source)
                  : naive.size() < limits.peersMax() || evictAny(source);
      if (hasRoom) {
        add(operation, source);
      }
      return hasRoom;
    }

    private void add(Operation operation, long source) {
      naive.add(new Peer(operation.swarm, operation.peer, source, now + LIFETIME));
      lastAnnounce[operation.swarm] = announces;
    }

    private boolean evictFromSwarm(int swarm, long source) {
      long largest = NaiveSources.largest(source, 1, other -> count(swarm, other));
      return evictOldest(swarm, largest) || evictOldest(swarm, -1);
    }

    private boolean evictAny(long source) {
      return evictOldest(-1, NaiveSources.largest(source, 1, other -> count(-1, other)));
    }

    private boolean evictSwarm(long source) {
      long elsewhere = count(-1, source) - singles(source).size();
      long largest = NaiveSources.largest(source, 1 + elsewhere, other -> singles(other).size());
      int oldest = -1;
      for (int swarm : singles(largest)) {
        if (oldest < 0 || lastAnnounce[swarm] < lastAnnounce[oldest]) {
          oldest = swarm;
        }
      }
      if (oldest < 0) {
        return false;
      }
      while (count(oldest, -1) > 0) {
        evictOldest(oldest, -1);
      }
      return true;
    }

    /** Returns the swarms that a source makes up alone. */
    private List<Integer> singles(long source) {
      return swarms().stream()
          .filter(swarm -> count(swarm, source) > 0 && count(swarm, source) == count(swarm, -1))
          .toList();
    }

    /** Returns how many peers a swarm and a source have; -1 stands for all of them. */
    private long count(int swarm, long source) {
      return naive.stream().filter(peer -> isOf(peer, swarm, source)).count();
    }

    private boolean evictOldest(int swarm, long source) {
      for (Peer peer : naive) {
        if (isOf(peer, swarm, source)) {
          evicted++;
          return naive.remove(peer);
        }
      }
      return false;
    }

    private static boolean isOf(Peer peer, int swarm, long source) {
      return (swarm < 0 || peer.swarm == swarm) && (source < 0 || peer.source == source);
    }
  }
}
