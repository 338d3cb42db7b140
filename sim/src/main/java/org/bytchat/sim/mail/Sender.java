package org.bytchat.sim.mail;

import org.bytchat.dht.engine.XoshiroEntropy;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.quorum.OutboxEngine;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumEffect;
import org.jspecify.annotations.Nullable;

/** The program of a user's outbox, from when it starts until it is stopped. */
final class Sender extends Client {

  private static final long ENTROPY = 2_007;

  private final Users.User user;
  private final Outbox outbox;
  private final OutboxEngine engine;

  Sender(MailMachine machine, Users.User user, Outbox outbox, int life) {
    super(machine);
    this.user = user;
    this.outbox = outbox;
    MailWorld world = machine.world();
    long stream = (long) life << Integer.SIZE | user.index();
    this.engine =
        new OutboxEngine(
            world.mail().client(),
            world.networkId(),
            new XoshiroEntropy(Mix.seed(machine.seed(), ENTROPY), stream));
    engine.adjustClock(machine.wallMillis(), machine.nowNanos());
    engine.start(outbox.storage().kept(), outbox.storage().listVersions(), machine.nowNanos());
    begin();
  }

  /** Seals a message and has it sent; null if it is not taken. Effects are left to be pumped. */
  @Nullable Digest offer(MailPlan.Message message) {
    MailWorld world = machine.world();
    Users.User to = world.users().user(message.to());
    Envelope envelope = MailPlan.envelope(world, message, to.mailbox(), machine.wallMillis());
    NodeIdentity key = contactKey(to.mailbox());
    if (key == null) {
      throw new IllegalStateException(
          "user %d may not write to %d".formatted(user.index(), to.index()));
    }
    Parcel parcel = new Parcel(envelope, key.publicKey());
    OutboxEngine.Offer offer = engine.offer(parcel, machine.nowNanos());
    return offer == OutboxEngine.Offer.TAKEN ? envelope.digest() : null;
  }

  @Override
  OutboxEngine engine() {
    return engine;
  }

  @Override
  void drainEvents() {
    for (OutboxEvent event = engine.pollEvent(); event != null; event = engine.pollEvent()) {
      if (event instanceof OutboxEvent.Tried tried) {
        onTried(tried);
      } else if (event instanceof OutboxEvent.Deposited deposited) {
        onDeposited(deposited);
      } else if (event instanceof OutboxEvent.Delivered delivered) {
        onDelivered(delivered);
      } else if (event instanceof OutboxEvent.Queued queued) {
        outbox.onQueued(queued.digest());
      }
    }
  }

  private void onTried(OutboxEvent.Tried tried) {
    OutboxEvent.Attempt.Kind kind = tried.attempt().kind();
    if (kind == OutboxEvent.Attempt.Kind.INVALID) {
      machine.log.counts.invalid++;
    }
  }

  private void onDeposited(OutboxEvent.Deposited deposited) {
    MailWorld world = machine.world();
    for (Receipt receipt : deposited.receipts()) {
      if (!receipt.content().digest().equals(deposited.digest())
          || receipt.content().kind() != Receipt.Kind.DEPOSIT
          || !receipt.verify(world.networkId(), world.scheme())) {
        machine.log.problem("an outbox takes a receipt that does not verify: " + receipt);
      }
    }
    machine.log.add(
        new MailLog.Deposited(
            machine.nowMicros(),
            deposited.digest(),
            deposited.receipts().stream().map(Receipt::tracker).toList()));
  }

  private void onDelivered(OutboxEvent.Delivered delivered) {
    MailWorld world = machine.world();
    Device device = delivered.list().device(delivered.proof().device()).orElse(null);
    if (device == null
        || !delivered.proof().digest().equals(delivered.digest())
        || !delivered.proof().verify(device.signingKey(), world.networkId(), world.scheme())) {
      machine.log.problem(
          "an outbox takes a proof of delivery that does not verify: " + delivered.proof());
    }
    machine.log.add(new MailLog.Proven(machine.nowMicros(), delivered.digest()));
  }

  @Override
  void keep(QuorumEffect.Keep keep) {
    outbox.storage().keep(keep.changes());
  }

  @Override
  QuorumEffect.Result deliver(QuorumEffect.Deliver deliver) {
    return new QuorumEffect.Rejected();
  }

  @Override
  @Nullable NodeIdentity deviceKey() {
    return null;
  }

  @Override
  @Nullable NodeIdentity contactKey(NodeId mailbox) {
    Users.User to = machine.world().users().of(mailbox);
    return to == null ? null : to.contacts().get(user.index());
  }
}
