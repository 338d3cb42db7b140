package org.bytchat.sim.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Keeps processes to some cores, where the system has {@code taskset}. */
final class Cores {

  private static final Pattern RANGE = Pattern.compile("(\\d+)(?:-(\\d+))?");
  private static final String SELF = Long.toString(ProcessHandle.current().pid());

  private Cores() {}

  /** Returns the cores that this process may use; empty if that cannot be told or changed. */
  static List<Integer> own() throws InterruptedException {
    try {
      String told = run("taskset", "-p", "-c", SELF);
      return parse(told.substring(told.lastIndexOf(':') + 1));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Reads a list like 0,2-3. */
  static List<Integer> parse(String list) {
    List<Integer> cores = new ArrayList<>();
    Matcher range = RANGE.matcher(list);
    while (range.find()) {
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      for (int core = first; core <= last; core++) {
        cores.add(core);
      }
    }
    return cores;
  }

  /** Has all threads of this process stay on some cores. */
  static void keepSelfTo(List<Integer> cores) throws IOException, InterruptedException {
    run("taskset", "-a", "-p", "-c", text(cores), SELF);
  }

  /** Returns the words to be put before a command, so that it stays on some cores. */
  static List<String> prefix(List<Integer> cores) {
    return cores.isEmpty() ? List.of() : List.of("taskset", "-c", text(cores));
  }

  private static String text(List<Integer> cores) {
    return cores.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + printed);
    }
    return printed;
  }
}
