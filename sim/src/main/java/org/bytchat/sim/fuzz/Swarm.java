package org.bytchat.sim.fuzz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.run.Op;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.PlannedFault;
import org.bytchat.sim.run.Simulation;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Scenarios;

/**
 * A small network in which everything is drawn from a seed: its size, its nodes' configuration,
 * what the network does to datagrams, what goes wrong, what users do (swarm testing, Groce and
 * others 2012; the drawing follows TigerBeetle's VOPR).
 *
 * <p>First everything may go wrong at once; then, in the phase in which it heals, nothing is lost
 * any more, nobody leaves, and lookups have to find whoever is closest.
 */
public final class Swarm {

  private static final long OPTIONS = 501;
  private static final long EVENTS = 502;
  private static final long SECOND = 1_000_000;

  /** The last lookups begin so long before the end, and are done by then. */
  private static final long FINAL_FROM = 40 * SECOND;

  private static final long FINAL_OVER = 10 * SECOND;
  private static final int FINAL_LOOKUPS = 20;

  private final long seed;
  private final Draw draw;
  private final Map<String, Object> options = new LinkedHashMap<>();

  /** Whether datagrams get lost or come twice from elsewhere until all heals, and how many. */
  private final double loss;

  private final double echo;
  private final int probes;

  /**
   * Whether the network may fall apart. Nobody goes for good then: two halves find each other by
   * asking those whom they lost, one in each refresh, and the dead among them take time that the
   * phase of healing does not have.
   */
  private final boolean splits;

  private Swarm(long seed) {
    this.seed = seed;
    this.draw = new Draw(seed, OPTIONS);
    this.loss = draw.chance(0.5) ? draw.upTo(0.2) : 0;
    this.echo = draw.chance(0.4) ? draw.upTo(0.1) : 0;
    this.splits = draw.chance(0.4);
    this.probes = draw.chance(0.6) ? draw.between(1, 12) : 0;
  }

  /**
   * A network that was drawn.
   *
   * @param options what was drawn, as a scenario has it, and {@code swarm} for what none has
   * @param plan all that happens in it
   */
  public record Drawn(Map<String, Object> options, Plan plan) {}

  /**
   * Draws a network.
   *
   * @param seed what all chance follows from
   * @return the same each time
   * @throws IOException never, as no scenario of a swarm names a file
   */
  public static Drawn of(long seed) throws IOException {
    Swarm swarm = new Swarm(seed);
    swarm.drawOptions();
    Scenario scenario = Scenarios.of("swarm-" + seed, swarm.options, List.of());
    Plan plan = swarm.planOf(Simulation.plan(scenario));
    Map<String, Object> all = new LinkedHashMap<>(swarm.options);
    all.put("swarm", Map.of("loss", swarm.loss, "echo", swarm.echo, "probes", swarm.probes));
    return new Drawn(all, plan);
  }

  // What a scenario says.

  private void drawOptions() {
    int nodes = draw.chance(0.75) ? draw.scaled(8, 40) : draw.scaled(40, 120);
    int settle = draw.between(5, 25);
    int measure = draw.between(40, 100);
    options.put("seed", seed);
    options.put("nodes", nodes);
    options.put("mode", draw.of("object", "codec"));
    options.put("bootstrap", bootstrap(settle));
    options.put("node", node());
    options.put("phases", map("settle", s(settle), "measure", s(measure), "heal", s(120)));
    options.put("network", network());
    if (!splits && draw.chance(0.5)) {
      options.put("churn", churn());
    }
    if (draw.chance(0.3)) {
      options.put("nat", map("share", draw.upTo(0.4), "mapping_timeout", s(draw.between(30, 300))));
    }
    if (draw.chance(0.4)) {
      // Clocks of two nodes are less than ten minutes apart, which holders tolerate.
      options.put(
          "clocks", map("skew", s(draw.between(0, 240)), "drift_ppm", draw.between(0, 200)));
    }
    List<Object> faults = new ArrayList<>();
    int count = draw.chance(0.2) ? 0 : draw.between(1, 4);
    for (int i = 0; i < count; i++) {
      faults.add(fault(nodes, measure));
    }
    options.put("faults", faults);
    options.put("workload", workload(measure));
    options.put("checks", map("invariants_every", draw.between(20, 200), "lookups", "recall"));
    options.put("output", map("series_interval", "10s", "lookups_max", 0));
  }

