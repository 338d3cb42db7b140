package org.bytchat.tracker.quorum;

import org.apiguardian.api.API;

/** What a client of several trackers counts. */
@API(status = API.Status.EXPERIMENTAL)
public enum QuorumCounter {
  /** Requests to trackers. */
  ASKS,
  /** Requests that were not answered. */
  LOST,
  /** Requests that were refused. */
  REFUSED,
  /** Answers that are wrong: another type than asked for, or with what does not verify. */
  INVALID,
  /** Times that a signature could not be verified for a fault here; it is verified later. */
  NOT_VERIFIED,
  /**
   * Device lists of recipients that were shown and cannot be of one history with the first seen.
   */
  FORKS,
  /** Device lists that a tracker showed while too many of its others waited to be verified. */
  LISTS_DROPPED,
  /** Lookups that found no tracker. */
  EMPTY_LOOKUPS,
  /** Receipts that verify, one for each tracker and parcel. */
  RECEIPTS,
  /** Parcels with as many receipts as the quorum needs. */
  DEPOSITED,
  /** Parcels whose delivery was proven. */
  DELIVERED,
  /** Parcels that ended before. */
  EXPIRED,
  /** Parcels that were not taken because the outbox was full. */
  OUTBOX_FULL,
  /** Envelopes that trackers gave, the same from several too. */
  FETCHED,
  /** Envelopes that the application took. */
  ACCEPTED,
  /** Times that the application could not take an envelope. */
  REJECTED,
  /** Acknowledgements that trackers have noted. */
  ACKED,
  /** Envelopes that were dropped: malformed, of another mailbox, ended, or beyond a share. */
  DROPPED,
  /** Times that a fetch was put off because the application had too much to take. */
  INBOX_FULL,
  /** Envelopes that were forgotten before their end for want of room. */
  FORGOTTEN,
  /** Recipients whose newest device list was forgotten for want of room. */
  LIST_VERSIONS_FORGOTTEN,
  /** Times that what is to be kept could not be written. */
  KEEP_FAILURES
}
