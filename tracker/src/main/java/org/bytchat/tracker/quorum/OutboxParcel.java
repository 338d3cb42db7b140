package org.bytchat.tracker.quorum;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.quorum.OutboxEvent.Attempt.Kind;
import org.bytchat.tracker.quorum.OutboxEvent.Ended.Reason;

/** A parcel on its way: who has it, who is tried, and whether it has arrived. */
final class OutboxParcel {

  /**
   * Newcomers get no more copies once so many trackers have given receipts: somebody may make up
   * ever nearer ones.
   */
  static final int RECEIPTS_MAX = 64;

  private static final long CHECK_MILLIS = Duration.ofDays(1).toMillis();

  final Parcel parcel;
  final Digest digest;
  final Recipients.Recipient recipient;
  final Map<NodeId, Receipt> receipts = new LinkedHashMap<>();

  private final OutboxTools tools;
  private final Desk<OutboxEvent> desk;
  private final Map<NodeId, Deposit> deposits = new LinkedHashMap<>();
  private final Set<NodeId> notAdmittedBy = new TreeSet<>();

  /** Who gave a receipt and does not know the envelope any more; a part of the receipts. */
  private final Set<NodeId> disownedBy = new TreeSet<>();

  private final ProofSearch proofs;
  private final Desk.Alarm end = new Desk.Alarm(this::checkEnd);
  private boolean isQueued;
  private int keptCount;
  private boolean isToldDeposited;
  private boolean isNotAdmitted;
  private boolean isEnded;

  OutboxParcel(OutboxTools tools, Parcel parcel, Recipients.Recipient recipient) {
    this.tools = tools;
    this.desk = tools.desk();
    this.parcel = parcel;
    this.digest = parcel.digest();
    this.recipient = recipient;
    this.proofs = new ProofSearch(tools, this);
  }

  /** Has the receipts of before a restart, and goes on. */
  void restore(List<Receipt> kept) {
    isQueued = true;
    for (Receipt receipt : kept) {
      receipts.putIfAbsent(receipt.tracker(), receipt);
    }
    keptCount = receipts.size();
    isToldDeposited = isDeposited();
    if (!receipts.isEmpty()) {
      proofs.start();
    }
    checkEnd();
  }

  void onQueued() {
    isQueued = true;
    desk.tell(new OutboxEvent.Queued(digest));
    checkEnd();
  }

  boolean isEnded() {
    return isEnded;
  }

  OutboxEngine.Standing standing() {
    return new OutboxEngine.Standing(parcel, List.copyOf(receipts.values()), isDeposited());
  }

  /** Ends it if its time is over, by a clock that may be wrong. */
  void checkEnd() {
    if (isEnded) {
      return;
    }
    long tolerance = desk.config.outboxTimes().clockTolerance().toMillis();
    long leftMillis = parcel.envelope().expiresMillis() + tolerance - desk.wallMillis();
    if (leftMillis > 0) {
      // Not further ahead, so that no time of an envelope is too large for nanoseconds.
      desk.set(end, Math.min(leftMillis, CHECK_MILLIS) * 1_000_000);
    } else if (desk.clockUnsettledNanos() > 0) {
      desk.set(end, desk.clockUnsettledNanos());
    } else {
      end(Reason.EXPIRED);
    }
  }

  /** Nothing more is done. */
  void end(Reason reason) {
    if (isEnded) {
      return;
    }
    isEnded = true;
    desk.cancel(end);
    proofs.stop();
    deposits.values().forEach(Deposit::stop);
    if (reason == Reason.EXPIRED) {
      desk.count(QuorumCounter.EXPIRED);
    }
    if (reason != Reason.NOT_KEPT) {
      tools.keeper().keep(new QuorumChange.RemoveParcel(digest), null);
    }
    desk.tell(new OutboxEvent.Ended(digest, reason));
    tools.listener().onEnded(this);
  }

