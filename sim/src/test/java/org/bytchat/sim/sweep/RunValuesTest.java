package org.bytchat.sim.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The names that a sweep may measure are those that runs have. */
class RunValuesTest {

  private static final SweepRunner.Results NOBODY =
      new SweepRunner.Results() {
        @Override
        public void onResult(RunOutput output) {
          throw new AssertionError("the result is returned");
        }

        @Override
        public void onProgress(String line) {}

        @Override
        public boolean goesOn() {
          return true;
        }
      };

  @Test
  void names_areThoseOfARun() throws Exception {
    SweepPlan plan =
        SweepPlan.parse(
            "s.yaml",
            """
            scenario:
              nodes: 20
              phases: {measure: 30s, heal: 2m}
              workload:
                lookups: {rate: 1}
                records: {count: 2, ttl: 3d, put_over: 1s, get_rate: 1}
              faults: [{kind: crash, at: 1s, share: 0.1, back_after: 5s}]
              output: {series_interval: 10s}
            measure: [lookups]
            """);
    RunSpec run = RunSpec.of(plan.points().get(0).scenario(), 1, "trial", "test");
    RunOutput output = Objects.requireNonNull(SweepJob.run(run, NOBODY));
    TreeSet<String> names = new TreeSet<>();
    output.values().forEach((name, value) -> collect(name, value, names));
    assertThat(new TreeSet<>(RunValues.names()))
        .as("the names in RunValues, to which new fields of a summary are to be added")
        .containsAll(names);
    RunValues values = new RunValues(RunOutput.parse(output.line()).values());
    assertThat(List.of("nodes_up", "lookups", "lookup_micros", "lookup_micros.p99", "datagrams"))
        .allSatisfy(name -> assertThat(values.number(name)).isPositive());
    assertThat(
            List.of("records.puts", "series.nodes_up", "series.nodes_up.min", "outcomes.delivered"))
        .allSatisfy(name -> assertThat(values.number(name)).isPositive());
    // What a run without records, or of another kind, would not have at all.
    TreeSet<String> others = new TreeSet<>(RunValues.names());
    others.removeAll(names);
    assertThat(others).noneMatch(name -> name.matches("[a-z_]+") && !isHistogramOrFinal(name));
  }

  private static boolean isHistogramOrFinal(String name) {
    return name.startsWith("lookup_") || name.equals("final_lookup_success");
  }

  /** Numbers only: text, truth and identity are not measured. */
  private static void collect(String name, Object value, Set<String> names) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, inner) -> collect(name + "." + key, inner, names));
    } else if (value instanceof Number && !List.of("seed", "nodes", "threads").contains(name)) {
      names.add(name);
    }
  }
}
