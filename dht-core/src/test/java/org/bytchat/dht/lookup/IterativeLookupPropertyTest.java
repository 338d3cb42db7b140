package org.bytchat.dht.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.lookup.IterativeLookup.Limits;
import org.bytchat.dht.lookup.StaticNetwork.Behaviour;
import org.bytchat.dht.lookup.StaticNetwork.Plan;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;

/** Lookups in random networks; {@link LookupRun} checks every step of each. */
class IterativeLookupPropertyTest {

  private static final int NO_CAP = 2_000;

  @SeededTest(runs = 120)
  void lookup_noFaults_findsExactlyTheClosest(long seed) {
    Random random = Seeds.random(seed);
    Plan plan = new Plan(size(random), k(random), 0, 0, Behaviour.HONEST, true);
    StaticNetwork network = new StaticNetwork(plan, random);
    LookupResult result = run(network, plan, random).run(seeds(network, random));
    assertThat(result.closest()).isEqualTo(network.closestLive());
  }

  @SeededTest(runs = 120)
  void lookup_tablesWithoutTheDead_findsExactlyTheClosestLive(long seed) {
    Random random = Seeds.random(seed);
    Plan plan = new Plan(size(random), k(random), 3, 0, Behaviour.HONEST, false);
    StaticNetwork network = new StaticNetwork(plan, random);
    // The asker alone has not noticed that some are dead.
    List<Contact> stale = network.nodes.subList(0, Math.min(network.nodes.size(), 20));
    LookupResult result = run(network, plan, random).run(stale);
    boolean isConnected = stale.stream().anyMatch(network::answers);
    assertThat(result.closest()).isEqualTo(isConnected ? network.closestLive() : List.of());
  }

  @SeededTest(runs = 240)
  void lookup_deadNodesAndLiars_findsTheClosestLiveThatWereNamed(long seed) {
    Random random = Seeds.random(seed);
    Behaviour liar = random.nextBoolean() ? Behaviour.MAKES_UP : Behaviour.MISPLACES;
    Plan plan =
        new Plan(size(random), k(random), random.nextInt(5), 2 + random.nextInt(9), liar, true);
    StaticNetwork network = new StaticNetwork(plan, random);
    LookupRun run = run(network, plan, random);
    LookupResult result = run.run(seeds(network, random));
    List<Contact> live = run.named.stream().filter(network::answers).toList();
    assertThat(result.closest()).isEqualTo(network.nearest(live, plan.closest()));
  }

  @SeededTest(runs = 120)
  void lookup_endlessMadeUpContacts_endsWithThoseThatAnswered(long seed) {
    Random random = Seeds.random(seed);
    Plan plan = new Plan(size(random), k(random), 4, 3, Behaviour.FLOODS, true);
    StaticNetwork network = new StaticNetwork(plan, random);
    Limits limits =
        new Limits(
            plan.closest(),
            1 + random.nextInt(4),
            1 + random.nextInt(3),
            plan.closest() + random.nextInt(30));
    LookupResult result = new LookupRun(network, limits, random, true).run(seeds(network, random));
    assertThat(result.closest()).allMatch(network::answers);
  }

  private static LookupRun run(StaticNetwork network, Plan plan, Random random) {
    Limits limits =
        new Limits(plan.closest(), 1 + random.nextInt(5), 1 + random.nextInt(4), NO_CAP);
    return new LookupRun(network, limits, random, false);
  }

  private static int size(Random random) {
    return random.nextBoolean() ? 5 + random.nextInt(40) : 5 + random.nextInt(396);
  }

  private static int k(Random random) {
    return random.nextInt(3) == 0 ? 20 : 1 + random.nextInt(8);
  }

  /** Returns what a node begins with: the closest of its table, or one that it was told of. */
  private static List<Contact> seeds(StaticNetwork network, Random random) {
    return random.nextInt(3) == 0
        ? List.of(network.nodes.get(0))
        : network.closestKnownTo(network.own);
  }
}
