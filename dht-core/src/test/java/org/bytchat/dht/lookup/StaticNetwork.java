package org.bytchat.dht.lookup;

import static org.bytchat.dht.testkit.TestContacts.contact;
import static org.bytchat.dht.testkit.TestContacts.distance;
import static org.bytchat.dht.testkit.TestContacts.endpoint;
import static org.bytchat.dht.testkit.TestContacts.randomId;
import static org.bytchat.dht.testkit.TestContacts.sharedPrefix;
import static org.bytchat.dht.testkit.TestContacts.sharing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;

/**
 * Nodes that never change, each with a table as Kademlia has it: of each length of shared prefix,
 * all nodes or k random ones.
 */
final class StaticNetwork {

  /** How a node behaves. */
  enum Behaviour {
    HONEST,
    /** Never answers. */
    DEAD,
    /** Answers with ids near the target that nobody has, from a limited stock. */
    MAKES_UP,
    /** Answers with ids near the target that nobody has, always new ones. */
    FLOODS,
    /** Answers with true ids at wrong endpoints. */
    MISPLACES
  }

  /**
   * What a network is made of.
   *
   * @param nodes how many, the asker not counted
   * @param closest k
   * @param dead one in so many is dead, 0 for none
   * @param liars one in so many lies, 0 for none
   * @param liar how those lie
   * @param deadInTables whether tables hold dead nodes
   */
  record Plan(int nodes, int closest, int dead, int liars, Behaviour liar, boolean deadInTables) {}

  private static final int MADE_UP_STOCK = 25;

  final NodeId own;
  final NodeId target;
  final List<Contact> nodes = new ArrayList<>();
  private final Plan plan;
  private final Random random;
  private final Map<Contact, Behaviour> behaviours = new LinkedHashMap<>();
  private final Map<NodeId, List<Contact>> tables = new HashMap<>();
  private final List<Contact> madeUp = new ArrayList<>();
  private int nextEndpoint;

  StaticNetwork(Plan plan, Random random) {
    this.plan = plan;
    this.random = random;
    own = randomId(random);
    target = random.nextInt(8) == 0 ? own : randomId(random);
    // Some crowd around the target, so that its deep buckets are full as well.
    int crowd = random.nextInt(3) * plan.nodes / 3;
    for (int i = 0; i < plan.nodes; i++) {
      NodeId id = i < crowd ? sharing(target, 8 + random.nextInt(10), random) : randomId(random);
      Contact node = contact(id, endpoint(nextEndpoint++));
      nodes.add(node);
      behaviours.put(node, behaviour());
    }
    for (int i = 0; i < MADE_UP_STOCK; i++) {
      madeUp.add(newMadeUp());
    }
  }

  private Behaviour behaviour() {
    if (plan.dead > 0 && random.nextInt(plan.dead) == 0) {
      return Behaviour.DEAD;
    }
    return plan.liars > 0 && random.nextInt(plan.liars) == 0 ? plan.liar : Behaviour.HONEST;
  }

  /** Tells whether there is such a node, at that endpoint, and it answers. */
  boolean answers(Contact contact) {
    return behaviours.getOrDefault(contact, Behaviour.DEAD) != Behaviour.DEAD;
  }

  /** Returns what a node that answers says about the target. */
  List<Contact> ask(Contact node) {
    return switch (behaviours.getOrDefault(node, Behaviour.DEAD)) {
      case DEAD -> throw new AssertionError("does not answer: " + node);
      case HONEST -> closestKnownTo(node.id());
      case MAKES_UP -> shuffled(madeUp).subList(0, Math.min(plan.closest, MADE_UP_STOCK));
      case FLOODS -> java.util.stream.Stream.generate(this::newMadeUp).limit(plan.closest).toList();
      case MISPLACES -> closestKnownTo(node.id()).stream().map(this::misplaced).toList();
    };
  }

  /** Returns the contacts nearest to the target in the table of whoever has an id. */
  List<Contact> closestKnownTo(NodeId id) {
    return nearest(tables.computeIfAbsent(id, this::table), plan.closest);
  }

  /** Returns the nodes nearest to the target that answer. */
  List<Contact> closestLive() {
    return nearest(nodes.stream().filter(this::answers).toList(), plan.closest);
  }

  List<Contact> nearest(List<Contact> contacts, int count) {
    return contacts.stream()
        .sorted(Comparator.comparing(contact -> distance(target, contact.id())))
        .limit(count)
        .toList();
  }

  private List<Contact> table(NodeId id) {
    Map<Integer, List<Contact>> buckets = new TreeMap<>();
    List<Contact> known = new ArrayList<>(nodes);
    // The asker is a node like others: they may name it.
    known.add(contact(own, endpoint(nextEndpoint)));
    for (Contact node : shuffled(known)) {
      boolean usable = plan.deadInTables || answers(node) || node.id().equals(own);
      if (usable && !node.id().equals(id)) {
        List<Contact> bucket =
            buckets.computeIfAbsent(sharedPrefix(id, node.id()), prefix -> new ArrayList<>());
        if (bucket.size() < plan.closest) {
          bucket.add(node);
        }
      }
    }
    return buckets.values().stream().flatMap(List::stream).toList();
  }

  private Contact newMadeUp() {
    int endpoint = 20_000 + nextEndpoint++ % 20_000;
    return contact(sharing(target, 20 + random.nextInt(130), random), endpoint(endpoint));
  }

  /** Each id is told at one of two wrong endpoints, so that they do not crowd out the true one. */
  private Contact misplaced(Contact contact) {
    return contact(contact.id(), endpoint(100, 1, 1, 1, 1 + random.nextInt(2)));
  }

  private List<Contact> shuffled(List<Contact> contacts) {
    List<Contact> shuffled = new ArrayList<>(contacts);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }
}
