package org.bytchat.dht.store;

import java.util.function.LongUnaryOperator;

/** Which of a few sources gives way, found by asking each. */
final class NaiveSources {

  /** Sources of the tests of models are below this. */
  static final int COUNT = 8;

  private NaiveSources() {}

  /** Returns the source that gives way: of equal ones the newcomer's, else the highest. */
  static long largest(long newcomer, long added, LongUnaryOperator size) {
    long best = newcomer;
    long most = size.applyAsLong(newcomer) + added;
    for (long source = 0; source < COUNT; source++) {
      long found = size.applyAsLong(source);
      if (source != newcomer && (found > most || (found == most && best != newcomer))) {
        best = source;
        most = found;
      }
    }
    return best;
  }
}
