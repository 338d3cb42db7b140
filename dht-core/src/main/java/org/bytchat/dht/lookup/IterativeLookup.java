package org.bytchat.dht.lookup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.Candidate.State;
import org.jspecify.annotations.Nullable;

/**
 * One search for the k nodes closest to a key, as a value: it is told what happened and says whom
 * to ask next. It knows no transactions, no bytes and no clock. Not thread-safe.
 */
public final class IterativeLookup {

  /*
   * The node lookup of Maymounkov and Mazières 2002, section 2.3: always the closest known
   * contacts first, α of them at once, until the k closest that are not known to have failed have
   * answered.
   *
   * A contact that is slow frees its slot but still holds the end up: a result without it might
   * not be the k closest live nodes. Once it was asked as often as it is worth, it counts as gone:
   * with one dead node among thirty, every second lookup would otherwise end with the time that is
   * given to the slowest. Contacts are told apart by id and endpoint together, so that
   * a liar who names a true id with a wrong endpoint cannot hide the true one; once one of them
   * answers, the others are dropped. So are those with other ids at its endpoint: one endpoint is
   * one node, and would otherwise fill a result by itself.
   *
   * Disjoint paths (Baumgart and Mies 2007, S/Kademlia, section 4.4): the first contacts are
   * dealt to d paths, a contact belongs to the path that named it first, and each path must end
   * by itself, with its part of the k closest. In the end the k closest of all must have answered.
   *
   * Against liars: those whom somebody named that mostly named contacts in vain, and those beyond
   * what one subnet or network may have, come last, and only while there are fewer than k others.
   *
   * Crowds: within a distance that follows from the size of the network there should be about so
   * many nodes. If there are far more, somebody chose their ids, or made them up. Then, within that
   * distance, all have to prove their ids, and are asked whom they know around themselves instead
   * of around the key, where all know the crowd alone (after the region queries of Sridhar and
   * others: Content Censorship in the InterPlanetary File System, NDSS 2024). They are asked in an
   * order that nobody can foresee, as there may be more of them than a lookup may ask.
   *
   * Services: if nodes that offer some are sought, all this is about them alone. The others that
   * the asker knows are asked for the way, the closest first, while fewer than k are known.
   */

  private static final int ENDPOINTS_PER_ID = 3;

  /** So many that do not offer what is sought are heard, once one that does has answered. */
  private static final int GUIDES = 8;

  /** In a crowd so many times the requests are under way at once. */
  private static final int CROWD_HASTE = 3;

  private final NodeId own;
  private final NodeId target;
  private final Limits limits;
  private final LookupDefences defences;
  private final long startNanos;
  private final Shortlist list;

  /** How many contacts of each path are {@link State#ASKED}. */
  private final int[] underWay;

  private int nextSeedPath;
  private int seedsAsked;
  private int lastRoundAnswered;
  private int rounds;
  private int requests;
  private int proofs;
  private int responses;
  private int failures;
  private boolean isCrowded;

  /**
   * The limits of a lookup.
   *
   * @param closest k, how many nodes to find
   * @param parallelism α, requests under way on each path
   * @param paths d
   * @param candidatesMax how many contacts are remembered, how many are asked, and how many have to
   *     prove their ids, at the most
   */
  public record Limits(int closest, int parallelism, int paths, int candidatesMax) {

    public Limits {
      if (closest < 1 || parallelism < 1 || paths < 1 || candidatesMax < closest) {
        String given = "closest " + closest + ", parallelism " + parallelism + ", paths " + paths;
        throw new IllegalArgumentException(
            "limits of a lookup: " + given + ", candidates " + candidatesMax);
      }
    }
  }

  /**
   * Begins a lookup.
   *
   * @param own the asker, who is never part of the result
   * @param target the key
   * @param limits the limits
   * @param defences what is done against liars
   * @param nowNanos the time
   */
  public IterativeLookup(
      NodeId own, NodeId target, Limits limits, LookupDefences defences, long nowNanos) {
    this.own = own;
    this.target = target;
    this.limits = limits;
    this.defences = defences;
    this.underWay = new int[limits.paths];
    this.startNanos = nowNanos;
    this.list = new Shortlist(target, defences);
  }

