package org.bytchat.sim.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What one case of a benchmark gave.
 *
 * @param bench the benchmark
 * @param parameters what tells the case from the others
 * @param figures the numbers
 */
public record BenchResult(String bench, Map<String, Object> parameters, List<Figure> figures) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Makes a result of names and values in turn, and figures. */
  static BenchResult of(String bench, List<?> namesAndValues, Figure... figures) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      parameters.put(namesAndValues.get(i).toString(), namesAndValues.get(i + 1));
    }
    return new BenchResult(bench, parameters, List.of(figures));
  }

  /**
   * Returns the result as one JSON object.
   *
   * @return a line, with where and when it was measured
   */
  public String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("bench", bench);
    all.put("parameters", parameters);
    Map<String, Object> numbers = new LinkedHashMap<>();
    figures.forEach(figure -> numbers.put(figure.name(), figure.toMap()));
    all.put("figures", numbers);
    all.put("met", figures.stream().allMatch(Figure::isMet));
    all.put("jvm", jvm());
    all.put("cores", cores());
    all.put("date", date());
    try {
      return JSON.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of plain values are always JSON", e);
    }
  }

  /**
   * Returns the result for people.
   *
   * @return lines, the first says what was measured where and when
   */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    String what =
        parameters.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
    lines.add(String.format("%s %s (%s, %d cores, %s)", bench, what, jvm(), cores(), date()));
    for (Figure figure : figures) {
      lines.add(
          String.format(
                  Locale.ROOT,
                  "  %-34s %14s %-6s %s",
                  figure.name(),
                  Numbers.text(figure.value()),
                  figure.unit(),
                  asked(figure))
              .stripTrailing());
    }
    return lines;
  }

  private static String asked(Figure figure) {
    Figure.Bar bar = figure.bar();
    Figure.Bar aim = figure.aim();
    String text = bar == null ? "" : bar.text() + (figure.isMet() ? " met" : " MISSED");
    return aim == null
        ? text
        : text + ", aim " + aim.text() + (aim.isMetBy(figure.value()) ? " met" : " missed");
  }

  private static String jvm() {
    return System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
  }

  private static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  private static String date() {
    return LocalDate.now(ZoneOffset.UTC).toString();
  }
}
