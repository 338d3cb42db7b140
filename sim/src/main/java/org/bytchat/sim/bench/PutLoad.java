package org.bytchat.sim.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;

/**
 * Sends queries at even times to one node: find_node from one socket, and puts from many others. No
 * query waits for an answer, and the time of an answer counts from when its query was due, so that
 * a node that stalls is not asked less, nor looks better. Not thread-safe.
 */
final class PutLoad implements AutoCloseable {

  private static final int SOURCES = 128;
  private static final int BUFFER_BYTES = 2048;
  private static final int RECEIVE_BUFFER_BYTES = 4 << 20;
  private static final int QUERIES = 256;

  /** Every so many answers one is decoded. */
  private static final int DECODE_EVERY = 16;

  /** More than are under way in the time after which they are lost. */
  private static final int UNDER_WAY_MAX = 1 << 16;

  private static final int PUTS_PER_ROUND = 16;
  private static final int READS_PER_ROUND = 64;
  private static final int QUESTIONS_MAX = 128;
  private static final long QUESTION_LOST_NANOS = 200_000_000;
  private static final long LOST_NANOS = 2_000_000_000;
  private static final long LOOK_NANOS = 100_000_000;
  private static final long TOKENS_SECONDS = 120;
  private static final long PAUSE_NANOS = 20_000;
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long MICRO_NANOS = 1000;

  private final Selector selector = Selector.open();
  private final DatagramChannel steady;
  private final List<DatagramChannel> sources = new ArrayList<>();
  private final Queries queries = new Queries(DhtConfig.DEFAULT_NETWORK);
  private final List<byte[]> findNodes = new ArrayList<>();
  private final NodeId asker;
  private final PutDatagrams puts;
  private final boolean spins;
  private final Packet packet = new Packet();
  private final byte[] datagram = new byte[BUFFER_BYTES];
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** When each query under way was due; 0 if it was answered. */
  private final long[] dueNanos = new long[UNDER_WAY_MAX];

  private long asked;

  /** The first query of the present period: late answers to those before are not counted. */
  private long first;

  private int questionsUnderWay;

  /** When it was last looked for puts that got no answer. */
  private long lookedNanos = System.nanoTime() - LOOK_NANOS;

  private Period period = new Period();

  /** What one period gave. */
  static final class Period {

    /** From when a query was due to its answer. */
    final Histogram findNodeMicros = histogram();

    /** From when a query was due to its being sent: what the generator adds. */
    final Histogram lateMicros = histogram();

    /** From sending a put to the answer that it is stored. */
    final Histogram storedMicros = histogram();

    long nanos;
    long asked;
    long answered;
    long wrong;
    long offered;
    long stored;
    long busy;

    /** Refused for another reason, or with what is no answer. */
    long refused;

    long unanswered;

    private static Histogram histogram() {
      return new Histogram(TimeUnit.SECONDS.toMicros(60), 3);
    }
  }

  /**
   * Makes the sockets.
   *
   * @param node the node
   * @param id its id
   * @param records what is put
   * @param spins whether to watch the sockets without a pause: only on a core of its own
   */
  PutLoad(InetSocketAddress node, NodeId id, List<MutableRecord> records, boolean spins)
      throws IOException {
    Random random = new Random(1);
    // A full node for which there is no place in the table: most who ask are.
    this.asker = Ids.sharing(id, 0, random);
    this.puts = new PutDatagrams(records, queries);
    this.spins = spins;
    for (int i = 0; i < QUERIES; i++) {
      findNodes.add(queries.findNode(asker, Ids.random(random), false));
    }
    steady = open(node);
    for (int i = 0; i < SOURCES; i++) {
      sources.add(open(node));
    }
  }

  private DatagramChannel open(InetSocketAddress node) throws IOException {
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    channel.connect(node);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
    return channel;
  }

  /** Gets a token for each put. */
  void getTokens() throws IOException {
    long end = System.nanoTime() + TOKENS_SECONDS * SECOND_NANOS;
    long[] askedAt = new long[puts.size()];
    int first = 0;
    int next = 0;
    while (first < puts.size()) {
      long now = System.nanoTime();
      if (now - end > 0) {
        throw new IOException("the node gives no tokens");
      }
      while (next < puts.size() && questionsUnderWay < QUESTIONS_MAX) {
        ask(next, now, askedAt);
        questionsUnderWay++;
        next++;
      }
      selector.selectNow(this::receive);
      while (first < next && puts.state(first) != PutDatagrams.State.BARE) {
        first++;
      }
      if (first < next && now - askedAt[first] > QUESTION_LOST_NANOS) {
        ask(first, now, askedAt);
      }
    }
  }

  private void ask(int index, long nowNanos, long[] askedAt) throws IOException {
    askedAt[index] = nowNanos;
    byte[] question = puts.question(index, asker);
    send(sourceOf(index), question, index);
  }

  private DatagramChannel sourceOf(int index) {
    return sources.get(index % SOURCES);
  }

  private boolean send(DatagramChannel channel, byte[] query, long transaction) throws IOException {
    buffer.clear().put(query).flip().putLong(Queries.TRANSACTION_OFFSET, transaction);
    return channel.write(buffer) > 0;
  }

