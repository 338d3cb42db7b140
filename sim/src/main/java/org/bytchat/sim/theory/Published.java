package org.bytchat.sim.theory;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The numbers that lookups over ideal tables are held against. */
public final class Published {

  /**
   * ProbeLab's RFM19.1 of 2023-02-24, hops with random buckets by bucket size: 25,000 nodes, the 10
   * closest go from round to round, 20 holders; five networks of 10,000 lookups.
   */
  private static final Map<Integer, Double> RFM19_1 =
      Map.of(10, 2.165, 20, 1.926, 50, 1.806, 100, 1.692);

  /** ProbeLab's RFM19 of 2022-04: nodes there are for a bucket, of 15,371 in all. */
  private static final Map<Integer, Double> RFM19_CANDIDATES = Map.of(9, 15.01, 13, 0.938);

  private static final List<TableB> TABLE_B =
      List.of(
          tableB(8, 1_000, 2.34, 8.8, 11.0, 4.02, 2.35, 17.3, 2.51, 2.16),
          tableB(8, 10_000, 3.10, 9.5, 12.8, 4.64, 2.86, 22.5, 3.05, 2.81),
          tableB(8, 100_000, 3.85, 10.3, 14.7, 5.29, 3.51, 26.9, 3.70, 3.39),
          tableB(8, 1_000_000, 4.61, 11.1, 16.8, 6.02, 4.24, 32.2, 4.34, 4.08),
          tableB(16, 1_000, 2.01, 16.4, 17.9, 6.35, 1.93, 24.3, 2.91, 1.93),
          tableB(16, 10_000, 2.64, 17.0, 19.2, 6.90, 2.43, 28.9, 3.37, 2.43),
          tableB(16, 100_000, 3.29, 17.6, 20.8, 7.43, 2.95, 33.9, 3.87, 2.88),
          tableB(16, 1_000_000, 3.89, 18.3, 22.5, 7.96, 3.67, 39.0, 4.41, 3.42),
          tableB(20, 1_000, 1.92, 20.3, 21.6, 7.59, 1.89, 27.5, 2.91, 1.87),
          tableB(20, 10_000, 2.51, 20.8, 23.0, 8.05, 2.49, 30.8, 3.35, 2.32),
          tableB(20, 100_000, 3.10, 21.5, 24.5, 8.54, 2.95, 37.1, 3.89, 2.85),
          tableB(20, 1_000_000, 3.68, 22.0, 26.0, 9.03, 3.45, 40.3, 4.24, 3.19));

  private Published() {}

  /** Means of iterative lookups with one alpha; rounds and depth are null where not printed. */
  public record Means(double rpcs, @Nullable Double rounds, @Nullable Double depth) {}

  /**
   * A line of the table of lookups in an ideal static network: greedy hops of 1,500 lookups, and
   * for each alpha the means of 150 iterative ones.
   */
  record TableB(int bucketSize, int nodes, double greedyHops, Map<Integer, Means> byAlpha) {}

  static @Nullable Double rfm19Hops(int bucketSize) {
    return RFM19_1.get(bucketSize);
  }

  static @Nullable Double rfm19Candidates(int bucket) {
    return RFM19_CANDIDATES.get(bucket);
  }

  /**
   * Returns what lookups on a static network with ideal tables come to.
   *
   * @param bucketSize k
   * @param nodes n
   * @param alpha requests of a batch
   * @return the means of Table B, null if it has no such line
   */
  public static @Nullable Means lookups(int bucketSize, int nodes, int alpha) {
    TableB line = tableB(bucketSize, nodes);
    return line == null ? null : line.byAlpha().get(alpha);
  }

  static @Nullable TableB tableB(int bucketSize, int nodes) {
    return TABLE_B.stream()
        .filter(line -> line.bucketSize() == bucketSize && line.nodes() == nodes)
        .findFirst()
        .orElse(null);
  }

  /** Numbers in the order of the printed line: greedy, then alpha 1, 3 and 10. */
  private static TableB tableB(int bucketSize, int nodes, double... line) {
    Means one = new Means(line[1], null, null);
    Means three = new Means(line[2], line[3], line[4]);
    Means ten = new Means(line[5], line[6], line[7]);
    return new TableB(bucketSize, nodes, line[0], Map.of(1, one, 3, three, 10, ten));
  }
}
