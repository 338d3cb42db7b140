package org.bytchat.tracker.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.Sockets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  @Mixin private final ClientOptions client = new ClientOptions();

  @Mixin private final DialectOption dialect = new DialectOption();

  @Option(
      names = "-n",
      paramLabel = "N",
      converter = Converters.Count.class,
      defaultValue = "20",
      description = "How many nodes to find, 1 to 44. Default: ${DEFAULT-VALUE}.")
  private int count;

  LookupCommand(Output output) {
    this.output = output;
  }

  @Override
  public Integer call() throws InterruptedException {
    LookupResult result =
        client.run(
            output,
            "Looking up " + target,
            config -> withRoom(dialect.applyTo(config)),
            node -> client.await(node.lookup(target), "the lookup did not end"));
    output.json(describe(result));
    return ExitCode.DONE;
  }

  private DhtConfig withRoom(DhtConfig config) {
    return config.withRouting(routing(config.routing()));
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
