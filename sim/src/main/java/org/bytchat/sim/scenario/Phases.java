package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;

/**
 * The parts of a run, in virtual time. Faults and workload happen while it is measured, and their
 * times count from where measuring begins.
 *
 * @param settle from the run's start, not measured; 0 s to 30 days, default 0 s
 * @param measure what is measured; 1 s to 366 days, default 10 min
 * @param heal after all faults; liveness is checked at its end, if it is not 0 s; 0 s to 30 days,
 *     default 0 s
 */
public record Phases(
    @Default("0s") Duration settle,
    @Default("10m") Duration measure,
    @Default("0s") Duration heal) {

  public Phases {
    Refused.range("settle", settle, Duration.ZERO, Duration.ofDays(30));
    Refused.range("measure", measure, Duration.ofSeconds(1), Duration.ofDays(366));
    Refused.range("heal", heal, Duration.ZERO, Duration.ofDays(30));
  }

  /** The virtual time of the whole run. */
  public Duration total() {
    return settle.plus(measure).plus(heal);
  }
}