  /**
   * Has the lookup find only nodes that offer services; to be called before it begins.
   *
   * @param mask the service bits that each must have
   * @return this lookup
   */
  public IterativeLookup offering(int mask) {
    list.services = mask;
    return this;
  }

  /**
   * Names a contact to begin with.
   *
   * @param contact a contact of the asker's own table, or one that it was told of
   */
  public void seed(Contact contact) {
    if (add(contact, nextSeedPath, null)) {
      nextSeedPath = (nextSeedPath + 1) % limits.paths;
    }
  }

  /**
   * Tells whether the lookup began with a contact.
   *
   * @param contact the contact
   * @return false if another contact named it in this lookup
   */
  public boolean isSeed(Contact contact) {
    Candidate candidate = list.find(contact);
    return candidate != null && candidate.depth == 0;
  }

  /**
   * Says what to do next. To be called until it is neither {@link LookupStep.Ask} nor {@link
   * LookupStep.Prove}, after the seeding and after each event.
   *
   * @return the step
   */
  public LookupStep next() {
    noticeCrowd();
    boolean done = true;
    int part = (limits.closest + limits.paths - 1) / limits.paths;
    for (int path = 0; path < limits.paths && limits.paths > 1; path++) {
      LookupStep step = next(path, part);
      if (step != LookupStep.DONE && step != LookupStep.WAIT) {
        return step;
      }
      done &= step == LookupStep.DONE;
    }
    LookupStep step = done ? next(Candidate.ANY_PATH, limits.closest) : LookupStep.WAIT;
    step = list.services == 0 ? step : askGuides(step);
    return step == LookupStep.DONE && defences.seedsToo() > 0 ? askSeedsToo() : step;
  }

  /** Asks those that do not offer what is sought, if there is nobody else to ask. */
  private LookupStep askGuides(LookupStep step) {
    boolean isIdle = step == LookupStep.DONE || step == LookupStep.WAIT;
    if (!isIdle || !list.needsGuides(limits.closest, GUIDES)) {
      return step;
    }
    Candidate guide = list.guideToAsk();
    if (guide != null && isAffordable(guide)) {
      return underWay[guide.path] < limits.parallelism ? begin(guide) : LookupStep.WAIT;
    }
    return list.awaitsGuide() ? LookupStep.WAIT : step;
  }

  /** If those that answered first named none but their friends, nobody else was asked. */
  private LookupStep askSeedsToo() {
    Candidate seed = seedsAsked < defences.seedsToo() ? list.closestSeedToAsk() : null;
    if (seed != null && isAffordable(seed)) {
      seedsAsked++;
      return begin(seed);
    }
    return awaitsOnlySlow() ? LookupStep.DONE : LookupStep.WAIT;
  }

  /** Says what to do for the closest of a path. */
  private LookupStep next(int path, int count) {
    int live = 0;
    int others = 0;
    boolean done = true;
    Candidate ask = null;
    for (int i = 0; i < list.size() && (live < count || isInCrowd(i)); i++) {
      Candidate candidate = list.at(i);
      if (!candidate.isOn(path) || !isSought(candidate)) {
        continue;
      }
      if (list.comesLast(i)) {
        others++;
        continue;
      }
      boolean inCrowd = isInCrowd(i);
      boolean toAsk = isToAsk(candidate, inCrowd);
      if (toAsk && !isAffordable(candidate)) {
        continue;
      }
      live++;
      done &= isSettled(candidate, inCrowd);
      if (toAsk) {
        ask = ask == null || (inCrowd && isBefore(candidate, ask)) ? candidate : ask;
      }
    }
    for (int i = 0; others > 0 && live < count && i < list.size(); i++) {
      Candidate candidate = list.at(i);
      boolean toAsk = isToAsk(candidate, false);
      if (candidate.isOn(path)
          && isSought(candidate)
          && list.comesLast(i)
          && (!toAsk || isAffordable(candidate))) {
        live++;
        done &= isSettled(candidate, false);
        ask = ask == null && toAsk ? candidate : ask;
      }
    }
    if (ask != null && underWay[ask.path] < limits.parallelism * (isCrowded ? CROWD_HASTE : 1)) {
      return begin(ask);
    }
    return done ? LookupStep.DONE : LookupStep.WAIT;
  }

