package org.bytchat.sim.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytchat.sim.kernel.Outcome;
import org.bytchat.sim.kernel.Traffic;
import org.bytchat.sim.mail.MailFigures;
import org.bytchat.sim.report.Block;
import org.bytchat.sim.report.LogHistogram;
import org.bytchat.sim.report.Plot;
import org.bytchat.sim.report.Report;
import org.bytchat.sim.report.Series;
import org.bytchat.sim.report.Verdict;
import org.bytchat.sim.scenario.Bootstrap;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Signatures;
import org.bytchat.sim.theory.IdealTable;

/** The page about a run. */
final class RunReport {

  private static final double SECONDS_PER_HOUR = 3600;
  private static final double HOURS_FROM = 3 * SECONDS_PER_HOUR;

  private final RunResult result;
  private final Series series;
  private final Scenario scenario;

  private RunReport(RunResult result, Series series) {
    this.result = result;
    this.series = series;
    this.scenario = result.plan().scenario();
  }

  /**
   * Makes the page.
   *
   * @param result what came of the run
   * @param series what was measured while it ran
   * @param command what was typed
   * @throws IOException if a file that the scenario names cannot be read any more
   */
  static Report of(RunResult result, Series series, String command) throws IOException {
    return new RunReport(result, series).make(command);
  }

  private Report make(String command) throws IOException {
    Report report = new Report("Simulation: " + scenario.name());
    report.description(scenario.description()).seed(scenario.seed()).command(command);
    RunResult.End end = result.end();
    boolean isGood = end.verdict() == RunResult.Finding.NONE;
    report.verdict(
        !isGood ? Verdict.FAILED : end.isPartial() ? Verdict.UNKNOWN : Verdict.PASSED, end.why());
    if (end.isPartial()) {
      report.partial(
          String.format(
              Locale.ROOT,
              "It ended after %.0f of %.0f s of virtual time.",
              end.virtualMicros() / 1e6,
              result.plan().endMicros() / 1e6));
    }
    figures(report);
    lookups(report);
    records(report);
    mail(report);
    report.section("Tables", tables());
    report.section("Traffic", traffic());
    parameters(report);
    report.version("Java", String.valueOf(System.getProperty("java.vm.version")));
    String version = RunReport.class.getPackage().getImplementationVersion();
    report.version("bytchat-sim", version == null ? "development" : version);
    return report;
  }

  private void figures(Report report) {
    Recorder.Totals totals = result.totals();
    RunResult.Cost cost = result.cost();
    report.figure("Nodes up at the end", cost.nodesUp(), "");
    if (totals.lookups > 0) {
      report.figure("Lookups", totals.lookups, "");
      report.figure(
          "Found the closest node",
          percent(Simulation.share(totals.successes, totals.lookups)),
          "of all lookups");
      report.figure("Median lookup", totals.latency.quantile(0.5) / 1000, "ms");
      report.figure("Requests", round(totals.requestCounts.mean()), "per lookup");
    }
    RecordBook.Counts records = result.records();
    if (records.getsExpected > 0) {
      report.figure(
          "Records found",
          percent(Simulation.share(records.found, records.getsExpected)),
          "of the reads that had to");
    }
    MailFigures mail = result.mail();
    if (mail != null) {
      report.figure("Messages", mail.sent(), "");
      report.figure(
          "Messages kept",
          String.format(Locale.ROOT, "%.4f %%", 100 * mail.keptShare()),
          "delivered, or there to be fetched, at a random time");
    }
    long delivered = cost.count(Outcome.DELIVERED);
    report.figure("Datagrams", delivered, "delivered");
    report.figure(
        "Speed", Math.round(delivered / Math.max(1e-9, cost.runNanos() / 1e9)), "datagrams/s");
    report.figure("Heap", cost.heapBytes() / result.plan().lives().size(), "bytes per node");
    report.figure("Trace", "%016x".formatted(result.end().traceHash()), "");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static double round(double value) {
    return Math.rint(100 * value) / 100;
  }

  private void lookups(Report report) {
    Recorder.Totals totals = result.totals();
    if (totals.lookups == 0) {
      return;
    }
    LogHistogram.Cumulative latency = totals.latency.cumulative(1000);
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Plot("Time of a lookup")
            .caption("The share of lookups that took at most so long.")
            .axes("milliseconds", "share")
            .steps("lookups", latency.values(), latency.shares()));
    blocks.add(
        over("Lookups that found the closest node", "share")
            .caption("Of the lookups that ended in each interval.")
            .line("success", hours(), series.column("lookup_success")));
    blocks.add(
        over("Time of lookups", "milliseconds")
            .line("median", hours(), series.column("lookup_ms_p50"))
            .line("95 of 100", hours(), series.column("lookup_ms_p95")));
    blocks.add(cumulative("Requests of a lookup", "requests", totals.requestCounts));
    blocks.add(cumulative("Referrals and rounds", "count", totals.depth, totals.rounds));
    report.section("Lookups", blocks);
  }

  private static Plot cumulative(String title, String unit, LogHistogram histogram) {
    LogHistogram.Cumulative all = histogram.cumulative(1);
    return new Plot(title)
        .caption("The share of lookups with at most so many.")
        .axes(unit, "share")
        .steps("lookups", all.values(), all.shares());
  }

