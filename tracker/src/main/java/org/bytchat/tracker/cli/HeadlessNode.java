package org.bytchat.tracker.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.bytchat.dht.DhtEvent;
import org.bytchat.dht.DhtException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.DhtStats;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.DeviceLists;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.session.SessionConfig;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of the DHT and, unless its settings say otherwise, the tracker beside it: with the same
 * key, on the same addresses, on TCP ports of the same numbers as the UDP ports.
 *
 * <p>Started once. May be closed at any time, by any thread.
 */
final class HeadlessNode implements AutoCloseable {

  /** A port that was free for UDP may be in use for TCP; eight in a row hardly are. */
  private static final int ATTEMPTS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(HeadlessNode.class);

  private final NodeSettings settings;
  private final Consumer<DhtEvent> listener;
  private final Consumer<Throwable> onFailure;
  private final Starter starter;
  private final Object lifecycle = new Object();
  private volatile DhtNode node;
  private volatile @Nullable Tracker tracker;
  private volatile boolean closed;

  /** Starts a tracker. */
  @FunctionalInterface
  interface Starter {
    Tracker start(Tracker.Setup setup) throws IOException, StoreException;
  }

  /**
   * Makes a node to be started.
   *
   * @param settings what it is
   * @param listener hears of events, on the node's thread
   * @param onFailure told, on a thread of its own, if the tracker ends for a fault of its own
   */
  HeadlessNode(NodeSettings settings, Consumer<DhtEvent> listener, Consumer<Throwable> onFailure) {
    this(settings, listener, onFailure, Tracker::start);
  }

  HeadlessNode(
      NodeSettings settings,
      Consumer<DhtEvent> listener,
      Consumer<Throwable> onFailure,
      Starter starter) {
    this.settings = settings;
    this.listener = listener;
    this.onFailure = onFailure;
    this.starter = starter;
    this.node = makeNode();
  }

  private DhtNode makeNode() {
    DhtNodeBuilder builder = settings.applyTo(DhtNode.builder()).listener(listener);
    if (settings.hasMailboxes()) {
      builder.service(Services.TRACKER, this::serve);
    }
    return builder.build();
  }

  /** Answers bind and find, as soon as the tracker has started. */
  private CompletionStage<DhtService.Outcome> serve(DhtService.Query query) {
    Tracker running = tracker;
    return running == null
        ? CompletableFuture.completedFuture(
            new DhtService.Refused(ErrorCode.BUSY, "the tracker has not started"))
        : running.serve(query);
  }

  /**
   * Opens ports and folders.
   *
   * @throws DhtException.CannotStart if a UDP port is in use or the data folder cannot be used
   * @throws CommandFailure if a TCP port is in use or the mailboxes cannot be used
   * @throws DhtException.Closed if the node was closed, before or meanwhile
   */
  void start() {
    for (int attempt = 1; ; attempt++) {
      DhtNode started = node.start();
      if (!settings.hasMailboxes()) {
        return;
      }
      try {
        keep(started, starter.start(setup(started)));
        return;
      } catch (IOException e) {
        CommandFailure failure = cannotBind(started.localAddresses(), e);
        if (settings.port() != 0 || attempt == ATTEMPTS) {
          throw failure;
        }
        LOG.debug("Trying another port", failure);
        replaceNode();
      } catch (StoreException e) {
        throw cannotOpen(e);
      }
    }
  }

  private Tracker.Setup setup(DhtNode started) {
    List<InetSocketAddress> addresses = started.localAddresses();
    boolean local =
        addresses.stream()
            .allMatch(
                address ->
                    Endpoint.of(address.getAddress().getAddress(), address.getPort()).isLocal());
    return new Tracker.Setup(
        started.identity(),
        Keys.networkId(settings.config().network()),
        addresses,
        settings.mailboxFolder(),
        DeviceLists.of(started),
        settings.mailbox(),
        local ? withLocalScope(settings.sessions()) : settings.sessions());
  }

  private static SessionConfig withLocalScope(SessionConfig sessions) {
    SessionConfig.PerSource limits = sessions.perSource();
    return sessions.withPerSource(
        new SessionConfig.PerSource(
            Scope.LOCAL,
            limits.sessions(),
            limits.halfOpen(),
            limits.connectsPerSecond(),
            limits.connectsBurst(),
            limits.framesPerSecond(),
            limits.framesBurst(),
            limits.tracked()));
  }

  private void keep(DhtNode dht, Tracker started) {
    synchronized (lifecycle) {
      if (!closed) {
        tracker = started;
        started.repairWith(() -> dht.contacts(Services.TRACKER));
      }
    }
    if (closed) {
      // Whoever asks the node for anything now is told so.
      started.close();
      return;
    }
    // Not on the tracker's thread, which its end waits for.
    CompletableFuture<Void> unused = started.failure().thenAcceptAsync(onFailure);
  }

  /** Closed, a node gives back its data folder, which the next one takes. */
  private void replaceNode() {
    node.close();
    synchronized (lifecycle) {
      if (!closed) {
        node = makeNode();
      }
    }
  }

  private static CommandFailure cannotBind(List<InetSocketAddress> addresses, IOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String all = addresses.stream().map(Output::text).collect(Collectors.joining(", "));
    return new CommandFailure(
        ExitCode.REFUSED,
        "TCP "
            + all
            + " cannot be bound ("
            + cause.getMessage()
            + "): stop the program that uses it, choose another port with --port, or keep no"
            + " mailboxes with --no-mailbox",
        e);
  }

  private CommandFailure cannotOpen(StoreException e) {
    String hint =
        e.reason() == StoreException.Reason.DAMAGED
            ? MailboxCommand.repairHint(settings.options().data)
            : "";
    return new CommandFailure(ExitCode.REFUSED, e.getMessage() + hint, e);
  }

  /** The node of the DHT. */
  DhtNode node() {
    return node;
  }

  /** The tracker, null if there is none. */
  @Nullable Tracker tracker() {
    return tracker;
  }

  /**
   * Returns the state of the DHT's engine.
   *
   * @throws DhtException.Closed if the node was not started or is closed
   */
  CompletableFuture<DhtStats> stats() {
    return node.stats();
  }

  /** Ends both. Mailboxes survive any end, so that the node's contacts are kept first. */
  @Override
  public void close() {
    DhtNode last;
    synchronized (lifecycle) {
      closed = true;
      last = node;
    }
    last.close();
    Tracker running = tracker;
    if (running != null) {
      running.close();
    }
  }
}
