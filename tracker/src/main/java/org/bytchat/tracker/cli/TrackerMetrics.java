package org.bytchat.tracker.cli;

import static org.bytchat.tracker.cli.NodeMetrics.counter;
import static org.bytchat.tracker.cli.NodeMetrics.gauge;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.engine.TrackerCounter;
import org.bytchat.tracker.engine.TrackerStats;
import org.bytchat.tracker.session.SessionCounter;
import org.bytchat.tracker.session.SessionStats;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoreStats;
import org.bytchat.tracker.store.WriterStats;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tracker's state as Prometheus metrics, read when they are asked for. */
final class TrackerMetrics implements MultiCollector {

  private static final Logger LOG = LoggerFactory.getLogger(TrackerMetrics.class);
  private static final double NANOS = 1e9;
  private static final double MICROS = 1e6;
  private static final long STATS_MILLIS = 1_000;

  private final Supplier<@Nullable State> source;

  /** A tracker's state at a moment. */
  record State(TrackerStats engine, SessionStats sessions, StoreStats store, WriterStats writer) {

    /** Reads it; null if the tracker does not answer. */
    static @Nullable State of(Tracker tracker) {
      try {
        return new State(
            tracker.stats().get(STATS_MILLIS, TimeUnit.MILLISECONDS),
            tracker.sessionStats(),
            tracker.storeStats(),
            tracker.writerStats());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      } catch (ExecutionException | TimeoutException | StoreException e) {
        LOG.debug("The tracker does not answer", e);
        return null;
      }
    }
  }

  /**
   * Makes a collector.
   *
   * @param source the tracker's state, or null if it does not answer
   */
  TrackerMetrics(Supplier<@Nullable State> source) {
    this.source = source;
  }

