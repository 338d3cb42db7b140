package org.bytchat.sim.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Measured sessions, from a CSV file.
 *
 * <p>A line for each session: {@code node,up_s,down_s} with a whole number for the node and moments
 * in seconds from the start of the run. Without {@code down_s} the node stays. The sessions of a
 * node stand in order and do not overlap; nodes may be mixed. A header, empty lines and lines that
 * begin with # are ignored.
 *
 * <p>Nodes of the file are numbered anew from 0, in the order of their numbers. A run of more nodes
 * begins with them again, so that some nodes come and go together.
 */
public final class TraceChurn implements ChurnModel {

  /** How many sessions a file may have. */
  public static final int LIVES_MAX = 10_000_000;

  private static final String HEADER = "node,up_s,down_s";
  private static final long SECONDS_MAX = UNTIL_MAX_MICROS / Units.SECOND;

  private final Path file;
  private final List<List<Life>> nodes;
  private final double availability;

  private TraceChurn(Path file, List<List<Life>> nodes, double availability) {
    this.file = file;
    this.nodes = nodes;
    this.availability = availability;
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its sessions
   * @throws ModelFileException if it is not there, or of another format; with file and line
   * @throws IOException if reading fails
   */
  public static TraceChurn read(Path file) throws IOException {
    SortedMap<Integer, List<Life>> byNode = new TreeMap<>();
    try (LineReader lines = LineReader.open(file)) {
      int count = 0;
      for (@Nullable String line = lines.next(); line != null; line = lines.next()) {
        if (line.isEmpty() || line.startsWith("#") || line.replace(" ", "").equals(HEADER)) {
          continue;
        }
        if (count++ == LIVES_MAX) {
          throw lines.wrong("more than " + LIVES_MAX + " sessions", null);
        }
        add(lines, line, byNode);
      }
    }
    List<List<Life>> nodes = new ArrayList<>();
    byNode.values().forEach(lives -> nodes.add(List.copyOf(lives)));
    double availability = availability(nodes);
    if (availability <= 0) {
      throw new ModelFileException(file, "the file has no sessions", null);
    }
    return new TraceChurn(file, List.copyOf(nodes), availability);
  }

  private static void add(LineReader lines, String line, SortedMap<Integer, List<Life>> byNode)
      throws ModelFileException {
    String[] fields = line.split(",", -1);
    if (fields.length != 2 && fields.length != 3) {
      throw lines.wrong("expected " + HEADER + ": '" + line + "'", null);
    }
    int node = lines.integer("node", fields[0].strip(), 0, Integer.MAX_VALUE);
    long up = micros(lines, "up_s", fields[1]);
    boolean stays = fields.length == 2 || fields[2].isBlank();
    long down = stays ? Life.NEVER : micros(lines, "down_s", fields[2]);
    if (down <= up) {
      throw lines.wrong("down_s must be after up_s", null);
    }
    List<Life> lives = byNode.computeIfAbsent(node, unused -> new ArrayList<>());
    // A session may begin at the moment that the last one ends: a restart.
    if (!lives.isEmpty() && up < lives.get(lives.size() - 1).downMicros()) {
      throw lines.wrong("node " + node + " is up already at that time", null);
    }
    lives.add(new Life(up, down));
  }

  private static long micros(LineReader lines, String name, String text) throws ModelFileException {
    double seconds = lines.number(text.strip());
    if (seconds < 0 || seconds > SECONDS_MAX) {
      throw lines.wrong(name + " must be in 0.." + SECONDS_MAX + ": " + text.strip(), null);
    }
    return Math.round(seconds * Units.SECOND);
  }

  /** Time up over all time until the last event. */
  private static double availability(List<List<Life>> nodes) {
    long end = 1;
    for (List<Life> lives : nodes) {
      for (Life life : lives) {
        end = Math.max(end, life.downMicros() == Life.NEVER ? life.upMicros() : life.downMicros());
      }
    }
    double up = 0;
    for (List<Life> lives : nodes) {
      for (Life life : lives) {
        up += Math.max(1, Math.min(end, life.downMicros()) - life.upMicros());
      }
    }
    return nodes.isEmpty() ? 0 : Math.min(1, up / ((double) end * nodes.size()));
  }

  /**
   * Returns how many nodes the file has.
   *
   * @return at least 1
   */
  public int nodes() {
    return nodes.size();
  }

  /**
   * Returns the share of the time from the start to the last event of the file that a node of it is
   * up, on average.
   *
   * @return above 0, at most 1
   */
  @Override
  public double availability() {
    return availability;
  }

  @Override
  public List<Life> lives(long seed, int node, long untilMicros) {
    Checked.range("until in microseconds", untilMicros, 0, UNTIL_MAX_MICROS);
    List<Life> lives = nodes.get(node % nodes.size());
    int end = lives.size();
    while (end > 0 && lives.get(end - 1).upMicros() >= untilMicros) {
      end--;
    }
    return lives.subList(0, end);
  }

  @Override
  public String describe() {
    Path name = file.getFileName();
    return String.format(
        Locale.ROOT,
        "trace %s, %,d nodes, %s %% up",
        name == null ? file : name,
        nodes.size(),
        Units.number(100 * availability));
  }

  @Override
  public String citation() {
    return "the given file";
  }
}
