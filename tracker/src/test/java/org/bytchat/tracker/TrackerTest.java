package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.engine.TrackerCounter;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real tracker: TCP, Noise, signatures, SQLite. */
class TrackerTest {

  private static final int NETWORK = Keys.networkId("test");
  private static final SessionConfig SESSIONS =
      SessionConfig.defaults()
          .withOutboundBytesMax(4 << 20)
          .withPerSource(new SessionConfig.PerSource(Scope.LOCAL, 1000, 1000, 0, 1000, 0, 1, 1024));

  @TempDir private Path folder;

  private final NodeIdentity node = NodeIdentity.generate(new SecureRandom());
  private final SessionClient client = new SessionClient(SESSIONS, NETWORK);
  private final Party party = new Party(NETWORK, 2, 1);
  private Tracker tracker;

  @BeforeEach
  void start() throws Exception {
    tracker = start(TrackerConfig.defaults());
  }

  private Tracker start(TrackerConfig config) throws Exception {
    return start(config, DeviceLists.NONE);
  }

  private Tracker start(TrackerConfig config, DeviceLists lists) throws Exception {
    return Tracker.start(
        new Tracker.Setup(
            node,
            NETWORK,
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            folder.resolve("mailboxes"),
            lists,
            config,
            SESSIONS));
  }

  private void restart(TrackerConfig config) throws Exception {
    tracker.close();
    tracker = start(config);
  }

  @AfterEach
  void stop() {
    client.close();
    tracker.close();
  }

  private TrackerConnection connect() throws Exception {
    return TrackerConnection.connect(client, tracker.addresses().get(0), node.id(), Party.scheme())
        .get(10, TimeUnit.SECONDS);
  }

  private static Response ask(TrackerConnection connection, Request request) throws Exception {
    return connection.request(request).get(10, TimeUnit.SECONDS);
  }

  private TrackerConnection opened(int device) throws Exception {
    TrackerConnection connection = connect();
    Response answer =
        ask(
            connection,
            party.open(party.devices.get(device), node.id(), connection.handshakeHash()));
    assertThat(answer).isEqualTo(new Response.Opened(1, null));
    return connection;
  }

  private Receipt deposit(TrackerConnection connection, Envelope envelope) throws Exception {
    Response answer = ask(connection, party.deposit(envelope, party.contacts.get(0), node.id()));
    assertThat(answer).isInstanceOf(Response.Receipts.class);
    return ((Response.Receipts) answer).deposit();
  }

  private Envelope envelope() {
    return party.envelope(1024, System.currentTimeMillis());
  }

  /** As those of a node that is closed before its tracker. */
  @Test
  void listsThatThrow_areAsGoodAsNone() throws Exception {
    AtomicInteger readCount = new AtomicInteger();
    TrackerConfig.Times times = TrackerConfig.defaults().times();
    tracker.close();
    tracker =
        start(
            TrackerConfig.defaults()
                .withTimes(
                    new TrackerConfig.Times(
                        times.waitMax(),
                        times.confirmed(),
                        Duration.ZERO,
                        times.clockTolerance(),
                        times.sweepInterval(),
                        times.mailboxIdle())),
            owner -> {
              readCount.incrementAndGet();
              throw new IllegalStateException("the node is closed");
            });
    TrackerConnection anybody = connect();
    ask(anybody, new Request.PutDevices(party.owner, party.list()));
    ask(anybody, new Request.PutDeliveryKeys(party.deliveryKeys()));
    Envelope envelope = envelope();
    deposit(anybody, envelope);
    for (NodeIdentity device : party.devices) {
      assertThat(ask(anybody, new Request.PutAcks(party.ack(device, envelope.digest()))))
          .isEqualTo(new Response.Acked(List.of(true)));
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> readCount.get() > 0);
    assertThat(ask(anybody, new Request.Info())).isInstanceOf(Response.Info.class);
    assertThat(opened(0).fetch(new Request.Fetch(0, 100, 0)).get().envelopes()).isEmpty();
  }

  @Test
  void chain_depositFetchAcknowledgeProve_everySignatureVerifies() throws Exception {
    TrackerConnection first = opened(0);
    assertThat(ask(first, new Request.PutDeliveryKeys(party.deliveryKeys())))
        .isEqualTo(new Response.Taken(1));
    TrackerConnection sender = connect();
    Envelope envelope = envelope();

    Receipt receipt = deposit(sender, envelope);
    assertThat(receipt.verify(NETWORK, Party.scheme())).isTrue();
    assertThat(receipt.tracker()).isEqualTo(node.id());
    assertThat(receipt.content().digest()).isEqualTo(envelope.digest());
    assertThat(receipt.content().mailbox()).isEqualTo(party.mailbox());

    TrackerConnection.Page page = first.fetch(new Request.Fetch(0, 100, 0)).get();
    assertThat(page.envelopes()).containsExactly(envelope.bytes());
    NodeIdentity device = party.devices.get(0);
    assertThat(ask(first, new Request.PutAcks(party.ack(device, envelope.digest()))))
        .isEqualTo(new Response.Acked(List.of(true)));
    assertThat(first.fetch(new Request.Fetch(0, 100, 0)).get().envelopes()).isEmpty();
    assertThat(opened(1).fetch(new Request.Fetch(0, 100, 0)).get().envelopes()).hasSize(1);

    Response custody = ask(sender, new Request.Prove(party.mailbox(), envelope.digest()));
    assertThat(custody)
        .asInstanceOf(type(Response.Custody.class))
        .satisfies(
            shown -> {
              assertThat(shown.deposit()).isEqualTo(receipt);
              assertThat(shown.deletion()).isNull();
              DeviceList list = Objects.requireNonNull(shown.list());
              assertThat(list.verify(party.owner, NETWORK)).isTrue();
              assertThat(shown.proofs()).hasSize(1);
              DeviceId id = shown.proofs().get(0).device();
              byte[] key = list.device(id).orElseThrow().signingKey();
              assertThat(shown.proofs().get(0).verify(key, NETWORK, Party.scheme())).isTrue();
            });
  }

