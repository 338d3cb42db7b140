package org.bytchat.sim.run;

import java.util.List;
import org.bytchat.sim.kernel.Links;
import org.bytchat.sim.model.Bandwidth;
import org.bytchat.sim.model.BandwidthModel;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.model.PacketFate;
import org.jspecify.annotations.Nullable;

/** The links of a plan: its models, and its faults of the network on top. */
final class PlanLinks implements Links {

  private final PacketFate fates;
  private final @Nullable BandwidthModel bandwidth;
  private final PlannedFault.Cut[] cuts;
  private final PlannedFault.Isolation[] isolations;
  private final PlannedFault.Losses[] losses;
  private final PlannedFault.Echo[] echoes;
  private final int nodes;

  /** Outside these times no fault of the network is at work. */
  private final long firstFault;

  private final long lastFault;

  PlanLinks(Plan plan, Models models) {
    this.fates =
        new PacketFate(
            plan.scenario().seed(), models.link(), models.latency(), models.floorMicros());
    this.bandwidth = models.bandwidth();
    this.cuts = only(plan.faults(), PlannedFault.Cut.class).toArray(PlannedFault.Cut[]::new);
    this.isolations =
        only(plan.faults(), PlannedFault.Isolation.class).toArray(PlannedFault.Isolation[]::new);
    this.losses =
        only(plan.faults(), PlannedFault.Losses.class).toArray(PlannedFault.Losses[]::new);
    this.echoes = only(plan.faults(), PlannedFault.Echo.class).toArray(PlannedFault.Echo[]::new);
    this.nodes = plan.lives().size();
    long first = Long.MAX_VALUE;
    long last = 0;
    for (PlannedFault fault : plan.faults()) {
      if (fault instanceof PlannedFault.Cut
          || fault instanceof PlannedFault.Isolation
          || fault instanceof PlannedFault.Losses) {
        first = Math.min(first, fault.atMicros());
        last = Math.max(last, fault.endMicros());
      }
    }
    this.firstFault = first;
    this.lastFault = last;
  }

  private static <T extends PlannedFault> List<T> only(List<PlannedFault> faults, Class<T> type) {
    return faults.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  public long floorMicros() {
    return fates.minMicros();
  }

  @Override
  public int copies(int from, int to, long number, long nowMicros) {
    if (nowMicros >= firstFault
        && nowMicros < lastFault
        && isStopped(from, to, number, nowMicros)) {
      return 0;
    }
    long fate = fates.of(from, to, number);
    return fates.isLost(fate) ? 0 : fates.isDuplicated(fate) ? 2 : 1;
  }

  @Override
  public boolean isCut(int from, int to, long nowMicros) {
    if (nowMicros < firstFault || nowMicros >= lastFault) {
      return false;
    }
    for (PlannedFault.Cut cut : cuts) {
      if (isAtWork(cut, nowMicros) && isCut(cut, from, to)) {
        return true;
      }
    }
    for (PlannedFault.Isolation isolation : isolations) {
      if (isAtWork(isolation, nowMicros)
          && (isolation.nodes().contains(from) || isolation.nodes().contains(to))) {
        return true;
      }
    }
    return false;
  }

  private boolean isStopped(int from, int to, long number, long now) {
    if (isCut(from, to, now)) {
      return true;
    }
    for (PlannedFault.Losses loss : losses) {
      long bits = Mix.combine(loss.salt(), fates.bits(from, to, number));
      if (isAtWork(loss, now) && Mix.share(bits) < loss.share()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAtWork(PlannedFault fault, long now) {
    return fault.atMicros() <= now && now < fault.endMicros();
  }

  private static boolean isCut(PlannedFault.Cut cut, int from, int to) {
    int fromGroup = groupOf(cut, from);
    int toGroup = groupOf(cut, to);
    return cut.oneWay() ? fromGroup == 0 && toGroup != 0 : fromGroup != toGroup;
  }

  private static int groupOf(PlannedFault.Cut cut, int node) {
    long bits = Mix.combine(cut.salt(), node);
    if (cut.share() > 0) {
      return Mix.share(bits) < cut.share() ? 0 : 1;
    }
    return Mix.below(bits, cut.groups());
  }

  @Override
  public long delayMicros(int from, int to, long number, int copy) {
    return fates.delayMicros(from, to, fates.of(from, to, number), copy);
  }

  @Override
  public int echoSource(int from, int to, long number, long nowMicros) {
    for (PlannedFault.Echo echo : echoes) {
      long bits = Mix.combine(echo.salt(), fates.bits(from, to, number));
      if (isAtWork(echo, nowMicros) && Mix.share(bits) < echo.share()) {
        int other = Mix.below(Mix.mix(bits), nodes);
        return other == from || other == to ? -1 : other;
      }
    }
    return -1;
  }

  @Override
  public long lineMicros(int node, int bytes, boolean up) {
    if (bandwidth == null) {
      return 0;
    }
    Bandwidth line = bandwidth.of(node);
    int onWire = bytes + Bandwidth.HEADER_BYTES;
    return up ? line.sendMicros(onWire) : line.receiveMicros(onWire);
  }

  @Override
  public long queueMicros(int node, boolean up) {
    if (bandwidth == null) {
      return Long.MAX_VALUE;
    }
    Bandwidth line = bandwidth.of(node);
    return up ? line.sendQueueMicros() : line.receiveQueueMicros();
  }
}
