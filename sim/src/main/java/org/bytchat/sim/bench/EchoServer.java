package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import org.bytchat.dht.transport.UdpTransport;
import org.jspecify.annotations.Nullable;

/**
 * What no node on this loop can beat: the same thread, selector, socket and number of datagrams in
 * a round as the runtime's loop, and between receiving and sending nothing.
 */
final class EchoServer implements AutoCloseable {

  private static final int BUFFER_BYTES = 2048;
  private static final int DATAGRAMS_PER_ROUND = 64;
  private static final long SELECT_MILLIS = 1000;

  private final Selector selector = Selector.open();
  private final UdpTransport transport;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Thread thread;

  /** How long its answers are; they begin with what was received. */
  private volatile int answerBytes;

  private volatile boolean running = true;
  private volatile @Nullable IOException failure;

  EchoServer() throws IOException {
    transport = UdpTransport.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    transport.register(selector, this);
    thread = new Thread(this::run, "bench-echo");
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return transport.localAddress();
  }

  long threadId() {
    return thread.getId();
  }

  void answerBytes(int length) {
    answerBytes = length;
  }

  private void run() {
    try {
      while (running) {
        selector.select(key -> drain(), SELECT_MILLIS);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  private void drain() {
    for (int i = 0; i < DATAGRAMS_PER_ROUND; i++) {
      buffer.clear();
      InetSocketAddress from = transport.receive(buffer);
      if (from == null) {
        return;
      }
      buffer.position(0).limit(answerBytes);
      transport.send(buffer, from);
    }
  }

  @Override
  public void close() throws IOException {
    running = false;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    transport.close();
    selector.close();
    IOException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }
}
