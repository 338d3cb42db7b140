package org.bytchat.sim.sweep;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a sweep, so that several machines can share it: every n-th point.
 *
 * @param index which part, from 1
 * @param count how many parts there are
 */
public record Shard(int index, int count) {

  /** All of a sweep. */
  public static final Shard WHOLE = new Shard(1, 1);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  /** Checks the numbers. */
  public Shard {
    if (count < 1 || index < 1 || index > count) {
      throw new IllegalArgumentException(
          "'%d/%d' is not a part of a whole: the first number must be in 1..%d"
              .formatted(index, count, Math.max(1, count)));
    }
  }

  /**
   * Reads what a user wrote.
   *
   * @param text such as 3/16
   * @return the shard
   * @throws IllegalArgumentException if it is none; the message is for users
   */
  public static Shard parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a part like 3/16");
    }
    return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  boolean isWhole() {
    return count == 1;
  }

  /** Returns whether a point is in this part. */
  boolean has(Point point) {
    return (point.number() - 1) % count == index - 1;
  }

  /** Returns the name of the file with the results. */
  String file() {
    return isWhole() ? "results.jsonl" : "results-%d-of-%d.jsonl".formatted(index, count);
  }
}
