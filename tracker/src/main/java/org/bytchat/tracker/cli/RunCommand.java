package org.bytchat.tracker.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a headless node until it is stopped. */
@Command(
    name = "run",
    description = {
      "Runs a headless node until it is stopped by Ctrl-C or SIGTERM.",
      "Prints events as JSON lines; logs go to standard error."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {

  private final Output output;

  @Mixin private NodeOptions options = new NodeOptions();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "YAML file with these options under their long names and the sections routing, lookup,"
              + " limits, store, defences, mailbox and sessions. The command line wins over the"
              + " file.")
  private @Nullable Path config;

  RunCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    ConfigFile file = config == null ? ConfigFile.empty() : ConfigFile.read(config);
    return new NodeRun(output, NodeSettings.of(options, file)).run();
  }
}
