package org.bytchat.tracker;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.session.SessionConfig;
import org.jspecify.annotations.Nullable;

/** Real trackers on loopback, an owner with two devices, and their clients and a sender's. */
public final class MailNetwork extends MailUsers {

  private static final String NETWORK = "mail-test";
  public static final int NETWORK_ID = Keys.networkId(NETWORK);

  public final List<Host> hosts = new ArrayList<>();

  /** A tracker and its node. */
  public static final class Host implements AutoCloseable {
    public final DhtNode node;
    private volatile @Nullable Tracker tracker;

    Host(@Nullable Integer bootstrapPort) throws Exception {
      var builder =
          DhtNode.builder()
              .config(DhtConfig.defaults().withNetwork(NETWORK).withAssumeReachable(true))
              .bind(FreePort.forBoth())
              .identity(NodeIdentity.generate(new SecureRandom()))
              .service(Services.TRACKER, this::serve);
      if (bootstrapPort != null) {
        builder.bootstrap("127.0.0.1:" + bootstrapPort);
      }
      node = builder.build().start();
      tracker =
          Tracker.start(
              new Tracker.Setup(
                  node.identity(),
                  NETWORK_ID,
                  node.localAddresses(),
                  null,
                  DeviceLists.of(node),
                  TrackerConfig.defaults(),
                  SessionConfig.defaults()
                      .withOutboundBytesMax(4 << 20)
                      .withPerSource(
                          new SessionConfig.PerSource(
                              Scope.LOCAL, 1000, 1000, 0, 1000, 0, 1, 1024))));
    }

    private CompletionStage<DhtService.Outcome> serve(DhtService.Query query) {
      Tracker running = tracker;
      return running == null
          ? CompletableFuture.completedFuture(new DhtService.Refused(ErrorCode.BUSY, "starting"))
          : running.serve(query);
    }

    public int port() {
      return node.localAddresses().get(0).getPort();
    }

    @Override
    public void close() {
      node.close();
      Tracker running = tracker;
      if (running != null) {
        running.close();
      }
    }
  }

  public MailNetwork(int trackerCount, Path folder) throws Exception {
    super(NETWORK, folder);
    for (int i = 0; i < trackerCount; i++) {
      hosts.add(new Host(i == 0 ? null : hosts.get(0).port()));
    }
    for (Host host : hosts) {
      host.node.joined().get(30, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    super.close();
    hosts.forEach(Host::close);
  }

  @Override
  protected String bootstrap() {
    return "127.0.0.1:" + hosts.get(0).port();
  }
}
