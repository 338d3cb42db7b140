package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;

/**
 * Takes the memory of envelopes that a peer has deleted and this tracker never had: only if all
 * devices of the newest list, which must be confirmed, have acknowledged it. Which of them were
 * listed when it was accepted elsewhere is not known here.
 */
final class Burials {

  /** How many are taken in one commit. */
  private static final int AT_ONCE = 128;

  /**
   * For each envelope that a mailbox may remember, how many digests the batches of one turn name at
   * the most: several times what 8 devices need, unless their batches name many to show one.
   */
  private static final int NAMED_PER_GRAVE = 64;

  private final Desk desk;
  private final MailboxRepair.Tools tools;
  private final NodeId key;
  private final NodeId peer;

  /** Those that not all devices are known to have acknowledged. */
  private final Map<Digest, Grave> graves = new LinkedHashMap<>();

  /** Those that all have, by the list that was here when the last one's came. */
  private final Map<Digest, Grave> complete = new LinkedHashMap<>();

  /** Whether these must wait for the end. */
  private boolean isPutOff;

  private int namedCount;

  /** Whether something failed or had no room here, for which the peer is not to answer. */
  private boolean isHampered;

  /** What the peer has deleted, and who has acknowledged it, verified. */
  private record Grave(Copy.Head head, Map<DeviceId, AckBatch> acks) {}

  Burials(Desk desk, MailboxRepair.Tools tools, NodeId key, NodeId peer) {
    this.desk = desk;
    this.tools = tools;
    this.key = key;
    this.peer = peer;
  }

  void add(Copy.Head head) {
    graves.put(head.digest(), new Grave(head, new LinkedHashMap<>()));
  }

  /** Verifies a batch if it names one of them, and goes on. */
  void verify(AckBatch batch, Runnable next) {
    boolean isNeeded =
        batch.digests().stream()
            .map(graves::get)
            .anyMatch(grave -> grave != null && !grave.acks.containsKey(batch.device()));
    if (!isNeeded) {
      next.run();
      return;
    }
    int namedMax = NAMED_PER_GRAVE * desk.config.mailbox().tombstonesMax();
    if (namedCount + batch.digests().size() > namedMax) {
      // What is known to be complete is buried, and the others have another turn.
      isHampered = true;
      next.run();
      return;
    }
    with(
        mailbox -> {
          Device device = mailbox.listed(batch.device());
          if (device == null) {
            next.run();
            return;
          }
          desk.verify(
              device.signingKey(),
              batch.statement(desk.networkId),
              batch.signature(),
              verdict -> {
                if (verdict.isGood()) {
                  note(batch, mailbox.listedDevices());
                }
                isHampered |= verdict == Desk.Verdict.NOT_PERFORMED;
                next.run();
              });
        },
        next);
  }

  private void note(AckBatch batch, Set<DeviceId> devices) {
    namedCount += batch.digests().size();
    for (Digest digest : batch.digests()) {
      Grave grave = graves.get(digest);
      if (grave != null) {
        grave.acks.putIfAbsent(batch.device(), batch);
        if (grave.acks.keySet().containsAll(devices)) {
          graves.remove(digest);
          complete.put(digest, grave);
        }
      }
    }
  }

  private void with(Owners.Step step, Runnable otherwise) {
    tools
        .mailboxes()
        .with(
            key,
            new Mailboxes.Work() {
              @Override
              public void run(Mailbox mailbox) {
                step.run(mailbox);
              }

              @Override
              public void fail(Refusal refusal, String text) {
                isHampered = true;
                otherwise.run();
              }
            });
  }

  /** Tells whether some wait for another turn. */
  boolean isPutOff() {
    return isPutOff || isHampered;
  }

  /** Tells whether there are enough for a commit, so that a turn that ends has not been in vain. */
  boolean isDue() {
    return complete.size() >= AT_ONCE && !isPutOff;
  }

  /** Buries the last of them, and goes on. */
  void end(Runnable next) {
    if (graves.isEmpty()) {
      bury(next);
      return;
    }
    with(
        mailbox -> {
          if (!isHampered) {
            graves.keySet().forEach(digest -> refuse(mailbox, digest));
          }
          graves.clear();
          bury(next);
        },
        next);
  }

  /** Buries those that are justified if the end was not come to. */
  void leave() {
    if (!isPutOff) {
      bury(() -> {});
    }
  }

