package org.bytchat.tracker.quorum;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;

/**
 * The newest version of each recipient's device list that was verified, kept over restarts: a
 * tracker that shows an older one may show a device that was revoked because somebody else has it.
 */
final class ListVersions {

  private final Desk<?> desk;
  private final Keeper keeper;
  private final int max;

  /** Those that were not needed for longest come first. */
  private final Map<NodeId, Long> versions = new LinkedHashMap<>();

  ListVersions(Desk<?> desk, Keeper keeper, int max) {
    this.desk = desk;
    this.keeper = keeper;
    this.max = max;
  }

  void start(List<QuorumChange.ListVersion> kept) {
    kept.forEach(one -> versions.merge(one.mailbox(), one.version(), Math::max));
    forgetSome();
  }

  boolean isRolledBack(NodeId mailbox, long version) {
    return version < versions.getOrDefault(mailbox, 0L);
  }

  /** Notes a version that was verified. */
  void note(NodeId mailbox, long version) {
    Long removed = versions.remove(mailbox);
    long known = removed == null ? 0 : removed;
    versions.put(mailbox, Math.max(known, version));
    if (version > known) {
      keeper.keep(
          new QuorumChange.PutListVersion(new QuorumChange.ListVersion(mailbox, version)), null);
    }
    forgetSome();
  }

  private void forgetSome() {
    while (versions.size() > max) {
      NodeId first = versions.keySet().iterator().next();
      versions.remove(first);
      desk.count(QuorumCounter.LIST_VERSIONS_FORGOTTEN);
      keeper.keep(new QuorumChange.RemoveListVersion(first), null);
    }
  }
}
