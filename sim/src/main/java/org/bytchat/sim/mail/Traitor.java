package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/** A tracker that betrays: stands between an honest engine and its clients. */
final class Traitor {

  private static final long CHANCE = 2_005;
  private static final long SHARES = 2_006;
  private static final long FORGED = 2_015;
  private static final long WITHHELD = 2_016;

  /** So many envelopes of a mailbox are remembered. */
  private static final int REMEMBERED_MAX = 256;

  private static final long RESTART_MICROS = 3_600_000_000L;

  private final Kind kind;
  private final MailMachine machine;
  private final TrackerRole role;
  private final RepairForger forger;
  private final Withholding withholding;

  /** Whose mailbox a session is for, as it said. */
  private final Map<Long, NodeId> mailboxes = new HashMap<>();

  private final Map<NodeId, Map<Digest, byte[]>> remembered = new HashMap<>();
  private long restartedMicros;
  private long drawn;

  /** How it betrays, see {@link Mail.Traitors}. */
  enum Kind {
    DROP,
    LIE,
    REPLAY,
    FORGE,
    WITHHOLD,
    RESURRECT
  }

  Traitor(Kind kind, MailMachine machine, TrackerRole role) {
    this.kind = kind;
    this.machine = machine;
    this.role = role;
    MailWorld world = machine.world();
    this.forger =
        new RepairForger(
            new RepairForger.Means(
                world.scheme(),
                world.networkId(),
                Mix.combine(Mix.seed(world.seed(), FORGED), machine.index())),
            machine.log.counts);
    this.withholding =
        new Withholding(
            Mix.combine(Mix.seed(world.seed(), WITHHELD), machine.index()), machine.log.counts);
  }

  /** Draws whether a tracker betrays, and how; null for an honest one. */
  static @Nullable Kind draw(Mail.Traitors shares, long seed, int node) {
    double share = Mix.share(Mix.combine(Mix.seed(seed, SHARES), node));
    double[] all = {
      shares.drop(),
      shares.lie(),
      shares.replay(),
      shares.forge(),
      shares.withhold(),
      shares.resurrect()
    };
    for (int i = 0; i < all.length; i++) {
      share -= all[i];
      if (share < 0) {
        return Kind.values()[i];
      }
    }
    return null;
  }

  /** Tells whether it gives its clients what it has. */
  boolean serves() {
    return kind == Kind.WITHHOLD || kind == Kind.RESURRECT;
  }

  private boolean isDrawn(double share) {
    long state = Mix.combine(Mix.seed(machine.seed(), CHANCE), machine.index());
    return Mix.share(Mix.combine(state, drawn++)) < share;
  }

  void onClosed(long session) {
    mailboxes.remove(session);
    forger.onClosed(session);
  }

  /** All sessions have ended with the tracker's life. */
  void onStopped() {
    mailboxes.clear();
    forger.onStopped();
  }

  // Requests.

  /** Answers a request itself, or leaves it to the engine. */
  boolean takes(long session, long requestId, Request request) {
    if (request instanceof Request.Open open) {
      mailboxes.put(session, open.owner().mailbox());
    }
    forger.onRequest(session, request);
    return switch (kind) {
      case DROP -> drops(session, requestId, request);
      case LIE -> lies(session, requestId, request);
      case REPLAY -> replays(session, requestId, request);
      case FORGE -> false;
      case WITHHOLD -> withholds(session, requestId, request);
      case RESURRECT -> resurrects(session, requestId, request);
    };
  }

  private boolean drops(long session, long requestId, Request request) {
    if (!(request instanceof Request.Deposit deposit)) {
      return false;
    }
    answer(session, requestId, new Response.Receipts(receipt(deposit.envelope()), null));
    return true;
  }

  private Receipt receipt(Envelope envelope) {
    NodeIdentity self = machine.world().identity(machine.index());
    Receipt.Content content =
        new Receipt.Content(
            Receipt.Kind.DEPOSIT,
            envelope.mailbox(),
            envelope.digest(),
            machine.wallMillis(),
            envelope.expiresMillis());
    return new Receipt(
        content, self.publicKey(), self.sign(content.statement(machine.world().networkId())));
  }

