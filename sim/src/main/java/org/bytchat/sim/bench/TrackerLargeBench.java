package org.bytchat.sim.bench;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.SqliteStore;
import org.bytchat.tracker.store.StoredMailbox;

/** How a tracker starts with a million envelopes, and reads mailboxes that nobody has touched. */
final class TrackerLargeBench implements Benchmark {

  private static final double START_SECONDS_BAR = 10;
  private static final double START_SECONDS_AIM = 2;
  private static final double P99_MILLIS_BAR = 20;
  private static final double P99_MILLIS_AIM = 5;

  private static final int MAILBOXES = 100_000;
  private static final int MAILBOXES_QUICK = 100;
  private static final int ENVELOPES_EACH = 10;
  private static final int WARM_UP_PERCENT = 2;
  private static final int FETCHES_PERCENT = 5;
  private static final int PAGE = 100;
  private static final int GROUP = 2_000;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MICROS_PER_MILLI = 1000;

  @Override
  public String name() {
    return "tracker-large";
  }

  @Override
  public String description() {
    return "a tracker with 1,000,000 envelopes in 100,000 mailboxes: its start, cold fetches";
  }

  @Override
  public boolean takesCount() {
    return true;
  }

  @Override
  public void run(BenchRun run) throws Exception {
    Long asked = run.count();
    int standard = run.quick() ? MAILBOXES_QUICK : MAILBOXES;
    int mailboxes = asked == null ? standard : Math.toIntExact(asked);
    NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    try (TemporaryFolder folder = TemporaryFolder.make("tracker")) {
      fill(folder, mailboxes, run);
      start(identity, folder, mailboxes, "orderly", run);
      run.progress().accept(name() + ": fetches");
      boolean cold = folder.dropFromMemory();
      try (Tracker tracker = TrackerLab.startTracker(identity, folder.path());
          TrackerLab lab = TrackerLab.of(tracker.addresses().get(0), identity.id())) {
        fetch(lab, mailboxes, result(folder, mailboxes, cold), run);
      }
      try (TrackerProcess process = new TrackerProcess(folder.path())) {
        process.halt();
      }
      start(identity, folder, mailboxes, "unclean", run);
    }
  }

  /** What all results have in common. */
  private interface Result {
    BenchResult of(String what, Figure... figures);
  }

  private Result result(TemporaryFolder folder, int mailboxes, boolean cold) throws Exception {
    String disk = folder.fileSystem();
    return (what, figures) ->
        BenchResult.of(
            name(),
            List.of(
                "case",
                what,
                "mailboxes",
                mailboxes,
                "envelopes",
                mailboxes * ENVELOPES_EACH,
                "disk",
                disk,
                "files",
                cold ? "not in memory" : "perhaps in memory"),
            figures);
  }

  private void fill(TemporaryFolder folder, int mailboxes, BenchRun run) throws Exception {
    try (SqliteStore store = SqliteStore.open(folder.path(), SqliteStore.Options.defaults())) {
      List<List<Change>> owners =
          IntStream.range(0, mailboxes).parallel().mapToObj(TrackerLargeBench::newMailbox).toList();
      commit(store, owners.stream().flatMap(List::stream).toList());
      // Turn by turn, as they come: those of one mailbox are not beside each other.
      List<MailOwner> all =
          IntStream.range(0, mailboxes).parallel().mapToObj(i -> new MailOwner(i, 1)).toList();
      for (int sequence = 1; sequence <= ENVELOPES_EACH; sequence++) {
        run.progress().accept(name() + ": filling, round " + sequence + " of " + ENVELOPES_EACH);
        for (int from = 0; from < mailboxes; from += GROUP) {
          int number = sequence;
          store.commit(
              IntStream.range(from, Math.min(mailboxes, from + GROUP))
                  .parallel()
                  .mapToObj(i -> newEnvelope(all.get(i), number, new Random(31L * i + number)))
                  .toList());
        }
      }
    }
  }

  private static void commit(SqliteStore store, List<Change> changes) throws Exception {
    for (int from = 0; from < changes.size(); from += GROUP) {
      store.commit(changes.subList(from, Math.min(changes.size(), from + GROUP)));
    }
  }

