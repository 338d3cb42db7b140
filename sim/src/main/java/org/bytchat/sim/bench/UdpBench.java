package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** How much of the loop's time is ours, and how much the kernel's and the platform's. */
final class UdpBench implements Benchmark {

  private static final double RATIO_BAR = 70;
  private static final double RATIO_AIM = 85;
  private static final double ALLOCATED_BAR = 64;
  private static final int CONTACTS_QUICK = 40;
  private static final int WINDOW = 64;
  private static final int ROUNDS = 7;

  /** As many as the window times a number of rounds: see {@link LoadGenerator.Load}. */
  private static final int QUERIES = 256;

  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration SETTLE = Duration.ofMillis(300);
  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final Duration PERIOD_QUICK = Duration.ofMillis(100);
  private static final double NANOS_PER_SECOND = 1e9;

  private static final DhtConfig MAINLINE = DhtConfig.defaults().withDialect(Dialect.MAINLINE);

  /** The nodes that are asked, each with as many contacts as it can have ten buckets full of. */
  private static final List<Node> NODES =
      List.of(
          new Node(DhtConfig.defaults(), 210, List.of(Ask.PING, Ask.EIGHT, Ask.TWENTY, Ask.MANY)),
          new Node(MAINLINE, 84, List.of(Ask.PING, Ask.EIGHT, Ask.MANY)),
          new Node(
              MAINLINE.withRouting(MAINLINE.routing().withBucketSize(20)),
              210,
              List.of(Ask.TWENTY)));

  private final Random random = new Random(1);

  /** A node that is asked. */
  private record Node(DhtConfig config, int contacts, List<Ask> asked) {}

  /** What is asked: a ping, for 8 contacts, for 20, or for 8 from as many sources as queries. */
  private enum Ask {
    PING,
    EIGHT,
    TWENTY,
    MANY
  }

  /** What is asked: a name, the load, and whom. */
  private record Case(String name, LoadGenerator.Load load, PeerNetwork network) {

    String title() {
      return "udp: " + load.dialect() + " " + name + " " + load.contacts();
    }
  }

  /** What the rounds of one server gave. */
  private static final class Tally {
    private final double[] perCpuSecond;
    private long answers;
    private long allocated;
    private long lost;

    Tally(int rounds) {
      perCpuSecond = new double[rounds];
    }

    double bytes() {
      return Math.rint(10.0 * allocated / answers) / 10;
    }
  }

  @Override
  public String name() {
    return "udp";
  }

  @Override
  public String description() {
    return "a node on loopback against a bare echo: answers per second of the loop's thread";
  }

  @Override
  public void run(BenchRun run) throws Exception {
    for (Node node : NODES) {
      run.progress().accept("udp: filling the node's table");
      int contacts = run.quick() ? CONTACTS_QUICK : node.contacts;
      try (PeerNetwork network = new PeerNetwork(node.config, contacts, null);
          EchoServer echo = new EchoServer()) {
        // A node that has run for a day has its tables in the old generation.
        HeapUse.bytesAfterCollection();
        for (Ask ask : node.asked) {
          measure(newCase(ask, node.config.dialect(), network), echo, run);
        }
      }
    }
  }

