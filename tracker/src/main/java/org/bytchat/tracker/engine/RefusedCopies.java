package org.bytchat.tracker.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;

/**
 * What was offered by another tracker and not taken, so that it is not pulled again every turn. It
 * is remembered for the peer that offered it: what lets an envelope in is the peer's word, and one
 * that lies keeps nobody from taking the envelope from another.
 */
final class RefusedCopies {

  /** How many are remembered; the oldest goes. */
  private static final int COUNT_MAX = 65_536;

  /** Quotas, clocks and acknowledgements change; so much later it is tried again. */
  private static final long MEMORY_NANOS = 3_600_000_000_000L;

  private final Desk desk;
  private final Map<Offer, Refused> refused = new LinkedHashMap<>();

  private record Offer(NodeId peer, NodeId mailbox, Digest digest) {}

  /** Since when, and with which lists of the mailbox. */
  private record Refused(long atNanos, Digest lists) {}

  RefusedCopies(Desk desk) {
    this.desk = desk;
  }

  /** Remembers that a peer's copy was refused. */
  void note(NodeId peer, Mailbox mailbox, Digest digest, long nowNanos) {
    Offer offer = new Offer(peer, mailbox.key, digest);
    // The newest is to be the last.
    refused.remove(offer);
    refused.put(offer, new Refused(nowNanos, mailbox.listsFingerprint()));
    if (refused.size() > COUNT_MAX) {
      refused.remove(refused.keySet().iterator().next());
      desk.count(TrackerCounter.REPAIR_FORGOTTEN);
    }
  }

  /** Tells whether a peer's copy was refused lately, with the lists that the mailbox has now. */
  boolean contains(NodeId peer, Mailbox mailbox, Digest digest, Digest lists, long nowNanos) {
    Refused known = refused.get(new Offer(peer, mailbox.key, digest));
    return known != null && nowNanos - known.atNanos < MEMORY_NANOS && known.lists.equals(lists);
  }
}
