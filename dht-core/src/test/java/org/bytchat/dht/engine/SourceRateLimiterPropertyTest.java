package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Shrinker;
import org.junit.jupiter.api.Test;

/** Against a naive bucket of tokens for each source. */
class SourceRateLimiterPropertyTest {

  private static final long INTERVAL = 1_000;
  private static final int BURST = 5;

  /** So few that each finds a place of its own. */
  private static final int SOURCES = 6;

  private record Request(int source, long afterNanos) {}

  /** Tokens in units of a nanosecond's worth, so that nothing is rounded. */
  private static final class Naive {

    private final Map<Integer, long[]> buckets = new LinkedHashMap<>();

    boolean tryAcquire(int source, long now) {
      long full = BURST * INTERVAL;
      long[] bucket = buckets.computeIfAbsent(source, unused -> new long[] {full, now});
      bucket[0] = Math.min(full, bucket[0] + now - bucket[1]);
      bucket[1] = now;
      if (bucket[0] < INTERVAL) {
        return false;
      }
      bucket[0] -= INTERVAL;
      return true;
    }
  }

  @SeededTest(runs = 50)
  void tryAcquire_fewSources_likeTheNaiveOne(long seed) {
    Random random = Seeds.random(seed);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      long pause = random.nextInt(20) == 0 ? random.nextInt(10_000) : random.nextInt(300);
      requests.add(new Request(random.nextInt(SOURCES), pause));
    }
    Shrinker.check(requests, list -> run(seed, list));
  }

  private static void run(long seed, List<Request> requests) {
    SourceRateLimiter limiter = new SourceRateLimiter(INTERVAL, BURST, 1024, false);
    Naive naive = new Naive();
    long now = -seed >> 8;
    for (Request request : requests) {
      now += request.afterNanos;
      assertThat(limiter.tryAcquire(source(request.source, (int) now & 0xfff), now))
          .isEqualTo(naive.tryAcquire(request.source, now));
    }
  }

  private static Endpoint source(int number, int port) {
    // Half of them IPv6, of which each /64 is one source.
    return number % 2 == 0
        ? Endpoint.ofIpv4(0x01020300 + number, port)
        : Endpoint.ofIpv6(0x20010000_00000000L + number, port * 77L, port);
  }

  @Test
  void tryAcquire_byEndpoint_portsAreSourcesOfTheirOwn() {
    SourceRateLimiter limiter = new SourceRateLimiter(INTERVAL, 1, 1024, true);
    for (int port = 1; port <= 20; port++) {
      assertThat(limiter.tryAcquire(Endpoint.ofIpv4(0x7f000001, port), 0)).isTrue();
    }
    for (int port = 1; port <= 20; port++) {
      assertThat(limiter.tryAcquire(Endpoint.ofIpv4(0x7f000001, port), 0)).isFalse();
    }
  }

  @Test
  void tryAcquire_noLimit_isAlwaysTrue() {
    SourceRateLimiter limiter = new SourceRateLimiter(0, 1, 64, false);
    for (int i = 0; i < 100_000; i++) {
      assertThat(limiter.tryAcquire(source(0, 1), 0)).isTrue();
    }
  }

  /**
   * More sources than places: memory stays, and of the sources that come again and again most are
   * still held to their limit; none is ever held to less than it may.
   */
  @SeededTest(runs = 5)
  void tryAcquire_moreSourcesThanPlaces_neverStricterThanTheNaiveOne(long seed) {
    Random random = Seeds.random(seed);
    SourceRateLimiter limiter = new SourceRateLimiter(INTERVAL, BURST, 256, false);
    Naive naive = new Naive();
    int refused = 0;
    int refusedByBoth = 0;
    for (int i = 0; i < 100_000; i++) {
      int number = 2 * (random.nextInt(3) == 0 ? random.nextInt(10_000) : random.nextInt(10));
      long now = i * 20L;
      boolean allowed = naive.tryAcquire(number, now);
      boolean taken = limiter.tryAcquire(source(number, 1), now);
      assertThat(taken || !allowed).as("request %s of %s", i, number).isTrue();
      refused += allowed ? 0 : 1;
      refusedByBoth += allowed || taken ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(30_000);
    assertThat(refusedByBoth).isGreaterThan(refused * 9 / 10);
  }

  @Test
  void tryAcquire_aMillionSources_takesNoMoreThanItsPlaces() {
    SourceRateLimiter limiter = new SourceRateLimiter(INTERVAL, BURST, 8192, false);
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(limiter.tryAcquire(Endpoint.ofIpv4(i * 7919, 1), 0)).isTrue();
    }
    assertThat(limiter.capacity()).isEqualTo(8192);
  }
}
