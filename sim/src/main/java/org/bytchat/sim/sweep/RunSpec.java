package org.bytchat.sim.sweep;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.scenario.Scenario;

/**
 * One run, as another machine can be told of it: some kilobytes of text. Files that its scenario
 * names are to be found there under the same names.
 *
 * @param key equal for runs that give the same result, and for no others
 * @param label for messages
 * @param scenario the scenario with its seed, as JSON
 */
public record RunSpec(String key, String label, String scenario) {

  /** Changes when what is kept of a run does. */
  private static final int FORMAT = 1;

  /** Says nothing about what happens. */
  private static final List<String> WORDS = List.of("name", "description", "citation");

  private static final int KEY_DIGITS = 32;

  /**
   * Makes the run of a scenario with a seed.
   *
   * @param scenario with any seed
   * @param seed instead of the scenario's
   * @param label for messages
   * @param program what runs it, which must change when it may give other results
   */
  static RunSpec of(Scenario scenario, long seed, String label, String program) {
    Map<String, Object> map = scenario.toMap();
    map.put("seed", seed);
    Map<String, Object> hashed = new LinkedHashMap<>();
    hashed.put("format", FORMAT);
    hashed.put("program", program);
    map.forEach(
        (key, value) -> {
          if (!WORDS.contains(key)) {
            hashed.put(key, value);
          }
        });
    return new RunSpec(hash(Json.line(hashed)), label + ", seed " + seed, Json.line(map));
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, KEY_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has SHA-256", e);
    }
  }
}
