package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;

/** The trackers around this one, as far as its own node knows them. */
final class Neighbours {

  private final NodeId self;
  private final TrackerConfig.Repair limits;
  private Map<NodeId, Contact> known = new LinkedHashMap<>();

  Neighbours(NodeId self, TrackerConfig.Repair limits) {
    this.self = self;
    this.limits = limits;
  }

  /** Takes those there are now. Of two endpoints of one tracker the first counts. */
  void update(Collection<Contact> trackers) {
    Map<NodeId, Contact> all = new LinkedHashMap<>();
    for (Contact contact : trackers) {
      if (!contact.id().equals(self)) {
        all.putIfAbsent(contact.id(), contact);
      }
    }
    List<Contact> sorted = new ArrayList<>(all.values());
    sorted.sort((a, b) -> self.compareDistance(a.id(), b.id()));
    Map<NodeId, Contact> closest = new LinkedHashMap<>();
    sorted.stream()
        .limit(limits.neighboursMax())
        .forEach(contact -> closest.put(contact.id(), contact));
    known = closest;
  }

  /** Tells whether a tracker is one of them. */
  boolean knows(NodeId tracker) {
    return known.containsKey(tracker);
  }

  int count() {
    return known.size();
  }

  /** Returns those to be asked, the closest first. */
  List<Contact> peers() {
    return known.values().stream().limit(limits.peersMax()).toList();
  }

  /** Tells whether this tracker is to keep copies of a mailbox. */
  boolean replicates(NodeId mailbox) {
    return closerCount(mailbox, self) < limits.replicas();
  }

  /** Tells whether a tracker may have copies of a mailbox. */
  boolean serves(NodeId peer, NodeId mailbox) {
    return known.containsKey(peer) && closerCount(mailbox, peer) < limits.servedPeers();
  }

  /** Returns how many, this one among them, are closer to a mailbox than one of them. */
  private int closerCount(NodeId mailbox, NodeId than) {
    int closer = mailbox.compareDistance(self, than) < 0 ? 1 : 0;
    for (NodeId other : known.keySet()) {
      if (mailbox.compareDistance(other, than) < 0) {
        closer++;
      }
    }
    return closer;
  }
}
