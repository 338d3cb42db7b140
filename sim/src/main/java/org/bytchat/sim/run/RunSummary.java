package org.bytchat.sim.run;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytchat.sim.kernel.Outcome;
import org.bytchat.sim.mail.MailFigures;
import org.bytchat.sim.report.Summary;
import org.bytchat.sim.scenario.Scenario;

/** The figures of a run by name, as scripts read them. */
final class RunSummary {

  private RunSummary() {}

  static Summary of(RunResult result, int threads) {
    Scenario scenario = result.plan().scenario();
    RunResult.End end = result.end();
    RunResult.Cost cost = result.cost();
    Recorder.Totals totals = result.totals();
    double runSeconds = Math.max(1e-9, cost.runNanos() / 1e9);
    long delivered = cost.count(Outcome.DELIVERED);
    Summary summary = new Summary();
    summary
        .put("scenario", scenario.name())
        .put("seed", scenario.seed())
        .put("nodes", scenario.nodes())
        .put("mode", scenario.mode().name().toLowerCase(Locale.ROOT))
        .put("threads", threads)
        .put("verdict", end.verdict().name().toLowerCase(Locale.ROOT))
        .put("why", end.why())
        .put("partial", end.isPartial())
        .put("trace_hash", "%016x".formatted(end.traceHash()))
        .put("virtual_s", end.virtualMicros() / 1e6)
        .put("wall_s", cost.wallNanos() / 1e9)
        .put("run_wall_s", runSeconds)
        .put("datagrams", delivered)
        .put("datagrams_per_s", delivered / runSeconds)
        .put("datagrams_per_core_s", perCore(cost))
        .put("events", cost.events())
        .put("nodes_up", cost.nodesUp())
        .put("lookups", totals.lookups)
        .put("refused", totals.refusedOps)
        .put("lookup_success", ratio(totals.successes, totals.lookups))
        .put("lookup_exact", ratio(totals.exact, totals.lookups))
        .put("lookup_recall", ratio(totals.foundContacts, totals.expectedContacts))
        .put("lookup_micros", totals.latency)
        .put("lookup_depth", totals.depth)
        .put("lookup_rounds", totals.rounds)
        .put("lookup_requests", totals.requestCounts)
        .put("lookup_failures_mean", ratio(totals.failures, totals.lookups))
        .put("heap_bytes_per_node", cost.heapBytes() / result.plan().lives().size())
        .put("heap_bytes", cost.heapBytes())
        .put("checks", cost.checks());
    addParts(summary, result);
    summary.detail("problems", end.problems());
    summary.detail("parameters", scenario.toMap());
    summary.detail("java", System.getProperty("java.vm.version"));
    return summary;
  }

  /** Adds what only some runs have, and what became of datagrams. */
  private static void addParts(Summary summary, RunResult result) {
    Scenario scenario = result.plan().scenario();
    RunResult.Cost cost = result.cost();
    Recorder.Totals totals = result.totals();
    if (totals.finalLookups > 0) {
      summary.put("final_lookup_success", ratio(totals.finalSuccesses, totals.finalLookups));
    }
    if (!result.plan().records().isEmpty()) {
      summary.put("records", records(result.records()));
    }
    if (!scenario.attacks().isEmpty()) {
      summary.put("attack", result.attack().toMap());
    }
    MailFigures mail = result.mail();
    if (mail != null) {
      summary.put("mail", mail.toMap());
    }
    Map<String, Object> outcomes = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome.name().toLowerCase(Locale.ROOT), cost.count(outcome));
    }
    summary.put("outcomes", outcomes);
  }

  /** Datagrams for each second of a core while it was measured, collections of garbage included. */
  private static double perCore(RunResult.Cost cost) {
    return cost.measuredCpuNanos() == 0
        ? Double.NaN
        : cost.measuredDatagrams() / (cost.measuredCpuNanos() / 1e9);
  }

  private static Map<String, Object> records(RecordBook.Counts counts) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("puts", counts.puts);
    all.put("puts_enough", counts.putsEnough);
    all.put("gets", counts.gets);
    all.put("gets_expected", counts.getsExpected);
    all.put("found", counts.found);
    all.put("stale", counts.stale);
    all.put("missed", counts.missed);
    all.put("violations", counts.violations);
    all.put("get_ms_p50", counts.getMicros.quantile(0.5) / 1e3);
    all.put("put_ms_p50", counts.putMicros.quantile(0.5) / 1e3);
    return all;
  }

  /** A share, not a number of nothing, which JSON says as null. */
  private static double ratio(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }
}
