package org.bytchat.sim.report;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of a report. Numbers are rounded for people and stand to the right. */
public final class Table implements Block {

  private final String title;
  private final List<String> headers;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();
  private String caption = "";

  /**
   * Makes a table without rows.
   *
   * @param title above the table; may be empty
   * @param headers of the columns
   */
  public Table(String title, List<String> headers) {
    this.title = title;
    this.headers = List.copyOf(headers);
  }

  /**
   * Says what the reader should know about the table.
   *
   * @param text below the table
   * @return this
   */
  public Table caption(String text) {
    caption = text;
    return this;
  }

  /**
   * Adds a row.
   *
   * @param cells one for each column; null where there is none
   * @return this
   * @throws IllegalArgumentException if there are more or fewer cells than columns
   */
  public Table row(@Nullable Object... cells) {
    if (cells.length != headers.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + headers);
    }
    List<@Nullable Object> row = new ArrayList<>(cells.length);
    for (Object cell : cells) {
      row.add(cell);
    }
    rows.add(row);
    return this;
  }

  String title() {
    return title;
  }

  String caption() {
    return caption;
  }

  List<String> headers() {
    return headers;
  }

  List<List<@Nullable Object>> rows() {
    return rows;
  }
}