  private boolean lies(long session, long requestId, Request request) {
    if (request instanceof Request.PutAcks acks && isDrawn(0.5)) {
      answer(
          session,
          requestId,
          new Response.Acked(acks.batch().digests().stream().map(digest -> true).toList()));
      return true;
    }
    if (request instanceof Request.Deposit && isDrawn(0.25)) {
      refuse(session, requestId, Refusal.QUOTA);
      return true;
    }
    if (request instanceof Request.Fetch fetch && isDrawn(0.5)) {
      // Not at once, or an honest client would ask all the time.
      long after = fetch.after();
      machine.later(
          10_000_000,
          () -> answer(session, requestId, new Response.PageEnd(after, false, 0, null)));
      return true;
    }
    return false;
  }

  private boolean replays(long session, long requestId, Request request) {
    NodeId mailbox = mailboxes.get(session);
    Map<Digest, byte[]> old = mailbox == null ? null : remembered.get(mailbox);
    if (!(request instanceof Request.Fetch fetch) || old == null || !isDrawn(0.1)) {
      return false;
    }
    List<byte[]> page = new ArrayList<>(old.values());
    int limit = Math.min(fetch.limit(), machine.world().mail().tracker().page().envelopesMax());
    answer(
        session, requestId, new Response.Envelopes(page.subList(0, Math.min(limit, page.size()))));
    answer(session, requestId, new Response.PageEnd(fetch.after(), false, 0, null));
    return true;
  }

  private boolean withholds(long session, long requestId, Request request) {
    boolean isRepair =
        request instanceof Request.Peer
            || request instanceof Request.ListMailboxes
            || request instanceof Request.Compare
            || request instanceof Request.PullOwner
            || request instanceof Request.Pull;
    if (isRepair && withholding.refuses(machine.streams.otherEnd(session))) {
      refuse(session, requestId, Refusal.BUSY);
      return true;
    }
    return false;
  }

  /** Starts anew from a disk that no deletion has reached, and so offers what was deleted. */
  private boolean resurrects(long session, long requestId, Request request) {
    if (machine.nowMicros() - restartedMicros >= RESTART_MICROS) {
      restartedMicros = machine.nowMicros();
      machine.later(1, role::restart);
    }
    return replays(session, requestId, request);
  }

  private void answer(long session, long requestId, Response response) {
    role.answer(session, requestId, response);
  }

  private void refuse(long session, long requestId, Refusal refusal) {
    answer(session, requestId, new Response.Refused(refusal, "no", null, 0));
  }

  // Answers.

  /** Changes what the engine answers. */
  Response altered(long session, Response response) {
    if (response instanceof Response.Envelopes envelopes) {
      remember(session, envelopes);
    }
    return switch (kind) {
      case FORGE -> forger.forged(session, forged(response));
      case WITHHOLD -> withholding.withheld(response);
      case REPLAY -> response instanceof Response.Custody custody ? rolledBack(custody) : response;
      case DROP, LIE, RESURRECT -> response;
    };
  }

  /** Shows proofs with a list of devices from before, if there was one. */
  private Response.Custody rolledBack(Response.Custody custody) {
    DeviceList list = forger.rolledBack(custody);
    if (list == null) {
      return custody;
    }
    machine.log.counts.rolledBack++;
    return new Response.Custody(
        custody.deposit(), custody.deletion(), custody.proofs(), custody.owner(), list);
  }

  private void remember(long session, Response.Envelopes envelopes) {
    NodeId mailbox = mailboxes.get(session);
    if (mailbox == null || kind != Kind.REPLAY && kind != Kind.RESURRECT) {
      return;
    }
    Map<Digest, byte[]> old = remembered.computeIfAbsent(mailbox, key -> new LinkedHashMap<>());
    for (byte[] envelope : envelopes.envelopes()) {
      if (old.size() < REMEMBERED_MAX) {
        old.put(Digest.sha256(envelope), envelope);
      }
    }
  }

  private Response forged(Response response) {
    if (response instanceof Response.Envelopes envelopes) {
      return new Response.Envelopes(
          envelopes.envelopes().stream().map(envelope -> Bits.flipped(envelope)).toList());
    }
    if (response instanceof Response.Receipts receipts) {
      return new Response.Receipts(forged(receipts.deposit()), null);
    }
    return response instanceof Response.Custody custody ? forged(custody) : response;
  }

  private Response.Custody forged(Response.Custody custody) {
    Receipt deposit = custody.deposit();
    return new Response.Custody(
        deposit == null ? null : forged(deposit),
        null,
        custody.proofs().stream()
            .flatMap(proof -> AckProof.parse(Bits.flipped(proof.toBytes())).toOptional().stream())
            .toList(),
        custody.owner(),
        custody.list());
  }

  private Receipt forged(Receipt receipt) {
    return Receipt.parse(Bits.flipped(receipt.toBytes())).toOptional().orElse(receipt);
  }
}
