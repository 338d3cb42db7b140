package org.bytchat.dht.config;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * What strangers may cost a node.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if a value is out of its range; the
 * message has the name, the range and the value.
 *
 * @param requestsPerSecond queries a second that one source (an IPv4 address, an IPv6 /64) may ask;
 *     0 for no limit, else up to 1,000,000, default 200
 * @param requestsBurst queries at once that one source may ask; 1 to 1,000,000, default 400
 * @param trackedSources sources whose rate is remembered, 16 bytes each; 64 to 1,048,576, default
 *     8,192
 * @param pendingVerificationsMax contacts that wait for a verifying ping, half of which may be such
 *     that only asked us something; 1 to 65,536, default 4,096
 * @param pendingEffectsMax signatures, verifications and other effects under way; 1 to 65,536,
 *     default 1,024
 * @param proofsPerSecond proofs of the own id signed a second, a tenth of them for one source, and
 *     as many again for those who show a token; 0 to 100,000, default 100
 * @param forwardInterval how often one source may have us send a third node to it; 1 s to 1 day,
 *     default 1 min
 * @param tokenRotation a token is good for one to two of these; 1 s to 1 day, default 5 min
 */
@API(status = API.Status.EXPERIMENTAL)
public record LimitsConfig(
    int requestsPerSecond,
    int requestsBurst,
    int trackedSources,
    int pendingVerificationsMax,
    int pendingEffectsMax,
    int proofsPerSecond,
    Duration forwardInterval,
    Duration tokenRotation) {

  public LimitsConfig {
    Checks.range("requestsPerSecond", requestsPerSecond, 0, 1_000_000);
    Checks.range("requestsBurst", requestsBurst, 1, 1_000_000);
    Checks.range("trackedSources", trackedSources, 64, 1 << 20);
    Checks.range("pendingVerificationsMax", pendingVerificationsMax, 1, 65_536);
    Checks.range("pendingEffectsMax", pendingEffectsMax, 1, 65_536);
    Checks.range("proofsPerSecond", proofsPerSecond, 0, 100_000);
    Checks.range("forwardInterval", forwardInterval, Duration.ofSeconds(1), Duration.ofDays(1));
    Checks.range("tokenRotation", tokenRotation, Duration.ofSeconds(1), Duration.ofDays(1));
  }

  /**
   * Returns the defaults.
   *
   * @return the defaults
   */
  public static LimitsConfig defaults() {
    return new LimitsConfig(
        200, 400, 8192, 4096, 1024, 100, Duration.ofMinutes(1), Duration.ofMinutes(5));
  }

  /**
   * Returns a copy with another limit for each source.
   *
   * @param perSecond the new requestsPerSecond, 0 for none
   * @return the copy; its burst is twice the rate
   */
  public LimitsConfig withRequestsPerSecond(int perSecond) {
    return new LimitsConfig(
        perSecond,
        Math.max(1, (int) Math.min(1_000_000L, 2L * perSecond)),
        trackedSources,
        pendingVerificationsMax,
        pendingEffectsMax,
        proofsPerSecond,
        forwardInterval,
        tokenRotation);
  }
}
