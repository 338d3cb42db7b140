package org.bytchat.sim.scenario;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Says what somebody may have meant. */
final class Nearest {

  private Nearest() {}

  /** What is wrong with a key that is none of the known ones, of which there is at least one. */
  static String unknownKey(String key, Collection<String> known) {
    return "unknown key; nearest is '%s', known are %s"
        .formatted(to(key, known), String.join(", ", known));
  }

  /** What is wrong with a value that is none of the known ones. */
  static String notOneOf(String value, Collection<String> known) {
    return "'" + value + "' is not one of " + String.join(", ", known);
  }

  /** The known word with the fewest letters to change, the first of several. */
  static String to(String word, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt((String each) -> distance(word, each)))
        .orElseThrow();
  }

  /** Letters to insert, delete, or replace (Levenshtein 1966), whatever their case. */
  private static int distance(String from, String to) {
    String one = from.toLowerCase(Locale.ROOT);
    String other = to.toLowerCase(Locale.ROOT);
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
