package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Default;

/**
 * How much a run writes.
 *
 * @param seriesInterval the virtual time of a row of series.csv; 1 s to 30 days, default 1 min
 * @param lookupsMax the rows of lookups.csv, at the most; 0 to 10,000,000, default 10,000
 */
public record Output(@Default("1m") Duration seriesInterval, @Default("10000") int lookupsMax) {

  public Output {
    Refused.range("series_interval", seriesInterval, Duration.ofSeconds(1), Duration.ofDays(30));
    Refused.range("lookups_max", lookupsMax, 0, 10_000_000);
  }
}
