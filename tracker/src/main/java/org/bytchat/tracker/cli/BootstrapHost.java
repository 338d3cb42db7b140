package org.bytchat.tracker.cli;

import com.google.common.net.HostAndPort;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;

/**
 * A way to find the network: a node of it, or BitTorrent's DHT.
 *
 * @param isMainline whether it is BitTorrent's DHT
 * @param host the node, or the entry node of BitTorrent's DHT; null for those that are known to all
 */
record BootstrapHost(boolean isMainline, @Nullable HostAndPort host) {

  private static final String MAINLINE = "mainline";

  /** {@code HOST:PORT}, {@code mainline} or {@code mainline:HOST:PORT}. */
  static final class Converter implements ITypeConverter<BootstrapHost> {
    @Override
    public BootstrapHost convert(String value) {
      Converters.Host host = new Converters.Host();
      if (value.equals(MAINLINE)) {
        return new BootstrapHost(true, null);
      }
      // One colon is that of a port: a host may have this name.
      if (value.startsWith(MAINLINE + ":") && value.indexOf(':', MAINLINE.length() + 1) > 0) {
        return new BootstrapHost(true, host.convert(value.substring(MAINLINE.length() + 1)));
      }
      return new BootstrapHost(false, host.convert(value));
    }
  }

  @Override
  public String toString() {
    String name = host == null ? "" : host.toString();
    return isMainline ? MAINLINE + (host == null ? "" : ":" + name) : name;
  }
}
