package org.bytchat.sim.scenario;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Default;
import org.bytchat.sim.scenario.Schema.Tagged;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong while it is measured. Times count from where measuring begins, are not
 * negative, and lie within it.
 */
@Tagged("kind")
public sealed interface Fault
    permits Fault.Partition, Fault.Crash, Fault.Loss, Fault.Isolate, Fault.Join, Fault.Clock {

  /** When it begins. */
  Duration at();

  /** When the last thing that it does happens; the beginning if nothing follows. */
  default Duration endsAt() {
    return at();
  }

  /**
   * The network falls apart.
   *
   * @param at when
   * @param until when it is whole again, after {@code at}
   * @param share of the nodes that are cut off from the others, above 0 and below 1; null if groups
   *     are given
   * @param groups how many equal parts the network falls into; 2 to 1,000; null if a share is given
   * @param oneWay whether datagrams still get from the others to the share, default false
   */
  record Partition(
      Duration at,
      Duration until,
      @Absent("none") @Nullable Double share,
      @Absent("none") @Nullable Integer groups,
      @Default("false") boolean oneWay)
      implements Fault {

    public Partition {
      checkTimes(at, until);
      if ((share == null) == (groups == null)) {
        throw new Refused(
            "share", "must be given, or groups, but not both", share == null ? "none" : share);
      }
      if (share != null && !(share > 0 && share < 1)) {
        throw new Refused("share", "must be above 0 and below 1", share);
      }
      if (groups != null) {
        Refused.range("groups", groups, 2, 1_000);
      }
      if (oneWay && groups != null) {
        throw new Refused("one_way", "must be false with groups", oneWay);
      }
    }

    @Override
    public Duration endsAt() {
      return until;
    }
  }

  /**
   * Nodes crash, without a word to others.
   *
   * @param at when
   * @param share of the nodes that are up, bootstrap hosts excepted; above 0 and up to 1
   * @param backAfter how long until they are back; 0 s to 366 days, or null for never, which is the
   *     default
   * @param folder what they then find of their data, default kept
   */
  record Crash(
      Duration at,
      double share,
      @Absent("never") @Nullable Duration backAfter,
      @Default("kept") Folder folder)
      implements Fault {

    public Crash {
      checkBegin(at);
      Refused.shareOfSome("share", share);
      if (backAfter != null) {
        Refused.range("back_after", backAfter, Duration.ZERO, Duration.ofDays(366));
      }
    }

    @Override
    public Duration endsAt() {
      return backAfter == null ? at : at.plus(backAfter);
    }
  }

  /**
   * More datagrams are lost.
   *
   * @param at when
   * @param until when it is over, after {@code at}
   * @param share of the datagrams that get through otherwise; above 0 and up to 1
   */
  record Loss(Duration at, Duration until, double share) implements Fault {

    public Loss {
      checkTimes(at, until);
      Refused.shareOfSome("share", share);
    }

    @Override
    public Duration endsAt() {
      return until;
    }
  }

  /**
   * Some nodes neither hear nor are heard.
   *
   * @param at when
   * @param until when it is over, after {@code at}
   * @param nodes their numbers, from 0, below the scenario's nodes; at least one, none twice
   */
  record Isolate(Duration at, Duration until, List<Integer> nodes) implements Fault {

    public Isolate {
      checkTimes(at, until);
      nodes = List.copyOf(nodes);
      if (nodes.isEmpty()) {
        throw new Refused("nodes", "must have at least one number", nodes);
      }
      HashSet<Integer> seen = new HashSet<>();
      for (int i = 0; i < nodes.size(); i++) {
        Refused.range("nodes." + i, nodes.get(i), 0, Scenario.NODES_MAX - 1);
        if (!seen.add(nodes.get(i))) {
          throw new Refused("nodes." + i, "must not be there twice", nodes.get(i));
        }
      }
    }

    @Override
    public Duration endsAt() {
      return until;
    }
  }

  /**
   * A crowd of new nodes joins.
   *
   * @param at when
   * @param over the time over which they start, evenly; 0 s to 366 days, default 1 min
   * @param nodes how many; 1 to 4,000,000
   */
  record Join(Duration at, @Default("1m") Duration over, int nodes) implements Fault {

    public Join {
      checkBegin(at);
      Refused.range("over", over, Duration.ZERO, Duration.ofDays(366));
      Refused.range("nodes", nodes, 1, Scenario.NODES_MAX);
    }

    @Override
    public Duration endsAt() {
      return at.plus(over);
    }
  }

  /**
   * Clocks are set wrong.
   *
   * @param at when
   * @param share of the nodes; above 0 and up to 1
   * @param by how far ahead, or back if negative; not 0 s, 30 days at the most
   */
  record Clock(Duration at, double share, Duration by) implements Fault {

    public Clock {
      checkBegin(at);
      Refused.shareOfSome("share", share);
      Refused.range("by", by, Duration.ofDays(-30), Duration.ofDays(30));
      if (by.isZero()) {
        throw new Refused("by", "must not be 0s", Values.text(by));
      }
    }
  }

  private static void checkBegin(Duration at) {
    Refused.range("at", at, Duration.ZERO, Duration.ofDays(366));
  }

  private static void checkTimes(Duration at, Duration until) {
    checkBegin(at);
    Refused.range("until", until, Duration.ZERO, Duration.ofDays(366));
    if (until.compareTo(at) <= 0) {
      throw new Refused("until", "must be after at, " + Values.text(at), Values.text(until));
    }
  }
}
