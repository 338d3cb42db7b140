package org.bytchat.tracker.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.Profile;
import org.bytchat.dht.Published;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.RoutingConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.DhtRuntime;

/**
 * Nodes on the loopback address that join, look each other up and keep a profile, and are checked.
 */
final class Demo implements AutoCloseable {

  private static final Duration JOIN_LIMIT = Duration.ofSeconds(60);
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOKUP_LIMIT = Duration.ofSeconds(60);
  private static final Duration PROFILE_LIMIT = Duration.ofSeconds(60);
  private static final long PAUSE_MILLIS = 100;

  /** The picture is noise, the same one every time. */
  private static final int PICTURE_BYTES = 20_000;

  private static final long PICTURE_SEED = 1;

  /** How many others each node looks up. */
  private static final int OTHERS_MAX = 20;

  private final Output output;
  private final int count;
  private final long startNanos = System.nanoTime();
  private final DhtRuntime runtime = DhtRuntime.start(1, 1);
  private final List<DhtNode> nodes = new ArrayList<>();
  private final List<NodeId> ids = new ArrayList<>();

  Demo(Output output, int count) {
    this.output = output;
    this.count = count;
  }

  /** Runs the demonstration; whether all was as it should be. */
  boolean run() throws InterruptedException {
    start();
    join();
    boolean right = settle() && lookEachOtherUp() && keepProfile();
    say(right ? "all as it should be" : "some results are wrong");
    return right;
  }

  private void start() {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    for (int i = 0; i < count; i++) {
      var builder = DhtNode.builder().bind(any).runtime(runtime).config(config());
      if (i > 0) {
        InetSocketAddress first = nodes.get(0).localAddresses().get(0);
        builder.bootstrap(first.getAddress().getHostAddress() + ":" + first.getPort());
      }
      DhtNode node = builder.build();
      nodes.add(node);
      ids.add(node.start().id());
    }
    say(
        "%d nodes started on 127.0.0.1; node 1 is %s at port %d",
        count, ids.get(0), nodes.get(0).localAddresses().get(0).getPort());
  }

  /** The defaults, but a network of less than r nodes is content with those that there are. */
  private DhtConfig config() {
    StoreConfig store = StoreConfig.defaults();
    return DhtConfig.defaults()
        .withStore(
            store.withReplicas(Math.min(count, store.replicas()), Math.min(count, store.acks())));
  }

  private void join() throws InterruptedException {
    CompletableFuture<Integer> all =
        CompletableFuture.allOf(
                nodes.stream().map(DhtNode::joined).toArray(CompletableFuture<?>[]::new))
            .thenApply(done -> count);
    String late = "not all nodes joined within " + JOIN_LIMIT.toSeconds() + " s";
    int joined = Progress.during(output, "Joining", () -> Client.await(all, JOIN_LIMIT, late));
    say("all %d joined through node 1", joined);
  }

  /** Waits until every node knows its own neighbourhood. */
  private boolean settle() throws InterruptedException {
    int settled = Progress.during(output, "Waiting for stable tables", this::settledNodes);
    say("%d of %d nodes know exactly their closest neighbours", settled, count);
    return settled == count;
  }

  private int settledNodes() throws InterruptedException {
    long deadline = System.nanoTime() + SETTLE_LIMIT.toNanos();
    int exact = lookUp(0).exact;
    while (exact < count && System.nanoTime() - deadline < 0) {
      new CompletableFuture<Void>()
          .completeOnTimeout(null, PAUSE_MILLIS, TimeUnit.MILLISECONDS)
          .join();
      exact = lookUp(0).exact;
    }
    return exact;
  }

  private boolean lookEachOtherUp() throws InterruptedException {
    int others = Math.min(OTHERS_MAX, count - 1);
    int lookups = others * count;
    Round sum = Progress.during(output, "Looking up", () -> lookUpOthers(others));
    say(
        "each node looked up %d others: %d of %d results are exactly the closest nodes",
        others, sum.exact, lookups);
    say(
        "a lookup asked %.1f nodes and took %.2f ms on average",
        (double) sum.requests / lookups, sum.nanos / 1e6 / lookups);
    return sum.exact == lookups;
  }

