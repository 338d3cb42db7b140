package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;

/**
 * A program that serves Mainline's dialect on a port of the loopback address.
 *
 * @param command the words that start it
 * @param process the process, which must be the server itself and not a shell around it
 * @param address where it serves
 */
record ServerProcess(String command, Process process, InetSocketAddress address)
    implements AutoCloseable {

  private static final String PORT = "{port}";
  private static final int START_SECONDS = 60;
  private static final int POLL_MILLIS = 500;
  private static final long STOP_SECONDS = 5;
  private static final int BUFFER_BYTES = 2048;

  /** Starts a program on some cores, and waits until it answers a ping. */
  static ServerProcess start(String command, List<Integer> cores) throws IOException {
    InetSocketAddress address;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      address = new InetSocketAddress(free.getLocalAddress(), free.getLocalPort());
    }
    List<String> words = new ArrayList<>(Cores.prefix(cores));
    String port = Integer.toString(address.getPort());
    words.addAll(List.of(command.replace(PORT, port).strip().split("\\s+", -1)));
    Process process =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    ServerProcess server = new ServerProcess(command, process, address);
    if (!server.answers()) {
      server.close();
      throw new IOException("no answer from " + String.join(" ", words));
    }
    return server;
  }

  private boolean answers() throws IOException {
    Queries queries = new Queries(Dialect.MAINLINE, DhtConfig.DEFAULT_NETWORK);
    byte[] ping = queries.ping(Ids.random(new Random(1)), true);
    DatagramPacket received = new DatagramPacket(new byte[BUFFER_BYTES], BUFFER_BYTES);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(POLL_MILLIS);
      for (int i = 0; i < START_SECONDS * 1000 / POLL_MILLIS && process.isAlive(); i++) {
        socket.send(new DatagramPacket(ping, ping.length, address));
        try {
          socket.receive(received);
          return true;
        } catch (SocketTimeoutException e) {
          // It is still starting.
        }
      }
      return false;
    }
  }

  /** Returns the processor time that it has used, with all its threads. */
  Duration cpu() {
    return process
        .info()
        .totalCpuDuration()
        .orElseThrow(
            () -> new IllegalStateException("this system does not tell the time of a process"));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
