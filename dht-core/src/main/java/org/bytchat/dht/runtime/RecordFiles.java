package org.bytchat.dht.runtime;

import com.google.common.collect.Lists;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.store.StoreLog;
import org.bytchat.dht.store.StoreLogReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files in which a node keeps what it holds for others: {@code records.snapshot}, and {@code
 * records.log} with what changed since.
 *
 * <p>The snapshot is replaced whole and synced. Entries of the log are handed to the operating
 * system one by one and not synced, except at the end: the end of the process loses none of them, a
 * power cut those that the system had not written yet. What a write leaves that ended half way, a
 * torn end of the log, is cut off when it is read. Any other fault is damage: the file is named in
 * the log and moved aside.
 *
 * <p>Not thread-safe. Not disturbed by interrupts of the thread that uses it.
 */
final class RecordFiles {

  private static final Logger LOG = LoggerFactory.getLogger(RecordFiles.class);

  /** Changes in one entry of a snapshot; far less than an entry can hold. */
  private static final int BATCH = 256;

  /** Files are read into one array each. The largest store that can be configured takes half. */
  private static final int FILE_BYTES_MAX = Integer.MAX_VALUE - 8;

  private static final int ASIDE_MAX = 1_000;
  private static final byte[] NO_BYTES = new byte[0];

  private final Path snapshotFile;
  private final Path logFile;
  private final SecureRandom random = new SecureRandom();

  /** Not below that of any snapshot that is there. */
  private long generation;

  /** Null until a snapshot is written if it is not known what the file holds. */
  private @Nullable OpenLog openLog;

  /** The log that is being written, and its length. */
  private static final class OpenLog {

    final RandomAccessFile file;
    final StoreLog writer;
    long length;

    OpenLog(RandomAccessFile file, StoreLog writer, long length) {
      this.file = file;
      this.writer = writer;
      this.length = length;
    }
  }

  /**
   * What was found.
   *
   * @param files to go on with
   * @param changes what an earlier life kept
   */
  record Opened(RecordFiles files, List<StoreChange> changes) {}

  private RecordFiles(Path folder) {
    snapshotFile = folder.resolve("records.snapshot");
    logFile = folder.resolve("records.log");
  }

  /**
   * Reads what an earlier life kept. Needs memory for several times the length of the files.
   *
   * @param folder a folder that nobody else uses
   * @return the files, to be closed, and what they held
   * @throws StateFolder.StateException if a file cannot be read, or is damaged and cannot be moved
   */
  static Opened open(Path folder) {
    RecordFiles files = new RecordFiles(folder);
    try {
      StateFolder.deleteLeftOver(files.snapshotFile);
      StateFolder.deleteLeftOver(files.logFile);
      return new Opened(files, files.load());
    } catch (IOException e) {
      throw new StateFolder.StateException(
          "records in "
              + folder
              + " cannot be read: "
              + StateFolder.reasonOf(e)
              + "; check its permissions",
          e);
    } catch (OutOfMemoryError e) {
      throw new StateFolder.StateException(
          "records in "
              + folder
              + " do not fit into memory: give Java more (-Xmx), or move records.snapshot and"
              + " records.log to another folder",
          null);
    }
  }

  private List<StoreChange> load() throws IOException {
    StoreLog.Result result = readBoth();
    if (result instanceof StoreLog.Result.Damaged damaged) {
      setAside(damaged);
      return damaged.changes();
    }
    StoreLog.Result.Restored restored = (StoreLog.Result.Restored) result;
    generation = restored.generation();
    if (restored.unreadable() > 0) {
      LOG.warn(
          "{} records and chunks in {} and {} are of a kind that this version cannot read; they are"
              + " left out",
          restored.unreadable(),
          snapshotFile,
          logFile.getFileName());
    }
    if (restored.tornBytes() > 0) {
      LOG.info(
          "{} ends with {} bytes of an entry that was not finished; they are cut off",
          logFile,
          restored.tornBytes());
    }
    try {
      openLog = restored.goodBytes() > 0 ? resumeLog(restored) : beginLog();
    } catch (IOException e) {
      // There may be room for a snapshot later.
      LOG.warn("{} cannot be written: {}", logFile, StateFolder.reasonOf(e));
    }
    return restored.changes();
  }

  private StoreLog.Result readBoth() throws IOException {
    boolean isSnapshotTooLong = isTooLong(snapshotFile);
    boolean isLogTooLong = isTooLong(logFile);
    StoreLog.Result result =
        StoreLogReader.read(
            isSnapshotTooLong ? NO_BYTES : read(snapshotFile),
            isLogTooLong ? NO_BYTES : read(logFile));
    if (isSnapshotTooLong) {
      return tooLong(StoreLog.File.SNAPSHOT, result.changes());
    }
    return isLogTooLong && result instanceof StoreLog.Result.Restored
        ? tooLong(StoreLog.File.LOG, result.changes())
        : result;
  }

  private static boolean isTooLong(Path file) throws IOException {
    return Files.exists(file) && Files.size(file) > FILE_BYTES_MAX;
  }

  private static StoreLog.Result tooLong(StoreLog.File file, List<StoreChange> changes) {
    return new StoreLog.Result.Damaged(file, 0, "longer than any that a node writes", changes);
  }

