package org.bytchat.tracker;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Finds ports for a node and its tracker, which have the same number. */
public final class FreePort {

  private static final int TRIES = 100;

  private FreePort() {}

  /** Returns a loopback endpoint that nobody has, neither for datagrams nor for streams. */
  public static InetSocketAddress forBoth() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int i = 0; i < TRIES; i++) {
      try (DatagramSocket datagrams = new DatagramSocket(0, loopback);
          ServerSocket streams = new ServerSocket(datagrams.getLocalPort(), 1, loopback)) {
        return new InetSocketAddress(loopback, streams.getLocalPort());
      } catch (BindException e) {
        if (i == TRIES - 1) {
          throw e;
        }
      }
    }
    throw new AssertionError("the last try throws");
  }
}
