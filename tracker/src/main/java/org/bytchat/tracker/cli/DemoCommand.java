package org.bytchat.tracker.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows a network of nodes in one process. */
@Command(
    name = "demo",
    description =
        "Starts nodes on the loopback address in this process, lets them join, look each other up,"
            + " and store and read a signed profile, and checks every result.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {

  private static final int NODES_MIN = 2;
  private static final int NODES_MAX = 200;

  private final Output output;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      converter = Converters.Count.class,
      defaultValue = "20",
      description = "How many nodes, 2 to 200. Default: ${DEFAULT-VALUE}.")
  private int nodes;

  DemoCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (nodes < NODES_MIN || nodes > NODES_MAX) {
      throw new CommandFailure(ExitCode.USAGE, "option '--nodes': must be 2 to 200");
    }
    try (Demo demo = new Demo(output, nodes)) {
      return demo.run() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }
}
