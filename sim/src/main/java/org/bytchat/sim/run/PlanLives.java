package org.bytchat.sim.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.scenario.Churn;
import org.bytchat.sim.scenario.Folder;

/** When the nodes of a plan are up, crashes included. */
final class PlanLives implements Directory.Lives {

  private final List<long[]> planned;
  private final Map<Integer, long[]> crashed = new TreeMap<>();
  private final List<Boolean> reachable;
  private final boolean isFresh;
  private final AttackPlaces attackers;

  PlanLives(Plan plan) {
    this.planned = plan.lives();
    this.reachable = plan.reachable();
    this.attackers = AttackPlaces.of(plan.scenario(), plan.lives().size());
    Churn churn = plan.scenario().churn();
    this.isFresh = churn != null && churn.identity() == Churn.Identity.FRESH;
    for (PlannedFault fault : plan.faults()) {
      if (fault instanceof PlannedFault.Crash crash) {
        crashed.put(crash.node(), without(of(crash.node()), crash));
      }
    }
  }

  /** Takes the time of a crash out of a node's lives. */
  private static long[] without(long[] times, PlannedFault.Crash crash) {
    List<Long> left = new ArrayList<>();
    for (int i = 0; i < times.length; i += 2) {
      add(left, times[i], Math.min(times[i + 1], crash.atMicros()));
      add(left, Math.max(times[i], crash.endMicros()), times[i + 1]);
    }
    return left.stream().mapToLong(Long::longValue).toArray();
  }

  private static void add(List<Long> times, long from, long to) {
    if (from < to) {
      times.add(from);
      times.add(to);
    }
  }

  @Override
  public int nodes() {
    return planned.size();
  }

  @Override
  public long[] of(int node) {
    long[] times = crashed.isEmpty() ? null : crashed.get(node);
    return times == null ? planned.get(node) : times;
  }

  @Override
  public boolean isFresh() {
    return isFresh;
  }

  @Override
  public boolean isReachable(int node) {
    return reachable.isEmpty() || reachable.get(node);
  }

  @Override
  public boolean isHostile(int node) {
    return attackers.isHostile(node);
  }

  /** Returns what nodes find that come back from where churn had them. */
  static Folder folderOf(Plan plan) {
    Churn churn = plan.scenario().churn();
    return churn == null ? Folder.KEPT : churn.folder();
  }
}
