package org.bytchat.sim.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * Peers that ask a node all that its dialect has: pings, contacts, what is stored and who announced
 * itself, then with the token of the answer they store and announce; and now and then what is no
 * message. What is stored is a fixed number of things again and again. Not thread-safe.
 */
final class MixedLoad {

  static final int SOURCES = 128;

  private static final int STORED = 256;

  /** How many of the swarms each source announces itself in. */
  private static final int SWARMS_OF_SOURCE = 4;

  private static final int PORT = 6881;
  private static final int RANDOM_BYTES_MAX = 300;
  private static final int DAMAGES_MAX = 4;

  /** Of a hundred datagrams, up to which number which are sent. */
  private static final int PINGS = 20;

  private static final int FIND_NODES = 60;
  private static final int GETS = 70;
  private static final int GETS_OF_PEERS = 80;
  private static final int UNKNOWN = 85;
  private static final int RANDOM_BYTES = 90;
  private static final int KINDS = 100;

  private final boolean isMainline;
  private final Queries queries;
  private final Random random;
  private final Packet query = new Packet();
  private final Packet received = new Packet();
  private final List<NodeId> ids = new ArrayList<>();

  /** What is put: of one dialect or the other. */
  private final List<MutableRecord> records;

  private final List<MainlineItem> items = new ArrayList<>();

  /** By source, what to do with the token of the answer that it waits for. */
  private final Waiting[] waiting = new Waiting[SOURCES];

  private final NodeId[] keys = new NodeId[SOURCES];
  private final int[] things = new int[SOURCES];
  private long transactionId;
  private long answers;
  private long puts;

  private enum Waiting {
    NOTHING,
    TO_PUT,
    TO_ANNOUNCE
  }

  MixedLoad(Dialect dialect, long seed) {
    isMainline = dialect == Dialect.MAINLINE;
    queries = new Queries(dialect, DhtConfig.DEFAULT_NETWORK);
    random = new Random(seed);
    for (int i = 0; i < SOURCES; i++) {
      ids.add(Ids.random(random));
      waiting[i] = Waiting.NOTHING;
    }
    records = isMainline ? List.of() : PutRecords.make(STORED, DhtConfig.DEFAULT_NETWORK);
    for (int i = 0; isMainline && i < STORED; i++) {
      byte[] value = ("16:what is put " + (1000 + i)).getBytes(StandardCharsets.US_ASCII);
      items.add(i % 2 == 0 ? MainlineItem.immutable(value) : signed(value));
    }
  }

  private MainlineItem signed(byte[] value) {
    byte[] seed = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(seed);
    byte[] key = Ed25519Scheme.INSTANCE.publicKey(seed);
    byte[] salt = {};
    byte[] statement = MainlineItem.statement(salt, 1, value);
    return MainlineItem.mutable(
        key, salt, 1, value, Ed25519Scheme.INSTANCE.sign(seed, key, statement));
  }

  NodeId id(int source) {
    return ids.get(source);
  }

  /** Returns how many answers there were. */
  long answers() {
    return answers;
  }

  /** Returns how many puts and announces were sent. */
  long puts() {
    return puts;
  }

  /** Returns what a source sends next. */
  byte[] next(int source) {
    int kind = random.nextInt(KINDS);
    waiting[source] = Waiting.NOTHING;
    if (kind < PINGS) {
      return begin(source, Method.PING, null);
    }
    if (kind < FIND_NODES) {
      return begin(source, Method.FIND_NODE, Ids.random(random));
    }
    if (kind < GETS) {
      return get(source);
    }
    if (kind < GETS_OF_PEERS) {
      return isMainline ? getPeers(source) : get(source);
    }
    if (kind < UNKNOWN) {
      return begin(source, isMainline ? Method.UNKNOWN : Method.GET_PEERS, Ids.random(random));
    }
    return kind < RANDOM_BYTES ? randomBytes() : damaged(source);
  }

  private byte[] get(int source) {
    int thing = random.nextInt(STORED);
    things[source] = thing;
    waiting[source] = Waiting.TO_PUT;
    return begin(
        source, Method.GET, isMainline ? items.get(thing).target() : records.get(thing).key());
  }

  private byte[] getPeers(int source) {
    int swarm = (source * SWARMS_OF_SOURCE + random.nextInt(SWARMS_OF_SOURCE)) % STORED;
    waiting[source] = Waiting.TO_ANNOUNCE;
    return begin(source, Method.GET_PEERS, NodeId.of((long) swarm << 32, 1, 1));
  }

  private byte[] begin(int source, Method method, @Nullable NodeId key) {
    query.clear();
    query.kind = Kind.QUERY;
    query.method = method;
    query.transactionId = ++transactionId;
    query.sender(ids.get(source));
    query.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
    if (key != null) {
      query.key(key);
      keys[source] = key;
    }
    return queries.encoded(query);
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[random.nextInt(RANDOM_BYTES_MAX)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] damaged(int source) {
    byte[] bytes = begin(source, Method.FIND_NODE, Ids.random(random));
    for (int i = random.nextInt(DAMAGES_MAX); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  /** Takes what the node sent to a source; returns what that says to it, null for nothing. */
  byte @Nullable [] onDatagram(int source, byte[] datagram, int length) {
    if (!queries.decode(datagram, length, received)) {
      return null;
    }
    if (received.kind == Kind.QUERY) {
      return queries.answer(received, ids.get(source), null);
    }
    answers++;
    Waiting next = waiting[source];
    if (next == Waiting.NOTHING || received.tokenLength == 0) {
      return null;
    }
    waiting[source] = Waiting.NOTHING;
    puts++;
    return next == Waiting.TO_PUT ? put(source) : announce(source);
  }

  private byte[] announce(int source) {
    begin(source, Method.ANNOUNCE_PEER, keys[source]);
    query.token(received.token, 0, received.tokenLength);
    query.port = PORT;
    return queries.encoded(query);
  }

  private byte[] put(int source) {
    begin(source, Method.PUT, isMainline ? null : keys[source]);
    query.token(received.token, 0, received.tokenLength);
    byte[] value;
    if (isMainline) {
      MainlineItem item = items.get(things[source]);
      value = item.value();
      if (item.isMutable()) {
        query.hasProof = true;
        System.arraycopy(item.publicKey(), 0, query.publicKey, 0, query.publicKey.length);
        System.arraycopy(item.signature(), 0, query.signature, 0, query.signature.length);
        query.sequence = item.sequence();
      }
    } else {
      value = records.get(things[source]).bytes();
    }
    query.record = value;
    query.recordLength = value.length;
    return queries.encoded(query);
  }
}
