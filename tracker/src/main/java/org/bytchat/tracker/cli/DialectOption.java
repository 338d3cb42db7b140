package org.bytchat.tracker.cli;

import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import picocli.CommandLine.Option;

/** The option of the commands that can talk to networks of either dialect. */
final class DialectOption {

  @Option(
      names = "--dialect",
      paramLabel = "NAME",
      converter = Converters.DialectName.class,
      defaultValue = "bytchat",
      description =
          "What the network speaks: bytchat, or mainline, the dialect of BitTorrent's DHT."
              + " Default: ${DEFAULT-VALUE}.")
  private Dialect dialect = Dialect.BYTCHAT;

  /** Has a node speak the dialect. */
  DhtConfig applyTo(DhtConfig config) {
    return dialect == Dialect.MAINLINE ? config.withDialect(dialect) : config;
  }
}