  /** Deposits where it is to be now. */
  void advance() {
    if (!isQueued || isEnded) {
      return;
    }
    List<Contact> nearest = recipient.nearest;
    forgetOthers(nearest);
    QuorumConfig.Quorum quorum = desk.config.quorum();
    boolean isEnough = receipts.size() - disownedBy.size() >= quorum.receiptCount();
    boolean isSettled = (isEnough && isPastHalf()) || receipts.size() >= RECEIPTS_MAX;
    int wanted = isSettled ? 0 : quorum.depositCount();
    boolean isHopeless = !isEnough && !nearest.isEmpty();
    for (int i = 0; i < nearest.size(); i++) {
      Deposit deposit = deposit(nearest.get(i));
      if (i >= wanted) {
        deposit.stop();
        continue;
      }
      deposit.want();
      if (deposit.isFailing() && !isEnough) {
        // A farther one in its place: those from whom the owner fetches are more than these.
        wanted++;
      }
      isHopeless &= deposit.isFailing() || deposit.isDone();
    }
    if (isHopeless) {
      recipient.hurry();
    }
  }

  private boolean isPastHalf() {
    Envelope envelope = parcel.envelope();
    long half = (envelope.expiresMillis() - envelope.createdMillis()) / 2;
    return desk.wallMillis() >= envelope.createdMillis() + half;
  }

  private Deposit deposit(Contact tracker) {
    Deposit known = deposits.get(tracker.id());
    if (known == null) {
      known = new Deposit(tools, this, tracker);
      if (receipts.containsKey(tracker.id())) {
        known.setDone();
      }
      deposits.put(tracker.id(), known);
    }
    known.tracker = tracker;
    return known;
  }

  /** Drops trackers that are near no more; what is under way with them may end well yet. */
  private void forgetOthers(List<Contact> nearest) {
    Set<NodeId> near = new TreeSet<>();
    nearest.forEach(contact -> near.add(contact.id()));
    List<NodeId> far = new ArrayList<>();
    deposits.forEach(
        (id, deposit) -> {
          if (!near.contains(id)) {
            deposit.stop();
            if (!deposit.isUnderWay()) {
              far.add(id);
            }
          }
        });
    far.forEach(deposits::remove);
  }

  void onReceipt(Receipt receipt) {
    NodeId tracker = receipt.tracker();
    recipient.onReceipt();
    notAdmittedBy.remove(tracker);
    if (disownedBy.remove(tracker)) {
      advance();
    }
    if (receipts.putIfAbsent(tracker, receipt) != null) {
      return;
    }
    desk.count(QuorumCounter.RECEIPTS);
    tools.keeper().keep(new QuorumChange.PutReceipt(receipt), this::onReceiptKept);
    proofs.start();
    advance();
  }

  /** Told only when enough are on disk: after a crash it would be told again otherwise. */
  private void onReceiptKept() {
    keptCount++;
    if (!isToldDeposited && !isEnded && keptCount >= desk.config.quorum().receiptCount()) {
      isToldDeposited = true;
      desk.count(QuorumCounter.DEPOSITED);
      desk.tell(new OutboxEvent.Deposited(digest, List.copyOf(receipts.values())));
    }
  }

  private boolean isDeposited() {
    return receipts.size() >= desk.config.quorum().receiptCount();
  }

  void onFailure(NodeId tracker, Kind kind) {
    if (kind == Kind.NOT_ADMITTED) {
      notAdmittedBy.add(tracker);
      if (!isNotAdmitted && notAdmittedBy.size() >= desk.config.quorum().receiptCount()) {
        isNotAdmitted = true;
        desk.tell(new OutboxEvent.NotAdmitted(digest));
      }
    }
    advance();
  }

  /** A tracker that gave a receipt does not know the envelope: it gets it again. */
  void onForgotten(NodeId tracker) {
    if (receipts.containsKey(tracker)) {
      disownedBy.add(tracker);
    }
    Deposit deposit = deposits.get(tracker);
    if (deposit != null && deposit.isDone()) {
      deposit.onForgotten();
      advance();
    }
  }
}
