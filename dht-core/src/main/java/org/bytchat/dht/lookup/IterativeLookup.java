package org.bytchat.dht.lookup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
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
   * by itself.
   */

  private static final int ENDPOINTS_PER_ID = 3;

  /** Room for candidates to begin with. */
  private static final int ROOM = 32;

  private final NodeId own;
  private final NodeId target;
  private final Limits limits;
  private final long startNanos;

  /** Ordered by distance to the target; equal ids in the order of arrival. */
  private @Nullable Candidate[] candidates = new Candidate[ROOM];

  /** Of each candidate the upper 64 bits of its distance: most searches need no more. */
  private long[] distances = new long[ROOM];

  /** Of each candidate {@link #keyOf} its endpoint. */
  private long[] endpointKeys = new long[ROOM];

  private int size;

  /** Endpoints that answered, as {@link #keyOf}. */
  private long[] answered = new long[16];

  /** How many contacts of each path are {@link State#ASKED}. */
  private final int[] underWay;

  private int nextSeedPath;
  private int lastRoundAnswered;
  private int rounds;
  private int requests;
  private int responses;
  private int failures;

  /**
   * The limits of a lookup.
   *
   * @param closest k, how many nodes to find
   * @param parallelism α, requests under way on each path
   * @param paths d
   * @param candidatesMax how many contacts are remembered, and asked, at the most
   */
  public record Limits(int closest, int parallelism, int paths, int candidatesMax) {

    public Limits {
      if (closest < 1 || parallelism < 1 || paths < 1 || candidatesMax < closest) {
        throw new IllegalArgumentException(
            "limits of a lookup: closest "
                + closest
                + ", parallelism "
                + parallelism
                + ", paths "
                + paths
                + ", candidates "
                + candidatesMax);
      }
    }
  }

  /**
   * Begins a lookup.
   *
   * @param own the asker, who is never part of the result
   * @param target the key
   * @param limits the limits
   * @param nowNanos the time
   */
  public IterativeLookup(NodeId own, NodeId target, Limits limits, long nowNanos) {
    this.own = own;
    this.target = target;
    this.limits = limits;
    this.underWay = new int[limits.paths];
    this.startNanos = nowNanos;
  }

  /**
   * Names a contact to begin with.
   *
   * @param contact a contact of the asker's own table
   */
  public void seed(Contact contact) {
    if (add(contact, nextSeedPath, 0)) {
      nextSeedPath = (nextSeedPath + 1) % limits.paths;
    }
  }

  /**
   * Says what to do next. To be called until it is not an {@link LookupStep.Ask}, after the seeding
   * and after each event.
   *
   * @return the step
   */
  public LookupStep next() {
    boolean done = true;
    for (int path = 0; path < limits.paths; path++) {
      int live = 0;
      boolean pathDone = true;
      Candidate ask = null;
      for (int i = 0; i < size && live < limits.closest; i++) {
        Candidate candidate = at(i);
        if (candidate.path != path || !candidate.isLive()) {
          continue;
        }
        live++;
        pathDone &= candidate.state == State.ANSWERED;
        if (candidate.state == State.HEARD && ask == null) {
          ask = candidate;
        }
      }
      if (ask != null && requests >= limits.candidatesMax) {
        // Somebody feeds us made-up contacts: what is known has to do.
        pathDone = underWay[path] == 0;
        ask = null;
      }
      if (ask != null && underWay[path] < limits.parallelism) {
        ask.state = State.ASKED;
        underWay[path]++;
        ask.round = lastRoundAnswered + 1;
        rounds = Math.max(rounds, ask.round);
        requests++;
        return new LookupStep.Ask(ask.contact);
      }
      done &= pathDone;
    }
    return done ? LookupStep.DONE : LookupStep.WAIT;
  }

  /**
   * Notes an answer.
   *
   * @param contact who answered
   * @param referred the contacts it named; those that cannot be reached are the caller's to leave
   *     out
   * @param count how many of {@code referred} are meant; at most k of them are used
   * @return whether the lookup was waiting for this contact
   */
  public boolean onResponse(Contact contact, @Nullable Contact[] referred, int count) {
    Candidate candidate = find(contact);
    if (candidate == null || (candidate.state != State.ASKED && candidate.state != State.SLOW)) {
      return false;
    }
    leave(candidate, State.ANSWERED);
    candidate.isOverdue = false;
    lastRoundAnswered = Math.max(lastRoundAnswered, candidate.round);
    noteAnswered(contact.endpoint());
    dropOthersOf(candidate);
    int used = Math.min(count, limits.closest);
    long farthest = Long.MIN_VALUE;
    for (int i = 0; i < used; i++) {
      Contact named = referred[i];
      if (named == null) {
        continue;
      }
      // Honest answers are in order, and then no id is there twice. The highest bit is turned over,
      // so that a signed comparison orders unsigned distances.
      long distance = distanceOf(named.id()) ^ Long.MIN_VALUE;
      boolean isNew = distance > farthest;
      farthest = Math.max(farthest, distance);
      // One node has one endpoint: several in one answer would only crowd out the true one.
      if (isNew || !isNamedBefore(named.id(), referred, i)) {
        add(named, candidate.path, candidate.depth + 1);
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
    Candidate candidate = find(contact);
    if (candidate == null || candidate.state != State.ASKED) {
      return false;
    }
    leave(candidate, State.SLOW);
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
    Candidate candidate = find(contact);
    if (candidate == null || candidate.state != State.SLOW || candidate.isOverdue) {
      return false;
    }
    candidate.isOverdue = true;
    return true;
  }

  /**
   * Notes that a contact did not answer, refused, or turned out to be another node.
   *
   * @param contact the contact
   * @return whether the lookup was waiting for it
   */
  public boolean onFailure(Contact contact) {
    Candidate candidate = find(contact);
    if (candidate == null || (candidate.state != State.ASKED && candidate.state != State.SLOW)) {
      return false;
    }
    leave(candidate, State.FAILED);
    failures++;
    return true;
  }

  /**
   * Tells whether a contact is among the k closest that have not failed, and so worth another try.
   *
   * @param contact the contact
   * @return whether it is
   */
  public boolean isAmongClosest(Contact contact) {
    int live = 0;
    for (int i = 0; i < size && live < limits.closest; i++) {
      Candidate candidate = at(i);
      if (candidate.contact.equals(contact)) {
        return candidate.isLive();
      }
      live += candidate.isLive() ? 1 : 0;
    }
    return false;
  }

  /**
   * Tells whether all that is waited for is slow: most likely nobody is there.
   *
   * @return whether no contact that was asked may still answer soon
   */
  public boolean awaitsOnlySlow() {
    for (int count : underWay) {
      if (count > 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the key.
   *
   * @return the key
   */
  public NodeId target() {
    return target;
  }

  /** Returns how many contacts are remembered. */
  int candidateCount() {
    return size;
  }

  /**
   * Returns what is found so far.
   *
   * @param nowNanos the time
   * @return the result; final once {@link #next} said {@link LookupStep#DONE}
   */
  public LookupResult result(long nowNanos) {
    List<Contact> closest = new ArrayList<>(limits.closest);
    int depth = 0;
    for (int i = 0; i < size && closest.size() < limits.closest; i++) {
      Candidate candidate = at(i);
      if (candidate.state == State.ANSWERED) {
        closest.add(candidate.contact);
        depth = Math.max(depth, candidate.depth);
      }
    }
    return new LookupResult(
        target,
        closest,
        depth,
        rounds,
        requests,
        responses,
        failures,
        Duration.ofNanos(nowNanos - startNanos));
  }

  private void leave(Candidate candidate, State state) {
    underWay[candidate.path] -= candidate.state == State.ASKED ? 1 : 0;
    candidate.state = state;
  }

  private Candidate at(int index) {
    Candidate candidate = candidates[index];
    if (candidate == null) {
      throw new IndexOutOfBoundsException("candidate " + index + " of " + size);
    }
    return candidate;
  }

  /** Tells whether an answer names an id before an index. */
  private static boolean isNamedBefore(NodeId id, @Nullable Contact[] referred, int end) {
    for (int i = 0; i < end; i++) {
      Contact earlier = referred[i];
      if (earlier != null && earlier.id().equals(id)) {
        return true;
      }
    }
    return false;
  }

  private boolean add(Contact contact, int path, int depth) {
    NodeId id = contact.id();
    if (id.equals(own)) {
      return false;
    }
    int place = firstIndexOf(id);
    int sameId = 0;
    // Most contacts are named by many, so they are looked for first.
    for (; place < size && isAt(place, id); place++) {
      Candidate known = at(place);
      if (known.state == State.ANSWERED || known.contact.equals(contact)) {
        return false;
      }
      sameId += known.state == State.FAILED ? 0 : 1;
    }
    if (sameId >= ENDPOINTS_PER_ID
        || place >= limits.candidatesMax
        || hasAnswered(contact.endpoint())) {
      return false;
    }
    insert(place, new Candidate(contact, path, depth));
    if (size > limits.candidatesMax) {
      forgetFarthest();
    }
    return true;
  }

  private void insert(int place, Candidate candidate) {
    if (size == candidates.length) {
      candidates = Arrays.copyOf(candidates, 2 * size);
      distances = Arrays.copyOf(distances, 2 * size);
      endpointKeys = Arrays.copyOf(endpointKeys, 2 * size);
    }
    int moved = size - place;
    System.arraycopy(candidates, place, candidates, place + 1, moved);
    System.arraycopy(distances, place, distances, place + 1, moved);
    System.arraycopy(endpointKeys, place, endpointKeys, place + 1, moved);
    candidates[place] = candidate;
    distances[place] = distanceOf(candidate.contact.id());
    endpointKeys[place] = keyOf(candidate.contact.endpoint());
    size++;
  }

  private void remove(int place) {
    int moved = --size - place;
    System.arraycopy(candidates, place + 1, candidates, place, moved);
    System.arraycopy(distances, place + 1, distances, place, moved);
    System.arraycopy(endpointKeys, place + 1, endpointKeys, place, moved);
    candidates[size] = null;
  }

  /**
   * Returns a number by which most endpoints are told apart without looking at them.
   *
   * @param endpoint an endpoint
   * @return equal for equal endpoints, and rarely for others
   */
  public static long keyOf(Endpoint endpoint) {
    return (endpoint.addressHigh() * 31 + endpoint.addressLow()) * 31 + endpoint.port();
  }

  private void noteAnswered(Endpoint endpoint) {
    if (responses == answered.length) {
      answered = Arrays.copyOf(answered, 2 * responses);
    }
    answered[responses++] = keyOf(endpoint);
  }

  private boolean hasAnswered(Endpoint endpoint) {
    long key = keyOf(endpoint);
    for (int i = 0; i < responses; i++) {
      if (answered[i] == key) {
        return isAnswered(endpoint);
      }
    }
    return false;
  }

  private boolean isAnswered(Endpoint endpoint) {
    for (int i = 0; i < size; i++) {
      Candidate candidate = at(i);
      if (candidate.state == State.ANSWERED && candidate.contact.endpoint().equals(endpoint)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Forgets the farthest candidate that was not asked. Those that were are at most as many as may
   * be asked, and the ones that failed must be known to not be asked again.
   */
  private void forgetFarthest() {
    for (int i = size - 1; i >= 0; i--) {
      if (at(i).state == State.HEARD) {
        remove(i);
        return;
      }
    }
  }

  /** Drops the other candidates with the id or at the endpoint of one that answered. */
  private void dropOthersOf(Candidate candidate) {
    NodeId id = candidate.contact.id();
    Endpoint endpoint = candidate.contact.endpoint();
    long distance = distanceOf(id);
    long key = keyOf(endpoint);
    for (int i = size - 1; i >= 0; i--) {
      if (distances[i] != distance && endpointKeys[i] != key) {
        continue;
      }
      Candidate other = at(i);
      if (other != candidate
          && (other.contact.id().equals(id) || other.contact.endpoint().equals(endpoint))) {
        leave(other, State.FAILED);
        remove(i);
      }
    }
  }

  private @Nullable Candidate find(Contact contact) {
    for (int i = firstIndexOf(contact.id()); i < size && isAt(i, contact.id()); i++) {
      Candidate candidate = at(i);
      if (candidate.contact.endpoint().equals(contact.endpoint())) {
        return candidate;
      }
    }
    return null;
  }

  /** Returns the upper 64 bits of the distance to the target. */
  private long distanceOf(NodeId id) {
    return id.high() ^ target.high();
  }

  private boolean isAt(int place, NodeId id) {
    return distances[place] == distanceOf(id) && at(place).contact.id().equals(id);
  }

  /** Returns where the candidates with an id begin, or where they would. */
  private int firstIndexOf(NodeId id) {
    long distance = distanceOf(id);
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (Long.compareUnsigned(distances[middle], distance) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    while (from < size
        && distances[from] == distance
        && target.compareDistance(at(from).contact.id(), id) < 0) {
      from++;
    }
    return from;
  }
}
