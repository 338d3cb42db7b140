package org.bytchat.tracker.quorum;

import java.time.Duration;
import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Admission;

/**
 * The numbers and limits of a client of several trackers.
 *
 * @param quorum how many trackers
 * @param outbox what the outbox holds and does at once
 * @param inbox what the inbox holds and does at once
 * @param outboxTimes when the outbox does what
 * @param inboxTimes when the inbox does what
 * @param driver what the program around them takes
 */
@API(status = API.Status.EXPERIMENTAL)
public record QuorumConfig(
    Quorum quorum,
    Outbox outbox,
    Inbox inbox,
    OutboxTimes outboxTimes,
    InboxTimes inboxTimes,
    Driver driver) {

  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  /**
   * How many trackers. All must find the same ones: whoever deposits at fewer of them, or fetches
   * from fewer, may miss what others rely on.
   *
   * @param depositCount at how many closest to deposit, 1 to 8, default 5
   * @param receiptCount how many receipts make a deposit, 1 to 8, not above depositCount, default 3
   * @param fetchCount from how many closest to fetch, 1 to 16, not below depositCount, default 8; a
   *     deposit also goes to so many if nearer ones fail
   */
  public record Quorum(int depositCount, int receiptCount, int fetchCount) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Quorum {
      range("depositCount", depositCount, 1, 8);
      range("receiptCount", receiptCount, 1, 8);
      range("fetchCount", fetchCount, 1, 16);
      ordered("receiptCount", receiptCount, "depositCount", depositCount);
      ordered("depositCount", depositCount, "fetchCount", fetchCount);
    }
  }

  /**
   * What the outbox holds and does at once.
   *
   * @param parcelsMax parcels, 1 to 1,000,000, default 10,000
   * @param bytesMax the bytes of their envelopes, 64 KiB to 4 GiB, default 64 MiB
   * @param asksMax requests and lookups under way, 1 to 10,000, default 64
   * @param asksPerTrackerMax how many of these with one tracker, 1 to 10,000, default 8: the silent
   *     trackers of one mailbox must not hold all; from asksMax on it limits nothing
   * @param stampsMax stamps that are looked for at once, 1 to 64, default 1
   * @param stampBits how hard a stamp is made at first, 0 to {@link Admission#STAMP_BITS_MAX}, not
   *     above stampBitsMax, default 18
   * @param stampBitsMax how hard at most, 0 to {@link Admission#STAMP_BITS_MAX}, default 24: 17
   *     million hashes, some seconds
   * @param listVersionsMax recipients of whom it is remembered which device list is the newest that
   *     was seen, 1 to 1,000,000, default 10,000; beyond, those that were not needed for longest
   *     are forgotten, and could be shown an older one
   */
  public record Outbox(
      int parcelsMax,
      long bytesMax,
      int asksMax,
      int asksPerTrackerMax,
      int stampsMax,
      int stampBits,
      int stampBitsMax,
      int listVersionsMax) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Outbox {
      range("parcelsMax", parcelsMax, 1, 1_000_000);
      range("bytesMax", bytesMax, 64 << 10, 4L << 30);
      range("asksMax", asksMax, 1, 10_000);
      range("asksPerTrackerMax", asksPerTrackerMax, 1, 10_000);
      range("stampsMax", stampsMax, 1, 64);
      range("stampBits", stampBits, 0, Admission.STAMP_BITS_MAX);
      range("stampBitsMax", stampBitsMax, 0, Admission.STAMP_BITS_MAX);
      range("listVersionsMax", listVersionsMax, 1, 1_000_000);
      ordered("stampBits", stampBits, "stampBitsMax", stampBitsMax);
    }
  }

  /**
   * What the inbox holds and does at once.
   *
   * @param seenMax envelopes that are remembered, 1,000 to 10,000,000, default 100,000; beyond, the
   *     ones that end first are forgotten, and could come again
   * @param seenPerTrackerMax how many of those that wait or are remembered one tracker may have
   *     brought in this life, 100 to 10,000,000, not above seenMax, default 20,000: what one brings
   *     has no proof that anyone sent it
   * @param queuedBytesMax bytes of envelopes that wait for the application, 1 MiB to 1 GiB, default
   *     8 MiB; beyond, nothing is fetched, so that a page of each tracker may come on top
   * @param deliveriesMax envelopes that the application is given at once, 1 to 1,000, default 8
   * @param pageLimit envelopes that a page is asked for, 1 to 1,000, default 100
   */
  public record Inbox(
      int seenMax, int seenPerTrackerMax, int queuedBytesMax, int deliveriesMax, int pageLimit) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Inbox {
      range("seenMax", seenMax, 1_000, 10_000_000);
      range("seenPerTrackerMax", seenPerTrackerMax, 100, 10_000_000);
      ordered("seenPerTrackerMax", seenPerTrackerMax, "seenMax", seenMax);
      range("queuedBytesMax", queuedBytesMax, 1 << 20, 1 << 30);
      range("deliveriesMax", deliveriesMax, 1, 1_000);
      range("pageLimit", pageLimit, 1, 1_000);
    }
  }

  /**
   * When the outbox does what. Waits that grow double, and vary by a quarter.
   *
   * @param lookup how often trackers are looked up again, 1 second to 1 day, default 30 minutes
   * @param retryMin the first wait after a failure, 10 ms to 1 day, not above retryMax, default 5
   *     seconds
   * @param retryMax the longest, 1 second to 1 day, default 30 minutes
   * @param proveMin how long after the deposit a tracker is asked for acknowledgements first, 1
   *     second to 1 day, not above proveMax, default 1 minute
   * @param proveMax the longest wait between two such questions, 1 second to 1 day, default 1 hour
   * @param clockTolerance how wrong a clock may be, 0 to 1 day, default 3 hours; a parcel is given
   *     up so long after its end
   */
  public record OutboxTimes(
      Duration lookup,
      Duration retryMin,
      Duration retryMax,
      Duration proveMin,
      Duration proveMax,
      Duration clockTolerance) {

    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public OutboxTimes {
      range("lookup in ms", lookup.toMillis(), SECOND, DAY);
      range("retryMin in ms", retryMin.toMillis(), 10, DAY);
      range("retryMax in ms", retryMax.toMillis(), SECOND, DAY);
      range("proveMin in ms", proveMin.toMillis(), SECOND, DAY);
      range("proveMax in ms", proveMax.toMillis(), SECOND, DAY);
      range("clockTolerance in ms", clockTolerance.toMillis(), 0, DAY);
      ordered("retryMin", retryMin.toNanos(), "retryMax", retryMax.toNanos());
      ordered("proveMin", proveMin.toNanos(), "proveMax", proveMax.toNanos());
    }
  }

  /**
   * When the inbox does what.
   *
   * @param lookup how often trackers are looked up again, and read again from the first envelope
   *     that is not acknowledged, 1 second to 1 day, default 15 minutes
   * @param retryMin the first wait after a failure, 10 ms to 1 day, not above retryMax, default 2
   *     seconds
   * @param retryMax the longest, 1 second to 1 day, default 5 minutes
   * @param bind how often the device is bound, 1 second to 30 minutes, default 20 minutes
   * @param fetchWait how long a fetch waits for an envelope, 0 to 5 minutes, default 50 seconds
   * @param clockTolerance how wrong a clock may be, 0 to 1 day, default 3 hours; what ended longer
   *     ago is not taken, and so long after its end an envelope is forgotten
   */
  public record InboxTimes(
      Duration lookup,
      Duration retryMin,
      Duration retryMax,
      Duration bind,
      Duration fetchWait,
      Duration clockTolerance) {

    /**
     * Checks the times.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public InboxTimes {
      range("lookup in ms", lookup.toMillis(), SECOND, DAY);
      range("retryMin in ms", retryMin.toMillis(), 10, DAY);
      range("retryMax in ms", retryMax.toMillis(), SECOND, DAY);
      range("bind in ms", bind.toMillis(), SECOND, 30 * MINUTE);
      range("fetchWait in ms", fetchWait.toMillis(), 0, 5 * MINUTE);
      range("clockTolerance in ms", clockTolerance.toMillis(), 0, DAY);
      ordered("retryMin", retryMin.toNanos(), "retryMax", retryMax.toNanos());
    }
  }

  /**
   * What the program around the engines takes, {@code MailClient}. The engines, and so simulations,
   * do not look at it.
   *
   * @param ordersMax calls of the application that wait for the client's thread, 1 to 1,000,000,
   *     default 1,024; further ones are refused
   * @param sessionsMax sessions with trackers at once, 1 to 65,536, default 256; if all are in use,
   *     what needs another one fails, and is tried again later
   * @param sessionIdle how long a session is kept that nobody uses, 1 second to 1 day, default 90
   *     seconds
   * @param askTimeout how long a tracker may take to answer, besides the wait of a fetch, 100 ms to
   *     1 hour, default 30 seconds
   * @param deliverTimeout how long the application may take to accept an envelope, 100 ms to 1 day,
   *     default 1 minute; then it counts as rejected
   */
  public record Driver(
      int ordersMax,
      int sessionsMax,
      Duration sessionIdle,
      Duration askTimeout,
      Duration deliverTimeout) {

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Driver {
      range("ordersMax", ordersMax, 1, 1_000_000);
      range("sessionsMax", sessionsMax, 1, 65_536);
      range("sessionIdle in ms", sessionIdle.toMillis(), SECOND, DAY);
      range("askTimeout in ms", askTimeout.toMillis(), 100, HOUR);
      range("deliverTimeout in ms", deliverTimeout.toMillis(), 100, DAY);
    }
  }

  /**
   * Returns the defaults.
   *
   * @return what a client has
   */
  public static QuorumConfig defaults() {
    return new QuorumConfig(
        new Quorum(5, 3, 8),
        new Outbox(10_000, 64 << 20, 64, 8, 1, 18, 24, 10_000),
        new Inbox(100_000, 20_000, 8 << 20, 8, 100),
        new OutboxTimes(
            Duration.ofMinutes(30),
            Duration.ofSeconds(5),
            Duration.ofMinutes(30),
            Duration.ofMinutes(1),
            Duration.ofHours(1),
            Duration.ofHours(3)),
        new InboxTimes(
            Duration.ofMinutes(15),
            Duration.ofSeconds(2),
            Duration.ofMinutes(5),
            Duration.ofMinutes(20),
            Duration.ofSeconds(50),
            Duration.ofHours(3)),
        new Driver(
            1_024, 256, Duration.ofSeconds(90), Duration.ofSeconds(30), Duration.ofMinutes(1)));
  }

  /**
   * Returns the same with other numbers of trackers.
   *
   * @param other the numbers
   * @return a new configuration
   */
  public QuorumConfig withQuorum(Quorum other) {
    return new QuorumConfig(other, outbox, inbox, outboxTimes, inboxTimes, driver);
  }

  /**
   * Returns the same with other limits of the outbox.
   *
   * @param other the limits
   * @return a new configuration
   */
  public QuorumConfig withOutbox(Outbox other) {
    return new QuorumConfig(quorum, other, inbox, outboxTimes, inboxTimes, driver);
  }

  /**
   * Returns the same with other limits of the inbox.
   *
   * @param other the limits
   * @return a new configuration
   */
  public QuorumConfig withInbox(Inbox other) {
    return new QuorumConfig(quorum, outbox, other, outboxTimes, inboxTimes, driver);
  }

  /**
   * Returns the same with other times of the outbox.
   *
   * @param other the times
   * @return a new configuration
   */
  public QuorumConfig withOutboxTimes(OutboxTimes other) {
    return new QuorumConfig(quorum, outbox, inbox, other, inboxTimes, driver);
  }

  /**
   * Returns the same with other times of the inbox.
   *
   * @param other the times
   * @return a new configuration
   */
  public QuorumConfig withInboxTimes(InboxTimes other) {
    return new QuorumConfig(quorum, outbox, inbox, outboxTimes, other, driver);
  }

  /**
   * Returns the same with other limits of the program around the engines.
   *
   * @param other the limits
   * @return a new configuration
   */
  public QuorumConfig withDriver(Driver other) {
    return new QuorumConfig(quorum, outbox, inbox, outboxTimes, inboxTimes, other);
  }

  private static void ordered(String name, long value, String limitName, long limit) {
    if (value > limit) {
      throw new IllegalArgumentException(
          "%s must not be above %s: %d > %d".formatted(name, limitName, value, limit));
    }
  }

  private static void range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s must be in %d..%d, not %d".formatted(name, min, max, value));
    }
  }
}
