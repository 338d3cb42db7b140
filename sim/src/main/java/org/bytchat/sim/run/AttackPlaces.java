package org.bytchat.sim.run;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.sim.model.AddressPlan;
import org.bytchat.sim.scenario.Attack;
import org.bytchat.sim.scenario.Scenario;

/**
 * Which places of a plan attackers have: the last ones, in the order of the attacks, and perhaps
 * some of the bootstrap hosts. Before them come the victims that attacks bring along. It follows
 * from the scenario and the number of places, so a plan need not tell.
 */
final class AttackPlaces {

  private final List<Group> groups = new ArrayList<>();
  private final int firstVictim;
  private final int firstHostile;
  private final int end;

  /** Of the bootstrap hosts, those from one to another are hostile. */
  private final int bootstrapFrom;

  private final int bootstrapEnd;

  /**
   * Attackers who work together.
   *
   * @param attack what they do
   * @param number which group of its attack it is
   * @param victim the place of whom they attack; -1 if they have no victim of their own
   * @param first the first of their places
   * @param count how many places they have
   * @param subnets in how many subnets they are, 0 for one each
   */
  record Group(Attack attack, int number, int victim, int first, int count, int subnets) {}

  private AttackPlaces(Scenario scenario, int places) {
    int hostile = hostile(scenario);
    int bootstrap = 0;
    for (Attack attack : scenario.attacks()) {
      bootstrap += attack instanceof Attack.Sybils sybils ? sybils.bootstrap() : 0;
    }
    this.bootstrapEnd = scenario.bootstrap().nodes();
    this.bootstrapFrom = bootstrapEnd - bootstrap;
    this.end = places;
    this.firstHostile = places - hostile;
    this.firstVictim = firstHostile - victims(scenario);
    int next = firstHostile;
    int victim = firstVictim;
    for (Attack attack : scenario.attacks()) {
      int subnets = subnets(attack);
      int count = groupSize(attack, scenario);
      for (int i = 0; i < groupCount(attack); i++) {
        int whom = attack instanceof Attack.Eclipse ? victim++ : -1;
        groups.add(new Group(attack, i, whom, next, count, subnets));
        next += count;
      }
    }
  }

  /**
   * Returns the places of a plan's attackers.
   *
   * @param places how many places there are in all
   */
  static AttackPlaces of(Scenario scenario, int places) {
    return new AttackPlaces(scenario, places);
  }

  private static int groupCount(Attack attack) {
    if (attack instanceof Attack.Targeted targeted) {
      return targeted.records();
    }
    return attack instanceof Attack.Eclipse eclipse ? eclipse.victims() : 1;
  }

  private static int groupSize(Attack attack, Scenario scenario) {
    if (attack instanceof Attack.Sybils sybils) {
      return Math.max(0, sybils(sybils, scenario) - sybils.bootstrap());
    }
    if (attack instanceof Attack.Targeted targeted) {
      return targeted.nodes();
    }
    if (attack instanceof Attack.Eclipse eclipse) {
      return eclipse.nodes();
    }
    if (attack instanceof Attack.Exhaustion exhaustion) {
      return exhaustion.sources();
    }
    // The one who sends, and then those in whose names.
    return attack instanceof Attack.Spoofing spoofing ? 1 + spoofing.victims() : 0;
  }

  private static int subnets(Attack attack) {
    if (attack instanceof Attack.Sybils sybils) {
      return sybils.subnets();
    }
    if (attack instanceof Attack.Targeted targeted) {
      return targeted.subnets();
    }
    return attack instanceof Attack.Eclipse eclipse ? eclipse.subnets() : 0;
  }

  private static int sybils(Attack.Sybils attack, Scenario scenario) {
    return (int) Math.round(attack.share() * scenario.nodes());
  }

  /** Returns how many of a scenario's nodes are Sybils that are no bootstrap hosts. */
  static int hostileSybils(Scenario scenario) {
    int sum = 0;
    for (Attack attack : scenario.attacks()) {
      sum += attack instanceof Attack.Sybils ? hostile(attack, scenario) : 0;
    }
    return sum;
  }

  /** Returns how many places of an attack are beyond those of honest nodes. */
  static int hostile(Attack attack, Scenario scenario) {
    return groupCount(attack) * groupSize(attack, scenario);
  }

  /** Returns how many places attackers have beyond those of honest nodes. */
  static int hostile(Scenario scenario) {
    int sum = 0;
    for (Attack attack : scenario.attacks()) {
      sum += hostile(attack, scenario);
    }
    return sum;
  }

  /** Returns how many victims attacks bring along. */
  static int victims(Scenario scenario) {
    int sum = 0;
    for (Attack attack : scenario.attacks()) {
      sum += attack instanceof Attack.Eclipse eclipse ? eclipse.victims() : 0;
    }
    return sum;
  }

  /** Returns when an attack begins, counted from where measuring begins; 0 for from the start. */
  static long atMicros(Attack attack) {
    if (attack instanceof Attack.Targeted targeted) {
      return Plan.micros(targeted.at());
    }
    if (attack instanceof Attack.Eclipse eclipse) {
      return Plan.micros(eclipse.at());
    }
    if (attack instanceof Attack.Exhaustion exhaustion) {
      return Plan.micros(exhaustion.at());
    }
    return attack instanceof Attack.Spoofing spoofing ? Plan.micros(spoofing.at()) : 0;
  }

  /** Returns who works with whom; those who are bootstrap hosts are with the first Sybils. */
  List<Group> groups() {
    return groups;
  }

  /** Returns the hostile bootstrap hosts. */
  List<Integer> bootstrap() {
    List<Integer> hosts = new ArrayList<>();
    for (int host = bootstrapFrom; host < bootstrapEnd; host++) {
      hosts.add(host);
    }
    return hosts;
  }

  /** Tells whether an attacker has a place. */
  boolean isHostile(int place) {
    return place >= firstHostile && place < end || place >= bootstrapFrom && place < bootstrapEnd;
  }

  /** Returns the places of the victims that attacks bring along. */
  List<Integer> victims() {
    List<Integer> all = new ArrayList<>();
    for (int place = firstVictim; place < firstHostile; place++) {
      all.add(place);
    }
    return all;
  }

  /** Returns the places of nodes, hostile bootstrap hosts among them. */
  int nodes() {
    return firstHostile;
  }

  /** Returns how many places attackers have. */
  int hostilePlaces() {
    return end - firstHostile + bootstrapEnd - bootstrapFrom;
  }

  /** Returns the groups that share subnets. */
  List<AddressPlan.Group> crowded() {
    List<AddressPlan.Group> all = new ArrayList<>();
    for (Group group : groups) {
      if (group.subnets > 0 && group.count > 0) {
        all.add(new AddressPlan.Group(group.first, group.count, group.subnets));
      }
    }
    return all;
  }
}