  private Case newCase(Ask ask, Dialect dialect, PeerNetwork network) throws IOException {
    Queries queries = new Queries(dialect, DhtConfig.DEFAULT_NETWORK);
    int sources = ask == Ask.MANY ? WINDOW : 1;
    NodeId[] askers = new NodeId[sources];
    // Full nodes for which there is no place in the table: most who ask are.
    Arrays.setAll(askers, i -> Ids.sharing(network.node().id(), 0, random));
    int length =
        ask == Ask.TWENTY || dialect == Dialect.MAINLINE
            ? WireLimits.QUERY_PADDED_BYTES_IPV4
            : shortestForEight(queries, askers[0], network);
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      NodeId asker = askers[i % sources];
      all.add(
          ask == Ask.PING
              ? queries.ping(asker, false)
              : queries.findNode(asker, Ids.random(random), false, length));
    }
    Packet answer = probe(queries, network.address(), all.get(0));
    LoadGenerator.Load load =
        new LoadGenerator.Load(
            dialect, all, WINDOW, sources, queries.size(answer), answer.contacts4Count, true);
    return new Case(ask == Ask.PING ? "ping" : "find_node", load, network);
  }

  /** Our own dialect answers with three times as many bytes as the query has. */
  private int shortestForEight(Queries queries, NodeId asker, PeerNetwork network)
      throws IOException {
    int length = WireLimits.DATAGRAM_BYTES_MIN;
    while (true) {
      byte[] query = queries.findNode(asker, Ids.random(random), false, length);
      if (probe(queries, network.address(), query).contacts4Count >= 8) {
        return length;
      }
      length++;
    }
  }

  /** Asks once and returns the answer. */
  private static Packet probe(Queries queries, InetSocketAddress server, byte[] query)
      throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(2000);
      socket.send(new DatagramPacket(query, query.length, server));
      DatagramPacket received = new DatagramPacket(new byte[2048], 2048);
      Packet answer = new Packet();
      do {
        socket.receive(received);
        if (!queries.decode(received.getData(), received.getLength(), answer)) {
          throw new IOException("the node sent what is no message");
        }
      } while (answer.kind != Kind.RESPONSE);
      return answer;
    }
  }

  private void measure(Case what, EchoServer echo, BenchRun run) throws IOException {
    echo.answerBytes(what.load.answerBytes());
    int rounds = run.quick() ? 1 : ROUNDS;
    Tally ours = new Tally(rounds);
    Tally bare = new Tally(rounds);
    try (LoadGenerator toNode =
            new LoadGenerator(what.network.address(), what.load, random.nextLong());
        LoadGenerator toEcho =
            new LoadGenerator(echo.address(), what.load.asEcho(), random.nextLong())) {
      run.progress().accept(what.title() + ", warming up");
      Duration warmUp = run.quick() ? PERIOD_QUICK : WARM_UP;
      toNode.run(warmUp);
      toEcho.run(warmUp);
      for (int i = 0; i < rounds; i++) {
        run.progress().accept(what.title() + ", round " + (i + 1) + " of " + rounds);
        measure(toEcho, echo.threadId(), run, bare, i);
        measure(toNode, what.network.threadId(), run, ours, i);
      }
    }
    run.results().accept(result(what, ours, bare));
  }

  private BenchResult result(Case what, Tally ours, Tally bare) {
    double[] ratios = new double[ours.perCpuSecond.length];
    Arrays.setAll(ratios, i -> 100 * ours.perCpuSecond[i] / bare.perCpuSecond[i]);
    LoadGenerator.Load load = what.load;
    double perSecond = Numbers.median(ours.perCpuSecond);
    double echoPerSecond = Numbers.median(bare.perCpuSecond);
    return BenchResult.of(
        name(),
        List.of(
            "query",
            what.name,
            "contacts",
            Math.max(0, load.contacts()),
            "query_bytes",
            load.queries().get(0).length,
            "answer_bytes",
            load.answerBytes(),
            "window",
            WINDOW,
            "dialect",
            load.dialect().name().toLowerCase(Locale.ROOT),
            "sources",
            load.sources()),
        Figure.of("ratio_percent", Numbers.median(ratios), "%")
            .atLeast(RATIO_BAR)
            .aimingAtLeast(RATIO_AIM),
        Figure.of("ratio_lowest_percent", Arrays.stream(ratios).min().orElse(0), "%"),
        Figure.of("ratio_highest_percent", Arrays.stream(ratios).max().orElse(0), "%"),
        Figure.of("answers_per_cpu_second", perSecond, "1/s"),
        Figure.of("echo_per_cpu_second", echoPerSecond, "1/s"),
        Figure.of("answer_cpu_ns", NANOS_PER_SECOND / perSecond, "ns"),
        Figure.of("echo_cpu_ns", NANOS_PER_SECOND / echoPerSecond, "ns"),
        Figure.of("answer_allocated_bytes", ours.bytes(), "B"),
        Figure.of("echo_allocated_bytes", bare.bytes(), "B"),
        Figure.of("allocated_beyond_echo_bytes", Math.max(0, ours.bytes() - bare.bytes()), "B")
            .atMost(ALLOCATED_BAR)
            .aimingAtMost(0),
        Figure.count("lost", ours.lost + bare.lost, ""));
  }

  /** One period: answers for each second of processor time of the thread that answers. */
  private static void measure(
      LoadGenerator generator, long threadId, BenchRun run, Tally tally, int round)
      throws IOException {
    if (!run.quick()) {
      generator.run(SETTLE);
    }
    long allocatedBefore = MeasuredLoop.allocatedBytes(threadId);
    long before = MeasuredLoop.cpuNanos(threadId);
    LoadGenerator.Period period = generator.run(run.quick() ? PERIOD_QUICK : PERIOD);
    long used = MeasuredLoop.cpuNanos(threadId) - before;
    if (period.answers() == 0 || period.wrong() > period.answers() / 100) {
      throw new IOException(
          "the server does not serve: "
              + period.answers()
              + " right answers, "
              + period.wrong()
              + " wrong ones");
    }
    tally.lost += period.lost();
    tally.answers += period.answers();
    tally.allocated += MeasuredLoop.allocatedBytes(threadId) - allocatedBefore;
    tally.perCpuSecond[round] = period.answers() * NANOS_PER_SECOND / used;
  }
}
