package org.bytchat.tracker.cli;

import com.google.common.net.HostAndPort;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.Sockets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks up the nodes closest to a key. */
@Command(
    name = "lookup",
    description =
        "Looks up the nodes closest to an id or a user as a read-only node; prints them as JSON,"
            + " closest first.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class LookupCommand implements Callable<Integer> {

  private final Output output;

  @Parameters(
      paramLabel = "ID-OR-UID",
      converter = Converters.Key.class,
      description =
          "The id to look for, 40 hexadecimal digits; or a uid, for the place of its own record.")
  @SuppressWarnings("NullAway.Init")
  private NodeId target;

  @Option(
      names = "--bootstrap",
      required = true,
      paramLabel = "HOST:PORT",
      converter = Converters.Host.class,
      description = "Node to find the network through, may be given several times.")
  @SuppressWarnings("NullAway.Init")
  private List<HostAndPort> bootstrap;

  @Option(
      names = "-n",
      paramLabel = "N",
      converter = Converters.Count.class,
      defaultValue = "20",
      description = "How many nodes to find, 1 to 44. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      defaultValue = "15s",
      description =
          "How long to wait for the network, and then for the lookup. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Duration timeout;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      converter = Converters.Network.class,
      defaultValue = DhtConfig.DEFAULT_NETWORK,
      description = "Network to search; nodes of others do not answer. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private String network;

  LookupCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    DhtConfig config = DhtConfig.defaults().withNetwork(network);
    config = config.withRouting(routing(config.routing()));
    DhtNodeBuilder builder = Client.builder(Client.resolve(bootstrap), config);
    bootstrap.forEach(host -> builder.bootstrap(host.toString()));
    LookupResult result =
        Progress.during(output, "Looking up " + target, () -> lookUp(builder.build()));
    output.json(describe(result));
    return ExitCode.DONE;
  }

  private LookupResult lookUp(DhtNode unstarted) throws InterruptedException {
    String limit = timeout.toMillis() + " ms";
    try (DhtNode node = unstarted.start()) {
      int neighbours =
          Client.await(
              node.joined(),
              timeout,
              "no answer from " + Client.names(bootstrap) + " within " + limit);
      return Client.await(
          node.lookup(target),
          timeout,
          "the lookup did not end within " + limit + "; " + neighbours + " nodes answered before");
    }
  }

  /** A lookup for fewer than k would end before it knows the neighbourhood. */
  private RoutingConfig routing(RoutingConfig defaults) {
    try {
      return ConfigSection.with(defaults, "bucketSize", Math.max(count, defaults.bucketSize()));
    } catch (ConfigSection.Wrong e) {
      throw new CommandFailure(ExitCode.USAGE, "option '-n': must be 1 to 44", e);
    }
  }

  private Map<String, Object> describe(LookupResult result) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("target", result.target().toString());
    object.put(
        "closest", result.closest().stream().limit(count).map(LookupCommand::describe).toList());
    object.put("depth", result.depth());
    object.put("rpcs", result.requests());
    object.put("elapsed_ms", Output.millis(result.elapsed()));
    return object;
  }

  private static Map<String, Object> describe(Contact contact) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node_id", contact.id().toString());
    object.put("addr", Output.text(Sockets.toSocket(contact.endpoint())));
    return object;
  }
}
