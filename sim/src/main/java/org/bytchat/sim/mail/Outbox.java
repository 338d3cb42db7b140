package org.bytchat.sim.mail;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.quorum.OutboxEngine;
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
  private final OutboxStorage storage;

  /** What the program took and has not said to be on the disk. */
  private final Map<Digest, Offered> offered = new LinkedHashMap<>();

  private @Nullable Sender sender;
  private int lives;

  /** A message that the program took, and when. */
  private record Offered(MailPlan.Message message, long atMicros) {}

  Outbox(MailMachine machine, Users.User user) {
    this.machine = machine;
    this.user = user;
    this.storage = new OutboxStorage(user.index(), machine.log);
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
    OutboxEngine.Kept parcel = storage.kept(digest);
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

  /** What the outbox keeps while its program is stopped. */
  OutboxStorage storage() {
    return storage;
  }
}
