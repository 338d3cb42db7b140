package org.bytchat.sim.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** What a tracker does in a second for clients that share its cores, and what they cost it. */
final class TrackerBench implements Benchmark {

  private static final double DEPOSITS_BAR = 2_500;
  private static final double DEPOSITS_AIM = 8_000;
  private static final double READS_BAR = 20_000;
  private static final double READS_AIM = 60_000;
  private static final double P99_MILLIS_BAR = 50;
  private static final double P99_MILLIS_AIM = 10;
  private static final double SESSION_BYTES_BAR = 32 << 10;
  private static final double SESSION_BYTES_AIM = 8 << 10;

  private static final int WINDOW = 8;
  private static final int WINDOW_ACKS = 2;
  private static final int PAGE = 100;

  /** One more than acknowledge here: so no envelope goes while others are timed. */
  private static final int DEVICES = 4;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MICRO = 1000;
  private static final double MICROS_PER_MILLI = 1000;
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /**
   * How much is done.
   *
   * @param clients sessions at the same time
   * @param mailboxes in which they deposit
   * @param warmUp deposits before any is timed
   * @param deposits deposits that are timed
   * @param latencySeconds how long half of that rate is kept up
   * @param latencyDeposits for which so many deposits are made at most
   * @param fetchMillis how long pages are fetched
   * @param idle sessions that do nothing
   */
  private record Size(
      int clients,
      int mailboxes,
      int warmUp,
      int deposits,
      int latencySeconds,
      int latencyDeposits,
      int fetchMillis,
      int idle) {

    private static final Size FULL = new Size(64, 160, 30_000, 30_000, 8, 40_000, 4_000, 4_000);
    private static final Size QUICK = new Size(4, 8, 200, 400, 1, 400, 100, 20);
  }

  @Override
  public String name() {
    return "tracker";
  }

  @Override
  public String description() {
    return "deposits, fetches and acknowledgements on one tracker, idle sessions; NATS beside it";
  }

  @Override
  public void run(BenchRun run) throws Exception {
    Size size = run.quick() ? Size.QUICK : Size.FULL;
    double perSecond;
    try (TemporaryFolder folder = TemporaryFolder.make("tracker")) {
      perSecond = new Load(size, run, folder).measure();
    }
    try (TemporaryFolder folder = TemporaryFolder.make("tracker")) {
      idleSessions(size, run, folder);
    }
    try (TemporaryFolder folder = TemporaryFolder.make("nats")) {
      nats(size, run, folder, perSecond);
    }
  }

  private static double perSecond(double count, long nanos) {
    return count * NANOS_PER_SECOND / nanos;
  }

  /** The load of one tracker, case by case. */
  private final class Load {

    private final Size size;
    private final BenchRun run;
    private final TemporaryFolder folder;
    private final NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    private final List<MailOwner> owners;
    private final List<List<Digest>> held = new ArrayList<>();
    private List<TrackerConnection> clients = List.of();

    Load(Size size, BenchRun run, TemporaryFolder folder) {
      this.size = size;
      this.run = run;
      this.folder = folder;
      this.owners =
          IntStream.range(0, size.mailboxes).mapToObj(i -> new MailOwner(i, DEVICES)).toList();
      owners.forEach(owner -> held.add(new ArrayList<>()));
    }

    /** Returns the deposits per second, which others are compared with. */
    double measure() throws Exception {
      try (Tracker tracker = TrackerLab.startTracker(identity, folder.path());
          TrackerLab lab = TrackerLab.of(tracker.addresses().get(0), identity.id())) {
        clients = lab.connect(size.clients);
        for (MailOwner owner : owners) {
          TrackerLab.ask(clients.get(0), owner.putDevices(), Response.Taken.class);
          TrackerLab.ask(clients.get(0), owner.putDeliveryKeys(), Response.Taken.class);
        }
        progress("warming up");
        deposits(size.warmUp, true).run(clients, WINDOW);
        double perSecond = deposits("signed before", true);
        deposits("client signs and verifies", false);
        latency(perSecond / 2);
        fetches();
        acknowledgements();
        return perSecond;
      }
    }

    private void progress(String what) {
      run.progress().accept(name() + ": " + what);
    }

