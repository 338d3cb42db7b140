package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * NATS JetStream, which acknowledges a message when it is on the disk.
 *
 * @param process the server
 * @param address where it serves
 * @param version of the program
 * @param sync what makes it write synchronously
 */
record NatsServer(Process process, InetSocketAddress address, String version, String sync)
    implements AutoCloseable {

  private static final String PROGRAM = "nats-server";
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\.\\d+");
  private static final long START_SECONDS = 20;
  private static final long STOP_SECONDS = 5;
  private static final long POLL_MILLIS = 50;

  /**
   * Starts one.
   *
   * @param folder where it keeps its files
   * @return the server; null if the program is not there, or cannot be made to write synchronously
   */
  static @Nullable NatsServer start(Path folder) throws Exception {
    String version = installedVersion();
    Matcher numbers = VERSION.matcher(version);
    if (!numbers.find()) {
      return null;
    }
    Path data = Files.createDirectory(folder.resolve("jetstream"));
    int major = Integer.parseInt(numbers.group(1));
    boolean hasSetting = major > 2 || Integer.parseInt(numbers.group(2)) >= 10;
    String sync = hasSetting ? "sync_interval: always" : "chattr +S";
    // Files inherit it: each write to them returns when it is on the disk.
    if (!hasSetting && !TemporaryFolder.run(List.of("chattr", "+S", data.toString()))) {
      return null;
    }
    InetSocketAddress address;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = new InetSocketAddress(free.getInetAddress(), free.getLocalPort());
    }
    String config =
        """
        listen: "127.0.0.1:%d"
        jetstream { store_dir: "%s" %s }
        """
            .formatted(address.getPort(), data, hasSetting ? ", " + sync : "");
    Path file = folder.resolve("nats.conf");
    Files.writeString(file, config);
    Process process =
        new ProcessBuilder(PROGRAM, "-c", file.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    NatsServer server = new NatsServer(process, address, numbers.group(), sync);
    server.await();
    return server;
  }

  private static String installedVersion() throws InterruptedException {
    try {
      Process asked = new ProcessBuilder(PROGRAM, "--version").start();
      String text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      asked.waitFor();
      return text;
    } catch (IOException e) {
      // It is not there.
      return "";
    }
  }

  private void await() throws Exception {
    Deadline deadline = Deadline.in(START_SECONDS);
    while (process.isAlive()) {
      try (NatsConnection connection = new NatsConnection(address, 0)) {
        connection.request("$JS.API.INFO", "");
        return;
      } catch (IOException e) {
        deadline.pause(POLL_MILLIS, "nats-server does not start");
      }
    }
    throw new IOException("nats-server ended with " + process.exitValue());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
