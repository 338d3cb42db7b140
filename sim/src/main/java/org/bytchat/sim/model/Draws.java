package org.bytchat.sim.model;

/** A sequence of random numbers where a model needs more than one: SplitMix64. */
final class Draws {

  private final long state;
  private long index;

  Draws(long state) {
    this.state = state;
  }

  private long next() {
    return Mix.at(state, index++);
  }

  /** Uniform in (0, 1). */
  double share() {
    return Mix.openShare(next());
  }

  /** Standard normal. */
  double normal() {
    return Normal.quantile(share());
  }

  /**
   * Gamma of a shape and scale 1, exact: Marsaglia and Tsang, "A simple method for generating gamma
   * variables", 2000. Shapes below 1 by their boost.
   */
  double gamma(double shape) {
    if (shape < 1) {
      return gamma(shape + 1) * StrictMath.pow(share(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    // More than 95 of 100 rounds end it for every shape.
    while (true) {
      double normal = normal();
      double root = 1 + c * normal;
      double u = share();
      if (root > 0) {
        double v = root * root * root;
        if (StrictMath.log(u) < normal * normal / 2 + d - d * v + d * StrictMath.log(v)) {
          return d * v;
        }
      }
    }
  }
}
