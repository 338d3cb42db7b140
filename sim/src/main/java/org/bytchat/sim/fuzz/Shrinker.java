package org.bytchat.sim.fuzz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytchat.sim.run.Op;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.PlannedFault;
import org.bytchat.sim.run.RunResult;

/**
 * Makes a plan that fails smaller, as long as it fails in the same way: first its faults, then what
 * users do, the nodes, and the time (delta debugging, Zeller and Hildebrandt 2002).
 */
public final class Shrinker {

  private static final long SECOND = 1_000_000;
  private static final int ROUNDS_MAX = 4;
  private static final int RUNS_MAX = 600;

  private final String signature;
  private final BooleanSupplier goesOn;
  private final Consumer<String> progress;
  private Plan plan;
  private Trial trial;
  private int runs;

  /**
   * Makes a shrinker.
   *
   * @param plan a plan
   * @param trial how it fails
   * @param goesOn is asked now and then whether to go on
   * @param progress is told how far it is
   */
  public Shrinker(Plan plan, Trial trial, BooleanSupplier goesOn, Consumer<String> progress) {
    this.plan = plan;
    this.trial = trial;
    this.signature = trial.signature();
    this.goesOn = goesOn;
    this.progress = progress;
  }

  /** A part of a plan's making. */
  @FunctionalInterface
  private interface Making<T> {
    Plan of(List<T> kept);
  }

  /**
   * Shrinks until nothing can be left out any more, or for some hundred runs.
   *
   * @return the smallest plan found
   * @throws IOException if a file that the scenario names cannot be read
   */
  public Plan shrink() throws IOException {
    // What has to happen in the end needs the nodes that others join by, and its time.
    boolean isLiveness = trial.finding() == RunResult.Finding.LIVENESS;
    int fixed = isLiveness ? plan.scenario().bootstrap().nodes() : 0;
    tryOut(Plans.until(plan, Math.min(plan.endMicros(), trial.endMicros() + SECOND)));
    for (int round = 0; round < ROUNDS_MAX && mayRun(); round++) {
      long before = size();
      Plan now = plan;
      minimize(new ArrayList<>(now.faults()), kept -> plan.with(kept, plan.ops()));
      minimize(new ArrayList<>(now.ops()), kept -> plan.with(plan.faults(), kept));
      minimize(
          new ArrayList<>(Plans.living(now).stream().filter(node -> node >= fixed).toList()),
          kept -> Plans.onlyNodes(plan, union(fixed, kept)));
      if (!isLiveness) {
        endEarlier();
        beginEarlier();
      }
      if (size() == before) {
        break;
      }
    }
    return plan;
  }

  private static Set<Integer> union(int first, List<Integer> others) {
    Set<Integer> all = new HashSet<>(others);
    IntStream.range(0, first).forEach(all::add);
    return all;
  }

  /**
   * Returns how the smallest plan fails.
   *
   * @return what came of it
   */
  public Trial trial() {
    return trial;
  }

  private long size() {
    return plan.faults().size()
        + plan.ops().size()
        + Plans.living(plan).size()
        + plan.endMicros() / SECOND;
  }

  private boolean mayRun() {
    return runs < RUNS_MAX && goesOn.getAsBoolean();
  }

  /** Keeps a plan if it fails in the same way. */
  private boolean tryOut(Plan smaller) throws IOException {
    if (!mayRun()) {
      return false;
    }
    runs++;
    Trial outcome = Trial.run(smaller, goesOn);
    boolean isSame = !outcome.isStopped() && outcome.signature().equals(signature);
    if (isSame) {
      plan = smaller;
      trial = outcome;
    }
    progress.accept(
        "shrinking, run %d: %d nodes, %d faults, %d operations, %.0f s"
            .formatted(
                runs,
                Plans.living(plan).size(),
                plan.faults().size(),
                plan.ops().size(),
                plan.endMicros() / 1e6));
    return isSame;
  }

  /** Leaves out as many items as it can: large parts first, then smaller ones. */
  private <T> void minimize(List<T> items, Making<T> making) throws IOException {
    List<T> left = items;
    if (left.isEmpty() || tryOut(making.of(List.of()))) {
      return;
    }
    int part = (left.size() + 1) / 2;
    while (part >= 1 && mayRun()) {
      boolean removed = false;
      for (int from = 0; from < left.size() && mayRun(); ) {
        List<T> others = new ArrayList<>(left);
        others.subList(from, Math.min(left.size(), from + part)).clear();
        if (tryOut(making.of(others))) {
          left = others;
          removed = true;
        } else {
          from += part;
        }
      }
      if (part == 1 && !removed) {
        break;
      }
      part = part == 1 ? 1 : (part + 1) / 2;
    }
  }

  /** Looks for an earlier end by halving. */
  private void endEarlier() throws IOException {
    long low = SECOND;
    while (plan.endMicros() - low > 2 * SECOND && mayRun()) {
      long middle = (low + plan.endMicros()) / 2 / 1000 * 1000;
      if (!tryOut(Plans.until(plan, middle))) {
        low = middle;
      }
    }
  }

  /** Takes out the time before the first thing that happens, or a part of it. */
  private void beginEarlier() throws IOException {
    long first = plan.endMicros();
    for (PlannedFault fault : plan.faults()) {
      first = Math.min(first, fault.atMicros());
    }
    for (Op op : plan.ops()) {
      first = Math.min(first, op.timeMicros());
    }
    for (long by = first; by >= SECOND && mayRun(); by /= 2) {
      if (tryOut(Plans.earlier(plan, by / 1000 * 1000))) {
        return;
      }
    }
  }
}
