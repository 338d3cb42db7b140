package org.bytchat.tracker.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.StoreException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Keeps mailboxes in the SQLite database {@code mailboxes.sqlite} of a folder, which one store at a
 * time has.
 *
 * <p>A commit is synced to the write-ahead log before {@link #commit} returns. A database that is
 * damaged, or is none, is named and never used nor emptied: {@link #repair} makes a new one of what
 * can be verified. The structure is checked at the start unless the database is as an orderly end
 * left it; each envelope is verified whenever it is read.
 *
 * <p>Safe for use by several threads. One of them writes; as many as {@link Options#readers} read
 * at the same time, also while one writes, and others wait for them. An error of the disk costs the
 * commit that met it; the next one tries anew.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class SqliteStore implements MailboxStore {

  private static final long READER_WAIT_SECONDS = 30;

  private final StoreFiles files;
  private final Path database;
  private final Options options;
  private final BlockingQueue<SqliteReader> idle;

  private final Object writing = new Object();
  private @Nullable SqliteWriter writer;
  private volatile StoreStats totals;
  private volatile boolean closed;

  /**
   * What a store may take.
   *
   * @param readers how many threads read at the same time, 1 to 64; each costs up to 4 MiB beside
   *     the heap, the writer 32 MiB
   * @param pagesMax how many pages of 8 KiB the database may have, 0 for as many as there is room
   *     for; beyond them it is FULL
   */
  public record Options(int readers, long pagesMax) {

    private static final int READERS_MAX = 64;

    public Options {
      if (readers < 1 || readers > READERS_MAX) {
        throw new IllegalArgumentException("readers must be in 1..64: " + readers);
      }
      if (pagesMax < 0) {
        throw new IllegalArgumentException("pagesMax must not be negative: " + pagesMax);
      }
    }

    /** {@return four readers, as many pages as there is room for} */
    public static Options defaults() {
      return new Options(4, 0);
    }
  }

  /**
   * What a check found.
   *
   * @param totals what is kept, as counted
   * @param problems what is wrong, the first hundred
   * @param problemCount how many problems there are, as far as they were looked for
   */
  public record CheckReport(StoreStats totals, List<String> problems, long problemCount) {

    public CheckReport {
      problems = List.copyOf(problems);
    }

    /** {@return whether nothing is wrong} */
    public boolean isSound() {
      return problemCount == 0;
    }
  }

  /**
   * What a repair came to.
   *
   * @param damaged where the damaged database is now, null if it was sound and nothing was done
   * @param kept what is in the database now
   * @param before what the damaged one said that it had; null if it could not say
   */
  public record RepairReport(@Nullable Path damaged, StoreStats kept, @Nullable StoreStats before) {

    /** {@return how many envelopes were lost, -1 if that is not known} */
    public long lostEnvelopes() {
      return before == null ? -1 : before.envelopes() - kept.envelopes();
    }

    /** {@return how many mailboxes were lost, -1 if that is not known} */
    public long lostMailboxes() {
      return before == null ? -1 : before.mailboxes() - kept.mailboxes();
    }
  }

  private SqliteStore(StoreFiles files, Options options, SqliteSchema schema)
      throws StoreException {
    this.files = files;
    this.database = files.database();
    this.options = options;
    this.idle = new ArrayBlockingQueue<>(options.readers());
    files.finishRepair();
    if (!Files.exists(database)) {
      create(files, schema);
    }
    requireSound(files, schema);
    files.markInUse();
    try {
      migrate(schema);
      SqliteWriter first = openWriter();
      writer = first;
      totals = first.totals();
      for (int i = 0; i < options.readers(); i++) {
        idle.add(new SqliteReader(Sqlite.reader(database), database));
      }
    } catch (SQLException e) {
      closeConnections();
      throw Sqlite.failure(database, "cannot be used", e);
    }
  }

  /**
   * Opens the store of a folder, or makes one.
   *
   * @param folder the folder; made if it does not exist
   * @param options what it may take
   * @return the store, to be closed
   * @throws StoreException IN_USE, NEWER, DAMAGED, FULL or IO; the message names the file
   */
  public static SqliteStore open(Path folder, Options options) throws StoreException {
    return open(folder, options, SqliteSchema.CURRENT);
  }

  static SqliteStore open(Path folder, Options options, SqliteSchema schema) throws StoreException {
    StoreFiles files = StoreFiles.lock(folder);
    boolean opened = false;
    try {
      SqliteStore store = new SqliteStore(files, options, schema);
      opened = true;
      return store;
    } finally {
      if (!opened) {
        files.close();
      }
    }
  }

  /** Made beside, so that a crash leaves no file without tables, which would count as damaged. */
  private static void create(StoreFiles files, SqliteSchema schema) throws StoreException {
    if (Files.exists(files.wal())) {
      throw new StoreException(
          Reason.DAMAGED,
          "file " + files.database() + " is missing, though its log " + files.wal() + " is there");
    }
    files.promote(createFresh(files, schema));
  }

  private static Path createFresh(StoreFiles files, SqliteSchema schema) throws StoreException {
    Path fresh = files.createFresh();
    try (Connection connection = Sqlite.writer(fresh)) {
      schema.migrate(connection, 0);
      return fresh;
    } catch (SQLException e) {
      throw Sqlite.failure(fresh, "cannot be made", e);
    }
  }

  private static void requireSound(StoreFiles files, SqliteSchema schema) throws StoreException {
    Path database = files.database();
    if (StoreFiles.length(database) == 0) {
      throw new StoreException(Reason.DAMAGED, "file " + database + " is damaged: it is empty");
    }
    try (Connection connection = Sqlite.reader(database)) {
      schema.requireOurs(connection, database);
      List<String> problems = files.isClean() ? List.of() : structure(connection, database);
      if (!problems.isEmpty()) {
        throw new StoreException(
            Reason.DAMAGED, "file " + database + " is damaged: " + problems.get(0));
      }
    } catch (SQLException e) {
      throw Sqlite.failure(database, "cannot be used", e);
    }
  }

  private static List<String> structure(Connection connection, Path database) throws SQLException {
    ReadAhead ahead = ReadAhead.of(database);
    try {
      return Sqlite.problems(connection, "quick_check(1)");
    } finally {
      ahead.close();
    }
  }

  private void migrate(SqliteSchema schema) throws SQLException, StoreException {
    try (Connection connection = Sqlite.writer(database)) {
      schema.migrate(connection, schema.requireOurs(connection, database));
    }
  }

  private SqliteWriter openWriter() throws SQLException {
    Connection connection = Sqlite.writer(database);
    try (Statement statement = connection.createStatement()) {
      if (options.pagesMax() > 0) {
        statement.execute("PRAGMA max_page_count = " + options.pagesMax());
      }
      return new SqliteWriter(connection, database);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public void commit(List<Change> changes) throws StoreException {
    synchronized (writing) {
      requireOpen();
      if (changes.isEmpty()) {
        return;
      }
      try {
        SqliteWriter current = writer == null ? openWriter() : writer;
        writer = current;
        current.commit(changes);
        totals = current.totals();
      } catch (SQLException e) {
        dropWriter();
        throw Sqlite.failure(database, "cannot be written", e);
      }
    }
  }

  /** How far SQLite undid a transaction that failed is not for us to know; a new one is clean. */
  private void dropWriter() {
    SqliteWriter failed = writer;
    writer = null;
    if (failed != null) {
      closeQuietly(failed);
    }
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // What went wrong before is what the caller is told, and nobody waits for more.
      return;
    }
  }

  /** A read of one moment. */
  private interface Read<T> {
    T with(SqliteReader reader) throws SQLException, StoreException;
  }

  private <T> T read(Read<T> read) throws StoreException {
    SqliteReader reader = takeReader();
    try {
      T result = read.with(reader);
      reader.release();
      return result;
    } catch (SQLException e) {
      releaseQuietly(reader);
      throw Sqlite.failure(database, "cannot be read", e);
    } catch (StoreException e) {
      releaseQuietly(reader);
      throw e;
    } finally {
      idle.add(reader);
    }
  }

  private static void releaseQuietly(SqliteReader reader) {
    try {
      reader.release();
    } catch (SQLException e) {
      // The read failed, and its caller is told why.
      return;
    }
  }

  private SqliteReader takeReader() throws StoreException {
    requireOpen();
    SqliteReader reader = null;
    try {
      reader = idle.poll(READER_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (reader == null) {
      requireOpen();
      throw new StoreException(Reason.IO, "file " + database + " cannot be read: it is too busy");
    }
    if (closed) {
      idle.add(reader);
      requireOpen();
    }
    return reader;
  }

  private void requireOpen() throws StoreException {
    if (closed) {
      throw new StoreException(Reason.CLOSED, "file " + database + " is closed");
    }
  }

  @Override
  public Optional<StoredMailbox> load(NodeId mailbox) throws StoreException {
    return read(reader -> reader.load(mailbox));
  }

  @Override
  public List<byte @Nullable []> envelopes(NodeId mailbox, List<Digest> digests)
      throws StoreException {
    return read(reader -> reader.envelopes(mailbox, digests));
  }

  @Override
  public List<@Nullable Origin> origins(NodeId mailbox, List<Digest> digests)
      throws StoreException {
    return read(reader -> reader.origins(mailbox, digests));
  }

  @Override
  public List<byte[]> ackBatches(NodeId mailbox, Digest digest) throws StoreException {
    return read(reader -> reader.ackBatches(mailbox, digest));
  }

  @Override
  public List<NodeId> mailboxes(@Nullable NodeId after, int limit) throws StoreException {
    return read(reader -> reader.mailboxes(after, limit));
  }

  @Override
  public List<NodeId> expired(long untilMillis, int skip, int limit) throws StoreException {
    return read(reader -> reader.expired(untilMillis, skip, limit));
  }

  @Override
  public List<NodeId> idle(long untilMillis, int skip, int limit) throws StoreException {
    return read(reader -> reader.idle(untilMillis, skip, limit));
  }

  @Override
  public StoreStats stats() throws StoreException {
    requireOpen();
    return withBytes(totals, files.bytes());
  }

  static StoreStats withBytes(StoreStats totals, long fileBytes) {
    return new StoreStats(
        totals.mailboxes(),
        totals.envelopes(),
        totals.envelopeBytes(),
        totals.tombstones(),
        totals.ackBatches(),
        fileBytes);
  }

  /**
   * Copies the database as it is at this moment, while others go on to read and write. Space that
   * was free in it is not in the copy.
   *
   * @param target the folder of the copy, which a store can open; made if it does not exist
   * @throws StoreException FULL or IO; also if the folder has a store already
   */
  public void backup(Path target) throws StoreException {
    requireOpen();
    copy(database, target);
  }

  /**
   * Copies the database of a folder as it is at this moment, whether or not another process has it.
   *
   * @param folder whose
   * @param target as for {@link #backup(Path)}
   * @throws StoreException as there; also DAMAGED or NEWER
   */
  public static void backup(Path folder, Path target) throws StoreException {
    Path database = existing(folder);
    copy(database, target);
  }

  /**
   * Copies the database of a folder as it is at this moment to one file, whether or not another
   * process has it. To use the copy, put it in an empty folder as {@code mailboxes.sqlite}.
   *
   * @param folder whose
   * @param file the copy, which must not exist; made for its owner alone
   * @throws StoreException FULL, DAMAGED or NEWER; IO, also if there is a file of that name
   */
  public static void backupFile(Path folder, Path file) throws StoreException {
    Path database = existing(folder);
    if (Files.exists(file)) {
      throw new StoreException(Reason.IO, "file " + file + " exists, and is not overwritten");
    }
    Path target = file.toAbsolutePath();
    Path fresh = target.resolveSibling(target.getFileName() + ".new");
    try {
      Files.deleteIfExists(fresh);
      Sqlite.createForOwner(fresh);
      vacuum(database, fresh);
      StoreFiles.sync(fresh);
      Files.move(fresh, target);
      StoreFiles.syncFolder(Objects.requireNonNull(target.getParent()));
    } catch (IOException e) {
      deleteQuietly(fresh);
      throw StoreFiles.failure("file " + file + " cannot be made", e);
    }
  }

  /**
   * Tells whether there is a store in a folder, also one whose repair was interrupted.
   *
   * @param folder the folder, which need not exist
   * @return whether there is one, sound or not
   */
  public static boolean isIn(Path folder) {
    return Files.exists(StoreFiles.database(folder)) || StoreFiles.hasRepaired(folder);
  }

  /**
   * Reads what the store of a folder says that it keeps, whether or not another process has it.
   *
   * @param folder whose
   * @return the counts, as they were noted with the last commit
   * @throws StoreException DAMAGED, NEWER, or IO if the file is not there or cannot be read
   */
  public static StoreStats stats(Path folder) throws StoreException {
    Path database = existing(folder);
    try (Connection connection = Sqlite.reader(database);
        Statement statement = connection.createStatement()) {
      SqliteSchema.CURRENT.requireOurs(connection, database);
      return withBytes(SqliteReader.totals(statement), StoreFiles.bytes(folder));
    } catch (SQLException e) {
      throw Sqlite.failure(database, "cannot be read", e);
    }
  }

  private static Path existing(Path folder) throws StoreException {
    Path database = StoreFiles.database(folder);
    if (!Files.exists(database)) {
      throw new StoreException(Reason.IO, "file " + database + " does not exist");
    }
    return database;
  }

  private static void copy(Path database, Path target) throws StoreException {
    StoreFiles files = StoreFiles.lock(target);
    try (files) {
      if (Files.exists(files.database())) {
        throw new StoreException(
            Reason.IO, "file " + files.database() + " exists, and is not overwritten");
      }
      Path fresh = files.createFresh();
      vacuum(database, fresh);
      files.promote(fresh);
    }
  }

  /** Copies a database into an empty file, which is deleted if that fails. */
  private static void vacuum(Path database, Path fresh) throws StoreException {
    try (Connection connection = Sqlite.reader(database);
        PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      SqliteSchema.CURRENT.requireOurs(connection, database);
      vacuum.setString(1, fresh.toString());
      vacuum.execute();
    } catch (SQLException e) {
      deleteQuietly(fresh);
      throw Sqlite.failure(database, "cannot be copied to " + fresh, e);
    } catch (StoreException e) {
      deleteQuietly(fresh);
      throw e;
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // What went wrong before is what the caller is told.
      return;
    }
  }

  /**
   * Checks everything: the structure, each index, each envelope, the counts. It reads the whole
   * file, and may run while another process has it.
   *
   * @param folder whose
   * @return what was found
   * @throws StoreException NEWER, or IO if the file is not there or cannot be read
   */
  public static CheckReport check(Path folder) throws StoreException {
    return new SqliteCheck(existing(folder)).run();
  }

  /**
   * Makes a new database of what can be read and verified of a damaged one, which is moved aside as
   * {@code mailboxes.sqlite.damaged-1} or a higher number, with its log. If it is sound nothing is
   * done. A repair that is interrupted has changed nothing, or is finished by the next start.
   *
   * @param folder whose
   * @return what was kept and lost
   * @throws StoreException IN_USE, NEWER, FULL or IO; the damaged database is as it was
   */
  public static RepairReport repair(Path folder) throws StoreException {
    try (StoreFiles files = StoreFiles.lock(folder)) {
      files.finishRepair();
      existing(folder);
      CheckReport found = new SqliteCheck(files.database()).run();
      if (found.isSound()) {
        return new RepairReport(null, found.totals(), found.totals());
      }
      Path fresh = createFresh(files, SqliteSchema.CURRENT);
      return new SqliteSalvage(files.database(), fresh).run(files);
    }
  }

  /** Waits for reads and the commit that are under way. */
  @Override
  public void close() {
    synchronized (writing) {
      if (closed) {
        return;
      }
      closed = true;
      boolean all = closeConnections();
      if (all) {
        files.markClean();
      }
      files.close();
    }
  }

  /** Returns whether all are closed; the last one moves the log into the database. */
  private boolean closeConnections() {
    int open = options.readers();
    try {
      for (SqliteReader reader = idle.poll(); reader != null; reader = idle.poll()) {
        closeQuietly(reader);
        open--;
      }
      while (closed && open > 0) {
        SqliteReader reader = idle.poll(READER_WAIT_SECONDS, TimeUnit.SECONDS);
        if (reader == null) {
          break;
        }
        closeQuietly(reader);
        open--;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    dropWriter();
    return open == 0;
  }
}
