package org.bytchat.tracker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.net.InetAddresses;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * Where a command prints: results to {@code out}, progress and messages to {@code err}. A reader
 * that went away is no failure: {@link PrintStream} swallows it.
 */
record Output(PrintStream out, PrintStream err) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Prints one JSON object on a line of its own. */
  void json(Map<String, ?> object) {
    try {
      line(JSON.writeValueAsString(object));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of plain values are always JSON", e);
    }
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
