package org.bytchat.tracker.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.bytchat.dht.DhtException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The headless node's program. */
public final class NodeMain {

  private NodeMain() {}

  /** The program without a command. */
  @Command(
      name = "bytchat-node",
      description = "A headless Bytchat node, and tools to look at a network.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      subcommandsRepeatable = false,
      footer = {
        "",
        "Exit codes: 0 done, 2 wrong usage, 3 nobody answered in time or too few did,"
            + " 4 not found, 5 refused or invalid, 1 anything else."
      })
  private static final class Root implements Runnable {

    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
      CommandLine line = Objects.requireNonNull(spec).commandLine();
      throw new ParameterException(
          line, "a command is missing: " + String.join(", ", line.getSubcommands().keySet()));
    }
  }

  /**
   * Runs the program and ends the JVM with its exit code.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    configureLogging();
    PrintStream out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)),
            false,
            StandardCharsets.UTF_8);
    System.exit(execute(new Output(out, System.err), args));
  }

  /** Settings of the logging backend, read when the first logger is made; -D wins. */
  private static void configureLogging() {
    String prefix = "org.slf4j.simpleLogger.";
    setDefault(prefix + "defaultLogLevel", "info");
    setDefault(prefix + "logFile", "System.err");
    setDefault(prefix + "showDateTime", "true");
    setDefault(prefix + "dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
    setDefault(prefix + "showThreadName", "false");
    setDefault(prefix + "showShortLogName", "true");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Runs a command.
   *
   * @param output where it prints
   * @param args the command line
   * @return the exit code
   */
  static int execute(Output output, String... args) {
    CommandLine root = new CommandLine(new Root());
    root.addSubcommand(new RunCommand(output));
    root.addSubcommand(new PingCommand(output));
    root.addSubcommand(new LookupCommand(output));
    root.addSubcommand(new DemoCommand(output));
    root.addSubcommand(new KeygenCommand(output));
    root.addSubcommand(MetaCommand.commandLine(output));
    root.addSubcommand(ItemCommand.commandLine(output));
    root.addSubcommand(MailboxCommand.commandLine(output));
    root.setOut(new PrintWriter(output.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(output.err(), true, StandardCharsets.UTF_8));
    root.setExpandAtFiles(false);
    root.setUsageHelpAutoWidth(true);
    root.setParameterExceptionHandler((failure, unused) -> onUsage(output, failure));
    root.setExecutionExceptionHandler((failure, command, unused) -> onFailure(output, failure));
    return root.execute(args);
  }

  private static int onUsage(Output output, ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    output.message(name + ": " + failure.getMessage());
    output.message("Try '" + name + " --help'.");
    return ExitCode.USAGE;
  }

  private static int onFailure(Output output, Exception failure) {
    LoggerFactory.getLogger(NodeMain.class).debug("The command failed", failure);
    String message = failure.getMessage();
    output.message("bytchat-node: " + (message == null ? failure.toString() : message));
    return exitCodeFor(failure);
  }

  /** The exit code that tells scripts what kind of failure it was. */
  static int exitCodeFor(Exception failure) {
    if (failure instanceof CommandFailure known) {
      return known.exitCode();
    }
    if (failure instanceof DhtException.CannotStart
        || failure instanceof DhtException.CannotSign
        || failure instanceof DhtException.Invalid) {
      return ExitCode.REFUSED;
    }
    if (failure instanceof DhtException.NotFound) {
      return ExitCode.NOT_FOUND;
    }
    return failure instanceof DhtException.Timeout || failure instanceof DhtException.NoPeers
        ? ExitCode.NOBODY_ANSWERED
        : ExitCode.FAILED;
  }
}
