package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.List;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/**
 * Keeps a fixed number of queries under way to one server and checks every answer. It never waits
 * in the kernel, so that waking it is no part of the server's work. Not thread-safe.
 */
final class LoadGenerator implements AutoCloseable {

  private static final int BUFFER_BYTES = 2048;

  /** Every so many answers one is decoded; the others must have its length. */
  private static final int DECODE_EVERY = 16;

  private static final long LOST_NANOS = 100_000_000;
  private static final int CLOCK_EVERY = 64;

  private final DatagramChannel channel;
  private final Load load;
  private final Queries codec;
  private final Packet packet = new Packet();
  private final byte[] datagram = new byte[BUFFER_BYTES];
  private final ByteBuffer received = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer[] queries;

  /** The transaction id under way in each slot. */
  private final long[] underWay;

  private final long mask;
  private long sent;
  private long answers;
  private long lost;
  private long wrong;

  /**
   * What is asked and what must come back.
   *
   * @param queries the datagrams, sent in turn with new transaction ids
   * @param window how many are under way, a power of two
   * @param answerBytes how long each answer is
   * @param contacts how many contacts it has, -1 if it has no list of them
   * @param decodes whether answers are messages
   */
  record Load(List<byte[]> queries, int window, int answerBytes, int contacts, boolean decodes) {

    Load asEcho() {
      return new Load(queries, window, answerBytes, contacts, false);
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

  LoadGenerator(InetSocketAddress server, String network, Load load, long mask) throws IOException {
    this.load = load;
    this.codec = new Queries(network);
    this.mask = mask;
    this.underWay = new long[load.window];
    this.queries = new ByteBuffer[load.queries.size()];
    for (int i = 0; i < queries.length; i++) {
      byte[] query = load.queries.get(i);
      queries[i] = ByteBuffer.allocateDirect(query.length).put(query).flip();
    }
    channel = DatagramChannel.open(StandardProtocolFamily.INET);
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    channel.connect(server);
    channel.configureBlocking(false);
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
  }

  private void send(int slot) throws IOException {
    ByteBuffer query = queries[(int) (sent % queries.length)];
    long id = (sent * load.window + slot) ^ mask;
    sent++;
    underWay[slot] = id;
    query.clear().putLong(Queries.TRANSACTION_OFFSET, id);
    channel.write(query);
  }

  private boolean receive() throws IOException {
    received.clear();
    int length = channel.read(received);
    if (length <= 0) {
      return false;
    }
    long id = length < 16 ? 0 : received.getLong(Queries.TRANSACTION_OFFSET);
    int slot = (int) ((id ^ mask) & load.window - 1);
    if (underWay[slot] != id) {
      // Late, or a query of the node's own.
      return true;
    }
    if (!isRight(length)) {
      wrong++;
      return true;
    }
    answers++;
    send(slot);
    return true;
  }

  private boolean isRight(int length) {
    if (length != load.answerBytes) {
      return false;
    }
    if (!load.decodes || answers % DECODE_EVERY != 0) {
      return true;
    }
    received.get(0, datagram, 0, length);
    return codec.decode(datagram, length, packet)
        && packet.kind == Kind.RESPONSE
        && packet.contacts4Count == load.contacts;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
