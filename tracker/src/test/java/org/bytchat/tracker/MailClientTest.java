package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.Published;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.client.DeliverySigner;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailException;
import org.bytchat.tracker.client.Sending;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.quorum.InboxEvent;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seven real trackers on loopback, a sender, and an owner with two devices. */
class MailClientTest {

  private static final int TRACKERS = 7;

  @TempDir private Path folder;

  private @Nullable MailNetwork started;

  @BeforeEach
  void start() throws Exception {
    started = new MailNetwork(TRACKERS, folder);
  }

  @AfterEach
  void stop() {
    network().close();
  }

  private MailNetwork network() {
    return Objects.requireNonNull(started);
  }

  @Test
  void mail_twoDevices_isDepositedFetchedAcknowledgedAndProven() throws Exception {
    MailUsers.Application phoneApp = new MailUsers.Application();
    MailClient phone = network().open(network().device(network().node(), 0, phoneApp));
    MailUsers.awaitOpen(phone, TRACKERS);
    MailUsers.Application laptopApp = new MailUsers.Application();
    MailClient laptop = network().open(network().device(network().node(), 1, laptopApp));
    MailUsers.awaitOpen(laptop, TRACKERS);
    MailClient sender =
        network().open(network().sender(network().node(), new MailUsers.Application()));
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(
            () ->
                assertThat(phoneApp.inbox.stream().filter(InboxEvent.Unavailable.class::isInstance))
                    .isEmpty());

    Parcel parcel = network().parcel();
    Sending sending = sender.send(parcel);
    sending.queued().get(30, TimeUnit.SECONDS);
    List<Receipt> receipts = sending.deposited().get(60, TimeUnit.SECONDS);
    assertThat(receipts.stream().map(Receipt::tracker).distinct().toList())
        .hasSizeGreaterThanOrEqualTo(3)
        .hasSameSizeAs(receipts);
    assertThat(receipts).allMatch(one -> one.verify(MailNetwork.NETWORK_ID, Party.scheme()));
    MailUsers.awaitReceived(phoneApp, parcel.digest());
    MailUsers.awaitReceived(laptopApp, parcel.digest());
    OutboxEvent.Delivered delivered = sending.delivered().get(60, TimeUnit.SECONDS);
    assertThat(network().bob.devices)
        .anyMatch(
            one ->
                delivered.proof().verify(one.publicKey(), MailNetwork.NETWORK_ID, Party.scheme()));
    assertThat(phoneApp.received.values()).containsOnly(1);
    assertThat(laptopApp.received.values()).containsOnly(1);
    assertThat(sender.standings().get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void mail_threeOfFiveTrackersClosed_stillArrives() throws Exception {
    MailUsers.Application app = new MailUsers.Application();
    DhtNode phoneNode = network().node();
    MailClient phone = network().open(network().device(phoneNode, 0, app));
    MailUsers.awaitOpen(phone, TRACKERS);
    NodeId mailbox = network().bob.mailbox();
    MailClient sender =
        network().open(network().sender(network().node(), new MailUsers.Application()));
    MailUsers.Application unready = app;
    unready.isReady = false;
    Parcel parcel = network().parcel();
    sender.send(parcel).deposited().get(60, TimeUnit.SECONDS);
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(
            () ->
                assertThat(sender.standings().get(10, TimeUnit.SECONDS).get(0).receipts())
                    .hasSize(5));
    phone.close();
    network().hosts.stream()
        .sorted((one, other) -> mailbox.compareDistance(one.node.id(), other.node.id()))
        .limit(3)
        .forEach(MailNetwork.Host::close);

    MailUsers.Application again = new MailUsers.Application();
    network().open(network().device(phoneNode, 0, again));
    MailUsers.awaitReceived(again, parcel.digest());
    Parcel second = network().parcel();
    Sending sending = sender.send(second);
    assertThat(sending.deposited().get(60, TimeUnit.SECONDS)).hasSizeGreaterThanOrEqualTo(3);
    MailUsers.awaitReceived(again, second.digest());
  }

  @Test
  void client_closedInTheMiddle_goesOnFromItsFile() throws Exception {
    DhtNode senderNode = network().node();
    MailClient sender = network().open(network().sender(senderNode, new MailUsers.Application()));
    Parcel parcel = network().parcel();
    Sending sending = sender.send(parcel);
    sending.queued().get(30, TimeUnit.SECONDS);
    // Nobody has brought the delivery keys to the trackers: it cannot have been deposited.
    sender.close();
    assertThatThrownBy(() -> sending.deposited().get(1, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);

    MailUsers.Application app = new MailUsers.Application();
    DhtNode phoneNode = network().node();
    MailClient phone = network().open(network().device(phoneNode, 0, app));
    MailUsers.awaitOpen(phone, TRACKERS);
    MailUsers.Application log = new MailUsers.Application();
    MailClient reopened = network().open(network().sender(senderNode, log));
    MailUsers.awaitReceived(app, parcel.digest());
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(
            () -> assertThat(log.outbox).anyMatch(OutboxEvent.Delivered.class::isInstance));
    assertThat(reopened.standings().get(10, TimeUnit.SECONDS)).isEmpty();

    phone.close();
    MailUsers.Application after = new MailUsers.Application();
    MailClient second = network().open(network().device(phoneNode, 0, after));
    MailUsers.awaitOpen(second, TRACKERS);
    Parcel next = network().parcel();
    reopened.send(next);
    MailUsers.awaitReceived(after, next.digest());
    assertThat(after.received).containsOnlyKeys(next.digest());
  }

  @Test
  void open_fileInUse_isRefusedByName() throws Exception {
    DhtNode node = network().node();
    network().open(network().sender(node, new MailUsers.Application()));
    assertThatThrownBy(() -> MailClient.open(network().sender(node, new MailUsers.Application())))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("sender.db")
        .hasMessageContaining("in use");
  }

  @Test
  void publishDevices_aList_isReadByTrackers() throws Exception {
    DhtNode node = network().node();
    try (Published published =
        MailClient.publishDevices(
                node, network().bob.key, network().bob.owner, network().bob.list())
            .get(60, TimeUnit.SECONDS)) {
      assertThat(published.result().stored()).isPositive();
      assertThat(
              DeviceLists.of(network().hosts.get(3).node)
                  .read(network().bob.owner)
                  .toCompletableFuture()
                  .get(30, TimeUnit.SECONDS))
          .contains(network().bob.list());
    }
  }

  @Test
  void client_listenerHasAnError_endsAndSaysSo() throws Exception {
    AssertionError fault = new AssertionError("the application's");
    MailUsers.Application broken =
        new MailUsers.Application() {
          @Override
          public void onOutbox(OutboxEvent event) {
            throw fault;
          }
        };
    MailClient sender = network().open(network().sender(network().node(), broken));
    Sending sending = sender.send(network().parcel());
    assertThat(sender.failure().get(30, TimeUnit.SECONDS)).isSameAs(fault);
    assertThatThrownBy(() -> sending.deposited().get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);
    assertThatThrownBy(() -> sender.send(network().parcel()).queued().get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);
    assertThatThrownBy(() -> sender.standings().get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(MailException.class);
  }

  @Test
  void deposit_signerHasAnError_isTriedAgain() throws Exception {
    MailClient phone =
        network().open(network().device(network().node(), 0, new MailUsers.Application()));
    MailUsers.awaitOpen(phone, TRACKERS);
    AtomicInteger calls = new AtomicInteger();
    DeliverySigner signer =
        (key, statement) -> {
          if (calls.getAndIncrement() < 10) {
            throw new StackOverflowError("the application's");
          }
          return network().deliveryKey.sign(statement);
        };
    MailUsers.Application app = new MailUsers.Application();
    MailClient sender =
        network()
            .open(
                MailClient.Setup.of(
                    network().node(),
                    MailNetwork.NETWORK_ID,
                    folder.resolve("faulty.db"),
                    signer,
                    app));
    Sending sending = sender.send(network().parcel());
    assertThat(sending.deposited().get(60, TimeUnit.SECONDS)).hasSizeGreaterThanOrEqualTo(3);
    assertThat(calls.get()).isGreaterThan(10);
  }

  @Test
  void account_olderListAfterARestart_isNotBroughtBack() throws Exception {
    MailUsers.Application app = new MailUsers.Application();
    DhtNode node = network().node();
    MailClient phone = network().open(network().device(node, 0, app));
    MailUsers.awaitOpen(phone, TRACKERS);
    DeviceList newer = network().bob.listWithoutTheSecond();
    phone.setDeviceList(newer).get(10, TimeUnit.SECONDS);
    phone.close();

    MailUsers.Application again = new MailUsers.Application();
    MailClient reopened = network().open(network().device(node, 0, again));
    MailUsers.awaitOpen(reopened, TRACKERS);
    // Trackers that had nothing of a newer list would have let the revoked device in.
    MailUsers.Application revoked = new MailUsers.Application();
    network().open(network().device(network().node(), 1, revoked));
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(
            () ->
                assertThat(revoked.inbox)
                    .filteredOn(InboxEvent.Unavailable.class::isInstance)
                    .extracting(event -> ((InboxEvent.Unavailable) event).refusal())
                    .filteredOn(refusal -> refusal == Refusal.NOT_LISTED)
                    .hasSizeGreaterThanOrEqualTo(TRACKERS));
    assertThat(again.inbox).noneMatch(InboxEvent.NewerList.class::isInstance);
  }

  @Test
  void account_otherListOfTheSameVersionAfterARestart_theFirstIsUsed() throws Exception {
    MailClient.Setup setup = network().device(network().node(), 0, new MailUsers.Application());
    MailClient phone = network().open(setup);
    MailUsers.awaitOpen(phone, TRACKERS);
    phone.close();

    MailUsers.Application again = new MailUsers.Application();
    MailClient.Account account = Objects.requireNonNull(setup.account());
    MailClient.Setup forked =
        network()
            .device(setup.node(), 0, again)
            .withAccount(
                new MailClient.Account(
                    account.owner(),
                    account.device(),
                    network().bob.otherList(),
                    account.keys(),
                    account.signer()));
    // With the other one no tracker would open a session.
    MailUsers.awaitOpen(network().open(forked), TRACKERS);
    assertThat(again.inbox).noneMatch(InboxEvent.Unavailable.class::isInstance);
  }

  @Test
  void refresh_open_takesNewSessionsAndStaysOpen() throws Exception {
    MailUsers.Application app = new MailUsers.Application();
    MailClient phone = network().open(network().device(network().node(), 0, app));
    MailUsers.awaitOpen(phone, TRACKERS);
    long opened = app.inbox.stream().filter(InboxEvent.Opened.class::isInstance).count();
    phone.refresh().get(10, TimeUnit.SECONDS);
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(
            () ->
                assertThat(app.inbox.stream().filter(InboxEvent.Opened.class::isInstance).count())
                    .isGreaterThanOrEqualTo(opened + TRACKERS));
    MailUsers.awaitOpen(phone, TRACKERS);
  }
}
