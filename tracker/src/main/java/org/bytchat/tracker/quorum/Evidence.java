package org.bytchat.tracker.quorum;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Digest;

/** Looks at device lists that trackers show, and tells what they prove. */
final class Evidence {

  /** How many that were shown are remembered, so that each is told of once. */
  private static final int KNOWN_MAX = 64;

  /** How many may wait to be verified. */
  private static final int WAITING_MAX = 64;

  /** How many of one tracker, so that what one makes up does not keep out what another shows. */
  private static final int WAITING_PER_TRACKER_MAX = 4;

  private final Desk<InboxEvent> desk;
  private final InboxTools.Own self;
  private final Set<Digest> known = new LinkedHashSet<>();

  /** Lists that are not verified yet. */
  private final Map<Digest, Shown> waiting = new LinkedHashMap<>();

  /** A list, and who has shown it first. */
  private final class Shown {
    final NodeId tracker;
    final DeviceList list;
    final Desk.Alarm again = new Desk.Alarm(this::verify);
    int failures;

    Shown(NodeId tracker, DeviceList list) {
      this.tracker = tracker;
      this.list = list;
    }

    void verify() {
      desk.verify(self.owner, list, this::judge);
    }

    private void judge(Desk.Verdict verdict) {
      switch (verdict) {
        case GOOD -> {
          waiting.remove(digest(list));
          tell(tracker, list);
        }
        case BAD -> {
          waiting.remove(digest(list));
          desk.count(QuorumCounter.INVALID);
        }
        case NOT_PERFORMED -> {
          // A tracker shows a list once in a session: whoever drops it may not see it again.
          QuorumConfig.InboxTimes times = desk.config.inboxTimes();
          failures++;
          desk.set(again, desk.backoff(failures, times.retryMin(), times.retryMax()));
        }
      }
    }
  }

  Evidence(Desk<InboxEvent> desk, InboxTools.Own self) {
    this.desk = desk;
    this.self = self;
  }

  void consider(NodeId tracker, DeviceList other) {
    Digest digest = digest(other);
    if (standing(other) == DeviceList.Standing.SAME
        || known.contains(digest)
        || waiting.containsKey(digest)) {
      return;
    }
    long ofTracker = waiting.values().stream().filter(it -> it.tracker.equals(tracker)).count();
    if (waiting.size() >= WAITING_MAX || ofTracker >= WAITING_PER_TRACKER_MAX) {
      desk.count(QuorumCounter.LISTS_DROPPED);
      return;
    }
    Shown shown = new Shown(tracker, other);
    waiting.put(digest, shown);
    shown.verify();
  }

  private void tell(NodeId tracker, DeviceList other) {
    DeviceList.Standing standing = standing(other);
    if (standing == DeviceList.Standing.SAME
        || standing == DeviceList.Standing.OLDER
        || !known.add(digest(other))) {
      // An older one, if it is no part of our history, is not to be told from one that is.
      return;
    }
    if (known.size() > KNOWN_MAX) {
      known.remove(known.iterator().next());
    }
    if (standing == DeviceList.Standing.NEWER) {
      boolean isListed = other.device(self.device).isPresent();
      desk.tell(new InboxEvent.NewerList(tracker, other, isListed));
    } else {
      desk.tell(new InboxEvent.Fork(tracker, other));
    }
  }

  /** Returns how it stands to ours, also if ours is the next one. */
  private DeviceList.Standing standing(DeviceList other) {
    DeviceList.Standing standing = other.standing(self.list);
    boolean isBefore =
        standing == DeviceList.Standing.OLDER
            && self.list.standing(other) == DeviceList.Standing.BROKEN_CHAIN;
    return isBefore ? DeviceList.Standing.BROKEN_CHAIN : standing;
  }

  private static Digest digest(DeviceList list) {
    return Digest.sha256(list.toBytes());
  }
}
