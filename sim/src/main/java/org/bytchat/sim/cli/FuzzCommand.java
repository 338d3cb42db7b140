package org.bytchat.sim.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.sim.fuzz.Fuzzer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs networks that are drawn from seeds. */
@Command(
    name = "fuzz",
    description = {
      "Runs small networks in which everything is drawn from a seed, and checks them.",
      "Prints a JSON line for each seed. One that fails is written as capsule-SEED.json."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class FuzzCommand implements Callable<Integer> {

  private static final Pattern RANGE = Pattern.compile("(\\d{1,18})(?:\\.\\.(\\d{1,18}))?");

  private final Output output;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      required = true,
      description = "The seeds, both ends included, or a single one.")
  private String seeds = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where capsules go. Default: the working folder.")
  private Path out = Path.of("");

  @Option(
      names = "--keep-going",
      description = "Run all seeds, and not only those up to the first that fails.")
  private boolean keepGoing;

  FuzzCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws IOException {
    Matcher range = RANGE.matcher(seeds);
    long first = range.matches() ? Long.parseLong(range.group(1)) : 1;
    long last = range.matches() && range.group(2) != null ? Long.parseLong(range.group(2)) : first;
    if (!range.matches() || last < first) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "option '--seeds': must be A..B with A not above B, as 1..200, and not '" + seeds + "'");
    }
    Fuzzer fuzzer = new Fuzzer(Version.name(), out);
    try (Interruption interruption = Interruption.listen(fuzzer::stop)) {
      int exitCode = 0;
      for (long seed = first; seed <= last && !(exitCode != 0 && !keepGoing); seed++) {
        output.progress("seed " + seed + " of " + seeds);
        Fuzzer.Outcome outcome = fuzzer.run(seed);
        output.progress("");
        if (outcome == null) {
          break;
        }
        output.line(outcome.line());
        if (outcome.capsule() != null) {
          exitCode = exitCode == 0 ? outcome.exitCode() : exitCode;
          output.message(
              "bytchat-sim: seed %d: %s%nReplay it with: bytchat-sim replay %s"
                  .formatted(seed, outcome.why(), outcome.capsule()));
        }
      }
      interruption.done();
      return exitCode;
    }
  }
}
