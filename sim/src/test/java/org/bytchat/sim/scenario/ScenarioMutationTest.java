package org.bytchat.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;

/** Whatever somebody writes, a scenario is read or refused, and is never an accident. */
class ScenarioMutationTest {

  private static final int MUTANTS = 200;

  private static final String[] PIECES = {
    "none",
    "never",
    "auto",
    "-1",
    "0",
    "1e9",
    "99999999999",
    "NaN",
    "0.5",
    "1000d",
    "PT1S",
    "''",
    "{}",
    "[]",
    "[[]]",
    "{a: b}",
    "&a",
    "*a",
    "!!set",
    "null",
    "~",
    ":",
    "- ",
    "? ",
    "|",
    ">-",
    "#",
    "%",
    "@",
    "\t",
    "\r",
    "\n",
    "\"",
    "'",
    "\\",
    ",",
    "<<: ",
    "\u00e4",
    "\ud83d\ude00",
    "\ufeff"
  };

  @SeededTest(runs = 20)
  void mutant_isReadOrRefused(long seed) {
    Random random = Seeds.random(seed);
    List<String> texts = new ArrayList<>(List.of(Samples.FULL));
    Scenarios.names().forEach(name -> texts.add(Scenarios.text(name)));
    int read = 0;
    for (int i = 0; i < MUTANTS; i++) {
      String text = texts.get(random.nextInt(texts.size()));
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        text = mutate(text, random);
      }
      read += isRead(text) ? 1 : 0;
    }
    // Neither is the rule, or the test would look at one of them only.
    assertThat(read).isBetween(MUTANTS / 50, MUTANTS * 49 / 50);
  }

  private static boolean isRead(String text) {
    try {
      Scenario scenario = Samples.parse(text);
      assertThat(Scenarios.of("again", scenario.toMap(), List.of())).isEqualTo(scenario);
      return true;
    } catch (ScenarioException e) {
      assertThat(e).message().startsWith("file.yaml").doesNotContain("\n");
      return false;
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("neither read nor refused:\n" + text, e);
    }
  }

  private static String mutate(String text, Random random) {
    int from = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), from + 1 + random.nextInt(6));
    String piece = PIECES[random.nextInt(PIECES.length)];
    return switch (random.nextInt(6)) {
      case 0 -> text.substring(0, from) + text.substring(to);
      case 1 -> text.substring(0, from) + piece + text.substring(from);
      case 2 -> text.substring(0, from) + (char) random.nextInt(0x180) + text.substring(to);
      case 3 -> swapLines(text, random);
      case 4 -> replaceValue(text, piece, random);
      default -> renumber(text, random);
    };
  }

  private static String swapLines(String text, Random random) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    if (lines.isEmpty()) {
      return text;
    }
    String moved = lines.remove(random.nextInt(lines.size()));
    lines.add(random.nextInt(lines.size() + 1), moved);
    return String.join("\n", lines) + "\n";
  }

  /** Another value after one of the colons. */
  private static String replaceValue(String text, String piece, Random random) {
    int colon = text.indexOf(": ", random.nextInt(text.length() + 1));
    if (colon < 0) {
      return text + piece;
    }
    int end = colon + 2;
    while (end < text.length() && ",}\n".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return text.substring(0, colon + 2) + piece + text.substring(end);
  }

  /** Another digit in place of one. */
  private static String renumber(String text, Random random) {
    int i = random.nextInt(text.length() + 1);
    while (i < text.length() && !Character.isDigit(text.charAt(i))) {
      i++;
    }
    return i == text.length()
        ? text
        : text.substring(0, i) + random.nextInt(10) + text.substring(i + 1);
  }
}
