package org.bytchat.tracker.cli;

import com.google.common.net.HostAndPort;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.session.SessionConfig;
import org.jspecify.annotations.Nullable;

/**
 * What a headless node is started with: the command line, then the file, then the defaults.
 *
 * @param options the options of both
 * @param config the configuration of the DHT's engine
 * @param mailbox the limits of the tracker
 * @param sessions the limits of its sessions
 */
record NodeSettings(
    NodeOptions options, DhtConfig config, TrackerConfig mailbox, SessionConfig sessions) {

  /** As many pages as may wait to be sent in one session, so that none is broken off. */
  private static final int PAGES = 4;

  /**
   * Merges options with a file.
   *
   * @throws CommandFailure if they contradict each other
   */
  static NodeSettings of(NodeOptions options, ConfigFile file) {
    options.addFrom(file.options());
    boolean readOnly = isSet(options.readOnly);
    boolean reachable = isSet(options.reachable);
    if (readOnly && reachable) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "options '--read-only' and '--public' contradict each other: a read-only node stays out"
              + " of all tables");
    }
    DhtConfig config =
        DhtConfig.defaults()
            .withReadOnly(readOnly)
            .withAssumeReachable(reachable)
            .withRouting(file.routing())
            .withLookup(file.lookup())
            .withLimits(file.limits(options.rateLimit))
            .withStore(file.store())
            .withDefences(file.defences());
    if (options.network != null) {
      config = config.withNetwork(options.network);
    }
    checkDialect(options);
    checkPages(file);
    return new NodeSettings(
        options, withDialect(config, options.dialect, file), file.mailbox(), file.sessions());
  }

  private static void checkPages(ConfigFile file) {
    long needed = (long) PAGES * file.mailbox().page().bytesMax();
    if (file.sessions().outboundBytesMax() < needed) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "sessions.outboundBytesMax must have room for four pages of mailbox.page.bytesMax: at"
              + " least "
              + needed
              + ", not "
              + file.sessions().outboundBytesMax());
    }
  }

  private static void checkDialect(NodeOptions options) {
    if (options.dialect == Dialect.MAINLINE && options.network != null) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "options '--dialect mainline' and '--network' contradict each other: BitTorrent's DHT is"
              + " one network");
    }
    List<BootstrapHost> hosts = options.bootstrap;
    if (options.dialect == Dialect.MAINLINE
        && hosts != null
        && hosts.stream().anyMatch(BootstrapHost::isMainline)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "options '--dialect mainline' and '--bootstrap mainline' contradict each other: a node of"
              + " that dialect is in BitTorrent's DHT, and is given a node of it as HOST:PORT");
    }
  }

  /** Has a node speak a dialect; what the file says of its table is kept. */
  private static DhtConfig withDialect(
      DhtConfig config, @Nullable Dialect dialect, ConfigFile file) {
    if (dialect != Dialect.MAINLINE) {
      return config;
    }
    DhtConfig mainline = config.withDialect(dialect);
    return file.givesBucketSize() ? mainline.withRouting(file.routing()) : mainline;
  }

  private static boolean isSet(@Nullable Boolean flag) {
    return Boolean.TRUE.equals(flag);
  }

  /** Tells whether the node keeps mailboxes: only one that others have in their tables does. */
  boolean hasMailboxes() {
    return !isSet(options.noMailbox) && !config.readOnly() && config.dialect() == Dialect.BYTCHAT;
  }

  /** The port to listen on, 0 for any. */
  int port() {
    return options.port == null ? DhtNodeBuilder.DEFAULT_PORT : options.port;
  }

  /** Where the mailboxes are kept, null for memory. */
  @Nullable Path mailboxFolder() {
    return options.data == null ? null : options.data.resolve(Tracker.FOLDER);
  }

  /** Gives all this to a node. */
  DhtNodeBuilder applyTo(DhtNodeBuilder builder) {
    int port = port();
    builder.port(port).config(config);
    if (options.bind != null) {
      options.bind.forEach(address -> builder.bind(new InetSocketAddress(address, port)));
    }
    if (options.data != null) {
      builder.data(options.data);
    }
    List<BootstrapHost> all = options.bootstrap == null ? List.of() : options.bootstrap;
    all.stream()
        .filter(host -> !host.isMainline())
        .forEach(host -> builder.bootstrap(host.toString()));
    if (all.stream().anyMatch(BootstrapHost::isMainline)) {
      builder.rendezvous(
          all.stream()
              .filter(BootstrapHost::isMainline)
              .map(BootstrapHost::host)
              .filter(Objects::nonNull)
              .map(HostAndPort::toString)
              .toArray(String[]::new));
    }
    return builder;
  }
}
