package org.bytchat.sim.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytchat.sim.network.SimWorld;

/** The machines of a plan: their clocks, disks and routers. */
final class PlanMachines implements SimWorld.Machines {

  private final Models models;
  private final boolean hasDisk;
  private final long effectMicros;
  private final boolean isDrifting;

  /** By node, when its clock is set, and how far ahead it is from then on, in milliseconds. */
  private final Map<Integer, TreeMap<Long, Long>> steps = new TreeMap<>();

  PlanMachines(Plan plan, Models models) {
    this.models = models;
    this.effectMicros = Math.max(1, Plan.micros(plan.scenario().network().effectLatency()));
    this.isDrifting = plan.scenario().clocks().driftPpm() > 0;
    boolean comesBack = plan.scenario().churn() != null;
    List<PlannedFault> inTime = new ArrayList<>(plan.faults());
    inTime.sort(Comparator.comparingLong(PlannedFault::atMicros));
    for (PlannedFault fault : inTime) {
      if (fault instanceof PlannedFault.ClockStep step) {
        TreeMap<Long, Long> of = steps.computeIfAbsent(step.node(), node -> new TreeMap<>());
        long before = of.isEmpty() ? 0 : of.lastEntry().getValue();
        of.put(step.atMicros(), before + step.byMillis());
      }
      comesBack |= fault instanceof PlannedFault.Crash;
    }
    this.hasDisk = comesBack;
  }

  @Override
  public long wallMillis(int node, long micros) {
    long millis = models.clock().wallMillis(node, micros);
    TreeMap<Long, Long> set = steps.isEmpty() ? null : steps.get(node);
    Map.Entry<Long, Long> last = set == null ? null : set.floorEntry(micros);
    return last == null ? millis : millis + last.getValue();
  }

  @Override
  public boolean isDrifting() {
    return isDrifting;
  }

  @Override
  public long mappingMicros() {
    return models.nat().timeoutMicros();
  }

  @Override
  public boolean hasDisk() {
    return hasDisk;
  }

  @Override
  public long effectMicros() {
    return effectMicros;
  }
}
