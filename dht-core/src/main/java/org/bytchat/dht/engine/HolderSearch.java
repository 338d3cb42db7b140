package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the nodes closest to a place, in all families that the node is in, with their tokens and
 * what each says it holds there.
 */
final class HolderSearch implements LookupPool.Observer {

  private final Operations operations;
  private final NodeId place;
  private final Completion completion;

  /** Whether something is to be read, for which not all of the closest are needed. */
  private final boolean reads;

  /** What Mainline's nodes are asked for, and who reads their answers; null in our dialect. */
  private final @Nullable Questions questions;

  private final Map<Contact, Holder> answered = new LinkedHashMap<>();

  /** Those who did not answer, or not yet though they had time. */
  private final Set<Contact> failed = new LinkedHashSet<>();

  /** Those among whom the holders are: the closest, and those asked again. */
  private final Set<Contact> found = new LinkedHashSet<>();

  private boolean isCrowded;

  private int lookupsLeft;

  /**
   * A node that answered.
   *
   * @param sequence of the record it holds, 0 for a chunk, -1 for nothing
   */
  record Holder(Contact contact, byte[] token, long sequence) {}

  /** Is told when all lookups have ended. */
  interface Completion {
    void onFound(HolderSearch search, long nowNanos);
  }

  /** What is asked for with the tokens, in a dialect whose nodes give it at once. */
  interface Questions {

    Method method();

    void onAnswer(Contact contact, Packet packet);
  }

  private HolderSearch(
      Operations operations,
      NodeId place,
      boolean reads,
      @Nullable Questions questions,
      Completion completion) {
    this.operations = operations;
    this.place = place;
    this.reads = reads;
    this.questions = questions;
    this.completion = completion;
  }

  /** Begins a search for those who should hold something; returns whether there was room for it. */
  static boolean forWriting(
      Operations operations, NodeId place, Completion completion, long nowNanos) {
    return new HolderSearch(operations, place, false, null, completion).start(nowNanos);
  }

  /** Begins a search that ends as soon as enough holders are found; see {@link #forWriting}. */
  static boolean forReading(
      Operations operations, NodeId place, Completion completion, long nowNanos) {
    return new HolderSearch(operations, place, true, null, completion).start(nowNanos);
  }

  /** Begins a search of Mainline's dialect, which ends like a lookup; see {@link #forWriting}. */
  static boolean asking(
      Operations operations,
      NodeId place,
      Questions questions,
      Completion completion,
      long nowNanos) {
    return new HolderSearch(operations, place, false, questions, completion).start(nowNanos);
  }

  @Override
  public Method method() {
    return questions == null ? Method.GET : questions.method();
  }

  private boolean start(long nowNanos) {
    // Counted before, so that a lookup that ends at once does not end the search.
    lookupsLeft = 1;
    boolean started = false;
    for (AddressFamily family : AddressFamily.values()) {
      if (operations.core.table(family) != null) {
        lookupsLeft++;
        boolean taken =
            operations.lookups.start(
                    LookupPool.Target.of(place, family, this),
                    (id, result, now) -> {
                      found.addAll(result.closest());
                      isCrowded |= result.isCrowded();
                      onLookupEnd(now);
                    },
                    nowNanos)
                != null;
        lookupsLeft -= taken ? 0 : 1;
        started |= taken;
      }
    }
    if (started) {
      onLookupEnd(nowNanos);
    }
    return started;
  }

  private void onLookupEnd(long nowNanos) {
    if (--lookupsLeft == 0) {
      completion.onFound(this, nowNanos);
    }
  }

  @Override
  public void onAnswer(Contact contact, Packet packet) {
    failed.remove(contact);
    answered.put(contact, new Holder(contact, packet.token(), packet.sequence));
    if (questions != null) {
      questions.onAnswer(contact, packet);
    }
  }

  @Override
  public void onFailure(Contact contact) {
    if (!answered.containsKey(contact)) {
      failed.add(contact);
    }
  }

  @Override
  public void onSlow(Contact contact) {
    onFailure(contact);
  }

  /** Those who hold a record may be enough, those who hold nothing never. */
  @Override
  public boolean isEnough(AddressFamily family) {
    if (questions != null) {
      return true;
    }
    long highest = -1;
    for (Contact contact : closest(family, operations.core.config.store().replicas())) {
      Holder holder = answered.get(contact);
      highest = Math.max(highest, holder == null ? -1 : holder.sequence);
    }
    return reads && highest >= 0 && countOf(family, highest, highest) >= quorum();
  }

