package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.Published;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.client.DeliverySigner;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailException;
import org.bytchat.tracker.client.MailListener;
import org.bytchat.tracker.client.Sending;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.quorum.InboxEvent;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.session.SessionConfig;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seven real trackers on loopback, a sender, and an owner with two devices. */
class MailClientTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String NETWORK = "mail-test";
  private static final int NETWORK_ID = Keys.networkId(NETWORK);
  private static final int TRACKERS = 7;
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path folder;

  private final Party bob = new Party(NETWORK_ID, 2, 1);
  private final NodeIdentity deliveryKey = bob.contacts.get(0);
  private final List<Host> hosts = new ArrayList<>();
  private final List<DhtNode> nodes = new ArrayList<>();
  private final List<MailClient> clients = new ArrayList<>();

  /** A tracker and its node. */
  private static final class Host implements AutoCloseable {
    final DhtNode node;
    private volatile @Nullable Tracker tracker;

    Host(@Nullable Integer bootstrapPort) throws Exception {
      var builder =
          DhtNode.builder()
              .config(DhtConfig.defaults().withNetwork(NETWORK).withAssumeReachable(true))
              .bind(new InetSocketAddress(LOOPBACK, 0))
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
                          new SessionConfig.PerSource(Scope.LOCAL, 1000, 1000, 0, 1000, 1024))));
    }

    private CompletionStage<DhtService.Outcome> serve(DhtService.Query query) {
      Tracker running = tracker;
      return running == null
          ? CompletableFuture.completedFuture(new DhtService.Refused(ErrorCode.BUSY, "starting"))
          : running.serve(query);
    }

    int port() {
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
  private static class Application implements MailListener {
    final Map<Digest, Integer> received = new ConcurrentHashMap<>();
    final List<OutboxEvent> outbox = new CopyOnWriteArrayList<>();
    final List<InboxEvent> inbox = new CopyOnWriteArrayList<>();
    volatile boolean isReady = true;

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

  @BeforeEach
  void start() throws Exception {
    for (int i = 0; i < TRACKERS; i++) {
      hosts.add(new Host(i == 0 ? null : hosts.get(0).port()));
    }
    for (Host host : hosts) {
      host.node.joined().get(30, TimeUnit.SECONDS);
    }
  }

  @AfterEach
  void stop() {
    clients.forEach(MailClient::close);
    nodes.forEach(DhtNode::close);
    hosts.forEach(Host::close);
  }

  private DhtNode node() throws Exception {
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

  private static QuorumConfig config() {
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

  private MailClient open(MailClient.Setup setup) throws Exception {
    MailClient client = MailClient.open(setup.withConfig(config()));
    clients.add(client);
    return client;
  }

  private MailClient.Setup sender(DhtNode node, Application application) {
    DeliverySigner signer =
        (key, statement) ->
            Arrays.equals(key, deliveryKey.publicKey()) ? deliveryKey.sign(statement) : null;
    return MailClient.Setup.of(node, NETWORK_ID, folder.resolve("sender.db"), signer, application);
  }

  private MailClient.Setup device(DhtNode node, int device, Application application) {
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

  private Parcel parcel() {
    return new Parcel(bob.envelope(1024, System.currentTimeMillis()), deliveryKey.publicKey());
  }

  private static void awaitOpen(MailClient device, int count) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(device.openTrackers().get(10, TimeUnit.SECONDS))
                    .hasSizeGreaterThanOrEqualTo(count));
  }

  private static void awaitReceived(Application application, Digest digest) {
    await().atMost(LONG).untilAsserted(() -> assertThat(application.received).containsKey(digest));
  }

  @Test
  void mail_twoDevices_isDepositedFetchedAcknowledgedAndProven() throws Exception {
    Application phoneApp = new Application();
    MailClient phone = open(device(node(), 0, phoneApp));
    awaitOpen(phone, TRACKERS);
    Application laptopApp = new Application();
    MailClient laptop = open(device(node(), 1, laptopApp));
    awaitOpen(laptop, TRACKERS);
    MailClient sender = open(sender(node(), new Application()));
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(phoneApp.inbox.stream().filter(InboxEvent.Unavailable.class::isInstance))
                    .isEmpty());

    Parcel parcel = parcel();
    Sending sending = sender.send(parcel);
    sending.queued().get(30, TimeUnit.SECONDS);
    List<Receipt> receipts = sending.deposited().get(60, TimeUnit.SECONDS);
    assertThat(receipts.stream().map(Receipt::tracker).distinct().toList())
        .hasSizeGreaterThanOrEqualTo(3)
        .hasSameSizeAs(receipts);
    assertThat(receipts).allMatch(one -> one.verify(NETWORK_ID, Party.scheme()));
    awaitReceived(phoneApp, parcel.digest());
    awaitReceived(laptopApp, parcel.digest());
    OutboxEvent.Delivered delivered = sending.delivered().get(60, TimeUnit.SECONDS);
    assertThat(bob.devices)
        .anyMatch(one -> delivered.proof().verify(one.publicKey(), NETWORK_ID, Party.scheme()));
    assertThat(phoneApp.received.values()).containsOnly(1);
    assertThat(laptopApp.received.values()).containsOnly(1);
    assertThat(sender.standings().get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void mail_threeOfFiveTrackersClosed_stillArrives() throws Exception {
    Application app = new Application();
    DhtNode phoneNode = node();
    MailClient phone = open(device(phoneNode, 0, app));
    awaitOpen(phone, TRACKERS);
    NodeId mailbox = bob.mailbox();
    MailClient sender = open(sender(node(), new Application()));
    Application unready = app;
    unready.isReady = false;
    Parcel parcel = parcel();
    sender.send(parcel).deposited().get(60, TimeUnit.SECONDS);
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(sender.standings().get(10, TimeUnit.SECONDS).get(0).receipts())
                    .hasSize(5));
    phone.close();
    hosts.stream()
        .sorted((one, other) -> mailbox.compareDistance(one.node.id(), other.node.id()))
        .limit(3)
        .forEach(Host::close);

    Application again = new Application();
    open(device(phoneNode, 0, again));
    awaitReceived(again, parcel.digest());
    Parcel second = parcel();
    Sending sending = sender.send(second);
    assertThat(sending.deposited().get(60, TimeUnit.SECONDS)).hasSizeGreaterThanOrEqualTo(3);
    awaitReceived(again, second.digest());
  }

  @Test
  void client_closedInTheMiddle_goesOnFromItsFile() throws Exception {
    DhtNode senderNode = node();
    MailClient sender = open(sender(senderNode, new Application()));
    Parcel parcel = parcel();
    Sending sending = sender.send(parcel);
    sending.queued().get(30, TimeUnit.SECONDS);
    // Nobody has brought the delivery keys to the trackers: it cannot have been deposited.
    sender.close();
    assertThatThrownBy(() -> sending.deposited().get(1, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);

    Application app = new Application();
    DhtNode phoneNode = node();
    MailClient phone = open(device(phoneNode, 0, app));
    awaitOpen(phone, TRACKERS);
    Application log = new Application();
    MailClient reopened = open(sender(senderNode, log));
    awaitReceived(app, parcel.digest());
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(log.outbox).anyMatch(OutboxEvent.Delivered.class::isInstance));
    assertThat(reopened.standings().get(10, TimeUnit.SECONDS)).isEmpty();

    phone.close();
    Application after = new Application();
    MailClient second = open(device(phoneNode, 0, after));
    awaitOpen(second, TRACKERS);
    Parcel next = parcel();
    reopened.send(next);
    awaitReceived(after, next.digest());
    assertThat(after.received).containsOnlyKeys(next.digest());
  }

  @Test
  void open_fileInUse_isRefusedByName() throws Exception {
    DhtNode node = node();
    open(sender(node, new Application()));
    assertThatThrownBy(() -> MailClient.open(sender(node, new Application())))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("sender.db")
        .hasMessageContaining("in use");
  }

  @Test
  void publishDevices_aList_isReadByTrackers() throws Exception {
    DhtNode node = node();
    try (Published published =
        MailClient.publishDevices(node, bob.key, bob.owner, bob.list()).get(60, TimeUnit.SECONDS)) {
      assertThat(published.result().stored()).isPositive();
      assertThat(
              DeviceLists.of(hosts.get(3).node)
                  .read(bob.owner)
                  .toCompletableFuture()
                  .get(30, TimeUnit.SECONDS))
          .contains(bob.list());
    }
  }

  @Test
  void client_listenerHasAnError_endsAndSaysSo() throws Exception {
    AssertionError fault = new AssertionError("the application's");
    Application broken =
        new Application() {
          @Override
          public void onOutbox(OutboxEvent event) {
            throw fault;
          }
        };
    MailClient sender = open(sender(node(), broken));
    Sending sending = sender.send(parcel());
    assertThat(sender.failure().get(30, TimeUnit.SECONDS)).isSameAs(fault);
    assertThatThrownBy(() -> sending.deposited().get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);
    assertThatThrownBy(() -> sender.send(parcel()).queued().get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);
    assertThatThrownBy(() -> sender.standings().get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);
  }

  @Test
  void deposit_signerHasAnError_isTriedAgain() throws Exception {
    MailClient phone = open(device(node(), 0, new Application()));
    awaitOpen(phone, TRACKERS);
    AtomicInteger calls = new AtomicInteger();
    DeliverySigner signer =
        (key, statement) -> {
          if (calls.getAndIncrement() < 10) {
            throw new StackOverflowError("the application's");
          }
          return deliveryKey.sign(statement);
        };
    Application app = new Application();
    MailClient sender =
        open(MailClient.Setup.of(node(), NETWORK_ID, folder.resolve("faulty.db"), signer, app));
    Sending sending = sender.send(parcel());
    assertThat(sending.deposited().get(60, TimeUnit.SECONDS)).hasSizeGreaterThanOrEqualTo(3);
    assertThat(calls.get()).isGreaterThan(10);
  }

  @Test
  void refresh_open_takesNewSessionsAndStaysOpen() throws Exception {
    Application app = new Application();
    MailClient phone = open(device(node(), 0, app));
    awaitOpen(phone, TRACKERS);
    long opened = app.inbox.stream().filter(InboxEvent.Opened.class::isInstance).count();
    phone.refresh();
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(app.inbox.stream().filter(InboxEvent.Opened.class::isInstance).count())
                    .isGreaterThanOrEqualTo(opened + TRACKERS));
    awaitOpen(phone, TRACKERS);
  }
}
