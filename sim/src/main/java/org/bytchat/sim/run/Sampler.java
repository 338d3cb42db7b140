package org.bytchat.sim.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.Traffic;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.report.LogHistogram;

/** Looks at all nodes between two intervals, while none of them does anything. */
final class Sampler {

  /** The columns of {@code series.csv}, that of the time excepted. */
  static final List<String> COLUMNS = columns();

  /** UDP and IPv4 headers (RFC 768, RFC 791). */
  private static final int HEADER_BYTES = 28;

  private static final int NODES_SAMPLED = 200;
  private static final int BUCKET_NODES = 2_000;

  /** How many of those closest to a record are asked whether they hold it. */
  private static final int HOLDERS_ASKED = 20;

  private static final int RECORDS_SAMPLED = 200;

  private final Kernel kernel;
  private final Directory directory;
  private final RecordMaker maker;
  private final RecordBook book;
  private final int records;
  private final List<Integer> victims;

  private final long[] bytesBefore = new long[Traffic.values().length];
  private long datagramsBefore;
  private long timeBefore;
  private Recorder.Totals totalsBefore = new Recorder.Totals();
  private long getsBefore;
  private long foundBefore;
  private NodeId[] places = {};

  /** Where the sampler looks. */
  record View(Kernel kernel, Directory directory, List<Integer> victims) {}

  Sampler(View view, RecordMaker maker, RecordBook book, int records) {
    this.kernel = view.kernel;
    this.directory = view.directory;
    this.victims = view.victims;
    this.maker = maker;
    this.book = book;
    this.records = records;
  }

  private static List<String> columns() {
    List<String> all = new ArrayList<>();
    all.addAll(
        List.of(
            "nodes_up",
            "contacts_mean",
            "contacts_stale",
            "lookups",
            "lookup_success",
            "lookup_ms_p50",
            "lookup_ms_p95",
            "requests_per_lookup",
            "datagrams_per_node_s",
            "bytes_per_node_s"));
    for (Traffic traffic : Traffic.values()) {
      all.add("bytes_per_node_s_" + traffic.name().toLowerCase(Locale.ROOT));
    }
    all.addAll(List.of("record_gets", "record_found", "record_holders_mean", "records_alive"));
    all.addAll(List.of("hostile_contacts", "victim_hostile_contacts"));
    return List.copyOf(all);
  }

  /** Measures the interval that ends now. */
  double[] sample(Recorder.Totals totals, LogHistogram recent) {
    double[] row = new double[COLUMNS.size()];
    Arrays.fill(row, Double.NaN);
    long now = kernel.nowMicros();
    double seconds = (now - timeBefore) / 1e6;
    timeBefore = now;
    int up = countUp();
    int at = 0;
    row[at++] = up;
    double[] tables = tables(now);
    row[at++] = tables[0];
    row[at++] = tables[1];
    long lookups = totals.lookups - totalsBefore.lookups;
    row[at++] = lookups;
    row[at++] = share(totals.successes - totalsBefore.successes, lookups);
    row[at++] = lookups == 0 ? Double.NaN : recent.quantile(0.5) / 1e3;
    row[at++] = lookups == 0 ? Double.NaN : recent.quantile(0.95) / 1e3;
    row[at++] = share(totals.requests - totalsBefore.requests, lookups);
    totalsBefore = new Recorder.Totals();
    totalsBefore.add(totals);
    at = traffic(row, at, Math.max(1, up) * seconds);
    long gets = book.counts.getsExpected - getsBefore;
    row[at++] = gets;
    row[at++] = share(book.counts.found - foundBefore, gets);
    getsBefore = book.counts.getsExpected;
    foundBefore = book.counts.found;
    double[] holders = holders(now);
    row[at++] = holders[0];
    row[at++] = holders[1];
    if (directory.isAttacked()) {
      row[at++] = tables[2];
      AttackFigures.TableShare attacked = new AttackFigures.TableShare();
      victims.forEach(place -> attacked.add(kernel.nodes().get(place), directory));
      row[at] = attacked.mean();
    }
    return row;
  }

