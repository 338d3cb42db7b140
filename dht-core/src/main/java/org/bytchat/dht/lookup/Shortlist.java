package org.bytchat.dht.lookup;

import java.util.Arrays;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.Candidate.State;
import org.jspecify.annotations.Nullable;

/** The candidates of a lookup, ordered by distance; equal ids in the order of arrival. */
final class Shortlist {

  /** Room for candidates to begin with. */
  private static final int ROOM = 32;

  /** How many unanswered candidates of one source make a crowd more likely. */
  private static final int UNANSWERED_MAX = 5;

  private final NodeId target;
  private final LookupDefences defences;

  private @Nullable Candidate[] candidates = new Candidate[ROOM];

  /** Of each candidate the upper 64 bits of its distance: most searches need no more. */
  private long[] distances = new long[ROOM];

  /** Of each candidate {@link Endpoint#mixed} of its endpoint. */
  private long[] endpointKeys = new long[ROOM];

  /** Of each candidate a hash of its network. */
  private int[] networkKeys = new int[ROOM];

  private int size;

  /** The service bits that those who are sought offer. */
  int services;

  Shortlist(NodeId target, LookupDefences defences) {
    this.target = target;
    this.defences = defences;
  }

  int size() {
    return size;
  }

  Candidate at(int index) {
    Candidate candidate = candidates[index];
    if (candidate == null) {
      throw new IndexOutOfBoundsException("candidate " + index + " of " + size);
    }
    return candidate;
  }

  /** Returns the upper 64 bits of the distance of an id to the target. */
  long distanceOf(NodeId id) {
    return id.high() ^ target.high();
  }

  /** Tells whether a candidate is not farther than a distance, of which it has the upper bits. */
  boolean isWithin(int index, long distance) {
    return Long.compareUnsigned(distances[index], distance) <= 0;
  }

  /** Tells whether an id is not farther than a distance, of which it has the upper bits. */
  boolean isWithin(NodeId id, long distance) {
    return target.isWithin(distance, id);
  }

  /** Tells whether there is a candidate with an id at an index. */
  boolean isAt(int index, NodeId id) {
    return index < size && distances[index] == distanceOf(id) && at(index).contact.id().equals(id);
  }

