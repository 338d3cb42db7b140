package org.bytchat.dht.config;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * How a node asks others.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if a value is out of its range; the
 * message has the name, the range and the value.
 *
 * @param parallelism α, the requests of a lookup (of each of its paths) under way; 1 to 32, default
 *     3
 * @param paths d, the disjoint paths of a lookup; 1 to 16, default 2
 * @param candidatesMax contacts that one lookup remembers; 20 to 10,000, default 200
 * @param lookupsMax lookups under way at once; 1 to 10,000, default 64
 * @param transactionsMax requests under way at once; 8 to 65,536, default 1,024
 * @param softTimeoutInitial until round-trip times are known, a request that takes longer frees its
 *     slot; 50 ms to 10 s, default 1 s
 * @param hardTimeout a request that takes longer has failed; 100 ms to 60 s, default 5 s
 * @param datagramsPerSecond requests sent a second, at the most, answers excepted; 1 to 1,000,000,
 *     default 250
 */
@API(status = API.Status.EXPERIMENTAL)
public record LookupConfig(
    int parallelism,
    int paths,
    int candidatesMax,
    int lookupsMax,
    int transactionsMax,
    Duration softTimeoutInitial,
    Duration hardTimeout,
    int datagramsPerSecond) {

  public LookupConfig {
    Checks.range("parallelism", parallelism, 1, 32);
    Checks.range("paths", paths, 1, 16);
    Checks.range("candidatesMax", candidatesMax, 20, 10_000);
    Checks.range("lookupsMax", lookupsMax, 1, 10_000);
    Checks.range("transactionsMax", transactionsMax, 8, 65_536);
    Checks.range(
        "softTimeoutInitial", softTimeoutInitial, Duration.ofMillis(50), Duration.ofSeconds(10));
    Checks.range("hardTimeout", hardTimeout, Duration.ofMillis(100), Duration.ofSeconds(60));
    Checks.range("datagramsPerSecond", datagramsPerSecond, 1, 1_000_000);
    if (softTimeoutInitial.compareTo(hardTimeout) >= 0) {
      throw new IllegalArgumentException(
          "softTimeoutInitial must be below hardTimeout: "
              + softTimeoutInitial
              + " and "
              + hardTimeout);
    }
  }

  /**
   * Returns the defaults.
   *
   * @return the defaults
   */
  public static LookupConfig defaults() {
    return new LookupConfig(3, 2, 200, 64, 1024, Duration.ofSeconds(1), Duration.ofSeconds(5), 250);
  }

  /**
   * Returns a copy with another outbound rate.
   *
   * @param perSecond the new datagramsPerSecond
   * @return the copy
   */
  public LookupConfig withDatagramsPerSecond(int perSecond) {
    return new LookupConfig(
        parallelism,
        paths,
        candidatesMax,
        lookupsMax,
        transactionsMax,
        softTimeoutInitial,
        hardTimeout,
        perSecond);
  }
}
