package org.bytchat.sim.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.bytchat.sim.fuzz.Capsule;
import org.bytchat.sim.fuzz.CapsuleException;
import org.bytchat.sim.fuzz.Replay;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a failure again, and makes it smaller. */
@Command(
    name = "replay",
    description = {
      "Runs a capsule of 'fuzz' again and says whether it fails in the same way.",
      "If so, it is made smaller and written as capsule-SEED-min.json."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ReplayCommand implements Callable<Integer> {

  private final Output output;

  @Parameters(index = "0", paramLabel = "CAPSULE", description = "What 'fuzz' has written.")
  private Path capsule = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the smaller capsule goes. Default: the folder of the capsule.")
  private @Nullable Path out;

  ReplayCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws IOException {
    Capsule read;
    try {
      read = Capsule.read(capsule);
    } catch (CapsuleException e) {
      output.message("bytchat-sim: " + e.getMessage());
      return ExitCode.REFUSED;
    }
    if (!read.program().equals(Version.name())) {
      output.message(
          "bytchat-sim: %s was written by %s, and this is %s: a run may differ"
              .formatted(capsule, read.program(), Version.name()));
    }
    Path beside = capsule.toAbsolutePath().getParent();
    Path folder = out != null ? out : beside != null ? beside : Path.of("");
    Replay replay = new Replay(read, Version.name(), output::progress);
    try (Interruption interruption = Interruption.listen(replay::stop)) {
      Replay.Outcome outcome = replay.run(folder);
      output.progress("");
      output.line(outcome.line());
      if (!outcome.message().isEmpty()) {
        output.message("bytchat-sim: " + outcome.message());
      }
      interruption.done();
      return outcome.exitCode();
    }
  }
}
