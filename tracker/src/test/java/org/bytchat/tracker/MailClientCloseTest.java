package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.bytchat.dht.DhtNode;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailException;
import org.bytchat.tracker.client.Sending;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.quorum.OutboxEngine;
import org.bytchat.tracker.quorum.OutboxEvent;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a client that is closed loses nothing, hangs nobody and leaves nothing behind. */
class MailClientCloseTest {

  private static final int TRACKERS = 3;

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

  /** An application that answers when it is told to. */
  private static final class Slow extends MailUsers.Application {
    final CompletableFuture<Boolean> answer = new CompletableFuture<>();
    final CompletableFuture<Envelope> given = new CompletableFuture<>();

    @Override
    public CompletionStage<Boolean> onEnvelope(Envelope envelope) {
      given.complete(envelope);
      return answer;
    }
  }

  /** An application whose first call of some kind waits, on the client's thread. */
  private static class Blocking extends MailUsers.Application {
    final CountDownLatch isEntered = new CountDownLatch(1);
    final CountDownLatch mayReturn = new CountDownLatch(1);
    final AtomicBoolean isInterrupted = new AtomicBoolean();

    @Override
    public void onOutbox(OutboxEvent event) {
      super.onOutbox(event);
      if (event instanceof OutboxEvent.Queued) {
        isEntered.countDown();
        Uninterruptibles.awaitUninterruptibly(mayReturn);
        isInterrupted.set(Thread.interrupted());
      }
    }
  }

  private MailClient sender(DhtNode node, MailUsers.Application app) throws Exception {
    return network().open(network().sender(node, app));
  }

  private MailClient phone(DhtNode node, MailUsers.Application app) throws Exception {
    MailClient phone = network().open(network().device(node, 0, app));
    MailUsers.awaitOpen(phone, TRACKERS);
    return phone;
  }

  /** A sender of a parcel that the trackers have. */
  private Parcel deposited() throws Exception {
    MailClient sender = sender(network().node(), new MailUsers.Application());
    Parcel parcel = network().parcel();
    sender.send(parcel).deposited().get(60, TimeUnit.SECONDS);
    return parcel;
  }

  /** All that was sent before a marker has come when the marker has. */
  private void assertOnlyNewComes(DhtNode node) throws Exception {
    MailUsers.Application again = new MailUsers.Application();
    phone(node, again);
    MailClient sender =
        network()
            .open(network().sender(network().node(), new MailUsers.Application(), "marker.db"));
    Parcel marker = network().parcel();
    sender.send(marker);
    MailUsers.awaitReceived(again, marker.digest());
    assertThat(again.received).containsOnlyKeys(marker.digest());
  }

