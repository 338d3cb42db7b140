package org.bytchat.sim.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytchat.sim.run.Op;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.PlannedFault;
import org.bytchat.sim.run.PlannedRecord;
import org.bytchat.sim.scenario.Phases;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Scenarios;

/** Checks plans, and makes smaller ones of them. */
final class Plans {

  private static final long SECOND = 1_000_000;
  private static final long[] NEVER = {};

  private Plans() {}

  /** Returns the same plan with another scenario. */
  static Plan in(Plan plan, Scenario scenario) {
    return new Plan(
        scenario, plan.lives(), plan.reachable(), plan.records(), plan.faults(), plan.ops());
  }

  // Checking.

  /**
   * Checks a plan that was read.
   *
   * @throws IllegalArgumentException if something in it cannot be
   */
  static void check(Plan plan) {
    int nodes = plan.lives().size();
    require(nodes >= 1 && nodes <= Scenario.NODES_MAX, "lives of %d nodes", nodes);
    int bootstrap = plan.scenario().bootstrap().nodes();
    require(bootstrap <= nodes, "%d bootstrap nodes, and fewer nodes", bootstrap);
    for (int node = 0; node < nodes; node++) {
      checkLife(node, plan.lives().get(node));
    }
    int reachable = plan.reachable().size();
    require(reachable == 0 || reachable == nodes, "reachable has %d entries", reachable);
    plan.reachable().forEach(Objects::requireNonNull);
    for (PlannedRecord record : plan.records()) {
      require(
          record.valueBytes() >= 8 && record.ttlMicros() > 0, "no record can be like %s", record);
    }
    plan.faults().forEach(fault -> checkFault(fault, nodes));
    plan.ops().forEach(op -> checkOp(op, plan));
  }

  private static void checkLife(int node, long[] times) {
    boolean isAscending = times.length % 2 == 0 && (times.length == 0 || times[0] >= 0);
    for (int i = 1; i < times.length; i++) {
      isAscending &= times[i - 1] < times[i];
    }
    require(isAscending, "the lives of node %d do not start and stop in turn", node);
  }

  private static void checkFault(PlannedFault fault, int nodes) {
    require(
        fault.atMicros() >= 0 && fault.endMicros() >= fault.atMicros(), "the times of %s", fault);
    for (int node : nodesOf(fault)) {
      require(node >= 0 && node < nodes, "the node of %s", fault);
    }
    require(
        !(fault instanceof PlannedFault.Cut cut) || cut.groups() >= 1, "the groups of %s", fault);
    require(
        !(fault instanceof PlannedFault.Crash crash) || (crash.torn() >= 0 && crash.torn() <= 1),
        "how much %s tore",
        fault);
  }

  private static void checkOp(Op op, Plan plan) {
    boolean isLookup = op.kind() == Op.Kind.LOOKUP || op.kind() == Op.Kind.FINAL_LOOKUP;
    int limit = isLookup ? plan.lives().size() : plan.records().size();
    require(
        op.timeMicros() >= 0
            && op.node() >= 0
            && op.node() < plan.lives().size()
            && op.record() < limit
            && (op.record() >= 0 || (isLookup && op.target() != null)),
        "%s cannot be done",
        op);
  }

  private static void require(boolean isSo, String otherwise, Object what) {
    if (!isSo) {
      throw new IllegalArgumentException(otherwise.formatted(what));
    }
  }

  private static int[] nodesOf(PlannedFault fault) {
    if (fault instanceof PlannedFault.Isolation isolation) {
      return isolation.nodes().stream().mapToInt(Integer::intValue).toArray();
    }
    if (fault instanceof PlannedFault.Crash crash) {
      return new int[] {crash.node()};
    }
    if (fault instanceof PlannedFault.ClockStep step) {
      return new int[] {step.node()};
    }
    if (fault instanceof PlannedFault.Probe probe) {
      return new int[] {probe.place(), probe.victim()};
    }
    return new int[0];
  }

  // Making smaller.

  /** Returns the nodes that are up at some time. */
  static List<Integer> living(Plan plan) {
    return IntStream.range(0, plan.lives().size())
        .filter(node -> plan.lives().get(node).length > 0)
        .boxed()
        .toList();
  }

