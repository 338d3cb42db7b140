package org.bytchat.sim.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.store.StorePut;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.NodeFailure;
import org.bytchat.sim.kernel.Outcome;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.mail.MailFigures;
import org.bytchat.sim.mail.MailRun;
import org.bytchat.sim.model.AddressPlan;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.network.SimulatedScheme;
import org.bytchat.sim.report.LogHistogram;
import org.bytchat.sim.report.LookupLog;
import org.bytchat.sim.scenario.Bootstrap;
import org.bytchat.sim.scenario.Checks;
import org.bytchat.sim.scenario.Folder;
import org.bytchat.sim.scenario.Mode;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Signatures;
import org.jspecify.annotations.Nullable;

/** One run of a plan, from the making of its nodes to what came of it. */
public final class Simulation implements RunComparison.Run {

  /** Whatever a user began so long before the end has ended, unless its node went. */
  private static final long PATIENCE_MICROS = 120 * Plan.SECOND;

  private static final long PROGRESS_NANOS = 500_000_000;
  private static final int PROBLEMS_KEPT = 20;

  private final Plan plan;
  private final Scenario scenario;
  private final RunListener listener;
  private final PlanMachines machines;
  private final AttackRun attack;
  private final Directory directory;
  private final SimWorld world;
  private final Invariants invariants;
  private final Kernel kernel;
  private final RecordMaker maker;
  private final RecordBook book;
  private final Sampler sampler;
  private final @Nullable MailRun mail;
  private final long heapBefore;
  private final long startNanos;
  private final Map<Integer, Prober> probers = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private RunResult.Finding finding = RunResult.Finding.NONE;
  private long runStartNanos;
  private long progressNanos;
  private long sampledMicros;

  /** Time of all cores, and datagrams that arrived, when measuring began; negative before. */
  private long measuredCpuNanos = -1;

  private long measuredDatagrams;

  /** Null until measuring has ended. */
  private @Nullable AttackFigures attackFigures;

  private Simulation(Plan plan, Models models, int threads, RunListener listener) {
    this.startNanos = System.nanoTime();
    this.heapBefore = Heap.bytesAfterCollection();
    this.plan = plan;
    this.scenario = plan.scenario();
    this.listener = listener;
    this.machines = new PlanMachines(plan, models);
    SignatureScheme scheme =
        scenario.signatures() == Signatures.ED25519
            ? Ed25519Scheme.INSTANCE
            : SimulatedScheme.INSTANCE;
    this.maker =
        new RecordMaker(scenario.seed(), scheme, scenario.node().network(), plan.records());
    this.attack = new AttackRun(plan, scheme, maker);
    AddressPlan addresses = attack.addresses();
    this.directory =
        new Directory(
            directoryOf(addresses),
            new PlanLives(plan),
            attack::identity,
            place -> MailStart.services(plan, place));
    this.invariants =
        new Invariants(scenario.checks().invariantsEvery(), scenario.node(), directory);
    Recorder.Setting setting =
        new Recorder.Setting(
            directory,
            scenario.node().routing().bucketSize(),
            scenario.seed(),
            scenario.output().lookupsMax(),
            plan.measureFromMicros(),
            watchRules(scheme),
            invariants);
    this.world =
        new SimWorld(
            new SimWorld.Parts(
                scenario.seed(),
                directory,
                new PlanLinks(plan, models),
                scheme,
                scenario.node(),
                new SimWorld.Start(
                    bootstrapEndpoints(), scenario.bootstrap().kind() == Bootstrap.Kind.ORACLE),
                machines,
                () -> new Recorder(setting),
                MailStart.common(plan)));
    this.kernel = new Kernel(world, threads, scenario.mode() == Mode.CODEC);
    attack.begin(kernel, directory, addresses);
    this.mail = MailStart.of(plan, kernel, world, directory, toleranceMicros());
    this.book = new RecordBook(maker, plan.records(), toleranceMicros());
    this.sampler =
        new Sampler(
            new Sampler.View(kernel, directory, attack.victims()),
            maker,
            book,
            plan.records().size());
  }

