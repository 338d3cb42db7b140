package org.bytchat.sim.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.LookupConfig;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineStats;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A million hostile datagrams over a real socket: service goes on and nothing grows. */
@Tag("alone")
class FloodTest {

  private static final long COUNT = 1_000_000;
  private static final long GROWTH_BYTES_MAX = 4 << 20;

  @Test
  void aMillionHostileDatagrams_doNotStopTheNodeNorFillTheHeap() throws Exception {
    try (Flood flood = new Flood(2)) {
      Flood.Report report = flood.run(COUNT, read -> {});
      assertThat(report.read()).isGreaterThanOrEqualTo(COUNT);
      assertCounted(report);
      assertServed(report.service());
      assertSound(report.after());
      assertThat(report.heapAfter() - report.heapBefore())
          .as("bytes that the heap grew by")
          .isLessThan(GROWTH_BYTES_MAX);
    }
  }

  /** Each kind of datagram met its check. */
  private static void assertCounted(Flood.Report report) {
    assertThat(report.counted(Counter.DROPPED_MALFORMED)).isGreaterThan(COUNT / 3);
    assertThat(report.counted(Counter.DROPPED_UNSOLICITED)).isGreaterThan(COUNT / 50);
    assertThat(report.counted(Counter.DROPPED_OTHER_NETWORK)).isGreaterThan(COUNT / 50);
    assertThat(report.counted(Counter.DROPPED_OWN_ID)).isGreaterThan(COUNT / 50);
    long queries =
        report.counted(Counter.DROPPED_RATE_LIMITED)
            + report.counted(Counter.ANSWERED)
            + report.counted(Counter.REFUSED);
    assertThat(queries).isGreaterThan(COUNT / 10);
  }

  private static void assertServed(GoodNode.Service service) {
    assertThat(service.pings()).isPositive();
    assertThat(service.answered()).as("pings answered").isEqualTo(service.pings());
    assertThat(service.lookups()).isPositive();
    assertThat(service.whole()).as("lookups that found all").isEqualTo(service.lookups());
  }

  private static void assertSound(EngineStats stats) {
    LimitsConfig limits = LimitsConfig.defaults();
    assertThat(stats.contacts()).isEqualTo(Flood.NODES - 1);
    assertThat(stats.requestsUnderWay())
        .isLessThanOrEqualTo(LookupConfig.defaults().transactionsMax());
    assertThat(stats.verificationsWaiting()).isLessThanOrEqualTo(limits.pendingVerificationsMax());
    assertThat(stats.effectsUnderWay()).isLessThanOrEqualTo(limits.pendingEffectsMax());
    assertThat(stats.outage()).isFalse();
  }
}
