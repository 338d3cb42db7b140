package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of files. */
class TraceChurnTest {

  private static final String TRACE =
      """
      node,up_s,down_s
      # three nodes
      7,0,10
      2,5,
      7,20.5,30
      40,1.5,2

      7,30,40
      """;

  @TempDir Path folder;

  @Test
  void nodes_areNumberedInTheirOrder() throws IOException {
    TraceChurn trace = read(TRACE);
    assertThat(trace.nodes()).isEqualTo(3);
    assertThat(trace.lives(1, 0, 100_000_000)).containsExactly(new Life(5_000_000, Life.NEVER));
    assertThat(trace.lives(1, 1, 100_000_000))
        .containsExactly(
            new Life(0, 10_000_000),
            new Life(20_500_000, 30_000_000),
            new Life(30_000_000, 40_000_000));
    assertThat(trace.lives(1, 2, 100_000_000)).containsExactly(new Life(1_500_000, 2_000_000));
    assertThat(trace.lives(1, 4, 100_000_000)).isEqualTo(trace.lives(1, 1, 100_000_000));
  }

  @Test
  void lives_endWithTheRun() throws IOException {
    TraceChurn trace = read(TRACE);
    assertThat(trace.lives(1, 1, 20_500_000)).containsExactly(new Life(0, 10_000_000));
    assertThat(trace.lives(1, 1, 20_500_001)).hasSize(2);
    assertThat(trace.lives(1, 2, 1_500_000)).isEmpty();
  }

  @Test
  void availability_isTheTimeUp() throws IOException {
    // Of 40 s: 35, 29.5 and 0.5.
    assertThat(read(TRACE).availability()).isEqualTo(65.0 / 120);
    assertThat(read("1,0\n").availability()).isEqualTo(1);
    assertThat(read(TRACE).describe()).isEqualTo("trace trace.csv, 3 nodes, 54.167 % up");
  }

  @Test
  void wrongFiles_areRefusedWithFileAndLine() {
    assertThatThrownBy(() -> read("node,up_s,down_s\n")).hasMessageContaining("has no sessions");
    assertWrong("1\n", 1, "expected node,up_s,down_s: '1'");
    assertWrong("1,2,3,4\n", 1, "expected node,up_s,down_s");
    assertWrong("1,2,3\nx,2,3\n", 2, "node must be a whole number: 'x'");
    assertWrong("-1,2,3\n", 1, "node must be in 0..2147483647: -1");
    assertWrong("1,soon,3\n", 1, "'soon' is not a number");
    assertWrong("1,-2,3\n", 1, "up_s must be in 0..100000000000: -2");
    assertWrong("1,2,1e300\n", 1, "down_s must be in");
    assertWrong("1,3,3\n", 1, "down_s must be after up_s");
    assertWrong("1,0,5\n2,0,5\n1,4,6\n", 3, "node 1 is up already at that time");
    assertWrong("1,0\n1,9,10\n", 2, "node 1 is up already at that time");
  }

  private void assertWrong(String text, int line, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith(folder.resolve("trace.csv") + ":" + line + ": ")
        .hasMessageContaining(message);
  }

  private TraceChurn read(String text) throws IOException {
    Path file = folder.resolve("trace.csv");
    Files.writeString(file, text);
    return TraceChurn.read(file);
  }
}
