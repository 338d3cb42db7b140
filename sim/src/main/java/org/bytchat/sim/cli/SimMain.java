package org.bytchat.sim.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The laboratory's program. */
public final class SimMain {

  private SimMain() {}

  /** The program without a command. */
  @Command(
      name = "bytchat-sim",
      description = "The Bytchat laboratory: measures the code that runs in production.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      subcommandsRepeatable = false,
      footer = {
        "",
        "Exit codes: 0 done, 2 wrong usage, 5 refused, 10 something was so that must never be so,",
        "11 something did not happen that has to, 12 a number is off, 13 two runs differ,",
        "1 anything else."
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
    setDefault("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    setDefault("org.slf4j.simpleLogger.logFile", "System.err");
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.exit(execute(new Output(out, System.err, isTerminal()), args));
  }

  /** A setting of the logging backend, read when the first logger is made; -D wins. */
  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since Java 22 there is a console without a terminal too, and a way to ask.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
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
    root.addSubcommand(new SweepCommand(output));
    root.addSubcommand(new BenchCommand(output));
    root.addSubcommand(new ValidateCommand(output));
    root.addSubcommand(new FuzzCommand(output));
    root.addSubcommand(new ReplayCommand(output));
    root.setOut(new PrintWriter(output.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(output.err(), true, StandardCharsets.UTF_8));
    root.setExpandAtFiles(false);
    root.setUsageHelpAutoWidth(true);
    root.setParameterExceptionHandler((failure, unused) -> onUsage(output, failure));
    root.setExecutionExceptionHandler((failure, command, unused) -> onFailure(output, failure));
    return root.execute(args);
  }

  private static int onUsage(Output output, ParameterException failure) {
    String name = failure.getCommandLine().getCommandSpec().qualifiedName();
    output.message(name + ": " + failure.getMessage());
    output.message("Try '" + name + " --help'.");
    return ExitCode.USAGE;
  }

  private static int onFailure(Output output, Exception failure) {
    LoggerFactory.getLogger(SimMain.class).debug("The command failed", failure);
    String message = failure.getMessage();
    output.message("bytchat-sim: " + (message == null ? failure.toString() : message));
    return ExitCode.FAILED;
  }
}
