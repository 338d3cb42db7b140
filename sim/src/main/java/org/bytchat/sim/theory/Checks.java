package org.bytchat.sim.theory;

/** Refuses arguments for which a formula means nothing. */
final class Checks {

  private Checks() {}

  static int range(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " must be " + min + " to " + max + ", but is " + value);
    }
    return value;
  }

  static double range(String name, double value, double min, double max) {
    // Written so that NaN is refused too.
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          name + " must be " + min + " to " + max + ", but is " + value);
    }
    return value;
  }

  static double positive(String name, double value) {
    return range(name, value, Double.MIN_VALUE, Double.MAX_VALUE);
  }
}
