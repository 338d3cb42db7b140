package org.bytchat.tracker.engine;

import java.util.List;
import java.util.Optional;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;

/** Takes envelopes into mailboxes: cheap checks first, then the signature, then the disk. */
final class Deposits {

  private static final long MINUTE_NANOS = 60_000_000_000L;

  /** How many bytes of envelopes may wait for their signatures to be verified. */
  private static final long JUDGED_BYTES_MAX = 64 << 20;

  private final Desk desk;
  private final Owners owners;
  private final Mailboxes mailboxes;
  private final Listener listener;

  private int stampBits;
  private long minuteBeganNanos;
  private int strangersThisMinute;
  private long storedBytes;

  /** Of envelopes whose signatures are being verified. */
  private long judgedBytes;

  /** Hears of new envelopes. */
  interface Listener {
    void onArrived(Mailbox mailbox);
  }

  Deposits(Desk desk, Owners owners, Mailboxes mailboxes, Listener listener) {
    this.desk = desk;
    this.owners = owners;
    this.mailboxes = mailboxes;
    this.listener = listener;
    this.stampBits = desk.config.stamps().bits();
  }

  /** Returns how hard a stranger's stamp must be now. */
  int stampBits() {
    ageStamps();
    return stampBits;
  }

  /** Begins, with what all envelopes on disk take. */
  void start(long bytes) {
    storedBytes = bytes;
    minuteBeganNanos = desk.nowNanos;
  }

  /** Tells whether the tracker as a whole has room for so many bytes more. */
  boolean hasSpace(long bytes) {
    return storedBytes + bytes <= desk.config.load().storedBytesMax();
  }

  void onGone(long bytes) {
    storedBytes = Math.max(0, storedBytes - bytes);
  }

  /**
   * An envelope that somebody brings.
   *
   * @param envelope the envelope
   * @param origin what lets it in, and where that was made for: here, or for a copy elsewhere
   * @param isCopy whether another tracker has it already
   */
  private record Offer(Envelope envelope, Origin origin, boolean isCopy) {}

  void deposit(Call call, Request.Deposit request) {
    Origin origin = new Origin(desk.tracker, request.admission());
    take(call, new Offer(request.envelope(), origin, false));
  }

  /**
   * Takes an envelope that another tracker gave. What let it in there must be good for that
   * tracker, and the limits hold but for two that were charged there: the contact's rate, and how
   * much more strangers have to work under load. Answers with {@link Response.Taken}.
   *
   * @param mailbox the mailbox that it must be for
   */
  void copy(Call call, NodeId mailbox, Copy copy) {
    byte[] bytes = copy.envelope();
    Origin origin = copy.head().origin();
    Envelope envelope = bytes == null ? null : Envelope.parse(bytes).toOptional().orElse(null);
    if (envelope == null
        || origin == null
        || !envelope.mailbox().equals(mailbox)
        || !envelope.digest().equals(copy.head().digest())) {
      call.refuse(Refusal.MALFORMED, "it is not the envelope that was asked for");
    } else {
      take(call, new Offer(envelope, origin, true));
    }
  }

  private void take(Call call, Offer offer) {
    Envelope envelope = offer.envelope;
    long nowMillis = desk.wallMillis();
    long toleranceMillis = desk.config.times().clockTolerance().toMillis();
    if (envelope.expiresMillis() <= nowMillis) {
      call.refuse(Refusal.TIME, "it has ended");
    } else if (envelope.createdMillis() - toleranceMillis > nowMillis) {
      call.refuse(Refusal.TIME, "it was made in the future, by the clock here");
    } else if (offer.origin.admission() instanceof Admission.ByStamp stamp
        && stamp.bits(envelope, offer.origin.tracker()) < desk.config.stamps().bits()) {
      refuseStamp(call);
    } else {
      owners.with(envelope.mailbox(), call, mailbox -> check(call, offer, mailbox));
    }
  }

  private void refuseStamp(Call call) {
    int bits = stampBits();
    String text = "a stamp has at least " + bits + " bits";
    call.answer(new Response.Refused(Refusal.STAMP, text, null, bits));
  }

