package org.bytchat.dht.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.Solo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Goal: what strangers announce costs a node little, and searches come at sensible times. */
class RendezvousTest {

  private static final long SECOND = 1_000_000_000;

  private final Rendezvous rendezvous = new Rendezvous(DhtConfig.defaults(), 4000, new Random(1));
  private final Solo own = new Solo(1, DhtConfig.defaults());
  private final Solo mainline = new Solo(2, DhtConfig.defaults().withDialect(Dialect.MAINLINE));

  /** Starts the search that is due; returns its number. */
  private long search(long nowNanos) {
    rendezvous.step(own.engine(), mainline.engine(), nowNanos);
    mainline.flush();
    // Nobody is around, so it has ended already.
    List<EngineEvent> events = mainline.events();
    EngineEvent last = events.get(events.size() - 1);
    assertThat(last).isInstanceOf(EngineEvent.PeersFound.class);
    return ((EngineEvent.PeersFound) last).id();
  }

  private Rendezvous.@Nullable Outcome end(long id, List<Endpoint> peers, long nowNanos) {
    return rendezvous.onEvent(new EngineEvent.PeersFound(id, peers, 8, null), nowNanos);
  }

  @Test
  void search_beforeTheOtherNodeJoined_isNotMade() {
    assertThat(rendezvous.nextNanos()).isEqualTo(Long.MAX_VALUE);
    rendezvous.onEvent(new EngineEvent.Joined(3), 5);
    assertThat(rendezvous.nextNanos()).isEqualTo(5);
  }

  @Test
  void found_manyPeers_areOneOfEachSubnetAndSixtyFourAtTheMost() {
    rendezvous.onEvent(new EngineEvent.Joined(3), 0);
    List<Endpoint> peers = new ArrayList<>();
    for (int subnet = 0; subnet < 100; subnet++) {
      for (int host = 1; host <= 5; host++) {
        peers.add(Endpoint.ofIpv4(0x0b00_0000 | subnet << 8 | host, 4000));
      }
    }
    assertThat(end(search(0), peers, 1)).isEqualTo(new Rendezvous.Outcome(Rendezvous.FOUND_MAX, 0));
    assertThat(rendezvous.found())
        .hasSize(Rendezvous.FOUND_MAX)
        .allMatch(endpoint -> (endpoint.addressLow() & 0xff) == 1);
    assertThat(rendezvous.found().stream().map(Endpoint::subnet).distinct())
        .hasSize(Rendezvous.FOUND_MAX);
  }

  @Test
  void found_nothingLater_keepsWhatWasFoundBefore() {
    rendezvous.onEvent(new EngineEvent.Joined(3), 0);
    Endpoint peer = Endpoint.ofIpv4(0x0b00_0001, 4000);
    end(search(0), List.of(peer), 1);
    assertThat(rendezvous.nextNanos()).as("the own node tries it at once").isNegative();
    long again = search(3_600 * SECOND);
    assertThat(end(again, List.of(), 3_601 * SECOND)).isEqualTo(new Rendezvous.Outcome(0, 0));
    assertThat(rendezvous.found()).containsExactly(peer);
    assertThat(end(again, List.of(), 0)).as("it has ended").isNull();
  }

  @Test
  void search_whenTheNodeLostAllWhomItKnew_comesSoon() {
    rendezvous.onEvent(new EngineEvent.Joined(3), 0);
    long now = 0;
    for (int i = 0; i < 10; i++) {
      end(search(now), List.of(), now);
      now = rendezvous.nextNanos();
    }
    end(search(now), List.of(), now);
    assertThat(rendezvous.nextNanos() - now).isGreaterThan(600 * SECOND);
    rendezvous.onAlone(now);
    assertThat(rendezvous.nextNanos() - now).isEqualTo(15 * SECOND);
  }

  @Test
  void pauses_whileTheNodeIsAlone_growToAQuarterOfAnHour() {
    rendezvous.onEvent(new EngineEvent.Joined(3), 0);
    long now = 0;
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      end(search(now), List.of(), now);
      long next = rendezvous.nextNanos();
      pauses.add((next - now) / SECOND);
      now = next;
    }
    assertThat(pauses.get(0)).isBetween(22L, 30L);
    assertThat(pauses.get(1)).isBetween(45L, 60L);
    assertThat(pauses.get(9)).isBetween(675L, 900L);
  }
}
