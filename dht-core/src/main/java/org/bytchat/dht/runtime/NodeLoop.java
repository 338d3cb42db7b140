package org.bytchat.dht.runtime;

import com.google.common.util.concurrent.Uninterruptibles;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.MainlineCodec;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.node.DriverResources;
import org.bytchat.dht.node.TransmitQueue;
import org.bytchat.dht.time.DeadlineQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that drives nodes on real sockets and the real clock.
 *
 * <p>All of a node happens on its loop's thread. Others reach it through a bounded mailbox. A round
 * reads the clock, runs finished effects and commands, then timers, then a bounded number of
 * datagrams of each socket.
 */
final class NodeLoop implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeLoop.class);

  /** Longer than any datagram that is read, so that one that was cut is seen to be too long. */
  private static final int RECEIVE_BYTES = 2048;

  private static final int MAILBOX_CAPACITY = 16_384;
  private static final int DATAGRAMS_PER_ROUND = 64;
  private static final int COMMANDS_PER_ROUND = 256;
  private static final long SELECT_MILLIS_MAX = 1000;
  private static final long JOIN_SECONDS = 1;

  private final Selector selector;
  private final LoopThread thread;
  private final BlockingQueue<Runnable> mailbox = new ArrayBlockingQueue<>(MAILBOX_CAPACITY);

  /** Results of effects, which are as many as the nodes allow themselves and must not be lost. */
  private final ConcurrentLinkedQueue<Runnable> completions = new ConcurrentLinkedQueue<>();

  private final DeadlineQueue<LoopNode> deadlines = new DeadlineQueue<>();
  private final DriverResources resources =
      DriverResources.of(new BytchatCodec(ContactInterner.NONE));
  private final DriverResources mainlineResources =
      resources.withCodec(new MainlineCodec(ContactInterner.NONE));
  private final Sockets sockets = new Sockets();
  private final ByteBuf receiveMemory;
  private final ByteBuf sendMemory;
  private final ByteBuffer receiveBuffer;
  private final ByteBuffer sendBuffer;
  private final byte[] datagram = new byte[RECEIVE_BYTES];

  private volatile boolean running = true;

  NodeLoop(String name, PooledByteBufAllocator allocator) throws IOException {
    selector = Selector.open();
    receiveMemory = allocator.directBuffer(RECEIVE_BYTES, RECEIVE_BYTES);
    sendMemory = allocator.directBuffer(RECEIVE_BYTES, RECEIVE_BYTES);
    receiveBuffer = receiveMemory.nioBuffer(0, RECEIVE_BYTES);
    sendBuffer = sendMemory.nioBuffer(0, RECEIVE_BYTES);
    thread = new LoopThread(this, name);
    thread.start();
  }

  /** A thread that is known to be a loop. */
  private static final class LoopThread extends Thread {
    LoopThread(Runnable loop, String name) {
      super(loop, name);
      setDaemon(true);
    }
  }

  /** Tells whether the caller is a loop, of whichever runtime. */
  static boolean isAnyLoopThread() {
    return Thread.currentThread() instanceof LoopThread;
  }

  /** Returns what the nodes of a dialect share; all but the codec is the same for all. */
  DriverResources resources(Dialect dialect) {
    return dialect == Dialect.MAINLINE ? mainlineResources : resources;
  }

  TransmitQueue transmits() {
    return resources.transmits();
  }

  Sockets sockets() {
    return sockets;
  }

  Selector selector() {
    return selector;
  }

  boolean isRunning() {
    return running;
  }

  boolean isLoopThread() {
    return Thread.currentThread() == thread;
  }

  /**
   * Runs a command on the loop's thread.
   *
   * @return false if the mailbox is full or the loop has ended
   */
  boolean execute(Runnable command) {
    if (!running || !mailbox.offer(command)) {
      return false;
    }
    // A loop that ended meanwhile may have run what it held already.
    if (!running && mailbox.remove(command)) {
      return false;
    }
    if (!isLoopThread()) {
      selector.wakeup();
    }
    return true;
  }

  /** Hands in the result of an effect. */
  void complete(Runnable completion) {
    completions.add(completion);
    if (!isLoopThread()) {
      selector.wakeup();
    }
  }

  /**
   * Has the sockets that were closed give up their ports: a channel stays bound until its selector
   * has looked at it once more. To be called on the loop's thread, not while it reads sockets.
   */
  void releaseClosed() {
    try {
      // What is readable is told again in the next round.
      selector.selectNow(key -> {});
    } catch (IOException e) {
      LOG.debug("Closed sockets stay bound until the next round", e);
    }
  }

  void schedule(LoopNode node, long deadlineNanos) {
    if (deadlineNanos == DeadlineQueue.NEVER) {
      deadlines.cancel(node);
    } else {
      deadlines.schedule(node, deadlineNanos);
    }
  }

  void cancel(LoopNode node) {
    deadlines.cancel(node);
  }

  @Override
  public void run() {
    try {
      while (running) {
        round();
      }
    } catch (IOException e) {
      LOG.error("A loop's selector failed; its nodes are dead", e);
    } finally {
      running = false;
      // Nothing is registered after this: see NodeHandle.begin.
      closeNodes();
      runAll(completions);
      runAll(mailbox);
      receiveMemory.release();
      sendMemory.release();
      closeSelector();
    }
  }

  private void closeNodes() {
    for (SelectionKey key : selector.keys()) {
      runSafely(((LoopNode.Port) key.attachment()).node()::close);
    }
  }

  private void closeSelector() {
    try {
      selector.close();
    } catch (IOException e) {
      LOG.debug("Closing a selector failed", e);
    }
  }

  private void round() throws IOException {
    select();
    Runnable completion = completions.poll();
    while (completion != null) {
      runSafely(completion);
      completion = completions.poll();
    }
    Runnable command = mailbox.poll();
    for (int i = 1; command != null; i++) {
      runSafely(command);
      command = i < COMMANDS_PER_ROUND ? mailbox.poll() : null;
    }
    long nowNanos = System.nanoTime();
    LoopNode due = deadlines.pollDue(nowNanos);
    while (due != null) {
      due.handleTimeout(nowNanos);
      due = deadlines.pollDue(nowNanos);
    }
  }

  private void select() throws IOException {
    // Whatever a listener or a callback meant by it: with the flag set, no select would wait.
    if (Thread.interrupted()) {
      LOG.debug("A loop was interrupted, which has no meaning");
    }
    if (!mailbox.isEmpty() || !completions.isEmpty()) {
      selector.selectNow(key -> ((LoopNode.Port) key.attachment()).onReadable());
      return;
    }
    long next = deadlines.nextNanos();
    long wait = SELECT_MILLIS_MAX;
    if (next != DeadlineQueue.NEVER) {
      long nanos = next - System.nanoTime();
      wait = Math.min(wait, (nanos + 999_999) / 1_000_000);
    }
    if (wait <= 0) {
      selector.selectNow(key -> ((LoopNode.Port) key.attachment()).onReadable());
    } else {
      selector.select(key -> ((LoopNode.Port) key.attachment()).onReadable(), wait);
    }
  }

  /** Reads what a socket has, up to a bound, so that one busy socket does not starve the others. */
  void receiveFrom(LoopNode.Port port) {
    long nowNanos = System.nanoTime();
    port.node().run((engine, now) -> receiveAll(port, now), nowNanos);
  }

  private void receiveAll(LoopNode.Port port, long nowNanos) {
    for (int i = 0; i < DATAGRAMS_PER_ROUND; i++) {
      receiveBuffer.clear();
      InetSocketAddress from = port.transport().receive(receiveBuffer);
      if (from == null) {
        break;
      }
      int length = receiveBuffer.position();
      receiveBuffer.get(0, datagram, 0, length);
      port.node().handleDatagram(port, length, from, nowNanos);
    }
  }

  /** Returns the buffer that holds the datagram received last. */
  byte[] datagram() {
    return datagram;
  }

  /** Returns the buffer that a datagram is sent from, holding it. */
  ByteBuffer sendBuffer(byte[] bytes, int length) {
    return sendBuffer.clear().put(bytes, 0, length).flip();
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("A task of a loop failed; this is a bug", e);
    }
  }

  private static void runAll(Queue<Runnable> tasks) {
    Runnable task = tasks.poll();
    while (task != null) {
      runSafely(task);
      task = tasks.poll();
    }
  }

  /** Has the loop end after what it is doing. */
  void shutDown() {
    running = false;
    selector.wakeup();
  }

  boolean hasEnded() {
    return !thread.isAlive();
  }

  /** Waits for the loop's end, but not for ever: a listener may be waiting for the caller. */
  void join() {
    Uninterruptibles.joinUninterruptibly(thread, JOIN_SECONDS, TimeUnit.SECONDS);
    if (!hasEnded()) {
      LOG.warn("{} does not end: it is blocked by a listener or a callback", thread.getName());
    }
  }
}
