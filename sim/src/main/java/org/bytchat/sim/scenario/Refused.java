package org.bytchat.sim.scenario;

import java.time.Duration;

/** A record's refusal of a value, or of values that do not fit each other. */
final class Refused extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String path;
  private final String what;
  private final String value;

  /**
   * A refusal.
   *
   * @param path the key, from the record on, parts joined with dots
   * @param what what is wrong
   * @param value the value that is wrong, as the record sees it
   */
  Refused(String path, String what, Object value) {
    super(path + " " + what + ": " + value);
    this.path = path;
    this.what = what;
    this.value = value.toString();
  }

  String path() {
    return path;
  }

  String what() {
    return what;
  }

  String value() {
    return value;
  }

  static void range(String path, long value, long min, long max) {
    if (value < min || value > max) {
      throw new Refused(path, "must be in " + min + ".." + max, value);
    }
  }

  static void range(String path, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new Refused(path, "must be in " + Values.text(min) + ".." + Values.text(max), value);
    }
  }

  static void range(String path, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      String range = Values.text(min) + ".." + Values.text(max);
      throw new Refused(path, "must be in " + range, Values.text(value));
    }
  }

  /** A share of a whole, both ends included. */
  static void share(String path, double value) {
    range(path, value, 0, 1);
  }

  /** A share that is to hit somebody. */
  static void shareOfSome(String path, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new Refused(path, "must be above 0, and 1 at the most", value);
    }
  }
}