  private static Directory.Addresses directoryOf(AddressPlan addresses) {
    return new Directory.Addresses() {
      @Override
      public Endpoint endpoint(int node) {
        return addresses.endpoint(node);
      }

      @Override
      public int indexOf(Endpoint endpoint) {
        return addresses.indexOf(endpoint);
      }
    };
  }

  /**
   * Makes a run of a plan.
   *
   * @param plan what is to happen
   * @param threads how many threads handle the nodes
   * @param listener is told how it goes
   * @return the run, at time zero
   * @throws IOException if a file that the scenario names cannot be read
   */
  public static Simulation of(Plan plan, int threads, RunListener listener) throws IOException {
    Simulation simulation = new Simulation(plan, Models.of(plan.scenario()), threads, listener);
    simulation.kernel.onlyWhile(listener::goesOn);
    simulation.schedule();
    return simulation;
  }

  /**
   * Makes the plan of a scenario.
   *
   * @param scenario the scenario
   * @return its plan
   * @throws IOException if a file that it names cannot be read
   */
  public static Plan plan(Scenario scenario) throws IOException {
    return Planner.plan(scenario, Models.of(scenario));
  }

  private Watch.@Nullable Rules watchRules(SignatureScheme scheme) {
    if (scenario.checks().invariantsEvery() == 0 || plan.lives().size() > Watch.NODES_MAX) {
      return null;
    }
    RecordMaker records =
        new RecordMaker(scenario.seed(), scheme, scenario.node().network(), plan.records());
    List<NodeId> places = new ArrayList<>();
    for (int i = 0; i < Math.min(Watch.RECORDS_MAX, plan.records().size()); i++) {
      places.add(records.place(i));
    }
    // A drifting clock is told the time once in an interval.
    double drift = scenario.clocks().driftPpm() * 1e-6;
    long slackMicros = (long) (drift * Plan.micros(scenario.output().seriesInterval()));
    return new Watch.Rules(
        plan.lives().size(),
        Plan.micros(scenario.node().lookup().hardTimeout()),
        List.copyOf(places),
        machines,
        slackMicros / 1000 + 2);
  }