  /** Tells whether a candidate may be one of those that are to be found. */
  private boolean isSought(Candidate candidate) {
    return candidate.isLive() && list.offers(candidate);
  }

  /** If somebody feeds us made-up contacts, what is known has to do in the end. */
  private boolean isAffordable(Candidate candidate) {
    return (needsProof(candidate) ? proofs : requests) < limits.candidatesMax;
  }

  private LookupStep begin(Candidate candidate) {
    boolean inCrowd = isInCrowd(candidate);
    underWay[candidate.path]++;
    candidate.round = lastRoundAnswered + 1;
    rounds = Math.max(rounds, candidate.round);
    if (needsProof(candidate)) {
      proofs++;
      candidate.isProving = true;
      candidate.state = State.ASKED;
      return new LookupStep.Prove(candidate.contact);
    }
    requests++;
    candidate.state = State.ASKED;
    candidate.wasAskedAround = inCrowd && (candidate.hasAnswered || !defences.crowd().asksBoth());
    return new LookupStep.Ask(candidate.contact, candidate.wasAskedAround);
  }

  // Crowds.

  private void noticeCrowd() {
    for (LookupDefences.Sign sign : defences.crowd().signs()) {
      isCrowded |= !isCrowded && list.shows(sign);
    }
  }

  private boolean isInCrowd(int index) {
    return isCrowded && list.isWithin(index, defences.crowd().reach());
  }

  private boolean isInCrowd(Candidate candidate) {
    return isCrowded && list.isWithin(candidate.contact.id(), defences.crowd().reach());
  }

  private boolean needsProof(Candidate candidate) {
    boolean isAsked =
        (defences.isProving() && candidate.hasAnswered)
            || (defences.crowd().isProving() && isInCrowd(candidate));
    return isAsked && !candidate.isProven;
  }

  private boolean isSettled(Candidate candidate, boolean inCrowd) {
    return candidate.state == State.ANSWERED
        && !needsProof(candidate)
        && (!inCrowd || candidate.wasAskedAround);
  }

  private boolean isToAsk(Candidate candidate, boolean inCrowd) {
    return candidate.state == State.HEARD
        || (candidate.state == State.ANSWERED && !isSettled(candidate, inCrowd));
  }

  /** Tells who of a crowd is asked first: nobody outside can tell. */
  private boolean isBefore(Candidate candidate, Candidate other) {
    LookupDefences.Crowd crowd = defences.crowd();
    return isInCrowd(other)
        && crowd.orderOf(candidate.contact.id()) < crowd.orderOf(other.contact.id());
  }

  // What happened.

