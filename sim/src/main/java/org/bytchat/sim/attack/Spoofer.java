package org.bytchat.sim.attack;

import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Packet;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.scenario.Attack;

/**
 * Asks honest nodes in the names of victims, so that they send their answers to those. It sends
 * from a place of its own, at which nothing arrives. Belongs to the thread that handles its place.
 *
 * <p>Each target is asked at the rate of the attack, with the questions and the victims in turn. As
 * often as a node would ping a victim to verify it, a question is one that has it do so.
 */
public final class Spoofer {

  private static final double SECOND_MICROS = 1_000_000;

  /** After so long a node has given up on a verifying ping, and sends another if asked. */
  private static final long FORGOTTEN_MICROS = 6_000_000;

  private static final Attack.Question[] EACH = {
    Attack.Question.PING,
    Attack.Question.PROOF,
    Attack.Question.FIND_NODE,
    Attack.Question.GET,
    Attack.Question.FORWARD
  };

  private final Setting setting;
  private final Attack.Question[] questions;
  private final QuestionForge forge;
  private final Pace pace;

  /** Of so many rounds of all questions and victims, in one the node pings a victim. */
  private final long roundsPerPing;

  private final long[] datagrams = new long[Attack.Question.values().length];
  private final long[] bytes = new long[datagrams.length];
  private long next;

  /**
   * What a spoofer does.
   *
   * @param question what it asks
   * @param pace when, each of the targets
   * @param targets who is asked, at least one
   * @param victims whose endpoints it names, at least one
   * @param networkId the network
   * @param bucketSize contacts in a full answer
   * @param seed another one for each spoofer
   */
  public record Setting(
      Attack.Question question,
      Pace pace,
      List<Contact> targets,
      List<Endpoint> victims,
      int networkId,
      int bucketSize,
      long seed) {

    public Setting {
      targets = List.copyOf(targets);
      victims = List.copyOf(victims);
      if (targets.isEmpty() || victims.isEmpty()) {
        throw new IllegalArgumentException("a spoofer needs targets and victims");
      }
    }
  }

  /**
   * Makes a spoofer that waits for {@link #begin}.
   *
   * @param setting what it does
   */
  public Spoofer(Setting setting) {
    this.setting = setting;
    this.questions =
        setting.question == Attack.Question.ALL
            ? EACH.clone()
            : new Attack.Question[] {setting.question};
    this.forge = new QuestionForge(setting.networkId, setting.bucketSize, setting.seed);
    this.pace = setting.pace.times(setting.targets.size());
    double roundMicros =
        questions.length * setting.victims.size() * SECOND_MICROS / setting.pace.perSecond();
    this.roundsPerPing = Math.max(1, (long) StrictMath.ceil(FORGOTTEN_MICROS / roundMicros));
  }

  /**
   * Begins; to be scheduled once, at the start of the pace.
   *
   * @param place where it is
   * @param control sends
   */
  public void begin(SimNode place, World.Control control) {
    while (pace.timeMicros(next) <= control.nowMicros()) {
      ask(next++, place, control);
    }
    long later = pace.timeMicros(next);
    if (later != Pace.NEVER) {
      control.again(place, later, this::begin);
    }
  }

  private void ask(long number, SimNode place, World.Control control) {
    int targets = setting.targets.size();
    int target = (int) (number % targets);
    long turn = number / targets;
    int which = (int) (turn % questions.length);
    long named = turn / questions.length;
    int victims = setting.victims.size();
    long round = named / victims;
    boolean isNew =
        round % roundsPerPing == 0 && which == (int) (round / roundsPerPing % questions.length);
    Attack.Question question = questions[which];
    Contact asked = setting.targets.get(target);
    Packet packet = forge.make(question, asked.id(), number, isNew);
    Endpoint victim = setting.victims.get((int) ((named + target) % victims));
    datagrams[question.ordinal()]++;
    bytes[question.ordinal()] += control.sendAs(place, victim, asked.endpoint(), packet);
  }

  /**
   * Returns how many datagrams it has sent.
   *
   * @param question what was asked, {@link Attack.Question#ALL} for all together
   * @return the count
   */
  public long datagrams(Attack.Question question) {
    return Sums.of(datagrams, question);
  }

  /**
   * Returns how many bytes it has sent.
   *
   * @param question what was asked, {@link Attack.Question#ALL} for all together
   * @return payload bytes, without the headers of UDP and IP
   */
  public long bytes(Attack.Question question) {
    return Sums.of(bytes, question);
  }
}
