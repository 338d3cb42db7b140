package org.bytchat.sim.sweep;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of a run, as another machine can tell it: some kilobytes of text.
 *
 * @param key that of the {@link RunSpec}
 * @param label that of the {@link RunSpec}
 * @param exitCode 0 if nothing is wrong, else what is, as the command {@code run} would say it
 * @param why what is wrong, empty if nothing is
 * @param values the fields of the run's summary, and below {@code series} what the columns of its
 *     series came to
 */
public record RunOutput(
    String key, String label, int exitCode, String why, Map<String, Object> values) {

  /** What is wrong if a run did not come to its end. */
  static final int BROKEN = 1;

  /** The run did not come to its end. */
  static RunOutput broken(RunSpec run, Throwable cause) {
    String message = cause.getMessage();
    String why = message == null || !(cause instanceof Exception) ? cause.toString() : message;
    return new RunOutput(run.key(), run.label(), BROKEN, why, Map.of());
  }

  /** Returns whether the run came to its end, so that its numbers can be compared. */
  boolean isWhole() {
    return isLasting() && !Boolean.TRUE.equals(values.get("partial"));
  }

  /** Returns whether it would be the same if it were run again. */
  boolean isLasting() {
    return exitCode != BROKEN;
  }

  /**
   * Returns this as text.
   *
   * @return a JSON object in one line
   */
  public String line() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("key", key);
    map.put("label", label);
    map.put("exit_code", exitCode);
    map.put("why", why);
    map.put("values", values);
    return Json.line(map);
  }

  /**
   * Reads what {@link #line} gave.
   *
   * @param line a JSON object
   * @return the output
   * @throws IllegalArgumentException if it is none
   */
  @SuppressWarnings("unchecked")
  public static RunOutput parse(String line) {
    Map<String, Object> map = Json.map(line);
    if (map.get("key") instanceof String key
        && map.get("label") instanceof String label
        && map.get("exit_code") instanceof Integer exitCode
        && map.get("why") instanceof String why
        && map.get("values") instanceof Map<?, ?> values) {
      return new RunOutput(key, label, exitCode, why, (Map<String, Object>) values);
    }
    throw new IllegalArgumentException("a field is missing");
  }
}
