package org.bytchat.sim.fuzz;

import org.bytchat.sim.model.Mix;

/** Chance that follows from a seed. */
final class Draw {

  private final long state;
  private long drawn;

  Draw(long seed, long purpose) {
    this.state = Mix.seed(seed, purpose);
  }

  long bits() {
    return Mix.at(state, drawn++);
  }

  double share() {
    return Mix.share(bits());
  }

  /** Returns whether something of that probability happens. */
  boolean chance(double probability) {
    return share() < probability;
  }

  /** Returns a number from a range, both ends included, each as likely as any other. */
  int between(int least, int most) {
    return least + Mix.below(bits(), most - least + 1);
  }

  /** Returns a number from a range, small ones as likely as ten times larger ones. */
  int scaled(int least, int most) {
    double exponent = share();
    double value = least * StrictMath.pow((most + 1.0) / least, exponent);
    return Math.min(most, (int) value);
  }

  /** Returns a share up to a limit, in thousandths. */
  double upTo(double limit) {
    return StrictMath.rint(share() * limit * 1000) / 1000;
  }

  @SafeVarargs
  final <T> T of(T... choices) {
    return choices[Mix.below(bits(), choices.length)];
  }
}