  /** Tells whether there are far more nodes around the place than there should be. */
  boolean isCrowded() {
    return isCrowded;
  }

  /** Returns all who answered, nearest first. */
  List<Contact> answeredNearestFirst() {
    List<Contact> contacts = new ArrayList<>(answered.keySet());
    contacts.sort((a, b) -> place.compareDistance(a.id(), b.id()));
    return contacts;
  }

  int answeredCount() {
    return answered.size();
  }

  /** Returns the closest who answered and gave a token, nearest first. */
  List<Holder> holders() {
    List<Holder> holders = new ArrayList<>(answered.values());
    holders.removeIf(holder -> holder.token.length == 0 || !found.contains(holder.contact));
    holders.sort((a, b) -> place.compareDistance(a.contact.id(), b.contact.id()));
    return holders;
  }

  /** Returns those of one family. */
  List<Holder> holders(AddressFamily family) {
    List<Holder> holders = holders();
    holders.removeIf(holder -> holder.contact.endpoint().family() != family);
    return holders;
  }

  /**
   * Returns those of the closest who say that they hold something, nearest first: who is farther
   * away is not asked for it, so that no crowd of liars keeps a reader busy.
   */
  List<Holder> claimants() {
    List<Holder> claimants = holders();
    claimants.removeIf(holder -> holder.sequence < 0);
    return claimants;
  }

  /**
   * Tells whether nothing newer than a sequence can have been acknowledged by w of the r nodes that
   * are closest, those who did not answer included: in one family enough of them say that they hold
   * that sequence, and in the others that they hold nothing newer.
   */
  boolean isConfirmed(long sequence) {
    boolean isHeld = false;
    for (AddressFamily family : AddressFamily.values()) {
      int known = closest(family, operations.core.config.store().replicas()).size();
      int enough = Math.min(quorum(), known);
      if (known > 0) {
        isHeld |= countOf(family, sequence, sequence) >= enough;
        if (countOf(family, Long.MIN_VALUE, sequence) < enough) {
          return false;
        }
      }
    }
    return isHeld;
  }

  /** Returns how many must agree so that fewer than w of r are left, and at least w. */
  private int quorum() {
    int replicas = operations.core.config.store().replicas();
    int acks = operations.core.config.store().acks();
    return Math.max(acks, replicas - acks + 1);
  }

  /** Returns how many of the r closest of a family say that they hold a sequence in a range. */
  private int countOf(AddressFamily family, long least, long most) {
    int count = 0;
    for (Contact contact : closest(family, operations.core.config.store().replicas())) {
      Holder holder = answered.get(contact);
      count += holder != null && holder.sequence >= least && holder.sequence <= most ? 1 : 0;
    }
    return count;
  }

  private List<Contact> closest(AddressFamily family, int limit) {
    List<Contact> closest = new ArrayList<>(answered.keySet());
    closest.addAll(failed);
    closest.removeIf(contact -> contact.endpoint().family() != family);
    closest.sort((a, b) -> place.compareDistance(a.id(), b.id()));
    return closest.subList(0, Math.min(limit, closest.size()));
  }

  /** Returns the 2r closest of each family, those who did not answer included. */
  List<Contact> nearest() {
    List<Contact> nearest = new ArrayList<>();
    int limit = 2 * operations.core.config.store().replicas();
    for (AddressFamily family : AddressFamily.values()) {
      nearest.addAll(closest(family, limit));
    }
    return nearest;
  }

  /** Asks those of the 2r closest who did not answer once more; returns whether there are any. */
  boolean askAgain(long nowNanos) {
    List<Contact> again = nearest();
    again.retainAll(failed);
    lookupsLeft = again.size();
    for (Contact contact : again) {
      operations.get(
          contact, new Operations.Spot(place, place, null), new Again(contact), nowNanos);
    }
    return !again.isEmpty();
  }

  private final class Again implements Request.Reply {

    private final Contact contact;

    Again(Contact contact) {
      this.contact = contact;
    }

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      if (packet.kind == Kind.RESPONSE) {
        HolderSearch.this.onAnswer(contact, packet);
        found.add(contact);
      }
      onLookupEnd(nowNanos);
    }

    @Override
    public void onFailure(long nowNanos) {
      onLookupEnd(nowNanos);
    }
  }
}
