package org.bytchat.tracker.cli;

import com.google.common.net.HostAndPort;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.config.DhtConfig;
import picocli.CommandLine.Option;

/** The options of the commands that use the network as a read-only node. */
final class ClientOptions {

  @Option(
      names = "--bootstrap",
      required = true,
      paramLabel = "HOST:PORT",
      converter = Converters.Host.class,
      description = "Node to find the network through, may be given several times.")
  @SuppressWarnings("NullAway.Init")
  private List<HostAndPort> bootstrap;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      defaultValue = "30s",
      description =
          "How long to wait for the network, and then for each step. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Duration timeout;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      converter = Converters.Network.class,
      defaultValue = DhtConfig.DEFAULT_NETWORK,
      description = "Network to use; nodes of others do not answer. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private String network;

  /** What is done with a node. */
  interface Action<T> {
    T run(DhtNode node) throws InterruptedException;
  }

  /** Runs an action on a read-only node that has joined, and closes it. */
  <T> T run(Output output, String progress, Action<T> action) throws InterruptedException {
    return run(output, progress, UnaryOperator.identity(), action);
  }

  /** Does the same with a node whose configuration differs. */
  <T> T run(Output output, String progress, UnaryOperator<DhtConfig> changed, Action<T> action)
      throws InterruptedException {
    DhtConfig config = changed.apply(DhtConfig.defaults().withNetwork(network));
    DhtNodeBuilder builder = Client.builder(Client.resolve(bootstrap), config);
    bootstrap.forEach(host -> builder.bootstrap(host.toString()));
    String silent =
        "no answer from " + Client.names(bootstrap) + " within " + timeout.toMillis() + " ms";
    return Progress.during(
        output,
        progress,
        () -> {
          try (DhtNode node = builder.build().start()) {
            var unused = Client.await(node.joined(), timeout, silent);
            return action.run(node);
          }
        });
  }

  /** Waits for a step; fails with a text that names it, like "the profile could not be read". */
  <T> T await(CompletableFuture<T> step, String otherwise) throws InterruptedException {
    return Client.await(step, timeout, otherwise + " within " + timeout.toMillis() + " ms");
  }
}
