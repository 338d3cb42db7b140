package org.bytchat.sim.mail;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** A user's outbox. */
final class Sender extends Client {

  private static final long ENTROPY = 2_007;

  /** When the outbox is full, or cannot know yet, the user tries again after so long. */
  private static final long AGAIN_MICROS = 60_000_000;

  private final Users.User user;
  private final OutboxEngine engine;
  private final Map<Digest, Integer> messages = new LinkedHashMap<>();

  Sender(MailMachine machine, Users.User user) {
    super(machine);
    this.user = user;
    MailWorld world = machine.world();
    this.engine =
        new OutboxEngine(
            world.mail().client(),
            world.networkId(),
            new XoshiroEntropy(Mix.seed(machine.seed(), ENTROPY), user.index()));
    engine.adjustClock(machine.wallMillis(), machine.nowNanos());
    engine.start(List.of(), machine.nowNanos());
    begin();
  }

  /** Writes a message. */
  void write(MailPlan.Message message) {
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
    if (offer == OutboxEngine.Offer.TAKEN) {
      messages.put(envelope.digest(), message.index());
      machine.log.add(
          new MailLog.Sent(
              machine.nowMicros(),
              message.index(),
              envelope.digest(),
              envelope.createdMillis(),
              envelope.expiresMillis()));
    } else {
      machine.later(AGAIN_MICROS, () -> write(message));
    }
    pump();
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
      } else if (event instanceof OutboxEvent.Ended ended) {
        messages.remove(ended.digest());
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
    // The machines of users stay up: nobody reads it.
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
