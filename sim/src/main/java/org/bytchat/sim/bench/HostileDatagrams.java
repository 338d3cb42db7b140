package org.bytchat.sim.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** Makes datagrams that mean harm, of all kinds, each different. Not thread-safe. */
final class HostileDatagrams {

  private static final int BUFFER_BYTES = 4096;
  private static final int RANDOM_BYTES_MAX = 200;
  private static final int DAMAGES_MAX = 4;
  private static final int TRANSACTION = Queries.TRANSACTION_OFFSET;

  /** Where the sender's id starts in what the codec writes. */
  private static final int SENDER = TRANSACTION + 8 + 4 + 3 + 2;

  /** Where the network's id starts. */
  private static final int NETWORK = SENDER + NodeId.BYTES + 2 + 2;

  private static final byte[] BENCODE =
      "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"
          .getBytes(StandardCharsets.US_ASCII);

  /** Headers that claim billions of items or bytes. */
  private static final int[] HUGE = {0xdd, 0xdf, 0xc6, 0xdb, 0xc9};

  /** What is wrong with a datagram. */
  enum Wrong {
    RANDOM_BYTES,
    TOO_SHORT,
    TRUNCATED,
    TRAILING_BYTES,
    OVERSIZED,
    WRONG_TYPE,
    DEEP_NESTING,
    HUGE_LENGTH,
    DUPLICATE_KEY,
    ANOTHER_DIALECT,
    DAMAGED,
    OTHER_NETWORK,
    OWN_ID,
    NOT_ASKED_FOR,
    BAD_ARGUMENTS,
    UNKNOWN_METHOD,
    FORGED_TOKEN,
    MADE_UP_SENDER
  }

  private static final Wrong[] KINDS = Wrong.values();

  private final SplittableRandom random;
  private final ByteBuffer datagram = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final NodeId target;
  private final byte[] ping;
  private final byte[] findNode;
  private final byte[] put;
  private final List<byte[]> replies = new ArrayList<>();
  private final List<byte[]> all = new ArrayList<>();

  HostileDatagrams(NodeId target, long seed) {
    this.target = target;
    random = new SplittableRandom(seed);
    Random made = new Random(seed);
    Queries queries = new Queries(DhtConfig.DEFAULT_NETWORK);
    NodeId sender = Ids.random(made);
    ping = queries.ping(sender, true);
    findNode = queries.findNode(sender, target, false);
    Packet packet = new Packet();
    packet.method = Method.PUT;
    packet.sender(sender);
    packet.key(target);
    packet.tokenLength = WireLimits.TOKEN_BYTES;
    packet.record = new byte[300];
    packet.recordLength = 300;
    put = queries.encoded(packet);
    addReplies(queries, sender, made);
    all.addAll(List.of(ping, findNode, put));
    all.addAll(replies);
  }

  private void addReplies(Queries queries, NodeId sender, Random made) {
    Packet packet = new Packet();
    packet.kind = Kind.RESPONSE;
    packet.sender(sender);
    replies.add(queries.encoded(packet));
    packet.hasProof = true;
    replies.add(queries.encoded(packet));
    packet.hasProof = false;
    packet.contacts4Count = FedEngine.BUCKET;
    for (int i = 0; i < packet.contacts4Count; i++) {
      packet.contacts4[i] = Contact.of(Ids.random(made), Ids.endpoint(i), 0);
    }
    replies.add(queries.encoded(packet));
    packet.clear();
    packet.kind = Kind.ERROR;
    packet.sender(sender);
    packet.error(ErrorCode.BUSY, "busy");
    replies.add(queries.encoded(packet));
  }

  /** Returns the next datagram, in memory that is used again. */
  ByteBuffer next() {
    return next(KINDS[random.nextInt(KINDS.length)]);
  }

  ByteBuffer next(Wrong wrong) {
    datagram.clear();
    switch (wrong) {
      case RANDOM_BYTES -> randomBytes(random.nextInt(RANDOM_BYTES_MAX));
      case TOO_SHORT -> cut(WireLimits.DATAGRAM_BYTES_MIN);
      case TRUNCATED -> cut(datagramOf(any()).position());
      case TRAILING_BYTES -> {
        datagramOf(any());
        randomBytes(1 + random.nextInt(RANDOM_BYTES_MAX));
      }
      case OVERSIZED -> {
        datagramOf(any());
        int above = WireLimits.DATAGRAM_BYTES + 1 - datagram.position();
        randomBytes(above + random.nextInt(BUFFER_BYTES - WireLimits.DATAGRAM_BYTES));
      }
      case WRONG_TYPE -> datagramOf(any()).put(random.nextInt(NETWORK), (byte) 0xc0);
      case DEEP_NESTING -> nested();
      case HUGE_LENGTH -> huge();
      case DUPLICATE_KEY -> another('t').put(ping, 3, 10);
      case ANOTHER_DIALECT -> datagram.put(BENCODE);
      case DAMAGED -> damaged();
      case OTHER_NETWORK -> datagramOf(any()).putInt(NETWORK, random.nextInt());
      case OWN_ID -> datagramOf(any()).put(SENDER, target.toBytes());
      case NOT_ASKED_FOR -> datagramOf(replies.get(random.nextInt(replies.size())));
      case BAD_ARGUMENTS -> replaced(findNode, "\u00a1k", "\u00a1z");
      case UNKNOWN_METHOD -> replaced(findNode, "find_node", "find_nude");
      case FORGED_TOKEN -> datagramOf(put);
      case MADE_UP_SENDER -> datagramOf(findNode).putLong(SENDER, random.nextLong());
    }
    return datagram.flip();
  }

  private byte[] any() {
    return all.get(random.nextInt(all.size()));
  }

  /** Puts a message with a new transaction id in. */
  private ByteBuffer datagramOf(byte[] message) {
    return datagram.put(message).putLong(TRANSACTION, random.nextLong());
  }

  private void randomBytes(int length) {
    int count = Math.min(length, datagram.remaining());
    for (int i = 0; i < count; i++) {
      datagram.put((byte) random.nextInt());
    }
  }

  /** Leaves less than so many bytes. */
  private void cut(int length) {
    if (datagram.position() == 0) {
      datagramOf(ping);
    }
    datagram.position(random.nextInt(Math.min(length, datagram.position())));
  }

  /** Puts a ping in that claims one more entry, of which only the key is there. */
  private ByteBuffer another(char key) {
    datagramOf(ping);
    datagram.put(0, (byte) (datagram.get(0) + 1));
    return datagram.put((byte) 0xa1).put((byte) key);
  }

  private void nested() {
    another('x');
    int depth = 1 + random.nextInt(WireLimits.DATAGRAM_BYTES - datagram.position());
    for (int i = 0; i < depth; i++) {
      datagram.put((byte) 0x91);
    }
  }

  private void huge() {
    another('x').put((byte) HUGE[random.nextInt(HUGE.length)]).putInt(-1 - random.nextInt(1000));
  }

  private void damaged() {
    datagramOf(any());
    for (int i = random.nextInt(DAMAGES_MAX); i >= 0; i--) {
      datagram.put(random.nextInt(datagram.position()), (byte) random.nextInt());
    }
  }

  private void replaced(byte[] message, String text, String other) {
    String whole = new String(message, StandardCharsets.ISO_8859_1);
    int at = whole.lastIndexOf(text);
    datagramOf(message);
    for (int i = 0; i < other.length(); i++) {
      datagram.put(at + i, (byte) other.charAt(i));
    }
  }
}