  @Override
  public MetricSnapshots collect() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    State state = source.get();
    gauge(all, "tracker_up", "1 if the tracker's thread answers, else 0.", state == null ? 0 : 1);
    if (state == null) {
      return all.build();
    }
    addEngine(all, state.engine());
    addSessions(all, state.sessions());
    addStore(all, state.store());
    addWriter(all, state.writer());
    return all.build();
  }

  private static void addEngine(MetricSnapshots.Builder all, TrackerStats engine) {
    gauge(all, "tracker_clients", "Sessions in which requests are answered.", engine.sessions());
    gauge(
        all,
        "tracker_devices",
        "Sessions in which a device has shown itself.",
        engine.openSessions());
    gauge(all, "tracker_mailboxes", "Mailboxes in memory.", engine.mailboxes());
    gauge(
        all,
        "tracker_entries",
        "Envelopes and deleted ones that the mailboxes in memory know of.",
        engine.entries());
    gauge(
        all,
        "tracker_effects_under_way",
        "Reads, writes and signatures of the tracker that are not finished.",
        engine.pendingEffects());
    gauge(
        all,
        "tracker_waiting_fetches",
        "Fetches that wait for an envelope.",
        engine.waitingFetches());
    gauge(all, "tracker_bindings", "Devices that are bound to where they are.", engine.bindings());
    gauge(
        all,
        "tracker_neighbours",
        "Other trackers that mailboxes may be taken from or given to.",
        engine.neighbours());
    gauge(
        all,
        "tracker_stamp_bits",
        "How many zero bits a stranger's stamp must begin with.",
        engine.stampBits());
    for (TrackerCounter counter : TrackerCounter.values()) {
      counter(all, nameOf(counter), helpFor(counter), engine.get(counter));
    }
  }

  private static void addSessions(MetricSnapshots.Builder all, SessionStats sessions) {
    gauge(all, "sessions", "Sessions whose handshake is complete.", sessions.open());
    gauge(
        all,
        "sessions_half_open",
        "Connections whose handshake is under way.",
        sessions.halfOpen());
    gauge(
        all,
        "sessions_outbound_bytes",
        "Bytes that wait to be sent in sessions.",
        (double) sessions.outboundBytes());
    gauge(
        all,
        "sessions_inbound_bytes",
        "Buffers that hold incomplete frames, in bytes.",
        (double) sessions.inboundBytes());
    gauge(all, "session_sources", "Sources that have a connection.", sessions.sources());
    for (SessionCounter counter : SessionCounter.values()) {
      counter(all, nameOf(counter), helpFor(counter), sessions.count(counter));
    }
  }

  private static void addStore(MetricSnapshots.Builder all, StoreStats store) {
    gauge(all, "mailboxes", "Mailboxes kept.", (double) store.mailboxes());
    gauge(all, "envelopes", "Envelopes kept.", (double) store.envelopes());
    gauge(all, "envelopes_bytes", "Bytes of the envelopes kept.", (double) store.envelopeBytes());
    gauge(
        all,
        "tombstones",
        "Envelopes that were deleted and are remembered.",
        (double) store.tombstones());
    gauge(all, "ack_batches", "Batches of acknowledgements kept.", (double) store.ackBatches());
    gauge(
        all,
        "mailboxes_disk_bytes",
        "What the mailboxes take on disk, their log included, 0 in memory.",
        (double) store.fileBytes());
  }

  private static void addWriter(MetricSnapshots.Builder all, WriterStats writer) {
    counter(all, "commits", "Commits that were synced to the disk.", writer.commits());
    counter(all, "commit_lists", "Lists of changes that were committed.", writer.lists());
    counter(all, "commit_changes", "Changes that were committed.", writer.changes());
    counter(
        all,
        "commit_lists_failed",
        "Lists of changes that could not be committed.",
        writer.failedLists());
    counter(
        all,
        "commit_lists_refused",
        "Lists of changes refused because too many wait.",
        writer.refusedLists());
    gauge(all, "commit_lists_last", "Lists in the last commit.", writer.listsLast());
    gauge(
        all,
        "commit_last_seconds",
        "How long the last commit took.",
        writer.commitNanosLast() / NANOS);
    gauge(
        all,
        "commit_average_seconds",
        "How long commits take, the latest ones above all.",
        writer.commitNanosAverage() / NANOS);
    gauge(all, "commit_queue", "Lists of changes that wait to be committed.", writer.queuedLists());
    gauge(
        all,
        "commit_queue_bytes",
        "About how many bytes these take.",
        (double) writer.queuedBytes());
    all.metricSnapshot(
        HistogramSnapshot.builder()
            .name("bytchat_commit_wait_seconds")
            .help("How long lists of changes waited until they were durable.")
            .dataPoint(
                HistogramDataPointSnapshot.builder().classicHistogramBuckets(waits(writer)).build())
            .build());
  }

  private static ClassicHistogramBuckets waits(WriterStats writer) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    int last = WriterStats.WAIT_PLACES - 1;
    for (int place = 0; place < last; place++) {
      buckets.bucket((1L << place) / MICROS, writer.waits().get(place));
    }
    return buckets.bucket(Double.POSITIVE_INFINITY, writer.waits().get(last)).build();
  }

  /** The name between {@code bytchat_} and {@code _total}. */
  static String nameOf(TrackerCounter counter) {
    return "tracker_" + counter.name().toLowerCase(Locale.ROOT);
  }

  /** The name between {@code bytchat_} and {@code _total}. */
  static String nameOf(SessionCounter counter) {
    return "session_" + counter.name().toLowerCase(Locale.ROOT);
  }

  /** What a counter counts, in the words of its documentation. */
  static String helpFor(TrackerCounter counter) {
    return switch (counter) {
      case REQUESTS -> "Requests of all kinds.";
      case REFUSED -> "Requests that were refused.";
      case REFUSED_BUSY -> "Requests refused because too much was under way.";
      case REFUSED_QUOTA -> "Requests refused for a quota or a rate.";
      case REFUSED_SOURCE ->
          "Requests refused because all sessions of their source together ask for too much.";
      case REFUSED_MAILBOXES ->
          "Mailboxes that were not begun because the tracker has as many as it may.";
      case REFUSED_BINDINGS -> "Devices that were not bound because as many are as may be.";
      case BAD_SIGNATURES -> "Signatures that did not verify.";
      case DEPOSITS -> "Envelopes stored.";
      case DEPOSITS_AGAIN -> "Deposits of envelopes that were held or remembered already.";
      case RECEIPTS -> "Receipts signed, those of deletions too.";
      case FETCHED -> "Envelopes given to devices.";
      case ACKED -> "Acknowledgements noted, one for each envelope and device.";
      case DELETED -> "Envelopes deleted because all devices had acknowledged them.";
      case EXPIRED -> "Envelopes that ended before all devices had acknowledged them.";
      case FORGOTTEN_MAILBOXES ->
          "Mailboxes forgotten because nothing was in them and nobody had used them for long.";
      case FORGOTTEN_DELETIONS ->
          "Plans to delete something given up; it goes when its mailbox is used, or ends.";
      case FORKS -> "Device lists that cannot be of one history with the one held.";
      case UNREADABLE -> "Envelopes that could not be read as they were written.";
      case STORE_FAILURES -> "Reads and writes of the store that failed.";
      case LOADS -> "Mailboxes read from the store.";
      case REPAIR_MAILBOXES -> "Mailboxes of which another tracker had something else.";
      case REPAIR_ENVELOPES -> "Envelopes taken from other trackers.";
      case REPAIR_TOMBSTONES -> "Memories of deleted envelopes taken from other trackers.";
      case REPAIR_REFUSED -> "Envelopes and memories of other trackers that were not taken.";
      case REPAIR_FAILURES -> "Turns in which another tracker did not answer, or not as it must.";
      case REPAIR_FORGOTTEN ->
          "What was remembered of other trackers and their copies, and went for something newer.";
      case REPAIR_TAKEN_BYTES -> "Bytes taken from other trackers.";
      case REPAIR_SERVED_BYTES -> "Bytes given to other trackers.";
    };
  }

  /** What a counter counts, in the words of its documentation. */
  static String helpFor(SessionCounter counter) {
    return switch (counter) {
      case CONNECTIONS -> "Connections that were made or accepted, before any limit.";
      case REFUSED_SESSIONS -> "Connections refused because there are as many as may be.";
      case REFUSED_SOURCE_SESSIONS ->
          "Connections refused because their source has as many as it may have.";
      case REFUSED_SOURCE_HALF_OPEN ->
          "Connections refused because their source has too many handshakes under way.";
      case REFUSED_SOURCE_RATE -> "Connections refused because their source connects too often.";
      case THROTTLED ->
          "Times that a session was not read for a while, since its source sends too many frames.";
      case OPENED -> "Sessions whose handshake completed.";
      case HANDSHAKE_BAD_PREAMBLE -> "Handshakes that did not begin as they must.";
      case HANDSHAKE_OTHER_NETWORK -> "Handshakes for another network.";
      case HANDSHAKE_NO_COMMON_VERSION -> "Handshakes without a version that both sides speak.";
      case HANDSHAKE_BAD_MESSAGE ->
          "Handshakes with a message of a wrong size, or that does not verify.";
      case HANDSHAKE_WEAK_KEY ->
          "Handshakes with a public key to which every secret key gives the same result.";
      case HANDSHAKE_WRONG_NODE -> "Handshakes with another node than was looked up.";
      case HANDSHAKE_BAD_CERTIFICATE ->
          "Handshakes with a certificate that is not this node's for this key.";
      case HANDSHAKE_CERTIFICATE_TIMES -> "Handshakes with a certificate that is not valid now.";
      case HANDSHAKE_TIMEOUT -> "Handshakes that took too long.";
      case HANDSHAKE_ABANDONED -> "Handshakes that the peer broke off.";
      case HANDSHAKE_BUSY -> "Handshakes dropped because too many wait for their cryptography.";
      case HANDSHAKE_DISPLACED ->
          "Handshakes dropped for a newcomer because as many are under way as may be.";
      case UNREACHABLE -> "Connections that could not be made.";
      default -> helpForOpenSessions(counter);
    };
  }

  private static String helpForOpenSessions(SessionCounter counter) {
    return switch (counter) {
      case CLOSED_BY_APPLICATION -> "Sessions closed by the application here.";
      case CLOSED_BY_PEER -> "Sessions closed by the peer, or whose connection broke.";
      case CLOSED_SHUTDOWN -> "Sessions and handshakes closed because this side shuts down.";
      case CLOSED_IDLE -> "Sessions closed because the peer sent nothing for too long.";
      case CLOSED_FRAME_TIMEOUT -> "Sessions closed because a frame took too long to arrive.";
      case CLOSED_SLOW_READER -> "Sessions closed because the peer does not read.";
      case CLOSED_FRAME_TOO_LARGE -> "Sessions closed because a frame is longer than it may be.";
      case CLOSED_FRAME_MALFORMED ->
          "Sessions closed because a frame has a length that no frame has.";
      case CLOSED_FRAME_FORGED -> "Sessions closed because a frame does not verify.";
      case CLOSED_INBOUND_FULL ->
          "Sessions closed because too many bytes of incomplete frames are held.";
      case CLOSED_KEYS_EXHAUSTED ->
          "Sessions closed because their keys were used as often as they may be.";
      case CLOSED_LISTENER_FAILED ->
          "Sessions closed because the application's listener threw an exception.";
      case CLOSED_INTERNAL_ERROR ->
          "Sessions and handshakes closed because of an error in this program.";
      case FRAMES_IN -> "Frames received, without keep-alives.";
      case FRAMES_OUT -> "Frames sent, without keep-alives.";
      case KEEP_ALIVES_IN -> "Empty frames received.";
      case KEEP_ALIVES_OUT -> "Empty frames sent.";
      case BYTES_IN -> "Bytes received from the network.";
      case BYTES_OUT -> "Bytes handed to the network.";
      case SENDS_REFUSED -> "Frames not taken for sending because too many bytes wait.";
      default -> throw new AssertionError("no counter of open sessions: " + counter);
    };
  }
}
