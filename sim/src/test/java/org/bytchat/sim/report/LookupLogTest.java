package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sample that depends on the seed alone. */
class LookupLogTest {

  @TempDir private Path temp;

  @Test
  void write_ofFewLookups_hasThemAllInOrder() throws IOException {
    LookupLog log = new LookupLog(List.of("result", "ms"), 1, 10);
    log.add(7, "found", 0.5);
    log.add(3, null, 12);
    assertThat(lines(log)).containsExactly("number,result,ms", "3,,12", "7,found,0.5");
  }

  @Test
  void add_inAnyOrderAndInParts_keepsTheSame() throws IOException {
    LookupLog forward = new LookupLog(List.of("a"), 9, 100);
    LongStream.range(0, 5000).forEach(i -> forward.add(i, i));
    LookupLog backward = new LookupLog(List.of("a"), 9, 100);
    LookupLog odd = new LookupLog(List.of("a"), 9, 100);
    for (long i = 4999; i >= 0; i--) {
      LookupLog log = i % 2 == 0 ? backward : odd;
      if (log.wants(i)) {
        log.add(i, i);
      } else {
        log.skip();
      }
    }
    backward.merge(odd);
    assertThat(lines(backward)).isEqualTo(lines(forward)).hasSize(101);
    assertThat(backward.seen()).isEqualTo(forward.seen()).isEqualTo(5000);
    assertThat(backward.size()).isEqualTo(100);
  }

  @Test
  void add_ofMany_keepsAFairSample() throws IOException {
    LookupLog log = new LookupLog(List.of("a"), 4, 1000);
    LongStream.range(0, 100_000).forEach(i -> log.add(i, i));
    long early =
        lines(log).stream()
            .skip(1)
            .filter(line -> Long.parseLong(line.substring(0, line.indexOf(','))) < 50_000)
            .count();
    // 500 expected; six standard deviations are 95.
    assertThat(early).isBetween(405L, 595L);
    LookupLog other = new LookupLog(List.of("a"), 5, 1000);
    LongStream.range(0, 100_000).forEach(i -> other.add(i, i));
    assertThat(lines(other)).isNotEqualTo(lines(log));
  }

  @Test
  void merge_ofAnotherRun_isRefused() {
    LookupLog log = new LookupLog(List.of("a"), 4, 10);
    assertThatThrownBy(() -> log.merge(new LookupLog(List.of("a"), 5, 10)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> log.merge(new LookupLog(List.of("b"), 4, 10)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> log.add(1, "a", "b")).isInstanceOf(IllegalArgumentException.class);
  }

  private List<String> lines(LookupLog log) throws IOException {
    log.write(RunFolder.open(temp));
    return Files.readAllLines(temp.resolve(LookupLog.FILE));
  }
}
