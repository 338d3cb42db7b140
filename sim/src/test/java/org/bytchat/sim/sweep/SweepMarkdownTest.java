package org.bytchat.sim.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page for documents has the numbers of the table, and nothing of where it was made. */
class SweepMarkdownTest {

  private static final String SWEEP =
      """
      name: tiny
      description: "Text | more"
      citation: Somebody, https://doi.org/10.1000/1
      scenario:
        nodes: 30
        phases: {settle: 10s, measure: 1m}
        workload: {lookups: {rate: 0.5}}
      grid: {node.lookup.parallelism: [1, 3]}
      zip: [{churn: [none, {model: kad}], nodes: [30, 40]}]
      seeds: %s
      measure: [lookup_micros.p50, {name: "a | b", value: lookup_requests}]
      plots:
        - {title: Requests, x: nodes, y: "a | b", by: node.lookup.parallelism}
        - {cost: "a | b", benefit: lookup_micros.p50}
      """;

  private static final List<String> HEADERS =
      List.of("parallelism", "churn", "nodes", "runs", "lookup_micros.p50", "a \\| b");

  @TempDir Path folder;

  @Test
  void page_hasTheNumbersOfTheTable() throws Exception {
    run(SWEEP.formatted("1..2"), "s/tiny.yaml", folder);
    String page = Files.readString(folder.resolve("report.md"));
    assertThat(page)
        .startsWith(
            """
            # Sweep: tiny

            Text \\| more

            Source: Somebody, <https://doi.org/10.1000/1>

            ```sh
            bytchat-sim sweep s/tiny.yaml --shard 1/1 --out %s
            ```

            Seeds: 1..2.

            ## All points

            """
                .formatted(folder.getFileName()));
    List<List<String>> rows = rows(page);
    assertThat(rows.get(0)).isEqualTo(HEADERS);
    assertThat(rows.get(1)).containsExactly("---:", "---", "---:", "---:", "---:", "---:");
    List<String> table = Files.readAllLines(folder.resolve("aggregate.csv"));
    assertThat(table.get(0))
        .startsWith(
            "point,node.lookup.parallelism,churn,nodes,runs,failed,lookup_micros.p50_mean,");
    assertThat(rows).hasSize(1 + table.size()).hasSize(6);
    for (int i = 1; i < table.size(); i++) {
      List<String> cells = Arrays.asList(table.get(i).split(",", -1));
      List<String> row = rows.get(1 + i);
      assertThat(row.subList(0, 4)).isEqualTo(cells.subList(1, 5));
      same(row.get(4), cells.subList(6, 10));
      same(row.get(5), cells.subList(10, 14));
    }
  }

  @Test
  void page_showsEachPlot_andIsTheSameAgain(@TempDir Path other) throws Exception {
    run(SWEEP.formatted("[7]"), folder + "/tiny.yaml", folder);
    String page = Files.readString(folder.resolve("report.md"));
    assertThat(page)
        .contains("bytchat-sim sweep tiny.yaml --shard 1/1 --out", "\nSeeds: 7.\n", "## Plots")
        .contains("![Requests](plot-1.svg)", "(plot-2.svg)")
        .doesNotContain("plot-3.svg", "\u00b1", folder.toString());
    run(SWEEP.formatted("[7]"), other + "/tiny.yaml", other);
    assertThat(Files.readString(other.resolve("report.md")).replace(name(other), name(folder)))
        .isEqualTo(page);
    for (String plot : List.of("plot-1.svg", "plot-2.svg")) {
      assertThat(Files.readString(other.resolve(plot)))
          .startsWith("<svg ")
          .isEqualTo(Files.readString(folder.resolve(plot)));
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** Checks a mean and half of its interval, of which four digits are shown. */
  private static void same(String shown, List<String> figures) {
    String[] parts = shown.split(" \u00b1 ", -1);
    assertThat(parts).hasSize(2);
    close(parts[0], figures.get(0));
    close(parts[1], figures.get(2));
  }

  private static void close(String shown, String exact) {
    double value = Double.parseDouble(exact);
    assertThat(Double.parseDouble(shown)).isCloseTo(value, within(Math.abs(value) * 5.1e-4));
  }

  /** Returns the cells of the lines of the table, with that below the names. */
  private static List<List<String>> rows(String page) {
    return page.lines()
        .filter(line -> line.startsWith("|"))
        .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
        .map(Arrays::asList)
        .toList();
  }

  private static void run(String text, String file, Path out) throws Exception {
    String command = "bytchat-sim sweep " + file + " --shard 1/1 --out " + out;
    Sweep.Options options = new Sweep.Options(Shard.WHOLE, out, command);
    SweepPlan plan = SweepPlan.parse("tiny.yaml", text);
    assertThat(new Sweep(plan, options, new Silence()).run(new LocalRunner(2))).isZero();
  }

  private static final class Silence implements Sweep.Listener {
    @Override
    public void onPoint(String line) {}

    @Override
    public void onMessage(String text) {}

    @Override
    public void onProgress(String text) {}
  }
}
