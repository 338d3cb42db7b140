package org.bytchat.sim.scenario;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.StoreConfig;
import org.jspecify.annotations.Nullable;

/** What of a scenario must fit together; each part alone is in order. */
final class CrossRules {

  private CrossRules() {}

  static void checkFaults(List<Fault> faults, int nodes, Phases phases) {
    long all = nodes;
    for (int i = 0; i < faults.size(); i++) {
      Fault fault = faults.get(i);
      String path = "faults." + i;
      String end = "the end of phases.measure, " + Values.text(phases.measure());
      if (fault.at().compareTo(phases.measure()) >= 0) {
        throw new Refused(path + ".at", "must be before " + end, Values.text(fault.at()));
      }
      if (fault.endsAt().compareTo(phases.measure()) > 0) {
        throw new Refused(
            path + "." + endKey(fault), "must not lead beyond " + end, Values.text(fault.endsAt()));
      }
      if (fault instanceof Fault.Isolate isolate) {
        for (int j = 0; j < isolate.nodes().size(); j++) {
          Refused.range(path + ".nodes." + j, isolate.nodes().get(j), 0, nodes - 1);
        }
      }
      if (fault instanceof Fault.Join join) {
        all += join.nodes();
        if (all > Scenario.NODES_MAX) {
          throw new Refused(
              path + ".nodes",
              "must not make it more than %d nodes in all".formatted(Scenario.NODES_MAX),
              join.nodes());
        }
      }
    }
  }

  /** What attacks have to fit. */
  record Whole(int nodes, Bootstrap bootstrap, Phases phases, Workload workload) {}

  static void checkAttacks(List<Attack> attacks, Whole scenario) {
    int nodes = scenario.nodes();
    int bootstrap = scenario.bootstrap().nodes();
    double sybils = 0;
    int hosts = 0;
    for (int i = 0; i < attacks.size(); i++) {
      Attack attack = attacks.get(i);
      String path = "attacks." + i;
      checkRecords(attack, path, scenario.workload());
      Duration at = at(attack);
      if (at.compareTo(scenario.phases().measure()) >= 0) {
        throw new Refused(
            path + ".at",
            "must be before the end of phases.measure, " + Values.text(scenario.phases().measure()),
            Values.text(at));
      }
      if (attack instanceof Attack.Sybils some) {
        sybils += some.share();
        hosts += some.bootstrap();
        if (hosts >= bootstrap) {
          throw new Refused(
              path + ".bootstrap",
              "must leave one of bootstrap.nodes, %d, honest".formatted(bootstrap),
              some.bootstrap());
        }
        if (nodes - Math.round(sybils * nodes) < Math.max(2, bootstrap)) {
          throw new Refused(
              path + ".share", "must leave as many honest nodes as bootstrap hosts", some.share());
        }
      }
    }
  }

  private static Duration at(Attack attack) {
    if (attack instanceof Attack.Targeted targeted) {
      return targeted.at();
    }
    if (attack instanceof Attack.Eclipse eclipse) {
      return eclipse.at();
    }
    if (attack instanceof Attack.Exhaustion exhaustion) {
      return exhaustion.at();
    }
    return attack instanceof Attack.Spoofing spoofing ? spoofing.at() : Duration.ZERO;
  }

  private static void checkRecords(Attack attack, String path, Workload workload) {
    int records = 0;
    if (attack instanceof Attack.Targeted targeted) {
      records = targeted.records();
    } else if (attack instanceof Attack.Exhaustion exhaustion) {
      records = exhaustion.records();
    }
    int count = workload.records() == null ? 0 : workload.records().count();
    if (records > count) {
      throw new Refused(
          path + ".records",
          count == 0
              ? "needs workload.records"
              : "must not be above workload.records.count, " + count,
          records);
    }
  }

  private static String endKey(Fault fault) {
    if (fault instanceof Fault.Crash) {
      return "back_after";
    }
    return fault instanceof Fault.Join ? "over" : "until";
  }

