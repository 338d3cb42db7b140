package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;

/** What makes a node full and keeps it so. */
class ReachabilityTest {

  private static void pingFrom(Solo solo, int peer) {
    SoloPeer stranger = solo.peer(peer);
    Packet ping = stranger.query(Method.PING);
    ping.readOnly = true;
    solo.receive(stranger, ping);
    solo.takeSent();
  }

  /** Each of them is answered, and each answer is something sent to its address. */
  @SeededTest(runs = 2)
  void full_askedByThousandsOfAddresses_staysFull(long seed) {
    Solo solo = new Solo(seed, DhtConfig.defaults());
    for (int i = 0; i < 2 * 36_000; i++) {
      pingFrom(solo, i % 20_000);
      solo.run(Duration.ofMillis(100));
    }
    assertThat(solo.events()).containsOnlyOnce(new EngineEvent.ReachabilityChanged(true));
    assertThat(solo.events()).doesNotContain(new EngineEvent.ReachabilityChanged(false));
  }

  @SeededTest(runs = 2)
  void full_twoNetworks_isNotUntilThereIsAThird(long seed) {
    Solo solo = new Solo(seed, DhtConfig.defaults());
    for (int minute = 0; minute < 20; minute++) {
      pingFrom(solo, minute % 2);
      solo.run(Duration.ofMinutes(1));
    }
    assertThat(solo.engine().stats().full()).isFalse();
    pingFrom(solo, 2);
    assertThat(solo.engine().stats().full()).as("the third network").isTrue();
  }

  /** The only ones who ask were answered a minute before: that shows nothing. */
  @SeededTest(runs = 2)
  void full_onlyThoseAnsweredLatelyAsk_endsAfterTheWindow(long seed) {
    Solo solo = new Solo(seed, DhtConfig.defaults());
    for (int minute = 0; minute < 60; minute++) {
      for (int peer = 0; peer < 3; peer++) {
        pingFrom(solo, peer);
      }
      if (minute < 30) {
        assertThat(solo.engine().stats().full()).isTrue();
      }
      solo.run(Duration.ofMinutes(1));
    }
    assertThat(solo.engine().stats().full()).isFalse();
  }
}
