package org.bytchat.sim.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.runtime.DhtRuntime;

/** A node of each dialect on the real clock and real sockets, and what it is asked for minutes. */
final class LongRun implements AutoCloseable {

  private static final int BUFFER_BYTES = 2048;

  /** How many rounds there are in a second; in each, every node is sent one datagram. */
  private static final int ROUNDS_PER_SECOND = 500;

  private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(1) / ROUNDS_PER_SECOND;
  private static final long WARM_UP_SECONDS = 60;
  private static final long QUICK_SECONDS = 2;
  private static final long SECONDS_PER_MINUTE = 60;

  private final DhtRuntime runtime = DhtRuntime.start(1, 1);
  private final List<Peers> all = new ArrayList<>();
  private final Random random = new Random(1);
  private final AtomicLong lookups = new AtomicLong();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private State before = State.now();
  private State after = before;

  /**
   * What there is of what may grow.
   *
   * @param heap bytes after a full collection
   * @param threads threads of the JVM
   * @param descriptors open files and sockets of the process, 0 where that is not told
   */
  record State(long heap, int threads, long descriptors) {

    static State now() {
      long heap = HeapUse.bytesAfterCollection();
      long descriptors =
          ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
              ? unix.getOpenFileDescriptorCount()
              : 0;
      return new State(heap, ManagementFactory.getThreadMXBean().getThreadCount(), descriptors);
    }
  }

  /** A node and its peers. */
  private record Peers(
      DhtNode node, MixedLoad load, List<DatagramChannel> channels, Selector selector) {}

  /** One peer's socket. */
  private record Peer(Peers peers, int index) {}

  LongRun() throws IOException {
    for (Dialect dialect : Dialect.values()) {
      DhtNode node =
          DhtNode.builder()
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .runtime(runtime)
              .config(DhtConfig.defaults().withDialect(dialect).withProofOfId(false))
              .build()
              .start();
      Peers peers = new Peers(node, new MixedLoad(dialect, 1), new ArrayList<>(), Selector.open());
      for (int i = 0; i < MixedLoad.SOURCES; i++) {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.connect(node.localAddresses().get(0));
        channel.configureBlocking(false);
        channel.register(peers.selector, SelectionKey.OP_READ, new Peer(peers, i));
        peers.channels.add(channel);
      }
      all.add(peers);
    }
  }

  /** Asks for so many minutes after the warm-up. */
  void run(BenchRun run, long minutes) throws IOException {
    long seconds = run.quick() ? QUICK_SECONDS : minutes * SECONDS_PER_MINUTE;
    run.progress().accept("growth: warming up");
    ask(run.quick() ? QUICK_SECONDS : WARM_UP_SECONDS);
    before = State.now();
    for (long done = 0; done < seconds; done += QUICK_SECONDS) {
      run.progress().accept("growth: " + done + " of " + seconds + " s");
      ask(QUICK_SECONDS);
    }
    after = State.now();
  }

  private void ask(long seconds) throws IOException {
    long start = System.nanoTime();
    for (long round = 0; round < seconds * ROUNDS_PER_SECOND; round++) {
      for (Peers peers : all) {
        int source = (int) (round % MixedLoad.SOURCES);
        peers.channels.get(source).write(ByteBuffer.wrap(peers.load.next(source)));
        if (round % ROUNDS_PER_SECOND == 0) {
          lookUp(peers.node);
        }
      }
      long until = start + (round + 1) * ROUND_NANOS;
      do {
        for (Peers peers : all) {
          peers.selector.select(
              key -> receive((DatagramChannel) key.channel(), (Peer) key.attachment()), 1);
        }
      } while (System.nanoTime() < until);
    }
  }

  /** Its result does not matter, nor who waits for it. */
  private void lookUp(DhtNode node) {
    var unused =
        node.lookup(Ids.random(random))
            .whenComplete((result, failure) -> lookups.incrementAndGet());
  }

  private void receive(DatagramChannel channel, Peer peer) {
    try {
      int length = channel.read(buffer.clear());
      byte[] said =
          length <= 0 ? null : peer.peers.load.onDatagram(peer.index, buffer.array(), length);
      if (said != null) {
        channel.write(ByteBuffer.wrap(said));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  State before() {
    return before;
  }

  State after() {
    return after;
  }

  long lookups() {
    return lookups.get();
  }

  long answers() {
    return all.stream().mapToLong(peers -> peers.load.answers()).sum();
  }

  long puts() {
    return all.stream().mapToLong(peers -> peers.load.puts()).sum();
  }

  @Override
  public void close() throws IOException {
    for (Peers peers : all) {
      peers.node.close();
      for (DatagramChannel channel : peers.channels) {
        channel.close();
      }
      peers.selector.close();
    }
    runtime.close();
  }
}
