package org.bytchat.sim.scenario;

import java.time.Duration;
import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Default;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.jspecify.annotations.Nullable;

/**
 * Mailboxes: trackers on the nodes, and users who write to each other through them.
 *
 * @param share of the nodes, how many offer mailboxes; above 0, up to 1, default 1
 * @param users how many users there are; 2 to 1,000,000
 * @param devices each has from 1 to so many devices; 1 to 8, default 2
 * @param hosts the machines that users' programs run on, added to the nodes, always up and without
 *     mailboxes; 1 to 10,000, default 10
 * @param presence when devices are on line, null for always, which is the default
 * @param outboxRestarts the mean time between two restarts of a user's outbox, exponential; 1 min
 *     to 366 days, null for none, which is the default
 * @param revocations of the users with several devices, how many revoke their last one at some time
 *     while it is measured; 0 to 1, default 0
 * @param messages what users write
 * @param disk how the disks of trackers behave
 * @param traitors trackers that do not do what they say
 * @param flood who fills mailboxes, null for nobody, which is the default
 * @param tracker the limits of every tracker; by default those of a node
 * @param client the numbers of every user's program; by default those of one
 * @param expect what must come of it
 */
public record Mail(
    @Default("1") double share,
    int users,
    @Default("2") int devices,
    @Default("10") int hosts,
    @Absent("always") @Nullable Presence presence,
    @Absent("none") @Nullable Duration outboxRestarts,
    @Default("0") double revocations,
    Messages messages,
    Disk disk,
    Traitors traitors,
    @Absent("none") @Nullable Flood flood,
    TrackerConfig tracker,
    QuorumConfig client,
    Expect expect) {

  private static final Duration LONG = Duration.ofDays(366);

  public Mail {
    checkShare("share", share);
    Refused.range("users", users, 2, 1_000_000);
    Refused.range("devices", devices, 1, 8);
    Refused.range("hosts", hosts, 1, 10_000);
    Refused.range("revocations", revocations, 0, 1);
    if (outboxRestarts != null) {
      Refused.range("outbox_restarts", outboxRestarts, Duration.ofMinutes(1), LONG);
    }
    if (flood != null && flood.victims() >= users) {
      throw new Refused(
          "flood.victims", "must leave one of users, " + users + ", in peace", flood.victims());
    }
  }

  private static void checkShare(String path, double share) {
    if (!(share > 0 && share <= 1)) {
      throw new Refused(path, "must be above 0, and 1 at the most", share);
    }
  }

  /**
   * Exponential times of devices. Outboxes have theirs.
   *
   * @param onlineMean how long one is on line; 1 min to 366 days, default 1 h
   * @param awayMean how long it is away; 1 min to 366 days, default 8 h
   */
  public record Presence(@Default("1h") Duration onlineMean, @Default("8h") Duration awayMean) {

    public Presence {
      Refused.range("online_mean", onlineMean, Duration.ofMinutes(1), LONG);
      Refused.range("away_mean", awayMean, Duration.ofMinutes(1), LONG);
    }
  }

  /**
   * Messages from user to user, evenly over a time.
   *
   * @param count how many; 0 to 10,000,000, default 100
   * @param ttl how long each lives; 3 to 7 days, default 7 days
   * @param bytes the length of an envelope; 512 to 65,536, a power of two, default 512
   * @param over the time from where measuring begins over which they are written; up to what is
   *     measured, default half of it
   */
  public record Messages(
      @Default("100") int count,
      @Default("7d") Duration ttl,
      @Default("512") int bytes,
      @Absent("half") @Nullable Duration over) {

    public Messages {
      Refused.range("count", count, 0, 10_000_000);
      Refused.range("ttl", ttl, Duration.ofDays(3), Duration.ofDays(7));
      Refused.range("bytes", bytes, 512, 65_536);
      if (Integer.bitCount(bytes) != 1) {
        throw new Refused("bytes", "must be a power of two", bytes);
      }
      if (over != null) {
        Refused.range("over", over, Duration.ofSeconds(1), LONG);
      }
    }
  }

  /**
   * Disks of trackers.
   *
   * @param sync the mean time of a commit until it is on disk, exponential above a floor of a
   *     tenth; 100 µs to 1 min, default 5 ms
   * @param lostCommits how many of the last commits a torn disk loses although it had said that
   *     they were written; 0 to 1,000, default 0
   */
  public record Disk(@Default("5ms") Duration sync, @Default("0") int lostCommits) {

    public Disk {
      Refused.range("sync", sync, Duration.ofMillis(1), Duration.ofMinutes(1));
      Refused.range("lost_commits", lostCommits, 0, 1_000);
    }
  }

  /**
   * Shares of the trackers that betray, each 0 to 1, default 0, together below 1.
   *
   * @param drop give receipts and keep nothing, and have nothing to give
   * @param lie note no acknowledgement that they say they noted, refuse what is good, and say that
   *     mailboxes are empty, each by chance
   * @param replay give what was acknowledged, again and again
   * @param forge change envelopes, receipts and proofs
   * @param withhold serve clients, and answer no other tracker
   * @param resurrect delete nothing, and offer what was deleted to other trackers
   */
  public record Traitors(
      @Default("0") double drop,
      @Default("0") double lie,
      @Default("0") double replay,
      @Default("0") double forge,
      @Default("0") double withhold,
      @Default("0") double resurrect) {

    public Traitors {
      Refused.range("drop", drop, 0, 1);
      Refused.range("lie", lie, 0, 1);
      Refused.range("replay", replay, 0, 1);
      Refused.range("forge", forge, 0, 1);
      Refused.range("withhold", withhold, 0, 1);
      Refused.range("resurrect", resurrect, 0, 1);
      if (drop + lie + replay + forge + withhold + resurrect >= 1) {
        throw new Refused("drop", "must with the other shares be below 1", drop);
      }
    }
  }

  /**
   * Deposits by those who want mailboxes to be full.
   *
   * @param victims whose mailboxes, the first so many users; 1 to below users, default 1
   * @param strangers deposits a second with stamps, to all victims together; 0 to 10,000, default 0
   * @param contacts deposits a second with a delivery key of the victim; 0 to 10,000, default 0
   * @param at when it begins, from where measuring begins, default 0 s
   * @param until when it ends; after at, up to what is measured, default never
   */
  public record Flood(
      @Default("1") int victims,
      @Default("0") double strangers,
      @Default("0") double contacts,
      @Default("0s") Duration at,
      @Absent("never") @Nullable Duration until) {

    public Flood {
      Refused.range("victims", victims, 1, 100_000);
      Refused.range("strangers", strangers, 0, 10_000);
      Refused.range("contacts", contacts, 0, 10_000);
      Refused.range("at", at, Duration.ZERO, LONG);
      if (until != null && until.compareTo(at) <= 0) {
        throw new Refused("until", "must be after at, " + Values.text(at), Values.text(until));
      }
    }
  }

  /**
   * What must come of it.
   *
   * @param keptMin the least share of messages that are delivered or can be fetched, at random
   *     times; 0 to 1, null for any, which is the default
   */
  public record Expect(@Absent("none") @Nullable Double keptMin) {

    public Expect {
      if (keptMin != null) {
        Refused.range("kept_min", keptMin, 0, 1);
      }
    }
  }
}