  private static List<Change> newMailbox(int number) {
    MailOwner owner = new MailOwner(number, 1);
    return List.of(
        new Change.PutPart(owner.mailbox(), StoredMailbox.Part.OWNER, owner.owner().toBytes()),
        new Change.PutPart(owner.mailbox(), StoredMailbox.Part.DEVICES, owner.list().toBytes()),
        new Change.PutPart(
            owner.mailbox(),
            StoredMailbox.Part.DELIVERY_KEYS,
            owner.putDeliveryKeys().keys().toBytes()));
  }

  private static Change newEnvelope(MailOwner owner, long sequence, Random random) {
    long nowMillis = System.currentTimeMillis();
    Envelope envelope = owner.envelope(MailDeposits.ENVELOPE_BYTES, nowMillis, random);
    StoredMailbox.Entry entry =
        new StoredMailbox.Entry(
            sequence,
            envelope.digest(),
            nowMillis,
            envelope.expiresMillis(),
            envelope.bytes().length,
            owner.contactKey(),
            0);
    return new Change.PutEnvelope(owner.mailbox(), entry, envelope.bytes(), null);
  }

  private void start(
      NodeIdentity identity, TemporaryFolder folder, int mailboxes, String end, BenchRun run)
      throws Exception {
    run.progress().accept(name() + ": start after an end that was " + end);
    boolean cold = folder.dropFromMemory();
    long begun = System.nanoTime();
    try (Tracker tracker = TrackerLab.startTracker(identity, folder.path())) {
      long nanos = System.nanoTime() - begun;
      long held = tracker.storeStats().envelopes();
      if (held != (long) mailboxes * ENVELOPES_EACH) {
        throw new IllegalStateException("the tracker started with " + held + " envelopes");
      }
      run.results()
          .accept(
              result(folder, mailboxes, cold)
                  .of(
                      "start after an end that was " + end,
                      Figure.of("start_seconds", nanos / NANOS_PER_SECOND, "s")
                          .atMost(START_SECONDS_BAR)
                          .aimingAtMost(START_SECONDS_AIM),
                      Figure.count("disk_bytes", tracker.storeStats().fileBytes(), "B")));
    }
  }

  /** One after the other, each of another mailbox, which no one has asked for before. */
  private void fetch(TrackerLab lab, int mailboxes, Result result, BenchRun run) throws Exception {
    List<Integer> order = new ArrayList<>(IntStream.range(0, mailboxes).boxed().toList());
    Collections.shuffle(order, new Random(1));
    int warmUp = Math.max(1, mailboxes * WARM_UP_PERCENT / 100);
    int count = Math.max(1, mailboxes * FETCHES_PERCENT / 100);
    Histogram openMicros = new Histogram(3);
    Histogram fetchMicros = new Histogram(3);
    TrackerConnection session = lab.connect(1).get(0);
    for (int i = 0; i < warmUp + count; i++) {
      MailOwner owner = new MailOwner(order.get(i), 1);
      Request open = owner.open(lab.id(), session.handshakeHash());
      long begun = System.nanoTime();
      TrackerLab.ask(session, open, Response.Opened.class);
      long opened = System.nanoTime();
      TrackerConnection.Page page = session.fetch(new Request.Fetch(0, PAGE, 0)).get();
      long fetched = System.nanoTime();
      if (page.envelopes().size() != ENVELOPES_EACH) {
        throw new IllegalStateException("a page has " + page.envelopes().size() + " envelopes");
      }
      if (i >= warmUp) {
        openMicros.recordValue(TimeUnit.NANOSECONDS.toMicros(opened - begun));
        fetchMicros.recordValue(TimeUnit.NANOSECONDS.toMicros(fetched - opened));
      }
    }
    run.results()
        .accept(
            result.of(
                "fetches from cold mailboxes",
                millis("fetch_p50_ms", fetchMicros, 50),
                millis("fetch_p99_ms", fetchMicros, 99)
                    .atMost(P99_MILLIS_BAR)
                    .aimingAtMost(P99_MILLIS_AIM),
                millis("open_p50_ms", openMicros, 50),
                millis("open_p99_ms", openMicros, 99),
                Figure.count("fetches", count, "")));
  }

  private static Figure millis(String name, Histogram micros, double percentile) {
    return Figure.of(name, micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI, "ms");
  }
}
