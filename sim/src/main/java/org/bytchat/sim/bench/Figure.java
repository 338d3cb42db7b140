package org.bytchat.sim.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One number of a result, and what is asked of it.
 *
 * @param name what it is
 * @param value how much
 * @param unit of what
 * @param bar what is asked, null if nothing is
 * @param aim what is hoped for beyond that, null if nothing is
 */
public record Figure(String name, double value, String unit, @Nullable Bar bar, @Nullable Bar aim) {

  /**
   * What is asked of a figure.
   *
   * @param limit the limit, in the figure's unit
   * @param atLeast whether the figure may not be below it, otherwise not above
   */
  public record Bar(double limit, boolean atLeast) {

    boolean isMetBy(double value) {
      return atLeast ? value >= limit : value <= limit;
    }

    String text() {
      return (atLeast ? ">= " : "<= ") + Numbers.text(limit);
    }
  }

  static Figure of(String name, double value, String unit) {
    return new Figure(name, value, unit, null, null);
  }

  static Figure count(String name, long value, String unit) {
    return of(name, (double) value, unit);
  }

  Figure atLeast(double limit) {
    return new Figure(name, value, unit, new Bar(limit, true), aim);
  }

  Figure atMost(double limit) {
    return new Figure(name, value, unit, new Bar(limit, false), aim);
  }

  Figure aimingAtLeast(double limit) {
    return new Figure(name, value, unit, bar, new Bar(limit, true));
  }

  Figure aimingAtMost(double limit) {
    return new Figure(name, value, unit, bar, new Bar(limit, false));
  }

  /**
   * Tells whether the bar is met.
   *
   * @return true also if there is none
   */
  public boolean isMet() {
    Bar asked = bar;
    return asked == null || asked.isMetBy(value);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("value", Numbers.rounded(value));
    map.put("unit", unit);
    Bar asked = bar;
    if (asked != null) {
      map.put("bar", asked.text());
      map.put("met", isMet());
    }
    Bar hoped = aim;
    if (hoped != null) {
      map.put("aim", hoped.text());
      map.put("aim_met", hoped.isMetBy(value));
    }
    return map;
  }
}
