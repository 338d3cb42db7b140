package org.bytchat.tracker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.net.InetAddresses;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a command prints: results to {@code out}, progress and messages to {@code err}. A reader
 * that went away is no failure: {@link PrintStream} swallows it.
 */
record Output(PrintStream out, PrintStream err) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What terminals obey, or what has text read in another order; strangers choose names. */
  private static final Pattern CONTROLS =
      Pattern.compile("[\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]");

  /** Prints one JSON object on a line of its own; control characters are escaped. */
  void json(Map<String, ?> object) {
    try {
      // Outside of strings, JSON has none of them.
      line(CONTROLS.matcher(JSON.writeValueAsString(object)).replaceAll(Output::escaped));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of plain values are always JSON", e);
    }
  }

  private static String escaped(MatchResult control) {
    return Matcher.quoteReplacement("\\u%04x".formatted((int) control.group().charAt(0)));
  }

  /** {@code ADDR:PORT}, or {@code [v6]:PORT} in the short form of RFC 5952. */
  static String text(InetSocketAddress address) {
    return InetAddresses.toUriString(address.getAddress()) + ":" + address.getPort();
  }

  /** A length of time in milliseconds, to the microsecond. */
  static double millis(Duration time) {
    return Math.round(time.toNanos() / 1e3) / 1e3;
  }

  /** Prints a line of a result. */
  void line(String text) {
    out.print(text + "\n");
    out.flush();
  }

  /** Prints a line for the person at the terminal. */
  void message(String text) {
    err.print(text + "\n");
    err.flush();
  }

  /** Whether what is printed still reaches somebody. */
  boolean isOpen() {
    return !out.checkError();
  }
}
