package org.bytchat.sim.report;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/**
 * What was measured in each interval of virtual time. Every row goes to {@code series.csv} at once;
 * for plots a bounded number is kept, each the mean of as many rows as it takes.
 */
public final class Series implements Closeable {

  /** The name of the file. */
  public static final String FILE = "series.csv";

  private static final String TIME = "virtual_s";
  private static final double MICROS = 1e6;

  private final List<String> columns;
  private final RunFile file;
  private final int rowLimit;

  /* Column 0 is the time: of a kept row, the end of its last interval. */
  private final double[][] sums;
  private final int[][] counts;
  private int length;
  private int filled;
  private int stride = 1;

  /**
   * Begins the file.
   *
   * @param folder where it goes
   * @param columns the names of what is measured, without that of the time
   * @param rowLimit how many rows are kept for plots, at least 2
   * @throws IOException if the file cannot be made
   * @throws IllegalArgumentException if names are repeated or the limit is too small
   */
  public Series(RunFolder folder, List<String> columns, int rowLimit) throws IOException {
    List<String> all = new ArrayList<>(List.of(TIME));
    all.addAll(columns);
    if (rowLimit < 2 || new HashSet<>(all).size() < all.size()) {
      throw new IllegalArgumentException("columns " + all + ", " + rowLimit + " rows");
    }
    this.columns = List.copyOf(all);
    // An odd number would leave one row without a partner.
    this.rowLimit = rowLimit - rowLimit % 2;
    sums = new double[all.size()][this.rowLimit];
    counts = new int[all.size()][this.rowLimit];
    file = folder.create(FILE);
    file.write(Csv.line(this.columns));
  }

  /**
   * Adds what was measured in the interval that ends now.
   *
   * @param timeMicros the end of the interval, microseconds of virtual time
   * @param values one for each column; NaN where there is none
   * @throws IOException if the row cannot be written
   * @throws IllegalArgumentException if there are more or fewer values than columns
   */
  public void row(long timeMicros, double... values) throws IOException {
    if (values.length != columns.size() - 1) {
      throw new IllegalArgumentException(values.length + " values for " + columns);
    }
    List<Double> cells = new ArrayList<>(columns.size());
    cells.add(timeMicros / MICROS);
    Arrays.stream(values).forEach(cells::add);
    file.write(Csv.line(cells));
    keep(cells);
  }

  /**
   * Returns the times of the kept rows.
   *
   * @return ends of intervals, seconds of virtual time, ascending
   */
  public double[] seconds() {
    return column(TIME);
  }

  /**
   * Returns a column of the kept rows.
   *
   * @param name of the column
   * @return means over the rows that each kept row stands for; NaN where there was no value
   * @throws IllegalArgumentException if there is no such column
   */
  public double[] column(String name) {
    int column = columns.indexOf(name);
    if (column < 0) {
      throw new IllegalArgumentException("no column " + name + " in " + columns);
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = counts[column][i] == 0 ? Double.NaN : sums[column][i] / counts[column][i];
    }
    return values;
  }

  /** Puts the file under its name, with the rows so far. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  private void keep(List<Double> cells) {
    if (length == 0 || filled == stride) {
      if (length == rowLimit) {
        halve();
      }
      filled = 0;
      length++;
    }
    filled++;
    int row = length - 1;
    sums[0][row] = cells.get(0);
    counts[0][row] = 1;
    for (int column = 1; column < sums.length; column++) {
      double value = cells.get(column);
      if (!Double.isNaN(value)) {
        sums[column][row] += value;
        counts[column][row]++;
      }
    }
  }

  private void halve() {
    for (int column = 0; column < sums.length; column++) {
      for (int i = 0; i < rowLimit / 2; i++) {
        boolean time = column == 0;
        sums[column][i] = (time ? 0 : sums[column][2 * i]) + sums[column][2 * i + 1];
        counts[column][i] = time ? 1 : counts[column][2 * i] + counts[column][2 * i + 1];
      }
      Arrays.fill(sums[column], rowLimit / 2, rowLimit, 0);
      Arrays.fill(counts[column], rowLimit / 2, rowLimit, 0);
    }
    length = rowLimit / 2;
    stride *= 2;
  }
}
