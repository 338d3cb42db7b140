package org.bytchat.dht.config;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * How a node keeps its routing table. Memory: at most 160 × (bucketSize + replacementCacheSize)
 * contacts of about 100 bytes in theory, log2(network size / bucketSize) buckets in practice.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if a value is out of its range; the
 * message has the name, the range and the value.
 *
 * @param bucketSize k, the contacts of a bucket and of an answer; 1 to 44, default 20
 * @param replacementCacheSize candidates kept for a full bucket; 0 to 64, default 8
 * @param subnetPerBucket contacts of one /24 (IPv6: /48) in a bucket that are not the first to give
 *     way; 1 to 44, default 1
 * @param subnetPerTable the same for the whole table; 1 to 1,000, default 1
 * @param networkPerTable contacts of one /16 (IPv6: /32) in the table; 1 to 10,000, default 8
 * @param refreshInterval a bucket without a refreshing lookup for so long gets one, a thin one that
 *     grows after a quarter of it, and the own id too; 1 s to 1 day, default 15 min
 * @param staleAfter a contact not heard of for so long is pinged; 1 s to 1 day, default 15 min
 * @param pingInterval the least time between two pings of stale contacts, with jitter, so the most
 *     idle traffic is one ping in this time, and two while a contact fails; 100 ms to 1 h, default
 *     5 s
 * @param evictAfterFailures a contact that failed to answer so often in a row is evicted, if others
 *     answer; 1 to 20, default 3
 * @param keepInterval how often the contacts are kept for the node's next life; 1 s to 1 day,
 *     default 5 min
 */
@API(status = API.Status.EXPERIMENTAL)
public record RoutingConfig(
    int bucketSize,
    int replacementCacheSize,
    int subnetPerBucket,
    int subnetPerTable,
    int networkPerTable,
    Duration refreshInterval,
    Duration staleAfter,
    Duration pingInterval,
    int evictAfterFailures,
    Duration keepInterval) {

  public RoutingConfig {
    Checks.range("bucketSize", bucketSize, 1, 44);
    Checks.range("replacementCacheSize", replacementCacheSize, 0, 64);
    Checks.range("subnetPerBucket", subnetPerBucket, 1, 44);
    Checks.range("subnetPerTable", subnetPerTable, 1, 1000);
    Checks.range("networkPerTable", networkPerTable, 1, 10_000);
    Checks.range("refreshInterval", refreshInterval, Duration.ofSeconds(1), Duration.ofDays(1));
    Checks.range("staleAfter", staleAfter, Duration.ofSeconds(1), Duration.ofDays(1));
    Checks.range("pingInterval", pingInterval, Duration.ofMillis(100), Duration.ofHours(1));
    Checks.range("evictAfterFailures", evictAfterFailures, 1, 20);
    Checks.range("keepInterval", keepInterval, Duration.ofSeconds(1), Duration.ofDays(1));
  }

  /**
   * Returns the defaults.
   *
   * @return the defaults
   */
  public static RoutingConfig defaults() {
    return new RoutingConfig(
        20,
        8,
        1,
        1,
        8,
        Duration.ofMinutes(15),
        Duration.ofMinutes(15),
        Duration.ofSeconds(5),
        3,
        Duration.ofMinutes(5));
  }

  /**
   * Returns a copy with other periods, for tests and laboratories.
   *
   * @param refresh the new refreshInterval
   * @param stale the new staleAfter
   * @param ping the new pingInterval
   * @return the copy
   */
  public RoutingConfig withPeriods(Duration refresh, Duration stale, Duration ping) {
    return new RoutingConfig(
        bucketSize,
        replacementCacheSize,
        subnetPerBucket,
        subnetPerTable,
        networkPerTable,
        refresh,
        stale,
        ping,
        evictAfterFailures,
        keepInterval);
  }

  /**
   * Returns a copy with buckets of another size.
   *
   * @param size the new bucketSize
   * @return the copy
   */
  public RoutingConfig withBucketSize(int size) {
    return new RoutingConfig(
        size,
        replacementCacheSize,
        subnetPerBucket,
        subnetPerTable,
        networkPerTable,
        refreshInterval,
        staleAfter,
        pingInterval,
        evictAfterFailures,
        keepInterval);
  }

  /**
   * Returns a copy that keeps its contacts at another interval.
   *
   * @param interval the new keepInterval
   * @return the copy
   */
  public RoutingConfig withKeepInterval(Duration interval) {
    return new RoutingConfig(
        bucketSize,
        replacementCacheSize,
        subnetPerBucket,
        subnetPerTable,
        networkPerTable,
        refreshInterval,
        staleAfter,
        pingInterval,
        evictAfterFailures,
        interval);
  }
}
