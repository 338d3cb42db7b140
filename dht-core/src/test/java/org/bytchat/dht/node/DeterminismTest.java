package org.bytchat.dht.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytchat.dht.testkit.SeededTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The same seed gives the same datagrams at the same times, on every Java. */
class DeterminismTest {

  /** Where a newer Java may be, beside the one that runs the tests. */
  private static final Path JVMS = Path.of("/usr/lib/jvm");

  @SeededTest(runs = 2)
  void traceHash_sameSeed_sameTwice(long seed) {
    assertThat(TraceRun.hash(seed)).isEqualTo(TraceRun.hash(seed));
  }

  @Test
  void traceHash_otherSeed_differs() {
    assertThat(TraceRun.hash(1)).isNotEqualTo(TraceRun.hash(2));
  }

  @Test
  void traceHash_onJava25_isTheSame() throws IOException, InterruptedException {
    Path home = java25();
    assumeTrue(home != null, "no JDK 25: neither JAVA25_HOME nor one in " + JVMS);
    assertThat(hashOn(home, 1)).isEqualTo(Long.toHexString(TraceRun.hash(1)));
  }

  private static @Nullable Path java25() throws IOException {
    String configured = System.getenv("JAVA25_HOME");
    if (configured != null && !configured.isBlank()) {
      return Path.of(configured);
    }
    if (!Files.isDirectory(JVMS)) {
      return null;
    }
    try (Stream<Path> homes = Files.list(JVMS)) {
      return homes
          .filter(home -> home.getFileName().toString().contains("25"))
          .filter(home -> Files.isExecutable(home.resolve("bin/java")))
          .sorted()
          .findFirst()
          .orElse(null);
    }
  }

  private static String hashOn(@Nullable Path home, long seed)
      throws IOException, InterruptedException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        List.of(
            home + "/bin/java",
            "-Xmx256m",
            "-cp",
            classPath,
            TraceRun.class.getName(),
            String.valueOf(seed));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      byte[] output = process.getInputStream().readAllBytes();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      String text = new String(output, StandardCharsets.UTF_8).strip();
      assertThat(process.exitValue()).as(text).isZero();
      return text;
    } finally {
      process.destroyForcibly();
    }
  }
}
