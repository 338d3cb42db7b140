package org.bytchat.sim.attack;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.scenario.Attack;

/**
 * Hostile nodes that know of each other, and what they all say. Immutable, and shared by all
 * threads.
 */
public final class Crowd {

  private static final long NAMES = 501;
  private static final long CHOICES = 502;
  private static final long PLACES = 503;
  private static final long PARTS = 504;

  /** Those around a key are divided so that members of so many kinds name different ones. */
  private static final int KINDS = 4;

  /** Around a key so many times as many names are made up as one answer has. */
  private static final int NAMES_PER_ANSWER = 8;

  /** Ids made up are within one part of so many of the distance between nodes. */
  private static final int NEARER = 4;

  private final Setting setting;
  private final List<Contact> members;
  private final ContactIndex index;
  private final ContactIndex all;
  private final long seed;

  /** Names made up around a key; each belongs to a member, and some members have none. */
  private final int names;

  /**
   * What the hostile nodes of a run share.
   *
   * @param directory who there is
   * @param networkId the network
   * @param services what they say they offer
   * @param answerContacts how many contacts an honest answer has at the most
   * @param nodes about how many nodes are up
   * @param nobody makes an endpoint of a number where nobody is
   */
  public record Setting(
      Directory directory,
      int networkId,
      int services,
      int answerContacts,
      int nodes,
      Nobody nobody) {}

  /** Makes endpoints. */
  @FunctionalInterface
  public interface Nobody {

    /**
     * Makes an endpoint where nobody is.
     *
     * @param bits what it follows from
     * @return a routable endpoint
     */
    Endpoint endpoint(long bits);
  }

  /**
   * What they do.
   *
   * @param lie what they say to those who look for somebody
   * @param holding what they do with records
   */
  public record Manner(Attack.Lie lie, Attack.Holding holding) {}

  private final Manner manner;

  /**
   * Makes a crowd.
   *
   * @param setting what all hostile nodes share
   * @param manner what these do
   * @param members these
   * @param all the hostile nodes that are up from the begin of the run, whom an answer without a
   *     lie has too
   * @param seed what is made up follows from it
   */
  public Crowd(
      Setting setting, Manner manner, List<Contact> members, List<Contact> all, long seed) {
    this.setting = setting;
    this.manner = manner;
    this.members = List.copyOf(members);
    this.index = new ContactIndex(members);
    this.all = new ContactIndex(all);
    this.seed = seed;
    this.names =
        Math.max(1, Math.min(members.size() / 2, NAMES_PER_ANSWER * setting.answerContacts));
  }

  Setting setting() {
    return setting;
  }

  Manner manner() {
    return manner;
  }

  /** Returns a member. */
  Contact member(int number) {
    return members.get(number);
  }

  /**
   * Returns what a member says to somebody who looks for a key.
   *
   * @param number the member
   * @param asker who is not to be named
   */
  List<Contact> answer(int number, NodeId key, NodeId asker, long nowMicros) {
    int count = setting.answerContacts;
    return switch (manner.lie) {
      case DROP -> List.of();
      case NONE -> truth(key, asker, nowMicros);
      case CLOSEST -> index.closest(key, count);
      case SPREAD -> part(number, key);
      case MADE_UP -> madeUp(number, key);
      case DEAD -> dead(number, key);
    };
  }

  private List<Contact> truth(NodeId key, NodeId asker, long nowMicros) {
    int count = setting.answerContacts;
    List<Contact> found =
        new ArrayList<>(setting.directory.closest(key, count, nowMicros, nowMicros, asker));
    found.addAll(all.closest(key, count));
    found.sort((a, b) -> key.compareDistance(a.id(), b.id()));
    return found.subList(0, Math.min(count, found.size()));
  }

  /**
   * Returns every fourth of those around a key. Whoever takes few of one source gets as many again
   * of the next one.
   */
  private List<Contact> part(int number, NodeId key) {
    List<Contact> near = index.closest(key, KINDS * setting.answerContacts);
    // No member always has the nearest: which part is whose follows from the key.
    int turn = Mix.below(Mix.at(Mix.seed(Mix.combine(seed, hashOf(key)), PARTS), 0), KINDS);
    List<Contact> found = new ArrayList<>();
    for (int rank = (number % KINDS + turn) % KINDS; rank < near.size(); rank += KINDS) {
      found.add(near.get(rank));
    }
    return found;
  }

  // Names that are made up.

  private static long hashOf(NodeId key) {
    return Mix.combine(Mix.combine(key.high(), key.middle()), key.low());
  }

  /** Returns the member that has one of the names around a key. */
  private int memberOf(long keyHash, int name) {
    return Mix.below(Mix.at(Mix.seed(Mix.combine(seed, keyHash), NAMES), name), members.size());
  }

  /** Makes an id near a key of what it follows from. */
  private NodeId nearby(NodeId key, long bits) {
    long unit = Long.divideUnsigned(-1, (long) NEARER * Math.max(1, setting.nodes));
    long high = Long.remainderUnsigned(Mix.at(bits, 0), unit);
    return NodeId.of(
        key.high() ^ high, key.middle() ^ Mix.at(bits, 1), key.low() ^ (int) Mix.at(bits, 2));
  }

  private NodeId nameOf(NodeId key, long keyHash, int member) {
    return nearby(key, Mix.combine(Mix.combine(seed, keyHash), member));
  }

  /**
   * Returns by which id a member answers a query about a key. Only few have a name made up around a
   * key: those whom the asker knows by their own ids must answer by these, or they are not heard.
   */
  NodeId idFor(int number, NodeId key) {
    if (manner.lie == Attack.Lie.MADE_UP) {
      long keyHash = hashOf(key);
      for (int name = 0; name < names; name++) {
        if (memberOf(keyHash, name) == number) {
          return nameOf(key, keyHash, number);
        }
      }
    }
    return members.get(number).id();
  }

  private List<Contact> madeUp(int number, NodeId key) {
    long keyHash = hashOf(key);
    long bits = Mix.seed(Mix.combine(Mix.combine(seed, keyHash), number), CHOICES);
    List<Contact> found = new ArrayList<>();
    List<Integer> named = new ArrayList<>();
    // Different answers have different names: each begins elsewhere, with another step.
    int first = Mix.below(Mix.at(bits, 0), names);
    for (int i = 0; i < names && found.size() < setting.answerContacts; i++) {
      int member = memberOf(keyHash, (first + i) % names);
      if (member != number && !named.contains(member)) {
        named.add(member);
        Contact real = members.get(member);
        found.add(Contact.of(nameOf(key, keyHash, member), real.endpoint(), setting.services));
      }
    }
    return found;
  }

  private List<Contact> dead(int number, NodeId key) {
    long bits = Mix.seed(Mix.combine(Mix.combine(seed, hashOf(key)), number), PLACES);
    List<Contact> found = new ArrayList<>();
    for (int i = 0; i < setting.answerContacts; i++) {
      long each = Mix.at(bits, i);
      found.add(Contact.of(nearby(key, each), setting.nobody.endpoint(each), setting.services));
    }
    return found;
  }
}
