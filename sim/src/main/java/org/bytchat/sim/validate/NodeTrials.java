package org.bytchat.sim.validate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.model.Life;
import org.bytchat.sim.model.RenewalChurn;
import org.bytchat.sim.run.Measured;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Scenarios;
import org.bytchat.sim.theory.Experiment;
import org.bytchat.sim.theory.IdealTable;
import org.bytchat.sim.theory.Published;
import org.bytchat.sim.theory.Trial;
import org.bytchat.sim.theory.WeibullSessions;
import org.jspecify.annotations.Nullable;

/** What real nodes do in the simulator, against what is published and what formulas say. */
public final class NodeTrials {

  /** Of requests and rounds on static networks. */
  private static final double LOOKUP_TOLERANCE = 0.03;

  /** Of the churn model against formula F6; three standard errors of the rarest are below. */
  private static final double SURVIVAL_TOLERANCE = 0.03;

  /** Of tables filled by joins against the ideal, which joins do not quite reach. */
  private static final double TABLE_TOLERANCE = 0.03;

  private static final double SUCCESS_TOLERANCE = 0.02;

  private static final int[] BUCKET_SIZES = {8, 16, 20};
  private static final int[] PARALLELISMS = {1, 3, 10};

  /** The parallelism at which batches and requests one by one come to the same, and above. */
  private static final int BATCHED_PARALLELISM_MAX = 3;

  private static final int BUCKET_SIZE_MAX = 44;
  private static final int REPLICAS = 8;
  private static final long HOUR_MICROS = 3_600_000_000L;

  private final boolean quick;
  private final @Nullable Integer bucketSize;

  /**
   * Chooses what is measured.
   *
   * @param quick whether with fewer lookups and smaller networks
   * @param bucketSize the only k that is measured, null for those that are published
   */
  public NodeTrials(boolean quick, @Nullable Integer bucketSize) {
    this.quick = quick;
    this.bucketSize = bucketSize;
  }

  /**
   * Returns what is to be done, in order; nothing is done yet.
   *
   * @return pieces of at most a minute each
   */
  public List<Trial> trials() {
    List<Trial> all = new ArrayList<>();
    for (int k : bucketSizes()) {
      for (int n : quick ? new int[] {1_000} : new int[] {1_000, 10_000, 100_000}) {
        for (int alpha : PARALLELISMS) {
          all.add(
              new Trial(
                  "nodes n=" + n + " k=" + k + " alpha=" + alpha, () -> lookups(n, k, alpha)));
        }
      }
      all.add(new Trial("joined tables k=" + k, () -> List.of(joinedTables(k))));
    }
    if (bucketSize == null) {
      all.add(new Trial("replica survival", this::survival));
      all.add(new Trial("Heep's churn", this::heep));
    }
    return all;
  }

  private int[] bucketSizes() {
    Integer only = bucketSize;
    if (only == null) {
      return BUCKET_SIZES;
    }
    return only > BUCKET_SIZE_MAX ? new int[0] : new int[] {only};
  }

