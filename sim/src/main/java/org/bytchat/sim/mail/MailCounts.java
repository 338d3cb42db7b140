package org.bytchat.sim.mail;

/** Sums of whole numbers, so that they do not depend on the number of threads. */
final class MailCounts {

  long problems;

  /** Answers of honest trackers, and answers that were checked. */
  long receiptsChecked;

  long deletionsChecked;
  long envelopesServed;
  long proofsChecked;
  long deletions;
  long destroyed;

  /** What users did. */
  long outboxRestarts;

  long revoked;

  /** What devices were handed. */
  long accepted;

  long handedAgain;

  /** What clients met. */
  long dials;

  long dialFailures;
  long asks;
  long lost;
  long refused;
  long invalid;
  long misbehaved;

  /** Requests between trackers, and the bytes of the answers. */
  long repairAsks;

  long repairBytes;

  /**
   * What of their answers to each other traitors made up, by what it is, or kept for themselves.
   */
  long forgedFingerprints;

  long forgedCopies;
  long forgedAcks;
  long forgedLists;
  long withheld;

  /** Proofs of delivery that traitors showed with a device list from before. */
  long rolledBack;

  /** Deposits of a flood. */
  long floodSent;

  long floodTaken;
  long floodRefused;

  void add(MailCounts other) {
    problems += other.problems;
    receiptsChecked += other.receiptsChecked;
    deletionsChecked += other.deletionsChecked;
    envelopesServed += other.envelopesServed;
    proofsChecked += other.proofsChecked;
    deletions += other.deletions;
    destroyed += other.destroyed;
    outboxRestarts += other.outboxRestarts;
    revoked += other.revoked;
    accepted += other.accepted;
    handedAgain += other.handedAgain;
    dials += other.dials;
    dialFailures += other.dialFailures;
    asks += other.asks;
    lost += other.lost;
    refused += other.refused;
    invalid += other.invalid;
    misbehaved += other.misbehaved;
    repairAsks += other.repairAsks;
    repairBytes += other.repairBytes;
    forgedFingerprints += other.forgedFingerprints;
    forgedCopies += other.forgedCopies;
    forgedAcks += other.forgedAcks;
    forgedLists += other.forgedLists;
    withheld += other.withheld;
    rolledBack += other.rolledBack;
    floodSent += other.floodSent;
    floodTaken += other.floodTaken;
    floodRefused += other.floodRefused;
  }
}
