package org.bytchat.sim.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Measured latencies between hosts, from a file.
 *
 * <p>Two formats. King's, as PeerSim's {@code KingParser} and p2psim read it: any lines, then one
 * line {@code node ...} for each host, then lines {@code I,J LATENCY} or {@code I,J,LATENCY} with
 * hosts counted from 1, good for both directions. Or a plain square matrix: one row a line, values
 * apart by commas, semicolons or white space; row and column need not agree.
 *
 * <p>Values are round trips in milliseconds, unless a line before the first value says otherwise:
 * {@code # unit: rtt_ms}, {@code rtt_us}, {@code one_way_ms} or {@code one_way_us}. Other lines
 * that begin with # are ignored, as are empty ones.
 *
 * <p>Pairs without a positive value are missing; they get the median of the others. No more than
 * half may be missing.
 */
public final class LatencyMatrix {

  /** How many hosts a file may have: 64 MiB of memory. */
  public static final int HOSTS_MAX = 4_096;

  private static final int MISSING = -1;
  private static final String SEPARATORS = ",; \t";

  private final Path file;
  private Unit unit = Unit.RTT_MS;
  private int hosts;
  private boolean king;
  private int[] oneWay = {};
  private int missing;
  private double meanMicros;

  /** What a file's values are. */
  private enum Unit {
    RTT_MS(500),
    RTT_US(0.5),
    ONE_WAY_MS(1000),
    ONE_WAY_US(1);

    private final double oneWayMicros;

    Unit(double oneWayMicros) {
      this.oneWayMicros = oneWayMicros;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private LatencyMatrix(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @param file the file
   * @return its latencies
   * @throws ModelFileException if it is not there, or of another format; with file and line
   * @throws IOException if reading fails
   */
  public static LatencyMatrix read(Path file) throws IOException {
    LatencyMatrix matrix = new LatencyMatrix(file);
    try (LineReader lines = LineReader.open(file)) {
      matrix.load(lines);
    }
    matrix.fill();
    return matrix;
  }

  /**
   * Returns how many hosts were measured.
   *
   * @return 2 to {@link #HOSTS_MAX}
   */
  public int hosts() {
    return hosts;
  }

  /**
   * Returns how many ordered pairs of hosts had no value.
   *
   * @return the number
   */
  public int missing() {
    return missing;
  }

  /**
   * Returns the mean of all pairs of two hosts.
   *
   * @return microseconds one way
   */
  public double meanMicros() {
    return meanMicros;
  }

  /** One way in microseconds, row after row; 0 or what the file says from a host to itself. */
  int[] oneWayMicros() {
    return oneWay;
  }

  boolean isKing() {
    return king;
  }

  String describe() {
    Path name = file.getFileName();
    return String.format(
        Locale.ROOT,
        "%s, %,d hosts, values in %s, %,d pairs missing",
        name == null ? file : name,
        hosts,
        unit,
        missing);
  }

  private void load(LineReader lines) throws IOException {
    String line = lines.next();
    while (line != null && !isValue(line) && !isHost(line)) {
      readUnit(lines, line);
      line = lines.next();
    }
    if (line == null) {
      throw lines.wrong("the file has no latencies", null);
    }
    king = isHost(line);
    if (king) {
      loadKing(lines, line);
    } else {
      loadSquare(lines, line);
    }
  }

  private static boolean isHost(String line) {
    return line.startsWith("node");
  }

  private static boolean isValue(String line) {
    return !line.isEmpty() && "0123456789+-.".indexOf(line.charAt(0)) >= 0;
  }

  private void readUnit(LineReader lines, String line) throws ModelFileException {
    String comment = line.replaceFirst("^#\\s*", "");
    if (!line.startsWith("#") || !comment.startsWith("unit:")) {
      return;
    }
    String name = comment.substring("unit:".length()).strip();
    unit =
        Arrays.stream(Unit.values())
            .filter(known -> known.toString().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    lines.wrong(
                        "unknown unit '" + name + "'; known are " + Arrays.toString(Unit.values()),
                        null));
  }

  private void loadKing(LineReader lines, String first) throws IOException {
    String line = first;
    int found = 0;
    while (line != null && isHost(line)) {
      found++;
      line = lines.next();
    }
    allocate(lines, found);
    for (; line != null; line = lines.next()) {
      if (isIgnored(line)) {
        continue;
      }
      StringTokenizer tokens = new StringTokenizer(line, SEPARATORS);
      if (tokens.countTokens() != 3) {
        throw lines.wrong("expected HOST,HOST LATENCY: '" + shortened(line) + "'", null);
      }
      int a = lines.integer("host", tokens.nextToken(), 1, hosts) - 1;
      int b = lines.integer("host", tokens.nextToken(), 1, hosts) - 1;
      int micros = micros(lines, tokens.nextToken());
      oneWay[a * hosts + b] = micros;
      oneWay[b * hosts + a] = micros;
    }
  }

  private void loadSquare(LineReader lines, String first) throws IOException {
    allocate(lines, new StringTokenizer(first, SEPARATORS).countTokens());
    int row = 0;
    for (@Nullable String line = first; line != null; line = lines.next()) {
      if (isIgnored(line)) {
        continue;
      }
      StringTokenizer tokens = new StringTokenizer(line, SEPARATORS);
      if (row == hosts || tokens.countTokens() != hosts) {
        String hint = hosts == 3 ? "; King's format begins with its lines 'node ...'" : "";
        throw lines.wrong(
            row == hosts
                ? "row " + (row + 1) + ", but rows have " + hosts + " values" + hint
                : "a row of " + tokens.countTokens() + " values after rows of " + hosts + hint,
            null);
      }
      for (int column = 0; column < hosts; column++) {
        oneWay[row * hosts + column] = micros(lines, tokens.nextToken());
      }
      row++;
    }
    if (row < hosts) {
      throw lines.wrong("the file ends after " + row + " of " + hosts + " rows", null);
    }
  }

  private void allocate(LineReader lines, int count) throws ModelFileException {
    if (count < 2 || count > HOSTS_MAX) {
      throw lines.wrong("2 to " + HOSTS_MAX + " hosts can be used, not " + count, null);
    }
    hosts = count;
    oneWay = new int[count * count];
    Arrays.fill(oneWay, MISSING);
  }

  private static boolean isIgnored(String line) {
    return line.isEmpty() || line.startsWith("#");
  }

  private int micros(LineReader lines, String text) throws ModelFileException {
    double micros = lines.number(text) * unit.oneWayMicros;
    if (micros > LatencyModel.LATENCY_MAX_MICROS) {
      throw lines.wrong(
          "a latency of "
              + Units.text(micros)
              + " one way; at most 60 s. Are the values in "
              + unit
              + "? Else begin the file with '# unit: ...'",
          null);
    }
    return micros > 0 ? (int) Math.max(1, Math.round(micros)) : MISSING;
  }

  private void fill() throws ModelFileException {
    int[] values = new int[hosts * (hosts - 1)];
    int count = 0;
    long sum = 0;
    for (int i = 0; i < oneWay.length; i++) {
      if (!isDiagonal(i) && oneWay[i] != MISSING) {
        values[count++] = oneWay[i];
      }
    }
    missing = values.length - count;
    if (count < missing) {
      throw new ModelFileException(
          file, missing + " of " + values.length + " pairs have no latency", null);
    }
    Arrays.sort(values, 0, count);
    int median = values[count / 2];
    for (int i = 0; i < oneWay.length; i++) {
      if (oneWay[i] == MISSING) {
        oneWay[i] = isDiagonal(i) ? 0 : median;
      }
      sum += isDiagonal(i) ? 0 : oneWay[i];
    }
    meanMicros = (double) sum / values.length;
  }

  private boolean isDiagonal(int index) {
    return index % (hosts + 1) == 0;
  }

  private static String shortened(String line) {
    return line.length() <= 60 ? line : line.substring(0, 60) + "...";
  }
}
