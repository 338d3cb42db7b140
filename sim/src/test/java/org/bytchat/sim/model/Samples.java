package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Checks of samples at five standard deviations: with fixed seeds they hold always or never. */
final class Samples {

  private static final double SIGMAS = 5;

  private Samples() {}

  /** Checks how many of so many independent trials succeeded. */
  static void assertShare(long successes, long trials, double expected) {
    double deviation = Math.sqrt(expected * (1 - expected) / trials);
    assertThat((double) successes / trials)
        .isBetween(expected - SIGMAS * deviation, expected + SIGMAS * deviation);
  }

  /** Checks the mean of independent values whose true mean and deviation are known. */
  static void assertMean(double[] values, double mean, double deviation) {
    double bound = SIGMAS * deviation / Math.sqrt(values.length);
    assertThat(Arrays.stream(values).average().orElseThrow()).isBetween(mean - bound, mean + bound);
  }

  /**
   * Checks a sample against a distribution function by Kolmogorov and Smirnov; the bound is
   * exceeded by chance once in 10^6.
   */
  static void assertDistribution(double[] values, DoubleUnaryOperator cumulative) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double distance = 0;
    for (int i = 0; i < sorted.length; i++) {
      double expected = cumulative.applyAsDouble(sorted[i]);
      distance = Math.max(distance, Math.abs(expected - (double) i / sorted.length));
      distance = Math.max(distance, Math.abs(expected - (double) (i + 1) / sorted.length));
    }
    assertThat(distance * Math.sqrt(sorted.length)).isLessThan(2.7);
  }
}