  private Map<String, Object> bootstrap(int settle) {
    boolean joins = draw.chance(0.5);
    Map<String, Object> map = map("kind", joins ? "join" : "oracle", "nodes", draw.between(1, 3));
    if (joins) {
      map.put("join_over", s(draw.between(0, settle)));
    }
    return map;
  }

  private Map<String, Object> node() {
    int replicas = draw.between(2, 8);
    int hard = draw.between(2, 6);
    Map<String, Object> routing =
        map(
            "bucketSize", draw.of(4, 6, 8, 12, 16, 20),
            "replacementCacheSize", draw.between(0, 8),
            "refreshInterval", s(draw.of(30, 45)),
            "staleAfter", s(draw.of(10, 30, 60)),
            "pingInterval", draw.of("2s", "3s", "5s"),
            "evictAfterFailures", draw.between(2, 4),
            "keepInterval", s(draw.between(5, 60)));
    Map<String, Object> lookup =
        map(
            "parallelism", draw.between(1, 6),
            "paths", draw.chance(0.8) ? 1 : 2,
            "softTimeoutInitial", draw.of("300ms", "500ms", "1s"),
            "hardTimeout", s(hard));
    Map<String, Object> store =
        map(
            "ttlMin", s(10),
            "ttlDefault", s(draw.of(30, 60, 120)),
            "ttlMax", s(draw.of(120, 300, 86_400)),
            "replicas", replicas,
            "acks", draw.between(1, replicas),
            "repairInterval", s(draw.of(10, 30, 120)),
            "repairJitter", draw.of("100ms", "1s", "5s"));
    Map<String, Object> limits = map("tokenRotation", s(draw.of(20, 60, 300)));
    return map("routing", routing, "lookup", lookup, "store", store, "limits", limits);
  }

  private Map<String, Object> network() {
    Map<String, Object> latency =
        switch (draw.between(0, 2)) {
          case 0 -> map("model", "constant", "one_way", draw.between(5, 150) + "ms");
          case 1 ->
              map(
                  "model",
                  "log_normal",
                  "median_rtt",
                  draw.between(20, 200) + "ms",
                  "sigma",
                  draw.upTo(0.6));
          default -> map("model", "regions");
        };
    return map(
        "latency",
        latency,
        "jitter",
        draw.chance(0.5) ? draw.upTo(0.5) : 0,
        "duplication",
        draw.chance(0.4) ? draw.upTo(0.1) : 0,
        "reordering",
        map("share", draw.chance(0.4) ? draw.upTo(0.2) : 0, "delay", draw.of("50ms", "1s")),
        "effect_latency",
        draw.of("1ms", "5ms", "100ms"));
  }

  private Map<String, Object> churn() {
    boolean isFresh = draw.chance(0.4);
    return map(
        "model", "exponential",
        "session_mean", s(draw.scaled(40, 600)),
        "absence_mean", s(draw.scaled(10, 200)),
        "identity", isFresh ? "fresh" : "persistent",
        "folder", draw.of("kept", "lost"));
  }

  private Map<String, Object> fault(int nodes, int measure) {
    int at = draw.between(0, measure - 20);
    int until = at + draw.between(5, Math.min(60, measure - at));
    Map<String, Object> fault = map("kind", "", "at", s(at));
    switch (splits ? draw.between(0, 5) : draw.between(1, 5)) {
      case 0 -> {
        fault.put("kind", "partition");
        fault.put("until", s(until));
        if (draw.chance(0.5)) {
          fault.put("groups", draw.between(2, 4));
        } else {
          fault.put("share", 0.05 + draw.upTo(0.6));
          fault.put("one_way", draw.chance(0.4));
        }
      }
      case 1 -> {
        fault.put("kind", "isolate");
        fault.put("until", s(until));
        fault.put("nodes", List.of(draw.between(0, nodes - 1)));
      }
      case 2 -> {
        fault.put("kind", "loss");
        fault.put("until", s(until));
        fault.put("share", 0.1 + draw.upTo(0.9));
      }
      case 3 -> {
        fault.put("kind", "clock");
        fault.put("share", 0.05 + draw.upTo(0.3));
        // Either within what is tolerated, or so far that the node doubts it.
        fault.put("by", draw.chance(0.7) ? draw.between(1, 9) * 30 + "s" : "20m");
      }
      case 4 -> {
        fault.put("kind", "join");
        fault.put("over", s(until - at));
        fault.put("nodes", draw.between(1, Math.max(1, nodes / 3)));
      }
      default -> {
        fault.put("kind", "crash");
        fault.put("share", 0.05 + draw.upTo(0.5));
        if (splits || draw.chance(0.7)) {
          fault.put("back_after", s(until - at));
        }
        fault.put("folder", draw.of("kept", "lost", "torn"));
      }
    }
    return fault;
  }

