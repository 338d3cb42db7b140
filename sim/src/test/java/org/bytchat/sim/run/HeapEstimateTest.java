package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapEstimateTest {

  /** Ten hours of 1,000 nodes that do nothing. */
  private static final String QUIET =
      """
      nodes: 1000
      phases: {settle: 0s, measure: 10h}
      output: {lookups_max: 0}
      """;

  private static long kilobytes(String text, String... settings) throws IOException {
    return HeapEstimate.bytes(Runs.scenario(text, settings)) / 1000;
  }

  /** What is planned takes memory as well, and is made before the first event. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "workload={lookups: {rate: 10}}                      | 360000 operations    | 70000",
        "workload={lookups: {count: 360000}}                 | the same             | 70000",
        "workload={records: {count: 1, get_rate: 10}}        | 360000 reads         | 70000",
        "workload={records: {count: 10, update_every: 1s}}   | 360000 versions      | 70000",
        "workload={profiles: {count: 10, update_every: 1s}}  | the same             | 70000",
        "workload={records: {count: 1000}}                   | ten copies of each   | 8000",
        "faults=[{kind: join, at: 1h, nodes: 1000}]          | as many nodes again  | 8000",
        "nodes=2000                                          | the same             | 8000",
        "output={lookups_max: 100000}                        | rows                 | 19000",
        "churn={model: exponential, session_mean: 1m, absence_mean: 1m} | sessions  | 80000"
      })
  void countsWhatTakesMemory(String setting, String what, long kilobytesMin) throws IOException {
    long more = kilobytes(QUIET, setting) - kilobytes(QUIET);

    assertThat(more).as(what).isBetween(kilobytesMin, 2 * kilobytesMin);
  }

  @Test
  void newcomersTakeMoreThanThoseWhoComeBack() throws IOException {
    String churn = "churn={model: exponential, session_mean: 1m, absence_mean: 1m, identity: ";

    assertThat(kilobytes(QUIET, churn + "fresh, folder: lost}"))
        .isGreaterThan(2 * kilobytes(QUIET, churn + "persistent, folder: kept}"));
  }

  @Test
  void takesTheMachinesOfTraceFromTheFile(@TempDir Path folder) throws IOException {
    StringBuilder rows = new StringBuilder("node,up_s,down_s\n");
    for (int node = 0; node < 5_000; node++) {
      rows.append(node).append(",0,36000\n");
    }
    Path file = Files.writeString(folder.resolve("trace.csv"), rows);
    String churn = "churn={model: trace, file: '" + file + "'}";

    assertThat(kilobytes(QUIET, churn)).isGreaterThan(kilobytes(QUIET, "nodes=4900"));
  }

  /** What was said before a run that needed it is not less than what it took. */
  @Test
  void isNotBelowWhatIsMeasured() throws IOException {
    Plan plan = Runs.plan(QUIET, "phases={measure: 1m}", "workload={lookups: {count: 500}}");

    RunResult result = Runs.run(plan, 1);

    long measured = result.cost().heapBytes() / 1000;
    long estimated = (HeapEstimate.bytes(plan.scenario()) - (64L << 20)) / 1000;
    assertThat(measured).isBetween(estimated / 3, estimated);
  }
}
