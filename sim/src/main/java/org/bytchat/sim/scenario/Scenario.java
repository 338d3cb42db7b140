package org.bytchat.sim.scenario;

import java.util.List;
import java.util.Map;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Default;
import org.jspecify.annotations.Nullable;

/**
 * All that a simulation is told. The keys of a scenario file are the components' names in snake
 * case; those below {@code node} are the names of a node's configuration as they are.
 *
 * <p>The constructors of this record and of its parts throw {@link IllegalArgumentException} if a
 * value is out of its range, or values do not fit each other.
 *
 * @param name 1 to 100 characters, default the file's name
 * @param description what it shows, default empty
 * @param citation where its values come from, default empty
 * @param seed what all randomness comes from, default 1
 * @param nodes how many nodes are up at the start; 2 to 4,000,000. With churn there are more in all
 * @param mode how messages travel, default object
 * @param signatures what signs, default simulated
 * @param bootstrap how the network comes to be
 * @param node the configuration of every node; by default that of a node, but {@code
 *     assumeReachable} is true
 * @param phases the parts of the run
 * @param network what happens to datagrams
 * @param churn how nodes come and go, null if they do not, which is the default
 * @param nat nodes that are not reachable from outside
 * @param clocks how wrong clocks are
 * @param faults what goes wrong, default nothing
 * @param attacks who wants it to go wrong, default nobody
 * @param workload what the nodes are asked to do
 * @param mail mailboxes, null for none, which is the default
 * @param checks what is checked
 * @param output how much is written
 */
public record Scenario(
    String name,
    @Default("") String description,
    @Default("") String citation,
    @Default("1") long seed,
    int nodes,
    @Default("object") Mode mode,
    @Default("simulated") Signatures signatures,
    Bootstrap bootstrap,
    DhtConfig node,
    Phases phases,
    Network network,
    @Absent("none") @Nullable Churn churn,
    Nat nat,
    Clocks clocks,
    List<Fault> faults,
    List<Attack> attacks,
    Workload workload,
    @Absent("none") @Nullable Mail mail,
    Checks checks,
    Output output) {

  /** The most nodes of a run, those that join later included. */
  public static final int NODES_MAX = 4_000_000;

  public Scenario {
    if (name.isBlank() || name.length() > 100) {
      throw new Refused("name", "must have 1..100 characters, not only blanks", "'" + name + "'");
    }
    Refused.range("nodes", nodes, 2, NODES_MAX);
    if (bootstrap.nodes() > nodes) {
      throw new Refused("bootstrap.nodes", "must not be above nodes, " + nodes, bootstrap.nodes());
    }
    if (node.readOnly()) {
      throw new Refused("node.readOnly", "must be false, or nobody is in a table", true);
    }
    faults = List.copyOf(faults);
    attacks = List.copyOf(attacks);
    CrossRules.checkFaults(faults, nodes, phases);
    CrossRules.checkTimes(bootstrap, phases, workload);
    CrossRules.checkRecords(workload, node.store());
    CrossRules.checkExpectations(checks, workload);
    CrossRules.checkMail(mail, churn, attacks, phases);
    CrossRules.checkAttacks(attacks, new CrossRules.Whole(nodes, bootstrap, phases, workload));
    if (checks.lookups() == Checks.LookupCheck.AUTO) {
      boolean isPerfect =
          bootstrap.kind() == Bootstrap.Kind.ORACLE
              && churn == null
              && faults.isEmpty()
              && attacks.isEmpty()
              && network.loss() == 0
              && network.bandwidth() == null
              && nat.share() == 0;
      checks = checks.withLookups(isPerfect ? Checks.LookupCheck.EXACT : Checks.LookupCheck.RECALL);
    }
  }

  /**
   * Returns the scenario as a file would have it, with every key.
   *
   * @return a new map of maps, lists, numbers, truth values and strings, in the order of the
   *     components; {@link Scenarios#of} makes an equal scenario of it
   */
  public Map<String, Object> toMap() {
    return MapWriter.map(this);
  }
}
