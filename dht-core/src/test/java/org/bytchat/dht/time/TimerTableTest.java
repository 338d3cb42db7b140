package org.bytchat.dht.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimerTableTest {

  private final TimerTable timers = new TimerTable();

  @Test
  void newTable_nothingIsDue() {
    assertThat(timers.pollDue(Long.MAX_VALUE - 1)).isNull();
    assertThat(timers.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
    for (EngineTimer timer : EngineTimer.values()) {
      assertThat(timers.get(timer)).isEqualTo(DeadlineQueue.NEVER);
    }
  }

  @Test
  void pollDue_several_earliestFirstAndEachOnce() {
    timers.set(EngineTimer.JOIN, 30);
    timers.set(EngineTimer.TOKEN_ROTATION, 10);
    timers.set(EngineTimer.SELF_LOOKUP, -20);
    assertThat(timers.nextNanos()).isEqualTo(-20);
    assertThat(timers.pollDue(10)).isEqualTo(EngineTimer.SELF_LOOKUP);
    assertThat(timers.pollDue(10)).isEqualTo(EngineTimer.TOKEN_ROTATION);
    assertThat(timers.pollDue(10)).isNull();
    assertThat(timers.pollDue(29)).isNull();
    assertThat(timers.pollDue(30)).isEqualTo(EngineTimer.JOIN);
    assertThat(timers.nextNanos()).isEqualTo(DeadlineQueue.NEVER);
  }

  @Test
  void pollDue_equalDeadlines_inTheOrderOfTheDuties() {
    timers.set(EngineTimer.REACHABILITY, 5);
    timers.set(EngineTimer.CONTACT_CHECK, 5);
    assertThat(timers.pollDue(5)).isEqualTo(EngineTimer.CONTACT_CHECK);
    assertThat(timers.pollDue(5)).isEqualTo(EngineTimer.REACHABILITY);
  }

  @Test
  void set_again_replacesTheDeadline() {
    timers.set(EngineTimer.JOIN, 5);
    timers.set(EngineTimer.JOIN, 50);
    assertThat(timers.pollDue(49)).isNull();
    timers.set(EngineTimer.JOIN, DeadlineQueue.NEVER);
    assertThat(timers.pollDue(Long.MAX_VALUE - 1)).isNull();
  }
}
