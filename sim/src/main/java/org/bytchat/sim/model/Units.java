package org.bytchat.sim.model;

import java.util.Locale;

/** Spans of virtual time, in microseconds as everywhere in the simulator, and how they read. */
final class Units {

  static final long SECOND = 1_000_000;
  static final long MINUTE = 60 * SECOND;
  static final long HOUR = 60 * MINUTE;

  /** What no span may exceed, so that sums of a few never overflow: about 3,000 years. */
  static final long LONGEST = 100_000_000_000_000_000L;

  private Units() {}

  static String text(long micros) {
    return text((double) micros);
  }

  /** Shows a span by the largest unit of which it has at least two. */
  static String text(double micros) {
    if (micros >= 2.0 * HOUR) {
      return number(micros / HOUR) + " h";
    }
    if (micros >= 2.0 * MINUTE) {
      return number(micros / MINUTE) + " min";
    }
    return micros >= 2.0 * SECOND ? number(micros / SECOND) + " s" : number(micros / 1000) + " ms";
  }

  /** Shows a number with up to three digits after the point. */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%,.3f", value);
    return text.replaceFirst("\\.?0+$", "");
  }
}