  private List<Endpoint> bootstrapEndpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int node = 0; node < scenario.bootstrap().nodes(); node++) {
      endpoints.add(directory.contact(node, 0).endpoint());
    }
    return endpoints;
  }

  /** How far clocks can be apart, so that nobody can say whether a record has ended. */
  private long toleranceMicros() {
    long error = 2 * Plan.micros(scenario.clocks().skew());
    error += (long) (2 * scenario.clocks().driftPpm() * 1e-6 * plan.endMicros());
    Map<Integer, Long> steps = new HashMap<>();
    for (PlannedFault fault : plan.faults()) {
      if (fault instanceof PlannedFault.ClockStep step) {
        steps.merge(step.node(), Math.abs(step.byMillis()) * 1000, Long::sum);
      }
    }
    // Steps add to what the clock was off before, and to each other.
    error += 2 * steps.values().stream().mapToLong(Long::longValue).max().orElse(0);
    return error + 60 * Plan.SECOND;
  }

  // The schedule.

  private void schedule() {
    Directory.Lives lives = directory.lives();
    Map<Integer, Map<Long, PlannedFault.Crash>> crashes = crashes();
    for (int node = 0; node < lives.nodes(); node++) {
      // Attackers are there without having a node to start.
      long[] times = lives.isHostile(node) ? new long[0] : lives.of(node);
      for (int i = 0; i < times.length; i += 2) {
        if (times[i] < plan.endMicros()) {
          kernel.schedule(times[i], node, true, this::start);
        }
        if (times[i + 1] < plan.endMicros()) {
          PlannedFault.Crash crash = crashes.getOrDefault(node, Map.of()).get(times[i + 1]);
          kernel.schedule(times[i + 1], node, true, (each, control) -> stop(each, control, crash));
        }
      }
    }
    for (PlannedFault fault : plan.faults()) {
      schedule(fault);
    }
    if (mail != null) {
      mail.schedule();
    }
    List<Op> ops = plan.ops();
    for (int i = 0; i < ops.size(); i++) {
      Op op = ops.get(i);
      long number = i;
      kernel.schedule(
          op.timeMicros(), op.node(), false, (node, control) -> perform(op, number, node, control));
    }
  }

  private void start(SimNode node, World.Control control) {
    control.start(node);
    if (mail != null) {
      mail.start(node, control);
    }
  }

  /** Returns the crashes by node and time, so that the disk suffers before the next start. */
  private Map<Integer, Map<Long, PlannedFault.Crash>> crashes() {
    Map<Integer, Map<Long, PlannedFault.Crash>> crashes = new HashMap<>();
    for (PlannedFault fault : plan.faults()) {
      if (fault instanceof PlannedFault.Crash crash) {
        crashes.computeIfAbsent(crash.node(), node -> new HashMap<>()).put(crash.atMicros(), crash);
      }
    }
    return crashes;
  }

  private void stop(SimNode node, World.Control control, PlannedFault.@Nullable Crash crash) {
    Folder folder = crash == null ? PlanLives.folderOf(plan) : crash.folder();
    if (mail != null) {
      mail.stop(node, control, folder, crash == null ? -1 : crash.torn());
    }
    if (machines.hasDisk()) {
      if (folder == Folder.LOST) {
        world.disk(node.index()).wipe();
      } else if (crash == null) {
        // Who stops in good order keeps its contacts first.
        world.perform(
            node, new Effect.KeepContacts(0, node.engine().contacts()), control.nowMicros());
      } else if (folder == Folder.TORN) {
        world.disk(node.index()).tear(crash.torn());
      }
    }
    control.stop(node);
  }

  private void schedule(PlannedFault fault) {
    if (fault instanceof PlannedFault.ClockStep step) {
      kernel.schedule(
          step.atMicros(),
          step.node(),
          true,
          (node, control) -> tellTime(node, control.nowMicros()));
    } else if (fault instanceof PlannedFault.Probe probe) {
      Prober prober = probers.computeIfAbsent(probe.place(), this::newProber);
      kernel.schedule(
          probe.atMicros(), probe.place(), true, (node, control) -> prober.begin(probe, control));
    }
  }

  private Prober newProber(int place) {
    SimNode node = kernel.nodes().get(place);
    Prober prober = new Prober(node, scenario, world.scheme(), directory);
    node.place(prober);
    return prober;
  }

  private void tellTime(SimNode node, long nowMicros) {
    if (node.isUp()) {
      node.engine().adjustClock(machines.wallMillis(node.index(), nowMicros), nowMicros * 1000);
    }
  }

  private void perform(Op op, long number, SimNode node, World.Control control) {
    if (!node.isUp()) {
      return;
    }
    long now = control.nowMicros() * 1000;
    NodeEngine engine = node.engine();
    long id =
        switch (op.kind()) {
          case LOOKUP, FINAL_LOOKUP -> {
            LookupId lookup = engine.startLookup(targetOf(op), AddressFamily.IPV4, now);
            yield lookup == null ? -1 : lookup.value();
          }
          case GET -> engine.records().get(maker.place(op.record()), now);
          case PUT ->
              engine
                  .records()
                  .put(
                      maker.signed(op, machines.wallMillis(node.index(), control.nowMicros())),
                      StorePut.ANY_SEQUENCE,
                      now);
          case PUBLISH -> {
            // A newer version takes the place of the one that was published before.
            Recorder recorder = Recorder.of(control.observer());
            recorder.endPublication(node, op.record());
            long made = engine.records().publish(maker.publication(op), now);
            recorder.beginPublication(node, op.record(), made);
            yield made;
          }
        };
    Recorder.of(control.observer()).begin(node, op, number, id, control.nowMicros());
  }

  private NodeId targetOf(Op op) {
    NodeId target = op.target();
    if (op.record() >= 0) {
      return directory.contactAt(op.record(), op.timeMicros()).id();
    }
    if (target == null) {
      throw new IllegalStateException("a lookup without a target: " + op);
    }
    return target;
  }

  // The run.

  /**
   * Runs to the end, or until the listener wants no more.
   *
   * @return what came of it
   */
  public RunResult run() {
    try {
      kernel.runTo(1);
      runStartNanos = System.nanoTime();
      if (kernel.nowMicros() > 0) {
        listener.onBegun();
      }
      advance(plan.endMicros());
      if (sampledMicros < kernel.nowMicros()) {
        // It was stopped within an interval.
        onInterval();
      }
    } catch (NodeFailure e) {
      find(RunResult.Finding.INVARIANT, String.valueOf(e.getMessage()));
    }
    return result();
  }

  @Override
  public void advance(long untilMicros) {
    long interval = Plan.micros(scenario.output().seriesInterval());
    while (kernel.nowMicros() < untilMicros && listener.goesOn()) {
      long now = kernel.nowMicros();
      long next = Math.min((now / interval + 1) * interval, plan.endMicros());
      if (measuredCpuNanos < 0 && now >= plan.measureFromMicros()) {
        measuredCpuNanos = Heap.cpuNanos();
        measuredDatagrams = kernel.count(Outcome.DELIVERED);
      }
      kernel.runTo(Math.min(Math.min(next, untilMicros), now + Plan.SECOND));
      if (attackFigures == null && kernel.nowMicros() >= plan.healFromMicros()) {
        attackFigures = attack.figures(kernel, directory);
      }
      if (mail != null) {
        MailStart.advance(mail, kernel.nowMicros(), this::find);
      }
      progress();
      if (kernel.nowMicros() == next) {
        onInterval();
      }
    }
  }

  @Override
  public Kernel kernel() {
    return kernel;
  }

  /** Returns who there is. */
  Directory directory() {
    return directory;
  }

  private void onInterval() {
    sampledMicros = kernel.nowMicros();
    List<RecordBook.Entry> entries = new ArrayList<>();
    LogHistogram recent = new LogHistogram();
    for (Recorder recorder : recorders()) {
      entries.addAll(recorder.records);
      recorder.records = new ArrayList<>();
      recent.add(recorder.recent);
      recorder.recent.reset();
    }
    book.enter(entries);
    checkDeadlines();
    if (machines.isDrifting()) {
      kernel.nodes().forEach(node -> tellTime(node, kernel.nowMicros()));
    }
    listener.onInterval(kernel.nowMicros(), sampler.sample(totals(), recent));
  }

  private void checkDeadlines() {
    for (SimNode node : kernel.nodes()) {
      try {
        if (node.isUp()) {
          invariants.checkDeadline(node, kernel.nowMicros());
        }
      } catch (Invariants.Violation e) {
        find(RunResult.Finding.INVARIANT, String.valueOf(e.getMessage()));
      }
    }
  }

  private void progress() {
    long now = System.nanoTime();
    if (now - progressNanos < PROGRESS_NANOS) {
      return;
    }
    progressNanos = now;
    double wall = Math.max(1e-3, (now - runStartNanos) / 1e9);
    double virtual = kernel.nowMicros() / 1e6;
    double left = (plan.endMicros() - kernel.nowMicros()) / 1e6 / Math.max(1e-9, virtual / wall);
    listener.onProgress(
        String.format(
            Locale.ROOT,
            "%s: %.0f of %.0f s, %.1f times real time, %,.0f datagrams/s, heap %,d MB, %.0f s left",
            scenario.name(),
            virtual,
            plan.endMicros() / 1e6,
            virtual / wall,
            kernel.count(Outcome.DELIVERED) / wall,
            Heap.usedBytes() >> 20,
            left));
  }

  private List<Recorder> recorders() {
    return kernel.observers().stream().map(Recorder::of).toList();
  }

  private Recorder.Totals totals() {
    Recorder.Totals all = new Recorder.Totals();
    recorders().forEach(each -> all.add(each.totals));
    return all;
  }

  // What came of it.

  private void find(RunResult.Finding what, String problem) {
    if (finding == RunResult.Finding.NONE) {
      finding = what;
    }
    if (problems.size() < PROBLEMS_KEPT) {
      problems.add(problem);
    }
  }

  private RunResult result() {
    final long runNanos = System.nanoTime() - runStartNanos;
    final long cpuNanos = Heap.cpuNanos();
    boolean isPartial = kernel.nowMicros() < plan.endMicros();
    Recorder.Totals totals = totals();
    judge(totals, isPartial);
    MailFigures mailed =
        mail == null
            ? null
            : MailStart.judge(mail, scenario, kernel.nowMicros(), !isPartial, this::find);
    LookupLog log =
        new LookupLog(
            Recorder.LOOKUP_COLUMNS, scenario.seed(), Math.max(1, scenario.output().lookupsMax()));
    recorders().forEach(each -> log.merge(each.log));
    List<Long> outcomes = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      outcomes.add(kernel.count(outcome));
    }
    long checks = recorders().stream().mapToLong(Recorder::checks).sum();
    final double[] fill = sampler.bucketFill();
    final int up = sampler.countUp();
    final long wallNanos = System.nanoTime() - startNanos;
    RunResult.Cost cost =
        new RunResult.Cost(
            up,
            wallNanos,
            runNanos,
            measuredCpuNanos < 0 ? 0 : cpuNanos - measuredCpuNanos,
            measuredCpuNanos < 0 ? 0 : kernel.count(Outcome.DELIVERED) - measuredDatagrams,
            List.copyOf(outcomes),
            kernel.handledEvents(),
            checks,
            listener.measuresHeap() ? Math.max(0, Heap.bytesAfterCollection() - heapBefore) : 0);
    RunResult.End end =
        new RunResult.End(
            finding,
            problems.isEmpty() ? "" : problems.get(0),
            List.copyOf(problems),
            isPartial,
            kernel.nowMicros(),
            kernel.traceHash(),
            List.copyOf(kernel.secondHashes()));
    AttackFigures attacked =
        attackFigures == null ? attack.figures(kernel, directory) : attackFigures;
    attack.count(attacked);
    return new RunResult(plan, end, totals, book.counts, log, fill, cost, attacked, mailed);
  }

  private void judge(Recorder.Totals totals, boolean isPartial) {
    book.violations().forEach(each -> find(RunResult.Finding.INVARIANT, each));
    if (isPartial) {
      return;
    }
    for (Recorder recorder : recorders()) {
      for (Op op : recorder.unfinished(kernel.nowMicros() - PATIENCE_MICROS, kernel.nodes())) {
        find(RunResult.Finding.LIVENESS, "has not ended: " + op);
      }
    }
    if (totals.finalSuccesses < totals.finalLookups) {
      find(
          RunResult.Finding.LIVENESS,
          "%d of %d lookups after the faults did not find the closest node"
              .formatted(totals.finalLookups - totals.finalSuccesses, totals.finalLookups));
    }
    Checks checks = scenario.checks();
    if (checks.lookups() == Checks.LookupCheck.EXACT && totals.exact < totals.lookups) {
      find(
          RunResult.Finding.ORACLE,
          "%d of %d lookups did not find exactly the closest nodes"
              .formatted(totals.lookups - totals.exact, totals.lookups));
    }
    Double successMin = checks.expect().lookupSuccessMin();
    double success = share(totals.successes, totals.lookups);
    if (successMin != null && success < successMin) {
      find(
          RunResult.Finding.ORACLE,
          "lookup_success is %.4f, at least %s is expected".formatted(success, successMin));
    }
    Double foundMin = checks.expect().recordFoundMin();
    double found = share(book.counts.found, book.counts.getsExpected);
    if (foundMin != null && found < foundMin) {
      find(
          RunResult.Finding.ORACLE,
          "record_found is %.4f, at least %s is expected".formatted(found, foundMin));
    }
  }

  static double share(long part, long whole) {
    return whole == 0 ? 1 : (double) part / whole;
  }

  @Override
  public void close() {
    kernel.close();
  }
}