  private static Measured measure(String name, List<String> settings) {
    Scenario scenario =
        Scenarios.of(name, Map.of("name", name, "nodes", 1000), new ArrayList<>(settings));
    try {
      return Measured.of(scenario, 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Lookups on a static network with ideal tables and a constant latency, against Table B. A node
   * keeps α requests under way, and does not wait for whole batches: with few of them that comes to
   * the same, with ten it sends more, so those are measured without an expectation.
   */
  private List<Experiment> lookups(int n, int k, int alpha) {
    Measured measured =
        measure(
            "static",
            List.of(
                "nodes=" + n,
                "phases.settle=1s",
                "phases.measure=60s",
                "network.latency={model: constant, one_way: 50ms}",
                "workload.lookups={count: " + (quick ? 1_000 : 2_000) + "}",
                "checks.lookups=recall",
                "checks.invariants_every=0",
                "output.lookups_max=0",
                "node.routing.bucketSize=" + k,
                "node.routing.refreshInterval=1d",
                "node.routing.staleAfter=1d",
                "node.lookup.paths=1",
                // A crowd that is one by chance has more than k results.
                "node.defences.coverage=false",
                "node.lookup.parallelism=" + alpha,
                "node.lookup.datagramsPerSecond=100000"));
    Published.Means published = Published.lookups(k, n, alpha);
    boolean isComparable = published != null && alpha <= BATCHED_PARALLELISM_MAX;
    Double rpcs = isComparable && published != null ? published.rpcs() : null;
    Double rounds = isComparable && published != null ? published.rounds() : null;
    Map<String, Integer> parameters = Map.of("alpha", alpha);
    return List.of(
        new Experiment("nodes_rpcs", n, k, parameters, measured.requests(), rpcs, LOOKUP_TOLERANCE),
        new Experiment(
            "nodes_rounds", n, k, parameters, measured.rounds(), rounds, LOOKUP_TOLERANCE),
        new Experiment("nodes_exact", n, k, parameters, measured.exact(), 1.0, 0));
  }

  /** The size of tables after all have joined through one host, against formula F2. */
  private Experiment joinedTables(int k) {
    int n = 1_000;
    Measured measured =
        measure(
            "joined",
            List.of(
                "nodes=" + n,
                "bootstrap={kind: join, nodes: 1, join_over: 30s}",
                "phases.measure=20m",
                "checks.invariants_every=0",
                "output={series_interval: 20m, lookups_max: 0}",
                // With the limit tables are full later.
                "node.defences.learntPerLookup=0",
                "node.routing.bucketSize=" + k));
    return new Experiment(
        "nodes_table", n, k, Map.of(), measured.contacts(), IdealTable.size(n, k), TABLE_TOLERANCE);
  }

  /** How many of those that are up still are after some hours, against formula F6. */
  private List<Experiment> survival() {
    int nodes = quick ? 50_000 : 400_000;
    RenewalChurn churn = RenewalChurn.heep();
    WeibullSessions theory =
        new WeibullSessions(churn.session().shape(), churn.session().scaleMicros());
    int[] hours = {1, 6, 12, 24};
    List<Long> ends = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      List<Life> lives = churn.lives(1, node, 1);
      if (!lives.isEmpty() && lives.get(0).upMicros() <= 0) {
        ends.add(lives.get(0).downMicros());
      }
    }
    List<Experiment> all = new ArrayList<>();
    for (int hour : hours) {
      long time = hour * HOUR_MICROS;
      double alive = (double) ends.stream().filter(end -> end > time).count() / ends.size();
      double expected = theory.aliveAfter((double) time);
      all.add(
          new Experiment(
              "replica_alive",
              ends.size(),
              1,
              Map.of("hours", hour),
              alive,
              expected,
              quick ? 2 * SURVIVAL_TOLERANCE : SURVIVAL_TOLERANCE));
      // With few lost there is nothing to compare.
      Double lostExpected = hour < 12 ? null : theory.allLostAfter((double) time, REPLICAS);
      all.add(
          new Experiment(
              "replicas_lost",
              ends.size(),
              REPLICAS,
              Map.of("hours", hour),
              lost(ends, time),
              lostExpected,
              quick ? 3 * SURVIVAL_TOLERANCE : 2 * SURVIVAL_TOLERANCE));
    }
    return all;
  }

  private static double lost(List<Long> ends, long time) {
    int groups = ends.size() / REPLICAS;
    int lost = 0;
    for (int group = 0; group < groups; group++) {
      List<Long> holders = ends.subList(group * REPLICAS, (group + 1) * REPLICAS);
      lost += holders.stream().allMatch(end -> end <= time) ? 1 : 0;
    }
    return (double) lost / groups;
  }

  /**
   * The churn of Heep's R/Kademlia (ATNAC 2010). His simple iterative lookup ends at the first node
   * that is close enough, so requests, times and bytes are not comparable; success is.
   */
  private List<Experiment> heep() {
    int n = quick ? 500 : 5_000;
    Measured measured =
        measure(
            "heep",
            List.of(
                "nodes=" + n,
                "churn=heep",
                "phases.settle=5m",
                "phases.measure=10m",
                "workload.lookups={rate: " + n / 60.0 + "}",
                "checks.invariants_every=0",
                "output={series_interval: 5m, lookups_max: 0}",
                "node.routing.bucketSize=8",
                "node.routing.refreshInterval=1000s"));
    Map<String, Integer> none = Map.of();
    return List.of(
        new Experiment("heep_success", n, 8, none, measured.success(), 1.0, SUCCESS_TOLERANCE),
        new Experiment("heep_rpcs", n, 8, none, measured.requests(), null, 0),
        new Experiment("heep_ms", n, 8, none, measured.medianMicros() / 1e3, null, 0),
        new Experiment(
            "heep_bytes_per_node_s", n, 8, none, measured.bytesPerNodeSecond(), null, 0));
  }
}
