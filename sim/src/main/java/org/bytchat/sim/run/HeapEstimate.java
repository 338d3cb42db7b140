package org.bytchat.sim.run;

import java.io.IOException;
import org.bytchat.sim.scenario.Churn;
import org.bytchat.sim.scenario.Scenario;
import org.bytchat.sim.theory.IdealTable;

/** How much heap a scenario will take, so that one that cannot fit is refused before it starts. */
public final class HeapEstimate {

  /** A machine with its key, contact, endpoint and plan, whether or not its node is up. */
  private static final long BYTES_PER_MACHINE = 700;

  /** A node that is up, without its contacts. */
  private static final long BYTES_PER_NODE = 5_000;

  /** A contact of a table, with the room of its row that is free. */
  private static final long BYTES_PER_CONTACT = 24;

  /** A planned operation or a row of a sample. */
  private static final long BYTES_PER_OPERATION = 200;

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
    Churn churn = scenario.churn();
    double availability = churn == null ? 1 : Models.of(scenario).churn().availability();
    double table = IdealTable.size(scenario.nodes(), scenario.node().routing().bucketSize());
    double machines = scenario.nodes() / availability;
    double nodes = scenario.nodes() * (BYTES_PER_NODE + BYTES_PER_CONTACT * table);
    Integer lookups =
        scenario.workload().lookups() == null ? null : scenario.workload().lookups().count();
    double operations = lookups == null ? 0 : lookups;
    return (long)
        (BYTES_BASE
            + BYTES_PER_MACHINE * machines
            + nodes
            + BYTES_PER_OPERATION * (operations + scenario.output().lookupsMax()));
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
