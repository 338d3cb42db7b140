package org.bytchat.sim.theory;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One number of a validation: what was measured, and what is published or follows from a formula.
 *
 * @param experiment the name, as in {@code rfm19.1}
 * @param n nodes of the network
 * @param k the bucket size
 * @param parameters what else tells this number from others of the same name, as alpha; often none
 * @param measured what came out
 * @param expected what should, null where nothing is published
 * @param tolerance how far they may be apart, as a share of what is expected
 */
public record Experiment(
    String experiment,
    int n,
    int k,
    Map<String, Integer> parameters,
    double measured,
    @Nullable Double expected,
    double tolerance) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Decimals in JSON; no measurement here is repeated by another seed to as many. */
  private static final double ROUNDING = 1e6;

  /**
   * Tells whether the measured number is as expected.
   *
   * @return true also where nothing is expected, never if the number is none
   */
  public boolean ok() {
    Double should = expected;
    if (should == null) {
      return !Double.isNaN(measured);
    }
    return Math.abs(measured - should) <= tolerance * Math.abs(should);
  }

  /**
   * Returns the experiment as one JSON object.
   *
   * @return a line
   */
  public String json() {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    all.put("experiment", experiment);
    all.put("n", n);
    all.put("k", k);
    all.putAll(parameters);
    all.put("measured", rounded(measured));
    Double should = expected;
    all.put("expected", should == null ? null : rounded(should));
    all.put("tolerance", tolerance);
    all.put("ok", ok());
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of plain values is always JSON", e);
    }
  }

  private static double rounded(double value) {
    return Math.rint(value * ROUNDING) / ROUNDING;
  }
}
