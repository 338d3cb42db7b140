package org.bytchat.tracker.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytchat.tracker.store.StoreException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@link SqliteStore}, and the lock on them.
 *
 * <p>{@code mailboxes.clean} is there while the database is closed, after an orderly end, and has
 * its length and time. A database that does not fit it is checked whole before it is used.
 */
final class StoreFiles implements AutoCloseable {

  private static final String DATABASE = "mailboxes.sqlite";
  private static final String REPAIRED = DATABASE + ".repaired";
  private static final List<String> SUFFIXES = List.of("-wal", "-shm", "");

  /** As for the data folder: a process's second lock of a file would end its first. */
  private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel lock;

  private StoreFiles(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /** Makes the folder if it does not exist, and takes the lock. */
  static StoreFiles lock(Path folder) throws StoreException {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
      Path real = folder.toRealPath();
      FileChannel channel = tryLock(real);
      if (channel == null) {
        throw new StoreException(
            Reason.IN_USE,
            "mailboxes in "
                + folder
                + " are in use by another node: stop it, or choose another folder");
      }
      return new StoreFiles(real, channel);
    } catch (IOException e) {
      throw failure("folder " + folder + " cannot be used", e);
    }
  }

  private static @Nullable FileChannel tryLock(Path real) throws IOException {
    if (!LOCKED.add(real)) {
      return null;
    }
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel =
          FileChannel.open(
              real.resolve("mailboxes.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = channel.tryLock() != null;
      return locked ? channel : null;
    } finally {
      if (!locked) {
        if (channel != null) {
          channel.close();
        }
        LOCKED.remove(real);
      }
    }
  }

  static StoreException failure(String what, IOException e) {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return new StoreException(
        Reason.IO, what + ": " + (reason == null ? e.getClass().getSimpleName() : reason), e);
  }

  static Path database(Path folder) {
    return folder.resolve(DATABASE);
  }

  Path database() {
    return database(folder);
  }

  /** Where a database is made before it gets its name. */
  private Path fresh() {
    return folder.resolve(DATABASE + ".new");
  }

  /** A database that was salvaged as a whole, and is to take the place of the damaged one. */
  private Path repaired() {
    return folder.resolve(REPAIRED);
  }

  static boolean hasRepaired(Path folder) {
    return Files.exists(folder.resolve(REPAIRED));
  }

  private Path marker() {
    return folder.resolve("mailboxes.clean");
  }

  /** The database's length on disk with its log's. */
  long bytes() {
    return bytes(folder);
  }

  static long bytes(Path folder) {
    return length(database(folder)) + length(wal(folder));
  }

  Path wal() {
    return wal(folder);
  }

  private static Path wal(Path folder) {
    return folder.resolve(DATABASE + "-wal");
  }

  static long length(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      // It went between the two calls.
      return 0;
    }
  }

  /** Makes an empty file for the owner alone, in the place of one that a crash left. */
  Path createFresh() throws StoreException {
    Path file = fresh();
    try {
      for (String suffix : SUFFIXES) {
        Files.deleteIfExists(folder.resolve(file.getFileName() + suffix));
      }
      Sqlite.createForOwner(file);
      return file;
    } catch (IOException e) {
      throw failure("file " + file + " cannot be made", e);
    }
  }

  /** Gives the new database, closed, its name. */
  void promote(Path file) throws StoreException {
    move(file, database());
  }

  private void move(Path from, Path to) throws StoreException {
    try {
      sync(from);
      Files.move(from, to);
      syncFolder(folder);
    } catch (IOException e) {
      throw failure("file " + from + " cannot be renamed to " + to, e);
    }
  }

  static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  static void syncFolder(Path folder) throws IOException {
    if (!System.getProperty("os.name", "").startsWith("Windows")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /**
   * Puts a salvaged database, closed, in the place of the damaged one. Ended by a crash, {@link
   * #finishRepair} goes on with it: at no time would a start find nothing, and begin anew.
   *
   * @return where the damaged one is now
   */
  Path replaceDamaged(Path salvaged) throws StoreException {
    move(salvaged, repaired());
    return moveRepaired();
  }

  /** Goes on with a repair that a crash ended after everything had been salvaged. */
  void finishRepair() throws StoreException {
    if (Files.exists(repaired())) {
      moveRepaired();
    }
  }

  private Path moveRepaired() throws StoreException {
    int number = 1;
    while (isTaken(number)) {
      number++;
    }
    Path aside = folder.resolve(asideName(number));
    try {
      Files.deleteIfExists(marker());
      for (String suffix : SUFFIXES) {
        Path from = folder.resolve(DATABASE + suffix);
        if (Files.exists(from)) {
          Files.move(from, folder.resolve(asideName(number) + suffix));
        }
      }
      Files.move(repaired(), database());
      syncFolder(folder);
      return aside;
    } catch (IOException e) {
      throw failure("file " + database() + " cannot be moved to " + aside, e);
    }
  }

  private static String asideName(int number) {
    return DATABASE + ".damaged-" + number;
  }

  private boolean isTaken(int number) {
    return SUFFIXES.stream()
        .anyMatch(suffix -> Files.exists(folder.resolve(asideName(number) + suffix)));
  }

  /** Returns whether the database is as an orderly end left it, as far as its outside tells. */
  boolean isClean() {
    try {
      return length(wal()) == 0
          && Files.exists(marker())
          && Files.readString(marker(), StandardCharsets.US_ASCII).equals(outside());
    } catch (IOException e) {
      // Then it is checked, which is never wrong.
      return false;
    }
  }

  private String outside() throws IOException {
    return Files.size(database()) + " " + Files.getLastModifiedTime(database()) + "\n";
  }

  /** Before the first write: from now on a crash may come. */
  void markInUse() throws StoreException {
    try {
      if (Files.deleteIfExists(marker())) {
        syncFolder(folder);
      }
    } catch (IOException e) {
      throw failure("file " + marker() + " cannot be deleted", e);
    }
  }

  /** After the last write, when the log is empty. Without it, the next start takes longer. */
  void markClean() {
    try {
      if (length(wal()) == 0) {
        Files.writeString(marker(), outside(), StandardCharsets.US_ASCII);
      }
    } catch (IOException e) {
      // The disk may be full; then the next start checks.
      return;
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      // The lock ends with the process at the latest.
      return;
    } finally {
      LOCKED.remove(folder);
    }
  }
}
