package org.bytchat.tracker.session;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Connections from many addresses of this host that say nothing, and come back when ended. */
final class Flood implements AutoCloseable {

  private final InetSocketAddress to;
  private final int firstLast;
  private final int sources;
  private final @Nullable SocketChannel[] channels;
  private final AtomicLong connects = new AtomicLong();
  private final Thread thread = new Thread(this::run, "flood");
  private volatile boolean stopped;

  /**
   * Prepares connections.
   *
   * @param firstLast the last byte of the first address
   * @param sources how many addresses
   * @param each how many connections from each
   */
  Flood(InetSocketAddress to, int firstLast, int sources, int each) {
    this.to = to;
    this.firstLast = firstLast;
    this.sources = sources;
    this.channels = new SocketChannel[sources * each];
  }

  void start() {
    thread.start();
  }

  /** How many connections were begun. */
  long connects() {
    return connects.get();
  }

  private void run() {
    while (!stopped) {
      for (int i = 0; i < channels.length && !stopped; i++) {
        SocketChannel channel = channels[i];
        if (channel == null || hasEnded(channel)) {
          channels[i] = connect(firstLast + i % sources);
        }
      }
    }
    for (SocketChannel channel : channels) {
      if (channel != null) {
        close(channel);
      }
    }
  }

  private @Nullable SocketChannel connect(int last) {
    connects.incrementAndGet();
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open();
      channel.bind(new InetSocketAddress(Lab.loopback(last), 0));
      channel.connect(to);
      channel.configureBlocking(false);
      return channel;
    } catch (IOException e) {
      // The server ended it at once.
      if (channel != null) {
        close(channel);
      }
      return null;
    }
  }

  private static boolean hasEnded(SocketChannel channel) {
    try {
      if (channel.read(ByteBuffer.allocate(1)) == 0) {
        return false;
      }
    } catch (IOException e) {
      // Reset.
    }
    close(channel);
    return true;
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AssertionError("a socket can be closed", e);
    }
  }

  /** Stops, and ends all connections. */
  void stop() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
