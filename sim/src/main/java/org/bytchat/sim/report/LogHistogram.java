package org.bytchat.sim.report;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jspecify.annotations.Nullable;

/**
 * How often which value was seen, in buckets that grow with the value: exact below 256, within 0.4
 * % above. Count, sum, least and greatest are exact. It takes 2 to 60 KB, whatever it has seen, and
 * two of them merge into one, in any order, with the same result.
 *
 * <p>Not for several threads at once: give each its own and merge them.
 */
public final class LogHistogram {

  private static final int DIGITS = 2;
  private static final double[] QUANTILES = {0.5, 0.9, 0.95, 0.99, 0.999};
  private static final String[] QUANTILE_NAMES = {"p50", "p90", "p95", "p99", "p999"};

  private Histogram histogram = new Histogram(DIGITS);
  private long min = Long.MAX_VALUE;
  private long max = Long.MIN_VALUE;

  /* The exact sum in 128 bits: as a double it would depend on the order of merging. */
  private long sumHigh;
  private long sumLow;

  /** Makes a histogram that has seen nothing. */
  public LogHistogram() {
    histogram.setAutoResize(true);
  }

  /**
   * Reads back what {@link #toMap} gave, for instance from a summary.
   *
   * @param map the histogram
   * @return the histogram
   * @throws IllegalArgumentException if the map is not one of a histogram
   */
  public static LogHistogram fromMap(Map<?, ?> map) {
    LogHistogram result = new LogHistogram();
    if (map.get("count") instanceof Number count && count.longValue() == 0) {
      return result;
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text(map, "hdr")));
      result.histogram = Histogram.decodeFromByteBuffer(bytes, 0);
      result.histogram.setAutoResize(true);
      result.min = Long.parseLong(text(map, "min"));
      result.max = Long.parseLong(text(map, "max"));
      BigInteger sum = new BigDecimal(text(map, "sum")).toBigIntegerExact();
      result.sumHigh = sum.shiftRight(Long.SIZE).longValueExact();
      result.sumLow = sum.longValue();
    } catch (IndexOutOfBoundsException
        | BufferUnderflowException
        | ArithmeticException
        | IllegalArgumentException e) {
      throw new IllegalArgumentException("not a histogram: " + e.getMessage(), e);
    }
    if (!String.valueOf(map.get("count")).equals(Long.toString(result.count()))) {
      throw new IllegalArgumentException("not a histogram: count and buckets differ");
    }
    return result;
  }

  /**
   * Counts a value.
   *
   * @param value not negative
   * @throws IllegalArgumentException if the value is negative
   */
  public void record(long value) {
    record(value, 1);
  }

  /**
   * Counts a value several times.
   *
   * @param value not negative
   * @param times how often, not negative
   * @throws IllegalArgumentException if either is negative
   */
  public void record(long value, long times) {
    if (value < 0 || times < 0) {
      throw new IllegalArgumentException("negative: " + value + " x " + times);
    }
    if (times == 0) {
      return;
    }
    histogram.recordValueWithCount(value, times);
    min = Math.min(min, value);
    max = Math.max(max, value);
    addToSum(Math.multiplyHigh(value, times), value * times);
  }

  /**
   * Adds all that another histogram has seen.
   *
   * @param other stays as it is
   */
  public void add(LogHistogram other) {
    histogram.add(other.histogram);
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
    addToSum(other.sumHigh, other.sumLow);
  }

  /** Forgets all. */
  public void reset() {
    histogram.reset();
    min = Long.MAX_VALUE;
    max = Long.MIN_VALUE;
    sumHigh = 0;
    sumLow = 0;
  }

  /**
   * Returns how many values were seen.
   *
   * @return the number
   */
  public long count() {
    return histogram.getTotalCount();
  }

  /**
   * Returns the mean of what was seen.
   *
   * @return the mean, NaN if nothing was seen
   */
  public double mean() {
    return count() == 0 ? Double.NaN : sum().doubleValue() / count();
  }

  /**
   * Returns the least value seen.
   *
   * @return the value, 0 if nothing was seen
   */
  public long min() {
    return count() == 0 ? 0 : min;
  }

  /**
   * Returns the greatest value seen.
   *
   * @return the value, 0 if nothing was seen
   */
  public long max() {
    return count() == 0 ? 0 : max;
  }

  /**
   * Returns the value that a share of what was seen does not exceed.
   *
   * @param share 0 to 1; 0.5 asks for the median
   * @return the value, 0 if nothing was seen
   * @throws IllegalArgumentException if the share is not from 0 to 1
   */
  public long quantile(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("not from 0 to 1: " + share);
    }
    if (count() == 0) {
      return 0;
    }
    if (share == 0 || share == 1) {
      return share == 0 ? min : max;
    }
    return middle(histogram.getValueAtPercentile(share * 100));
  }

  /**
   * Returns the cumulative distribution, for a plot of steps.
   *
   * @param unit what the values are divided by, such as 1,000 to plot microseconds as milliseconds
   * @return values and the shares of what was seen up to them
   */
  public Cumulative cumulative(double unit) {
    DoubleStream.Builder values = DoubleStream.builder();
    DoubleStream.Builder shares = DoubleStream.builder();
    long seen = 0;
    for (HistogramIterationValue bucket : histogram.recordedValues()) {
      seen += bucket.getCountAddedInThisIterationStep();
      values.add(middle(bucket.getValueIteratedTo()) / unit);
      shares.add((double) seen / count());
    }
    return new Cumulative(values.build().toArray(), shares.build().toArray());
  }

  /**
   * Returns the figures without the buckets.
   *
   * @return count, mean, least and greatest, and some quantiles; null for what is not there
   */
  public Map<String, @Nullable Object> figures() {
    boolean any = count() > 0;
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("count", count());
    map.put("mean", any ? mean() : null);
    map.put("min", any ? min : null);
    for (int i = 0; i < QUANTILES.length; i++) {
      map.put(QUANTILE_NAMES[i], any ? quantile(QUANTILES[i]) : null);
    }
    map.put("max", any ? max : null);
    return map;
  }

  /**
   * Returns all there is to know, so that summaries can be merged later.
   *
   * @return the figures, the exact sum, and the buckets as HdrHistogram's V2 encoding in Base64
   */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = figures();
    map.put("sum", sum());
    // Without compression: what zlib gives differs between machines.
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    histogram.encodeIntoByteBuffer(buffer);
    byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
    map.put("hdr", Base64.getEncoder().encodeToString(bytes));
    return map;
  }

  private long middle(long value) {
    return Math.max(min, Math.min(max, histogram.medianEquivalentValue(value)));
  }

  private void addToSum(long high, long low) {
    sumLow += low;
    sumHigh += high + (Long.compareUnsigned(sumLow, low) < 0 ? 1 : 0);
  }

  private BigInteger sum() {
    byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES).putLong(sumHigh).putLong(sumLow).array();
    return new BigInteger(bytes);
  }

  private static String text(Map<?, ?> map, String name) {
    Object value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no " + name);
    }
    return value.toString();
  }

  /**
   * A cumulative distribution.
   *
   * @param values ascending
   * @param shares of what was seen, up to each value
   */
  public record Cumulative(double[] values, double[] shares) {}
}
