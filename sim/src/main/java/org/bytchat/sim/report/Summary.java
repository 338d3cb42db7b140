package org.bytchat.sim.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to, in named figures: a file for later and a line for whoever waits. The order is
 * that of putting.
 *
 * <p>A value is null, a text, a number, a boolean, an enum, a {@link LogHistogram}, or a list or
 * map of these. Numbers that are not finite become null; others are given to twelve digits.
 */
public final class Summary {

  /** The name of the file. */
  public static final String FILE = "summary.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, @Nullable Object> all = new LinkedHashMap<>();
  private final Map<String, @Nullable Object> brief = new LinkedHashMap<>();

  /** Makes a summary without figures. */
  public Summary() {}

  /**
   * Puts a figure into the file and on the line; of a histogram the line has the figures alone.
   *
   * @param name of the figure
   * @param value of it
   * @return this
   */
  public Summary put(String name, @Nullable Object value) {
    all.put(name, json(value, true));
    brief.put(name, json(value, false));
    return this;
  }

  /**
   * Puts a figure into the file only.
   *
   * @param name of the figure
   * @param value of it
   * @return this
   */
  public Summary detail(String name, @Nullable Object value) {
    all.put(name, json(value, true));
    brief.remove(name);
    return this;
  }

  /**
   * Returns the summary as one line.
   *
   * @return a JSON object, without the end of the line
   */
  public String line() {
    return text(JSON, brief);
  }

  /**
   * Returns the summary as the file has it.
   *
   * @return a JSON object on several lines
   */
  public String pretty() {
    return text(JSON.copy().enable(SerializationFeature.INDENT_OUTPUT), all) + "\n";
  }

  /**
   * Writes the file.
   *
   * @param folder where it goes
   * @throws IOException if it cannot be written
   */
  public void write(RunFolder folder) throws IOException {
    folder.write(FILE, pretty());
  }

  private static String text(ObjectMapper mapper, Map<String, @Nullable Object> values) {
    try {
      return mapper.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of plain values are always JSON", e);
    }
  }

  private static @Nullable Object json(@Nullable Object value, boolean whole) {
    if (value instanceof LogHistogram histogram) {
      return json(whole ? histogram.toMap() : histogram.figures(), whole);
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number) ? Decimal.of(number) : null;
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((name, entry) -> copy.put(String.valueOf(name), json(entry, whole)));
      return copy;
    }
    if (value instanceof Iterable<?> values) {
      List<@Nullable Object> copy = new ArrayList<>();
      values.forEach(entry -> copy.add(json(entry, whole)));
      return copy;
    }
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    return value.toString();
  }
}
