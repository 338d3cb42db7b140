package org.bytchat.sim.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes a drawing of curves fit for a page: in the colours of the style sheet, and small. */
final class SvgMarkup {

  private static final Pattern FRAME = Pattern.compile("(?s)^.*?<svg[^>]*>|</svg>\\s*$");
  private static final Pattern UNSEEN = Pattern.compile("<rect[^>]*fill-opacity:0;[^>]*/>");
  private static final Pattern CLIP = Pattern.compile("\\bclip-?\\d+");
  private static final Pattern SPACE = Pattern.compile("\\s*\n\\s*");
  private static final Pattern FRACTION = Pattern.compile("-?\\d+\\.\\d+(E-?\\d+)?");
  private static final Pattern COLOR = Pattern.compile("rgb\\(2,0,(\\d+)\\)");
  private static final Pattern LINE =
      Pattern.compile(
          "<line style=\"([^\"]*)\" x1=\"([^\"]*)\" x2=\"([^\"]*)\" y1=\"([^\"]*)\""
              + " y2=\"([^\"]*)\"/>");

  private SvgMarkup() {}

  /** Returns what is in the drawing; its names begin with the given one. */
  static String of(String svg, String id) {
    String body = FRAME.matcher(svg).replaceAll("");
    body = UNSEEN.matcher(body).replaceAll("");
    body = FRACTION.matcher(body).replaceAll(SvgMarkup::rounded);
    body = COLOR.matcher(body).replaceAll("var(--c$1)");
    body = SPACE.matcher(body).replaceAll("\n").strip();
    // A page has many drawings, and their names come from hashes.
    Map<String, String> names = new LinkedHashMap<>();
    body =
        CLIP.matcher(body)
            .replaceAll(
                match -> names.computeIfAbsent(match.group(), name -> id + "-clip" + names.size()));
    return joined(body);
  }

  /** Makes one line of segments that follow one another. */
  private static String joined(String body) {
    StringBuilder out = new StringBuilder(body.length());
    String style = "";
    String end = "";
    for (String part : (Iterable<String>) body.lines()::iterator) {
      Matcher line = LINE.matcher(part);
      boolean matches = line.matches();
      String start = matches ? line.group(2) + "," + line.group(4) : "";
      boolean goesOn = matches && line.group(1).equals(style) && start.equals(end);
      if (!style.isEmpty() && !goesOn) {
        out.append("\"/>\n");
      }
      if (!matches) {
        out.append(part).append('\n');
        style = "";
        continue;
      }
      if (!goesOn) {
        style = line.group(1);
        out.append("<polyline style=\"").append(style).append("\" points=\"").append(start);
      }
      end = line.group(3) + "," + line.group(5);
      out.append(' ').append(end);
    }
    return style.isEmpty() ? out.toString() : out.append("\"/>\n").toString();
  }

  private static String rounded(MatchResult number) {
    BigDecimal value = new BigDecimal(number.group()).setScale(2, RoundingMode.HALF_EVEN);
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
