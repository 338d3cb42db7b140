package org.bytchat.sim.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes a page of Markdown. All text is taken as plain text, but for links to other sites. */
public final class Markdown {

  private static final int COLUMNS = 119;

  /* An underscore inside a word is plain already, and names are easier to read with it. */
  private static final Pattern SPECIAL =
      Pattern.compile(
          "[\\\\`*\\[\\]<|~$]|(?<!\\p{Alnum})_|_(?!\\p{Alnum})|&(?=#?\\p{Alnum}{1,40};)");

  /* What begins a list, a heading or a quotation where a line begins. */
  private static final Pattern BLOCK =
      Pattern.compile("^(?:(\\d{1,9})([.)])(?=\\s|$)|([-+](?=\\s|$)|#{1,6}(?=\\s|$)|>|-+$|=+$))");

  private static final Pattern NUMBER =
      Pattern.compile("(-?\\d[\\d.,]*(E-?\\d+)?( \u00b1 \\d[\\d.,]*)?)?");

  private final StringBuilder out = new StringBuilder();

  /**
   * Makes a page with nothing but its title.
   *
   * @param title in plain text
   */
  public Markdown(String title) {
    out.append("# ").append(inline(title)).append('\n');
  }

  /**
   * Begins a section.
   *
   * @param heading of it
   * @return this
   */
  public Markdown section(String heading) {
    out.append("\n## ").append(inline(heading)).append('\n');
    return this;
  }

  /**
   * Writes a paragraph.
   *
   * @param text of it; if empty, nothing is written
   * @return this
   */
  public Markdown paragraph(String text) {
    List<String> lines = lines(inline(text), COLUMNS);
    if (!lines.isEmpty()) {
      out.append('\n');
      lines.forEach(
          line -> out.append(BLOCK.matcher(line).replaceFirst("$1\\\\$2$3")).append('\n'));
    }
    return this;
  }

  /**
   * Writes what was typed.
   *
   * @param line for a shell
   * @return this
   */
  public Markdown command(String line) {
    out.append("\n```sh\n").append(line.replaceAll("\\R", " ")).append("\n```\n");
    return this;
  }

  /**
   * Writes a table; columns of numbers stand to the right.
   *
   * @param table with or without title and caption
   * @return this
   */
  public Markdown table(Table table) {
    paragraph(table.title());
    out.append('\n');
    row(table.headers().stream().map(Markdown::inline).toList());
    List<List<String>> rows =
        table.rows().stream().map(row -> row.stream().map(Markdown::cell).toList()).toList();
    row(
        IntStream.range(0, table.headers().size())
            .mapToObj(i -> isOfNumbers(rows, i) ? "---:" : "---")
            .toList());
    rows.forEach(this::row);
    return paragraph(table.caption());
  }

  /**
   * Shows a plot that is in a file.
   *
   * @param plot which one
   * @param file relative to the page, without spaces
   * @return this
   */
  public Markdown plot(Plot plot, String file) {
    out.append("\n![").append(inline(plot.title())).append("](").append(file).append(")\n");
    return paragraph(plot.caption());
  }

  /**
   * Returns the page.
   *
   * @return all that was written
   */
  public String text() {
    return out.toString();
  }

  /** Returns text in lines of at most so many letters, but for words that are longer. */
  static List<String> lines(String text, int columns) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (line.length() > 0 && line.length() + 1 + word.length() > columns) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() > 0 ? " " : "").append(word);
    }
    if (line.length() > 0) {
      lines.add(line.toString());
    }
    return lines;
  }

  private static String inline(String text) {
    String plain = text.strip().replaceAll("\\s+", " ");
    Matcher matcher = Html.LINK.matcher(plain);
    StringBuilder inline = new StringBuilder();
    int from = 0;
    while (matcher.find()) {
      inline.append(escaped(plain.substring(from, matcher.start())));
      inline.append('<').append(matcher.group()).append('>');
      from = matcher.end();
    }
    return inline.append(escaped(plain.substring(from))).toString();
  }

  private static String escaped(String text) {
    return SPECIAL.matcher(text).replaceAll("\\\\$0");
  }

  private static String cell(@Nullable Object value) {
    return inline(Decimal.shown(value));
  }

  private static boolean isOfNumbers(List<List<String>> rows, int column) {
    return rows.stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches())
        && rows.stream().anyMatch(row -> !row.get(column).isEmpty());
  }

  private void row(List<String> cells) {
    out.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
  }
}
