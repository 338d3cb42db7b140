package org.bytchat.tracker.cli;

import java.nio.charset.StandardCharsets;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.store.MainlineItem;
import picocli.CommandLine.Option;

/** What the commands for items have in common. */
final class ItemOptions {

  @Option(
      names = "--dialect",
      paramLabel = "NAME",
      converter = Converters.DialectName.class,
      defaultValue = "mainline",
      description = "What the network speaks; only mainline has items. Default: ${DEFAULT-VALUE}.")
  private Dialect dialect = Dialect.MAINLINE;

  @Option(
      names = "--salt",
      paramLabel = "S",
      defaultValue = "",
      description =
          "Tells mutable items of one key apart, up to 64 bytes of UTF-8. Default: no salt.")
  private String salt = "";

  byte[] salt() {
    byte[] bytes = salt.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MainlineItem.SALT_BYTES_MAX) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "option '--salt': has %d bytes, and at most %d are allowed"
              .formatted(bytes.length, MainlineItem.SALT_BYTES_MAX));
    }
    return bytes;
  }

  /** Has a node speak Mainline's dialect. */
  DhtConfig applyTo(DhtConfig config) {
    if (dialect != Dialect.MAINLINE) {
      throw new CommandFailure(
          ExitCode.USAGE, "option '--dialect': only mainline has items; bytchat has meta");
    }
    return config.withDialect(dialect);
  }
}