  private Round lookUpOthers(int others) throws InterruptedException {
    Round sum = new Round(0, 0, 0);
    for (int step = 1; step <= others; step++) {
      sum = sum.plus(lookUp(step));
    }
    return sum;
  }

  /** What lookups came to. */
  private record Round(int exact, long requests, long nanos) {
    Round plus(Round other) {
      return new Round(exact + other.exact, requests + other.requests, nanos + other.nanos);
    }
  }

  /** Has each node look up the id of the node that is so many places after it. */
  private Round lookUp(int step) throws InterruptedException {
    List<CompletableFuture<LookupResult>> lookups =
        IntStream.range(0, count)
            .mapToObj(i -> nodes.get(i).lookup(ids.get((i + step) % count)))
            .toList();
    Round sum = new Round(0, 0, 0);
    for (int i = 0; i < count; i++) {
      LookupResult result =
          Client.await(lookups.get(i), LOOKUP_LIMIT, "a lookup took longer than a minute");
      int right = isExact(result, ids.get(i)) ? 1 : 0;
      sum = sum.plus(new Round(right, result.requests(), result.elapsed().toNanos()));
    }
    return sum;
  }

  private boolean isExact(LookupResult result, NodeId asker) {
    List<NodeId> closest =
        ids.stream()
            .filter(id -> !id.equals(asker))
            .sorted(result.target()::compareDistance)
            .limit(RoutingConfig.defaults().bucketSize())
            .toList();
    return result.closest().stream().map(Contact::id).toList().equals(closest);
  }

  /** Has a node store a user's profile and another one read it. */
  private boolean keepProfile() throws InterruptedException {
    UserKey key = UserKey.generateEd25519(new SecureRandom());
    Uid uid = key.publicKey().uid(Uid.DEFAULT_VERSION);
    byte[] picture = new byte[PICTURE_BYTES];
    new SplittableRandom(PICTURE_SEED).nextBytes(picture);
    Profile profile = new Profile("Demo user", picture);
    say("a user was made: %s", uid);
    return storeProfile(key, profile) && readProfile(uid, profile);
  }

  private boolean storeProfile(UserKey key, Profile profile) throws InterruptedException {
    long begunNanos = System.nanoTime();
    CompletableFuture<Published> publishing =
        nodes.get(0).publish(key, Uid.DEFAULT_VERSION, profile);
    String late = "the profile was not stored within a minute";
    Published published =
        Progress.during(
            output, "Storing a profile", () -> Client.await(publishing, PROFILE_LIMIT, late));
    PutResult result = published.result();
    say(
        "node 1 stored the user's signed profile with a picture of %d bytes on %d of %d nodes"
            + " in %.2f ms",
        profile.avatar().length,
        result.stored(),
        result.nodes().size(),
        (System.nanoTime() - begunNanos) / 1e6);
    return result.isEnough();
  }

  private boolean readProfile(Uid uid, Profile stored) throws InterruptedException {
    long begunNanos = System.nanoTime();
    CompletableFuture<Optional<Profile.Found>> reading = nodes.get(count - 1).profile(uid);
    String late = "the profile was not read within a minute";
    Optional<Profile.Found> found =
        Progress.during(
            output, "Reading the profile", () -> Client.await(reading, PROFILE_LIMIT, late));
    boolean right = found.isPresent() && found.get().profile().equals(stored);
    say(
        "node %d read and verified it in %.2f ms: %s",
        count,
        (System.nanoTime() - begunNanos) / 1e6,
        right ? "name and picture are as stored" : "it is not as stored");
    return right;
  }

  private void say(String format, Object... values) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    output.line(
        String.format(Locale.ROOT, "%8.3f s  ", seconds)
            + String.format(Locale.ROOT, format, values));
  }

  @Override
  public void close() {
    nodes.forEach(DhtNode::close);
    runtime.close();
  }
}