  /** Buries those that are justified, and goes on. */
  void bury(Runnable next) {
    if (complete.isEmpty()) {
      next.run();
      return;
    }
    with(
        mailbox -> {
          if (!mailbox.isConfirmed(desk.config, desk.nowNanos)) {
            // The devices of an old list are not all; another turn knows more.
            tools.deletions().ask(mailbox);
            desk.count(TrackerCounter.REPAIR_REFUSED, isPutOff ? 0 : complete.size());
            isPutOff = true;
            next.run();
          } else {
            bury(mailbox, next);
          }
        },
        next);
  }

  private void bury(Mailbox mailbox, Runnable next) {
    List<Grave> chosen = new ArrayList<>();
    int room = room(mailbox);
    List<Digest> looked = new ArrayList<>();
    for (Grave grave : complete.values()) {
      if (chosen.size() == Math.min(AT_ONCE, room)) {
        break;
      }
      looked.add(grave.head.digest());
      if (isJustified(mailbox, grave)) {
        chosen.add(grave);
      } else {
        refuse(mailbox, grave.head.digest());
      }
    }
    if (room == 0) {
      complete.keySet().forEach(digest -> refuse(mailbox, digest));
      complete.clear();
      next.run();
      return;
    }
    if (!desk.hasRoomFor(1)) {
      isPutOff = true;
      next.run();
      return;
    }
    looked.forEach(complete::remove);
    if (chosen.isEmpty()) {
      next.run();
      return;
    }
    write(mailbox, chosen, next);
  }

  private void refuse(Mailbox mailbox, Digest digest) {
    desk.count(TrackerCounter.REPAIR_REFUSED);
    tools.refused().note(peer, mailbox, digest, desk.nowNanos);
  }

  /**
   * Half of the memory is for what was deleted here: what a device signs is not to crowd it out.
   */
  private int room(Mailbox mailbox) {
    int max = desk.config.mailbox().tombstonesMax();
    long buriedCount =
        mailbox.entries().stream()
            .filter(held -> !held.isLive() && held.entry.sizeBytes() == 0)
            .count();
    return (int) Math.max(0, Math.min(max - mailbox.tombstoneCount(), max / 2 - buriedCount));
  }

  private boolean isJustified(Mailbox mailbox, Grave grave) {
    long nowMillis = desk.wallMillis();
    long latest =
        nowMillis + Envelope.TTL_MAX.toMillis() + desk.config.times().clockTolerance().toMillis();
    Set<DeviceId> devices = mailbox.listedDevices();
    return mailbox.find(grave.head.digest()) == null
        && grave.head.expiresMillis() > nowMillis
        && grave.head.expiresMillis() <= latest
        && !devices.isEmpty()
        && grave.acks.keySet().containsAll(devices)
        && devices.stream().allMatch(mailbox::reserve);
  }

  private void write(Mailbox mailbox, List<Grave> chosen, Runnable next) {
    long nowMillis = desk.wallMillis();
    List<Change> changes = new ArrayList<>();
    Map<Held, Set<DeviceId>> buried = new LinkedHashMap<>();
    Map<AckBatch, List<Digest>> batches = new LinkedHashMap<>();
    Set<DeviceId> devices = new LinkedHashSet<>(mailbox.listedDevices());
    for (Grave grave : chosen) {
      StoredMailbox.Entry entry =
          new StoredMailbox.Entry(
              mailbox.nextSequence(),
              grave.head.digest(),
              nowMillis,
              grave.head.expiresMillis(),
              0,
              null,
              nowMillis);
      Held held = new Held(entry, false);
      tools.mailboxes().add(mailbox, held);
      changes.add(new Change.PutTombstone(mailbox.key, entry));
      buried.put(held, devices);
      grave.acks.forEach(
          (device, batch) -> {
            if (devices.contains(device)) {
              batches.computeIfAbsent(batch, unused -> new ArrayList<>()).add(entry.digest());
            }
          });
    }
    batches.forEach(
        (batch, digests) ->
            changes.add(
                new Change.PutAcks(
                    mailbox.key, batch.device(), batch.toBytes(), digests, nowMillis)));
    tools
        .mailboxes()
        .commit(
            mailbox,
            changes,
            new Mailboxes.Outcome() {
              @Override
              public void onCommitted() {
                buried.forEach((held, acked) -> settle(mailbox, held, acked));
                bury(next);
              }

              @Override
              public void onFailed(StoreException.Reason reason) {
                isHampered = true;
                buried.keySet().forEach(held -> held.settle(false));
                next.run();
              }
            });
  }

  private void settle(Mailbox mailbox, Held held, Set<DeviceId> acked) {
    acked.forEach(device -> mailbox.acknowledge(held, device, desk.nowNanos));
    desk.count(TrackerCounter.REPAIR_TOMBSTONES);
    held.settle(true);
  }
}