  private int traffic(double[] row, int start, double nodeSeconds) {
    long datagrams = 0;
    long[] bytes = new long[bytesBefore.length];
    long allBytes = 0;
    for (Traffic traffic : Traffic.values()) {
      long sent = kernel.sentDatagrams(traffic);
      datagrams += sent;
      bytes[traffic.ordinal()] = kernel.sentBytes(traffic) + HEADER_BYTES * sent;
      allBytes += bytes[traffic.ordinal()] - bytesBefore[traffic.ordinal()];
    }
    int at = start;
    row[at++] = (datagrams - datagramsBefore) / nodeSeconds;
    row[at++] = allBytes / nodeSeconds;
    for (int i = 0; i < bytes.length; i++) {
      row[at++] = (bytes[i] - bytesBefore[i]) / nodeSeconds;
      bytesBefore[i] = bytes[i];
    }
    datagramsBefore = datagrams;
    return at;
  }

  private static double share(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }

  int countUp() {
    int up = 0;
    for (SimNode node : kernel.nodes()) {
      up += node.isUp() ? 1 : 0;
    }
    return up;
  }

  /** Returns how many contacts tables have, the share that is not up, and that is hostile. */
  private double[] tables(long now) {
    List<SimNode> nodes = kernel.nodes();
    long tables = 0;
    long contacts = 0;
    long stale = 0;
    AttackFigures.TableShare attacked = new AttackFigures.TableShare();
    for (int i = 0; i < NODES_SAMPLED; i++) {
      SimNode node = nodes.get(Mix.below(Mix.combine(now, i), nodes.size()));
      RoutingTable table = node.isUp() ? node.engine().table(AddressFamily.IPV4) : null;
      if (table != null) {
        tables++;
        if (directory.isAttacked()) {
          attacked.add(node, directory);
        }
        for (Contact contact : table.contacts()) {
          contacts++;
          stale += directory.isUpAs(contact, now) ? 0 : 1;
        }
      }
    }
    return new double[] {share(contacts, tables), share(stale, contacts), attacked.mean()};
  }

  /** Returns how many hold a record on average, and the share of records that anybody holds. */
  private double[] holders(long now) {
    if (records == 0) {
      return new double[] {Double.NaN, Double.NaN};
    }
    int sampled = Math.min(records, RECORDS_SAMPLED);
    if (places.length == 0) {
      places = new NodeId[sampled];
      for (int i = 0; i < sampled; i++) {
        places[i] = maker.place(i);
      }
    }
    long copies = 0;
    long alive = 0;
    long expected = 0;
    for (int record = 0; record < sampled; record++) {
      int version = book.currentVersion(record, now);
      int holders = version == 0 ? 0 : holdersOf(record, version, now);
      expected += version > 0 ? 1 : 0;
      copies += holders;
      alive += holders > 0 ? 1 : 0;
    }
    return new double[] {share(copies, expected), share(alive, expected)};
  }

  private int holdersOf(int record, int version, long now) {
    int holders = 0;
    for (Contact contact : directory.closest(places[record], HOLDERS_ASKED, now, now, null)) {
      SimNode node = kernel.nodes().get(directory.addresses().indexOf(contact.endpoint()));
      StoredItem held =
          node.isUp() ? node.engine().records().held(places[record], now * 1000) : null;
      if (held instanceof MutableRecord mutable
          && RecordMaker.versionOf(mutable.value()) >= version) {
        holders++;
      }
    }
    return holders;
  }

  /** Returns the mean number of contacts in each bucket, from the farthest. */
  double[] bucketFill() {
    List<SimNode> nodes = kernel.nodes();
    TreeMap<Integer, Long> sums = new TreeMap<>();
    long tables = 0;
    for (int i = 0; i < Math.min(BUCKET_NODES, nodes.size()); i++) {
      SimNode node =
          nodes.get((int) ((long) i * nodes.size() / Math.min(BUCKET_NODES, nodes.size())));
      RoutingTable table = node.isUp() ? node.engine().table(AddressFamily.IPV4) : null;
      if (table != null) {
        tables++;
        for (int bucket = 0; bucket < table.depth(); bucket++) {
          sums.merge(bucket, (long) table.bucketSize(bucket), Long::sum);
        }
      }
    }
    double[] fill = new double[sums.isEmpty() ? 0 : sums.lastKey() + 1];
    for (int bucket = 0; bucket < fill.length; bucket++) {
      fill[bucket] = (double) sums.getOrDefault(bucket, 0L) / Math.max(1, tables);
    }
    return fill;
  }
}