  private void check(Call call, Offer offer, Mailbox mailbox) {
    Held held = mailbox.find(offer.envelope.digest());
    if (held != null) {
      answerAgain(call, offer, mailbox, held);
    } else if (!offer.isCopy
        && offer.origin.admission() instanceof Admission.ByStamp stamp
        && stamp.bits(offer.envelope, desk.tracker) < stampBits()) {
      // Good enough for what is held already, which needed no more at its time.
      refuseStamp(call);
    } else if (hasRoom(call, offer, mailbox)) {
      if (offer.origin.admission() instanceof Admission.ByKey key) {
        byte[] statement =
            Admission.ByKey.statement(offer.envelope, offer.origin.tracker(), desk.networkId);
        judgedBytes += offer.envelope.bytes().length;
        desk.verify(
            key.publicKey(),
            statement,
            key.signature(),
            verdict -> {
              judgedBytes -= offer.envelope.bytes().length;
              onVerified(call, offer, verdict);
            });
      } else {
        if (!offer.isCopy) {
          noteStranger();
        }
        accept(call, offer, mailbox);
      }
    }
  }

  private void onVerified(Call call, Offer offer, Desk.Verdict verdict) {
    if (!verdict.isGood()) {
      call.refuse(verdict, "the deposit is not signed by its delivery key for here");
      return;
    }
    owners.with(
        offer.envelope.mailbox(),
        call,
        mailbox -> {
          Held held = mailbox.find(offer.envelope.digest());
          if (held != null) {
            answerAgain(call, offer, mailbox, held);
          } else if (hasRoom(call, offer, mailbox)) {
            accept(call, offer, mailbox);
          }
        });
  }

  /** Tells whether there is room for an envelope, and refuses the call if not. */
  private boolean hasRoom(Call call, Offer offer, Mailbox mailbox) {
    TrackerConfig.MailboxLimits limits = desk.config.mailbox();
    int size = offer.envelope.bytes().length;
    boolean isAdmitted =
        offer.origin.admission() instanceof Admission.ByKey key
            ? hasKeyRoom(call, key, mailbox, offer.isCopy)
            : hasStrangersRoom(call, size, mailbox);
    if (!isAdmitted) {
      return false;
    }
    if (mailbox.liveCount >= limits.envelopesMax()
        || mailbox.liveBytes + size > limits.bytesMax()) {
      if (!offer.isCopy) {
        mailbox.refusedCount++;
      }
      call.refuse(Refusal.QUOTA, "the mailbox is full");
      return false;
    }
    if (!mailboxes.mayWrite(mailbox)) {
      call.refuse(Refusal.QUOTA, "the tracker has too many mailboxes");
      return false;
    }
    if (!hasSpace(size)) {
      call.refuse(Refusal.QUOTA, "the tracker is full");
      return false;
    }
    if (!desk.hasRoomFor(1) || judgedBytes + size > JUDGED_BYTES_MAX) {
      call.refuse(Refusal.BUSY, "too much is under way");
      return false;
    }
    return call.mayWrite() && (mailbox.isBegun || call.mayBegin());
  }

  private boolean hasKeyRoom(Call call, Admission.ByKey key, Mailbox mailbox, boolean isCopy) {
    DeliveryKeys keys = mailbox.validKeys();
    Optional<DeliveryKeys.Key> allowed =
        keys == null ? Optional.empty() : keys.key(key.publicKey());
    if (allowed.isEmpty()) {
      call.refuse(Refusal.NOT_ADMITTED, "the delivery key is none of the mailbox's");
      return false;
    }
    Mailbox.KeyUse use = mailbox.use(key.publicKey());
    if (use.heldCount >= allowed.get().quota()) {
      call.refuse(Refusal.QUOTA, "the contact's share of the mailbox is full");
      return false;
    }
    int rate = allowed.get().hourlyRate();
    if (!isCopy && !use.mayDeposit(rate, desk.nowNanos)) {
      call.refuse(Refusal.RATE, "the contact may deposit %d an hour".formatted(rate));
      return false;
    }
    return true;
  }

  private boolean hasStrangersRoom(Call call, int size, Mailbox mailbox) {
    TrackerConfig.MailboxLimits limits = desk.config.mailbox();
    int countMax =
        Math.min(limits.strangersMax(), limits.envelopesMax() * limits.strangersPercent() / 100);
    long bytesMax = limits.bytesMax() * limits.strangersPercent() / 100;
    if (mailbox.strangersCount >= countMax || mailbox.strangersBytes + size > bytesMax) {
      call.refuse(Refusal.QUOTA, "the strangers' share of the mailbox is full");
      return false;
    }
    return true;
  }

