package org.bytchat.sim.model;

/** Checks of parameters; the messages have name, range and value. */
final class Checked {

  private Checked() {}

  /** A share of 0 to 1. */
  static double share(String name, double value) {
    return range(name, value, 0, 1);
  }

  static double range(String name, double value, double min, double max) {
    // Not the negation, which a NaN would pass.
    if (value >= min && value <= max) {
      return value;
    }
    throw new IllegalArgumentException(name + " must be in " + min + ".." + max + ": " + value);
  }

  static long range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " must be in " + min + ".." + max + ": " + value);
    }
    return value;
  }
}
