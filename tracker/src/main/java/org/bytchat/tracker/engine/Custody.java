package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.jspecify.annotations.Nullable;

/** Notes acknowledgements, and shows what became of an envelope. */
final class Custody {

  private final Desk desk;
  private final Owners owners;
  private final Mailboxes mailboxes;
  private final Deletions deletions;

  Custody(Desk desk, Owners owners, Mailboxes mailboxes, Deletions deletions) {
    this.desk = desk;
    this.owners = owners;
    this.mailboxes = mailboxes;
    this.deletions = deletions;
  }

  void acknowledge(Call call, AckBatch batch) {
    owners.with(
        batch.mailbox(),
        call,
        mailbox -> {
          Device device = deviceOf(call, batch, mailbox);
          if (device == null) {
            return;
          }
          if (toNote(batch, mailbox).isEmpty()) {
            // Nothing would change, whoever sent it.
            answer(call, batch, mailbox);
          } else if (!desk.hasRoomFor(1)) {
            call.refuse(Refusal.BUSY, "too much is under way");
          } else if (call.mayAcknowledge()) {
            desk.verify(
                device.signingKey(),
                batch.statement(desk.networkId),
                batch.signature(),
                verdict -> onVerified(call, batch, verdict));
          }
        });
  }

  private static @Nullable Device deviceOf(Call call, AckBatch batch, Mailbox mailbox) {
    DeviceList list = mailbox.list;
    Device device = mailbox.listed(batch.device());
    if (list == null) {
      call.refuse(Refusal.NO_LIST, "there is no device list");
    } else if (device == null) {
      call.answer(new Response.Refused(Refusal.NOT_LISTED, "no such device", list, 0));
    } else if (!mailbox.reserve(batch.device())) {
      call.refuse(Refusal.QUOTA, "64 devices have acknowledged what is held");
      return null;
    }
    return device;
  }

  /** Returns what of a batch is held or remembered, and not acknowledged by its device yet. */
  private static List<Held> toNote(AckBatch batch, Mailbox mailbox) {
    List<Held> known = new ArrayList<>();
    for (Digest digest : batch.digests()) {
      Held held = mailbox.find(digest);
      if (held != null && held.durable && !mailbox.isAcknowledged(held, batch.device())) {
        known.add(held);
      }
    }
    return known;
  }

  private void onVerified(Call call, AckBatch batch, Desk.Verdict verdict) {
    if (!verdict.isGood()) {
      call.refuse(verdict, "the acknowledgement is not signed by its device");
      return;
    }
    owners.with(
        batch.mailbox(),
        call,
        mailbox -> {
          if (deviceOf(call, batch, mailbox) == null) {
            return;
          }
          List<Held> noted = toNote(batch, mailbox);
          if (noted.isEmpty()) {
            answer(call, batch, mailbox);
            return;
          }
          if (!call.mayAcknowledge()) {
            return;
          }
          List<Change> changes = new ArrayList<>();
          changes.add(
              new Change.PutAcks(
                  mailbox.key,
                  batch.device(),
                  batch.toBytes(),
                  noted.stream().map(Held::digest).toList(),
                  desk.wallMillis()));
          mailbox.touch(desk.wallMillis()).ifPresent(changes::add);
          Runnable next =
              () -> {
                // Not before it is durable: what is acknowledged may be deleted, and is answered
                // so.
                note(mailbox, batch, noted);
                call.chargeAcknowledgement(batch.toBytes().length);
                deletions.plan(mailbox);
                answer(call, batch, mailbox);
              };
          mailboxes.commit(mailbox, changes, owners.then(call, next));
        });
  }

  private void note(Mailbox mailbox, AckBatch batch, List<Held> noted) {
    for (Held held : noted) {
      if (!mailbox.isAcknowledged(held, batch.device())) {
        mailbox.acknowledge(held, batch.device(), desk.nowNanos);
        desk.count(TrackerCounter.ACKED);
      }
    }
  }

  private static void answer(Call call, AckBatch batch, Mailbox mailbox) {
    List<Boolean> known =
        batch.digests().stream()
            .map(
                digest -> {
                  Held held = mailbox.find(digest);
                  return held != null && mailbox.isAcknowledged(held, batch.device());
                })
            .toList();
    call.answer(new Response.Acked(known));
  }

  void prove(Call call, Request.Prove request) {
    owners.with(
        request.mailbox(),
        call,
        mailbox -> {
          Held held = mailbox.find(request.digest());
          if (held == null || !held.durable) {
            call.answer(new Response.Custody(null, null, List.of(), null, null));
          } else if (!desk.hasRoomFor(1)) {
            call.refuse(Refusal.BUSY, "too much is under way");
          } else if (held.acks == 0) {
            show(call, mailbox, held, List.of());
          } else {
            desk.perform(
                id -> new TrackerEffect.ReadAcks(id, mailbox.key, held.digest()),
                result -> {
                  if (result instanceof TrackerEffect.AcksRead read) {
                    show(call, mailbox, held, proofs(read, held));
                  } else {
                    call.refuse(Refusal.STORE, "the acknowledgements cannot be read");
                  }
                });
          }
        });
  }

  private static List<AckProof> proofs(TrackerEffect.AcksRead read, Held held) {
    List<AckProof> proofs = new ArrayList<>();
    for (byte[] bytes : read.batches()) {
      AckBatch.parse(bytes)
          .toOptional()
          .flatMap(batch -> batch.proof(held.digest()))
          .ifPresent(proofs::add);
    }
    return proofs;
  }

  private void show(Call call, Mailbox mailbox, Held held, List<AckProof> proofs) {
    desk.sign(
        held.deposit(mailbox),
        deposit -> {
          if (deposit == null) {
            call.refuse(Refusal.BUSY, "the receipt could not be signed");
          } else if (held.isLive()) {
            show(call, mailbox, deposit, null, proofs);
          } else {
            desk.sign(
                held.deletion(mailbox),
                deletion -> {
                  if (deletion == null) {
                    call.refuse(Refusal.BUSY, "the receipt could not be signed");
                  } else {
                    show(call, mailbox, deposit, deletion, proofs);
                  }
                });
          }
        });
  }

  /** An acknowledgement of a device that is not listed any more proves nothing with this list. */
  private static void show(
      Call call,
      Mailbox mailbox,
      Receipt deposit,
      @Nullable Receipt deletion,
      List<AckProof> proofs) {
    List<AckProof> listed =
        proofs.stream().filter(proof -> mailbox.listedDevices().contains(proof.device())).toList();
    call.answer(new Response.Custody(deposit, deletion, listed, mailbox.owner, mailbox.list));
  }
}
