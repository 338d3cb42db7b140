package org.bytchat.tracker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Stores and reads profiles. */
@Command(
    name = "meta",
    description = "Stores or reads what a user shows of themselves: a name and an avatar.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MetaCommand implements Runnable {

  @Spec private @Nullable CommandSpec spec;

  private MetaCommand() {}

  /** Makes the command with those below it. */
  static CommandLine commandLine(Output output) {
    return new CommandLine(new MetaCommand())
        .addSubcommand(new MetaSetCommand(output))
        .addSubcommand(new MetaGetCommand(output));
  }

  @Override
  public void run() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(
        line, "a command is missing: " + String.join(", ", line.getSubcommands().keySet()));
  }
}
