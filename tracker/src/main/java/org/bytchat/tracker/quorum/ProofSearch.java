package org.bytchat.tracker.quorum;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.OutboxEvent.Ended.Reason;

/** Asks trackers, one after the other, whether a device of the recipient has acknowledged. */
final class ProofSearch {

  /** As many as a list has devices: further proofs are of devices that are not listed. */
  private static final int PROOFS_MAX = DeviceList.DEVICES_MAX;

  private final OutboxTools tools;
  private final Desk<OutboxEvent> desk;
  private final OutboxParcel parcel;
  private final Desk.Alarm alarm = new Desk.Alarm(this::ask);
  private boolean isStarted;
  private boolean isStopped;
  private int askedCount;

  ProofSearch(OutboxTools tools, OutboxParcel parcel) {
    this.tools = tools;
    this.desk = tools.desk();
    this.parcel = parcel;
  }

  void start() {
    if (!isStarted) {
      isStarted = true;
      next();
    }
  }

  void stop() {
    isStopped = true;
    desk.cancel(alarm);
  }

  private void next() {
    if (!isStopped) {
      QuorumConfig.OutboxTimes times = desk.config.outboxTimes();
      desk.set(alarm, desk.backoff(askedCount + 1, times.proveMin(), times.proveMax()));
    }
  }

  private void ask() {
    List<Contact> candidates = candidates();
    if (candidates.isEmpty()) {
      next();
      return;
    }
    Contact tracker = candidates.get(askedCount % candidates.size());
    askedCount++;
    tools
        .asks()
        .take(
            tracker.id(),
            () -> {
              if (isStopped) {
                tools.asks().release(tracker.id());
                return;
              }
              desk.ask(
                  tracker,
                  new Request.Prove(parcel.recipient.mailbox, parcel.digest),
                  result -> {
                    tools.asks().release(tracker.id());
                    onResult(tracker, result);
                  });
            });
  }

  /** Those that gave receipts first, then the others: one may have it from its neighbours. */
  private List<Contact> candidates() {
    List<Contact> candidates = new ArrayList<>();
    List<Contact> others = new ArrayList<>();
    for (Contact tracker : parcel.recipient.nearest) {
      (parcel.receipts.containsKey(tracker.id()) ? candidates : others).add(tracker);
    }
    candidates.addAll(others);
    return candidates;
  }

  private void onResult(Contact tracker, QuorumEffect.Result result) {
    if (isStopped) {
      return;
    }
    next();
    Response response = Desk.response(result);
    if (!(response instanceof Response.Custody custody)) {
      if (response != null && !(response instanceof Response.Refused)) {
        desk.count(QuorumCounter.INVALID);
      }
      return;
    }
    if (custody.deposit() == null) {
      parcel.onForgotten(tracker.id());
      return;
    }
    Owner owner = custody.owner();
    DeviceList list = custody.list();
    if (owner == null || list == null) {
      return;
    }
    Shown shown = new Shown(tracker, owner, list);
    DeviceList.Standing standing = tools.listVersions().standing(parcel.recipient.mailbox, list);
    if (!owner.mailbox().equals(parcel.recipient.mailbox)) {
      // The owner's key shows by its hash that the mailbox is its own.
      desk.count(QuorumCounter.INVALID);
    } else if (standing.isContradiction()) {
      onContradiction(shown);
    } else if (!custody.proofs().isEmpty() || standing == DeviceList.Standing.NEWER) {
      onProofs(shown, custody.proofs(), standing);
    }
  }

  /** A device list, and who has shown it. */
  private record Shown(Contact tracker, Owner owner, DeviceList list) {}

