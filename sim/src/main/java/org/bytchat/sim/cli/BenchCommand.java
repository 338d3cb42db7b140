package org.bytchat.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.bytchat.sim.bench.BenchResult;
import org.bytchat.sim.bench.BenchRun;
import org.bytchat.sim.bench.Benchmark;
import org.bytchat.sim.bench.Benchmarks;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a benchmark. */
@Command(
    name = "bench",
    description = "Measures what the documents claim, and says whether it holds.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class BenchCommand implements Callable<Integer> {

  private static final long COUNT_MAX = 1_000_000_000;

  private final Output output;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The benchmark; without it, all are listed.")
  private @Nullable String name;

  @Option(names = "--json", description = "Print one JSON object for each result.")
  private boolean json;

  @Option(
      names = "--quick",
      description = "A short run that shows that the benchmark works; its figures mean nothing.")
  private boolean quick;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = {
        "flood: how many hostile datagrams. Default: 10,000,000.",
        "put: how many puts a second. Default: 20,000.",
        "growth: how many real minutes. Default: 10.",
        "tracker-large: how many mailboxes of 10 envelopes. Default: 100,000."
      })
  private @Nullable Long count;

  @Option(
      names = "--server",
      paramLabel = "CMD",
      description = {
        "krpc: the command that starts a server on port {port} of 127.0.0.1; words are separated by"
            + " spaces. The first server is compared with each other one."
      })
  private List<String> servers = new ArrayList<>();

  BenchCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws Exception {
    String wanted = name;
    if (wanted == null) {
      list();
      return 0;
    }
    Benchmark benchmark = Benchmarks.find(wanted);
    if (benchmark == null) {
      throw usage("there is no benchmark '" + wanted + "', only " + names());
    }
    Long number = count;
    if (number != null && (number < 1 || number > COUNT_MAX)) {
      throw usage("option '--count': must be 1 to 1000000000");
    }
    if (number != null && !benchmark.takesCount()) {
      throw usage("option '--count': " + wanted + " does not take it");
    }
    if (benchmark.takesServers() == servers.isEmpty()) {
      throw usage(
          servers.isEmpty()
              ? wanted + " needs option '--server'"
              : "option '--server': " + wanted + " does not take it");
    }
    benchmark.run(new BenchRun(quick, number, List.copyOf(servers), output::progress, this::print));
    output.progress("");
    return 0;
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  private static String names() {
    return Benchmarks.all().stream().map(Benchmark::name).collect(Collectors.joining(", "));
  }

  private void list() {
    for (Benchmark benchmark : Benchmarks.all()) {
      output.line(String.format("%-13s  %s", benchmark.name(), benchmark.description()));
    }
  }

  private void print(BenchResult result) {
    output.progress("");
    if (json) {
      output.line(result.json());
    } else {
      result.table().forEach(output::line);
    }
  }
}