  @Test
  void restart_keepsEnvelopesListsAndKeys() throws Exception {
    ask(opened(0), new Request.PutDeliveryKeys(party.deliveryKeys()));
    Envelope envelope = envelope();
    Receipt before = deposit(connect(), envelope);
    ask(connect(), new Request.PutAcks(party.ack(party.devices.get(0), envelope.digest())));

    restart(TrackerConfig.defaults());

    assertThat(deposit(connect(), envelope)).isEqualTo(before);
    assertThat(opened(0).fetch(new Request.Fetch(0, 10, 0)).get().envelopes()).isEmpty();
    assertThat(opened(1).fetch(new Request.Fetch(0, 10, 0)).get().envelopes())
        .containsExactly(envelope.bytes());
  }

  @Test
  void deletion_afterBothDevicesAcknowledged_isReceiptedAndStaysDeleted() throws Exception {
    TrackerConfig.Times times = TrackerConfig.defaults().times();
    restart(TrackerConfig.defaults().withTimes(times.withDeletionDelay(Duration.ZERO)));
    TrackerConnection first = opened(0);
    ask(first, new Request.PutDeliveryKeys(party.deliveryKeys()));
    Envelope envelope = envelope();
    Receipt receipt = deposit(first, envelope);
    for (NodeIdentity device : party.devices) {
      ask(first, new Request.PutAcks(party.ack(device, envelope.digest())));
    }

    await()
        .untilAsserted(
            () -> assertThat(tracker.stats().get().get(TrackerCounter.DELETED)).isEqualTo(1));
    assertThat(tracker.storeStats().envelopes()).isZero();
    Response again = ask(first, party.deposit(envelope, party.contacts.get(0), node.id()));
    assertThat(again)
        .asInstanceOf(type(Response.Receipts.class))
        .satisfies(
            receipts -> {
              assertThat(receipts.deposit()).isEqualTo(receipt);
              assertThat(
                      Objects.requireNonNull(receipts.deletion()).verify(NETWORK, Party.scheme()))
                  .isTrue();
            });
    assertThat(tracker.storeStats().envelopes()).isZero();
  }

  @Test
  void fetch_waitsForADeposit() throws Exception {
    TrackerConnection device = opened(0);
    ask(device, new Request.PutDeliveryKeys(party.deliveryKeys()));
    CompletableFuture<TrackerConnection.Page> page =
        device.fetch(new Request.Fetch(0, 100, 30_000));
    await().untilAsserted(() -> assertThat(tracker.stats().get().waitingFetches()).isEqualTo(1));
    Envelope envelope = envelope();
    deposit(connect(), envelope);
    assertThat(page.get(10, TimeUnit.SECONDS).envelopes()).containsExactly(envelope.bytes());
  }

  @Test
  void fetch_ofManyLargeEnvelopes_comesInPages() throws Exception {
    TrackerConnection device = opened(0);
    ask(device, new Request.PutDeliveryKeys(party.deliveryKeys()));
    List<Envelope> sent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Envelope envelope = party.envelope(Envelope.BYTES_MAX, System.currentTimeMillis());
      deposit(device, envelope);
      sent.add(envelope);
    }
    List<byte[]> fetched = new ArrayList<>();
    long cursor = 0;
    boolean more = true;
    while (more) {
      TrackerConnection.Page page = device.fetch(new Request.Fetch(cursor, 100, 0)).get();
      assertThat(page.envelopes()).hasSizeLessThanOrEqualTo(16);
      fetched.addAll(page.envelopes());
      cursor = page.end().cursor();
      more = page.end().more();
    }
    assertThat(fetched).containsExactlyElementsOf(sent.stream().map(Envelope::bytes).toList());
  }

  @Test
  void strangers_needAStamp() throws Exception {
    opened(0);
    TrackerConnection stranger = connect();
    Response info = ask(stranger, new Request.Info());
    int bits = ((Response.Info) info).stampBits();
    Envelope envelope = envelope();
    Response easy =
        ask(
            stranger,
            new Request.Deposit(envelope, Admission.ByStamp.find(envelope, node.id(), 1)));
    assertThat(easy)
        .asInstanceOf(type(Response.Refused.class))
        .satisfies(
            refused -> {
              assertThat(refused.refusal()).isEqualTo(Refusal.STAMP);
              assertThat(refused.stampBits()).isEqualTo(bits);
            });
    Admission stamp = Admission.ByStamp.find(envelope, node.id(), bits);
    assertThat(ask(stranger, new Request.Deposit(envelope, stamp)))
        .isInstanceOf(Response.Receipts.class);
  }
}