  /** Returns a plan in which only some nodes are ever up; all keep their numbers. */
  static Plan onlyNodes(Plan plan, Set<Integer> kept) {
    List<long[]> lives = new ArrayList<>();
    for (int node = 0; node < plan.lives().size(); node++) {
      lives.add(kept.contains(node) ? plan.lives().get(node) : NEVER);
    }
    List<PlannedFault> faults = new ArrayList<>();
    for (PlannedFault fault : plan.faults()) {
      if (fault instanceof PlannedFault.Isolation isolation) {
        List<Integer> nodes = isolation.nodes().stream().filter(kept::contains).toList();
        if (!nodes.isEmpty()) {
          faults.add(
              new PlannedFault.Isolation(isolation.atMicros(), isolation.endMicros(), nodes));
        }
      } else if (!(fault instanceof PlannedFault.Crash crash && !kept.contains(crash.node()))
          && !(fault instanceof PlannedFault.ClockStep step && !kept.contains(step.node()))
          && !(fault instanceof PlannedFault.Probe probe && !kept.contains(probe.victim()))) {
        faults.add(fault);
      }
    }
    List<Op> ops = plan.ops().stream().filter(op -> kept.contains(op.node())).toList();
    return new Plan(plan.scenario(), lives, plan.reachable(), plan.records(), faults, ops);
  }

  /** Returns a plan that ends earlier, without what would happen after that. */
  static Plan until(Plan plan, long endMicros) {
    Phases old = plan.scenario().phases();
    long settle = Math.min(old.settle().toMillis(), Math.max(0, endMicros / 1000 - 1000));
    long measure = Math.max(1000, Math.min(old.measure().toMillis(), endMicros / 1000 - settle));
    long heal = Math.max(0, endMicros / 1000 - settle - measure);
    Map<String, Object> map = plan.scenario().toMap();
    map.put(
        "phases", Map.of("settle", settle + "ms", "measure", measure + "ms", "heal", heal + "ms"));
    Scenario scenario = Scenarios.of(plan.scenario().name(), map, List.of());
    return in(plan, scenario)
        .with(
            plan.faults().stream().filter(fault -> fault.atMicros() < endMicros).toList(),
            plan.ops().stream().filter(op -> op.timeMicros() < endMicros).toList());
  }

  /** Returns a plan in which everything happens so much earlier. */
  static Plan earlier(Plan plan, long byMicros) {
    List<long[]> lives = new ArrayList<>();
    for (long[] times : plan.lives()) {
      List<Long> left = new ArrayList<>();
      for (int i = 0; i < times.length; i += 2) {
        long stop = sooner(times[i + 1], byMicros);
        if (stop > 0) {
          left.add(sooner(times[i], byMicros));
          left.add(stop);
        }
      }
      lives.add(left.stream().mapToLong(Long::longValue).toArray());
    }
    List<PlannedFault> faults =
        plan.faults().stream().map(each -> earlier(each, byMicros)).toList();
    List<Op> ops =
        plan.ops().stream()
            .map(
                op ->
                    new Op(
                        sooner(op.timeMicros(), byMicros),
                        op.node(),
                        op.kind(),
                        op.record(),
                        op.version(),
                        op.target()))
            .toList();
    Plan moved = new Plan(plan.scenario(), lives, plan.reachable(), plan.records(), faults, ops);
    return until(moved, Math.max(SECOND, plan.endMicros() - byMicros));
  }

  private static long sooner(long timeMicros, long byMicros) {
    return timeMicros == Long.MAX_VALUE ? timeMicros : Math.max(0, timeMicros - byMicros);
  }

  private static PlannedFault earlier(PlannedFault fault, long by) {
    long at = sooner(fault.atMicros(), by);
    long end = sooner(fault.endMicros(), by);
    if (fault instanceof PlannedFault.Cut cut) {
      return new PlannedFault.Cut(at, end, cut.salt(), cut.share(), cut.groups(), cut.oneWay());
    }
    if (fault instanceof PlannedFault.Isolation isolation) {
      return new PlannedFault.Isolation(at, end, isolation.nodes());
    }
    if (fault instanceof PlannedFault.Losses losses) {
      return new PlannedFault.Losses(at, end, losses.salt(), losses.share());
    }
    if (fault instanceof PlannedFault.Echo echo) {
      return new PlannedFault.Echo(at, end, echo.salt(), echo.share());
    }
    if (fault instanceof PlannedFault.Probe probe) {
      return new PlannedFault.Probe(at, end, probe.place(), probe.victim(), probe.trick());
    }
    if (fault instanceof PlannedFault.Crash crash) {
      return new PlannedFault.Crash(at, end, crash.node(), crash.folder(), crash.torn());
    }
    PlannedFault.ClockStep step = (PlannedFault.ClockStep) fault;
    return new PlannedFault.ClockStep(at, end, step.node(), step.byMillis());
  }
}
