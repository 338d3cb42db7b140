package org.bytchat.sim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Latencies of files: both formats, and what is wrong with a file. */
class MatrixLatencyTest {

  private static final String KING =
      """
      topology E2EGraph
      failure_model NullFailureModel

      node 1
      node 2
      node 3

      1,2 100
      1,3,40.5
      2, 3 7
      """;

  @TempDir Path folder;

  @Test
  void king_isReadAsPeerSimDoes() throws IOException {
    LatencyMatrix matrix = read(KING);
    assertThat(matrix.hosts()).isEqualTo(3);
    assertThat(matrix.missing()).isZero();
    assertThat(matrix.oneWayMicros())
        .containsExactly(0, 50_000, 20_250, 50_000, 0, 3_500, 20_250, 3_500, 0);
    assertThat(matrix.meanMicros()).isEqualTo((50_000 + 20_250 + 3_500) / 3.0);
    assertThat(new MatrixLatency(matrix, 1, 5_000).citation()).contains("King");
  }

  @Test
  void unit_isWhatTheFileSays() throws IOException {
    assertThat(read("# unit: one_way_us\n" + KING).oneWayMicros()[1]).isEqualTo(100);
    assertThat(read("# unit: rtt_us\n" + KING).oneWayMicros()[1]).isEqualTo(50);
    assertThat(read("# unit: one_way_ms\n" + KING).oneWayMicros()[1]).isEqualTo(100_000);
    assertThatThrownBy(() -> read("# about\n#unit: seconds\n" + KING))
        .hasMessage(
            file()
                + ":2: unknown unit 'seconds'; known are"
                + " [rtt_ms, rtt_us, one_way_ms, one_way_us]");
  }

  @Test
  void square_mayDifferByDirection() throws IOException {
    LatencyMatrix matrix = read("# unit: one_way_ms\n0 10 20\n30,0,40\n\n50;60;1\n");
    assertThat(matrix.oneWayMicros())
        .containsExactly(0, 10_000, 20_000, 30_000, 0, 40_000, 50_000, 60_000, 1_000);
    MatrixLatency model = new MatrixLatency(matrix, 1, 15_000);
    assertThat(model.minMicros()).isEqualTo(15_000);
    int[] at = {nodeAt(model, 0), nodeAt(model, 1), nodeAt(model, 2)};
    assertThat(model.oneWayMicros(at[0], at[1])).isEqualTo(15_000);
    assertThat(model.oneWayMicros(at[1], at[0])).isEqualTo(30_000);
    assertThat(model.oneWayMicros(at[2], at[1])).isEqualTo(60_000);
    assertThat(model.oneWayMicros(at[2], at[2])).isEqualTo(15_000);
  }

  @Test
  void missingPairs_getTheMedian() throws IOException {
    LatencyMatrix matrix = read("0 10 20 -1\n10 0 30 40\n20 30 0 0\n50 40 60 0\n");
    assertThat(matrix.missing()).isEqualTo(2);
    // Ten values: 10 10 20 20 30 30 40 40 50 60, of which the sixth.
    assertThat(matrix.oneWayMicros()[3]).isEqualTo(15_000);
    assertThat(matrix.oneWayMicros()[11]).isEqualTo(15_000);
    assertThat(new MatrixLatency(matrix, 1, 1).describe())
        .contains("4 hosts, values in rtt_ms, 2 pairs missing");
    assertThatThrownBy(() -> read("0 1 0\n0 0 0\n0 1 0\n"))
        .hasMessage(file() + ": 4 of 6 pairs have no latency");
  }

  @Test
  void hosts_areSpreadEvenly() throws IOException {
    MatrixLatency model = new MatrixLatency(read(KING), 6, 1);
    int[] found = new int[3];
    for (int node = 0; node < 90_000; node++) {
      found[model.hostOf(node)]++;
    }
    for (int count : found) {
      Samples.assertShare(count, 90_000, 1.0 / 3);
    }
  }

  @Test
  void wrongFiles_areRefusedWithFileAndLine() {
    assertWrong("", 1, "the file has no latencies");
    assertWrong("# only this\n", 2, "the file has no latencies");
    assertWrong("node 1\n1,1 5\n", 2, "2 to 4096 hosts can be used, not 1");
    assertWrong("node 1\nnode 2\n1,2\n", 3, "expected HOST,HOST LATENCY: '1,2'");
    assertWrong("node 1\nnode 2\n1,3 5\n", 3, "host must be in 1..2: 3");
    assertWrong("node 1\nnode 2\nx,1 5\n", 3, "host must be a whole number: 'x'");
    assertWrong("node 1\nnode 2\n1,2 fast\n", 3, "'fast' is not a number");
    assertWrong("node 1\nnode 2\n1,2 NaN\n", 3, "'NaN' is not a finite number");
    assertWrong("0 1\n1\n", 2, "a row of 1 values after rows of 2");
    assertWrong("0 1\n1 0\n1 0\n", 3, "row 3, but rows have 2 values");
    assertWrong("0 1\n", 2, "the file ends after 1 of 2 rows");
    assertWrong("1,2,5\n1,3,5\n2,3,5\n2,4,5\n", 4, "King's format begins with");
    assertWrong("0 130000\n130000 0\n", 1, "a latency of 65 s one way; at most 60 s");
  }

  @Test
  void filesThatCannotBeRead_areRefusedByName() throws IOException {
    assertThatThrownBy(() -> LatencyMatrix.read(folder.resolve("none")))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(folder.resolve("none") + ": no such file");
    assertThatThrownBy(() -> LatencyMatrix.read(folder))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(folder + ": is a folder");
    Files.write(file(), "0 1\n1 \u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> LatencyMatrix.read(file())).hasMessageContaining("is not UTF-8 text");
  }

  private void assertWrong(String text, int line, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith(file() + ":" + line + ": ")
        .hasMessageContaining(message);
  }

  private static int nodeAt(MatrixLatency model, int host) {
    int node = 0;
    while (model.hostOf(node) != host) {
      node++;
    }
    return node;
  }

  private LatencyMatrix read(String text) throws IOException {
    Files.writeString(file(), text);
    return LatencyMatrix.read(file());
  }

  private Path file() {
    return folder.resolve("latency.txt");
  }
}
