package org.bytchat.sim.run;

import java.io.IOException;
import java.time.Duration;
import org.bytchat.sim.model.ChurnModel;
import org.bytchat.sim.model.TraceChurn;
import org.bytchat.sim.scenario.Churn;
import org.bytchat.sim.scenario.Fault;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.scenario.Workload;
import org.bytchat.sim.theory.IdealTable;
import org.jspecify.annotations.Nullable;

/** How much heap a scenario will take, so that one that cannot fit is refused before it starts. */
public final class HeapEstimate {

  /** A machine with its key, contact, endpoint and plan, whether or not its node is up. */
  private static final long BYTES_PER_MACHINE = 700;

  /** A node that is up, without its contacts. */
  private static final long BYTES_PER_NODE = 5_000;

  /** An attacker, who has no node, but a packet, and a part in lists of the others. */
  private static final long BYTES_PER_ATTACKER = 2_500;

  /** A contact of a table, with the room of its row that is free. */
  private static final long BYTES_PER_CONTACT = 24;

  /** A planned operation or a row of a sample. */
  private static final long BYTES_PER_OPERATION = 200;

  /** The plan of one session: its times, and the events of its start and end. */
  private static final long BYTES_PER_SESSION = 150;

  /** The key and contact of a node that starts as somebody new. */
  private static final long BYTES_PER_IDENTITY = 300;

  /** A record with its holder's notes of it, without its value. */
  private static final long BYTES_PER_COPY = 700;

  /** What is known of a message, and what its devices and its sender know. */
  private static final long BYTES_PER_MESSAGE = 1_000;

  /** A user's keys, lists, programs and streams. */
  private static final long BYTES_PER_USER = 100_000;

  /** Records have more holders than they need once some have come back. */
  private static final int COPIES_PER_REPLICA = 2;

  /** From so many machines it is told how many sessions one has. */
  private static final int SAMPLE = 64;

  private static final long LONGEST_SAMPLE_MICROS = 86_400 * Plan.SECOND;

  private static final long BYTES_BASE = 64L << 20;

  private HeapEstimate() {}

  /**
   * Returns an estimate of the most heap that is in use at once.
   *
   * @param scenario what is to be run
   * @return bytes
   * @throws IOException if a file that the scenario names cannot be read
   */
  public static long bytes(Scenario scenario) throws IOException {
    Duration measured = scenario.phases().measure();
    double operations = operations(scenario.workload(), measured.toMillis() / 1e3);
    return (long)
        (BYTES_BASE
            + machines(scenario)
            + records(scenario)
            + mail(scenario.mail())
            + BYTES_PER_OPERATION * (operations + scenario.output().lookupsMax()));
  }

  private static double machines(Scenario scenario) throws IOException {
    long crowd = 0;
    for (Fault fault : scenario.faults()) {
      crowd += fault instanceof Fault.Join join ? join.nodes() : 0;
    }
    double up = scenario.nodes();
    double machines = up;
    double sessions = 0;
    Churn churn = scenario.churn();
    if (churn != null) {
      ChurnModel model = Models.of(scenario).churn();
      if (model instanceof TraceChurn trace) {
        machines = trace.nodes();
        up = Math.ceil(machines * model.availability());
      } else {
        machines = up / model.availability();
      }
      sessions = sessionsOf(model, scenario, machines);
    }
    double table = IdealTable.size((int) up, scenario.node().routing().bucketSize());
    boolean isFresh = churn != null && churn.identity() == Churn.Identity.FRESH;
    long attackers = AttackPlaces.hostile(scenario);
    return BYTES_PER_MACHINE * (machines + crowd + attackers)
        + BYTES_PER_ATTACKER * attackers
        + (up + crowd) * (BYTES_PER_NODE + BYTES_PER_CONTACT * table)
        + sessions * (BYTES_PER_SESSION + (isFresh ? BYTES_PER_IDENTITY : 0));
  }

  /** Returns how many sessions all machines have: of a file exactly, otherwise of a sample. */
  private static double sessionsOf(ChurnModel model, Scenario scenario, double machines) {
    long end = Plan.micros(scenario.phases().total());
    boolean isTrace = model instanceof TraceChurn;
    // Not so long that the sample itself would not fit.
    long until = isTrace ? end : Math.min(end, LONGEST_SAMPLE_MICROS);
    int sample = isTrace ? (int) machines : SAMPLE;
    long sessions = 0;
    for (int node = 0; node < sample; node++) {
      sessions += model.lives(scenario.seed(), node, until).size();
    }
    return sessions * (machines / sample) * ((double) end / Math.max(1, until));
  }

  private static double operations(Workload workload, double seconds) {
    double operations = 0;
    Workload.Lookups lookups = workload.lookups();
    if (lookups != null) {
      operations += countOr(lookups.count(), lookups.rate(), seconds);
    }
    Workload.Records records = workload.records();
    if (records != null) {
      operations += records.getRate() * seconds;
      operations += records.count() * versions(records.updateEvery(), seconds);
    }
    Workload.Profiles profiles = workload.profiles();
    if (profiles != null) {
      operations += profiles.count() * versions(profiles.updateEvery(), seconds);
    }
    return operations;
  }

  private static double countOr(@Nullable Integer count, @Nullable Double rate, double seconds) {
    return count != null ? count : rate == null ? 0 : rate * seconds;
  }

  private static double versions(@Nullable Duration every, double seconds) {
    return every == null ? 1 : 1 + seconds / Math.max(1e-3, every.toMillis() / 1e3);
  }

  private static double records(Scenario scenario) {
    double copies = (double) COPIES_PER_REPLICA * scenario.node().store().replicas();
    Workload.Records records = scenario.workload().records();
    Workload.Profiles profiles = scenario.workload().profiles();
    return copies
        * ((records == null
                ? 0
                : records.count() * (double) (BYTES_PER_COPY + records.valueBytes()))
            + (profiles == null ? 0 : profiles.count() * (double) BYTES_PER_COPY));
  }

  private static double mail(@Nullable Mail mail) {
    if (mail == null) {
      return 0;
    }
    // Trackers share the bytes of an envelope, and have notes of it each.
    int copies = mail.client().quorum().fetchCount();
    double message = mail.messages().bytes() + BYTES_PER_MESSAGE + copies * BYTES_PER_COPY;
    return mail.messages().count() * message
        + (double) mail.users() * BYTES_PER_USER
        + (double) mail.hosts() * (BYTES_PER_MACHINE + BYTES_PER_NODE);
  }

  /**
   * Refuses a scenario that cannot fit.
   *
   * @param scenario what is to be run
   * @throws IOException if it cannot; the message has the estimate
   */
  public static void check(Scenario scenario) throws IOException {
    long needed = bytes(scenario);
    long most = Runtime.getRuntime().maxMemory();
    if (needed > most) {
      throw new IOException(
          ("%s needs about %,d MB of heap, and this JVM may use %,d MB; give it more with"
                  + " java -Xmx%dm")
              .formatted(scenario.name(), needed >> 20, most >> 20, (needed >> 20) * 5 / 4));
    }
  }
}
