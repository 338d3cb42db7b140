package org.bytchat.sim.mail;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.quorum.QuorumChange;

/** What a device keeps while it is away: what its inbox has seen, and what its application has. */
final class DeviceStorage {

  private final Map<Digest, QuorumChange.Seen> seen = new LinkedHashMap<>();
  private final Set<Digest> accepted = new HashSet<>();

  /** What the application took before the inbox had written that down. */
  private final Set<Digest> unwritten = new LinkedHashSet<>();

  /** Of these, what it may be handed once more: the inbox was stopped in between. */
  private final Set<Digest> excused = new HashSet<>();

  int lives;

  /** What the application says to an envelope. */
  enum Acceptance {
    NEW,
    AGAIN_AFTER_STOP,
    AGAIN
  }

  List<QuorumChange.Seen> seen() {
    return List.copyOf(seen.values());
  }

  void keep(List<QuorumChange> changes) {
    for (QuorumChange change : changes) {
      if (change instanceof QuorumChange.PutSeen put) {
        seen.put(put.seen().digest(), put.seen());
        unwritten.remove(put.seen().digest());
      } else if (change instanceof QuorumChange.RemoveSeen remove) {
        seen.remove(remove.digest());
        excused.add(remove.digest());
      } else if (change instanceof QuorumChange.PruneSeen prune) {
        seen.values().removeIf(one -> one.expiresMillis() < prune.endedBeforeMillis());
      }
    }
  }

  /** The inbox is stopped. */
  void stop() {
    excused.addAll(unwritten);
    unwritten.clear();
  }

  Acceptance accept(Digest digest) {
    unwritten.add(digest);
    if (accepted.add(digest)) {
      return Acceptance.NEW;
    }
    return excused.remove(digest) ? Acceptance.AGAIN_AFTER_STOP : Acceptance.AGAIN;
  }
}
