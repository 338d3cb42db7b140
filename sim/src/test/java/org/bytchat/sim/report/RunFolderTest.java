package org.bytchat.sim.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Files that are whole or not there, and errors that say which. */
class RunFolderTest {

  @TempDir private Path temp;

  @Test
  void open_makesTheFolderAndLeavesNothingInIt() throws IOException {
    Path path = temp.resolve("a/b");
    assertThat(RunFolder.open(path).path()).isEqualTo(path);
    assertThat(RunFolder.open(path).path()).isEmptyDirectory();
  }

  @Test
  void open_whereAFileIsInTheWay_saysSo() throws IOException {
    Path file = Files.createFile(temp.resolve("out"));
    assertThatThrownBy(() -> RunFolder.open(file))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot make the folder " + file + ": " + file + " is a file");
    assertThatThrownBy(() -> RunFolder.open(file.resolve("deep/er")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot make the folder " + file.resolve("deep/er") + ": ")
        .hasMessageNotContaining("null");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void open_ofAFolderThatTakesNoFiles_saysSo() {
    assertThatThrownBy(() -> RunFolder.open(Path.of("/proc/self")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write to the folder /proc/self: ");
  }

  @Test
  void write_replacesTheFileWhole() throws IOException {
    RunFolder folder = RunFolder.open(temp);
    folder.write("a.txt", "first and longer");
    folder.write("a.txt", "sécond");
    assertThat(temp.resolve("a.txt")).hasContent("sécond");
    assertThat(temp.toFile().list()).containsExactly("a.txt");
  }

  @Test
  void create_untilClosed_leavesTheOldFile() throws IOException {
    RunFolder folder = RunFolder.open(temp);
    folder.write("a.txt", "old");
    try (RunFile file = folder.create("a.txt")) {
      file.write("new");
      assertThat(temp.resolve("a.txt")).hasContent("old");
    }
    assertThat(temp.resolve("a.txt")).hasContent("new");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void write_toAFullDisk_namesTheFileAndLeavesTheOldOne() throws IOException {
    RunFolder folder = RunFolder.open(temp);
    folder.write("a.txt", "old");
    Path unfinished = temp.resolve("a.txt" + RunFile.UNFINISHED);
    Files.createSymbolicLink(unfinished, Path.of("/dev/full"));
    assertThatThrownBy(() -> folder.write("a.txt", "x".repeat(100_000)))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + temp.resolve("a.txt") + ": No space left on device");
    assertThat(unfinished).doesNotExist();
    // A little text fails only when the file is closed.
    Files.createSymbolicLink(unfinished, Path.of("/dev/full"));
    assertThatThrownBy(() -> folder.write("a.txt", "x"))
        .hasMessage("cannot write " + temp.resolve("a.txt") + ": No space left on device");
    assertThat(temp.toFile().list()).containsExactly("a.txt");
    assertThat(temp.resolve("a.txt")).hasContent("old");
  }

  @Test
  void create_whereAFolderHasTheName_saysSo() throws IOException {
    RunFolder folder = RunFolder.open(temp);
    Files.createDirectory(temp.resolve("report.html"));
    assertThatThrownBy(() -> folder.create("report.html"))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + temp.resolve("report.html") + ": a folder has this name");
  }

  @Test
  void create_ofAPath_isRefused() throws IOException {
    RunFolder folder = RunFolder.open(temp);
    for (String name : new String[] {"", ".", "..", "../a", "a/b", "/a"}) {
      assertThatThrownBy(() -> folder.create(name)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