  private void onProofs(Shown shown, List<AckProof> given, DeviceList.Standing standing) {
    if (standing == DeviceList.Standing.OLDER) {
      // It may name a device that was revoked because somebody else has it.
      desk.count(QuorumCounter.INVALID);
      return;
    }
    List<AckProof> proofs = matching(given, shown.list);
    // A newer list counts also if nobody on it has acknowledged anything: it may be a revocation.
    if (!proofs.isEmpty() || standing == DeviceList.Standing.NEWER) {
      desk.verify(shown.owner, shown.list, verdict -> onListVerified(shown, proofs, verdict));
    }
  }

  /** By a list that is not of one history with the first that was seen, nothing is proven. */
  private void onContradiction(Shown shown) {
    if (tools.listVersions().isTold(parcel.recipient.mailbox)) {
      desk.count(QuorumCounter.FORKS);
    } else {
      desk.verify(shown.owner, shown.list, verdict -> onListVerified(shown, List.of(), verdict));
    }
  }

  /** Returns the proofs that are of this envelope, by listed devices. */
  private List<AckProof> matching(List<AckProof> proofs, DeviceList list) {
    List<AckProof> matching = new ArrayList<>();
    for (AckProof proof : proofs) {
      if (proof.digest().equals(parcel.digest)
          && proof.mailbox().equals(parcel.recipient.mailbox)
          && list.device(proof.device()).isPresent()
          && matching.size() < PROOFS_MAX) {
        matching.add(proof);
      }
    }
    if (matching.isEmpty() && !proofs.isEmpty()) {
      desk.count(QuorumCounter.INVALID);
    }
    return matching;
  }

  private void onListVerified(Shown shown, List<AckProof> proofs, Desk.Verdict verdict) {
    switch (verdict) {
      case GOOD -> {
        // Another one may have been noted meanwhile.
        switch (tools.listVersions().note(parcel.recipient.mailbox, shown.list)) {
          case NEWER, SAME -> {
            parcel.recipient.list = shown.list;
            verify(shown.list, proofs, 0);
          }
          case OLDER -> desk.count(QuorumCounter.INVALID);
          case FORK, BROKEN_CHAIN -> onFork(shown);
        }
      }
      case BAD -> desk.count(QuorumCounter.INVALID);
      case NOT_PERFORMED -> {
        // Trackers are asked again anyway.
      }
    }
  }

  private void onFork(Shown shown) {
    desk.count(QuorumCounter.FORKS);
    // The end of a parcel is the last that is told of it.
    if (!isStopped && !tools.listVersions().isTold(parcel.recipient.mailbox)) {
      OutboxEvent.First first =
          tools.listVersions().contradicted(parcel.recipient.mailbox, parcel.recipient.list);
      if (first != null) {
        desk.tell(
            new OutboxEvent.Forked(
                parcel.digest, shown.tracker.id(), shown.owner, shown.list, first));
      }
    }
  }

  private void verify(DeviceList list, List<AckProof> proofs, int index) {
    if (isStopped || index == proofs.size()) {
      return;
    }
    AckProof proof = proofs.get(index);
    Optional<byte[]> statement = proof.statement(desk.networkId);
    Optional<Device> device = list.device(proof.device());
    if (statement.isEmpty() || device.isEmpty()) {
      desk.count(QuorumCounter.INVALID);
      verify(list, proofs, index + 1);
      return;
    }
    desk.verify(
        device.get().signingKey(),
        statement.get(),
        proof.signature(),
        verdict -> {
          if (isStopped) {
            return;
          }
          switch (verdict) {
            case GOOD -> onDelivered(proof, list);
            case BAD -> {
              desk.count(QuorumCounter.INVALID);
              verify(list, proofs, index + 1);
            }
            case NOT_PERFORMED -> verify(list, proofs, index + 1);
          }
        });
  }

  private void onDelivered(AckProof proof, DeviceList list) {
    desk.count(QuorumCounter.DELIVERED);
    desk.tell(
        new OutboxEvent.Delivered(
            parcel.digest, proof, list, List.copyOf(parcel.receipts.values())));
    parcel.end(Reason.DELIVERED);
  }
}
