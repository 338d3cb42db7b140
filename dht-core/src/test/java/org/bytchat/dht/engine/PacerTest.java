package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.junit.jupiter.api.Test;

class PacerTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void isReady_atFirst_whateverTheTime() {
    assertThat(new Pacer(1).isReady(Long.MIN_VALUE / 2)).isTrue();
    assertThat(new Pacer(1).isReady(0)).isTrue();
  }

  @Test
  void isReady_asFastAsPossible_keepsToTheRateWithATenthOfASecondAtOnce() {
    Pacer pacer = new Pacer(250);
    int atOnce = 0;
    while (pacer.isReady(0)) {
      pacer.charge(0);
      atOnce++;
    }
    assertThat(atOnce).isEqualTo(26);
    int sent = 0;
    for (long now = pacer.readyAtNanos(); now <= 10 * SECOND; now = pacer.readyAtNanos()) {
      assertThat(pacer.isReady(now - 1)).isFalse();
      assertThat(pacer.isReady(now)).isTrue();
      pacer.charge(now);
      sent++;
    }
    assertThat(sent).isEqualTo(2500);
  }

  @Test
  void isReady_afterARest_savesNoMoreThanTheBurst() {
    Pacer pacer = new Pacer(250);
    pacer.charge(0);
    long later = 3600 * SECOND;
    int atOnce = 0;
    while (pacer.isReady(later)) {
      pacer.charge(later);
      atOnce++;
    }
    assertThat(atOnce).isEqualTo(26);
  }

  @SeededTest(runs = 20)
  void charge_notReady_isCountedAndPaidLater(long seed) {
    Random random = Seeds.random(seed);
    int rate = 1 + random.nextInt(1000);
    Pacer pacer = new Pacer(rate);
    int forced = 100 + random.nextInt(1000);
    for (int i = 0; i < forced; i++) {
      pacer.charge(0);
    }
    long due = forced * (SECOND / rate) - SECOND / 10;
    assertThat(pacer.readyAtNanos()).isEqualTo(due);
  }

  @Test
  void readyAtNanos_nothingSentYet_isLongAgo() {
    assertThat(new Pacer(250).readyAtNanos()).isLessThan(-3_000_000_000L * SECOND);
  }

  @Test
  void onLoss_slowerUpToEightTimes_andAnswersMakeItFastAgain() {
    Pacer pacer = new Pacer(100);
    assertThat(perSecond(pacer, 0)).isEqualTo(100);
    pacer.onLoss();
    assertThat(perSecond(pacer, 100 * SECOND)).isBetween(66L, 67L);
    for (int i = 0; i < 50; i++) {
      pacer.onLoss();
    }
    assertThat(perSecond(pacer, 200 * SECOND)).isBetween(12L, 13L);
    for (int i = 0; i < 50; i++) {
      pacer.onAnswer();
    }
    assertThat(perSecond(pacer, 300 * SECOND)).isEqualTo(100);
  }

  /** Returns how many may go in ten seconds, divided by ten, once the burst is used up. */
  private static long perSecond(Pacer pacer, long from) {
    while (pacer.isReady(from)) {
      pacer.charge(from);
    }
    long sent = 0;
    for (long now = pacer.readyAtNanos(); now <= from + 10 * SECOND; now = pacer.readyAtNanos()) {
      pacer.charge(now);
      sent++;
    }
    return sent / 10;
  }

  @Test
  void requests_contactsAreSilent_areFewerIfPaced() {
    long paced = requestsToSilentContacts(true);
    assertThat(requestsToSilentContacts(false)).isGreaterThan(2 * paced);
    assertThat(paced).as("never nothing").isGreaterThan(50);
  }

  /** Returns how many requests lookups send in a minute if nobody of the network answers. */
  private static long requestsToSilentContacts(boolean pacing) {
    LookupConfig slow = LookupConfig.defaults().withDatagramsPerSecond(20);
    DhtConfig config = StagedNetwork.config(true, true, pacing).withLookup(slow);
    StagedNetwork stage = new StagedNetwork(1, config).join();
    stage.peers.forEach(peer -> peer.manner = (query, answer) -> null);
    long before = stage.count(Counter.REQUESTS);
    Random random = Seeds.random(1);
    for (int i = 0; i < 30; i++) {
      stage.node.startLookup(TestContacts.randomId(random));
    }
    stage.network.run(Duration.ofMinutes(1));
    return stage.count(Counter.REQUESTS) - before;
  }
}