  private static Plot cumulative(
      String title, String unit, LogHistogram depth, LogHistogram rounds) {
    LogHistogram.Cumulative first = depth.cumulative(1);
    LogHistogram.Cumulative second = rounds.cumulative(1);
    return new Plot(title)
        .caption(
            "Depth counts the referrals to the farthest-referred node found; rounds count the"
                + " longest chain of requests that each waited for the one before.")
        .axes(unit, "share")
        .steps("depth", first.values(), first.shares())
        .steps("rounds", second.values(), second.shares());
  }

  private void records(Report report) {
    if (result.plan().records().isEmpty()) {
      return;
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        over("Records that somebody holds", "share")
            .caption("Of those that enough holders took and that have not ended.")
            .line("alive", hours(), series.column("records_alive")));
    blocks.add(
        over("Holders of a record", "nodes")
            .line("mean", hours(), series.column("record_holders_mean")));
    if (result.records().getsExpected > 0) {
      blocks.add(
          over("Reads that found what they had to", "share")
              .line("found", hours(), series.column("record_found")));
    }
    report.section("Records", blocks);
  }

  private static Plot times(String title, String unit, LogHistogram histogram) {
    LogHistogram.Cumulative all = histogram.cumulative(1);
    return new Plot(title)
        .caption("The share of messages for which it took at most so long.")
        .axes(unit, "share")
        .steps("messages", all.values(), all.shares());
  }

  private void mail(Report report) {
    MailFigures mail = result.mail();
    if (mail != null && mail.sent() > 0) {
      List<Block> blocks = new ArrayList<>();
      blocks.add(times("Time of a deposit", "milliseconds", mail.depositMillis()));
      blocks.add(times("Time until a device has it", "seconds", mail.deliverySeconds()));
      report.section("Mail", blocks);
    }
  }

  private List<Block> tables() {
    double[] fill = result.bucketFill();
    double[] buckets = new double[fill.length];
    double[] ideal = new double[fill.length];
    for (int i = 0; i < fill.length; i++) {
      buckets[i] = i;
      ideal[i] =
          IdealTable.bucketFill(
              Math.max(2, result.cost().nodesUp()), scenario.node().routing().bucketSize(), i);
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Plot("Contacts in each bucket")
            .caption(
                "At the end, on average; beside it what there would be if every bucket had all it"
                    + " could (formula F1).")
            .axes("bucket, from the farthest", "contacts")
            .bars("measured", buckets, fill)
            .line("ideal", buckets, ideal));
    blocks.add(
        over("Contacts of a table", "contacts")
            .line("mean", hours(), series.column("contacts_mean")));
    blocks.add(
        over("Contacts that are not up", "share")
            .line("stale", hours(), series.column("contacts_stale")));
    blocks.add(over("Nodes up", "nodes").line("up", hours(), series.column("nodes_up")));
    return blocks;
  }

  private List<Block> traffic() {
    Plot plot =
        over("Bytes sent by a node", "bytes/s").caption("With the headers of UDP and IPv4.");
    for (Traffic traffic : Traffic.values()) {
      String name = traffic.name().toLowerCase(Locale.ROOT);
      plot.line(name.replace('_', ' '), hours(), series.column("bytes_per_node_s_" + name));
    }
    return List.of(plot);
  }

  /** A plot over the time of the run. */
  private Plot over(String title, String yLabel) {
    return new Plot(title).axes(isLong() ? "hours" : "seconds", yLabel);
  }

  private boolean isLong() {
    return result.end().virtualMicros() / 1e6 >= HOURS_FROM;
  }

  private double[] hours() {
    double[] times = series.seconds();
    if (isLong()) {
      for (int i = 0; i < times.length; i++) {
        times[i] /= SECONDS_PER_HOUR;
      }
    }
    return times;
  }

  private void parameters(Report report) throws IOException {
    for (Runner.Described model : Runner.describe(scenario)) {
      report.parameter(model.name(), model.text(), model.citation());
    }
    report.parameter(
        "Signatures",
        scenario.signatures() == Signatures.SIMULATED
            ? "simulated: a keyed hash of the sizes of Ed25519"
            : "Ed25519",
        "");
    report.parameter(
        "Start",
        scenario.bootstrap().kind() == Bootstrap.Kind.ORACLE
            ? "tables filled beforehand from the sorted ids"
            : "nodes join through bootstrap hosts",
        "");
    Map<String, Object> flat = new LinkedHashMap<>();
    flatten("", scenario.toMap(), flat);
    flat.forEach((name, value) -> report.parameter(name, value, ""));
    if (!scenario.citation().isEmpty()) {
      report.parameter("Scenario", scenario.name(), scenario.citation());
    }
  }

  private static void flatten(String prefix, Map<?, ?> map, Map<String, Object> into) {
    map.forEach(
        (key, value) -> {
          String name = prefix + key;
          if (value instanceof Map<?, ?> inner) {
            flatten(name + ".", inner, into);
          } else if (!"description".equals(name) && !"citation".equals(name)) {
            into.put(name, String.valueOf(value));
          }
        });
  }
}
