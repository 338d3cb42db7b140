package org.bytchat.tracker.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.tracker.store.StoreException.Reason;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteOpenMode;

/** How SQLite is set up and what its errors mean; for the files of this program only. */
@API(status = API.Status.INTERNAL)
public final class Sqlite {

  /** See docs/operating.md: of 1 KiB envelopes, how many fit into a page decides the size. */
  static final int PAGE_BYTES = 8_192;

  /** How long the write-ahead log gets before it is moved into the database, if nobody reads it. */
  static final int LOG_BYTES = 32 << 20;

  static final int BUSY_MILLIS = 10_000;
  private static final int WRITER_CACHE_KIB = 32 << 10;
  private static final int READER_CACHE_KIB = 4 << 10;

  /** Less room than this, and an error while writing is for want of room. */
  private static final long ROOM_BYTES_MIN = 1 << 20;

  private Sqlite() {}

  /**
   * Makes an empty file that only its owner may read and write, where the file system knows such
   * rights. SQLite gives its other files the same.
   *
   * @param file the file, which does not exist
   * @throws IOException if it cannot be made
   */
  public static void createForOwner(Path file) throws IOException {
    boolean posix =
        Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix");
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Files.createFile(file, attributes);
  }

  /**
   * Opens a file, which exists, to read and write: with a write-ahead log, each commit synced.
   *
   * @param file the file; an empty one is a database without tables
   * @return the connection, for one thread
   * @throws SQLException if it cannot be opened
   */
  public static Connection writer(Path file) throws SQLException {
    return writer(file, BUSY_MILLIS);
  }

  /**
   * Opens a connection that may write, see {@link #writer(Path)}.
   *
   * @param file the database
   * @param busyMillis how long each statement waits for others who have the file locked
   * @return the connection
   * @throws SQLException if it cannot be opened
   */
  public static Connection writer(Path file, int busyMillis) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setCacheSize(-WRITER_CACHE_KIB);
    config.setBusyTimeout(busyMillis);
    Connection connection = connect(file, config);
    try (Statement statement = connection.createStatement()) {
      // In this order, which the driver's own settings do not keep: a log fixes the pages' size.
      statement.execute("PRAGMA page_size = " + PAGE_BYTES);
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA wal_autocheckpoint = " + LOG_BYTES / PAGE_BYTES);
      // Room that the log has is written faster than room that it must take.
      statement.execute("PRAGMA journal_size_limit = " + 2 * LOG_BYTES);
      // Deleted envelopes are overwritten where that costs no further writes.
      statement.execute("PRAGMA secure_delete = FAST");
      statement.execute("PRAGMA cell_size_check = ON");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Opens the file, which exists, to read only. */
  static Connection reader(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setCacheSize(-READER_CACHE_KIB);
    config.setBusyTimeout(BUSY_MILLIS);
    Connection connection = connect(file, config);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA cell_size_check = ON");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static Connection connect(Path file, SQLiteConfig config) throws SQLException {
    // A URI, since in a plain name the driver takes what follows a question mark for settings.
    return DriverManager.getConnection(
        "jdbc:sqlite:" + file.toAbsolutePath().toUri(), config.toProperties());
  }

  /**
   * Says what a failure means.
   *
   * @param file which file
   * @param what what was tried, as in "cannot be read"
   * @param e the failure
   * @return an exception that names the file
   */
  public static StoreException failure(Path file, String what, SQLException e) {
    Reason reason = reason(file, e);
    String why =
        switch (reason) {
          case FULL -> "there is no room on the disk";
          case DAMAGED -> "it is damaged";
          case IN_USE, NEWER, CLOSED, IO -> String.valueOf(e.getMessage());
        };
    String detail = reason == Reason.IO ? "" : " (" + e.getMessage() + ")";
    return new StoreException(reason, "file " + file + " " + what + ": " + why + detail, e);
  }

  private static Reason reason(Path file, SQLException e) {
    // The low byte is the kind of error, the others say more of it.
    SQLiteErrorCode kind = SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xff);
    return switch (kind) {
      case SQLITE_FULL -> Reason.FULL;
      case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT -> Reason.DAMAGED;
      case SQLITE_IOERR, SQLITE_CANTOPEN -> hasRoom(file) ? Reason.IO : Reason.FULL;
      default -> Reason.IO;
    };
  }

  private static boolean hasRoom(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      return folder == null || Files.getFileStore(folder).getUsableSpace() >= ROOM_BYTES_MIN;
    } catch (IOException e) {
      return true;
    }
  }

  /** Returns what a check of the structure finds, at most some of it; nothing if it is sound. */
  static List<String> problems(Connection connection, String check) throws SQLException {
    List<String> problems = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA " + check)) {
      while (rows.next()) {
        problems.add(String.valueOf(rows.getString(1)).replace('\n', ' ').strip());
      }
    }
    problems.removeIf("ok"::equals);
    return problems;
  }
}
