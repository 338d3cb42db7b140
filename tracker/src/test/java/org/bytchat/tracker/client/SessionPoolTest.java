package org.bytchat.tracker.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.MailNetwork;
import org.bytchat.tracker.Party;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with a real tracker. */
class SessionPoolTest {

  private static final long IDLE_NANOS = Duration.ofSeconds(90).toNanos();

  @TempDir private Path folder;

  private final SessionClient client =
      new SessionClient(SessionConfig.defaults(), MailNetwork.NETWORK_ID);
  private @Nullable MailNetwork started;

  @BeforeEach
  void start() throws Exception {
    started = new MailNetwork(2, folder);
  }

  @AfterEach
  void stop() {
    client.close();
    Objects.requireNonNull(started).close();
  }

  private SessionPool pool(int sessionsMax, long askMillis) {
    return new SessionPool(
        client, Party.scheme(), new SessionPool.Limits(sessionsMax, IDLE_NANOS, askMillis));
  }

  private Contact tracker() {
    MailNetwork.Host host = Objects.requireNonNull(started).hosts.get(0);
    return Contact.of(host.node.id(), Endpoint.ofIpv4(0x7f000001, host.port()), Services.TRACKER);
  }

  private SessionPool.Key key(int mailbox, boolean isOwner) {
    return new SessionPool.Key(tracker().id(), NodeId.of(0, 0, mailbox), isOwner);
  }

  /** Uses a session till the future completes; returns when it is open, or not used any more. */
  private TrackerConnection hold(SessionPool pool, SessionPool.Key key, CompletableFuture<?> until)
      throws Exception {
    CompletableFuture<TrackerConnection> opened = new CompletableFuture<>();
    CompletableFuture<TrackerConnection> use =
        pool.use(
            tracker(),
            key,
            60_000,
            connection -> {
              opened.complete(connection);
              return until.thenApply(unused -> connection);
            });
    return until.isDone() ? use.get(10, TimeUnit.SECONDS) : opened.get(10, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  @Test
  void use_allSessionsInUse_failsAndIsCounted() throws Exception {
    SessionPool pool = pool(2, 30_000);
    CompletableFuture<Void> first = new CompletableFuture<>();
    TrackerConnection one = hold(pool, key(1, true), first);
    CompletableFuture<Void> second = new CompletableFuture<>();
    TrackerConnection other = hold(pool, key(2, true), second);
    assertThatThrownBy(() -> hold(pool, key(3, true), done()))
        .cause()
        .isInstanceOf(TrackerException.class)
        .hasMessageContaining("too many sessions");
    assertThat(pool.refusedCount()).isEqualTo(1);
    assertThat(hold(pool, key(1, true), done())).as("shared by uses").isSameAs(one);
    assertThat(pool.size()).isEqualTo(2);

    first.complete(null);
    assertThat(hold(pool, key(3, true), done())).isNotSameAs(one);
    assertThat(pool.size()).isEqualTo(2);
    await().atMost(Duration.ofSeconds(10)).until(() -> !one.isOpen());
    assertThat(other.isOpen()).as("who is used stays").isTrue();
    assertThat(pool.refusedCount()).isEqualTo(1);
    pool.close();
  }

  @Test
  void use_noRoomAndSeveralIdle_closesTheOneThatWasIdleLongest() throws Exception {
    SessionPool pool = pool(2, 30_000);
    TrackerConnection one = hold(pool, key(1, true), done());
    TrackerConnection two = hold(pool, key(2, true), done());
    assertThat(hold(pool, key(1, true), done())).isSameAs(one);
    hold(pool, key(3, true), done());
    await().atMost(Duration.ofSeconds(10)).until(() -> !two.isOpen());
    assertThat(one.isOpen()).isTrue();
    pool.close();
  }

  @Test
  void sweep_idleForLong_closesWhatNobodyUses() throws Exception {
    SessionPool pool = pool(10, 30_000);
    TrackerConnection idle = hold(pool, key(1, false), done());
    CompletableFuture<Void> until = new CompletableFuture<>();
    TrackerConnection used = hold(pool, key(2, false), until);
    pool.sweep(System.nanoTime());
    assertThat(pool.size()).isEqualTo(2);
    pool.sweep(System.nanoTime() + IDLE_NANOS + 1_000_000_000L);
    assertThat(pool.size()).isEqualTo(1);
    await().atMost(Duration.ofSeconds(10)).until(() -> !idle.isOpen());
    assertThat(used.isOpen()).isTrue();
    pool.close();
  }

  @Test
  void use_noAnswerInTime_failsAndClosesTheSession() throws Exception {
    SessionPool pool = pool(10, 300);
    TrackerConnection open = hold(pool, key(1, false), done());
    CompletableFuture<Void> use =
        pool.use(tracker(), key(1, false), 0, connection -> new CompletableFuture<>());
    assertThatThrownBy(() -> use.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TimeoutException.class);
    await().atMost(Duration.ofSeconds(10)).until(() -> !open.isOpen());
    assertThat(pool.size()).isZero();
    pool.close();
  }

  @Test
  void closeOwners_bothKinds_leavesTheOthers() throws Exception {
    SessionPool pool = pool(10, 30_000);
    TrackerConnection owner = hold(pool, key(1, true), done());
    TrackerConnection other = hold(pool, key(1, false), done());
    pool.closeOwners();
    await().atMost(Duration.ofSeconds(10)).until(() -> !owner.isOpen());
    assertThat(other.isOpen()).isTrue();
    assertThat(pool.size()).isEqualTo(1);
    pool.close();
  }

  @Test
  void close_sessionsOpen_endsThemAndOpensNoOther() throws Exception {
    SessionPool pool = pool(10, 30_000);
    TrackerConnection connection = hold(pool, key(1, false), new CompletableFuture<Void>());
    pool.close();
    await().atMost(Duration.ofSeconds(10)).until(() -> !connection.isOpen());
    assertThatThrownBy(() -> hold(pool, key(1, false), done()))
        .hasCauseInstanceOf(TrackerException.class);
    assertThat(pool.size()).isZero();
    assertThat(pool.refusedCount()).as("it is closed, not full").isZero();
  }
}