  /**
   * Notes an answer.
   *
   * @param contact who answered, with the services that it says it offers
   * @param referred the contacts it named; those that cannot be reached are the caller's to leave
   *     out
   * @param count how many of {@code referred} are meant; at most k of them are used
   * @return whether the lookup was waiting for this contact
   */
  public boolean onResponse(Contact contact, @Nullable Contact[] referred, int count) {
    Candidate candidate = list.find(contact);
    if (candidate == null || !candidate.isAwaited() || candidate.isProving) {
      return false;
    }
    leave(candidate, State.ANSWERED);
    candidate.isOverdue = false;
    candidate.contact = contact;
    if (!candidate.hasAnswered) {
      candidate.hasAnswered = true;
      candidate.credit();
      responses++;
      dropOthersOf(candidate);
    }
    lastRoundAnswered = Math.max(lastRoundAnswered, candidate.round);
    long farthest = Long.MIN_VALUE;
    for (int i = 0; i < Math.min(count, limits.closest); i++) {
      Contact named = referred[i];
      // Who is asked for those that offer something has no others to name.
      if (named == null || !named.offers(list.services)) {
        continue;
      }
      // Honest answers are in order, and then no id is there twice. The highest bit is turned over,
      // so that a signed comparison orders unsigned distances.
      long distance = list.distanceOf(named.id()) ^ Long.MIN_VALUE;
      boolean isNew = distance > farthest;
      farthest = Math.max(farthest, distance);
      // One node has one endpoint: several in one answer would only crowd out the true one.
      if (isNew || !Shortlist.isNamedBefore(named.id(), referred, i)) {
        add(named, candidate.path, candidate);
      }
    }
    return true;
  }

  /**
   * Notes whether a contact proved its id.
   *
   * @param contact who was asked to, see {@link LookupStep.Prove}, with the services that it offers
   * @param proof the answer
   * @return whether the lookup was waiting for it
   */
  public boolean onProof(Contact contact, LookupStep.Proof proof) {
    Candidate candidate = list.find(contact);
    if (candidate == null || !candidate.isAwaited() || !candidate.isProving) {
      return false;
    }
    candidate.isProving = false;
    candidate.isOverdue = false;
    proofs -= proof == LookupStep.Proof.KNOWN ? 1 : 0;
    candidate.contact = contact;
    if (proof == LookupStep.Proof.GOOD || proof == LookupStep.Proof.KNOWN) {
      leave(candidate, candidate.hasAnswered ? State.ANSWERED : State.HEARD);
      candidate.isProven = true;
    } else {
      leave(candidate, State.FAILED);
      failures++;
      if (proof == LookupStep.Proof.BAD) {
        candidate.expose();
      } else {
        candidate.blame();
      }
    }
    return true;
  }

  /**
   * Notes that a contact is slow: its slot is free for another, its answer still counts.
   *
   * @param contact the contact
   * @return whether the lookup was waiting for it
   */
  public boolean onSlow(Contact contact) {
    Candidate candidate = list.find(contact);
    if (candidate == null || candidate.state != State.ASKED) {
      return false;
    }
    leave(candidate, State.SLOW);
    if (!candidate.hasAnswered) {
      candidate.blame();
    }
    return true;
  }

  /**
   * Notes that a slow contact was asked as often as it is worth: the end of the lookup does not
   * wait for it any more, but its answer counts if it comes before that.
   *
   * @param contact the contact
   * @return whether the lookup was waiting for it
   */
  public boolean onOverdue(Contact contact) {
    Candidate candidate = list.find(contact);
    if (candidate == null || candidate.state != State.SLOW || candidate.isOverdue) {
      return false;
    }
    if (candidate.hasAnswered && !candidate.isProving) {
      // What it said first counts.
      leave(candidate, State.ANSWERED);
    } else {
      candidate.isOverdue = true;
    }
    return true;
  }

  /**
   * Notes that a contact did not answer, refused, or turned out to be another node.
   *
   * @param contact the contact
   * @return whether the lookup was waiting for it
   */
  public boolean onFailure(Contact contact) {
    Candidate candidate = list.find(contact);
    if (candidate == null || !candidate.isAwaited()) {
      return false;
    }
    if (candidate.hasAnswered && !candidate.isProving) {
      leave(candidate, State.ANSWERED);
      return true;
    }
    candidate.isProving = false;
    leave(candidate, State.FAILED);
    candidate.blame();
    failures++;
    return true;
  }

  private void leave(Candidate candidate, State state) {
    underWay[candidate.path] -= candidate.state == State.ASKED ? 1 : 0;
    candidate.state = state;
  }