  /** Returns where the candidates with an id begin, or where they would. */
  int firstIndexOf(NodeId id) {
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

  @Nullable Candidate find(Contact contact) {
    for (int i = firstIndexOf(contact.id()); isAt(i, contact.id()); i++) {
      Candidate candidate = at(i);
      if (candidate.contact.endpoint().equals(contact.endpoint())) {
        return candidate;
      }
    }
    return null;
  }

  void insert(int index, Candidate candidate) {
    if (size == candidates.length) {
      candidates = Arrays.copyOf(candidates, 2 * size);
      distances = Arrays.copyOf(distances, 2 * size);
      endpointKeys = Arrays.copyOf(endpointKeys, 2 * size);
      networkKeys = Arrays.copyOf(networkKeys, 2 * size);
    }
    Endpoint endpoint = candidate.contact.endpoint();
    int network = Long.hashCode(endpoint.network() * 0x9E3779B97F4A7C15L);
    noteNeighbours(candidate, network);
    int moved = size - index;
    System.arraycopy(candidates, index, candidates, index + 1, moved);
    System.arraycopy(distances, index, distances, index + 1, moved);
    System.arraycopy(endpointKeys, index, endpointKeys, index + 1, moved);
    System.arraycopy(networkKeys, index, networkKeys, index + 1, moved);
    candidates[index] = candidate;
    distances[index] = distanceOf(candidate.contact.id());
    endpointKeys[index] = endpoint.mixed();
    networkKeys[index] = network;
    size++;
  }

  private void noteNeighbours(Candidate candidate, int network) {
    int count = 0;
    // Without a way out of the loop, the processor compares many at once.
    for (int i = 0; i < size; i++) {
      count += networkKeys[i] == network ? 1 : 0;
    }
    for (int i = 0; count > 0 && i < size; i++) {
      if (networkKeys[i] == network) {
        at(i).hasNeighbours = true;
        candidate.hasNeighbours = true;
      }
    }
  }

  void remove(int index) {
    int moved = --size - index;
    System.arraycopy(candidates, index + 1, candidates, index, moved);
    System.arraycopy(distances, index + 1, distances, index, moved);
    System.arraycopy(endpointKeys, index + 1, endpointKeys, index, moved);
    System.arraycopy(networkKeys, index + 1, networkKeys, index, moved);
    candidates[size] = null;
  }

  /** Tells whether others come before a candidate, however near it is. */
  boolean comesLast(int index) {
    Candidate candidate = at(index);
    return (isDisbelieved(candidate) && !candidate.hasAnswered)
        || (candidate.hasNeighbours && isCramped(index));
  }

  /** Tells whether who named a candidate mostly named others in vain. */
  boolean isDisbelieved(Candidate candidate) {
    Candidate source = candidate.source;
    return defences.scoring() && source != null && source.isDiscredited();
  }

  /**
   * Tells whether as many of a candidate's subnet or network as may come first are nearer. Only
   * those that answered count, or who names made-up ones would hide the true ones of a subnet.
   */
  private boolean isCramped(int index) {
    boolean isExempt = defences.exemptLocal() && at(index).contact.endpoint().isLocal();
    return !isExempt
        && (nearerNeighbours(index, true) >= defences.perSubnet()
            || nearerNeighbours(index, false) >= defences.perNetwork());
  }

  private int nearerNeighbours(int index, boolean isSubnet) {
    Endpoint endpoint = at(index).contact.endpoint();
    int count = 0;
    for (int i = 0; i < index; i++) {
      Candidate nearer = at(i);
      if (networkKeys[i] == networkKeys[index]
          && nearer.hasAnswered
          && nearer.isLive()
          && offers(nearer)) {
        Endpoint other = nearer.contact.endpoint();
        boolean isNear =
            other.network() == endpoint.network()
                && (!isSubnet || other.subnet() == endpoint.subnet());
        count += isNear ? 1 : 0;
      }
    }
    return count;
  }

  /** Tells whether a candidate offers what is sought, or is said to. */
  boolean offers(Candidate candidate) {
    return candidate.contact.offers(services);
  }

  /**
   * Tells whether those who do not offer what is sought are needed: nobody who does has answered,
   * or few are known that do, and few of the others were heard.
   */
  boolean needsGuides(int closest, int guides) {
    int sought = 0;
    int heard = 0;
    for (int i = 0; i < size; i++) {
      boolean offers = offers(at(i));
      sought += offers && at(i).isLive() ? 1 : 0;
      heard += !offers && at(i).state == State.ANSWERED ? 1 : 0;
    }
    return sought < closest && (heard < guides || !hasAnswerOfSought());
  }

  private boolean hasAnswerOfSought() {
    for (int i = 0; i < size; i++) {
      if (at(i).hasAnswered && at(i).isLive() && offers(at(i))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns the closest candidate that does not offer what is sought and was not asked, or null.
   */
  @Nullable Candidate guideToAsk() {
    for (int i = 0; i < size; i++) {
      if (at(i).state == State.HEARD && !offers(at(i))) {
        return at(i);
      }
    }
    return null;
  }

  /** Tells whether an answer of one that does not offer what is sought is worth waiting for. */
  boolean awaitsGuide() {
    boolean isPatient = !hasAnswerOfSought();
    for (int i = 0; i < size; i++) {
      Candidate candidate = at(i);
      boolean isAwaited = isPatient ? candidate.isAwaited() : candidate.state == State.ASKED;
      if (isAwaited && candidate.isLive() && !offers(candidate)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the closest candidate that nobody named and that was not asked, or null. */
  @Nullable Candidate closestSeedToAsk() {
    for (int i = 0; i < size; i++) {
      if (at(i).depth == 0 && at(i).state == State.HEARD) {
        return at(i);
      }
    }
    return null;
  }

  /** Tells whether as many candidates as a sign of a crowd demands are as near as it says. */
  boolean shows(LookupDefences.Sign sign) {
    return size >= sign.least()
        && isWithin(sign.least() - 1, sign.reach())
        && (sign.isOfAnswers() ? countAnswered(sign.reach()) : countCredible(sign.reach()))
            >= sign.least();
  }

  /**
   * Counts the live candidates within a distance. Of those that a node named and that did not
   * answer yet only a few count, so that no single answer makes a crowd.
   */
  private int countCredible(long distance) {
    resetNamed();
    int count = 0;
    for (int i = 0; i < size && isWithin(i, distance); i++) {
      Candidate candidate = at(i);
      Candidate source = candidate.source;
      boolean counts =
          candidate.hasAnswered
              || source == null
              || (!isDisbelieved(candidate) && source.named++ < UNANSWERED_MAX);
      count += candidate.isLive() && counts ? 1 : 0;
    }
    return count;
  }

  /** Counts the live candidates within a distance that answered. */
  private int countAnswered(long distance) {
    int count = 0;
    for (int i = 0; i < size && isWithin(i, distance); i++) {
      count += at(i).hasAnswered && at(i).isLive() ? 1 : 0;
    }
    return count;
  }

  private void resetNamed() {
    for (int i = 0; i < size; i++) {
      Candidate source = at(i).source;
      if (source != null) {
        source.named = 0;
      }
    }
  }

  /** Tells whether a node at an endpoint has answered. */
  boolean hasAnswered(Endpoint endpoint) {
    long key = endpoint.mixed();
    for (int i = 0; i < size; i++) {
      if (endpointKeys[i] == key) {
        Candidate candidate = at(i);
        if (candidate.hasAnswered && candidate.contact.endpoint().equals(endpoint)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns another candidate with the id or at the endpoint of one, or -1. */
  int otherOf(Candidate candidate, int below) {
    NodeId id = candidate.contact.id();
    Endpoint endpoint = candidate.contact.endpoint();
    long distance = distanceOf(id);
    long key = endpoint.mixed();
    for (int i = below - 1; i >= 0; i--) {
      if (distances[i] != distance && endpointKeys[i] != key) {
        continue;
      }
      Candidate other = at(i);
      if (other != candidate
          && (other.contact.id().equals(id) || other.contact.endpoint().equals(endpoint))) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Forgets a candidate that was not asked: of those that the most talkative source named, the
   * farthest, so that no liar crowds out what others said. Those that were asked are at most as
   * many as may be, and the ones that failed must be known to not be asked again.
   */
  void forgetOne() {
    resetNamed();
    int most = 0;
    for (int i = 0; i < size; i++) {
      Candidate source = at(i).source;
      if (source != null && at(i).state == State.HEARD) {
        most = Math.max(most, ++source.named);
      }
    }
    for (int i = size - 1; i >= 0; i--) {
      Candidate candidate = at(i);
      Candidate source = candidate.source;
      int named = source == null ? 0 : source.named;
      if (candidate.state == State.HEARD && named == most) {
        remove(i);
        return;
      }
    }
  }

  /** Tells whether an answer names an id before an index. */
  static boolean isNamedBefore(NodeId id, @Nullable Contact[] referred, int end) {
    for (int i = 0; i < end; i++) {
      Contact earlier = referred[i];
      if (earlier != null && earlier.id().equals(id)) {
        return true;
      }
    }
    return false;
  }
}
