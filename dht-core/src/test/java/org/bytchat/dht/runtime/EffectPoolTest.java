package org.bytchat.dht.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.testkit.TestContacts;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each effect gets exactly one result, whatever becomes of it. */
@Timeout(60)
class EffectPoolTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** One being performed, and a full queue. */
  private static final int SLOW_MAX = 1 + 1024;

  @TempDir Path folder;

  private final EffectPool pool = new EffectPool(1);
  private final NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
  private final Endpoint host = TestContacts.endpoint(1);

  @AfterEach
  void shutDown() {
    pool.shutDown();
  }

  @Test
  void perform_eachKind_givesItsResult() throws Exception {
    byte[] statement = "statement".getBytes(StandardCharsets.UTF_8);
    List<Contact> contacts = List.of(TestContacts.contact(NodeId.ZERO, host));
    try (StateFolder state = StateFolder.open(folder)) {
      EffectPool.Performer performer = performer(() -> List.of(host), state);
      Effect.Result signed = result(new Effect.Sign(1, statement), performer);
      assertThat(signed).isInstanceOf(Effect.Signed.class);
      byte[] signature = ((Effect.Signed) signed).signature();
      assertThat(
              result(new Effect.Verify(2, identity.publicKey(), statement, signature), performer))
          .isEqualTo(new Effect.Verified(true));
      signature[5] ^= 1;
      assertThat(
              result(new Effect.Verify(3, identity.publicKey(), statement, signature), performer))
          .isEqualTo(new Effect.Verified(false));
      assertThat(result(new Effect.ResolveBootstrap(4), performer))
          .isEqualTo(new Effect.Resolved(List.of(host)));
      assertThat(result(new Effect.KeepContacts(5, contacts), performer))
          .isEqualTo(new Effect.Kept());
      assertThat(state.readContacts()).isEqualTo(contacts);
    }
    assertThat(result(new Effect.KeepContacts(6, contacts), performer(List::of, null)))
        .as("without a folder there is nothing to do")
        .isEqualTo(new Effect.Kept());
  }

  @Test
  void perform_recordWrites_keepsThemInOrder() throws Exception {
    List<StoreChange> changes =
        IntStream.range(0, 200)
            .mapToObj(i -> (StoreChange) new StoreChange.Remove(NodeId.of(0, 0, i)))
            .toList();
    try (StateFolder state = StateFolder.open(folder)) {
      assertThat(state.readRecords()).isEmpty();
      EffectPool.Performer performer = performer(List::of, state);
      Queue<Effect.Result> results = new ConcurrentLinkedQueue<>();
      pool.perform(
          new Effect.KeepRecords(1, () -> changes.subList(0, 100)), performer, results::add);
      for (int i = 100; i < changes.size(); i++) {
        List<StoreChange> one = changes.subList(i, i + 1);
        pool.perform(new Effect.AppendChanges(i, one), performer, results::add);
      }
      await().atMost(LONG).until(() -> results.size() == 101);
      assertThat(results).containsOnly(new Effect.Kept());
      assertThat(state.readRecords()).isEqualTo(changes);
    }
  }

  @Test
  void perform_recordsCannotBeWritten_failsUntilTheyAreKeptAnew() throws Exception {
    List<StoreChange> changes = List.of(new StoreChange.Remove(NodeId.ZERO));
    EffectPool.Performer performer;
    try (StateFolder state = StateFolder.open(folder)) {
      assertThat(state.readRecords()).isEmpty();
      performer = performer(List::of, state);
      Files.delete(folder.resolve("records.log"));
      assertThat(result(new Effect.AppendChanges(1, changes), performer))
          .isEqualTo(new Effect.Failed());
      assertThat(result(new Effect.KeepRecords(2, () -> changes), performer))
          .isEqualTo(new Effect.Kept());
      assertThat(result(new Effect.AppendChanges(3, changes), performer))
          .isEqualTo(new Effect.Kept());
    }
    assertThat(result(new Effect.AppendChanges(4, changes), performer))
        .as("after the end there is nothing to do")
        .isEqualTo(new Effect.Kept());
    try (StateFolder state = StateFolder.open(folder)) {
      assertThat(state.readRecords()).hasSize(2);
    }
  }

  /** A name server that does not answer must not hold up what is to survive a kill. */
  @Test
  void perform_namesHang_writesAllTheSame() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    EffectPool.Performer blocked =
        performer(
            () -> {
              try {
                return release.await(30, TimeUnit.SECONDS) ? List.of(host) : List.of();
              } catch (InterruptedException e) {
                return List.of();
              }
            },
            null);
    CompletableFuture<Effect.Result> resolved = new CompletableFuture<>();
    pool.perform(new Effect.ResolveBootstrap(1), blocked, resolved::complete);
    try (StateFolder state = StateFolder.open(folder)) {
      assertThat(state.readRecords()).isEmpty();
      assertThat(result(new Effect.KeepRecords(2, List::of), performer(List::of, state)))
          .isEqualTo(new Effect.Kept());
    }
    release.countDown();
    assertThat(resolved.get(30, TimeUnit.SECONDS)).isEqualTo(new Effect.Resolved(List.of(host)));
  }

  @Test
  void perform_throws_failsAndTheNextIsPerformed() throws Exception {
    EffectPool.Performer broken =
        performer(
            () -> {
              throw new IllegalStateException("thrown by a test");
            },
            null);
    EffectPool.Performer worse =
        performer(
            () -> {
              throw new AssertionError("thrown by a test");
            },
            null);
    assertThat(result(new Effect.ResolveBootstrap(1), broken)).isEqualTo(new Effect.Failed());
    assertThat(result(new Effect.ResolveBootstrap(2), worse)).isEqualTo(new Effect.Failed());
    assertThat(result(new Effect.ResolveBootstrap(3), performer(List::of, null)))
        .isEqualTo(new Effect.Resolved(List.of()));
  }

  @Test
  void perform_queueFull_failsAtOnceAndTheOthersArePerformed() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Boolean> begun = new CompletableFuture<>();
    EffectPool.Performer blocked =
        performer(
            () -> {
              begun.complete(true);
              try {
                return release.await(30, TimeUnit.SECONDS) ? List.of(host) : List.of();
              } catch (InterruptedException e) {
                return List.of();
              }
            },
            null);
    Queue<Effect.Result> results = new ConcurrentLinkedQueue<>();
    pool.perform(new Effect.ResolveBootstrap(0), blocked, results::add);
    begun.get(30, TimeUnit.SECONDS);
    for (int i = 1; i < SLOW_MAX + 10; i++) {
      pool.perform(new Effect.ResolveBootstrap(i), blocked, results::add);
    }
    assertThat(results).hasSize(10).containsOnly(new Effect.Failed());
    assertThat(result(new Effect.Sign(1, new byte[1]), blocked))
        .as("signatures do not wait for names")
        .isInstanceOf(Effect.Signed.class);
    results.clear();
    release.countDown();
    await().atMost(LONG).until(() -> results.size() == SLOW_MAX);
    assertThat(results).containsOnly(new Effect.Resolved(List.of(host)));
  }

  @Test
  void perform_afterShutDown_fails() throws Exception {
    pool.shutDown();
    for (Effect effect : List.of(new Effect.Sign(1, new byte[1]), new Effect.ResolveBootstrap(2))) {
      assertThat(result(effect, performer(List::of, null))).isEqualTo(new Effect.Failed());
    }
  }

  private EffectPool.Performer performer(EffectPool.Hosts hosts, @Nullable StateFolder state) {
    return new EffectPool.Performer(identity, hosts, state);
  }

  private Effect.Result result(Effect effect, EffectPool.Performer performer) throws Exception {
    CompletableFuture<Effect.Result> result = new CompletableFuture<>();
    pool.perform(effect, performer, result::complete);
    return result.get(30, TimeUnit.SECONDS);
  }
}
