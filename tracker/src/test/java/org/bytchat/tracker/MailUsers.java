package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
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
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.tracker.client.DeliverySigner;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailListener;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.quorum.InboxEvent;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumConfig;

/** An owner with two devices, who has given a sender a delivery key, and the clients of all. */
public abstract class MailUsers implements AutoCloseable {

  public static final Duration LONG = Duration.ofSeconds(60);
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  public final Party bob;
  public final NodeIdentity deliveryKey;
  private final String network;
  private final int networkId;
  private final Path folder;
  private final List<DhtNode> nodes = new ArrayList<>();
  private final List<MailClient> clients = new CopyOnWriteArrayList<>();

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

  protected MailUsers(String network, Path folder) {
    this.network = network;
    this.networkId = Keys.networkId(network);
    this.folder = folder;
    this.bob = new Party(networkId, 2, 1);
    this.deliveryKey = bob.contacts.get(0);
  }

  /** Where a node joins the network, HOST:PORT. */
  protected abstract String bootstrap();

  @Override
  public void close() {
    clients.forEach(MailClient::close);
    nodes.forEach(DhtNode::close);
  }

  public DhtNode node() throws Exception {
    DhtNode made =
        DhtNode.builder()
            .config(DhtConfig.defaults().withNetwork(network).withReadOnly(true))
            .bind(new InetSocketAddress(LOOPBACK, 0))
            .bootstrap(bootstrap())
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
    return MailClient.Setup.of(node, networkId, folder.resolve(file), signer, application);
  }

  public MailClient.Setup device(DhtNode node, int device, Application application) {
    NodeIdentity key = bob.devices.get(device);
    return MailClient.Setup.of(
            node,
            networkId,
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
