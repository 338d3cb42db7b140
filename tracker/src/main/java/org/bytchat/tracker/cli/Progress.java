package org.bytchat.tracker.cli;

import java.io.Console;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Shows on a terminal that a command which takes longer than two seconds is alive. */
final class Progress {

  private static final long FIRST_SECONDS = 2;
  private static final String ERASE_LINE = "\r\033[K";

  private final Output output;
  private final String text;
  private long seconds = FIRST_SECONDS;
  private boolean shown;

  private Progress(Output output, String text) {
    this.output = output;
    this.text = text;
  }

  /** What takes long. */
  interface Action<T> {
    T run() throws InterruptedException;
  }

  /** Shows a text while an action runs; nothing if nobody watches. */
  static <T> T during(Output output, String text, Action<T> action) throws InterruptedException {
    return isTerminal() ? new Progress(output, text).during(action) : action.run();
  }

  /** Whether input and output are a terminal's. */
  @SuppressWarnings("SystemConsoleNull")
  static boolean isTerminal() {
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

  private <T> T during(Action<T> action) throws InterruptedException {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "bytchat-progress");
              thread.setDaemon(true);
              return thread;
            });
    var unused = timer.scheduleAtFixedRate(this::show, FIRST_SECONDS, 1, TimeUnit.SECONDS);
    try {
      return action.run();
    } finally {
      timer.shutdownNow();
      hide();
    }
  }

  private synchronized void show() {
    shown = true;
    print(String.format(Locale.ROOT, "%s%s, %d s", ERASE_LINE, text, seconds++));
  }

  private synchronized void hide() {
    if (shown) {
      print(ERASE_LINE);
    }
  }

  private void print(String line) {
    output.err().print(line);
    output.err().flush();
  }
}
