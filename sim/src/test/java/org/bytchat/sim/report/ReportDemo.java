package org.bytchat.sim.report;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** A report of a run that never was, with all that a report can have. */
final class ReportDemo {

  static final List<String> PLOTS =
      List.of(
          "Lookup latency",
          "RPCs for each lookup",
          "Lookup success over time",
          "Table fill by bucket",
          "Record survival",
          "Bytes per second and node, by purpose",
          "Cost against latency",
          "Gaps, one point and broken lines",
          "Nothing");

  private static final int MINUTES = 10_000;

  private ReportDemo() {}

  static Report report() {
    return new Report("Kademlia under churn, 1,000 nodes")
        .description("How lookups fare while nodes come and go as they did in KAD, for one week.")
        .seed(4242424242424242L)
        .verdict(Verdict.UNKNOWN, "2 of 3 checks ended before the run was stopped.")
        .partial("stopped by the user after 3 h 12 min of virtual time.")
        .figure("lookup success", "99.82 %", "of 50,000 lookups")
        .figure("lookup latency, median", 812.4567, "ms; p99 2,431 ms")
        .figure("datagrams", 12_345_678, "310,000 a second and core")
        .figure("heap for each node", 9123.4, "bytes, limit 16,384")
        .figure("trace hash", "9f86d081884c7d65", "")
        .section("Lookups", latency(), rpcs(), success(), outcomes())
        .section(
            "Tables and records",
            new Note("Against F1, the fill of an ideal table. See https://doi.org/10.1145/1."),
            fill(),
            survival())
        .section("Traffic", traffic(), cost())
        .section("Corners", corners(), nothing())
        .parameter("nodes", 1000, "")
        .parameter("k", 20, "Maymounkov and Mazières 2002")
        .parameter(
            "session length",
            "Weibull 0.615, scale 169.5 min",
            "Steiner et al., A Global View of KAD, IMC 2007, https://doi.org/10.1145/1298306")
        .parameter("latency", "log-normal per pair, median 154 ms, sigma 0.48", "King, 2002")
        .parameter("loss", 0.01, "")
        .version("bytchat-sim", "0.1.0")
        .version("Java", "OpenJDK 17.0.15")
        .command("bytchat-sim run churn-kad.yaml --seed 4242424242424242 --set nodes=1000");
  }

  private static Plot latency() {
    Random random = new Random(1);
    LogHistogram found = new LogHistogram();
    LogHistogram failed = new LogHistogram();
    for (int i = 0; i < 20_000; i++) {
      found.record((long) (800_000 * Math.exp(0.5 * random.nextGaussian())));
      failed.record((long) (4_000_000 * Math.exp(0.2 * random.nextGaussian())));
    }
    LogHistogram.Cumulative good = found.cumulative(1000);
    LogHistogram.Cumulative bad = failed.cumulative(1000);
    return new Plot(PLOTS.get(0))
        .axes("ms", "share of lookups")
        .logX()
        .rangeY(0, 1)
        .caption("Cumulative. Lookups that failed took as long as their timeouts.")
        .steps("found", good.values(), good.shares())
        .steps("failed", bad.values(), bad.shares());
  }

  private static Plot rpcs() {
    double[] x = values(40, i -> i + 1);
    return new Plot(PLOTS.get(1))
        .axes("RPCs", "lookups")
        .bars("lookups", x, values(40, i -> 5000 * Math.exp(-Math.pow(i - 22, 2) / 40.0)));
  }

  private static Plot success() {
    Random random = new Random(2);
    double[] hours = values(MINUTES, i -> i / 60.0);
    double[] share =
        values(MINUTES, i -> i > 4000 && i < 4400 ? 0.7 : 0.995 + random.nextGaussian() / 300);
    return new Plot(PLOTS.get(2))
        .axes("hours of virtual time", "share of lookups")
        .rangeY(0, 1)
        .band("5 to 95 %", hours, values(MINUTES, i -> share[i] - 0.1), share)
        .line("mean", hours, share);
  }

  private static Table outcomes() {
    return new Table("Outcomes", List.of("outcome", "lookups", "share", "median ms"))
        .row("found the closest", 49_910, 0.9982, 812.4)
        .row("missed one of the closest", 71, 0.00142, 2210.0)
        .row("timed out", 19, 0.00038, null)
        .caption("Warm-up of 30 minutes left out.");
  }

  private static Plot fill() {
    double[] bucket = values(14, i -> i);
    return new Plot(PLOTS.get(3))
        .axes("bucket", "contacts")
        .bars("measured", bucket, values(14, i -> Math.min(19.4, 500 / Math.pow(2, i))))
        .bars("with PNS", bucket, values(14, i -> Math.min(19.9, 480 / Math.pow(2, i))))
        .points("ideal", bucket, values(14, i -> Math.min(20, 500 / Math.pow(2, i))));
  }

  private static Plot traffic() {
    double[] hours = values(MINUTES, i -> i / 60.0);
    Random random = new Random(3);
    Plot plot = new Plot(PLOTS.get(5)).axes("hours of virtual time", "bytes/s");
    String[] purposes = {"lookups", "refresh", "pings", "puts", "gets", "repair", "other"};
    for (int purpose = 0; purpose < purposes.length; purpose++) {
      double level = 40.0 * (purpose + 1);
      plot.line(purposes[purpose], hours, values(MINUTES, i -> level + 5 * random.nextGaussian()));
    }
    return plot;
  }

  private static Plot survival() {
    double[] hours = values(169, i -> i);
    return new Plot(PLOTS.get(4))
        .axes("hours since the put", "share of records lost")
        .logY()
        .line("5 replicas, no repair", hours, values(169, i -> 1 - Math.exp(-i / 40.0)))
        .line("5 replicas, repair", hours, values(169, i -> i * 1e-6))
        .line("8 replicas, repair", hours, values(169, i -> i * 1e-8));
  }

  private static Plot cost() {
    double[] cost = {8, 15, 31, 62, 130, 270, 800, 1900};
    return new Plot(PLOTS.get(6))
        .axes("bytes/s for each node", "median lookup latency, ms")
        .logX()
        .logY()
        .line("hull", cost, values(cost.length, i -> 400 + 3000 / cost[i]))
        .points("runs", cost, values(cost.length, i -> 500 + 5000 / cost[i]));
  }

  private static Plot corners() {
    double[] x = values(100, i -> i);
    Plot plot = new Plot(PLOTS.get(7)).axes("x", "y");
    plot.line("gap", x, values(100, i -> i > 30 && i < 60 ? Double.NaN : i * 1e4));
    plot.line("one", new double[] {50}, new double[] {5e5});
    for (int curve = 2; curve < 9; curve++) {
      double height = curve * 1e5;
      plot.line("curve " + curve, x, values(100, i -> height + i * 500));
    }
    return plot;
  }

  private static Plot nothing() {
    return new Plot(PLOTS.get(8)).logX().line("a", new double[] {-1, 0}, new double[] {1, 2});
  }

  private static double[] values(int count, IntToDoubleFunction function) {
    double[] values = new double[count];
    Arrays.setAll(values, function);
    return values;
  }
}
