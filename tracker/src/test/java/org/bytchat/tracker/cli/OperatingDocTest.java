package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The operators' document names what the program has, no less and no more. */
class OperatingDocTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "operating.md");

  /** First and last cells of the table rows whose first cell is code that begins so. */
  private static Map<String, String> rows(String prefix) throws IOException {
    Map<String, String> rows = new TreeMap<>();
    Pattern row = Pattern.compile("(?m)^\\| `(" + prefix + "[a-z_-]+)[^|]*\\|.*\\| ([^|]+) \\|$");
    Matcher matcher = row.matcher(Files.readString(DOCUMENT));
    while (matcher.find()) {
      rows.put(matcher.group(1), matcher.group(2));
    }
    return rows;
  }

  @Test
  void everyOptionOfRun_isDocumented() throws IOException {
    CommandLine run = new CommandLine(new RunCommand(new Output(System.out, System.err)));
    TreeSet<String> options = new TreeSet<>();
    run.getCommandSpec().options().forEach(option -> options.add(option.longestName()));
    options.remove("--help");
    options.remove("--version");
    assertThat(rows("--").keySet()).isEqualTo(options);
  }

  @Test
  void everyMetric_isDocumentedInItsOwnWords() throws IOException {
    Map<String, String> metrics = new TreeMap<>();
    Stream.concat(
            new NodeMetrics("network", () -> NodeMetricsTest.stats(1, 1, true)).collect().stream(),
            new TrackerMetrics(TrackerMetricsTest::state).collect().stream())
        .forEach(metric -> metrics.put(exposedName(metric), metric.getMetadata().getHelp()));
    assertThat(rows("bytchat_")).isEqualTo(metrics);
  }

  private static String exposedName(MetricSnapshot metric) {
    String name = metric.getMetadata().getPrometheusName();
    if (metric instanceof CounterSnapshot) {
      return name + "_total";
    }
    return metric instanceof InfoSnapshot ? name + "_info" : name;
  }
}
