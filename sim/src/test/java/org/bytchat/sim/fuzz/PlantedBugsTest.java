package org.bytchat.sim.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.bytchat.sim.run.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proof that the fuzzer catches bugs: six are planted in the nodes' sources, one at a time, and
 * each must be found. Without them the same seeds find nothing.
 */
@Execution(ExecutionMode.SAME_THREAD)
class PlantedBugsTest {

  static final int SEEDS = 40;
  private static final long LIMIT_SECONDS = 120;

  /** Where the sources of dht-core are, from the folder of this module. */
  private static final Path SOURCES =
      Path.of(System.getProperty("dht-core.sources", "../dht-core/src/main/java"))
          .resolve("org/bytchat/dht");

  private static final Path TARGET = Path.of("target/planted");

  private static final String SIM_MAIN = "org.bytchat.sim.cli.SimMain";

  /** A bug: a piece of a source file, and what takes its place. */
  private enum Bug {
    WRONG_XOR_COMPARE(
        RunResult.Finding.LIVENESS,
        "lookup/Shortlist.java",
        "Long.compareUnsigned(distances[middle], distance) < 0",
        "Long.compare(distances[middle], distance) < 0"),
    REPLY_FROM_WRONG_ADDRESS(
        RunResult.Finding.INVARIANT,
        "engine/Requests.java",
        "if (!request.endpoint.equals(from)) {",
        "if (request.endpoint.port() == 0) {"),
    EXPIRED_RECORD_SERVED(
        RunResult.Finding.INVARIANT,
        "store/RecordStore.java",
        "entry == null || entry.expiresMillis() <= nowMillis ? null",
        "entry == null ? null"),
    FORGOTTEN_TIMEOUT(
        RunResult.Finding.INVARIANT,
        "engine/Requests.java",
        "deadlines.schedule(request, next);",
        "deadlines.cancel(request);"),
    SEQUENCE_CHECK_SKIPPED(
        RunResult.Finding.INVARIANT,
        "store/RecordStore.java",
        "if (mutable.sequence() < known.sequence) {",
        "if (mutable.sequence() < 0) {"),
    TOKEN_NOT_BOUND_TO_TARGET(
        RunResult.Finding.INVARIANT,
        "engine/TokenIssuer.java",
        " | low & 0xffff_ffffL)\n        .update(high)\n        .update(middle)\n",
        ")\n");

    final RunResult.Finding finding;
    final String file;
    final String text;
    final String instead;

    Bug(RunResult.Finding finding, String file, String text, String instead) {
      this.finding = finding;
      this.file = file;
      this.text = text;
      this.instead = instead;
    }
  }

  /** What a run of the fuzzer in a JVM of its own came to. */
  private record Run(int exitCode, long seeds, String out, String err) {}

  @Test
  void noBug_findsNothing() throws Exception {
    Run run = fuzz(clean(TARGET.resolve("none")), "");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.seeds()).isEqualTo(SEEDS);
  }

  @ParameterizedTest
  @EnumSource
  void bug_isFound(Bug bug) throws Exception {
    Path folder = clean(TARGET.resolve(bug.name().toLowerCase(Locale.ROOT)));
    String classes = plant(bug, folder).toString() + File.pathSeparator;
    Run run = fuzz(folder, classes);
    System.out.println(bug + " is found by seed " + run.seeds() + ": " + run.err().strip());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(bug.finding.exitCode());
    assertThat(folder.resolve("capsule-" + run.seeds() + ".json")).exists();
  }

  /** Changes the source, and compiles it for the beginning of a class path. */
  private static Path plant(Bug bug, Path folder) throws IOException {
    String source = Files.readString(SOURCES.resolve(bug.file));
    assertThat(source.split(Pattern.quote(bug.text), -1))
        .as("%s must have exactly once: %s", bug.file, bug.text)
        .hasSize(2);
    Path changed = folder.resolve("src").resolve(bug.file);
    Files.createDirectories(changed.getParent());
    Files.writeString(changed, source.replace(bug.text, bug.instead));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      Iterable<? extends JavaFileObject> units = files.getJavaFileObjects(changed);
      List<String> options =
          List.of(
              "-proc:none",
              "-nowarn",
              "-parameters",
              "-cp",
              System.getProperty("java.class.path"),
              "-d",
              classes.toString());
      boolean isCompiled = compiler.getTask(messages, files, null, options, null, units).call();
      assertThat(isCompiled).as(messages.toString()).isTrue();
    }
    return classes;
  }

  private static Path clean(Path folder) throws IOException {
    if (Files.exists(folder)) {
      List<Path> old;
      try (Stream<Path> all = Files.walk(folder)) {
        old = new ArrayList<>(all.toList());
      }
      for (int i = old.size() - 1; i >= 0; i--) {
        Files.delete(old.get(i));
      }
    }
    return Files.createDirectories(folder);
  }

  private static Run fuzz(Path folder, String classes) throws Exception {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes + System.getProperty("java.class.path"),
                SIM_MAIN,
                "fuzz",
                "--seeds",
                "1.." + SEEDS,
                "--out",
                folder.toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(out);
    return new Run(process.exitValue(), printed.lines().count(), printed, Files.readString(err));
  }
}
