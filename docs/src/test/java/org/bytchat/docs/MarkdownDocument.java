package org.bytchat.docs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What tests read of a Markdown document.
 *
 * @param tables the tables, in order
 * @param fences the content of the fenced code, by what stands after the opening fence
 */
record MarkdownDocument(List<Table> tables, Map<String, String> fences) {

  private static final String FENCE = "```";

  /**
   * A table; its cells are without the marks of code.
   *
   * @param heading the text of the heading above
   * @param columns the names of the columns
   * @param rows the cells, each row as long as {@code columns}
   */
  record Table(String heading, List<String> columns, List<List<String>> rows) {

    /** The cells of a column. */
    List<String> column(String name) {
      int index = columns.indexOf(name);
      if (index < 0) {
        throw new AssertionError("no column " + name + " under " + heading + ": " + columns);
      }
      return rows.stream().map(row -> row.get(index)).toList();
    }

    /** Two columns as a map, in the order of the rows; refuses a key that stands twice. */
    Map<String, String> map(String keys, String values) {
      List<String> names = column(keys);
      List<String> cells = column(values);
      Map<String, String> map = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        if (map.put(names.get(i), cells.get(i)) != null) {
          throw new AssertionError(names.get(i) + " stands twice under " + heading);
        }
      }
      return map;
    }
  }

  static MarkdownDocument parse(String text) {
    List<Table> tables = new ArrayList<>();
    Map<String, String> fences = new LinkedHashMap<>();
    List<String> lines = text.lines().toList();
    String heading = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith(FENCE)) {
        int end = i + 1 + lines.subList(i + 1, lines.size()).indexOf(FENCE);
        fences.put(line.substring(FENCE.length()), String.join("\n", lines.subList(i + 1, end)));
        i = end;
      } else if (line.startsWith("#")) {
        heading = line.replaceFirst("#+ ", "");
      } else if (line.startsWith("|")) {
        int end = i;
        while (end < lines.size() && lines.get(end).startsWith("|")) {
          end++;
        }
        tables.add(table(heading, lines.subList(i, end)));
        i = end - 1;
      }
    }
    return new MarkdownDocument(tables, fences);
  }

  private static Table table(String heading, List<String> lines) {
    List<String> columns = cells(lines.get(0));
    List<List<String>> rows = lines.stream().skip(2).map(MarkdownDocument::cells).toList();
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new AssertionError("row of " + row.size() + " cells under " + heading + ": " + row);
      }
    }
    return new Table(heading, columns, rows);
  }

  private static List<String> cells(String line) {
    String inner = line.substring(1, line.lastIndexOf('|'));
    return Arrays.stream(inner.split("\\|", -1))
        .map(cell -> cell.replace("`", "").strip())
        .toList();
  }

  /** The tables under a heading whose first column has a name. */
  List<Table> tables(String heading, String firstColumn) {
    return tables.stream()
        .filter(table -> table.heading.equals(heading) && table.columns.get(0).equals(firstColumn))
        .toList();
  }

  /** The only one of {@link #tables(String, String)}. */
  Table table(String heading, String firstColumn) {
    List<Table> found = tables(heading, firstColumn);
    if (found.size() != 1) {
      throw new AssertionError(
          found.size() + " tables of " + firstColumn + " under the heading " + heading);
    }
    return found.get(0);
  }

  /** The content of a fence. */
  String fence(String info) {
    String content = fences.get(info);
    if (content == null) {
      throw new AssertionError("no fence " + info + " among " + fences.keySet());
    }
    return content;
  }
}
