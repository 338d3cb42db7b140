package org.bytchat.sim.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.keyspace.NodeId;

/** A program that speaks Mainline's dialect beside others, each in a process of its own. */
final class KrpcBench implements Benchmark {

  private static final double RATIO_BAR = 2;
  private static final double RATIO_AIM = 2.5;
  private static final int SOURCES = 64;
  private static final int WINDOW = 256;

  /** A multiple of the window: see {@link LoadGenerator.Load}. */
  private static final int QUERIES = 4096;

  private static final int CONTACTS = 8;
  private static final int ROUNDS = 7;
  private static final long FILL_SECONDS = 60;
  private static final Duration FILL = Duration.ofSeconds(1);
  private static final Duration WARM_UP = Duration.ofSeconds(6);
  private static final Duration SETTLE = Duration.ofMillis(300);
  private static final Duration PERIOD = Duration.ofSeconds(3);
  private static final Duration QUICK = Duration.ofMillis(200);

  private final Random random = new Random(1);

  /** What is asked, and how many contacts come back, -1 for none. */
  private record Ask(String name, int contacts) {}

  private static final List<Ask> ASKED =
      List.of(new Ask("ping", -1), new Ask("find_node", CONTACTS));

  /** What one server gave in each round. */
  private static final class Tally {
    private final String command;
    private final double[] perCpuSecond;
    private long lost;

    Tally(String command, int rounds) {
      this.command = command;
      perCpuSecond = new double[rounds];
    }

    double median() {
      return Numbers.median(perCpuSecond);
    }
  }

  @Override
  public String name() {
    return "krpc";
  }

  @Override
  public String description() {
    return "a server of Mainline's dialect beside others: answers per second of processor time";
  }

  @Override
  public boolean takesServers() {
    return true;
  }

  @Override
  public void run(BenchRun run) throws Exception {
    List<Integer> own = Cores.own();
    boolean pinned = own.size() > 1;
    List<ServerProcess> servers = new ArrayList<>();
    List<List<Tally>> measured = new ArrayList<>();
    try {
      if (pinned) {
        Cores.keepSelfTo(own.subList(1, 2));
      }
      for (String command : run.servers()) {
        servers.add(ServerProcess.start(command, pinned ? own.subList(0, 1) : List.of()));
      }
      for (Ask ask : ASKED) {
        measured.add(measure(ask, servers, run));
      }
    } finally {
      servers.forEach(ServerProcess::close);
      if (pinned) {
        Cores.keepSelfTo(own);
      }
    }
    // Only now, as it tells the cores of this process.
    for (int i = 0; i < measured.size(); i++) {
      report(ASKED.get(i), measured.get(i), run);
    }
  }

  private List<Tally> measure(Ask ask, List<ServerProcess> servers, BenchRun run)
      throws IOException {
    int rounds = run.quick() ? 1 : ROUNDS;
    List<LoadGenerator> loads = new ArrayList<>();
    List<Tally> tallies = new ArrayList<>();
    try {
      for (ServerProcess server : servers) {
        LoadGenerator load = new LoadGenerator(server.address(), load(ask), random.nextLong());
        loads.add(load);
        tallies.add(new Tally(server.command(), rounds));
        run.progress().accept("krpc: " + ask.name + ", warming up " + server.command());
        fill(load, server);
        load.run(run.quick() ? QUICK : WARM_UP);
      }
      for (int round = 0; round < rounds; round++) {
        run.progress().accept("krpc: " + ask.name + ", round " + (round + 1) + " of " + rounds);
        for (int i = 0; i < loads.size(); i++) {
          measure(loads.get(i), servers.get(i), tallies.get(i), round, run);
        }
      }
    } finally {
      for (LoadGenerator load : loads) {
        load.close();
      }
    }
    return tallies;
  }

  /** The sources are nodes with ids all over the keyspace, which fill the server's table. */
  private LoadGenerator.Load load(Ask ask) {
    Queries queries = new Queries(Dialect.MAINLINE, DhtConfig.DEFAULT_NETWORK);
    Random ids = new Random(2);
    byte[][] all = new byte[QUERIES][];
    List<NodeId> askers = new ArrayList<>();
    for (int i = 0; i < SOURCES; i++) {
      askers.add(Ids.random(ids));
    }
    Arrays.setAll(
        all,
        i ->
            ask.contacts < 0
                ? queries.ping(askers.get(i % SOURCES), false)
                : queries.findNode(askers.get(i % SOURCES), Ids.random(random), false));
    return new LoadGenerator.Load(
        Dialect.MAINLINE,
        List.of(all),
        WINDOW,
        SOURCES,
        LoadGenerator.ANY_LENGTH,
        ask.contacts,
        true);
  }

  /** Asks until the server has taken so many sources into its table that every answer is right. */
  private static void fill(LoadGenerator load, ServerProcess server) throws IOException {
    long start = System.nanoTime();
    LoadGenerator.Period period = load.run(FILL);
    while (period.answers() == 0 || period.wrong() > 0) {
      if (System.nanoTime() - start > Duration.ofSeconds(FILL_SECONDS).toNanos()) {
        throw new IOException(server.command() + " does not serve: " + period);
      }
      period = load.run(FILL);
    }
  }

  private static void measure(
      LoadGenerator load, ServerProcess server, Tally tally, int round, BenchRun run)
      throws IOException {
    load.run(run.quick() ? QUICK : SETTLE);
    Duration before = server.cpu();
    LoadGenerator.Period period = load.run(run.quick() ? QUICK : PERIOD);
    double used = server.cpu().minus(before).toNanos() / 1e9;
    if (period.answers() == 0 || period.wrong() > period.answers() / 100) {
      throw new IOException(server.command() + " does not serve: " + period);
    }
    tally.lost += period.lost();
    // The system counts in hundredths of a second.
    tally.perCpuSecond[round] = period.answers() / Math.max(0.01, used);
  }

  private void report(Ask ask, List<Tally> tallies, BenchRun run) {
    Tally first = tallies.get(0);
    for (Tally other : tallies.subList(Math.min(1, tallies.size() - 1), tallies.size())) {
      double[] ratios = new double[first.perCpuSecond.length];
      Arrays.setAll(ratios, i -> first.perCpuSecond[i] / other.perCpuSecond[i]);
      Figure ratio = Figure.of("ratio", Numbers.median(ratios), "");
      boolean isAsked = ask.contacts > 0 && other != first;
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of(
                      "query",
                      ask.name,
                      "contacts",
                      Math.max(0, ask.contacts),
                      "sources",
                      SOURCES,
                      "window",
                      WINDOW,
                      "server",
                      first.command,
                      "other",
                      other.command),
                  isAsked ? ratio.atLeast(RATIO_BAR).aimingAtLeast(RATIO_AIM) : ratio,
                  Figure.of("ratio_lowest", Arrays.stream(ratios).min().orElse(0), ""),
                  Figure.of("ratio_highest", Arrays.stream(ratios).max().orElse(0), ""),
                  Figure.of("server_per_cpu_second", first.median(), "1/s"),
                  Figure.of("other_per_cpu_second", other.median(), "1/s"),
                  Figure.count("server_lost", first.lost, ""),
                  Figure.count("other_lost", other.lost, "")));
    }
  }
}
