package org.bytchat.sim.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.store.MutableRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Valid puts over real sockets to a node in another JVM: each is stored, or refused as busy. */
@Tag("alone")
class PutFloodTest {

  private static final int CONTACTS = 40;
  private static final int RECORDS = 5000;
  private static final int FIND_NODES_PER_SECOND = 200;
  private static final int PUTS_PER_SECOND = 5000;
  private static final Duration TIME = Duration.ofSeconds(1);

  @Test
  void aFloodOfValidPuts_isStoredOrRefusedAsBusy_andFindNodeIsAnswered() throws Exception {
    List<MutableRecord> records = PutRecords.make(RECORDS, DhtConfig.DEFAULT_NETWORK);
    assertThat(records.stream().map(MutableRecord::key).distinct()).hasSize(RECORDS);
    try (PutVictim victim = new PutVictim(CONTACTS, List.of(), true);
        PutLoad load = new PutLoad(victim.address(), victim.id(), records, false)) {
      load.getTokens();
      PutVictim.State before = victim.state();
      PutLoad.Period period = load.run(TIME, FIND_NODES_PER_SECOND, PUTS_PER_SECOND);
      load.await(period);
      PutVictim.State after = victim.state();

      assertThat(period.refused).as("puts refused for another reason than busy").isZero();
      assertThat(period.stored).isPositive();
      assertThat(after.stored()).isGreaterThanOrEqualTo(period.stored);
      assertThat(after.records()).isEqualTo(after.stored());
      assertThat(after.busy()).isGreaterThanOrEqualTo(period.busy);
      assertThat(after.refused() - before.refused())
          .as("queries refused, all of them as busy")
          .isEqualTo(after.busy() - before.busy());
      assertThat(after.keepsFailed()).isZero();
      assertThat(period.asked).isPositive();
      assertThat(period.wrong).isZero();
      // The system may lose some where a node that has just started is not scheduled for long.
      assertThat(period.answered).as("find_node answered").isGreaterThan(period.asked / 2);
    }
  }

  @Test
  void quiet_nothingIsPut() throws Exception {
    List<MutableRecord> records = PutRecords.make(8, DhtConfig.DEFAULT_NETWORK);
    try (PutVictim victim = new PutVictim(CONTACTS, List.of(), false);
        PutLoad load = new PutLoad(victim.address(), victim.id(), records, false)) {
      PutLoad.Period period = load.run(Duration.ofMillis(200), FIND_NODES_PER_SECOND, 0);
      load.await(period);
      assertThat(period.answered).isEqualTo(period.asked).isPositive();
      assertThat(period.offered).isZero();
      assertThat(victim.state().records()).isZero();
    }
  }
}
