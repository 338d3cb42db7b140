package org.bytchat.tracker.cli;

import com.google.common.net.HostAndPort;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytchat.dht.DhtException;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.PingResult;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.runtime.Sockets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Pings whoever is at an address. */
@Command(
    name = "ping",
    description = "Asks a node for a sign of life; prints its id and the round-trip time as JSON.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class PingCommand implements Callable<Integer> {

  private final Output output;

  @Parameters(
      paramLabel = "HOST:PORT",
      converter = Converters.Host.class,
      description = "The node to ping.")
  @SuppressWarnings("NullAway.Init")
  private HostAndPort host;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      defaultValue = "5s",
      description = "How long to wait, 100ms to 60s. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Duration timeout;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      converter = Converters.Network.class,
      defaultValue = DhtConfig.DEFAULT_NETWORK,
      description = "Network of the node; others do not answer. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private String network;

  @Mixin private final DialectOption dialect = new DialectOption();

  PingCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    DhtConfig config = config();
    InetSocketAddress address = Client.resolve(List.of(host)).get(0);
    PingResult result = Progress.during(output, "Waiting for " + host, () -> ping(address, config));
    output.json(describe(result));
    return ExitCode.DONE;
  }

  private DhtConfig config() {
    DhtConfig config = dialect.applyTo(DhtConfig.defaults().withNetwork(network));
    try {
      return config.withLookup(Client.withTimeout(config.lookup(), timeout));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "option '--timeout': must be 100ms to 60s", e);
    }
  }

  private PingResult ping(InetSocketAddress address, DhtConfig config) throws InterruptedException {
    String silent = host + " did not answer within " + timeout.toMillis() + " ms";
    try (DhtNode node = Client.builder(List.of(address), config).build()) {
      // The node's own limit comes first; the second's grace is for a slow machine.
      return Client.await(node.start().ping(address), timeout.plusSeconds(1), silent);
    } catch (DhtException.Timeout e) {
      throw new CommandFailure(ExitCode.NOBODY_ANSWERED, silent, e);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.REFUSED, host + " is not an address of one node: " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> describe(PingResult result) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node_id", result.contact().id().toString());
    object.put("addr", Output.text(Sockets.toSocket(result.contact().endpoint())));
    object.put("rtt_ms", Output.millis(result.roundTrip()));
    return object;
  }
}
