package org.bytchat.tracker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Stores and reads items of Mainline's dialect. */
@Command(
    name = "item",
    description = "Stores or reads an item of BitTorrent's DHT (BEP 44).",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ItemCommand implements Runnable {

  @Spec private @Nullable CommandSpec spec;

  private ItemCommand() {}

  /** Makes the command with those below it. */
  static CommandLine commandLine(Output output) {
    return new CommandLine(new ItemCommand())
        .addSubcommand(new ItemPutCommand(output))
        .addSubcommand(new ItemGetCommand(output));
  }

  @Override
  public void run() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(
        line, "a command is missing: " + String.join(", ", line.getSubcommands().keySet()));
  }
}
