package org.bytchat.sim.attack;

import java.util.Arrays;
import org.bytchat.sim.scenario.Attack;

/** Counts by question; what belongs to none is at {@link Attack.Question#ALL}. */
final class Sums {

  private Sums() {}

  /** Returns the count of a question, the sum for {@link Attack.Question#ALL}. */
  static long of(long[] counts, Attack.Question question) {
    return question == Attack.Question.ALL
        ? Arrays.stream(counts).sum()
        : counts[question.ordinal()];
  }
}
