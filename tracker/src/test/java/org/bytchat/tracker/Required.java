package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** What tests need of the machine that they run on. */
public final class Required {

  /** Where set to true, what is missing fails the tests that need it. */
  private static final String PROPERTY = "interop.required";

  private Required() {}

  /** Skips the test where a program is not on the path, or fails it where all is required. */
  public static void assumeInstalled(String program, String debianPackage) {
    boolean found =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    assume(found, program + " is not installed: apt-get install " + debianPackage);
  }

  /** Skips the test with this message, or fails it where all is required. */
  public static void assume(boolean condition, String message) {
    if (Boolean.getBoolean(PROPERTY)) {
      assertThat(condition).as(message).isTrue();
    }
    Assumptions.assumeTrue(condition, message);
  }
}
