package org.bytchat.sim.mail;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.report.LogHistogram;

/** What mail came to in a run. */
public final class MailFigures {

  long trackers;
  long traitors;
  long sent;
  long deposited;
  long delivered;
  long deliveredToAll;
  long proven;
  long probes;
  long probesDelivered;
  long probesFetchable;
  long probesUnsent;
  long probesMissed;
  long victimProbes;
  long victimMissed;
  long fetchable;
  long unreachable;
  long undeposited;
  long expired;
  long expiredUnseen;
  long lost;
  long violations;

  /** What devices were handed that had been revoked, and the longest time since. */
  long handedToRevoked;

  long handedToRevokedMicrosMax;
  MailCounts counts = new MailCounts();
  final LogHistogram depositMillis = new LogHistogram();
  final LogHistogram deliverySeconds = new LogHistogram();
  final LogHistogram proofSeconds = new LogHistogram();

  /** Of those that not all devices have, how many of the closest trackers give them at the end. */
  final LogHistogram copies = new LogHistogram();

  MailFigures() {}

  /**
   * Returns the share of messages that were delivered to all devices or could be fetched, each
   * looked at once at a random time of its life.
   *
   * @return 0 to 1, 1 if there were none; those that no outbox had deposited yet do not count
   */
  public double keptShare() {
    long all = probes - probesUnsent;
    return all == 0 ? 1 : (double) (probesDelivered + probesFetchable) / all;
  }

  /**
   * Returns how many messages there were.
   *
   * @return those that outboxes took
   */
  public long sent() {
    return sent;
  }

  /**
   * Returns the times from writing until enough trackers had given receipts.
   *
   * @return in milliseconds
   */
  public LogHistogram depositMillis() {
    return depositMillis;
  }

  /**
   * Returns the times from writing until the first device had it.
   *
   * @return in seconds
   */
  public LogHistogram deliverySeconds() {
    return deliverySeconds;
  }

  /**
   * Returns the names of the figures that are one number.
   *
   * @return those that every run with mail has
   */
  public static List<String> names() {
    return new MailFigures()
        .toMap().entrySet().stream()
            .filter(entry -> entry.getValue() instanceof Number)
            .map(Map.Entry::getKey)
            .toList();
  }

  /**
   * Returns the figures by name.
   *
   * @return a new map in a fixed order
   */
  public Map<String, Object> toMap() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("trackers", trackers);
    all.put("traitors", traitors);
    all.put("sent", sent);
    all.put("deposited", deposited);
    all.put("delivered", delivered);
    all.put("delivered_to_all", deliveredToAll);
    all.put("proven", proven);
    all.put("kept_share", keptShare());
    all.put("delivery_share", share(delivered, sent));
    all.put("deposited_share", share(deposited, sent));
    all.put("probes", probes);
    all.put("probes_delivered", probesDelivered);
    all.put("probes_fetchable", probesFetchable);
    all.put("probes_not_deposited", probesUnsent);
    all.put("missed", probesMissed);
    all.put("victim_probes", victimProbes);
    all.put("victim_missed", victimMissed);
    all.put("fetchable_at_end", fetchable);
    all.put("unreachable_at_end", unreachable);
    all.put("undeposited_at_end", undeposited);
    all.put("expired", expired);
    all.put("expired_unseen", expiredUnseen);
    all.put("lost", lost);
    all.put("violations", violations);
    all.put("deposit_ms", depositMillis.figures());
    all.put("delivery_s", deliverySeconds.figures());
    all.put("proof_s", proofSeconds.figures());
    all.put("copies_at_end", copies.figures());
    addCounts(all);
    return all;
  }

  private void addCounts(Map<String, Object> all) {
    all.put("receipts_checked", counts.receiptsChecked);
    all.put("deletions_checked", counts.deletionsChecked);
    all.put("proofs_checked", counts.proofsChecked);
    all.put("envelopes_served", counts.envelopesServed);
    all.put("deletions", counts.deletions);
    all.put("disks_destroyed", counts.destroyed);
    all.put("outbox_restarts", counts.outboxRestarts);
    all.put("devices_revoked", counts.revoked);
    all.put("handed_to_devices", counts.accepted);
    all.put("handed_again_after_stop", counts.handedAgain);
    all.put("handed_to_revoked", handedToRevoked);
    all.put("handed_to_revoked_s_max", handedToRevokedMicrosMax / 1_000_000);
    all.put("dials", counts.dials);
    all.put("dial_failures", counts.dialFailures);
    all.put("asks", counts.asks);
    all.put("asks_lost", counts.lost);
    all.put("asks_refused", counts.refused);
    all.put("answers_invalid", counts.invalid);
    all.put("trackers_misbehaved", counts.misbehaved);
    all.put("repair_asks", counts.repairAsks);
    all.put("repair_bytes", counts.repairBytes);
    all.put("forged_fingerprints", counts.forgedFingerprints);
    all.put("forged_copies", counts.forgedCopies);
    all.put("forged_acks", counts.forgedAcks);
    all.put("forged_lists", counts.forgedLists);
    all.put("repair_withheld", counts.withheld);
    all.put("lists_rolled_back", counts.rolledBack);
    all.put("flood_sent", counts.floodSent);
    all.put("flood_taken", counts.floodTaken);
    all.put("flood_refused", counts.floodRefused);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 1 : (double) part / whole;
  }
}
