package org.bytchat.sim.mail;

import org.bytchat.dht.engine.XoshiroEntropy;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.quorum.InboxEngine;
import org.bytchat.tracker.quorum.InboxEvent;
import org.bytchat.tracker.quorum.QuorumEffect;
import org.jspecify.annotations.Nullable;

/** The inbox of a user's device, from when it comes on line until it goes. */
final class DeviceClient extends Client {

  private static final long ENTROPY = 2_008;
  private static final int DEVICES = 16;

  private final Users.User user;
  private final int device;
  private final DeviceStorage storage;
  private final InboxEngine engine;

  DeviceClient(MailMachine machine, Users.User user, int device, DeviceStorage storage) {
    super(machine);
    this.user = user;
    this.device = device;
    this.storage = storage;
    long stream = ((long) user.index() * DEVICES + device << 20) + storage.lives++;
    this.engine =
        new InboxEngine(
            machine.world().mail().client(),
            machine.world().networkId(),
            new InboxEngine.Self(user.owner(), user.deviceId(device), knownList(), user.keys()),
            new XoshiroEntropy(Mix.seed(machine.seed(), ENTROPY), stream));
    engine.adjustClock(machine.wallMillis(), machine.nowNanos());
    engine.start(storage.seen(), machine.nowNanos());
    begin();
  }

  /** Who took the device that is revoked does not know that, or does not want to. */
  private DeviceList knownList() {
    return user.isRevoked(device) ? user.lists().get(0) : user.list(machine.nowMicros());
  }

  /** The user has revoked a device. */
  void onRevocation() {
    if (!user.isRevoked(device)) {
      engine.setDeviceList(knownList(), machine.nowNanos());
      pump();
    }
  }

  @Override
  void end() {
    super.end();
    storage.stop();
  }

  @Override
  InboxEngine engine() {
    return engine;
  }

  @Override
  void drainEvents() {
    for (InboxEvent event = engine.pollEvent(); event != null; event = engine.pollEvent()) {
      if (event instanceof InboxEvent.Misbehaved) {
        machine.log.counts.misbehaved++;
      }
    }
  }

  @Override
  void keep(QuorumEffect.Keep keep) {
    storage.keep(keep.changes());
  }

  @Override
  QuorumEffect.Result deliver(QuorumEffect.Deliver deliver) {
    if (!deliver.envelope().mailbox().equals(user.mailbox())) {
      machine.log.problem("a device is handed another user's envelope: " + deliver.envelope());
    }
    long tolerance = machine.world().mail().client().inboxTimes().clockTolerance().toMillis();
    if (deliver.envelope().expiresMillis() + tolerance < machine.wallMillis()) {
      machine.log.problem("a device is handed an envelope after its end: " + deliver.envelope());
    }
    switch (storage.accept(deliver.envelope().digest())) {
      case NEW -> {
        machine.log.counts.accepted++;
        machine.log.add(
            new MailLog.Accepted(machine.nowMicros(), deliver.envelope().digest(), device));
      }
      case AGAIN_AFTER_STOP -> machine.log.counts.handedAgain++;
      case AGAIN ->
          machine.log.problem(
              "device %d of user %d is handed %s again"
                  .formatted(device, user.index(), deliver.envelope()));
    }
    return new QuorumEffect.Accepted();
  }

  @Override
  NodeIdentity deviceKey() {
    return user.devices().get(device);
  }

  @Override
  @Nullable NodeIdentity contactKey(NodeId mailbox) {
    return null;
  }
}