  /** Asks less of strangers after quiet minutes. */
  private void ageStamps() {
    TrackerConfig.Stamps stamps = desk.config.stamps();
    long minutes = (desk.nowNanos - minuteBeganNanos) / MINUTE_NANOS;
    if (minutes > 0) {
      boolean wasBusy = 2L * strangersThisMinute >= stamps.minuteDeposits();
      long quiet = wasBusy ? minutes - 1 : minutes;
      stampBits = Math.max(stamps.bits(), stampBits - (int) Math.min(quiet, stampBits));
      minuteBeganNanos += minutes * MINUTE_NANOS;
      strangersThisMinute = 0;
    }
  }

  /** Asks more of strangers in a minute that brings many of them. */
  private void noteStranger() {
    TrackerConfig.Stamps stamps = desk.config.stamps();
    ageStamps();
    strangersThisMinute++;
    if (strangersThisMinute % stamps.minuteDeposits() == 0) {
      stampBits = Math.min(stamps.bitsMax(), stampBits + 1);
    }
  }

  private void accept(Call call, Offer offer, Mailbox mailbox) {
    Envelope envelope = offer.envelope;
    byte[] deliveryKey = null;
    if (offer.origin.admission() instanceof Admission.ByKey key) {
      deliveryKey = key.publicKey();
      if (!offer.isCopy) {
        charge(mailbox, key);
      }
    }
    StoredMailbox.Entry entry =
        new StoredMailbox.Entry(
            mailbox.nextSequence(),
            envelope.digest(),
            desk.wallMillis(),
            envelope.expiresMillis(),
            envelope.bytes().length,
            deliveryKey,
            0);
    Held held = new Held(entry, false);
    mailboxes.add(mailbox, held);
    storedBytes += entry.sizeBytes();
    held.await(isDurable -> settle(call, offer, mailbox, held));
    boolean isFirst = !mailbox.isBegun;
    Change change = new Change.PutEnvelope(mailbox.key, entry, envelope.bytes(), offer.origin);
    mailboxes.commit(
        mailbox,
        List.of(change),
        new Mailboxes.Outcome() {
          @Override
          public void onCommitted() {
            desk.count(offer.isCopy ? TrackerCounter.REPAIR_ENVELOPES : TrackerCounter.DEPOSITS);
            call.chargeWrite(entry.sizeBytes());
            if (isFirst) {
              call.chargeMailbox();
            }
            held.settle(true);
            listener.onArrived(mailbox);
          }

          @Override
          public void onFailed(StoreException.Reason reason) {
            onGone(entry.sizeBytes());
            held.settle(false);
          }
        });
  }

  private void charge(Mailbox mailbox, Admission.ByKey key) {
    DeliveryKeys keys = mailbox.validKeys();
    if (keys == null) {
      throw new AssertionError("checked before");
    }
    int rate = keys.key(key.publicKey()).orElseThrow().hourlyRate();
    mailbox.use(key.publicKey()).charge(rate, desk.nowNanos);
  }

  private void answerAgain(Call call, Offer offer, Mailbox mailbox, Held held) {
    if (!offer.isCopy) {
      desk.count(TrackerCounter.DEPOSITS_AGAIN);
    }
    if (held.durable) {
      settle(call, offer, mailbox, held);
    } else {
      held.await(isDurable -> settle(call, offer, mailbox, held));
    }
  }

  private void settle(Call call, Offer offer, Mailbox mailbox, Held held) {
    if (!held.durable) {
      call.refuse(Refusal.STORE, "the envelope could not be written");
    } else if (offer.isCopy) {
      call.answer(new Response.Taken(0));
    } else {
      answer(call, offer, mailbox, held);
    }
  }

  private void answer(Call call, Offer offer, Mailbox mailbox, Held held) {
    long expiresMillis = offer.envelope.expiresMillis();
    desk.sign(
        held.deposit(mailbox, expiresMillis),
        deposit -> {
          if (deposit == null) {
            call.refuse(Refusal.BUSY, "the receipt could not be signed");
          } else if (held.isLive()) {
            call.answer(new Response.Receipts(deposit, null));
          } else {
            answerDeleted(call, held.deletion(mailbox, expiresMillis), deposit);
          }
        });
  }

  private void answerDeleted(Call call, Receipt.Content deleted, Receipt deposit) {
    desk.sign(
        deleted,
        deletion -> {
          if (deletion == null) {
            call.refuse(Refusal.BUSY, "the receipt could not be signed");
          } else {
            call.answer(new Response.Receipts(deposit, deletion));
          }
        });
  }
}
