package org.bytchat.tracker.session;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sessions of one server or client share: threads, counters, sums, and one sweep for each
 * event loop in place of timers for each session.
 */
@SuppressWarnings("FutureReturnValueIgnored") // sweeps do not throw; the group's end is awaited
final class SessionRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SessionRuntime.class);
  private static final long SHUTDOWN_SECONDS = 5;
  private static final long SWEEP_NANOS_MAX = 1_000_000_000;

  /** Frames are sealed and opened in one array for each thread. */
  private static final FastThreadLocal<byte[]> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[FrameCipher.LENGTH_BYTES + FrameCipher.BODY_BYTES_MAX];
        }
      };

  private final SessionConfig config;
  private final int networkId;
  private final Clock clock;
  private final EventLoopGroup loops;
  private final ThreadPoolExecutor cryptography;
  private final Map<EventLoop, Set<Connection>> byLoop = new HashMap<>();
  private final LongAdder[] counters = new LongAdder[SessionCounter.values().length];
  private final AtomicLong ids = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger halfOpen = new AtomicInteger();
  private final AtomicLong outboundBytes = new AtomicLong();
  private final AtomicLong inboundBytes = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();

  SessionRuntime(String name, SessionConfig config, int networkId, Clock clock) {
    this.config = config;
    this.networkId = networkId;
    this.clock = clock;
    for (int i = 0; i < counters.length; i++) {
      counters[i] = new LongAdder();
    }
    loops =
        new MultiThreadIoEventLoopGroup(
            config.eventLoopThreads(),
            new DefaultThreadFactory(name, true),
            NioIoHandler.newFactory());
    // A connection has one handshake, and a handshake one task at a time.
    cryptography =
        new ThreadPoolExecutor(
            config.handshakeThreads(),
            config.handshakeThreads(),
            SHUTDOWN_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(config.total().halfOpen()),
            new DefaultThreadFactory(name + "-handshake", true));
    cryptography.allowCoreThreadTimeOut(true);
    long sweepNanos = sweepNanos();
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      Set<Connection> connections = new LinkedHashSet<>();
      byLoop.put(loop, connections);
      loop.scheduleAtFixedRate(
          () -> sweep(connections), sweepNanos, sweepNanos, TimeUnit.NANOSECONDS);
    }
  }

  private long sweepNanos() {
    SessionConfig.Times times = config.times();
    long shortest =
        List.of(times.handshake(), times.frame(), times.keepAlive(), times.slowReader()).stream()
            .mapToLong(time -> time.toNanos() / 4)
            .reduce(SWEEP_NANOS_MAX, Math::min);
    return shortest;
  }

  private static void sweep(Set<Connection> connections) {
    long now = System.nanoTime();
    // A copy, as a sweep may end connections.
    for (Connection connection : new ArrayList<>(connections)) {
      try {
        connection.sweep(now);
      } catch (RuntimeException e) {
        // An exception would end the sweeps of this loop, and with them all time limits.
        LOG.warn("the sweep of {} failed", connection, e);
      }
    }
  }

  SessionConfig config() {
    return config;
  }

  int networkId() {
    return networkId;
  }

  Clock clock() {
    return clock;
  }

  EventLoopGroup loops() {
    return loops;
  }

  ThreadPoolExecutor cryptography() {
    return cryptography;
  }

  static byte[] scratch() {
    return SCRATCH.get();
  }

  long nextId() {
    return ids.incrementAndGet();
  }

  void count(SessionCounter counter) {
    counters[counter.ordinal()].increment();
  }

  void count(SessionCounter counter, long by) {
    counters[counter.ordinal()].add(by);
  }

  /** A connection began; on its event loop. */
  void add(EventLoop loop, Connection connection) {
    connectionsOf(loop).add(connection);
    halfOpen.incrementAndGet();
  }

  /** Its handshake is complete. */
  void opened() {
    halfOpen.decrementAndGet();
    open.incrementAndGet();
  }

  /** It ended; on its event loop. */
  void remove(EventLoop loop, Connection connection, boolean wasOpen) {
    connectionsOf(loop).remove(connection);
    (wasOpen ? open : halfOpen).decrementAndGet();
  }

  private Set<Connection> connectionsOf(EventLoop loop) {
    Set<Connection> connections = byLoop.get(loop);
    if (connections == null) {
      throw new IllegalStateException("a loop of another group");
    }
    return connections;
  }

  /** Adds to what waits to be sent; returns the sum. */
  long addOutbound(int bytes) {
    return outboundBytes.addAndGet(bytes);
  }

  /** Adds to what incomplete frames hold; returns the sum. */
  long addInbound(int bytes) {
    return inboundBytes.addAndGet(bytes);
  }

  boolean isClosed() {
    return closed.get();
  }

  SessionStats stats(int sources) {
    Map<SessionCounter, Long> counts = new EnumMap<>(SessionCounter.class);
    for (SessionCounter counter : SessionCounter.values()) {
      counts.put(counter, counters[counter.ordinal()].sum());
    }
    return new SessionStats(
        counts, open.get(), halfOpen.get(), outboundBytes.get(), inboundBytes.get(), sources);
  }

  /** Ends all connections and threads; waits for them unless an event loop calls. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    byLoop.forEach(
        (loop, connections) ->
            loop.execute(() -> new ArrayList<>(connections).forEach(Connection::shutDown)));
    cryptography.shutdownNow();
    loops.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    boolean ownThread = byLoop.keySet().stream().anyMatch(EventLoop::inEventLoop);
    if (!ownThread) {
      loops.terminationFuture().awaitUninterruptibly(2 * SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }
  }
}
