package org.bytchat.sim.theory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The experiments on pure tables: what this package measures against what is published and what
 * follows from formulas. All of them follow from fixed seeds, so that each run gives the same.
 */
public final class Validation {

  /** RFM19.1's own tolerance here; its five networks differ by 0.2 %. */
  static final double RFM19_TOLERANCE = 0.015;

  /** Of what formulas give exactly. */
  static final double FORMULA_TOLERANCE = 0.01;

  private static final int[] RFM19_BUCKET_SIZES = {10, 20, 50, 100};
  private static final int RFM19_NODES = 25_000;
  private static final int RFM19_NETWORKS = 5;
  private static final int RFM19_CONCURRENCY = 10;
  private static final int RFM19_REPLICATION = 20;

  private static final int[] BUCKET_SIZES = {8, 16, 20};

  /** The nodes that RFM19 reached, for which it prints how full a bucket can be. */
  private static final int RFM19_REACHED = 15_371;

  private static final int[] FILL_BUCKETS = {9, 13};
  private static final int FILL_BUCKET_SIZE = 20;
  private static final int FILL_NETWORKS = 25;

  /** Up to here all lookups are done; with larger buckets one takes longer and varies less. */
  private static final int BUCKET_SIZE_USUAL = 20;

  private static final int NETWORKS = 5;
  private static final int QUICK_NODES_MAX = 100_000;
  private static final long SEED = 0x62797463686174L;

  /** Keeps the streams of lookups apart from those of networks. */
  private static final long LOOKUPS = -2;

  private final boolean quick;
  private final @Nullable Integer bucketSize;

  /**
   * Chooses what is measured.
   *
   * @param quick whether with fewer lookups and without the largest networks
   * @param bucketSize the only k that is measured, 1 to 256; null for those that are published
   */
  public Validation(boolean quick, @Nullable Integer bucketSize) {
    this.quick = quick;
    this.bucketSize = bucketSize;
    if (bucketSize != null) {
      Checks.range("bucketSize", bucketSize, 1, TableNetwork.BUCKET_SIZE_MAX);
    }
  }

  /**
   * Returns what is to be done, in order; nothing is done yet.
   *
   * @return pieces of at most some seconds each
   */
  public List<Trial> trials() {
    List<Trial> all = new ArrayList<>();
    for (int k : bucketSizes(RFM19_BUCKET_SIZES)) {
      all.add(new Trial("rfm19.1 k=" + k, () -> List.of(rfm19(k))));
    }
    for (int k : bucketSizes(BUCKET_SIZES)) {
      for (int n : sizes(1_000, 10_000, 100_000, 1_000_000)) {
        all.add(new Trial("table_b n=" + n + " k=" + k, () -> tableB(n, k)));
      }
    }
    for (int k : bucketSizes(BUCKET_SIZES)) {
      for (int n : sizes(1_000, 10_000, RFM19_REACHED, 100_000, 1_000_000, 10_000_000)) {
        all.add(new Trial("ideal_table n=" + n + " k=" + k, () -> List.of(idealTable(n, k))));
      }
    }
    for (int k : bucketSizes(FILL_BUCKET_SIZE)) {
      all.add(new Trial("bucket_fill k=" + k, () -> bucketFill(k)));
    }
    for (int n : sizes(1_000, 10_000, RFM19_REACHED, RFM19_NODES, 100_000, 1_000_000)) {
      all.add(new Trial("closest_prefix n=" + n, () -> List.of(closestPrefix(n))));
    }
    return all;
  }

  /**
   * Does all of it, one after the other as the stream is read.
   *
   * @return the experiments
   */
  public Stream<Experiment> experiments() {
    return trials().stream().flatMap(trial -> trial.work().get().stream());
  }

  private int[] bucketSizes(int... published) {
    Integer only = bucketSize;
    return only == null ? published : new int[] {only};
  }

  private int[] sizes(int... all) {
    return IntStream.of(all).filter(n -> !quick || n <= QUICK_NODES_MAX).toArray();
  }