  private static void assertClosed(CompletableFuture<?> future) {
    assertThatThrownBy(() -> future.get(5, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            MailException.class,
            e -> assertThat(e.reason()).isEqualTo(MailException.Reason.CLOSED));
  }

  private static List<String> clientThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.equals("bytchat-mail") || name.startsWith("bytchat-mail-"))
        .toList();
  }

  @Test
  void close_envelopeWasAccepted_doesNotComeAgain() throws Exception {
    DhtNode node = network().node();
    Slow app = new Slow();
    MailClient phone = phone(node, app);
    Parcel parcel = deposited();
    assertThat(app.given.get(60, TimeUnit.SECONDS).digest()).isEqualTo(parcel.digest());
    app.answer.complete(true);
    phone.close();
    assertOnlyNewComes(node);
  }

  @Test
  void close_callerIsInterrupted_losesNothingAndStaysInterrupted() throws Exception {
    DhtNode node = network().node();
    Slow app = new Slow();
    MailClient phone = phone(node, app);
    deposited();
    app.given.get(60, TimeUnit.SECONDS);
    app.answer.complete(true);
    Thread.currentThread().interrupt();
    phone.close();
    assertThat(Thread.interrupted()).isTrue();
    assertOnlyNewComes(node);
  }

  @Test
  void close_envelopeIsNotAnswered_comesAgain() throws Exception {
    DhtNode node = network().node();
    Slow app = new Slow();
    MailClient phone = phone(node, app);
    Parcel parcel = deposited();
    app.given.get(60, TimeUnit.SECONDS);
    phone.close();
    app.answer.complete(true);
    MailUsers.Application again = new MailUsers.Application();
    phone(node, again);
    MailUsers.awaitReceived(again, parcel.digest());
  }

  @Test
  void close_byTheListener_returnsAtOnceAndNotesWhatWasAccepted() throws Exception {
    DhtNode node = network().node();
    AtomicReference<MailClient> self = new AtomicReference<>();
    AtomicBoolean isInterrupted = new AtomicBoolean();
    MailUsers.Application app =
        new MailUsers.Application() {
          @Override
          public CompletionStage<Boolean> onEnvelope(Envelope envelope) {
            Objects.requireNonNull(self.get()).close();
            isInterrupted.set(Thread.currentThread().isInterrupted());
            return super.onEnvelope(envelope);
          }
        };
    self.set(phone(node, app));
    Parcel parcel = deposited();
    MailUsers.awaitReceived(app, parcel.digest());
    assertThat(isInterrupted).isFalse();
    // Open in this thread only when the other has let the file go.
    await()
        .atMost(MailUsers.LONG)
        .ignoreExceptionsInstanceOf(StoreException.class)
        .until(
            () -> {
              MailClient.open(network().device(node, 0, app)).close();
              return true;
            });
    assertOnlyNewComes(node);
  }

  @Test
  void close_listenerHangs_endsAllTheSame() throws Exception {
    DhtNode node = network().node();
    Blocking app = new Blocking();
    MailClient sender = sender(node, app);
    Parcel parcel = network().parcel();
    Sending sending = sender.send(parcel);
    assertThat(app.isEntered.await(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<List<OutboxEngine.Standing>> standings = sender.standings();
    sender.close();
    assertClosed(sending.deposited());
    assertClosed(standings);
    assertClosed(sender.standings());
    MailClient again = sender(node, new MailUsers.Application());
    assertThat(again.standings().get(10, TimeUnit.SECONDS)).hasSize(1);
    app.mayReturn.countDown();
    assertThat(again.standings().get(10, TimeUnit.SECONDS).get(0).parcel()).isEqualTo(parcel);
  }

  @Test
  void close_whileTheListenerIsTold_waitsAndDoesNotInterruptIt() throws Exception {
    Blocking app = new Blocking();
    MailClient sender = sender(network().node(), app);
    Sending sending = sender.send(network().parcel());
    assertThat(app.isEntered.await(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(sender::close);
    await().atMost(MailUsers.LONG).until(() -> sender.standings().isCompletedExceptionally());
    app.mayReturn.countDown();
    closed.get(10, TimeUnit.SECONDS);
    assertThat(app.isInterrupted).isFalse();
    assertThat(sending.queued()).isCompleted();
    assertClosed(sending.deposited());
  }

  @Test
  void close_twiceByTwoThreads_bothReturnWhenItHasEnded() throws Exception {
    DhtNode node = network().node();
    MailClient sender = sender(node, new MailUsers.Application());
    sender.send(network().parcel()).queued().get(30, TimeUnit.SECONDS);
    CompletableFuture<Void> other = CompletableFuture.runAsync(sender::close);
    sender.close();
    MailClient.open(network().sender(node, new MailUsers.Application())).close();
    other.get(10, TimeUnit.SECONDS);
    sender.close();
  }

  @Test
  void close_whenItHasFailed_canBeOpenedAgainAtOnce() throws Exception {
    DhtNode node = network().node();
    MailUsers.Application broken =
        new MailUsers.Application() {
          @Override
          public void onOutbox(OutboxEvent event) {
            throw new AssertionError("the application's");
          }
        };
    MailClient sender = sender(node, broken);
    CompletableFuture<MailClient> next =
        sender
            .failure()
            .thenApply(
                fault -> {
                  sender.close();
                  try {
                    return sender(node, new MailUsers.Application());
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                });
    Parcel parcel = network().parcel();
    sender.send(parcel);
    MailClient again = next.get(30, TimeUnit.SECONDS);
    assertThat(again.standings().get(10, TimeUnit.SECONDS).get(0).parcel()).isEqualTo(parcel);
  }

  @Test
  void close_atOnceAfterOpen_losesNothing() throws Exception {
    DhtNode node = network().node();
    MailClient sender = sender(node, new MailUsers.Application());
    Parcel parcel = network().parcel();
    sender.send(parcel).queued().get(30, TimeUnit.SECONDS);
    sender.close();
    for (int i = 0; i < 5; i++) {
      MailClient.open(network().sender(node, new MailUsers.Application())).close();
    }
    MailClient again = sender(node, new MailUsers.Application());
    assertThat(again.standings().get(10, TimeUnit.SECONDS).get(0).parcel()).isEqualTo(parcel);
  }

  @Test
  void close_stampIsLookedFor_stopsAndLeavesNoThread() throws Exception {
    assertThat(clientThreads()).isEmpty();
    QuorumConfig config = MailUsers.config();
    MailClient sender =
        network()
            .openAsIs(
                network()
                    .sender(network().node(), new MailUsers.Application())
                    // So hard that nobody finds it in a lifetime.
                    .withConfig(
                        config.withOutbox(
                            new QuorumConfig.Outbox(10, 1 << 20, 8, 8, 1, 40, 40, 10))));
    sender.send(new Parcel(network().parcel().envelope(), null)).queued().get(30, TimeUnit.SECONDS);
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(() -> assertThat(clientThreads()).contains("bytchat-mail-stamps"));
    long beganNanos = System.nanoTime();
    sender.close();
    assertThat(Duration.ofNanos(System.nanoTime() - beganNanos)).isLessThan(Duration.ofSeconds(4));
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(clientThreads()).isEmpty());
  }

  @Test
  void client_threadIsInterruptedByTheListener_goesOn() throws Exception {
    MailUsers.Application rude =
        new MailUsers.Application() {
          @Override
          public void onOutbox(OutboxEvent event) {
            Thread.currentThread().interrupt();
          }
        };
    phone(network().node(), new MailUsers.Application());
    MailClient sender = sender(network().node(), rude);
    for (int i = 0; i < 3; i++) {
      sender.send(network().parcel()).deposited().get(30, TimeUnit.SECONDS);
    }
    assertThat(sender.failure()).isNotDone();
  }

  @Test
  void close_interruptLeftByTheListener_isNoFault() throws Exception {
    Blocking app =
        new Blocking() {
          @Override
          public void onOutbox(OutboxEvent event) {
            super.onOutbox(event);
            Thread.currentThread().interrupt();
          }
        };
    MailClient sender = sender(network().node(), app);
    sender.send(network().parcel());
    assertThat(app.isEntered.await(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(sender::close);
    await().atMost(MailUsers.LONG).until(() -> sender.standings().isCompletedExceptionally());
    app.mayReturn.countDown();
    closed.get(10, TimeUnit.SECONDS);
    assertThat(sender.failure()).isNotDone();
  }
}
