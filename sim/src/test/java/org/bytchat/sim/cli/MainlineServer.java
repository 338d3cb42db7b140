package org.bytchat.sim.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.config.LimitsConfig;

/** A node of Mainline's dialect in a process of its own, for a benchmark to start. */
final class MainlineServer {

  private MainlineServer() {}

  /** Serves on the port that the argument says until the process is ended. */
  public static void main(String[] args) throws InterruptedException {
    DhtConfig config = DhtConfig.defaults().withDialect(Dialect.MAINLINE);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
    DhtNode node =
        DhtNode.builder()
            .bind(address)
            .config(config.withLimits(LimitsConfig.defaults().withRequestsPerSecond(0)))
            .build()
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(node::close));
    Thread.currentThread().join();
  }
}
