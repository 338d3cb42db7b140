package org.bytchat.sim.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.attack.Crowd;
import org.bytchat.sim.attack.Grinder;
import org.bytchat.sim.attack.HostileNode;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.model.AddressPlan;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.scenario.Attack;
import org.bytchat.sim.scenario.Bootstrap;
import org.bytchat.sim.scenario.Scenario;
import org.jspecify.annotations.Nullable;

/** The attackers of a run: their keys, and what is done at their places. */
final class AttackRun {

  private static final long KEYS = 511;
  private static final long CROWDS = 512;
  private static final long PHASES = 513;
  private static final long ASKED = 514;

  /** Into so many of a victim's buckets ids are ground; each costs twice what the last one did. */
  private static final int BUCKETS = 14;

  /** Who wants to be known around a key asks some of the honest nodes that are closest to it. */
  private static final int CLOSEST = 20;

  private static final int CLOSEST_ASKED = 3;

  /** Where nodes have to join, Sybils make themselves known so often. */
  private static final long JOINING_MICROS = 60 * Plan.SECOND;

  private final Plan plan;
  private final Scenario scenario;
  private final SignatureScheme scheme;
  private final RecordMaker maker;
  private final AttackPlaces places;
  private final long seed;
  private final Map<Integer, NodeIdentity> ground = new HashMap<>();
  private final List<HostileNode> hostile = new ArrayList<>();
  private @Nullable Outsiders others;
  private long draws;

  /** Makes the keys of all attackers that need special ones. */
  AttackRun(Plan plan, SignatureScheme scheme, RecordMaker maker) {
    this.plan = plan;
    this.scenario = plan.scenario();
    this.scheme = scheme;
    this.maker = maker;
    this.places = AttackPlaces.of(scenario, plan.lives().size());
    this.seed = scenario.seed();
    for (int i = 0; i < scenario.attacks().size(); i++) {
      grind(scenario.attacks().get(i), new Grinder(scheme, Mix.combine(Mix.seed(seed, KEYS), i)));
    }
  }

  // Who they are.

  private void grind(Attack attack, Grinder grinder) {
    List<AttackPlaces.Group> groups = groupsOf(attack);
    List<NodeIdentity> found;
    if (attack instanceof Attack.Targeted targeted) {
      found = grinder.closer(rivals(targeted.records()), targeted.nodes());
    } else if (attack instanceof Attack.Eclipse eclipse) {
      List<NodeId> victims =
          groups.stream().map(group -> honestIdentity(group.victim(), 0).id()).toList();
      found = grinder.spread(victims, BUCKETS, eclipse.nodes());
    } else {
      return;
    }
    draws += grinder.draws();
    int next = groups.get(0).first();
    for (NodeIdentity identity : found) {
      ground.put(next++, identity);
    }
  }

  private List<AttackPlaces.Group> groupsOf(Attack attack) {
    return places.groups().stream().filter(group -> group.attack() == attack).toList();
  }

