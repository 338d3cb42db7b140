package org.bytchat.dht.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loops start, run what they are given, and end without a trace. */
@Timeout(60)
class DhtRuntimeTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void start_withoutThreads_isRefused() {
    assertThatThrownBy(() -> DhtRuntime.start(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DhtRuntime.start(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nextLoop_always_takesTurns() {
    try (DhtRuntime runtime = DhtRuntime.start(3, 1)) {
      List<NodeLoop> first = List.of(runtime.nextLoop(), runtime.nextLoop(), runtime.nextLoop());
      assertThat(first).doesNotHaveDuplicates();
      assertThat(List.of(runtime.nextLoop(), runtime.nextLoop(), runtime.nextLoop()))
          .isEqualTo(first);
    }
  }

  @Test
  void execute_taskThrows_goesOn() throws Exception {
    try (DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      NodeLoop loop = runtime.nextLoop();
      CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
      assertThat(
              loop.execute(
                  () -> {
                    throw new IllegalStateException("thrown by a test");
                  }))
          .isTrue();
      assertThat(loop.execute(() -> onLoop.complete(loop.isLoopThread()))).isTrue();
      assertThat(onLoop.get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(loop.isLoopThread()).isFalse();
    }
  }

  @Test
  void execute_mailboxFull_refusesTheRest() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch run = new CountDownLatch(16_384);
    CompletableFuture<Boolean> blocked = new CompletableFuture<>();
    try (DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      NodeLoop loop = runtime.nextLoop();
      loop.execute(
          () -> {
            blocked.complete(true);
            awaitQuietly(release);
          });
      blocked.get(30, TimeUnit.SECONDS);
      for (int i = 0; i < 16_384; i++) {
        assertThat(loop.execute(run::countDown)).isTrue();
      }
      assertThat(loop.execute(run::countDown)).isFalse();
      assertThat(loop.isRunning()).isTrue();
      release.countDown();
      assertThat(run.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void close_loopBlocked_returnsAllTheSame() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Boolean> blocked = new CompletableFuture<>();
    CompletableFuture<Boolean> waiting = new CompletableFuture<>();
    DhtRuntime runtime = DhtRuntime.start(1, 1);
    NodeLoop loop = runtime.nextLoop();
    loop.execute(
        () -> {
          blocked.complete(true);
          awaitQuietly(release);
        });
    blocked.get(30, TimeUnit.SECONDS);
    loop.execute(() -> waiting.complete(true));
    runtime.close();
    assertThat(loop.isRunning()).isFalse();
    assertThat(loop.execute(() -> {})).isFalse();
    release.countDown();
    assertThat(waiting.get(30, TimeUnit.SECONDS)).as("what was taken is run").isTrue();
    runtime.close();
  }

  @Test
  void close_twoRuntimesEachOnTheOthersLoop_bothEnd() throws Exception {
    DhtRuntime a = DhtRuntime.start(1, 1);
    DhtRuntime b = DhtRuntime.start(1, 1);
    CountDownLatch both = new CountDownLatch(2);
    NodeLoop loopA = a.nextLoop();
    NodeLoop loopB = b.nextLoop();
    loopA.execute(() -> closeWhenBoth(both, b));
    loopB.execute(() -> closeWhenBoth(both, a));
    assertThat(both.await(30, TimeUnit.SECONDS)).isTrue();
    await().atMost(LONG).until(() -> loopA.hasEnded() && loopB.hasEnded());
  }

  private static void closeWhenBoth(CountDownLatch both, DhtRuntime runtime) {
    both.countDown();
    awaitQuietly(both);
    runtime.close();
  }

  @Test
  void close_aThousandRuntimes_keepsNoBufferOfThem() {
    DhtRuntime.start(1, 1).close();
    long before = PlatformDependent.usedDirectMemory();
    for (int i = 0; i < 1_000; i++) {
      DhtRuntime.start(1, 1).close();
    }
    assertThat(PlatformDependent.usedDirectMemory() - before).isLessThanOrEqualTo(1 << 16);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody released the loop");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("a loop was interrupted", e);
    }
  }
}
