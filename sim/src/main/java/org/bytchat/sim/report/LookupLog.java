package org.bytchat.sim.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A bounded sample of all lookups, for {@code lookups.csv}. Which are kept depends on the seed and
 * their numbers alone: those whose hashes are least. So it does not matter in what order, or on how
 * many threads, they ended, and each was as likely to be kept as any other.
 *
 * <p>Not for several threads at once: give each its own and merge them.
 */
public final class LookupLog {

  /** The name of the file. */
  public static final String FILE = "lookups.csv";

  private static final String NUMBER = "number";
  private static final Comparator<Row> GREATEST_FIRST =
      ((Comparator<Row>) (a, b) -> Long.compareUnsigned(a.hash, b.hash))
          .thenComparingLong(Row::number)
          .reversed();

  private final List<String> columns;
  private final long seed;
  private final int rowLimit;
  private final PriorityQueue<Row> kept = new PriorityQueue<>(GREATEST_FIRST);
  private long seen;

  /**
   * Makes an empty sample.
   *
   * @param columns the names of what is told of each lookup, without that of its number
   * @param seed of the run
   * @param rowLimit how many are kept at most, at least 1; a row takes about 200 bytes of heap
   * @throws IllegalArgumentException if the limit is less than 1
   */
  public LookupLog(List<String> columns, long seed, int rowLimit) {
    if (rowLimit < 1) {
      throw new IllegalArgumentException(rowLimit + " rows");
    }
    this.columns = List.copyOf(columns);
    this.seed = seed;
    this.rowLimit = rowLimit;
  }

  /**
   * Whether a lookup would be kept if it were added now: spares making a row for the others.
   *
   * @param number of the lookup
   * @return whether to {@link #add} it; otherwise {@link #skip} counts it
   */
  public boolean wants(long number) {
    return isWanted(hash(number), number);
  }

  /** Counts a lookup that is not wanted. */
  public void skip() {
    seen++;
  }

  /**
   * Adds a lookup.
   *
   * @param number tells it from all others of the run
   * @param cells one for each column; null where there is none
   * @throws IllegalArgumentException if there are more or fewer cells than columns
   */
  public void add(long number, @Nullable Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns);
    }
    seen++;
    long hash = hash(number);
    if (isWanted(hash, number)) {
      List<@Nullable Object> all = new ArrayList<>(cells.length + 1);
      all.add(number);
      all.addAll(Arrays.asList(cells));
      keep(new Row(hash, number, Csv.line(all)));
    }
  }

  /**
   * Takes over the sample of another part of the same run.
   *
   * @param other of the same seed and columns, with other lookups; stays as it is
   * @throws IllegalArgumentException if seed or columns differ
   */
  public void merge(LookupLog other) {
    if (other.seed != seed || !other.columns.equals(columns)) {
      throw new IllegalArgumentException("the log of another run");
    }
    seen += other.seen;
    other.kept.stream().filter(row -> isWanted(row.hash, row.number)).forEach(this::keep);
  }

  /**
   * Returns how many lookups there were.
   *
   * @return kept or not
   */
  public long seen() {
    return seen;
  }

  /**
   * Returns how many lookups are kept.
   *
   * @return at most the limit
   */
  public int size() {
    return kept.size();
  }

  /**
   * Writes the sample.
   *
   * @param folder where the file goes
   * @throws IOException if it cannot be written
   */
  public void write(RunFolder folder) throws IOException {
    List<Row> rows = new ArrayList<>(kept);
    rows.sort(Comparator.comparingLong(Row::number));
    List<String> header = new ArrayList<>(List.of(NUMBER));
    header.addAll(columns);
    try (RunFile file = folder.create(FILE)) {
      file.write(Csv.line(header));
      for (Row row : rows) {
        file.write(row.line);
      }
    }
  }

  private boolean isWanted(long hash, long number) {
    Row greatest = kept.peek();
    if (greatest == null || kept.size() < rowLimit) {
      return true;
    }
    int compared = Long.compareUnsigned(hash, greatest.hash);
    return compared < 0 || compared == 0 && number < greatest.number;
  }

  private void keep(Row row) {
    kept.add(row);
    if (kept.size() > rowLimit) {
      kept.remove();
    }
  }

  /* The finaliser of SplitMix64: a bijection, so no two numbers of a run collide. */
  private long hash(long number) {
    long mixed = seed * 0x9e3779b97f4a7c15L ^ number;
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  private record Row(long hash, long number, String line) {}
}