  private Map<String, Object> workload(int measure) {
    Map<String, Object> workload = map("lookups", map("count", draw.between(1, 25)));
    if (draw.chance(0.85)) {
      Map<String, Object> records =
          map(
              "count", draw.between(1, 8),
              "ttl", s(draw.of(15, 40, 110)),
              "put_over", s(draw.between(0, measure / 3)),
              "get_rate", draw.upTo(0.8),
              "republish", draw.chance(0.4),
              "value_bytes", draw.of(8, 200, 800));
      if (draw.chance(0.7)) {
        records.put("update_every", s(draw.between(3, 40)));
      }
      workload.put("records", records);
    }
    if (draw.chance(0.3)) {
      workload.put(
          "profiles", map("count", draw.between(1, 3), "update_every", s(draw.between(5, 60))));
    }
    return workload;
  }

  private static String s(int seconds) {
    return seconds + "s";
  }

  private static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  // What a plan has beyond that.

  private Plan planOf(Plan plan) {
    Draw events = new Draw(seed, EVENTS);
    long heal = plan.healFromMicros();
    List<long[]> lives = new ArrayList<>();
    plan.lives().forEach(times -> lives.add(staying(times, heal)));
    List<PlannedFault> faults = new ArrayList<>(plan.faults());
    if (loss > 0) {
      faults.add(new PlannedFault.Losses(0, heal, events.bits(), loss));
    }
    if (echo > 0) {
      faults.add(new PlannedFault.Echo(0, heal, events.bits(), echo));
    }
    int nodes = lives.size();
    List<Boolean> reachable = new ArrayList<>(plan.reachable());
    if (probes > 0) {
      lives.add(new long[0]);
      if (!reachable.isEmpty()) {
        reachable.add(true);
      }
      PlannedFault.Trick[] tricks = PlannedFault.Trick.values();
      for (int i = 0; i < probes; i++) {
        long at = (long) (events.share() * heal);
        faults.add(
            new PlannedFault.Probe(at, at, nodes, events.between(0, nodes - 1), events.of(tricks)));
      }
    }
    List<Op> ops = new ArrayList<>(plan.ops());
    ops.removeIf(op -> op.kind() == Op.Kind.FINAL_LOOKUP);
    for (int i = 0; i < FINAL_LOOKUPS; i++) {
      int asker = events.between(0, nodes - 1);
      NodeId target = NodeId.of(events.bits(), events.bits(), (int) events.bits());
      long at = plan.endMicros() - FINAL_FROM + i * FINAL_OVER / FINAL_LOOKUPS;
      ops.add(new Op(at, asker, Op.Kind.FINAL_LOOKUP, -1, 0, target));
    }
    ops.sort(Comparator.comparingLong(Op::timeMicros));
    return new Plan(plan.scenario(), lives, reachable, plan.records(), faults, ops);
  }

  /** Has a node that is up when all heals stay, and one that is not stay away. */
  private static long[] staying(long[] times, long healMicros) {
    List<Long> left = new ArrayList<>();
    for (int i = 0; i < times.length && times[i] < healMicros; i += 2) {
      left.add(times[i]);
      left.add(times[i + 1] < healMicros ? times[i + 1] : Long.MAX_VALUE);
    }
    return left.stream().mapToLong(Long::longValue).toArray();
  }
}