  static void checkTimes(Bootstrap bootstrap, Phases phases, Workload workload) {
    Duration end = phases.settle().plus(phases.measure());
    if (bootstrap.joinOver().compareTo(end) > 0) {
      throw new Refused(
          "bootstrap.join_over",
          "must not be above phases.settle and phases.measure, " + Values.text(end),
          Values.text(bootstrap.joinOver()));
    }
    String measure = "phases.measure, " + Values.text(phases.measure());
    if (workload.lookups() != null && workload.lookups().start().compareTo(phases.measure()) >= 0) {
      throw new Refused(
          "workload.lookups.start",
          "must be below " + measure,
          Values.text(workload.lookups().start()));
    }
    Workload.Records records = workload.records();
    if (records != null && records.start().compareTo(phases.measure()) > 0) {
      throw new Refused(
          "workload.records.start", "must not be above " + measure, Values.text(records.start()));
    }
    if (records != null
        && records.start().plus(records.putOver()).compareTo(phases.measure()) > 0) {
      throw new Refused(
          "workload.records.put_over",
          records.start().isZero()
              ? "must not be above " + measure
              : "must with workload.records.start not be above " + measure,
          Values.text(records.putOver()));
    }
  }

  static void checkRecords(Workload workload, StoreConfig store) {
    Workload.Records records = workload.records();
    if (records == null) {
      return;
    }
    if (records.ttl().compareTo(store.ttlMin()) < 0
        || records.ttl().compareTo(store.ttlMax()) > 0) {
      throw new Refused(
          "workload.records.ttl",
          "must be in node.store.ttlMin..ttlMax, %s..%s"
              .formatted(Values.text(store.ttlMin()), Values.text(store.ttlMax())),
          Values.text(records.ttl()));
    }
    int valueMax = store.recordBytesMax() - Workload.Records.OTHER_BYTES;
    if (records.valueBytes() > valueMax) {
      throw new Refused(
          "workload.records.value_bytes",
          "must not be above %d with node.store.recordBytesMax of %d"
              .formatted(valueMax, store.recordBytesMax()),
          records.valueBytes());
    }
  }

  static void checkMail(
      @Nullable Mail mail, @Nullable Churn churn, List<Attack> attacks, Phases phases) {
    if (mail == null) {
      return;
    }
    if (!attacks.isEmpty()) {
      throw new Refused("attacks", "must be empty where there is mail", attacks.size());
    }
    if (churn != null && churn.identity() == Churn.Identity.FRESH) {
      throw new Refused("churn.identity", "must be persistent where there is mail", "fresh");
    }
    String measure = "phases.measure, " + Values.text(phases.measure());
    Duration over = mail.messages().over();
    if (over != null && over.compareTo(phases.measure()) > 0) {
      throw new Refused("mail.messages.over", "must not be above " + measure, Values.text(over));
    }
    Mail.Flood flood = mail.flood();
    if (flood != null && flood.at().compareTo(phases.measure()) >= 0) {
      throw new Refused("mail.flood.at", "must be below " + measure, Values.text(flood.at()));
    }
  }

  static void checkExpectations(Checks checks, Workload workload) {
    Double lookups = checks.expect().lookupSuccessMin();
    if (lookups != null && workload.lookups() == null) {
      throw new Refused("checks.expect.lookup_success_min", "needs workload.lookups", lookups);
    }
    if (lookups != null && checks.lookups() == Checks.LookupCheck.NONE) {
      throw new Refused(
          "checks.expect.lookup_success_min", "needs checks.lookups other than none", lookups);
    }
    Double records = checks.expect().recordFoundMin();
    if (records != null && (workload.records() == null || workload.records().getRate() == 0)) {
      throw new Refused(
          "checks.expect.record_found_min", "needs workload.records with a get_rate", records);
    }
  }
}
