package org.bytchat.sim.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.ChurnModel;
import org.bytchat.sim.model.Life;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.model.TraceChurn;
import org.bytchat.sim.scenario.Attack;
import org.bytchat.sim.scenario.Bootstrap;
import org.bytchat.sim.scenario.Fault;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Workload;
import org.jspecify.annotations.Nullable;

/** Makes the plan of a scenario: what happens when, drawn by hashes of its seed. */
final class Planner {

  /** Purposes of random numbers, apart from those of the models. */
  private static final long LIVES = 101;

  private static final long TARGETS = 102;
  private static final long ASKERS = 103;
  private static final long FAULTS = 104;

  private static final long[] ALWAYS = {0, Long.MAX_VALUE};

  /** Lookups and gets begin so long before the end of measuring that they end in it. */
  private static final long LAST_MICROS = 20 * Plan.SECOND;

  /** Who is asked for something has been up for so long, unless the run is younger. */
  private static final long SETTLED_MICROS = 60 * Plan.SECOND;

  private static final int FINAL_LOOKUPS = 100;
  private static final int TRIES = 10_000;

  private final Scenario scenario;
  private final Models models;
  private final List<long[]> lives = new ArrayList<>();
  private final List<Boolean> reachable = new ArrayList<>();
  private final List<PlannedRecord> records = new ArrayList<>();
  private final List<PlannedFault> faults = new ArrayList<>();
  private final List<Op> ops = new ArrayList<>();
  private final long seed;
  private final long end;
  private final long measureFrom;
  private final long healFrom;
  private AttackPlaces attackers;
  private long drawn;

  private Planner(Scenario scenario, Models models) {
    this.scenario = scenario;
    this.models = models;
    this.seed = scenario.seed();
    this.measureFrom = Plan.micros(scenario.phases().settle());
    this.healFrom = measureFrom + Plan.micros(scenario.phases().measure());
    this.end = healFrom + Plan.micros(scenario.phases().heal());
    this.attackers = AttackPlaces.of(scenario, scenario.nodes());
  }

  /** Makes a plan. */
  static Plan plan(Scenario scenario, Models models) {
    Planner planner = new Planner(scenario, models);
    planner.planLives();
    planner.planFaults();
    planner.planReachability();
    planner.planAttackers();
    planner.planHosts();
    planner.planRecords();
    planner.planLookups();
    planner.ops.sort(Comparator.comparingLong(Op::timeMicros));
    return new Plan(
        scenario,
        List.copyOf(planner.lives),
        List.copyOf(planner.reachable),
        List.copyOf(planner.records),
        List.copyOf(planner.faults),
        List.copyOf(planner.ops));
  }

  private long draw(long purpose) {
    return Mix.at(Mix.seed(seed, purpose), drawn++);
  }

  // Lives.

  private void planLives() {
    ChurnModel churn = models.churn();
    int stable = scenario.bootstrap().nodes();
    // The hostile ones come after all others, but for those that are bootstrap hosts.
    int nodes = Math.max(stable, scenario.nodes() - AttackPlaces.hostileSybils(scenario));
    if (churn instanceof TraceChurn trace) {
      nodes = Math.max(stable, trace.nodes());
    } else if (scenario.churn() != null) {
      nodes = stable + (int) Math.ceil((nodes - stable) / churn.availability());
    }
    long spread = joinOver();
    for (int node = 0; node < nodes; node++) {
      long earliest = node < stable ? 0 : spread * (node - stable) / Math.max(1, nodes - stable);
      if (node < stable || scenario.churn() == null) {
        lives.add(earliest == 0 ? ALWAYS : new long[] {earliest, Long.MAX_VALUE});
      } else {
        lives.add(timesOf(churn.lives(Mix.seed(seed, LIVES), node, end), earliest));
      }
    }
  }

  private long joinOver() {
    Bootstrap bootstrap = scenario.bootstrap();
    return bootstrap.kind() == Bootstrap.Kind.JOIN ? Plan.micros(bootstrap.joinOver()) : 0;
  }

  private static long[] timesOf(List<Life> sessions, long earliest) {
    List<Long> times = new ArrayList<>();
    for (Life session : sessions) {
      long up = Math.max(session.upMicros(), earliest);
      if (up < session.downMicros()) {
        times.add(up);
        times.add(session.downMicros());
      }
    }
    return times.stream().mapToLong(Long::longValue).toArray();
  }

