package org.bytchat.sim.run;

import java.time.Duration;
import java.util.List;
import org.bytchat.sim.scenario.Scenario;

/**
 * All that is decided before a run: it follows from the scenario with its seed, and could as well
 * be written by hand. Leaving out a fault or an operation changes nothing else, so a plan that
 * makes something fail can be made smaller.
 *
 * @param scenario what it was made of
 * @param lives by node, the times at which it starts and stops in turn, crashes aside
 * @param reachable by node, whether others can reach it; all can if it is empty
 * @param records the records that operations name
 * @param faults what goes wrong
 * @param ops what users do
 */
public record Plan(
    Scenario scenario,
    List<long[]> lives,
    List<Boolean> reachable,
    List<PlannedRecord> records,
    List<PlannedFault> faults,
    List<Op> ops) {

  /** One second. */
  static final long SECOND = 1_000_000;

  /**
   * Returns when measuring begins.
   *
   * @return virtual microseconds
   */
  public long measureFromMicros() {
    return micros(scenario.phases().settle());
  }

  /**
   * Returns when measuring ends and healing begins.
   *
   * @return virtual microseconds
   */
  public long healFromMicros() {
    return measureFromMicros() + micros(scenario.phases().measure());
  }

  /**
   * Returns when the run ends.
   *
   * @return virtual microseconds
   */
  public long endMicros() {
    return healFromMicros() + micros(scenario.phases().heal());
  }

  static long micros(Duration duration) {
    return duration.getSeconds() * SECOND + duration.getNano() / 1000;
  }

  /**
   * Returns a copy with other faults and operations.
   *
   * @param otherFaults instead of the faults
   * @param otherOps instead of the operations
   * @return the copy
   */
  public Plan with(List<PlannedFault> otherFaults, List<Op> otherOps) {
    return new Plan(scenario, lives, reachable, records, otherFaults, otherOps);
  }
}
