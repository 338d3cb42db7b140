package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/**
 * Keeps a fixed number of queries under way to one server and checks every answer. It never waits
 * in the kernel, so that waking it is no part of the server's work. Not thread-safe.
 *
 * <p>Many sources are each a node at an address of its own, and answer what the server asks them. A
 * server answers in the order in which it was asked, so the source that waits longest is the one
 * that is looked at.
 */
final class LoadGenerator implements AutoCloseable {

  /** Of answers whose length differs: each is decoded. */
  static final int ANY_LENGTH = -1;

  private static final int BUFFER_BYTES = 2048;

  /** Every so many answers one is decoded; the others must have its length. */
  private static final int DECODE_EVERY = 16;

  private static final long LOST_NANOS = 100_000_000;
  private static final int CLOCK_EVERY = 64;
  private static final int HOSTS = 250;

  private final List<DatagramChannel> channels = new ArrayList<>();

  /** Who asks, by query; the queries of one slot are those of one source. */
  private final NodeId[] senders;

  private final Load load;
  private final Queries codec;
  private final Packet packet = new Packet();
  private final byte[] datagram = new byte[BUFFER_BYTES];
  private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer[] queries;

  /** The transaction id under way in each slot. */
  private final long[] underWay;

  private final long mask;

  /** The slot that has waited longest. */
  private int oldest;

  private long sent;
  private long answers;
  private long lost;
  private long wrong;

  /**
   * What is asked and what must come back.
   *
   * @param dialect the language
   * @param queries the datagrams, sent in turn with new transaction ids; of many sources as many as
   *     a multiple of the window, each in the place of its slot
   * @param window how many are under way, a power of two
   * @param sources how many sockets ask in turn, a power of two, at most as many as the window
   * @param answerBytes how long each answer is, or {@link #ANY_LENGTH}
   * @param contacts how many contacts it has, -1 if it has no list of them
   * @param decodes whether answers are messages
   */
  record Load(
      Dialect dialect,
      List<byte[]> queries,
      int window,
      int sources,
      int answerBytes,
      int contacts,
      boolean decodes) {

    Load asEcho() {
      return new Load(dialect, queries, window, sources, answerBytes, contacts, false);
    }
  }

  /**
   * What one period gave.
   *
   * @param answers right answers
   * @param lost queries without one
   * @param wrong answers to what was asked that are not right
   * @param nanos how long it took
   */
  record Period(long answers, long lost, long wrong, long nanos) {}

  LoadGenerator(InetSocketAddress server, Load load, long mask) throws IOException {
    this.load = load;
    this.codec = new Queries(load.dialect, DhtConfig.DEFAULT_NETWORK);
    this.mask = mask;
    this.underWay = new long[load.window];
    this.queries = new ByteBuffer[load.queries.size()];
    this.senders = new NodeId[queries.length];
    for (int i = 0; i < queries.length; i++) {
      byte[] query = load.queries.get(i);
      queries[i] = ByteBuffer.allocateDirect(query.length).put(query).flip();
      codec.decode(query, query.length, packet);
      senders[i] = packet.sender();
    }
    for (int i = 0; i < load.sources; i++) {
      channels.add(open(i, server));
    }
  }

  /** Opens a socket; many are at many addresses of the loopback network, as servers count those. */
  private DatagramChannel open(int index, InetSocketAddress server) throws IOException {
    InetAddress address =
        load.sources == 1
            ? InetAddress.getLoopbackAddress()
            : InetAddress.getByAddress(
                new byte[] {127, (byte) (1 + index / HOSTS), 0, (byte) (1 + index % HOSTS)});
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    channel.bind(new InetSocketAddress(address, 0));
    channel.connect(server);
    channel.configureBlocking(false);
    return channel;
  }

  /** Runs for a time; what is under way at its end goes on in the next period. */
  Period run(Duration duration) throws IOException {
    long answersBefore = answers;
    long lostBefore = lost;
    long wrongBefore = wrong;
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    long now = start;
    long lastAnswer = start;
    if (sent == 0) {
      sendAll();
    }
    for (int i = 1; now < end; i++) {
      if (receive()) {
        lastAnswer = now;
      } else {
        Thread.onSpinWait();
      }
      if (i % CLOCK_EVERY == 0) {
        now = System.nanoTime();
        if (now - lastAnswer > LOST_NANOS) {
          lost += load.window;
          sendAll();
          lastAnswer = now;
        }
      }
    }
    return new Period(answers - answersBefore, lost - lostBefore, wrong - wrongBefore, now - start);
  }

  private void sendAll() throws IOException {
    for (int slot = 0; slot < load.window; slot++) {
      send(slot);
    }
    oldest = 0;
  }

  private void send(int slot) throws IOException {
    long round = sent / load.window;
    int rounds = Math.max(1, queries.length / load.window);
    ByteBuffer query = queries[((int) (round % rounds) * load.window + slot) % queries.length];
    long id = (sent * load.window + slot) ^ mask;
    sent++;
    underWay[slot] = id;
    query.clear().putLong(codec.transactionInQuery(query.limit()), id);
    source(slot).write(query);
  }

  private DatagramChannel source(int slot) {
    return channels.get(slot & load.sources - 1);
  }

  private boolean receive() throws IOException {
    received.clear();
    DatagramChannel source = source(oldest);
    int length = source.read(received);
    if (length <= 0) {
      return false;
    }
    long id = transactionOf(length);
    int slot = (int) ((id ^ mask) & load.window - 1);
    if (underWay[slot] != id) {
      // Late, or a query of the node's own.
      answerQuery(source, length);
      return load.sources == 1;
    }
    oldest = slot + 1 & load.window - 1;
    boolean right = isRight(length);
    answers += right ? 1 : 0;
    wrong += right ? 0 : 1;
    send(slot);
    return true;
  }

  private long transactionOf(int length) {
    if (load.answerBytes == ANY_LENGTH) {
      return decode(length) && packet.kind != Kind.QUERY ? packet.transactionId : 0;
    }
    int at =
        load.decodes
            ? codec.transactionInAnswer(length)
            : codec.transactionInQuery(queries[0].capacity());
    return at < 0 || at + Long.BYTES > length ? 0 : received.getLong(at);
  }

  private boolean decode(int length) {
    received.get(0, datagram, 0, length);
    return codec.decode(datagram, length, packet);
  }

  /** A source of its own answers what it is asked, so that a node takes it for one. */
  private void answerQuery(DatagramChannel source, int length) throws IOException {
    if (load.sources > 1 && load.decodes && decode(length) && packet.kind == Kind.QUERY) {
      NodeId id = senders[channels.indexOf(source)];
      source.write(ByteBuffer.wrap(codec.answer(packet, id, null)));
    }
  }

  private boolean isRight(int length) {
    if (load.answerBytes != ANY_LENGTH) {
      if (length != load.answerBytes) {
        return false;
      }
      if (!load.decodes || answers % DECODE_EVERY != 0) {
        return true;
      }
      if (!decode(length)) {
        return false;
      }
    }
    return packet.kind == Kind.RESPONSE && packet.contacts4Count == load.contacts;
  }

  @Override
  public void close() throws IOException {
    for (DatagramChannel channel : channels) {
      channel.close();
    }
  }
}
