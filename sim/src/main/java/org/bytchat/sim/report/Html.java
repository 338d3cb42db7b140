package org.bytchat.sim.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes HTML that is well-formed XML too, and takes all text for text. */
final class Html {

  static final Pattern LINK = Pattern.compile("https://[A-Za-z0-9./_~%#?=&+:-]*[A-Za-z0-9/]");

  private final StringBuilder out = new StringBuilder(1 << 16);
  private final Deque<String> open = new ArrayDeque<>();

  Html() {
    this("<!DOCTYPE html>\n");
  }

  private Html(String start) {
    out.append(start);
  }

  /** Returns a writer of XML that is no page, such as a drawing. */
  static Html xml() {
    return new Html("");
  }

  /** Begins an element; attributes are names and values in turn. */
  Html open(String tag, String... attributes) {
    begin(tag, attributes);
    out.append('>');
    open.push(tag);
    return this;
  }

  /** Ends the element that was begun last. */
  Html close() {
    out.append("</").append(open.pop()).append(">\n");
    return this;
  }

  /** Writes an element that never has an end tag. */
  Html empty(String tag, String... attributes) {
    begin(tag, attributes);
    out.append("/>\n");
    return this;
  }

  /** Writes an element with nothing but text in it. */
  Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close();
  }

  /** Writes text. */
  Html text(String text) {
    escape(text);
    return this;
  }

  /** Writes text, with links where it has addresses. */
  Html linked(String text) {
    Matcher matcher = LINK.matcher(text);
    int from = 0;
    while (matcher.find()) {
      escape(text.substring(from, matcher.start()));
      begin("a", "href", matcher.group(), "rel", "noreferrer");
      out.append('>');
      escape(matcher.group());
      out.append("</a>");
      from = matcher.end();
    }
    escape(text.substring(from));
    return this;
  }

  /** Writes what is markup already. */
  Html markup(String markup) {
    out.append(markup);
    return this;
  }

  /** Returns the page; all elements must have ended. */
  String page() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not ended: " + open);
    }
    return out.toString();
  }

  private void begin(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      out.append('"');
    }
  }

  private void escape(String text) {
    text.codePoints().forEach(this::escape);
  }

  private void escape(int c) {
    switch (c) {
      case '<' -> out.append("&lt;");
      case '>' -> out.append("&gt;");
      case '&' -> out.append("&amp;");
      case '"' -> out.append("&quot;");
      case '\'' -> out.append("&#39;");
      default -> out.appendCodePoint(isXml(c) ? c : 0xfffd);
    }
  }

  private static boolean isXml(int c) {
    boolean space = c == '\t' || c == '\n' || c == '\r';
    boolean control = c < ' ' || c >= 0x7f && c < 0xa0;
    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return space || !control && !surrogate && (c & 0xfffe) != 0xfffe;
  }
}
