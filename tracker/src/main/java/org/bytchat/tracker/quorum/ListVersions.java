package org.bytchat.tracker.quorum;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.DeviceList.Standing;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/**
 * Which device list of each recipient is the newest that was verified, by its version and hash,
 * kept over restarts. A tracker that shows an older one may show a device that was revoked because
 * somebody else has it; one that shows another of the same version shows that two were signed.
 */
final class ListVersions {

  private final Desk<?> desk;
  private final Keeper keeper;
  private final int max;

  /** Those that were not needed for longest come first. */
  private final Map<NodeId, Newest> all = new LinkedHashMap<>();

  /** The newest list of a recipient. */
  private static final class Newest {
    final long version;

    /** Null if it was kept by a client that did not note hashes. */
    @Nullable Digest hash;

    /** Whether a list that contradicts it was told of. */
    boolean isTold;

    Newest(long version, @Nullable Digest hash) {
      this.version = version;
      this.hash = hash;
    }

    Standing standing(DeviceList list) {
      Digest known = hash;
      if (known != null) {
        return list.standing(version, known.toBytes());
      }
      if (list.version() == version) {
        return Standing.SAME;
      }
      return list.version() < version ? Standing.OLDER : Standing.NEWER;
    }
  }

  ListVersions(Desk<?> desk, Keeper keeper, int max) {
    this.desk = desk;
    this.keeper = keeper;
    this.max = max;
  }

  void start(List<QuorumChange.ListVersion> kept) {
    for (QuorumChange.ListVersion one : kept) {
      Newest known = all.get(one.mailbox());
      if (known == null || known.version < one.version()) {
        all.put(one.mailbox(), new Newest(one.version(), one.hash()));
      }
    }
    forgetSome();
  }

  /** Returns how a list stands to the newest one. */
  Standing standing(NodeId mailbox, DeviceList list) {
    Newest known = all.get(mailbox);
    return known == null ? Standing.NEWER : known.standing(list);
  }

  /** Notes a list that was verified, and returns how it stood to the newest one before. */
  Standing note(NodeId mailbox, DeviceList list) {
    Newest known = all.remove(mailbox);
    Standing standing = known == null ? Standing.NEWER : known.standing(list);
    Digest hash = hash(list);
    if (known == null || standing == Standing.NEWER) {
      known = new Newest(list.version(), hash);
      keep(mailbox, known);
    } else if (known.hash == null && standing == Standing.SAME) {
      known.hash = hash;
      keep(mailbox, known);
    }
    all.put(mailbox, known);
    forgetSome();
    return standing;
  }

  /** Tells whether {@link #contradicted} was asked since the newest list came: once is enough. */
  boolean isTold(NodeId mailbox) {
    Newest known = all.get(mailbox);
    return known != null && known.isTold;
  }

  /**
   * Notes that a list is told of that contradicts the newest one, and returns the newest.
   *
   * @param atHand the newest one itself, null if it is not at hand
   */
  OutboxEvent.@Nullable First contradicted(NodeId mailbox, @Nullable DeviceList atHand) {
    Newest known = all.get(mailbox);
    Digest hash = known == null ? null : known.hash;
    if (known == null || hash == null) {
      return null;
    }
    known.isTold = true;
    boolean isAtHand = atHand != null && hash(atHand).equals(hash);
    return new OutboxEvent.First(known.version, hash, isAtHand ? atHand : null);
  }

  private static Digest hash(DeviceList list) {
    return Digest.of(list.hash());
  }

  private void keep(NodeId mailbox, Newest newest) {
    keeper.keep(
        new QuorumChange.PutListVersion(
            new QuorumChange.ListVersion(mailbox, newest.version, newest.hash)),
        null);
  }

  private void forgetSome() {
    while (all.size() > max) {
      NodeId first = all.keySet().iterator().next();
      all.remove(first);
      desk.count(QuorumCounter.LIST_VERSIONS_FORGOTTEN);
      keeper.keep(new QuorumChange.RemoveListVersion(first), null);
    }
  }
}
