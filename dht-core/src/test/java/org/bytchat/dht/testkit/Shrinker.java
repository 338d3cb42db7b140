package org.bytchat.dht.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes a failing list of operations short.
 *
 * <p>Drops halves, then quarters, down to single operations, as long as what is left still fails;
 * the order of what is left never changes. Deterministic if the property is, and bounded by a
 * number of trials.
 */
public final class Shrinker {

  /** How often a property is tried at most where the caller does not say. */
  public static final int DEFAULT_TRIALS_MAX = 2_000;

  private Shrinker() {}

  /**
   * Runs a property on a list of operations; if it fails, shrinks the list and fails with what is
   * left.
   *
   * @param operations what the property is run on
   * @param property throws if it does not hold; builds its state anew at every call
   * @param <T> the type of an operation
   * @throws AssertionError if the property fails; its message lists the shrunk operations
   */
  public static <T> void check(List<T> operations, Consumer<List<T>> property) {
    if (failure(operations, property) == null) {
      return;
    }
    List<T> shrunk =
        shrink(operations, DEFAULT_TRIALS_MAX, trial -> failure(trial, property) != null);
    Throwable failure = failure(shrunk, property);
    throw new AssertionError(
        "shrunk from %d to %d operations: %s: %s"
            .formatted(operations.size(), shrunk.size(), shrunk, failure),
        failure);
  }

  /**
   * Shrinks a list that fails.
   *
   * @param failing a list for which {@code fails} is true
   * @param trialsMax how often {@code fails} is asked at most
   * @param fails whether a shorter list still fails
   * @param <T> the type of an operation
   * @return a list that fails; dropping any one operation more makes it pass, unless the trials ran
   *     out
   */
  public static <T> List<T> shrink(List<T> failing, int trialsMax, Predicate<List<T>> fails) {
    List<T> current = List.copyOf(failing);
    int trials = 0;
    int chunk = Math.max(1, current.size() / 2);
    while (!current.isEmpty()) {
      boolean dropped = false;
      int from = 0;
      while (from < current.size()) {
        if (trials++ >= trialsMax) {
          return current;
        }
        List<T> shorter = without(current, from, Math.min(current.size(), from + chunk));
        if (fails.test(shorter)) {
          current = shorter;
          dropped = true;
        } else {
          from += chunk;
        }
      }
      if (chunk == 1 && !dropped) {
        return current;
      }
      chunk = Math.max(1, chunk / 2);
    }
    return current;
  }

  private static <T> List<T> without(List<T> list, int from, int to) {
    List<T> rest = new ArrayList<>(list.subList(0, from));
    rest.addAll(list.subList(to, list.size()));
    return List.copyOf(rest);
  }

  private static <T> @Nullable Throwable failure(List<T> operations, Consumer<List<T>> property) {
    try {
      property.accept(operations);
      return null;
    } catch (RuntimeException | AssertionError e) {
      return e;
    }
  }
}
