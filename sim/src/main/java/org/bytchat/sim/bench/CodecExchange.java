package org.bytchat.sim.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.codec.MessageCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One find_node exchange through the codec, as each of its two sides sees it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecExchange {

  /** A power of two: enough different messages that no branch is learnt by heart. */
  private static final int MESSAGES = 256;

  private static final int VERSION = 0x4243_0001;

  /** How many contacts the answer has. */
  @Param({"8", "20"})
  public int contacts;

  /** What is spoken. */
  @Param({"bytchat", "mainline"})
  public String dialect = "";

  private boolean isMainline;
  private MessageCodec codec = Queries.codec(Dialect.BYTCHAT);
  private final int networkId = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
  private final Packet inbound = new Packet();
  private final Packet outbound = new Packet();
  private final byte[] buffer = new byte[2 * WireLimits.DATAGRAM_BYTES];
  private final byte[][] queries = new byte[MESSAGES][];
  private final byte[][] answers = new byte[MESSAGES][];
  private final NodeId[] ids = new NodeId[MESSAGES];
  private final Endpoint[] endpoints = new Endpoint[MESSAGES];
  private final Contact[] known = new Contact[MESSAGES];
  private final byte[] token = {1, 2, 3, 4, 5, 6, 7, 8};
  private long transactionId = 1L << 60;
  private int next;

  /** Makes the messages that are decoded. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    isMainline = Queries.dialect(dialect) == Dialect.MAINLINE;
    codec = Queries.codec(Queries.dialect(dialect));
    for (int i = 0; i < MESSAGES; i++) {
      ids[i] = NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
      endpoints[i] = Endpoint.ofIpv4(0x0b00_0000 + random.nextInt(1 << 26), 1 + i);
      known[i] = Contact.of(ids[i], endpoints[i], 0);
    }
    for (int i = 0; i < MESSAGES; i++) {
      fillQuery(i);
      queries[i] = encoded();
      fillAnswer(i, transactionId);
      answers[i] = encoded();
      transactionId = random.nextLong();
    }
  }

  private byte[] encoded() {
    byte[] bytes = new byte[codec.sizeOf(outbound)];
    codec.encode(outbound, bytes, 0);
    return bytes;
  }

  private void fillQuery(int index) {
    begin(Kind.QUERY, transactionId, ids[index]);
    outbound.method = Method.FIND_NODE;
    outbound.key(ids[(index + 1) & MESSAGES - 1]);
    outbound.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
  }

  private void fillAnswer(int index, long transaction) {
    begin(Kind.RESPONSE, transaction, ids[index]);
    outbound.observed = endpoints[index];
    if (!isMainline) {
      outbound.token(token, 0, token.length);
    }
    for (int i = 0; i < contacts; i++) {
      outbound.contacts4[i] = known[(index + i) & MESSAGES - 1];
    }
    outbound.contacts4Count = contacts;
  }

  private void begin(Kind kind, long transaction, NodeId sender) {
    outbound.clear();
    outbound.kind = kind;
    outbound.transactionId = transaction;
    outbound.sender(sender);
    outbound.networkId = networkId;
    outbound.version = VERSION;
  }

  /**
   * Decodes a query, fills in the answer and encodes it.
   *
   * @return the answer's length
   */
  @Benchmark
  public int server() {
    int index = next++ & MESSAGES - 1;
    decode(queries[index]);
    fillAnswer(index, inbound.transactionId);
    return codec.encode(outbound, buffer, 0);
  }

  /**
   * Fills in a query and encodes it, and decodes an answer.
   *
   * @return the query's length and the number of contacts of the answer
   */
  @Benchmark
  public int client() {
    int index = next++ & MESSAGES - 1;
    fillQuery(index);
    int length = codec.encode(outbound, buffer, 0);
    decode(answers[index]);
    return length + inbound.contacts4Count;
  }

  private void decode(byte[] datagram) {
    DecodeOutcome outcome = codec.decode(datagram, 0, datagram.length, inbound);
    if (outcome != DecodeOutcome.DECODED) {
      throw new IllegalStateException("a sound message is " + outcome);
    }
  }
}
