package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bytchat.tracker.Required;

/** Starts a program whose clock is wrong, with Debian's package faketime. */
final class WrongClock {

  private WrongClock() {}

  /**
   * What starts it; skips the test, or fails it, where nothing can.
   *
   * <p>The program {@code faketime} would stay its parent, and be killed in its place. So it is
   * only asked for its library. The time of files and the monotonic clock, by which a JVM waits,
   * stay true.
   *
   * @param hours how far its clock is ahead; negative for behind
   */
  static List<String> starter(int hours) throws IOException {
    Required.assumeInstalled("faketime", "faketime");
    Process asked =
        new ProcessBuilder("faketime", "-m", "-f", "+1h", "printenv", "LD_PRELOAD").start();
    String library =
        new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    assertThat(library).as("the library of faketime").contains("libfaketime");
    return List.of(
        "env",
        "LD_PRELOAD=" + library,
        "FAKETIME=%+dh".formatted(hours),
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
        "FAKETIME_FORCE_MONOTONIC_FIX=0",
        "DONT_FAKE_MONOTONIC=1",
        "NO_FAKE_STAT=1");
  }
}
