package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.client.DeliverySigner;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailListener;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.quorum.InboxEvent;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.session.SessionConfig;
import org.jspecify.annotations.Nullable;

/** Real trackers on loopback, an owner with two devices, and their clients and a sender's. */
public final class MailNetwork implements AutoCloseable {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String NETWORK = "mail-test";
  public static final int NETWORK_ID = Keys.networkId(NETWORK);
  public static final Duration LONG = Duration.ofSeconds(60);

  public final Party bob = new Party(NETWORK_ID, 2, 1);
  public final NodeIdentity deliveryKey = bob.contacts.get(0);
  public final List<Host> hosts = new ArrayList<>();
  private final Path folder;
  private final List<DhtNode> nodes = new ArrayList<>();
  private final List<MailClient> clients = new CopyOnWriteArrayList<>();

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

  /** An application. */
  public static class Application implements MailListener {
    public final Map<Digest, Integer> received = new ConcurrentHashMap<>();
    public final List<OutboxEvent> outbox = new CopyOnWriteArrayList<>();
    public final List<InboxEvent> inbox = new CopyOnWriteArrayList<>();
    public volatile boolean isReady = true;

    @Override
    public CompletionStage<Boolean> onEnvelope(Envelope envelope) {
      if (isReady) {
        received.merge(envelope.digest(), 1, Integer::sum);
      }
      return CompletableFuture.completedFuture(isReady);
    }

    @Override
    public void onOutbox(OutboxEvent event) {
      outbox.add(event);
    }

    @Override
    public void onInbox(InboxEvent event) {
      inbox.add(event);
    }
  }

  public MailNetwork(int trackerCount, Path folder) throws Exception {
    this.folder = folder;
    for (int i = 0; i < trackerCount; i++) {
      hosts.add(new Host(i == 0 ? null : hosts.get(0).port()));
    }
    for (Host host : hosts) {
      host.node.joined().get(30, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    clients.forEach(MailClient::close);
    nodes.forEach(DhtNode::close);
    hosts.forEach(Host::close);
  }

  public DhtNode node() throws Exception {
    DhtNode made =
        DhtNode.builder()
            .config(DhtConfig.defaults().withNetwork(NETWORK).withReadOnly(true))
            .bind(new InetSocketAddress(LOOPBACK, 0))
            .bootstrap("127.0.0.1:" + hosts.get(0).port())
            .build()
            .start();
    nodes.add(made);
    made.joined().get(30, TimeUnit.SECONDS);
    return made;
  }

  public static QuorumConfig config() {
    QuorumConfig base = QuorumConfig.defaults();
    QuorumConfig.OutboxTimes times = base.outboxTimes();
    return base.withOutboxTimes(
        new QuorumConfig.OutboxTimes(
            times.lookup(),
            Duration.ofMillis(500),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(4),
            times.clockTolerance()));
  }

  /** Opens a client that the network closes at the end. */
  public MailClient open(MailClient.Setup setup) throws Exception {
    return openAsIs(setup.withConfig(config()));
  }

  public MailClient openAsIs(MailClient.Setup setup) throws Exception {
    MailClient client = MailClient.open(setup);
    clients.add(client);
    return client;
  }

  public MailClient.Setup sender(DhtNode node, Application application) {
    return sender(node, application, "sender.db");
  }

  public MailClient.Setup sender(DhtNode node, Application application, String file) {
    DeliverySigner signer =
        (key, statement) ->
            Arrays.equals(key, deliveryKey.publicKey()) ? deliveryKey.sign(statement) : null;
    return MailClient.Setup.of(node, NETWORK_ID, folder.resolve(file), signer, application);
  }

  public MailClient.Setup device(DhtNode node, int device, Application application) {
    NodeIdentity key = bob.devices.get(device);
    return MailClient.Setup.of(
            node,
            NETWORK_ID,
            folder.resolve("device" + device + ".db"),
            DeliverySigner.NONE,
            application)
        .withAccount(
            new MailClient.Account(
                bob.owner, Party.id(key), bob.list(), bob.deliveryKeys(), key::sign));
  }

  public Parcel parcel() {
    return new Parcel(bob.envelope(1024, System.currentTimeMillis()), deliveryKey.publicKey());
  }

  public static void awaitOpen(MailClient device, int count) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(device.openTrackers().get(10, TimeUnit.SECONDS))
                    .hasSizeGreaterThanOrEqualTo(count));
  }

  public static void awaitReceived(Application application, Digest digest) {
    await().atMost(LONG).untilAsserted(() -> assertThat(application.received).containsKey(digest));
  }
}
