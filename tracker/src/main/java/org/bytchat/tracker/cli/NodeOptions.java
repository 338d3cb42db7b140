package org.bytchat.tracker.cli;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.bytchat.dht.config.Dialect;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options of {@code run} that a configuration file may hold too, each under its long name. What
 * was not given is null.
 */
final class NodeOptions {

  @Option(
      names = "--bind",
      paramLabel = "ADDR",
      converter = Converters.Address.class,
      description =
          "IP address to listen on, may be given several times. Default: 0.0.0.0. Bound"
              + " to loopback or private addresses only, the node takes such addresses for peers.")
  @Nullable List<InetAddress> bind;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      converter = Converters.Port.class,
      description = "UDP and TCP port, 0 picks a free one. Default: 42962.")
  @Nullable Integer port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder for the node's key, contacts, records and mailboxes, made if it does not exist."
              + " Without it the node keeps all in memory and has a new id at each start.")
  @Nullable Path data;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      converter = BootstrapHost.Converter.class,
      description =
          "Node to find the network through, may be given several times; tried again for ever"
              + " if it is silent or cannot be resolved. mainline, or mainline:HOST:PORT with an"
              + " entry node: find other nodes through BitTorrent's DHT, and be found there.")
  @Nullable List<BootstrapHost> bootstrap;

  @Option(
      names = "--read-only",
      negatable = true,
      description = "Stay out of the tables of others.")
  @Nullable Boolean readOnly;

  @Option(
      names = "--public",
      negatable = true,
      description =
          "Trust that the node can be reached from outside. Without it, it stays read-only until"
              + " peers have reached it.")
  @Nullable Boolean reachable;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      converter = Converters.Network.class,
      description = "Network to be in; nodes of others are not heard. Default: bytchat.")
  @Nullable String network;

  @Option(
      names = "--dialect",
      paramLabel = "NAME",
      converter = Converters.DialectName.class,
      description =
          "What the node speaks: bytchat, the default, or mainline, the dialect of BitTorrent's"
              + " DHT.")
  @Nullable Dialect dialect;

  @Option(
      names = "--rate-limit",
      paramLabel = "N",
      converter = Converters.Rate.class,
      description =
          "Requests a second that one source may ask, twice as many at once; 0 = no limit."
              + " Default: 200.")
  @Nullable Integer rateLimit;

  @Option(
      names = "--no-mailbox",
      description =
          "Keep no mailboxes for others: be a node of the DHT only, without a TCP port. So is a"
              + " read-only node, and one of Mainline's dialect.")
  @Nullable Boolean noMailbox;

  @Option(
      names = "--metrics-port",
      paramLabel = "N",
      converter = Converters.Port.class,
      description =
          "Serve Prometheus metrics on http://127.0.0.1:N/metrics; 0 picks a free port. Default:"
              + " no metrics.")
  @Nullable Integer metricsPort;

  /** Takes from a file what the command line does not say. */
  void addFrom(NodeOptions file) {
    bind = bind == null ? file.bind : bind;
    port = port == null ? file.port : port;
    data = data == null ? file.data : data;
    bootstrap = bootstrap == null ? file.bootstrap : bootstrap;
    readOnly = readOnly == null ? file.readOnly : readOnly;
    reachable = reachable == null ? file.reachable : reachable;
    network = network == null ? file.network : network;
    dialect = dialect == null ? file.dialect : dialect;
    rateLimit = rateLimit == null ? file.rateLimit : rateLimit;
    noMailbox = noMailbox == null ? file.noMailbox : noMailbox;
    metricsPort = metricsPort == null ? file.metricsPort : metricsPort;
  }
}