  /**
   * Sends for a time.
   *
   * @param duration how long
   * @param findNodesPerSecond queries of the steady load
   * @param putsPerSecond puts, 0 for none
   */
  Period run(Duration duration, int findNodesPerSecond, int putsPerSecond) throws IOException {
    period = new Period();
    Period now = period;
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    long findNodeNanos = SECOND_NANOS / findNodesPerSecond;
    long putNanos = putsPerSecond == 0 ? Long.MAX_VALUE : SECOND_NANOS / putsPerSecond;
    long findNodeDue = start;
    long putDue = putsPerSecond == 0 ? Long.MAX_VALUE : start;
    first = asked;
    long time = start;
    while (time - end < 0) {
      boolean idle = true;
      while (findNodeDue <= time) {
        findNode(findNodeDue);
        findNodeDue += findNodeNanos;
        idle = false;
      }
      for (int i = 0; i < PUTS_PER_ROUND && putDue <= time; i++) {
        put(time);
        putDue += putNanos;
        idle = false;
      }
      pause(selector.selectNow(this::receive) == 0 && idle);
      time = System.nanoTime();
    }
    now.nanos = time - start;
    now.asked = asked - first;
    return now;
  }

  private void pause(boolean idle) {
    if (idle) {
      if (spins) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Waits for the answers of a period that are still to come; those of puts are counted too. */
  void await(Period last) throws IOException {
    long end = System.nanoTime() + LOST_NANOS;
    while (last.answered + last.wrong < last.asked && System.nanoTime() - end < 0) {
      pause(selector.selectNow(this::receive) == 0);
    }
  }

  private void findNode(long due) throws IOException {
    long number = asked++;
    dueNanos[(int) (number % UNDER_WAY_MAX)] = due;
    // The highest bit tells these from others.
    send(steady, findNodes.get((int) (number % QUERIES)), number | Long.MIN_VALUE);
    period.lateMicros.recordValue(Math.max(0, (System.nanoTime() - due) / MICRO_NANOS));
  }

  private void put(long nowNanos) throws IOException {
    int index = puts.next(nowNanos);
    if (index < 0) {
      if (nowNanos - lookedNanos > LOOK_NANOS) {
        lookedNanos = nowNanos;
        lookForLost(nowNanos);
      }
      return;
    }
    if (send(sourceOf(index), puts.datagram(index), puts.transaction(index))) {
      period.offered++;
    } else {
      puts.sendAgain(index);
    }
  }

  private void lookForLost(long nowNanos) throws IOException {
    period.unanswered += puts.giveUp(nowNanos - LOST_NANOS);
    if (puts.isDone()) {
      throw new IOException("there are too few records for a node that stores so fast");
    }
  }

  private void receive(SelectionKey key) {
    DatagramChannel channel = (DatagramChannel) key.channel();
    try {
      for (int i = 0; i < READS_PER_ROUND; i++) {
        buffer.clear();
        int length = channel.read(buffer);
        if (length <= 0) {
          return;
        }
        long nowNanos = System.nanoTime();
        buffer.get(0, datagram, 0, length);
        if (channel.equals(steady)) {
          onFound(length, nowNanos);
        } else if (queries.decode(datagram, length, packet) && packet.kind != Kind.QUERY) {
          onAnswer(nowNanos);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void onFound(int length, long nowNanos) {
    long transaction = buffer.getLong(Queries.TRANSACTION_OFFSET);
    long number = transaction & Long.MAX_VALUE;
    int slot = (int) (number % UNDER_WAY_MAX);
    if (transaction >= 0 || number < first || number >= asked || dueNanos[slot] == 0) {
      // A query of the node's own, or an answer that is late or came twice.
      return;
    }
    long micros = (nowNanos - dueNanos[slot]) / MICRO_NANOS;
    dueNanos[slot] = 0;
    if (number % DECODE_EVERY == 0
        && !(queries.decode(datagram, length, packet)
            && packet.kind == Kind.RESPONSE
            && packet.contacts4Count > 0)) {
      period.wrong++;
      return;
    }
    period.answered++;
    period.findNodeMicros.recordValue(micros);
  }

  private void onAnswer(long nowNanos) {
    long transaction = packet.transactionId;
    if (transaction < puts.size() && transaction >= 0) {
      int index = (int) transaction;
      if (puts.state(index) == PutDatagrams.State.BARE && packet.tokenLength > 0) {
        puts.accept(index, asker, packet);
        questionsUnderWay--;
      }
      return;
    }
    int index = puts.indexOf(transaction);
    if (index < 0) {
      return;
    }
    if (packet.kind == Kind.ERROR && packet.errorCode == ErrorCode.BUSY) {
      period.busy++;
      puts.sendAgain(index);
    } else {
      if (packet.kind == Kind.ERROR) {
        period.refused++;
      } else {
        period.stored++;
        period.storedMicros.recordValue((nowNanos - puts.sentNanos(index)) / MICRO_NANOS);
      }
      puts.done(index);
    }
  }

  @Override
  public void close() throws IOException {
    steady.close();
    for (DatagramChannel source : sources) {
      source.close();
    }
    selector.close();
  }
}
