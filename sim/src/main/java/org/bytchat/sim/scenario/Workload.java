package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Default;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes are asked to do while it is measured.
 *
 * @param lookups lookups, null for none, which is the default
 * @param records records that are stored and read, null for none, which is the default
 * @param profiles users' profiles, null for none, which is the default
 */
public record Workload(
    @Absent("none") @Nullable Lookups lookups,
    @Absent("none") @Nullable Records records,
    @Absent("none") @Nullable Profiles profiles) {

  private static final int COUNT_MAX = 100_000_000;
  private static final double RATE_MAX = 1_000_000;
  private static final Duration TIME_MAX = Duration.ofDays(366);

  /** What lookups look for. */
  public enum Targets {
    /** Random ids. */
    RANDOM,
    /** The ids of nodes that are up. */
    NODES
  }

  /**
   * Lookups by random nodes, evenly from their start to the end of measuring.
   *
   * @param count how many in all; 1 to 100,000,000, null if a rate is given
   * @param rate how many a second in the whole network; above 0, up to 1,000,000, null if a count
   *     is given
   * @param targets what they look for, default random
   * @param start the time from where measuring begins to the first; 0 s up to what is measured,
   *     default 0 s
   */
  public record Lookups(
      @Absent("none") @Nullable Integer count,
      @Absent("none") @Nullable Double rate,
      @Default("random") Targets targets,
      @Default("0s") Duration start) {

    public Lookups {
      if ((count == null) == (rate == null)) {
        throw new Refused(
            "count", "must be given, or rate, but not both", count == null ? "none" : count);
      }
      if (count != null) {
        Refused.range("count", count, 1, COUNT_MAX);
      }
      if (rate != null && !(rate > 0 && rate <= RATE_MAX)) {
        throw new Refused("rate", "must be above 0, and 1000000 at the most", rate);
      }
      Refused.range("start", start, Duration.ZERO, TIME_MAX);
    }
  }

  /**
   * Records that random nodes store, each its own user's, and that others read.
   *
   * @param count how many; 1 to 100,000,000
   * @param ttl their lifetime; what the nodes' store section allows, default 7 days
   * @param putOver the time from their start over which they are first stored, evenly; 0 s up to
   *     what is measured, default 1 min
   * @param updateEvery the time after which a record is replaced by a newer one; 1 s to 366 days,
   *     null for never, which is the default
   * @param getRate how many are read a second in the whole network; 0 to 1,000,000, default 0
   * @param republish whether the owner stores each again at half its lifetime, default false
   * @param valueBytes the length of the value; 0 to 829, and at least 171 bytes less than what the
   *     nodes' store section allows for a record, default 200
   * @param start the time from where measuring begins to the first put; 0 s up to what is measured,
   *     default 0 s
   */
  public record Records(
      int count,
      @Default("7d") Duration ttl,
      @Default("1m") Duration putOver,
      @Absent("never") @Nullable Duration updateEvery,
      @Default("0") double getRate,
      @Default("false") boolean republish,
      @Default("200") int valueBytes,
      @Default("0s") Duration start) {

    /**
     * A record without its value: fixed fields, the longest label, an Ed25519 key and signature.
     */
    static final int OTHER_BYTES = 31 + 32 + 44 + 64;

    public Records {
      Refused.range("count", count, 1, COUNT_MAX);
      Refused.range("ttl", ttl, Duration.ofSeconds(1), Duration.ofDays(7));
      Refused.range("put_over", putOver, Duration.ZERO, TIME_MAX);
      checkUpdateEvery(updateEvery);
      Refused.range("get_rate", getRate, 0, RATE_MAX);
      Refused.range("value_bytes", valueBytes, 0, 1_000 - OTHER_BYTES);
      Refused.range("start", start, Duration.ZERO, TIME_MAX);
    }
  }

  /**
   * Profiles that users store.
   *
   * @param count how many users; 1 to 100,000,000
   * @param updateEvery the time after which a user changes the profile; 1 s to 366 days, null for
   *     never, which is the default
   */
  public record Profiles(int count, @Absent("never") @Nullable Duration updateEvery) {

    public Profiles {
      Refused.range("count", count, 1, COUNT_MAX);
      checkUpdateEvery(updateEvery);
    }
  }

  private static void checkUpdateEvery(@Nullable Duration time) {
    if (time != null) {
      Refused.range("update_every", time, Duration.ofSeconds(1), TIME_MAX);
    }
  }
}
