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
import org.bytchat.dht.wire.Packet;

/**
 * Finds the nodes closest to a place, in all families that the node is in, with their tokens and
 * what each says it holds there.
 */
final class HolderSearch implements LookupPool.Observer {

  private final Operations operations;
  private final NodeId place;
  private final Completion completion;
  private final Map<Contact, Holder> answered = new LinkedHashMap<>();
  private final Set<Contact> failed = new LinkedHashSet<>();
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

  private HolderSearch(Operations operations, NodeId place, Completion completion) {
    this.operations = operations;
    this.place = place;
    this.completion = completion;
  }

  /** Begins a search; returns whether there was room for it. */
  static boolean start(Operations operations, NodeId place, Completion completion, long nowNanos) {
    HolderSearch search = new HolderSearch(operations, place, completion);
    // Counted before, so that a lookup that ends at once does not end the search.
    search.lookupsLeft = 1;
    boolean started = false;
    for (AddressFamily family : AddressFamily.values()) {
      if (operations.core.table(family) != null) {
        search.lookupsLeft++;
        boolean taken =
            operations.lookups.start(
                    new LookupPool.Target(place, family, new Contact[0], search),
                    (id, result, now) -> search.onLookupEnd(now),
                    nowNanos)
                != null;
        search.lookupsLeft -= taken ? 0 : 1;
        started |= taken;
      }
    }
    if (started) {
      search.onLookupEnd(nowNanos);
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
  }

  @Override
  public void onFailure(Contact contact) {
    if (!answered.containsKey(contact)) {
      failed.add(contact);
    }
  }

  NodeId place() {
    return place;
  }

  int answeredCount() {
    return answered.size();
  }

  /** Returns those who answered and gave a token, nearest first. */
  List<Holder> holders() {
    List<Holder> holders = new ArrayList<>(answered.values());
    holders.removeIf(holder -> holder.token.length == 0);
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
   * Returns those of the k closest of each family that say they hold something, nearest first: who
   * is farther away is not asked for it, so that no crowd of liars keeps a reader busy.
   */
  List<Holder> claimants() {
    int limit = operations.core.config.routing().bucketSize();
    List<Holder> claimants = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      List<Holder> holders = holders(family);
      claimants.addAll(holders.subList(0, Math.min(limit, holders.size())));
    }
    claimants.removeIf(holder -> holder.sequence < 0);
    claimants.sort((a, b) -> place.compareDistance(a.contact.id(), b.contact.id()));
    return claimants;
  }

  /**
   * Tells whether nothing newer than a sequence can have been acknowledged by w of the r nodes that
   * are closest, those who did not answer included: in one family enough of them say that they hold
   * that sequence, and in the others that they hold nothing newer.
   */
  boolean isConfirmed(long sequence) {
    int replicas = operations.core.config.store().replicas();
    int acks = operations.core.config.store().acks();
    // So many that fewer than w are left.
    int enough = Math.max(acks, replicas - acks + 1);
    boolean isHeld = false;
    for (AddressFamily family : AddressFamily.values()) {
      List<Contact> closest = closest(family, replicas);
      int agreeing = 0;
      int notNewer = 0;
      for (Contact contact : closest) {
        Holder holder = answered.get(contact);
        agreeing += holder != null && holder.sequence == sequence ? 1 : 0;
        notNewer += holder != null && holder.sequence <= sequence ? 1 : 0;
      }
      if (!closest.isEmpty()) {
        isHeld |= agreeing >= Math.min(enough, closest.size());
        if (notNewer < Math.min(enough, closest.size())) {
          return false;
        }
      }
    }
    return isHeld;
  }

  private List<Contact> closest(AddressFamily family, int limit) {
    List<Contact> closest = new ArrayList<>(answered.keySet());
    closest.addAll(failed);
    closest.removeIf(contact -> contact.endpoint().family() != family);
    closest.sort((a, b) -> place.compareDistance(a.id(), b.id()));
    return closest.subList(0, Math.min(limit, closest.size()));
  }

  /** Asks those of the k closest who did not answer once more; returns whether there are any. */
  boolean askAgain(long nowNanos) {
    List<Contact> again = new ArrayList<>();
    int limit = operations.core.config.routing().bucketSize();
    for (AddressFamily family : AddressFamily.values()) {
      again.addAll(closest(family, limit));
    }
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
      }
      onLookupEnd(nowNanos);
    }

    @Override
    public void onFailure(long nowNanos) {
      onLookupEnd(nowNanos);
    }
  }
}
