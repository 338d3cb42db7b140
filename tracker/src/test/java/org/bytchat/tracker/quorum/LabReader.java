package org.bytchat.tracker.quorum;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/** A device that reads: its engine, its disk, and its application. */
final class LabReader extends LabClient {

  final TestUser user;
  final NodeIdentity device;
  @Nullable DeliveryKeys keys;
  InboxEngine engine;
  final List<InboxEvent> events = new ArrayList<>();
  final Map<Digest, Long> seen = new LinkedHashMap<>();

  /** The list that was kept, null for none. */
  @Nullable DeviceList ownList;

  /** How many times the application took each envelope, and in which lives. */
  final Map<Digest, List<Integer>> accepted = new LinkedHashMap<>();

  /** What was acknowledged. */
  final List<Digest> signed = new ArrayList<>();

  /** How many percent of the envelopes the application cannot take. */
  int rejectPercent;

  LabReader(Lab lab, QuorumConfig config, TestUser user, int device, @Nullable DeliveryKeys keys) {
    super(lab, config);
    this.user = user;
    this.device = user.devices.get(device);
    this.keys = keys;
    this.engine = begin();
  }

  private InboxEngine begin() {
    InboxEngine made =
        new InboxEngine(
            config,
            TestUser.NETWORK,
            new InboxEngine.Self(user.owner, TestUser.id(device), user.list, keys),
            Entropy.Streams.simulated(lab.random.nextLong(), index).choices());
    made.adjustClock(wallMillis(), lab.nowNanos);
    made.start(
        seen.entrySet().stream()
            .map(one -> new QuorumChange.Seen(one.getKey(), one.getValue()))
            .toList(),
        lab.nowNanos);
    return made;
  }

  /** Its power fails; what is on disk stays. */
  void crash() {
    life++;
    forgetSessions();
    engine = begin();
  }

  <T extends InboxEvent> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  NodeIdentity device() {
    return device;
  }

  @Override
  void give(long id, QuorumEffect.Result result) {
    engine.handleEffect(id, result, lab.nowNanos);
  }

  @Override
  void write(QuorumChange change) {
    if (change instanceof QuorumChange.PutSeen put) {
      seen.put(put.seen().digest(), put.seen().expiresMillis());
    } else if (change instanceof QuorumChange.RemoveSeen remove) {
      seen.remove(remove.digest());
    } else if (change instanceof QuorumChange.PutOwnList put) {
      ownList = put.list();
    } else if (change instanceof QuorumChange.PruneSeen prune) {
      seen.values().removeIf(end -> end < prune.endedBeforeMillis());
    } else {
      throw new AssertionError("not of an inbox: " + change);
    }
  }

  @Override
  QuorumEffect.Result performOwn(QuorumEffect effect) {
    if (effect instanceof QuorumEffect.Deliver deliver) {
      if (lab.happens(rejectPercent)) {
        return new QuorumEffect.Rejected();
      }
      accepted.computeIfAbsent(deliver.envelope().digest(), unused -> new ArrayList<>()).add(life);
      return new QuorumEffect.Accepted();
    }
    QuorumEffect.SignAcks sign = (QuorumEffect.SignAcks) effect;
    signed.addAll(sign.digests());
    return new QuorumEffect.Signed(
        AckBatch.sign(
            sign.mailbox(), sign.device(), sign.digests(), TestUser.NETWORK, device::sign));
  }

  @Override
  public void pump() {
    QuorumEffect effect = engine.pollEffect();
    while (effect != null) {
      perform(effect);
      effect = engine.pollEffect();
    }
    InboxEvent event = engine.pollEvent();
    while (event != null) {
      events.add(event);
      event = engine.pollEvent();
    }
  }

  @Override
  public long nextNanos() {
    return engine.pollTimeoutNanos();
  }

  @Override
  public void handleTimeout() {
    engine.adjustClock(wallMillis(), lab.nowNanos);
    engine.handleTimeout(lab.nowNanos);
  }
}
