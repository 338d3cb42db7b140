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
import java.util.Random;
import java.util.function.IntFunction;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** How much of the loop's time is ours, and how much the kernel's and the platform's. */
final class UdpBench implements Benchmark {

  private static final double RATIO_BAR = 65;
  private static final double RATIO_AIM = 85;
  private static final int CONTACTS = 210;
  private static final int CONTACTS_QUICK = 40;
  private static final int WINDOW = 64;
  private static final int ROUNDS = 7;
  private static final int QUERIES = 256;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration SETTLE = Duration.ofMillis(300);
  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final Duration PERIOD_QUICK = Duration.ofMillis(100);
  private static final double NANOS_PER_SECOND = 1e9;

  private final Random random = new Random(1);
  private final Queries queries = new Queries(DhtConfig.DEFAULT_NETWORK);

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
    run.progress().accept("udp: filling the node's table");
    int contacts = run.quick() ? CONTACTS_QUICK : CONTACTS;
    try (PeerNetwork network = new PeerNetwork(contacts);
        EchoServer echo = new EchoServer()) {
      // A node that has run for a day has its tables in the old generation.
      HeapUse.bytesAfterCollection();
      for (Case each : cases(network)) {
        measure(each, network, echo, run);
      }
    }
  }

  /** What is asked: a name, the datagrams, and an answer to compare others with. */
  private record Case(String name, int contacts, List<byte[]> queries, int answerBytes) {}

  private List<Case> cases(PeerNetwork network) throws IOException {
    List<Case> cases = new ArrayList<>();
    NodeId own = network.node().id();
    // A full node for which there is no place in the table: most who ask are.
    NodeId asker = Ids.sharing(own, 0, random);
    cases.add(newCase("ping", network, i -> queries.ping(asker, false)));
    int shortest = WireLimits.DATAGRAM_BYTES_MIN;
    while (contactsFor(network, asker, shortest) < 8) {
      shortest++;
    }
    for (int length : new int[] {shortest, WireLimits.QUERY_PADDED_BYTES_IPV4}) {
      cases.add(
          newCase(
              "find_node",
              network,
              i -> queries.findNode(asker, Ids.random(random), false, length)));
    }
    return cases;
  }

  private int contactsFor(PeerNetwork network, NodeId asker, int length) throws IOException {
    byte[] query = queries.findNode(asker, Ids.random(random), false, length);
    return probe(network.address(), query).contacts4Count;
  }

  private Case newCase(String name, PeerNetwork network, IntFunction<byte[]> query)
      throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      all.add(query.apply(i));
    }
    Packet answer = probe(network.address(), all.get(0));
    return new Case(name, answer.contacts4Count, all, queries.size(answer));
  }

  /** Asks once and returns the answer. */
  private Packet probe(InetSocketAddress server, byte[] query) throws IOException {
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

  private void measure(Case what, PeerNetwork network, EchoServer echo, BenchRun run)
      throws IOException {
    String title = "udp: " + what.name + (what.contacts < 0 ? "" : " " + what.contacts);
    LoadGenerator.Load load =
        new LoadGenerator.Load(what.queries, WINDOW, what.answerBytes, what.contacts, true);
    echo.answerBytes(what.answerBytes);
    int rounds = run.quick() ? 1 : ROUNDS;
    double[] ours = new double[rounds];
    double[] bare = new double[rounds];
    double[] ratios = new double[rounds];
    long[] lost = new long[1];
    try (LoadGenerator toNode = generator(network.address(), load);
        LoadGenerator toEcho = generator(echo.address(), load.asEcho())) {
      run.progress().accept(title + ", warming up");
      Duration warmUp = run.quick() ? PERIOD_QUICK : WARM_UP;
      toNode.run(warmUp);
      toEcho.run(warmUp);
      for (int i = 0; i < rounds; i++) {
        run.progress().accept(title + ", round " + (i + 1) + " of " + rounds);
        bare[i] = perCpuSecond(toEcho, echo.threadId(), run, lost);
        ours[i] = perCpuSecond(toNode, network.threadId(), run, lost);
        ratios[i] = 100 * ours[i] / bare[i];
      }
    }
    run.results()
        .accept(
            BenchResult.of(
                name(),
                List.of(
                    "query",
                    what.name,
                    "contacts",
                    Math.max(0, what.contacts),
                    "query_bytes",
                    what.queries.get(0).length,
                    "answer_bytes",
                    what.answerBytes,
                    "window",
                    WINDOW),
                Figure.of("ratio_percent", Numbers.median(ratios), "%")
                    .atLeast(RATIO_BAR)
                    .aimingAtLeast(RATIO_AIM),
                Figure.of("ratio_lowest_percent", Arrays.stream(ratios).min().orElse(0), "%"),
                Figure.of("ratio_highest_percent", Arrays.stream(ratios).max().orElse(0), "%"),
                Figure.of("answers_per_cpu_second", Numbers.median(ours), "1/s"),
                Figure.of("echo_per_cpu_second", Numbers.median(bare), "1/s"),
                Figure.of("answer_cpu_ns", NANOS_PER_SECOND / Numbers.median(ours), "ns"),
                Figure.of("echo_cpu_ns", NANOS_PER_SECOND / Numbers.median(bare), "ns"),
                Figure.count("lost", lost[0], "")));
  }

  private LoadGenerator generator(InetSocketAddress server, LoadGenerator.Load load)
      throws IOException {
    return new LoadGenerator(server, DhtConfig.DEFAULT_NETWORK, load, random.nextLong());
  }

  /** One period: answers for each second of processor time of the thread that answers. */
  private static double perCpuSecond(
      LoadGenerator generator, long threadId, BenchRun run, long[] lost) throws IOException {
    if (!run.quick()) {
      generator.run(SETTLE);
    }
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
    lost[0] += period.lost();
    return period.answers() * NANOS_PER_SECOND / used;
  }
}
