package org.bytchat.tracker.engine;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * The limits of a tracker.
 *
 * @param mailbox what one mailbox may hold
 * @param page what a page of a fetch may hold
 * @param load what is under way or in memory at once
 * @param stamps what strangers have to work
 * @param times how long things last
 * @param repair what trackers take from each other
 * @param sources what the sessions of one source may ask for together
 */
@API(status = API.Status.EXPERIMENTAL)
public record TrackerConfig(
    MailboxLimits mailbox,
    Page page,
    Load load,
    Stamps stamps,
    Times times,
    Repair repair,
    Sources sources) {

  /**
   * What one mailbox may hold.
   *
   * @param envelopesMax envelopes held, 1 to 100,000, default 1,000
   * @param bytesMax their bytes, 64 KiB to 1 GiB, default 8 MiB
   * @param tombstonesMax deleted envelopes that are remembered, 1 to 1,000,000, default 16,000; at
   *     it, what could be deleted stays until others end
   * @param strangersMax envelopes of strangers, 0 to 100,000, default 64
   * @param strangersPercent of the bytes, and of the envelopes, 0 to 100, default 10
   */
  public record MailboxLimits(
      int envelopesMax, long bytesMax, int tombstonesMax, int strangersMax, int strangersPercent) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public MailboxLimits {
      range("envelopesMax", envelopesMax, 1, 100_000);
      range("bytesMax", bytesMax, 64 << 10, 1 << 30);
      range("tombstonesMax", tombstonesMax, 1, 1_000_000);
      range("strangersMax", strangersMax, 0, 100_000);
      range("strangersPercent", strangersPercent, 0, 100);
    }
  }

  /**
   * What a page of a fetch may hold.
   *
   * @param envelopesMax envelopes, 1 to 1,000, default 100
   * @param bytesMax their bytes, 64 KiB to 16 MiB, default 1 MiB; the first envelope is always in
   */
  public record Page(int envelopesMax, int bytesMax) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Page {
      range("envelopesMax", envelopesMax, 1, 1_000);
      range("bytesMax", bytesMax, 64 << 10, 16 << 20);
    }
  }

  /**
   * What is under way or in memory at once.
   *
   * @param mailboxesMax mailboxes in memory, 1 to 10,000,000, default 20,000
   * @param entriesMax their entries, 1,000 to 100,000,000, default 1,000,000; device lists and
   *     delivery keys count too, by what they take in memory
   * @param requestsMax requests of one session, 1 to 1,000, default 32
   * @param effectsMax effects, 16 to 1,000,000, default 8,192
   * @param storedBytesMax what all envelopes may take on disk, from 1 MiB, default 16 GiB
   * @param storedMailboxesMax mailboxes on disk, 1 to 1,000,000,000, default 1,000,000: anyone can
   *     make up users; beyond it those that are here are served, and no others
   * @param bindingsMax devices that are bound at once, 1 to 10,000,000, default 100,000
   */
  public record Load(
      int mailboxesMax,
      int entriesMax,
      int requestsMax,
      int effectsMax,
      long storedBytesMax,
      int storedMailboxesMax,
      int bindingsMax) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Load {
      range("mailboxesMax", mailboxesMax, 1, 10_000_000);
      range("entriesMax", entriesMax, 1_000, 100_000_000);
      range("requestsMax", requestsMax, 1, 1_000);
      range("effectsMax", effectsMax, 16, 1_000_000);
      range("storedBytesMax", storedBytesMax, 1 << 20, Long.MAX_VALUE);
      range("storedMailboxesMax", storedMailboxesMax, 1, 1_000_000_000);
      range("bindingsMax", bindingsMax, 1, 10_000_000);
    }
  }

  /**
   * What strangers have to work.
   *
   * @param bits how many zero bits a stamp begins with at least, 0 to 40, default 18
   * @param bitsMax how many at most, bits to 40, default 30
   * @param minuteDeposits how many deposits of strangers in a minute are too many: then a bit more
   *     is asked for, and a bit less when they are under half of it; 1 to 1,000,000, default 60
   */
  public record Stamps(int bits, int bitsMax, int minuteDeposits) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Stamps {
      range("bits", bits, 0, 40);
      range("bitsMax", bitsMax, bits, 40);
      range("minuteDeposits", minuteDeposits, 1, 1_000_000);
    }
  }

  /**
   * How long things last.
   *
   * @param waitMax the longest that a fetch may wait, 0 to 5 minutes, default 1 minute
   * @param confirmed how long a device list counts as the newest after it was confirmed, 1 minute
   *     to 1 day, default 1 hour
   * @param deletionDelay how long an envelope stays after its last acknowledgement, 0 to 1 day,
   *     default 1 hour
   * @param clockTolerance how far clocks may differ, 0 to 1 day, default 3 hours
   * @param sweepInterval how often what has ended is looked for, 1 second to 1 day, default 10
   *     minutes
   * @param mailboxIdle how long a mailbox stays in which nothing is held nor remembered, after a
   *     device of its owner used it or an envelope came, 8 days to 10 years, default 30 days; both
   *     are longer than any envelope lives
   */
  public record Times(
      Duration waitMax,
      Duration confirmed,
      Duration deletionDelay,
      Duration clockTolerance,
      Duration sweepInterval,
      Duration mailboxIdle) {

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long DAY = 24 * 60 * MINUTE;

    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Times {
      range("waitMax in ms", waitMax.toMillis(), 0, 5 * MINUTE);
      range("confirmed in ms", confirmed.toMillis(), MINUTE, DAY);
      range("deletionDelay in ms", deletionDelay.toMillis(), 0, DAY);
      range("clockTolerance in ms", clockTolerance.toMillis(), 0, DAY);
      range("sweepInterval in ms", sweepInterval.toMillis(), SECOND, DAY);
      range("mailboxIdle in ms", mailboxIdle.toMillis(), 8 * DAY, 3_650 * DAY);
    }

    /**
     * Returns the same with another delay of deletions.
     *
     * @param other how long an envelope stays after its last acknowledgement
     * @return new times
     */
    public Times withDeletionDelay(Duration other) {
      return new Times(waitMax, confirmed, other, clockTolerance, sweepInterval, mailboxIdle);
    }
  }

  /**
   * What trackers take from each other, and what that may cost each of them.
   *
   * @param replicas how many of the closest trackers keep copies of a mailbox: this one takes them
   *     if it is among so many; 0 to 20, default 5; 0 takes none
   * @param servedPeers how many of the closest trackers are given copies; 0 to 20, default 8; 0
   *     gives none
   * @param neighboursMax how many of the trackers that are told are considered, those closest to
   *     this one; 8 to 4,096, default 256
   * @param peersMax how many of them, the closest again, are asked in turn; 1 to 256, default 32
   * @param interval how long until the same one is asked again, 1 second to 1 day, default 10
   *     minutes
   * @param mailboxesPerSecond how many mailboxes a second are looked at for peers, and how many for
   *     this tracker itself; 1 to 100,000, default 200
   * @param bytesPerSecond how many bytes a second peers are given, and how many are taken; 64 KiB
   *     to 1 GiB, default 1 MiB
   * @param rangesMax how many ranges of one mailbox are compared with one peer in a turn; 16 to
   *     1,000,000, default 4,096
   */
  public record Repair(
      int replicas,
      int servedPeers,
      int neighboursMax,
      int peersMax,
      Duration interval,
      int mailboxesPerSecond,
      int bytesPerSecond,
      int rangesMax) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Repair {
      range("replicas", replicas, 0, 20);
      range("servedPeers", servedPeers, 0, 20);
      range("neighboursMax", neighboursMax, 8, 4_096);
      range("peersMax", peersMax, 1, 256);
      range("interval in ms", interval.toMillis(), Times.SECOND, Times.DAY);
      range("mailboxesPerSecond", mailboxesPerSecond, 1, 100_000);
      range("bytesPerSecond", bytesPerSecond, 64 << 10, 1 << 30);
      range("rangesMax", rangesMax, 16, 1_000_000);
    }

    /**
     * Returns the defaults.
     *
     * @return what a public tracker has
     */
    public static Repair defaults() {
      return new Repair(5, 8, 256, 32, Duration.ofMinutes(10), 200, 1 << 20, 4_096);
    }

    /**
     * Returns the same with another interval.
     *
     * @param other how long until the same tracker is asked again
     * @return new limits
     */
    public Repair withInterval(Duration other) {
      return new Repair(
          replicas,
          servedPeers,
          neighboursMax,
          peersMax,
          other,
          mailboxesPerSecond,
          bytesPerSecond,
          rangesMax);
    }
  }

  /**
   * What the sessions of one source may ask for together: of an IPv4 address or an IPv6 /64. By the
   * defaults no single source can take more than a third of {@link Load#storedBytesMax} within the
   * 7 days of an envelope, nor a fifth of {@link Load#storedMailboxesMax} within the 30 days of an
   * idle mailbox.
   *
   * @param requestsMax requests under way, but for fetches that wait, 1 to 1,000,000, default 512
   * @param mailboxesPerHour mailboxes begun in an hour, 1 to 1,000,000, default 256
   * @param bytesPerHour bytes of envelopes and lists written in an hour, and as many of
   *     acknowledgements; 64 KiB to 1 TiB, default 32 MiB
   * @param tracked sources that are remembered, 64 to 1,048,576, default 16,384
   */
  public record Sources(int requestsMax, int mailboxesPerHour, long bytesPerHour, int tracked) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Sources {
      range("requestsMax", requestsMax, 1, 1_000_000);
      range("mailboxesPerHour", mailboxesPerHour, 1, 1_000_000);
      range("bytesPerHour", bytesPerHour, 64 << 10, 1L << 40);
      range("tracked", tracked, 64, 1 << 20);
    }

    /**
     * Returns the defaults.
     *
     * @return what a public tracker has
     */
    public static Sources defaults() {
      return new Sources(512, 256, 32 << 20, 16_384);
    }
  }

  /**
   * Returns the defaults.
   *
   * @return what a public tracker has
   */
  public static TrackerConfig defaults() {
    return new TrackerConfig(
        new MailboxLimits(1_000, 8 << 20, 16_000, 64, 10),
        new Page(100, 1 << 20),
        new Load(20_000, 1_000_000, 32, 8_192, 16L << 30, 1_000_000, 100_000),
        new Stamps(18, 30, 60),
        new Times(
            Duration.ofMinutes(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(3),
            Duration.ofMinutes(10),
            Duration.ofDays(30)),
        Repair.defaults(),
        Sources.defaults());
  }

  /**
   * Returns the same with other limits of a mailbox.
   *
   * @param limits the limits
   * @return a new configuration
   */
  public TrackerConfig withMailbox(MailboxLimits limits) {
    return new TrackerConfig(limits, page, load, stamps, times, repair, sources);
  }

  /**
   * Returns the same with other pages.
   *
   * @param other the pages
   * @return a new configuration
   */
  public TrackerConfig withPage(Page other) {
    return new TrackerConfig(mailbox, other, load, stamps, times, repair, sources);
  }

  /**
   * Returns the same with another load.
   *
   * @param other the load
   * @return a new configuration
   */
  public TrackerConfig withLoad(Load other) {
    return new TrackerConfig(mailbox, page, other, stamps, times, repair, sources);
  }

  /**
   * Returns the same with other stamps.
   *
   * @param other the stamps
   * @return a new configuration
   */
  public TrackerConfig withStamps(Stamps other) {
    return new TrackerConfig(mailbox, page, load, other, times, repair, sources);
  }

  /**
   * Returns the same with other times.
   *
   * @param other the times
   * @return a new configuration
   */
  public TrackerConfig withTimes(Times other) {
    return new TrackerConfig(mailbox, page, load, stamps, other, repair, sources);
  }

  /**
   * Returns the same with another repair.
   *
   * @param other what trackers take from each other
   * @return a new configuration
   */
  public TrackerConfig withRepair(Repair other) {
    return new TrackerConfig(mailbox, page, load, stamps, times, other, sources);
  }

  /**
   * Returns the same with other limits on a source.
   *
   * @param other what the sessions of one source may ask for together
   * @return a new configuration
   */
  public TrackerConfig withSources(Sources other) {
    return new TrackerConfig(mailbox, page, load, stamps, times, repair, other);
  }

  private static void range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s must be in %d..%d, not %d".formatted(name, min, max, value));
    }
  }
}
