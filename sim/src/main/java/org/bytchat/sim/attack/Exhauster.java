package org.bytchat.sim.attack;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.Stranger;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.SimWorld;

/**
 * A source that fills the stores of some nodes: it gets tokens and puts one new item after the
 * other, to each holder in turn. Each datagram is sent once. Belongs to the thread that handles its
 * place.
 */
public final class Exhauster implements Stranger {

  /** What gets no answer is forgotten when so many others wait. */
  private static final int WAITING_MAX = 4_096;

  private static final int UNIQUE_BYTES = 2 * Long.BYTES;
  private static final int RADIX = 36;

  private final Setting setting;
  private final UserKey owner;
  private final NodeId self;
  private final Packet packet = new Packet();

  /** By target: the token that chunks need there. */
  private final Map<Integer, byte[]> tokens = new HashMap<>();

  private final Map<Long, Waiting> waiting =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Waiting> eldest) {
          return size() > WAITING_MAX;
        }
      };

  private final SortedMap<Integer, Long> refused = new TreeMap<>();
  private long next;
  private long asked;
  private long gets;
  private long puts;
  private long stored;
  private long sentBytes;
  private long receivedBytes;

  /** What is put. */
  public enum Item {
    /** Signed records, each of which needs a token of its own, and is verified. */
    RECORD,
    /** Chunks that are said to lie at the target's place: one token does for all of them. */
    CHUNK
  }

  /**
   * Whose store is filled.
   *
   * @param holder the node
   * @param place the place that chunks lie at, the key of what is attacked
   */
  public record Target(Contact holder, NodeId place) {}

  /**
   * What an exhauster does.
   *
   * @param item what it puts
   * @param valueBytes the length of each value, 0 to 800; that of a chunk is at least 16
   * @param pace when it puts, all targets together
   * @param targets where, at least one
   * @param networkId the network
   * @param ttlMillis how long items claim to live
   * @param seed another one for each source
   */
  public record Setting(
      Item item,
      int valueBytes,
      Pace pace,
      List<Target> targets,
      int networkId,
      long ttlMillis,
      long seed) {

    public Setting {
      targets = List.copyOf(targets);
      if (targets.isEmpty()) {
        throw new IllegalArgumentException("an exhauster needs targets");
      }
    }
  }

  /** What an answer is waited for: a put, or the token for one. */
  private record Waiting(Method method, long number) {}

  /**
   * Makes an exhauster that waits for {@link #begin}. It must be {@link SimNode#place placed}.
   *
   * @param setting what it does
   * @param scheme signs its records
   */
  public Exhauster(Setting setting, SignatureScheme scheme) {
    this.setting = setting;
    byte[] key = new byte[SignatureScheme.SEED_BYTES];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) Mix.at(setting.seed, i);
    }
    this.owner = UserKey.ofSeed(scheme, key);
    long bits = ~setting.seed;
    this.self = NodeId.of(Mix.at(bits, 0), Mix.at(bits, 1), (int) Mix.at(bits, 2));
  }

  /**
   * Begins; to be scheduled once, at the start of the pace.
   *
   * @param place where it is
   * @param control sends
   */
  public void begin(SimNode place, World.Control control) {
    while (setting.pace.timeMicros(next) <= control.nowMicros()) {
      fill(next++, place, control);
    }
    long later = setting.pace.timeMicros(next);
    if (later != Pace.NEVER) {
      control.again(place, later, this::begin);
    }
  }

  private int indexOf(long number) {
    return (int) (number % setting.targets.size());
  }

  private Target targetOf(long number) {
    return setting.targets.get(indexOf(number));
  }

  private void fill(long number, SimNode place, World.Control control) {
    byte[] token = tokens.get(indexOf(number));
    if (token != null) {
      put(number, token, place, control);
      return;
    }
    beginQuery(Method.GET);
    packet.key(
        setting.item == Item.CHUNK
            ? targetOf(number).place
            : Uid.ofKey(Uid.VERSION_2, owner.publicKey().encoded()).place(labelOf(number)));
    gets++;
    send(number, place, control);
  }

  private static String labelOf(long number) {
    return Long.toString(number, RADIX);
  }

  private void put(long number, byte[] token, SimNode place, World.Control control) {
    StoredItem item = itemOf(number, SimWorld.WALL_MILLIS + control.nowMicros() / 1000);
    beginQuery(Method.PUT);
    packet.key(item.key());
    if (item instanceof Chunk) {
      packet.place = targetOf(number).place;
    }
    packet.token(token, 0, token.length);
    packet.record = item.bytes();
    packet.recordLength = item.size();
    puts++;
    send(number, place, control);
  }

  private StoredItem itemOf(long number, long wallMillis) {
    long expiresMillis = wallMillis + setting.ttlMillis;
    if (setting.item == Item.CHUNK) {
      ByteBuffer data = ByteBuffer.allocate(Math.max(UNIQUE_BYTES, setting.valueBytes));
      data.putLong(setting.seed).putLong(number);
      return Chunk.leaf(data.array(), expiresMillis);
    }
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.VERSION_2,
            labelOf(number),
            owner.publicKey().encoded(),
            wallMillis,
            wallMillis,
            expiresMillis,
            new byte[setting.valueBytes]);
    return draft.signed(owner.sign(draft.statement(setting.networkId)));
  }

  private void beginQuery(Method method) {
    packet.clear();
    packet.kind = Kind.QUERY;
    packet.method = method;
    packet.networkId = setting.networkId;
    packet.readOnly = true;
    packet.sender(self);
    packet.transactionId = Mix.combine(setting.seed, asked++);
  }

  private void send(long number, SimNode place, World.Control control) {
    waiting.put(packet.transactionId, new Waiting(packet.method, number));
    sentBytes += control.send(place, targetOf(number).holder.endpoint(), packet);
  }

  @Override
  public void onPacket(SimNode place, Packet answer, Endpoint from, World.Control control) {
    Waiting answered = answer.kind == Kind.QUERY ? null : waiting.get(answer.transactionId);
    if (answered == null || !targetOf(answered.number).holder.endpoint().equals(from)) {
      return;
    }
    waiting.remove(answer.transactionId);
    if (answer.kind == Kind.ERROR) {
      refused.merge(answer.errorCode, 1L, Long::sum);
      if (answer.errorCode == ErrorCode.BAD_TOKEN) {
        tokens.remove(indexOf(answered.number));
      }
    } else if (answered.method == Method.PUT) {
      stored++;
    } else if (answer.tokenLength > 0) {
      byte[] token = answer.token();
      if (setting.item == Item.CHUNK) {
        tokens.put(indexOf(answered.number), token);
      }
      put(answered.number, token, place, control);
    }
  }

  @Override
  public void onDatagram(
      SimNode place, Packet answer, int bytes, Endpoint from, World.Control control) {
    receivedBytes += bytes;
    onPacket(place, answer, from, control);
  }

  // What it came to.

  /**
   * Returns how often it asked for a token.
   *
   * @return the count
   */
  public long gets() {
    return gets;
  }

  /**
   * Returns how many items it put.
   *
   * @return the count of datagrams with an item
   */
  public long puts() {
    return puts;
  }

  /**
   * Returns how many of them were acknowledged. Some of those may have had to make room since.
   *
   * @return the count
   */
  public long stored() {
    return stored;
  }

  /**
   * Returns how many gets and puts were refused.
   *
   * @return by {@link ErrorCode}, unmodifiable
   */
  public SortedMap<Integer, Long> refused() {
    return Collections.unmodifiableSortedMap(refused);
  }

  /**
   * Returns how many bytes it sent.
   *
   * @return payload bytes, without the headers of UDP and IP
   */
  public long sentBytes() {
    return sentBytes;
  }

  /**
   * Returns how many bytes it got.
   *
   * @return payload bytes
   */
  public long receivedBytes() {
    return receivedBytes;
  }
}
