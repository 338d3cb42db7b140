package org.bytchat.sim.theory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Repeats one line of the table of lookups in ideal static networks, for one n and k. */
final class TableBTrial {

  /** Of hops, requests and rounds. */
  static final double TOLERANCE = 0.03;

  /**
   * Of depths. A printed depth is the mean of 150 lookups that differ by 0.35 to 0.65 hops
   * (standard deviation), so that three standard errors of it are 4 to 6 %, and of 18 numbers two
   * or three are off by more than 3 %. Over the whole table there is no bias.
   */
  static final double DEPTH_TOLERANCE = 0.06;

  private static final int[] ALPHAS = {1, 3, 10};

  private final int nodes;
  private final int bucketSize;
  private final Sums[] byAlpha = new Sums[ALPHAS.length];
  private long lookups;
  private long greedyHops;

  TableBTrial(int nodes, int bucketSize) {
    this.nodes = nodes;
    this.bucketSize = bucketSize;
    for (int i = 0; i < byAlpha.length; i++) {
      byAlpha[i] = new Sums();
    }
  }

  /** Does more lookups, the same for each alpha. */
  void run(TableNetwork network, Draws draws, int count) {
    IterativeOracle oracle = new IterativeOracle(network);
    for (int i = 0; i < count; i++) {
      long start = network.id(draws.below(nodes));
      long target = draws.next();
      greedyHops += oracle.greedyHops(start, target);
      for (int a = 0; a < ALPHAS.length; a++) {
        byAlpha[a].add(oracle.lookup(start, target, ALPHAS[a]));
      }
    }
    lookups += count;
  }

  /** Returns the means of all lookups done. */
  List<Experiment> experiments() {
    Published.TableB line = Published.tableB(bucketSize, nodes);
    List<Experiment> all = new ArrayList<>();
    Double greedyExpected = line == null ? null : line.greedyHops();
    all.add(experiment("table_b_greedy", Map.of(), greedyHops, greedyExpected, TOLERANCE));
    for (int i = 0; i < ALPHAS.length; i++) {
      addAll(all, ALPHAS[i], byAlpha[i], line);
    }
    return all;
  }

  private void addAll(List<Experiment> to, int alpha, Sums sums, Published.@Nullable TableB line) {
    Published.Means means = line == null ? null : line.byAlpha().get(alpha);
    Double rpcs = means == null ? null : means.rpcs();
    Double rounds = means == null ? null : means.rounds();
    Double depth = means == null ? null : means.depth();
    // With k = 1 the one contact of a bucket may be the asker, which nobody names to itself.
    Double exact = bucketSize == 1 ? null : 1.0;
    Map<String, Integer> parameters = Map.of("alpha", alpha);
    to.add(experiment("table_b_rpcs", parameters, sums.rpcs, rpcs, TOLERANCE));
    to.add(experiment("table_b_rounds", parameters, sums.rounds, rounds, TOLERANCE));
    to.add(experiment("table_b_depth", parameters, sums.depth, depth, DEPTH_TOLERANCE));
    to.add(experiment("table_b_exact", parameters, sums.exact, exact, 0));
  }

  private Experiment experiment(
      String name,
      Map<String, Integer> parameters,
      long sum,
      @Nullable Double expected,
      double tolerance) {
    return new Experiment(
        name, nodes, bucketSize, parameters, (double) sum / lookups, expected, tolerance);
  }

  /** Adds up the lookups of one alpha. */
  private static final class Sums {

    private long rpcs;
    private long rounds;
    private long depth;
    private long exact;

    void add(IterativeOracle.Lookup lookup) {
      rpcs += lookup.rpcs();
      rounds += lookup.rounds();
      depth += lookup.depth();
      exact += lookup.exact() ? 1 : 0;
    }
  }
}
