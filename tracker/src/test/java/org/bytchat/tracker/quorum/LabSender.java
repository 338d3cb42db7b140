package org.bytchat.tracker.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.engine.Entropy;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;

/** A sender: its engine and its disk. */
final class LabSender extends LabClient {

  /** Its delivery key for everybody. */
  final NodeIdentity key;

  OutboxEngine engine;
  final List<OutboxEvent> events = new ArrayList<>();
  final Map<Digest, Parcel> parcels = new LinkedHashMap<>();
  final Map<Digest, List<Receipt>> receipts = new LinkedHashMap<>();

  final Map<NodeId, QuorumChange.ListVersion> listVersions = new LinkedHashMap<>();

  LabSender(Lab lab, QuorumConfig config) {
    super(lab, config);
    this.key = NodeIdentity.of(Lab.SCHEME, lab.bytes(32));
    this.engine = begin();
  }

  private OutboxEngine begin() {
    OutboxEngine made =
        new OutboxEngine(
            config,
            TestUser.NETWORK,
            Entropy.Streams.simulated(lab.random.nextLong(), index).choices());
    made.adjustClock(wallMillis(), lab.nowNanos);
    List<OutboxEngine.Kept> kept =
        parcels.values().stream()
            .map(
                parcel ->
                    new OutboxEngine.Kept(
                        parcel, receipts.getOrDefault(parcel.digest(), List.of())))
            .toList();
    made.start(kept, List.copyOf(listVersions.values()), lab.nowNanos);
    return made;
  }

  /** Its power fails; what is on disk stays. */
  void crash() {
    life++;
    forgetSessions();
    engine = begin();
  }

  Parcel parcel(TestUser to) {
    return new Parcel(to.envelope(wallMillis(), 3 + lab.random.nextInt(5), 512), key.publicKey());
  }

  OutboxEngine.Offer offer(Parcel parcel) {
    return engine.offer(parcel, lab.nowNanos);
  }

  <T extends OutboxEvent> List<T> events(Class<T> type, Digest digest) {
    return events.stream()
        .filter(event -> type.isInstance(event) && event.digest().equals(digest))
        .map(type::cast)
        .toList();
  }

  List<OutboxEvent.Attempt.Kind> attempts(Digest digest, LabTracker tracker) {
    return events(OutboxEvent.Tried.class, digest).stream()
        .filter(tried -> tried.tracker().equals(tracker.id()))
        .map(tried -> tried.attempt().kind())
        .toList();
  }

  @Override
  NodeIdentity device() {
    throw new AssertionError("a sender opens nothing");
  }

  @Override
  void give(long id, QuorumEffect.Result result) {
    engine.handleEffect(id, result, lab.nowNanos);
  }

  @Override
  void write(QuorumChange change) {
    if (change instanceof QuorumChange.PutParcel put) {
      parcels.put(put.parcel().digest(), put.parcel());
    } else if (change instanceof QuorumChange.PutReceipt put) {
      Digest digest = put.receipt().content().digest();
      if (parcels.containsKey(digest)) {
        receipts.computeIfAbsent(digest, unused -> new ArrayList<>()).add(put.receipt());
      }
    } else if (change instanceof QuorumChange.RemoveParcel remove) {
      parcels.remove(remove.digest());
      receipts.remove(remove.digest());
    } else if (change instanceof QuorumChange.PutListVersion put) {
      listVersions.merge(put.listVersion().mailbox(), put.listVersion(), LabSender::newest);
    } else if (change instanceof QuorumChange.RemoveListVersion remove) {
      listVersions.remove(remove.mailbox());
    } else {
      throw new AssertionError("not of an outbox: " + change);
    }
  }

  private static QuorumChange.ListVersion newest(
      QuorumChange.ListVersion held, QuorumChange.ListVersion put) {
    boolean isNewer = put.version() > held.version();
    return isNewer || (put.version() == held.version() && held.hash() == null) ? put : held;
  }

  @Override
  QuorumEffect.Result performOwn(QuorumEffect effect) {
    QuorumEffect.Admit admit = (QuorumEffect.Admit) effect;
    byte[] with = admit.deliveryKey();
    if (with == null) {
      return new QuorumEffect.Admitted(
          Admission.ByStamp.find(admit.envelope(), admit.tracker().id(), admit.stampBits()));
    }
    assertThat(with).isEqualTo(key.publicKey());
    return new QuorumEffect.Admitted(
        Admission.ByKey.sign(
            with, admit.envelope(), admit.tracker().id(), TestUser.NETWORK, key::sign));
  }

  @Override
  public void pump() {
    QuorumEffect effect = engine.pollEffect();
    while (effect != null) {
      perform(effect);
      effect = engine.pollEffect();
    }
    OutboxEvent event = engine.pollEvent();
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
