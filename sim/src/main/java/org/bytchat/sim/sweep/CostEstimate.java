package org.bytchat.sim.sweep;

import java.time.Duration;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Workload;
import org.bytchat.sim.theory.HopLaw;
import org.bytchat.sim.theory.IdealTable;

/**
 * How many datagrams a scenario delivers, about, so that somebody can decide whether to wait for
 * it: from the pings and refreshes of idle nodes, and from the lookups of users and newcomers.
 */
final class CostEstimate {

  /** What a core handles in a second, about. */
  static final double DATAGRAMS_PER_SECOND = 200_000;

  /** What a node that joins costs, in lookups; measured on 250 nodes with the churn of KAD. */
  private static final double JOIN_LOOKUPS = 50;

  /** How long nodes stay, where they come and go. */
  private static final double SESSION_SECONDS = 4 * 3600;

  private CostEstimate() {}

  /** Returns how many datagrams a run delivers, about. */
  static double datagrams(Scenario scenario) {
    DhtConfig node = scenario.node();
    double seconds = seconds(scenario.phases().total());
    double nodeSeconds = scenario.nodes() * seconds;
    double requests = requestsPerLookup(scenario);
    double table = IdealTable.size(scenario.nodes(), node.routing().bucketSize());
    double pings =
        Math.min(
            1 / seconds(node.routing().pingInterval()),
            table / seconds(node.routing().staleAfter()));
    double buckets = 1 + log2(scenario.nodes());
    double lookups = buckets / seconds(node.routing().refreshInterval());
    if (scenario.churn() != null) {
      lookups += JOIN_LOOKUPS / SESSION_SECONDS;
    }
    double idle = nodeSeconds * (pings + lookups * requests);
    return 2 * (idle + workload(scenario) * requests);
  }

  /** Returns how many lookups users make. */
  private static double workload(Scenario scenario) {
    double measured = seconds(scenario.phases().measure());
    Workload workload = scenario.workload();
    double all = 0;
    Workload.Lookups lookups = workload.lookups();
    if (lookups != null) {
      Integer count = lookups.count();
      Double rate = lookups.rate();
      all += count != null ? count : rate != null ? rate * measured : 0;
    }
    Workload.Records records = workload.records();
    if (records != null) {
      Duration every = records.updateEvery();
      all += records.count() * (1 + (every == null ? 0 : measured / seconds(every)));
      all += records.getRate() * measured;
    }
    Workload.Profiles profiles = workload.profiles();
    if (profiles != null) {
      Duration every = profiles.updateEvery();
      all += profiles.count() * (1 + (every == null ? 0 : measured / seconds(every)));
    }
    return all;
  }

  /** All of the k closest are asked, and on the way so many more for each hop as go at once. */
  private static double requestsPerLookup(Scenario scenario) {
    int bucketSize = scenario.node().routing().bucketSize();
    double hops = HopLaw.greedyHops(scenario.nodes(), bucketSize);
    int parallelism = scenario.node().lookup().parallelism();
    return bucketSize + 0.75 * parallelism * Math.max(0, hops - 1);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  private static double log2(double value) {
    return StrictMath.log(value) / StrictMath.log(2);
  }
}
