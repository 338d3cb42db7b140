package org.bytchat.tracker.quorum;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has changes written in order, one {@link QuorumEffect.Keep} at a time, and tries again what must
 * be written. Callers bound how much waits: each holds a place of theirs until it is told.
 */
final class Keeper {

  private static final int CHANGES_MAX = 256;
  private static final Duration RETRY_MIN = Duration.ofSeconds(1);
  private static final Duration RETRY_MAX = Duration.ofMinutes(1);

  private final Desk<?> desk;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Desk.Alarm retry = new Desk.Alarm(this::write);
  private boolean isWriting;
  private int failures;

  /** Told what came of a change. */
  @FunctionalInterface
  interface Outcome {

    /** It is durable. */
    void onKept();

    /** It could not be written, and is not tried again. */
    default void onFailed() {}
  }

  /** A change, and whether it may be given up. */
  private record Waiting(QuorumChange change, boolean isOptional, @Nullable Outcome outcome) {}

  Keeper(Desk<?> desk) {
    this.desk = desk;
  }

  /** Returns how many changes wait. */
  int waitingCount() {
    return waiting.size();
  }

  /** Writes, again and again if need be. */
  void keep(QuorumChange change, @Nullable Outcome outcome) {
    add(new Waiting(change, false, outcome));
  }

  /** Writes, or tells that it cannot. */
  void tryKeep(QuorumChange change, Outcome outcome) {
    add(new Waiting(change, true, outcome));
  }

  private void add(Waiting added) {
    waiting.add(added);
    if (!isWriting && !retry.isSet()) {
      // Not at once: what else this input brings goes with it.
      desk.set(retry, 0);
    }
  }

  private void write() {
    List<Waiting> batch = new ArrayList<>();
    while (!waiting.isEmpty() && batch.size() < CHANGES_MAX) {
      batch.add(waiting.remove());
    }
    if (batch.isEmpty()) {
      return;
    }
    isWriting = true;
    List<QuorumChange> changes = batch.stream().map(Waiting::change).toList();
    desk.perform(
        id -> new QuorumEffect.Keep(id, changes),
        result -> {
          isWriting = false;
          if (result instanceof QuorumEffect.Kept) {
            onKept(batch);
          } else {
            onFailed(batch);
          }
        });
  }

  private void onKept(List<Waiting> batch) {
    failures = 0;
    if (!waiting.isEmpty()) {
      desk.set(retry, 0);
    }
    for (Waiting kept : batch) {
      if (kept.outcome != null) {
        kept.outcome.onKept();
      }
    }
  }

  private void onFailed(List<Waiting> batch) {
    desk.count(QuorumCounter.KEEP_FAILURES);
    failures++;
    for (int i = batch.size() - 1; i >= 0; i--) {
      if (!batch.get(i).isOptional) {
        waiting.addFirst(batch.get(i));
      }
    }
    if (!waiting.isEmpty()) {
      desk.set(retry, desk.backoff(failures, RETRY_MIN, RETRY_MAX));
    }
    for (Waiting failed : batch) {
      if (failed.isOptional && failed.outcome != null) {
        failed.outcome.onFailed();
      }
    }
  }
}
