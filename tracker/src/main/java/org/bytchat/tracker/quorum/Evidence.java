package org.bytchat.tracker.quorum;

import java.util.LinkedHashSet;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Digest;

/** Looks at device lists that trackers show, and tells what they prove. */
final class Evidence {

  /** How many that were shown are remembered, so that each is told of once. */
  private static final int KNOWN_MAX = 64;

  private final Desk<InboxEvent> desk;
  private final InboxTools.Own self;
  private final Set<Digest> known = new LinkedHashSet<>();

  Evidence(Desk<InboxEvent> desk, InboxTools.Own self) {
    this.desk = desk;
    this.self = self;
  }

  void consider(NodeId tracker, DeviceList other) {
    if (standing(other) == DeviceList.Standing.SAME || known.contains(digest(other))) {
      return;
    }
    desk.verify(
        self.owner,
        other,
        good -> {
          if (good) {
            tell(tracker, other);
          } else {
            desk.count(QuorumCounter.INVALID);
          }
        });
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
