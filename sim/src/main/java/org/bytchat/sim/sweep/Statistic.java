package org.bytchat.sim.sweep;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What several runs of one setting came to, for one measure.
 *
 * @param count how many runs have a value
 * @param mean of these; NaN if there is none
 * @param deviation the sample's standard deviation; NaN of fewer than two
 * @param interval half of the 95 % confidence interval of the mean, by Student's t; NaN of fewer
 *     than two
 */
record Statistic(int count, double mean, double deviation, double interval) {

  private static final double CONFIDENCE = 0.95;

  /** Summarises values; those that are not finite are left out. */
  static Statistic of(double... values) {
    int count = 0;
    double sum = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        count++;
        sum += value;
      }
    }
    double mean = count == 0 ? Double.NaN : sum / count;
    double squares = 0;
    for (double value : values) {
      squares += Double.isFinite(value) ? (value - mean) * (value - mean) : 0;
    }
    if (count < 2) {
      return new Statistic(count, mean, Double.NaN, Double.NaN);
    }
    double deviation = StrictMath.sqrt(squares / (count - 1));
    double t = StudentT.quantile((1 + CONFIDENCE) / 2, count - 1);
    return new Statistic(count, mean, deviation, t * deviation / StrictMath.sqrt(count));
  }

  /** Returns the mean and half of the interval, if there is one, as people read them. */
  String text() {
    String shown = Ticks.text(mean);
    return Double.isNaN(interval) ? shown : shown + " \u00b1 " + Ticks.text(interval);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mean", mean);
    map.put("sd", deviation);
    map.put("ci95", interval);
    map.put("n", count);
    return map;
  }
}
