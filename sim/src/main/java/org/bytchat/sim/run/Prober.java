package org.bytchat.sim.run;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.Stranger;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.scenario.Scenario;

/**
 * A stranger who asks a node for a token and then tries to have it take what it must refuse. Says
 * so if the node does. Each datagram is sent once; what gets lost ends the attempt.
 */
final class Prober implements Stranger {

  private static final long PROBES = 401;
  private static final String LABEL = "probe";
  private static final byte[] VALUE = new byte[16];

  private final SimNode place;
  private final SignatureScheme scheme;
  private final Directory directory;
  private final long seed;
  private final int networkId;
  private final long ttlMillis;
  private final Packet packet = new Packet();
  private final Map<Long, Attempt> byTransaction = new HashMap<>();

  /** Where an attempt is. */
  private enum Step {
    /** The node was asked for a token. */
    TOKEN,
    /** It was given the newer version, which it may take. */
    NEWER,
    /** It was given what it must refuse. */
    BAD
  }

  private record Attempt(
      PlannedFault.Probe probe, Step step, UserKey owner, long beganMicros, byte[] token) {

    Attempt at(Step next, byte[] withToken) {
      return new Attempt(probe, next, owner, beganMicros, withToken);
    }
  }

  Prober(SimNode place, Scenario scenario, SignatureScheme scheme, Directory directory) {
    this.place = place;
    this.scheme = scheme;
    this.directory = directory;
    this.seed = Mix.seed(scenario.seed(), PROBES);
    this.networkId = Keys.networkId(scenario.node().network());
    this.ttlMillis = scenario.node().store().ttlMax().toMillis();
  }

  /** Begins an attempt. */
  void begin(PlannedFault.Probe probe, World.Control control) {
    Attempt attempt =
        new Attempt(probe, Step.TOKEN, owner(probe, 0), control.nowMicros(), new byte[0]);
    beginQuery(attempt, Method.GET);
    packet.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
    send(attempt, control);
  }

  /** Makes the key of one of an attempt's two owners of records. */
  private UserKey owner(PlannedFault.Probe probe, int which) {
    long number = Mix.combine(probe.atMicros(), 2L * probe.victim() + which);
    return UserKey.ofSeed(scheme, Identities.keySeed(seed, place.index(), (int) number));
  }

  private static NodeId placeOf(UserKey owner) {
    return Uid.ofKey(Uid.VERSION_2, owner.publicKey().encoded()).place(LABEL);
  }

  private void beginQuery(Attempt attempt, Method method) {
    packet.clear();
    packet.sender(directory.contact(place.index(), 0).id());
    packet.networkId = networkId;
    packet.kind = Kind.QUERY;
    packet.method = method;
    long salt = Mix.combine(attempt.probe.atMicros(), attempt.step.ordinal());
    packet.transactionId = Mix.combine(seed, Mix.combine(salt, attempt.probe.victim()));
    packet.key(placeOf(attempt.owner));
  }

  private void send(Attempt attempt, World.Control control) {
    byTransaction.put(packet.transactionId, attempt);
    control.send(place, endpointOf(attempt), packet);
  }

  private Endpoint endpointOf(Attempt attempt) {
    return directory.contact(attempt.probe.victim(), 0).endpoint();
  }

  @Override
  public void onPacket(SimNode self, Packet inbound, Endpoint from, World.Control control) {
    Attempt attempt = inbound.kind == Kind.QUERY ? null : byTransaction.get(inbound.transactionId);
    if (attempt == null || !endpointOf(attempt).equals(from)) {
      return;
    }
    byTransaction.remove(inbound.transactionId);
    boolean isTaken = inbound.kind == Kind.RESPONSE;
    if (isTaken && attempt.step != Step.BAD) {
      goOn(attempt, inbound.token(), control);
    } else if (isTaken && isSameLife(attempt, control.nowMicros())) {
      throw new Invariants.Violation(
          "node %d was tricked: %s".formatted(attempt.probe.victim(), attempt.probe.trick()));
    }
  }

  /** A node that lost its memory in between may take what it did not before. */
  private boolean isSameLife(Attempt attempt, long nowMicros) {
    long[] times = directory.lives().of(attempt.probe.victim());
    for (int i = 0; i < times.length; i += 2) {
      if (times[i] <= attempt.beganMicros && nowMicros < times[i + 1]) {
        return true;
      }
    }
    return false;
  }

  private void goOn(Attempt attempt, byte[] token, World.Control control) {
    long wallMillis = SimWorld.WALL_MILLIS + attempt.beganMicros / 1000;
    boolean isFirst = attempt.step == Step.TOKEN;
    switch (attempt.probe.trick()) {
      case OTHER_TOKEN -> {
        UserKey other = owner(attempt.probe, 1);
        Attempt next = new Attempt(attempt.probe, Step.BAD, other, attempt.beganMicros, token);
        put(next, signed(other, wallMillis, wallMillis), control);
      }
      case FORGED -> {
        byte[] bytes = signed(attempt.owner, wallMillis, wallMillis);
        bytes[bytes.length - 1] ^= 1;
        put(attempt.at(Step.BAD, token), bytes, control);
      }
      case OLDER_VERSION -> {
        // Only the sequence tells which is older.
        Attempt next =
            isFirst ? attempt.at(Step.NEWER, token) : attempt.at(Step.BAD, attempt.token);
        long sequence = isFirst ? wallMillis : wallMillis - 1;
        put(next, signed(attempt.owner, sequence, wallMillis), control);
      }
    }
  }

  private byte[] signed(UserKey owner, long sequence, long wallMillis) {
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.VERSION_2,
            LABEL,
            owner.publicKey().encoded(),
            sequence,
            wallMillis,
            wallMillis + ttlMillis,
            VALUE);
    MutableRecord record = draft.signed(owner.sign(draft.statement(networkId)));
    return Arrays.copyOf(record.bytes(), record.size());
  }

  private void put(Attempt attempt, byte[] record, World.Control control) {
    beginQuery(attempt, Method.PUT);
    packet.token(attempt.token, 0, attempt.token.length);
    packet.record = record;
    packet.recordLength = record.length;
    send(attempt, control);
  }
}