  private boolean add(Contact contact, int path, @Nullable Candidate source) {
    NodeId id = contact.id();
    if (id.equals(own)) {
      return false;
    }
    int place = list.firstIndexOf(id);
    int sameId = 0;
    // Most contacts are named by many, so they are looked for first.
    for (; list.isAt(place, id); place++) {
      Candidate known = list.at(place);
      if (known.hasAnswered || known.contact.equals(contact)) {
        if (source != null) {
          known.heardFrom(source);
        }
        return false;
      }
      sameId += known.isLive() && !list.isDisbelieved(known) ? 1 : 0;
    }
    if (sameId >= ENDPOINTS_PER_ID
        || place >= limits.candidatesMax
        || list.hasAnswered(contact.endpoint())) {
      return false;
    }
    list.insert(place, new Candidate(contact, path, source));
    if (list.size() > limits.candidatesMax) {
      list.forgetOne();
    }
    return true;
  }

  /** Drops the other candidates with the id or at the endpoint of one that answered. */
  private void dropOthersOf(Candidate candidate) {
    int other = list.otherOf(candidate, list.size());
    while (other >= 0) {
      leave(list.at(other), State.FAILED);
      list.remove(other);
      other = list.otherOf(candidate, other);
    }
  }

  // What it tells.

  /**
   * Tells whether a contact is among the k closest sought that have not failed, and so worth
   * another try.
   *
   * @param contact the contact
   * @return whether it is
   */
  public boolean isAmongClosest(Contact contact) {
    int live = 0;
    for (int i = 0; i < list.size() && live < limits.closest; i++) {
      Candidate candidate = list.at(i);
      if (candidate.contact.equals(contact)) {
        return isSought(candidate) && !list.comesLast(i);
      }
      live += isSought(candidate) ? 1 : 0;
    }
    return false;
  }

  /**
   * Tells whether somebody named a contact who mostly named others in vain.
   *
   * @param contact the contact
   * @return whether it may well be made up
   */
  public boolean isDoubtful(Contact contact) {
    Candidate candidate = list.find(contact);
    return candidate != null && list.isDisbelieved(candidate);
  }

  /**
   * Tells whether all that is waited for is slow: most likely nobody is there.
   *
   * @return whether no contact that was asked may still answer soon
   */
  public boolean awaitsOnlySlow() {
    return IntStream.of(underWay).sum() == 0;
  }

  /**
   * Tells whether the target is crowded with nodes.
   *
   * @return whether there are more than there should be, so far
   */
  public boolean isCrowded() {
    return isCrowded;
  }

  /**
   * Returns the key.
   *
   * @return the key
   */
  public NodeId target() {
    return target;
  }

  /** Returns how many are remembered. */
  int candidateCount() {
    return list.size();
  }

  /**
   * Returns what is found so far.
   *
   * @param nowNanos the time
   * @return the result; final once {@link #next} said {@link LookupStep#DONE}
   */
  public LookupResult result(long nowNanos) {
    List<Contact> closest = new ArrayList<>(limits.closest);
    int depth = collect(closest, false, 0);
    int first = closest.size();
    if (first < limits.closest) {
      depth = collect(closest, true, depth);
      if (closest.size() > first && first > 0) {
        closest.sort((a, b) -> target.compareDistance(a.id(), b.id()));
      }
    }
    return new LookupResult(
        target,
        closest,
        depth,
        rounds,
        requests + proofs,
        responses,
        failures,
        isCrowded,
        Duration.ofNanos(nowNanos - startNanos));
  }

  /** Adds those that answered, and either come last or do not; returns the greatest depth. */
  private int collect(List<Contact> closest, boolean last, int known) {
    int depth = known;
    for (int i = 0; i < list.size(); i++) {
      Candidate candidate = list.at(i);
      if (closest.size() >= limits.closest && (last || !isInCrowd(i))) {
        break;
      }
      if (candidate.state == State.ANSWERED
          && list.offers(candidate)
          && !needsProof(candidate)
          && list.comesLast(i) == last) {
        closest.add(candidate.contact);
        depth = Math.max(depth, candidate.depth);
      }
    }
    return depth;
  }
}
