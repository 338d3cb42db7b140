package org.bytchat.dht.config;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * What a node keeps for others, and how.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if a value is out of its range; the
 * message has the name, the range and the value.
 *
 * @param recordBytesMax the longest record or chunk that is stored; 200 to 1,000, default 1,000
 * @param bytesMax of all items together; 64 KiB to 1 GiB, default 64 MiB
 * @param recordsMax items held, records and chunks; 1 to 1,000,000, default 50,000
 * @param sourceBytesMax of all items of one source (an IPv4 address, an IPv6 /64); 4 KiB to 1 GiB,
 *     default 1 MiB
 * @param rememberedSequencesMax sequences of records that are no longer held, remembered until
 *     clockTolerance after the record's end; 1 to 1,000,000, default 100,000
 * @param ttlMin the shortest life of a record; 1 s to 7 days, default 3 days
 * @param ttlDefault the life of what this node publishes; 1 s to 7 days, default 7 days
 * @param ttlMax the longest life of a record or chunk; 1 s to 7 days, default 7 days
 * @param clockTolerance how far ahead of the own clock a record may have been issued; 0 to 1 hour,
 *     default 10 min
 * @param replicas r, the nodes that a put goes to, and more where many are near; 1 to 20, default 5
 * @param acks w, the nodes that must have stored a put for it to have succeeded; 1 to 20, default 3
 * @param repairInterval how often it is checked whether other holders have what is held here; 1 s
 *     to 1 day, default 15 min
 * @param repairJitter a holder waits this times its rank before it pushes to a new one; 1 ms to 1
 *     hour, default 5 s
 * @param repairBytesPerSecond what repairs may send, about; 1,024 to 1,000,000,000, default 65,536
 */
@API(status = API.Status.EXPERIMENTAL)
public record StoreConfig(
    int recordBytesMax,
    int bytesMax,
    int recordsMax,
    int sourceBytesMax,
    int rememberedSequencesMax,
    Duration ttlMin,
    Duration ttlDefault,
    Duration ttlMax,
    Duration clockTolerance,
    int replicas,
    int acks,
    Duration repairInterval,
    Duration repairJitter,
    int repairBytesPerSecond) {

  public StoreConfig {
    Duration second = Duration.ofSeconds(1);
    Duration week = Duration.ofDays(7);
    Checks.range("recordBytesMax", recordBytesMax, 200, 1_000);
    Checks.range("bytesMax", bytesMax, 1 << 16, 1 << 30);
    Checks.range("recordsMax", recordsMax, 1, 1_000_000);
    Checks.range("sourceBytesMax", sourceBytesMax, 1 << 12, 1 << 30);
    Checks.range("rememberedSequencesMax", rememberedSequencesMax, 1, 1_000_000);
    Checks.range("ttlMin", ttlMin, second, week);
    Checks.range("ttlDefault", ttlDefault, second, week);
    Checks.range("ttlMax", ttlMax, second, week);
    Checks.range("clockTolerance", clockTolerance, Duration.ZERO, Duration.ofHours(1));
    Checks.range("replicas", replicas, 1, 20);
    Checks.range("acks", acks, 1, 20);
    Checks.range("repairInterval", repairInterval, second, Duration.ofDays(1));
    Checks.range("repairJitter", repairJitter, Duration.ofMillis(1), Duration.ofHours(1));
    Checks.range("repairBytesPerSecond", repairBytesPerSecond, 1_024, 1_000_000_000);
    if (ttlMin.compareTo(ttlDefault) > 0 || ttlDefault.compareTo(ttlMax) > 0) {
      throw new IllegalArgumentException(
          "ttlMin, ttlDefault and ttlMax must not fall: %s, %s and %s"
              .formatted(ttlMin, ttlDefault, ttlMax));
    }
    if (acks > replicas) {
      throw new IllegalArgumentException(
          "acks must not be above replicas: " + acks + " and " + replicas);
    }
  }

  /**
   * Returns the defaults.
   *
   * @return the defaults
   */
  public static StoreConfig defaults() {
    return new StoreConfig(
        1_000,
        64 << 20,
        50_000,
        1 << 20,
        100_000,
        Duration.ofDays(3),
        Duration.ofDays(7),
        Duration.ofDays(7),
        Duration.ofMinutes(10),
        5,
        3,
        Duration.ofMinutes(15),
        Duration.ofSeconds(5),
        65_536);
  }

  /**
   * Returns a copy with other limits of space.
   *
   * @param bytes the new bytesMax
   * @param records the new recordsMax
   * @param sourceBytes the new sourceBytesMax
   * @param rememberedSequences the new rememberedSequencesMax
   * @return the copy
   */
  public StoreConfig withSpace(int bytes, int records, int sourceBytes, int rememberedSequences) {
    return new StoreConfig(
        recordBytesMax,
        bytes,
        records,
        sourceBytes,
        rememberedSequences,
        ttlMin,
        ttlDefault,
        ttlMax,
        clockTolerance,
        replicas,
        acks,
        repairInterval,
        repairJitter,
        repairBytesPerSecond);
  }

  /**
   * Returns a copy with other lifetimes.
   *
   * @param min the new ttlMin
   * @param byDefault the new ttlDefault
   * @param max the new ttlMax
   * @return the copy
   */
  public StoreConfig withTtl(Duration min, Duration byDefault, Duration max) {
    return new StoreConfig(
        recordBytesMax,
        bytesMax,
        recordsMax,
        sourceBytesMax,
        rememberedSequencesMax,
        min,
        byDefault,
        max,
        clockTolerance,
        replicas,
        acks,
        repairInterval,
        repairJitter,
        repairBytesPerSecond);
  }

  /**
   * Returns a copy with other numbers of holders.
   *
   * @param holders the new replicas
   * @param needed the new acks
   * @return the copy
   */
  public StoreConfig withReplicas(int holders, int needed) {
    return new StoreConfig(
        recordBytesMax,
        bytesMax,
        recordsMax,
        sourceBytesMax,
        rememberedSequencesMax,
        ttlMin,
        ttlDefault,
        ttlMax,
        clockTolerance,
        holders,
        needed,
        repairInterval,
        repairJitter,
        repairBytesPerSecond);
  }

  /**
   * Returns a copy with other times of repair.
   *
   * @param interval the new repairInterval
   * @param jitter the new repairJitter
   * @return the copy
   */
  public StoreConfig withRepair(Duration interval, Duration jitter) {
    return new StoreConfig(
        recordBytesMax,
        bytesMax,
        recordsMax,
        sourceBytesMax,
        rememberedSequencesMax,
        ttlMin,
        ttlDefault,
        ttlMax,
        clockTolerance,
        replicas,
        acks,
        interval,
        jitter,
        repairBytesPerSecond);
  }
}
