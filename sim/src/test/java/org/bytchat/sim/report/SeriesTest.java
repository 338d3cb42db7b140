package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every row in the file, few in memory. */
class SeriesTest {

  @TempDir private Path temp;

  @Test
  void row_goesToTheFileAsItIs() throws IOException {
    try (Series series = new Series(RunFolder.open(temp), List.of("live", "a,\"b\""), 10)) {
      series.row(1_500_000, 1000, 0.1);
      series.row(3_000_000, 123_456_789_012d, Double.NaN);
      assertThat(temp.resolve(Series.FILE)).doesNotExist();
    }
    assertThat(temp.resolve(Series.FILE))
        .hasContent("virtual_s,live,\"a,\"\"b\"\"\"\n1.5,1000,0.1\n3,123456789012,\n");
  }

  @Test
  void column_ofManyRows_isMeansOfAsManyEach() throws IOException {
    try (Series series = new Series(RunFolder.open(temp), List.of("a", "b", "none"), 4)) {
      for (int i = 1; i <= 9; i++) {
        series.row(i * 1_000_000L, i, i % 2 == 0 ? i : Double.NaN, Double.NaN);
      }
      assertThat(series.seconds()).containsExactly(4, 8, 9);
      assertThat(series.column("a")).containsExactly(2.5, 6.5, 9);
      assertThat(series.column("b")).containsExactly(3, 7, Double.NaN);
      assertThat(series.column("none")).containsOnly(Double.NaN);
    }
    assertThat(Files.readAllLines(temp.resolve(Series.FILE))).hasSize(10);
  }

  @Test
  void seconds_ofAnyNumberOfRows_staysWithinTheLimit() throws IOException {
    try (Series series = new Series(RunFolder.open(temp), List.of("a"), 11)) {
      for (int i = 1; i <= 5000; i++) {
        series.row(i * 1_000_000L, 3);
        assertThat(series.seconds()).hasSizeBetween(Math.min(i, 5), 10).isSorted().endsWith(i);
      }
      assertThat(series.column("a")).containsOnly(3);
    }
  }

  @Test
  void row_withTheWrongNumberOfValues_isRefused() throws IOException {
    try (Series series = new Series(RunFolder.open(temp), List.of("a"), 10)) {
      assertThatThrownBy(() -> series.row(1, 1, 2)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> series.column("b")).hasMessage("no column b in [virtual_s, a]");
    }
    RunFolder folder = RunFolder.open(temp);
    assertThatThrownBy(() -> new Series(folder, List.of("a", "a"), 10))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