  private void planReachability() {
    if (scenario.nat().share() > 0) {
      for (int node = 0; node < lives.size(); node++) {
        reachable.add(node < scenario.bootstrap().nodes() || !models.nat().isBehind(node));
      }
    }
  }

  private void planAttackers() {
    for (Attack attack : scenario.attacks()) {
      if (attack instanceof Attack.Eclipse eclipse) {
        long from = eclipse.joining() ? measureFrom + AttackPlaces.atMicros(attack) : 0;
        addPlaces(eclipse.victims(), from);
      }
    }
    for (Attack attack : scenario.attacks()) {
      long from = attack instanceof Attack.Sybils ? 0 : measureFrom + AttackPlaces.atMicros(attack);
      addPlaces(AttackPlaces.hostile(attack, scenario), from);
    }
    attackers = AttackPlaces.of(scenario, lives.size());
  }

  /** The machines of users come last, where no fault but those of the network hits them. */
  private void planHosts() {
    Mail mail = scenario.mail();
    if (mail != null) {
      addPlaces(mail.hosts(), 0);
      attackers = AttackPlaces.of(scenario, lives.size());
    }
  }

  private void addPlaces(int count, long fromMicros) {
    for (int i = 0; i < count; i++) {
      lives.add(new long[] {fromMicros, Long.MAX_VALUE});
      if (!reachable.isEmpty()) {
        reachable.add(true);
      }
    }
  }

  // Faults.

  private void planFaults() {
    List<Fault> wanted = scenario.faults();
    for (int i = 0; i < wanted.size(); i++) {
      planFault(wanted.get(i), Mix.combine(Mix.seed(seed, FAULTS), i));
    }
  }

  private void planFault(Fault fault, long salt) {
    // Faults are told from the start of measuring.
    long at = measureFrom + Plan.micros(fault.at());
    long until = measureFrom + Plan.micros(fault.endsAt());
    if (fault instanceof Fault.Partition partition) {
      Double share = partition.share();
      Integer groups = partition.groups();
      faults.add(
          new PlannedFault.Cut(
              at,
              until,
              salt,
              share == null ? 0 : share,
              groups == null ? 2 : groups,
              partition.oneWay()));
    } else if (fault instanceof Fault.Isolate isolate) {
      faults.add(new PlannedFault.Isolation(at, until, isolate.nodes()));
    } else if (fault instanceof Fault.Loss loss) {
      faults.add(new PlannedFault.Losses(at, until, salt, loss.share()));
    } else if (fault instanceof Fault.Crash crash) {
      planCrashes(crash, at, until, salt);
    } else if (fault instanceof Fault.Clock clock) {
      planClockSteps(clock, at, salt);
    } else if (fault instanceof Fault.Join join) {
      planCrowd(join, at);
    }
  }

  private void planCrashes(Fault.Crash crash, long at, long until, long salt) {
    long back = crash.backAfter() == null ? Long.MAX_VALUE : until;
    for (int node = scenario.bootstrap().nodes(); node < lives.size(); node++) {
      long bits = Mix.combine(salt, node);
      if (Mix.share(bits) < crash.share() && isUp(node, at, at)) {
        double torn = Mix.share(Mix.mix(bits));
        faults.add(new PlannedFault.Crash(at, back, node, crash.folder(), torn));
      }
    }
  }

  private void planClockSteps(Fault.Clock clock, long at, long salt) {
    for (int node = 0; node < lives.size(); node++) {
      if (Mix.share(Mix.combine(salt, node)) < clock.share()) {
        faults.add(new PlannedFault.ClockStep(at, at, node, clock.by().toMillis()));
      }
    }
  }

  private void planCrowd(Fault.Join join, long at) {
    long over = Plan.micros(join.over());
    for (int i = 0; i < join.nodes(); i++) {
      lives.add(new long[] {at + over * i / join.nodes(), Long.MAX_VALUE});
    }
  }

  // Workload.