  /** Returns the records' places, each with the honest node that ever comes closest. */
  private List<Grinder.Rival> rivals(int records) {
    List<NodeId> keys = new ArrayList<>();
    List<NodeId> nearest = new ArrayList<>();
    for (int record = 0; record < records; record++) {
      keys.add(maker.place(record));
      nearest.add(honestIdentity(0, 0).id());
    }
    PlanLives lives = new PlanLives(plan);
    for (int place = 0; place < places.nodes(); place++) {
      long[] times = lives.of(place);
      int count = lives.isFresh() ? times.length / 2 : Math.min(1, times.length);
      for (int life = 0; life < count && !places.isHostile(place); life++) {
        NodeId id = honestIdentity(place, life).id();
        for (int i = 0; i < records; i++) {
          if (keys.get(i).compareDistance(id, nearest.get(i)) < 0) {
            nearest.set(i, id);
          }
        }
      }
    }
    List<Grinder.Rival> rivals = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      rivals.add(new Grinder.Rival(keys.get(i), nearest.get(i)));
    }
    return rivals;
  }

  private NodeIdentity honestIdentity(int place, int life) {
    return Identities.ofNode(scheme, seed, place, life);
  }

  /** Returns the key of a life at a place, an attacker's or not. */
  NodeIdentity identity(int place, int life) {
    NodeIdentity special = ground.get(place);
    return special == null ? honestIdentity(place, life) : special;
  }

  /** Makes the addresses of all places. */
  AddressPlan addresses() {
    return new AddressPlan(seed, plan.lives().size(), places.crowded());
  }

  // What they do.

  /** Puts attackers where they are, and has them begin. */
  void begin(Kernel kernel, Directory directory, AddressPlan addresses) {
    Crowd.Setting setting =
        new Crowd.Setting(
            directory,
            Keys.networkId(scenario.node().network()),
            scenario.node().services(),
            scenario.node().routing().bucketSize(),
            scenario.nodes(),
            addresses::nobody);
    List<Integer> sybils = new ArrayList<>(places.bootstrap());
    for (AttackPlaces.Group group : places.groups()) {
      if (group.attack() instanceof Attack.Sybils) {
        sybils.addAll(placesOf(group));
      }
    }
    List<Integer> hosts = places.bootstrap();
    Outsiders outsiders =
        new Outsiders(new Outsiders.Setting(plan, scheme, maker, places, kernel, directory));
    others = outsiders;
    for (int i = 0; i < scenario.attacks().size(); i++) {
      Attack attack = scenario.attacks().get(i);
      long salt = Mix.combine(Mix.seed(seed, CROWDS), i);
      List<AttackPlaces.Group> groups = groupsOf(attack);
      if (attack instanceof Attack.Sybils some) {
        List<Integer> members = new ArrayList<>(some.bootstrap() > 0 ? hosts : List.of());
        hosts = some.bootstrap() > 0 ? List.of() : hosts;
        groups.forEach(group -> members.addAll(placesOf(group)));
        Crew crew = new Crew(kernel, directory, setting, sybils);
        crew.place(members, new Crowd.Manner(some.lie(), some.holding()), salt);
        if (scenario.bootstrap().kind() == Bootstrap.Kind.JOIN) {
          members.forEach(place -> crew.repeat(place, 0, JOINING_MICROS, crew::askNearItself));
        }
      } else if (attack instanceof Attack.Targeted targeted) {
        List<Integer> members = new ArrayList<>();
        groups.forEach(group -> members.addAll(placesOf(group)));
        Crew crew = new Crew(kernel, directory, setting, sybils);
        crew.place(members, new Crowd.Manner(targeted.lie(), targeted.holding()), salt);
        groups.forEach(group -> target(crew, group, targeted));
      } else if (attack instanceof Attack.Eclipse eclipse) {
        Crowd.Manner manner = new Crowd.Manner(Attack.Lie.CLOSEST, Attack.Holding.WITHHOLD);
        for (AttackPlaces.Group group : groups) {
          Crew crew = new Crew(kernel, directory, setting, sybils);
          crew.place(placesOf(group), manner, Mix.combine(salt, group.number()));
          eclipse(crew, group, eclipse);
        }
      } else {
        outsiders.place(attack, groups, salt);
      }
    }
  }

  private static List<Integer> placesOf(AttackPlaces.Group group) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < group.count(); i++) {
      all.add(group.first() + i);
    }
    return all;
  }

  private void target(Crew crew, AttackPlaces.Group group, Attack.Targeted attack) {
    NodeId key = maker.place(group.number());
    long at = plan.measureFromMicros() + Plan.micros(attack.at());
    for (int place : placesOf(group)) {
      crew.repeat(
          place,
          at,
          Plan.micros(attack.every()),
          (node, hostile, control) -> crew.askNear(key, node, hostile, control));
    }
  }

  private void eclipse(Crew crew, AttackPlaces.Group group, Attack.Eclipse attack) {
    Contact victim = crew.directory.contact(group.victim(), 0);
    long at = plan.measureFromMicros() + Plan.micros(attack.at());
    for (int place : placesOf(group)) {
      crew.repeat(
          place,
          at,
          Plan.micros(attack.every()),
          (node, hostile, control) -> hostile.ask(node, victim.endpoint(), control));
    }
  }

  /** What a hostile node does again and again. */
  @FunctionalInterface
  private interface Deed {
    void perform(SimNode node, HostileNode hostile, World.Control control);
  }

  /** Those who work together. */
  private final class Crew {

    private final Kernel kernel;
    private final Directory directory;
    private final Crowd.Setting setting;
    private final List<Integer> sybils;
    private final Map<Integer, HostileNode> nodes = new HashMap<>();

    Crew(Kernel kernel, Directory directory, Crowd.Setting setting, List<Integer> sybils) {
      this.kernel = kernel;
      this.directory = directory;
      this.setting = setting;
      this.sybils = sybils;
    }

    void place(List<Integer> members, Crowd.Manner manner, long salt) {
      List<Contact> contacts = contacts(members);
      List<Contact> all = new ArrayList<>(contacts(sybils));
      if (!sybils.containsAll(members)) {
        all.addAll(contacts);
      }
      Crowd crowd = new Crowd(setting, manner, contacts, all, salt);
      for (int i = 0; i < members.size(); i++) {
        int place = members.get(i);
        HostileNode node = new HostileNode(crowd, i, directory.identity(place, 0));
        nodes.put(place, node);
        hostile.add(node);
        kernel.nodes().get(place).place(node);
      }
    }

    private List<Contact> contacts(List<Integer> members) {
      return members.stream().map(place -> directory.contact(place, 0)).toList();
    }

    /** Has a member do something in each interval, at a time of its own in it. */
    void repeat(int place, long fromMicros, long everyMicros, Deed deed) {
      HostileNode node = nodes.get(place);
      if (node == null) {
        throw new IllegalStateException("nobody was placed at " + place);
      }
      double phase = Mix.share(Mix.combine(Mix.seed(seed, PHASES), place));
      long first = fromMicros + 1 + (long) (phase * everyMicros);
      kernel.schedule(first, place, true, new Repeated(node, everyMicros, deed));
    }

    void askNearItself(SimNode node, HostileNode hostile, World.Control control) {
      askNear(directory.contact(node.index(), 0).id(), node, hostile, control);
    }

    void askNear(NodeId key, SimNode node, HostileNode hostile, World.Control control) {
      long now = control.nowMicros();
      List<Contact> near = new ArrayList<>(directory.closest(key, CLOSEST, now, now, null));
      long bits = Mix.combine(Mix.combine(Mix.seed(seed, ASKED), node.index()), now);
      for (int i = 0; i < CLOSEST_ASKED && !near.isEmpty(); i++) {
        Contact asked = near.remove(Mix.below(Mix.at(bits, i), near.size()));
        hostile.ask(node, asked.endpoint(), control);
      }
    }
  }

  private record Repeated(HostileNode hostile, long everyMicros, Deed deed)
      implements World.Action {

    @Override
    public void perform(SimNode node, World.Control control) {
      deed.perform(node, hostile, control);
      control.again(node, control.nowMicros() + everyMicros, this);
    }
  }

  // What came of it.

  /**
   * Returns the victims that attacks bring along.
   *
   * @return their places
   */
  List<Integer> victims() {
    return places.victims();
  }

  /** Returns what the attackers did, and what is in the tables of honest nodes at present. */
  AttackFigures figures(Kernel kernel, Directory directory) {
    AttackFigures figures = new AttackFigures(places.hostilePlaces(), draws);
    for (SimNode node : kernel.nodes()) {
      figures.tables.add(node, directory);
    }
    victims().forEach(place -> figures.victims.add(kernel.nodes().get(place), directory));
    return figures;
  }

  /** Adds up what the attackers have done so far. */
  void count(AttackFigures figures) {
    for (HostileNode node : hostile) {
      figures.queries += node.queries();
      figures.answers += node.answers();
      figures.bytesSent += node.bytesSent();
      figures.bytesReceived += node.bytesReceived();
      figures.putsTaken += node.putsTaken();
    }
    if (others != null) {
      others.count(figures);
    }
  }
}
