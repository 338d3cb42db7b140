package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytchat.tracker.Required;

/** A disk that is full when a test says so, for one process. Neither kind needs root. */
enum FullDisk {

  /** A file system of its own in a mount namespace: writes fail for want of room. */
  SMALL_FILE_SYSTEM {
    @Override
    List<String> starter(Path folder) throws Exception {
      Required.assume(
          succeeds("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", folder.toString()),
          "mount namespaces are not permitted here");
      String mount = "mount -t tmpfs -o size=" + SIZE_BYTES + " tmpfs \"$0\" && exec \"$@\"";
      return List.of("unshare", "-rm", "sh", "-c", mount, folder.toString());
    }

    private Path filler(NodeProcess node, Path folder) {
      return Path.of("/proc/" + node.pid() + "/root" + folder).resolve("filler");
    }

    @Override
    void fill(NodeProcess node, Path folder) throws Exception {
      Path filler = filler(node, folder);
      long room = Files.getFileStore(filler.getParent()).getUsableSpace();
      Files.write(filler, new byte[(int) Math.max(0, room - LEFT_BYTES)]);
    }

    @Override
    void free(NodeProcess node, Path folder) throws IOException {
      Files.delete(filler(node, folder));
    }

    @Override
    boolean outlivesTheProcess() {
      return false;
    }
  },

  /** A limit on the length of files, which can be changed while the process runs. */
  LIMITED_FILES {
    @Override
    List<String> starter(Path folder) throws Exception {
      Required.assume(succeeds("prlimit", "--version"), "there is no prlimit here");
      return List.of();
    }

    @Override
    void fill(NodeProcess node, Path folder) throws Exception {
      Path log = folder.resolve("mailboxes").resolve("mailboxes.sqlite-wal");
      limit(node, String.valueOf(Files.size(log) + LEFT_BYTES));
    }

    @Override
    void free(NodeProcess node, Path folder) throws Exception {
      limit(node, "unlimited");
    }

    private void limit(NodeProcess node, String bytes) throws Exception {
      assertThat(succeeds("prlimit", "--pid", "" + node.pid(), "--fsize=" + bytes + ":"))
          .as("the limit is set")
          .isTrue();
    }

    @Override
    boolean outlivesTheProcess() {
      return true;
    }
  };

  private static final int SIZE_BYTES = 16 << 20;
  private static final int LEFT_BYTES = 200 << 10;
  private static final long LIMIT_SECONDS = 30;

  /**
   * What starts the process, so that its folder is on this disk; skips the test, or fails it, if
   * nothing can.
   */
  abstract List<String> starter(Path folder) throws Exception;

  /** Leaves little room for the process. */
  abstract void fill(NodeProcess node, Path folder) throws Exception;

  abstract void free(NodeProcess node, Path folder) throws Exception;

  /** Whether the disk has what was written when the process has ended. */
  abstract boolean outlivesTheProcess();

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
