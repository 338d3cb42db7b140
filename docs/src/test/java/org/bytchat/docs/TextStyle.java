package org.bytchat.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks of files as lines; each finding reads {@code path:line: message}. */
final class TextStyle {

  private static final int COLUMNS_MAX = 100;

  // Written apart, so that this file passes its own check.
  private static final Pattern LEFTOVER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(<?([^)\\s>]+)");

  private static final Pattern ELSEWHERE = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*|#.*");

  private TextStyle() {}

  static List<String> longLines(String path, String text) {
    List<String> findings = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int columns = line.codePointCount(0, line.length());
      if (columns > COLUMNS_MAX && !line.startsWith("import ")) {
        findings.add(at(path, i) + columns + " columns, at most " + COLUMNS_MAX);
      }
    }
    return findings;
  }

  static List<String> leftovers(String path, String text) {
    List<String> findings = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      Matcher matcher = LEFTOVER.matcher(lines.get(i));
      if (matcher.find()) {
        findings.add(at(path, i) + matcher.group() + " is banned, use an issue");
      }
    }
    return findings;
  }

  static List<String> titles(String path, String text) {
    List<Integer> titles = new ArrayList<>();
    List<String> lines = prose(text);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("# ")) {
        titles.add(i);
      }
    }
    return switch (titles.size()) {
      case 1 -> List.of();
      case 0 -> List.of(at(path, 0) + "no title, a Markdown file has exactly one '# Title'");
      default -> List.of(at(path, titles.get(1)) + "second title, a Markdown file has exactly one");
    };
  }

  static List<String> brokenLinks(String path, String text, Predicate<String> exists) {
    String folder = path.substring(0, path.lastIndexOf('/') + 1);
    List<String> findings = new ArrayList<>();
    List<String> lines = prose(text);
    for (int i = 0; i < lines.size(); i++) {
      Matcher matcher = LINK.matcher(lines.get(i).replaceAll("`[^`]*`", "``"));
      while (matcher.find()) {
        String target = matcher.group(1);
        if (!ELSEWHERE.matcher(target).matches()
            && !exists.test(folder + target.replaceFirst("#.*", ""))) {
          findings.add(at(path, i) + "link to " + target + ", which does not exist");
        }
      }
    }
    return findings;
  }

  /** The lines, those of fenced code blanked. */
  private static List<String> prose(String text) {
    List<String> lines = new ArrayList<>();
    boolean fenced = false;
    for (String line : text.lines().toList()) {
      boolean fence = line.stripLeading().startsWith("```");
      lines.add(fenced || fence ? "" : line);
      fenced ^= fence;
    }
    return lines;
  }

  private static String at(String path, int index) {
    return path + ":" + (index + 1) + ": ";
  }
}
