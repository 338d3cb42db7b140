package org.bytchat.tracker;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.apiguardian.api.API;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.engine.TrackerStats;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionConfig;
import org.bytchat.tracker.session.SessionServer;
import org.bytchat.tracker.session.SessionStats;
import org.bytchat.tracker.store.GroupCommit;
import org.bytchat.tracker.store.MailboxStore;
import org.bytchat.tracker.store.MemoryStore;
import org.bytchat.tracker.store.SqliteStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoreStats;
import org.bytchat.tracker.store.WriterStats;
import org.jspecify.annotations.Nullable;

/**
 * A tracker: mailboxes on disk, and the TCP sessions in which clients use them.
 *
 * <p>Started once, closed once. Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Tracker implements AutoCloseable {

  /** The folder of the mailboxes in a node's data folder. */
  public static final String FOLDER = "mailboxes";

  /** Room for a page, and for another that is asked for while the last of it is sent. */
  private static final int OUTBOUND_BYTES = 4 << 20;

  private static final int SIGNERS_MAX = 8;

  /** Who closes a tracker waits no longer for a slow disk; what was not written has no receipt. */
  private static final long CLOSE_MILLIS = 1_000;

  private final MailboxStore store;
  private final GroupCommit writer;
  private final ExecutorService readers;
  private final ExecutorService signers;
  private final TrackerLoop loop;
  private final SessionServer server;
  private final Setup setup;
  private @Nullable PeerSessions peers;

  /**
   * What a tracker is started with.
   *
   * @param identity the key of the node that it is; its id names the tracker
   * @param networkId the network
   * @param addresses where to listen, TCP; port 0 picks one
   * @param folder where the mailboxes are kept, made if it does not exist; null for memory
   * @param lists where it reads device lists
   * @param config its limits
   * @param sessions the limits of its sessions; what may wait to be sent should have room for four
   *     pages
   */
  public record Setup(
      NodeIdentity identity,
      int networkId,
      List<InetSocketAddress> addresses,
      @Nullable Path folder,
      DeviceLists lists,
      TrackerConfig config,
      SessionConfig sessions) {

    public Setup {
      addresses = List.copyOf(addresses);
    }

    /**
     * Returns a setup with the default limits.
     *
     * @param identity see {@link Setup}
     * @param networkId see {@link Setup}
     * @param addresses see {@link Setup}
     * @param folder see {@link Setup}
     * @param lists see {@link Setup}
     * @return the setup
     */
    public static Setup of(
        NodeIdentity identity,
        int networkId,
        List<InetSocketAddress> addresses,
        @Nullable Path folder,
        DeviceLists lists) {
      return new Setup(
          identity,
          networkId,
          addresses,
          folder,
          lists,
          TrackerConfig.defaults(),
          defaultSessions());
    }
  }

  /**
   * Returns the limits that a tracker's sessions have by default: the defaults of all sessions,
   * with room for four pages.
   *
   * @return the limits
   */
  public static SessionConfig defaultSessions() {
    return SessionConfig.defaults().withOutboundBytesMax(OUTBOUND_BYTES);
  }

  private Tracker(Setup setup, MailboxStore store) throws IOException, StoreException {
    this.setup = setup;
    int cores = Runtime.getRuntime().availableProcessors();
    this.store = store;
    this.writer = new GroupCommit(store, writerLimits());
    this.readers = pool("bytchat-mailbox-%d", SqliteStore.Options.defaults().readers());
    this.signers = pool("bytchat-signer-%d", Math.min(SIGNERS_MAX, cores));
    boolean started = false;
    TrackerLoop made = null;
    try {
      made =
          new TrackerLoop(
              setup.config,
              setup.networkId,
              new TrackerLoop.Tools(setup.identity, store, writer, readers, signers, setup.lists));
      this.loop = made;
      loop.start();
      this.server =
          SessionServer.bind(
              setup.sessions, setup.networkId, setup.identity, setup.addresses, loop);
      started = true;
    } finally {
      if (!started) {
        if (made != null) {
          made.close();
        }
        closeTools();
      }
    }
  }

  private static GroupCommit.Limits writerLimits() {
    GroupCommit.Limits defaults = GroupCommit.Limits.defaults();
    return new GroupCommit.Limits(
        defaults.queuedListsMax(),
        defaults.queuedBytesMax(),
        defaults.groupListsMax(),
        defaults.groupBytesMax(),
        CLOSE_MILLIS);
  }

  private static ExecutorService pool(String name, int threads) {
    return Executors.newFixedThreadPool(
        threads, new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
  }

  /**
   * Opens the mailboxes and listens.
   *
   * @param setup what it is started with
   * @return the tracker
   * @throws IOException if an address is in use
   * @throws StoreException if the mailboxes cannot be opened; the message names the file
   */
  public static Tracker start(Setup setup) throws IOException, StoreException {
    Path folder = setup.folder;
    return new Tracker(
        setup,
        folder == null
            ? new MemoryStore()
            : SqliteStore.open(folder, SqliteStore.Options.defaults()));
  }

  /**
   * Answers {@code bind} and {@code find}: to be given to the builder of the node as its service.
   *
   * @param query what is asked
   * @return the answer, which completes on the tracker's thread
   */
  public CompletionStage<DhtService.Outcome> serve(DhtService.Query query) {
    return loop.handle(query);
  }

  /**
   * Begins to take from other trackers what mailboxes lack here, and to give them what they lack:
   * for mailboxes to which this one, or they, are among the closest. Does nothing the second time.
   *
   * @param trackers asked about once a minute, on the tracker's thread, which it must not block:
   *     the trackers that the node knows, see {@link org.bytchat.dht.DhtNode#contacts(int)}
   */
  public synchronized void repairWith(Supplier<CompletableFuture<List<Contact>>> trackers) {
    if (peers == null) {
      SessionClient client = new SessionClient(setup.sessions, setup.networkId);
      PeerSessions made = new PeerSessions(client, setup.networkId, setup.identity, trackers);
      peers = made;
      loop.repairWith(made);
    }
  }

  /**
   * Returns where the tracker listens.
   *
   * @return one address for each socket, with its true port
   */
  public List<InetSocketAddress> addresses() {
    return server.addresses();
  }

  /**
   * Tells when the tracker has ended for a fault of its own: its sessions are closed then, and
   * nobody is served any more. What remains is to {@link #close} it.
   *
   * @return completes with the fault; never if there is none
   */
  public CompletableFuture<Throwable> failure() {
    return loop.failure();
  }

  /**
   * Returns the engine's state.
   *
   * @return completes soon, on the tracker's thread; never if it is closed
   */
  public CompletableFuture<TrackerStats> stats() {
    return loop.stats();
  }

  /**
   * Returns the state of the sessions.
   *
   * @return the state
   */
  public SessionStats sessionStats() {
    return server.stats();
  }

  /**
   * Returns what is stored.
   *
   * @return the counts
   * @throws StoreException if they cannot be read
   */
  public StoreStats storeStats() throws StoreException {
    return store.stats();
  }

  /**
   * Returns the state of the writer.
   *
   * @return the state
   */
  public WriterStats writerStats() {
    return writer.stats();
  }

  /**
   * Ends the sessions, writes what waits, and closes the mailboxes; waits for a slow disk a second
   * at most. May be called twice.
   */
  @Override
  public void close() {
    server.close();
    loop.close();
    closePeers();
    closeTools();
  }

  private synchronized void closePeers() {
    PeerSessions made = peers;
    if (made != null) {
      made.close();
    }
  }

  private void closeTools() {
    readers.shutdown();
    signers.shutdown();
    writer.close();
    store.close();
  }
}