    private BenchResult result(String what, Figure... figures) throws Exception {
      List<Object> parameters =
          List.of(
              "case",
              what,
              "clients",
              size.clients,
              "envelope_bytes",
              MailDeposits.ENVELOPE_BYTES,
              "disk",
              folder.fileSystem());
      return BenchResult.of(name(), parameters, figures);
    }

    private MailDeposits deposits(int count, boolean signed) {
      MailDeposits made = new MailDeposits(identity.id(), owners, count, signed);
      for (int i = 0; i < owners.size(); i++) {
        held.get(i).addAll(made.digestsOf(i));
      }
      // What was made stays for a while: it is not to be moved while others are timed.
      HeapUse.bytesAfterCollection();
      return made;
    }

    private double deposits(String what, boolean signed) throws Exception {
      progress("signing");
      MailDeposits deposits = deposits(size.deposits, signed);
      progress("deposits, " + what);
      long cpuBefore = PROCESS.getProcessCpuTime();
      long nanos = deposits.run(clients, WINDOW);
      double cpuNanos = PROCESS.getProcessCpuTime() - cpuBefore;
      int verified = deposits.check();
      int count = deposits.count();
      double perSecond = perSecond(count, nanos);
      Figure rate = Figure.of("deposits_per_second", perSecond, "1/s");
      run.results()
          .accept(
              result(
                  "deposits, " + what,
                  signed ? rate.atLeast(DEPOSITS_BAR).aimingAtLeast(DEPOSITS_AIM) : rate,
                  Figure.of("cpu_us_per_deposit", cpuNanos / NANOS_PER_MICRO / count, "us"),
                  Figure.count("receipts", count, ""),
                  Figure.count("receipts_verified", signed ? verified : count, "")));
      return perSecond;
    }

    private void latency(double perSecond) throws Exception {
      int count = Math.min(size.latencyDeposits, (int) (perSecond * size.latencySeconds));
      progress("signing");
      MailDeposits deposits = deposits(count, true);
      progress("deposits at half the load");
      Histogram micros = deposits.runAt(perSecond, clients);
      deposits.check();
      run.results()
          .accept(
              result(
                  "deposits at half the load",
                  Figure.of("planned_per_second", perSecond, "1/s"),
                  Figure.count("receipts", count, ""),
                  millis("p50_ms", micros, 50),
                  millis("p99_ms", micros, 99).atMost(P99_MILLIS_BAR).aimingAtMost(P99_MILLIS_AIM),
                  millis("p99_9_ms", micros, 99.9)));
    }

    /** Each client reads one mailbox, page by page and again from its begin. */
    private void fetches() throws Exception {
      for (int i = 0; i < clients.size(); i++) {
        TrackerConnection client = clients.get(i);
        Request open = owners.get(i).open(identity.id(), client.handshakeHash());
        TrackerLab.ask(client, open, Response.Opened.class);
      }
      progress("fetches");
      fetch(size.fetchMillis / 2);
      AtomicLong pages = new AtomicLong();
      long begun = System.nanoTime();
      long fetched = fetch(size.fetchMillis, pages);
      long nanos = System.nanoTime() - begun;
      run.results()
          .accept(
              result(
                  "fetches",
                  Figure.of("envelopes_per_second", perSecond((double) fetched, nanos), "1/s")
                      .atLeast(READS_BAR)
                      .aimingAtLeast(READS_AIM),
                  Figure.of("envelopes_per_page", (double) fetched / pages.get(), "")));
    }

    private void fetch(int millis) throws Exception {
      fetch(millis, new AtomicLong());
    }

    private long fetch(int millis, AtomicLong pages) throws Exception {
      AtomicLong fetched = new AtomicLong();
      long[] cursors = new long[clients.size()];
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      Windows.run(
          clients.size(),
          1,
          client ->
              System.nanoTime() - end >= 0
                  ? null
                  : clients
                      .get(client)
                      .fetch(new Request.Fetch(cursors[client], PAGE, 0))
                      .thenAccept(
                          page -> {
                            fetched.addAndGet(page.envelopes().size());
                            pages.incrementAndGet();
                            cursors[client] = page.end().more() ? page.end().cursor() : 0;
                          }));
      if (fetched.get() == 0) {
        throw new IllegalStateException("nothing was fetched");
      }
      return fetched.get();
    }

