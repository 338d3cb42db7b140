package org.bytchat.sim.run;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.bytchat.dht.engine.Publication;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.SimWorld;

/**
 * Makes the records of a plan. Each has an owner of its own, and its content follows from number
 * and version, so that whatever is read can be told from what was written. Immutable.
 */
final class RecordMaker {

  private static final long KEYS = 201;
  private static final long VALUES = 202;

  private final long seed;
  private final SignatureScheme scheme;
  private final int networkId;
  private final List<PlannedRecord> records;

  RecordMaker(long seed, SignatureScheme scheme, String network, List<PlannedRecord> records) {
    this.seed = seed;
    this.scheme = scheme;
    this.networkId = Keys.networkId(network);
    this.records = records;
  }

  private UserKey key(int record) {
    return UserKey.ofSeed(scheme, Identities.keySeed(Mix.seed(seed, KEYS), record, 0));
  }

  /** Returns where a record lies. */
  NodeId place(int record) {
    return Uid.ofKey(Uid.VERSION_2, key(record).publicKey().encoded())
        .place(records.get(record).label());
  }

  /** Returns the value of a version: its number, and bytes that follow from it. */
  byte[] value(int record, int version) {
    ByteBuffer bytes = ByteBuffer.allocate(records.get(record).valueBytes());
    bytes.putLong(version);
    long state = Mix.combine(Mix.seed(seed, VALUES), ((long) record << 32) + version);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.put((byte) Mix.at(state, i));
    }
    return bytes.array();
  }

  /** Returns the version that a value says it is, 0 if it says none. */
  static int versionOf(byte[] value) {
    return value.length < Long.BYTES ? 0 : (int) ByteBuffer.wrap(value).getLong();
  }

  /** Signs a version, by the clock of who does it. */
  MutableRecord signed(Op op, long wallMillis) {
    PlannedRecord record = records.get(op.record());
    UserKey key = key(op.record());
    // Versions are ordered by true time, however wrong the clocks of those who write are.
    long sequence = SimWorld.WALL_MILLIS + op.timeMicros() / 1000;
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.VERSION_2,
            record.label(),
            key.publicKey().encoded(),
            sequence,
            wallMillis,
            wallMillis + record.ttlMicros() / 1000,
            value(op.record(), op.version()));
    return draft.signed(key.sign(draft.statement(networkId)));
  }

  /** Makes a version's publication. */
  Publication publication(Op op) {
    PlannedRecord record = records.get(op.record());
    UserKey key = key(op.record());
    return new Publication(
        Uid.VERSION_2,
        record.label(),
        key.publicKey().encoded(),
        key::sign,
        value(op.record(), op.version()),
        new byte[0],
        Duration.ofMillis(record.ttlMicros() / 1000));
  }
}