  private boolean isUp(int node, long from, long to) {
    long[] times = lives.get(node);
    for (int i = 0; i < times.length; i += 2) {
      if (times[i] <= from && to < times[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Draws a node that is up at a time, for some time already. */
  private int askerAt(long time) {
    long from = Math.max(0, time - SETTLED_MICROS);
    for (int i = 0; i < TRIES; i++) {
      int node = Mix.below(draw(ASKERS), attackers.nodes());
      if (!attackers.isHostile(node) && isUp(node, from, time)) {
        return node;
      }
    }
    // Bootstrap nodes are always up.
    return 0;
  }

  private void planLookups() {
    Workload.Lookups lookups = scenario.workload().lookups();
    if (lookups != null) {
      long from = measureFrom + Plan.micros(lookups.start());
      long to = lastStart(from);
      Integer count = lookups.count();
      Double rate = lookups.rate();
      long total = count != null ? count : rate == null ? 0 : Math.round(rate * (to - from) / 1e6);
      for (long i = 0; i < total; i++) {
        long time = from + spread(i, total, to - from);
        ops.add(lookup(time, Op.Kind.LOOKUP, lookups.targets()));
      }
    }
    long last = 2 * LAST_MICROS;
    // Under attack, lookups may fail to the end.
    if (end - healFrom >= last && scenario.attacks().isEmpty()) {
      for (int i = 0; i < FINAL_LOOKUPS; i++) {
        long time = end - last + spread(i, FINAL_LOOKUPS, LAST_MICROS);
        ops.add(lookup(time, Op.Kind.FINAL_LOOKUP, Workload.Targets.RANDOM));
      }
    }
  }

  private Op lookup(long time, Op.Kind kind, Workload.Targets targets) {
    int asker = askerAt(time);
    NodeId target = NodeId.of(draw(TARGETS), draw(TARGETS), (int) draw(TARGETS));
    int node = targets == Workload.Targets.NODES ? askerAt(time) : -1;
    return new Op(time, asker, kind, node, 0, target);
  }

  /** When the last lookup of the measured time begins. */
  private long lastStart(long from) {
    return Math.max(from, healFrom - Math.min(LAST_MICROS, (healFrom - from) / 10));
  }

  /** Spreads so many things over a time, each somewhere in a part of its own. */
  private long spread(long index, long total, long duration) {
    double part = (index + Mix.share(draw(ASKERS))) / total;
    return (long) (part * duration);
  }

  private void planRecords() {
    Workload.Records wanted = scenario.workload().records();
    if (wanted != null) {
      long over = Plan.micros(wanted.putOver());
      long firstPut = measureFrom + Plan.micros(wanted.start());
      for (int i = 0; i < wanted.count(); i++) {
        records.add(
            new PlannedRecord("sim", Plan.micros(wanted.ttl()), Math.max(8, wanted.valueBytes())));
        Op.Kind kind = wanted.republish() ? Op.Kind.PUBLISH : Op.Kind.PUT;
        long first = firstPut + spread(i, wanted.count(), over);
        planVersions(records.size() - 1, kind, first, wanted.updateEvery());
      }
      long from = firstPut + over + LAST_MICROS;
      long to = lastStart(from);
      long gets = Math.round(wanted.getRate() * (to - from) / 1e6);
      for (long i = 0; i < gets; i++) {
        long time = from + spread(i, gets, to - from);
        int record = Mix.below(draw(TARGETS), wanted.count());
        ops.add(new Op(time, askerAt(time), Op.Kind.GET, record, 0, null));
      }
    }
    Workload.Profiles profiles = scenario.workload().profiles();
    if (profiles != null) {
      long ttl = Plan.micros(scenario.node().store().ttlDefault());
      for (int i = 0; i < profiles.count(); i++) {
        records.add(new PlannedRecord("meta", ttl, 64));
        long first = measureFrom + spread(i, profiles.count(), 60 * Plan.SECOND);
        planVersions(records.size() - 1, Op.Kind.PUBLISH, first, profiles.updateEvery());
      }
    }
  }

  private void planVersions(int record, Op.Kind kind, long first, @Nullable Duration updateEvery) {
    int version = 1;
    long step = updateEvery == null ? Long.MAX_VALUE : Plan.micros(updateEvery);
    int owner = askerAt(first);
    for (long time = first; time < healFrom; time += step) {
      // A publisher is one node; single writes may come from anywhere.
      int node = kind == Op.Kind.PUBLISH ? owner : askerAt(time);
      ops.add(new Op(time, node, kind, record, version++, null));
      if (time > Long.MAX_VALUE - step) {
        break;
      }
    }
  }
}
