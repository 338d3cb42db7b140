package org.bytchat.sim.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.attack.Exhauster;
import org.bytchat.sim.attack.Pace;
import org.bytchat.sim.attack.Reflection;
import org.bytchat.sim.attack.SilentVictim;
import org.bytchat.sim.attack.Spoofer;
import org.bytchat.sim.kernel.Kernel;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.scenario.Attack;
import org.bytchat.sim.scenario.Scenario;

/** Attackers who do not pretend to be nodes: those who fill stores, and those who spoof. */
final class Outsiders {

  /** So often somebody is drawn who is up, for each who is wanted. */
  private static final int TRIES = 100;

  private final Setting setting;
  private final Scenario scenario;
  private final int networkId;
  private final List<Exhauster> exhausters = new ArrayList<>();
  private final List<Spoofer> spoofers = new ArrayList<>();
  private final List<SilentVictim> victims = new ArrayList<>();

  /** The run that they are in. */
  record Setting(
      Plan plan,
      SignatureScheme scheme,
      RecordMaker maker,
      AttackPlaces places,
      Kernel kernel,
      Directory directory) {}

  Outsiders(Setting setting) {
    this.setting = setting;
    this.scenario = setting.plan.scenario();
    this.networkId = Keys.networkId(scenario.node().network());
  }

  /** Puts those of an attack where they are, and has them begin. */
  void place(Attack attack, List<AttackPlaces.Group> groups, long salt) {
    AttackPlaces.Group group = groups.get(0);
    if (attack instanceof Attack.Exhaustion exhaustion) {
      exhaust(exhaustion, group, salt);
    } else if (attack instanceof Attack.Spoofing spoofing) {
      spoof(spoofing, group, salt);
    }
  }

  private Pace pace(Attack attack, double perSecond) {
    long from = setting.plan.measureFromMicros() + AttackPlaces.atMicros(attack);
    return new Pace(from, setting.plan.endMicros(), perSecond);
  }

  private void exhaust(Attack.Exhaustion attack, AttackPlaces.Group group, long salt) {
    Pace pace = pace(attack, attack.rate());
    List<Exhauster.Target> targets = new ArrayList<>();
    for (int record = 0; record < attack.records(); record++) {
      NodeId place = setting.maker.place(record);
      long at = pace.fromMicros();
      for (Contact holder : setting.directory.closest(place, attack.holders(), at, at, null)) {
        targets.add(new Exhauster.Target(holder, place));
      }
    }
    for (int i = 0; i < group.count(); i++) {
      Exhauster source =
          new Exhauster(
              new Exhauster.Setting(
                  Exhauster.Item.RECORD,
                  attack.valueBytes(),
                  pace,
                  targets,
                  networkId,
                  scenario.node().store().ttlMax().toMillis(),
                  Mix.combine(salt, i)),
              setting.scheme);
      exhausters.add(source);
      SimNode node = setting.kernel.nodes().get(group.first() + i);
      node.place(source);
      setting.kernel.schedule(pace.fromMicros(), node.index(), true, source::begin);
    }
  }

  private void spoof(Attack.Spoofing attack, AttackPlaces.Group group, long salt) {
    Pace pace = pace(attack, attack.rate());
    List<Endpoint> named = new ArrayList<>();
    for (int i = 1; i < group.count(); i++) {
      SilentVictim victim = new SilentVictim();
      victims.add(victim);
      int place = group.first() + i;
      setting.kernel.nodes().get(place).place(victim);
      named.add(setting.directory.contact(place, 0).endpoint());
    }
    Spoofer spoofer =
        new Spoofer(
            new Spoofer.Setting(
                attack.question(),
                pace,
                targets(attack.targets(), pace.fromMicros(), salt),
                named,
                networkId,
                scenario.node().routing().bucketSize(),
                salt));
    spoofers.add(spoofer);
    setting.kernel.schedule(pace.fromMicros(), group.first(), true, spoofer::begin);
  }

  /** Draws honest nodes that are up at a time. */
  private List<Contact> targets(int count, long atMicros, long salt) {
    Set<Integer> seen = new HashSet<>();
    List<Contact> drawn = new ArrayList<>();
    for (long i = 0; i < (long) TRIES * count && drawn.size() < count; i++) {
      int place = Mix.below(Mix.at(salt, i), setting.places.nodes());
      if (!setting.places.isHostile(place)
          && setting.directory.isUp(place, atMicros)
          && seen.add(place)) {
        drawn.add(setting.directory.contactAt(place, atMicros));
      }
    }
    return drawn;
  }

  /** Adds up what they have done so far. */
  void count(AttackFigures figures) {
    for (Exhauster source : exhausters) {
      figures.bytesSent += source.sentBytes();
      figures.bytesReceived += source.receivedBytes();
      figures.exhaustionPuts += source.puts();
      figures.exhaustionStored += source.stored();
      figures.exhaustionRefused +=
          source.refused().values().stream().mapToLong(Long::longValue).sum();
    }
    Reflection all = Reflection.of(spoofers, victims, Attack.Question.ALL);
    figures.bytesSent += all.sentBytes();
    figures.spoofedBytes += all.sentBytes();
    figures.reflectedBytes += all.reflectedBytes();
  }
}
