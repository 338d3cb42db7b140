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
 * A user's outbox: the program that sends, which is stopped and started, and the disk that stays.
 * Belongs to the thread of its machine.
 */
final class Outbox {

  /** When the outbox is full, away, or cannot know yet, the user tries again after so long. */
  private static final long AGAIN_MICROS = 60_000_000;

  private static final long AWAY_MICROS = 60_000_000;

  private final MailMachine machine;
  private final Users.User user;
  private final Map<Digest, OutboxEngine.Kept> kept = new LinkedHashMap<>();
  private final Map<NodeId, QuorumChange.ListVersion> listVersions = new LinkedHashMap<>();

  /** What the program took and has not said to be on the disk. */
  private final Map<Digest, Offered> offered = new LinkedHashMap<>();

  private @Nullable Sender sender;
  private int lives;

  /** A message that the program took, and when. */
  private record Offered(MailPlan.Message message, long atMicros) {}

  Outbox(MailMachine machine, Users.User user) {
    this.machine = machine;
    this.user = user;
    start();
  }

  /** Writes a message, as soon as the program takes it. */
  void write(MailPlan.Message message) {
    Sender running = sender;
    Digest digest = running == null ? null : running.offer(message);
    if (running == null || digest == null) {
      machine.later(AGAIN_MICROS, () -> write(message));
    } else {
      offered.put(digest, new Offered(message, machine.nowMicros()));
      running.pump();
    }
  }

  /** A parcel is on the disk: its message is as good as sent. */
  void onQueued(Digest digest) {
    OutboxEngine.Kept parcel = kept.get(digest);
    Offered taken = parcel == null ? null : offered.remove(digest);
    if (taken != null && parcel != null) {
      machine.log.add(
          new MailLog.Sent(
              taken.atMicros,
              taken.message.index(),
              digest,
              parcel.parcel().envelope().createdMillis(),
              parcel.parcel().envelope().expiresMillis()));
    }
  }

  /** Stops the program in the middle of what it does, and starts it after a while. */
  void restart() {
    Sender running = sender;
    if (running == null) {
      return;
    }
    running.end();
    sender = null;
    machine.log.counts.outboxRestarts++;
    machine.later(AWAY_MICROS, this::start);
  }

  private void start() {
    // What is on the disk the user finds there, and writes the rest once more.
    List.copyOf(offered.keySet()).forEach(this::onQueued);
    List<MailPlan.Message> again = offered.values().stream().map(Offered::message).toList();
    offered.clear();
    sender = new Sender(machine, user, this, lives++);
    again.forEach(this::write);
  }

  // The disk.

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
        listVersions.put(put.listVersion().mailbox(), put.listVersion());
      } else if (change instanceof QuorumChange.RemoveListVersion remove) {
        listVersions.remove(remove.mailbox());
      }
    }
  }

  private static OutboxEngine.Kept with(OutboxEngine.Kept one, Receipt receipt) {
    List<Receipt> receipts = new ArrayList<>(one.receipts());
    receipts.removeIf(other -> other.tracker().equals(receipt.tracker()));
    receipts.add(receipt);
    return new OutboxEngine.Kept(one.parcel(), receipts);
  }
}