  private static byte[] read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return NO_BYTES;
    }
    // Not a channel, which an interrupted thread could not read.
    try (FileInputStream input = new FileInputStream(file.toFile())) {
      byte[] bytes = new byte[(int) Files.size(file)];
      if (input.readNBytes(bytes, 0, bytes.length) < bytes.length) {
        throw new EOFException("it became shorter while it was read");
      }
      return bytes;
    }
  }

  /** Moves a damaged file away, and with a snapshot the log, which no other snapshot fits. */
  private void setAside(StoreLog.Result.Damaged damaged) {
    boolean isSnapshot = damaged.file() == StoreLog.File.SNAPSHOT;
    Path file = isSnapshot ? snapshotFile : logFile;
    // The log first: if this ends in between, the next start finds the same damage again.
    Path logAside = Files.exists(logFile) ? moveAside(logFile) : null;
    Path aside = isSnapshot ? moveAside(snapshotFile) : logAside;
    LOG.warn(
        "{} is damaged at byte {} ({}); moved to {}; what can be read is used: {} changes",
        file,
        damaged.offset(),
        damaged.reason(),
        aside == null ? "nowhere" : aside.getFileName(),
        damaged.changes().size());
    if (isSnapshot && logAside != null) {
      LOG.warn("{} is moved with it, to {}", logFile, logAside.getFileName());
    }
  }

  private static Path moveAside(Path file) {
    try {
      return Files.move(file, freeName(file));
    } catch (IOException e) {
      throw new StateFolder.StateException(
          file + " is damaged and cannot be moved aside: " + StateFolder.reasonOf(e) + "; move it",
          e);
    }
  }

  private static Path freeName(Path file) throws IOException {
    String name = file.getFileName() + ".damaged";
    Path aside = file.resolveSibling(name);
    for (int i = 2; Files.exists(aside); i++) {
      if (i > ASIDE_MAX) {
        throw new IOException("too many damaged files are kept already");
      }
      aside = file.resolveSibling(name + "." + i);
    }
    return aside;
  }

  private OpenLog resumeLog(StoreLog.Result.Restored restored) throws IOException {
    RandomAccessFile file = new RandomAccessFile(logFile.toFile(), "rw");
    try {
      file.setLength(restored.goodBytes());
      file.seek(restored.goodBytes());
      return new OpenLog(file, StoreLog.resume(restored), restored.goodBytes());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Puts a new log of the present generation in the place of the old one. */
  private OpenLog beginLog() throws IOException {
    StoreLog writer = StoreLog.begin(StoreLog.File.LOG, generation, random.nextLong());
    byte[] header = writer.header();
    StateFolder.replace(logFile, output -> output.write(header));
    RandomAccessFile file = new RandomAccessFile(logFile.toFile(), "rw");
    try {
      file.seek(header.length);
      return new OpenLog(file, writer, header.length);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Writes changes behind those that were written before, as a whole.
   *
   * @param changes the changes; at most about 1,000
   * @throws StateFolder.StateException if they cannot be written; then a snapshot must be, before
   *     more can
   */
  void append(List<StoreChange> changes) {
    OpenLog log = openLog;
    if (log == null) {
      throw new StateFolder.StateException(logFile + " waits for a new snapshot", null);
    }
    // Whatever happens now, nothing may follow an entry that is perhaps not whole.
    openLog = null;
    try {
      byte[] entry = log.writer.entry(changes);
      if (!Files.exists(logFile) || Files.size(logFile) != log.length) {
        throw new IOException("somebody else changed or removed it");
      }
      if (entry.length > FILE_BYTES_MAX - log.length) {
        throw new IOException("it is as long as it can be read");
      }
      log.file.write(entry);
      log.length += entry.length;
      openLog = log;
    } catch (IOException e) {
      throw failure(logFile, e);
    } finally {
      if (openLog == null) {
        close(log);
      }
    }
  }

  /**
   * Writes all that is held in the place of all that was written before.
   *
   * @param snapshot the changes that make it
   * @throws StateFolder.StateException if it cannot be written; may be tried again
   */
  void keep(List<StoreChange> snapshot) {
    closeLog();
    generation++;
    StoreLog writer = StoreLog.begin(StoreLog.File.SNAPSHOT, generation, random.nextLong());
    try {
      StateFolder.replace(
          snapshotFile,
          output -> {
            output.write(writer.header());
            for (List<StoreChange> batch : Lists.partition(snapshot, BATCH)) {
              output.write(writer.entry(batch));
            }
            output.write(writer.end());
          });
    } catch (IOException e) {
      throw failure(snapshotFile, e);
    }
    try {
      openLog = beginLog();
    } catch (IOException e) {
      throw failure(logFile, e);
    }
  }

  private static StateFolder.StateException failure(Path file, IOException e) {
    return new StateFolder.StateException(
        "records could not be kept in "
            + file
            + ": "
            + StateFolder.reasonOf(e)
            + "; check disk space",
        e);
  }

  /** Syncs and closes the log; nothing can be appended until a snapshot is written. */
  void close() {
    OpenLog log = openLog;
    if (log != null) {
      try {
        log.file.getFD().sync();
      } catch (IOException e) {
        LOG.warn("{} could not be synced: {}", logFile, StateFolder.reasonOf(e));
      }
    }
    closeLog();
  }

  private void closeLog() {
    OpenLog log = openLog;
    openLog = null;
    if (log != null) {
      close(log);
    }
  }

  private void close(OpenLog log) {
    try {
      log.file.close();
    } catch (IOException e) {
      LOG.warn("{} could not be closed: {}", logFile, StateFolder.reasonOf(e));
    }
  }
}
