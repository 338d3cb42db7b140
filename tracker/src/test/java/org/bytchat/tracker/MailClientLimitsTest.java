package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailException;
import org.bytchat.tracker.client.Sending;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.quorum.OutboxEngine;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.quorum.QuorumCounter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limits of a client, with two trackers: fewer than a deposit needs. */
class MailClientLimitsTest {

  private static final int TRACKERS = 2;

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

  private static QuorumConfig with(int ordersMax, int sessionsMax, Duration deliverTimeout) {
    return MailUsers.config()
        .withDriver(
            new QuorumConfig.Driver(
                ordersMax,
                sessionsMax,
                Duration.ofSeconds(90),
                Duration.ofSeconds(30),
                deliverTimeout));
  }

  @Test
  void orders_moreThanMayWait_areRefusedAtOnceAndCounted() throws Exception {
    CountDownLatch isEntered = new CountDownLatch(1);
    CountDownLatch mayReturn = new CountDownLatch(1);
    MailUsers.Application app =
        new MailUsers.Application() {
          @Override
          public void onOutbox(OutboxEvent event) {
            isEntered.countDown();
            try {
              mayReturn.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    MailClient sender =
        network()
            .openAsIs(
                network()
                    .sender(network().node(), app)
                    .withConfig(with(4, 256, Duration.ofMinutes(1))));
    sender.send(network().parcel());
    assertThat(isEntered.await(30, TimeUnit.SECONDS)).isTrue();
    List<CompletableFuture<List<OutboxEngine.Standing>>> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      waiting.add(sender.standings());
    }
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    Sending refused = sender.send(network().parcel());
    for (CompletableFuture<?> future : List.of(refused.queued(), refused.delivered())) {
      assertBusy(future);
    }
    assertBusy(sender.cancel(refused.digest()));
    assertThat(sender.load().ordersRefusedCount()).isEqualTo(2);
    assertThat(sender.load().ordersWaitingCount()).isEqualTo(4);
    mayReturn.countDown();
    for (CompletableFuture<List<OutboxEngine.Standing>> future : waiting) {
      assertThat(future.get(10, TimeUnit.SECONDS)).hasSize(1);
    }
    assertThat(sender.load().ordersWaitingCount()).isZero();
    sender.send(network().parcel()).queued().get(30, TimeUnit.SECONDS);
  }

  private static void assertBusy(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    assertThatThrownBy(future::join)
        .cause()
        .isInstanceOfSatisfying(
            MailException.class, e -> assertThat(e.reason()).isEqualTo(MailException.Reason.BUSY));
  }

  @Test
  void deliver_applicationDoesNotAnswer_comesAgainAfterTheTimeout() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CompletableFuture<Boolean> never = new CompletableFuture<>();
    MailUsers.Application app =
        new MailUsers.Application() {
          @Override
          public CompletionStage<Boolean> onEnvelope(Envelope envelope) {
            return calls.incrementAndGet() == 1 ? never : super.onEnvelope(envelope);
          }
        };
    MailClient phone =
        network()
            .openAsIs(
                network()
                    .device(network().node(), 0, app)
                    .withConfig(with(1_024, 256, Duration.ofMillis(300))));
    MailUsers.awaitOpen(phone, TRACKERS);
    MailClient sender =
        network().open(network().sender(network().node(), new MailUsers.Application()));
    Parcel parcel = network().parcel();
    Sending sending = sender.send(parcel);
    MailUsers.awaitReceived(app, parcel.digest());
    assertThat(calls).hasValue(2);
    assertThat(phone.count(QuorumCounter.REJECTED).get(10, TimeUnit.SECONDS)).isEqualTo(1);
    sending.delivered().get(60, TimeUnit.SECONDS);
    assertThat(never).as("the application's own future is left alone").isNotDone();
    assertThat(app.received.values()).containsOnly(1);
  }

  @Test
  void deposited_fewerReceiptsThanNeeded_completesWhenItIsDelivered() throws Exception {
    MailUsers.Application app = new MailUsers.Application();
    app.isReady = false;
    MailClient phone = network().open(network().device(network().node(), 0, app));
    MailUsers.awaitOpen(phone, TRACKERS);
    MailUsers.Application log = new MailUsers.Application();
    MailClient sender = network().open(network().sender(network().node(), log));
    Parcel parcel = network().parcel();
    Sending sending = sender.send(parcel);
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(
            () ->
                assertThat(sender.standings().get(10, TimeUnit.SECONDS).get(0).receipts())
                    .hasSize(TRACKERS));
    assertThat(sending.deposited()).isNotDone();
    app.isReady = true;
    OutboxEvent.Delivered delivered = sending.delivered().get(60, TimeUnit.SECONDS);
    assertThat(sending.deposited()).isCompletedWithValue(delivered.receipts());
    assertThat(delivered.receipts().stream().map(Receipt::tracker))
        .containsExactlyInAnyOrderElementsOf(
            network().hosts.stream().map(host -> host.node.id()).toList());
    assertThat(log.outbox).noneMatch(OutboxEvent.Deposited.class::isInstance);
  }

  @Test
  void sessions_allInUse_othersAreTriedAgain() throws Exception {
    MailUsers.Application app = new MailUsers.Application();
    MailClient phone =
        network()
            .openAsIs(
                network()
                    .device(network().node(), 0, app)
                    .withConfig(with(1_024, 1, Duration.ofMinutes(1))));
    // One session, which a fetch uses for most of the time: the other tracker has none.
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(() -> assertThat(phone.load().sessionsRefusedCount()).isPositive());
    assertThat(phone.load().sessionCount()).isEqualTo(1);
    MailUsers.awaitOpen(phone, 1);
    MailClient sender =
        network().open(network().sender(network().node(), new MailUsers.Application()));
    Parcel parcel = network().parcel();
    sender.send(parcel);
    MailUsers.awaitReceived(app, parcel.digest());
  }
}
