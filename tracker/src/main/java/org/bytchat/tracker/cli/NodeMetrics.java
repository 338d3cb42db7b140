package org.bytchat.tracker.cli;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytchat.dht.DhtStats;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.store.RecordStore;
import org.jspecify.annotations.Nullable;

/** A node's state as Prometheus metrics, read when they are asked for. */
final class NodeMetrics implements MultiCollector {

  private static final double NANOS = 1e9;

  private final String network;
  private final Supplier<@Nullable DhtStats> source;

  /**
   * Makes a collector.
   *
   * @param network the network's name
   * @param source the node's state, or null if it does not answer
   */
  NodeMetrics(String network, Supplier<@Nullable DhtStats> source) {
    this.network = network;
    this.source = source;
  }

  @Override
  public MetricSnapshots collect() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    DhtStats stats = source.get();
    gauge(all, "up", "1 if the node's thread answers, else 0.", stats == null ? 0 : 1);
    if (stats == null) {
      return all.build();
    }
    Labels labels =
        Labels.of("version", Version.text(), "network", network, "node_id", stats.id().toString());
    all.metricSnapshot(
        InfoSnapshot.builder()
            .name("bytchat_node")
            .help("The node's version, network and id, as labels.")
            .dataPoint(InfoDataPointSnapshot.builder().labels(labels).build())
            .build());
    gauge(all, "uptime_seconds", "Seconds since the start.", stats.uptime().toNanos() / NANOS);
    addGauges(all, stats.engine());
    addStore(all, stats.engine());
    counter(
        all,
        "sends_dropped",
        "Datagrams that the operating system did not take.",
        stats.sendsDropped());
    for (Counter counter : Counter.values()) {
      counter(all, nameOf(counter), helpFor(counter), stats.engine().count(counter));
    }
    return all.build();
  }

  private static void addGauges(MetricSnapshots.Builder all, EngineStats engine) {
    gauge(all, "contacts", "Contacts in the routing tables.", engine.contacts());
    gauge(
        all,
        "service_contacts",
        "Contacts that offer what this node offers, in tables of their own.",
        engine.serviceContacts());
    gauge(
        all,
        "network_size",
        "About how many nodes the network has, 0 if unknown.",
        (double) engine.networkSize());
    gauge(all, "buckets", "Buckets of the deepest table.", engine.buckets());
    gauge(
        all, "requests_under_way", "Requests that wait for an answer.", engine.requestsUnderWay());
    gauge(all, "lookups_under_way", "Lookups that are running.", engine.lookupsUnderWay());
    gauge(all, "lookups_waiting", "Lookups that wait for a place.", engine.lookupsWaiting());
    gauge(
        all,
        "verifications_waiting",
        "Contacts that wait for a verifying ping.",
        engine.verificationsWaiting());
    gauge(
        all,
        "effects_under_way",
        "Signatures, verifications and other effects that are not finished.",
        engine.effectsUnderWay());
    gauge(
        all,
        "soft_timeout_seconds",
        "After how long a request counts as slow.",
        engine.softTimeoutNanos() / NANOS);
    gauge(
        all,
        "rtt_median_seconds",
        "Median round-trip time, 0 if unknown.",
        engine.rttMedianNanos() / NANOS);
    gauge(all, "joined", "1 if the node found its network, else 0.", engine.joined() ? 1 : 0);
    gauge(all, "outage", "1 if nobody answers at present, else 0.", engine.outage() ? 1 : 0);
    gauge(all, "full", "1 if the node is a full one, 0 if it is read-only.", engine.full() ? 1 : 0);
  }

  private static void addStore(MetricSnapshots.Builder all, EngineStats engine) {
    RecordStore.Stats store = engine.store();
    gauge(all, "records_held", "Records and chunks held.", store.items());
    gauge(
        all, "records_held_bytes", "Bytes of the records and chunks held.", (double) store.bytes());
    gauge(all, "record_sources", "Sources of the records and chunks held.", store.sources());
    gauge(
        all,
        "remembered_sequences",
        "Sequences remembered of records that are no longer held.",
        store.rememberedSequences());
    gauge(all, "publications", "Records that this node publishes again.", engine.publications());
    counter(
        all,
        "records_evicted",
        "Records and chunks given up before their end, for others.",
        store.evicted());
    counter(
        all,
        "sequences_forgotten",
        "Remembered sequences given up before their time, for others.",
        store.forgotten());
  }

  static void gauge(MetricSnapshots.Builder all, String name, String help, double value) {
    all.metricSnapshot(
        GaugeSnapshot.builder()
            .name("bytchat_" + name)
            .help(help)
            .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
            .build());
  }

  static void counter(MetricSnapshots.Builder all, String name, String help, long value) {
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name("bytchat_" + name)
            .help(help)
            .dataPoint(CounterDataPointSnapshot.builder().value((double) value).build())
            .build());
  }

  /** The name between {@code bytchat_} and {@code _total}. */
  static String nameOf(Counter counter) {
    return counter.name().toLowerCase(Locale.ROOT);
  }

  /** What a counter counts, in the words of its documentation. */
  static String helpFor(Counter counter) {
    return switch (counter) {
      case RECEIVED -> "Datagrams received.";
      case RECEIVED_BYTES -> "Bytes received.";
      case SENT -> "Datagrams sent.";
      case SENT_BYTES -> "Bytes sent.";
      case ANSWERED -> "Queries that were answered.";
      case REFUSED -> "Queries that were answered with an error.";
      case REQUESTS -> "Requests sent, first tries only.";
      case RESENT -> "Requests sent again.";
      case RESPONSES -> "Answers that were accepted.";
      case ERRORS_RECEIVED -> "Errors that were accepted as answers.";
      case TIMEOUTS -> "Requests that got no answer in time.";
      case DROPPED_MALFORMED -> "Datagrams dropped because they are no message.";
      case DROPPED_OTHER_NETWORK -> "Datagrams dropped because they belong to another network.";
      case DROPPED_BAD_SOURCE -> "Datagrams dropped because of the address they came from.";
      case DROPPED_OWN_ID -> "Datagrams dropped because they bear the own id.";
      case DROPPED_RATE_LIMITED -> "Queries dropped because their source asks too often.";
      case DROPPED_AMPLIFICATION ->
          "Queries dropped because no answer fits three times their length.";
      case DROPPED_UNSOLICITED -> "Replies dropped because nobody asked for them.";
      case DROPPED_WRONG_ENDPOINT ->
          "Replies dropped because they came from another endpoint than was asked.";
      case DROPPED_WRONG_ID -> "Replies dropped because another node answered than was asked.";
      case DROPPED_INCOMPLETE -> "Replies dropped because what they must contain is missing.";
      case BAD_TOKENS -> "Tokens that were not valid.";
      case PROOFS_SIGNED -> "Proofs of id signed.";
      case PROOFS_BUSY -> "Proofs of id refused because too many were asked for.";
      case PROOFS_VERIFIED -> "Proofs of others that were good.";
      case PROOFS_FAILED -> "Proofs of others that were missing or false.";
      case VERIFICATIONS_DROPPED -> "Contacts not verified because too many wait.";
      case CONTACTS_DROPPED -> "Contacts named by others that are of no use.";
      case CONTACTS_ADDED -> "Contacts taken into the table.";
      case CONTACTS_EVICTED -> "Contacts evicted from the table.";
      case LOOKUPS -> "Lookups that ended.";
      case LOOKUPS_CROWDED ->
          "Lookups of keys with far more nodes around them than there should be.";
      case LOOKUPS_REFUSED -> "Lookups refused because too many wait.";
      case FORWARDS -> "Times that a third node was sent to a peer.";
      case FORWARDS_REFUSED -> "Times that a third node was not sent.";
      case EFFECTS_REFUSED -> "Effects refused because too many are under way.";
      case OUTAGES -> "Network outages noticed.";
      default -> helpForRecords(counter);
    };
  }

  private static String helpForRecords(Counter counter) {
    return switch (counter) {
      case RECORDS_STORED -> "Records and chunks taken, prolonged chunks included.";
      case PUTS_UNCHANGED -> "Puts of what was held already.";
      case PUTS_MALFORMED -> "Puts refused because the bytes are no record and no chunk.";
      case PUTS_TOO_BIG -> "Puts refused because the record is too long.";
      case PUTS_WRONG_KEY -> "Puts refused because the key is not the record's.";
      case PUTS_BAD_TIME -> "Puts refused because of the record's times.";
      case PUTS_BAD_SIGNATURE -> "Puts refused because of the user's key or the signature.";
      case PUTS_CAS_MISMATCH -> "Puts refused because another sequence is known than was expected.";
      case PUTS_TOO_OLD -> "Puts refused because a higher sequence is known.";
      case PUTS_CONFLICT -> "Puts refused because of other bytes under the same sequence.";
      case PUTS_QUOTA -> "Puts refused because there is no space for them.";
      case PUTS_BUSY -> "Puts refused because too many signatures wait to be verified.";
      case RECORDS_EXPIRED -> "Records, chunks and remembered sequences that ended.";
      case KEEPS_FAILED -> "Times that the records could not be written to disk.";
      case READS_INVALID -> "Records read from others that were not valid.";
      case REPAIR_CHECKS -> "Holders asked whether they hold what is held here.";
      case REPAIRS -> "Records and chunks given to holders that lacked them.";
      case PEERS_STORED -> "Peers that were announced in Mainline's dialect and taken.";
      case QUERIES_IGNORED -> "Queries that a read-only Mainline node did not answer.";
      case SERVED -> "Queries that a service of this node answered.";
      case SERVICES_BUSY -> "Queries for a service refused because too many are under way.";
      case SERVICES_FAILED -> "Queries for a service that it failed on.";
      default -> throw new AssertionError("no counter of records: " + counter);
    };
  }
}
