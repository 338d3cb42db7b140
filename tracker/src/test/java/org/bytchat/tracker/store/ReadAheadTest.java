package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadAheadTest {

  private static final int FILE_BYTES = 5_000_001;

  @TempDir Path folder;

  private Path file() throws Exception {
    return Files.write(folder.resolve("file"), new byte[FILE_BYTES]);
  }

  private static long read(Path file, long bytesMax) throws Exception {
    try (ReadAhead ahead = ReadAhead.start(file, bytesMax)) {
      ahead.join();
      return ahead.readBytes();
    }
  }

  @Test
  void file_isReadWhole() throws Exception {
    assertThat(read(file(), Long.MAX_VALUE)).isEqualTo(FILE_BYTES);
    try (ReadAhead ahead = ReadAhead.of(file())) {
      ahead.join();
      assertThat(ahead.readBytes()).isEqualTo(FILE_BYTES);
    }
  }

  @Test
  void file_largerThanTheLimit_isReadUpToIt() throws Exception {
    assertThat(read(file(), 3_000_000)).isEqualTo(3_000_000);
    assertThat(read(file(), 10)).isEqualTo(10);
    assertThat(read(file(), 0)).isZero();
  }

  @Test
  void file_thatIsNotThereOrCannotBeRead_isNoError() throws Exception {
    assertThat(read(folder.resolve("none"), Long.MAX_VALUE)).isZero();
    assertThat(read(folder, Long.MAX_VALUE)).isZero();
  }
}