  private Experiment rfm19(int k) {
    int lookups = quick ? 2_000 : 10_000;
    long hops = 0;
    for (int i = 0; i < RFM19_NETWORKS; i++) {
      TableNetwork network = TableNetwork.random(RFM19_NODES, k, SEED + i);
      RoundLookup lookup = new RoundLookup(network, RFM19_CONCURRENCY, RFM19_REPLICATION);
      Draws draws = new Draws(SEED, i, LOOKUPS);
      for (int j = 0; j < lookups; j++) {
        hops += lookup.hops(network.id(draws.below(RFM19_NODES)), draws.next());
      }
    }
    double mean = (double) hops / RFM19_NETWORKS / lookups;
    return new Experiment(
        "rfm19.1", RFM19_NODES, k, Map.of(), mean, Published.rfm19Hops(k), RFM19_TOLERANCE);
  }

  private List<Experiment> tableB(int n, int k) {
    TableBTrial trial = new TableBTrial(n, k);
    int networks = networks(n);
    int lookups = (quick ? 1_500 : 10_000) / networks;
    if (k > BUCKET_SIZE_USUAL) {
      lookups = lookups * BUCKET_SIZE_USUAL / k;
    }
    for (int i = 0; i < networks; i++) {
      TableNetwork network = TableNetwork.random(n, k, SEED + i);
      trial.run(network, new Draws(SEED, i, LOOKUPS), lookups);
    }
    return trial.experiments();
  }

  private Experiment idealTable(int n, int k) {
    int networks = networks(n);
    int nodes = 1_000;
    long contacts = 0;
    for (int i = 0; i < networks; i++) {
      TableNetwork network = TableNetwork.random(n, k, SEED + i);
      Draws draws = new Draws(SEED, i, LOOKUPS);
      for (int j = 0; j < nodes; j++) {
        contacts += network.tableSize(network.id(draws.below(n)));
      }
    }
    double mean = (double) contacts / networks / nodes;
    return new Experiment(
        "ideal_table", n, k, Map.of(), mean, IdealTable.size(n, k), FORMULA_TOLERANCE);
  }

  private static List<Experiment> bucketFill(int k) {
    List<Experiment> all = new ArrayList<>();
    for (int bucket : FILL_BUCKETS) {
      long candidates = 0;
      long contacts = 0;
      for (int i = 0; i < FILL_NETWORKS; i++) {
        TableNetwork network = TableNetwork.random(RFM19_REACHED, k, SEED + i);
        for (int j = 0; j < RFM19_REACHED; j++) {
          candidates += network.candidates(network.id(j), bucket);
          contacts += network.bucketFill(network.id(j), bucket);
        }
      }
      // What RFM19 prints is how many there are for the bucket, which may be more than fit.
      all.add(fill("bucket_candidates", k, bucket, candidates, Published.rfm19Candidates(bucket)));
      double formula = IdealTable.bucketFill(RFM19_REACHED, k, bucket);
      all.add(fill("bucket_fill", k, bucket, contacts, formula));
    }
    return all;
  }

  private static Experiment fill(
      String name, int k, int bucket, long sum, @Nullable Double expected) {
    return new Experiment(
        name,
        RFM19_REACHED,
        k,
        Map.of("bucket", bucket),
        (double) sum / FILL_NETWORKS / RFM19_REACHED,
        expected,
        FORMULA_TOLERANCE);
  }

  private Experiment closestPrefix(int n) {
    int networks = networks(n);
    int targets = quick ? 4_000 : 20_000;
    long bits = 0;
    for (int i = 0; i < networks; i++) {
      TableNetwork network = TableNetwork.random(n, 1, SEED + i);
      Draws draws = new Draws(SEED, i, LOOKUPS);
      for (int j = 0; j < targets; j++) {
        long target = draws.next();
        bits += Long.numberOfLeadingZeros(network.closest(target, 1)[0] ^ target);
      }
    }
    double mean = (double) bits / networks / targets;
    return new Experiment(
        "closest_prefix", n, 1, Map.of(), mean, IdealTable.closestPrefix(n), FORMULA_TOLERANCE);
  }

  /** Large networks differ less from each other, and take long to make. */
  private static int networks(int n) {
    return n > QUICK_NODES_MAX ? 1 : NETWORKS;
  }
}