    /** The first device warms up; two more acknowledge everything as well. */
    private void acknowledgements() throws Exception {
      progress("signing acknowledgements");
      List<Request.PutAcks> first = acks(0);
      List<Request.PutAcks> timed = new ArrayList<>();
      for (int device = 1; device < DEVICES - 1; device++) {
        timed.addAll(acks(device));
      }
      progress("acknowledgements");
      acknowledge(first);
      HeapUse.bytesAfterCollection();
      long nanos = acknowledge(timed);
      long count = timed.stream().mapToLong(acks -> acks.batch().digests().size()).sum();
      run.results()
          .accept(
              result(
                  "acknowledgements",
                  Figure.of("envelopes_per_second", perSecond((double) count, nanos), "1/s")
                      .atLeast(READS_BAR)
                      .aimingAtLeast(READS_AIM),
                  Figure.of("envelopes_per_batch", (double) count / timed.size(), "")));
    }

    private List<Request.PutAcks> acks(int device) {
      List<Request.PutAcks> batches = new ArrayList<>();
      for (int i = 0; i < owners.size(); i++) {
        List<Digest> all = held.get(i);
        for (int from = 0; from + PAGE <= all.size() || from == 0; from += PAGE) {
          List<Digest> some = all.subList(from, Math.min(all.size(), from + PAGE));
          batches.add(owners.get(i).ack(device, some));
        }
      }
      return batches;
    }

    private long acknowledge(List<Request.PutAcks> batches) throws Exception {
      AtomicInteger next = new AtomicInteger();
      return Windows.run(
          clients.size(),
          WINDOW_ACKS,
          client -> {
            int index = next.getAndIncrement();
            return index < batches.size() ? acknowledge(client, batches.get(index)) : null;
          });
    }

    private CompletableFuture<?> acknowledge(int client, Request.PutAcks acks) {
      return clients
          .get(client)
          .request(acks)
          .thenAccept(
              response -> {
                if (TrackerLab.answer(response, Response.Acked.class).known().contains(false)) {
                  throw new IllegalStateException("an envelope is not known");
                }
              });
    }
  }

  private static Figure millis(String name, Histogram micros, double percentile) {
    return Figure.of(name, micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI, "ms");
  }

  private void idleSessions(Size size, BenchRun run, TemporaryFolder folder) throws Exception {
    run.progress().accept(name() + ": idle sessions");
    try (TrackerProcess tracker = new TrackerProcess(folder.path());
        TrackerLab lab = TrackerLab.of(tracker.address(), tracker.id())) {
      List<TrackerConnection> all = new ArrayList<>(lab.connect(size.clients));
      long serverBefore = tracker.heapBytesAfterCollection();
      long clientBefore = HeapUse.bytesAfterCollection();
      all.addAll(lab.connect(size.idle));
      double server = tracker.heapBytesAfterCollection() - serverBefore;
      double client = HeapUse.bytesAfterCollection() - clientBefore;
      long open = all.stream().filter(TrackerConnection::isOpen).count();
      if (open != all.size()) {
        throw new IllegalStateException("only " + open + " of " + all.size() + " sessions stay");
      }
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of("case", "idle sessions", "sessions", size.idle),
                  Figure.of("heap_bytes_per_session", Math.rint(server / size.idle), "B")
                      .atMost(SESSION_BYTES_BAR)
                      .aimingAtMost(SESSION_BYTES_AIM),
                  Figure.of("client_heap_bytes_per_session", Math.rint(client / size.idle), "B")));
    }
  }

  private void nats(Size size, BenchRun run, TemporaryFolder folder, double ours) throws Exception {
    @Nullable NatsServer started = NatsServer.start(folder.path());
    if (started == null) {
      run.progress().accept(name() + ": no nats-server that syncs is here, it is left out");
      return;
    }
    try (NatsServer server = started;
        NatsLoad load = new NatsLoad(server, size.clients, WINDOW)) {
      run.progress().accept(name() + ": NATS JetStream");
      load.run(size.warmUp);
      long nanos = load.run(size.deposits);
      load.check();
      double theirs = perSecond(size.deposits, nanos);
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of(
                      "case",
                      "NATS JetStream",
                      "clients",
                      size.clients,
                      "message_bytes",
                      MailDeposits.ENVELOPE_BYTES,
                      "version",
                      server.version(),
                      "sync",
                      server.sync(),
                      "disk",
                      folder.fileSystem()),
                  Figure.of("messages_per_second", theirs, "1/s"),
                  Figure.of("deposits_per_message", ours / theirs, "")));
    }
  }
}
