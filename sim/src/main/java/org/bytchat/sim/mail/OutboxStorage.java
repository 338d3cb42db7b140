package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.quorum.OutboxEngine;
import org.bytchat.tracker.quorum.QuorumChange;
import org.jspecify.annotations.Nullable;

/**
 * What an outbox keeps while its program is stopped: its parcels, and which versions of others'
 * device lists it has seen. What was on its way here when it was stopped never came, so that only
 * what did come counts.
 */
final class OutboxStorage {

  private final int user;
  private final MailLog log;
  private final Map<Digest, OutboxEngine.Kept> kept = new LinkedHashMap<>();
  private final Map<NodeId, QuorumChange.ListVersion> listVersions = new LinkedHashMap<>();

  /**
   * Makes an empty one.
   *
   * @param user the number of the user
   * @param log where faults are told
   */
  OutboxStorage(int user, MailLog log) {
    this.user = user;
    this.log = log;
  }

  OutboxEngine.@Nullable Kept kept(Digest digest) {
    return kept.get(digest);
  }

  List<OutboxEngine.Kept> kept() {
    return List.copyOf(kept.values());
  }

  List<QuorumChange.ListVersion> listVersions() {
    return List.copyOf(listVersions.values());
  }

  void keep(List<QuorumChange> changes) {
    for (QuorumChange change : changes) {
      if (change instanceof QuorumChange.PutParcel put) {
        kept.put(put.parcel().digest(), new OutboxEngine.Kept(put.parcel(), List.of()));
      } else if (change instanceof QuorumChange.PutReceipt put) {
        kept.computeIfPresent(
            put.receipt().content().digest(), (digest, one) -> with(one, put.receipt()));
      } else if (change instanceof QuorumChange.RemoveParcel remove) {
        kept.remove(remove.digest());
      } else if (change instanceof QuorumChange.PutListVersion put) {
        keep(put.listVersion());
      } else if (change instanceof QuorumChange.RemoveListVersion remove) {
        listVersions.remove(remove.mailbox());
      }
    }
  }

  /** A version that was seen holds over every restart: who shows an older one rolls it back. */
  private void keep(QuorumChange.ListVersion newer) {
    QuorumChange.ListVersion before = listVersions.put(newer.mailbox(), newer);
    if (before != null && newer.version() < before.version()) {
      log.problem(
          "the outbox of user %d goes back from version %d of the device list of %s to %d"
              .formatted(user, before.version(), newer.mailbox(), newer.version()));
    }
  }

  private static OutboxEngine.Kept with(OutboxEngine.Kept one, Receipt receipt) {
    List<Receipt> receipts = new ArrayList<>(one.receipts());
    receipts.removeIf(other -> other.tracker().equals(receipt.tracker()));
    receipts.add(receipt);
    return new OutboxEngine.Kept(one.parcel(), receipts);
  }
}
