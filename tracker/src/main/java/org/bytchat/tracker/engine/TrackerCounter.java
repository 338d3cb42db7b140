package org.bytchat.tracker.engine;

import org.apiguardian.api.API;

/** What a tracker counts. */
@API(status = API.Status.EXPERIMENTAL)
public enum TrackerCounter {
  /** Requests of all kinds. */
  REQUESTS,
  /** Requests that were refused. */
  REFUSED,
  /** Requests refused because too much was under way. */
  REFUSED_BUSY,
  /** Requests refused for a quota or a rate. */
  REFUSED_QUOTA,
  /** Requests refused because all sessions of their source together ask for too much. */
  REFUSED_SOURCE,
  /** Mailboxes that were not begun because the tracker has as many as it may. */
  REFUSED_MAILBOXES,
  /** Devices that were not bound because as many are as may be. */
  REFUSED_BINDINGS,
  /** Signatures that did not verify. */
  BAD_SIGNATURES,
  /** Envelopes stored. */
  DEPOSITS,
  /** Deposits of envelopes that were held or remembered already. */
  DEPOSITS_AGAIN,
  /** Receipts signed, those of deletions too. */
  RECEIPTS,
  /** Envelopes given to devices. */
  FETCHED,
  /** Acknowledgements noted, one for each envelope and device. */
  ACKED,
  /** Envelopes deleted because all devices had acknowledged them. */
  DELETED,
  /** Envelopes that ended before all devices had acknowledged them. */
  EXPIRED,
  /** Mailboxes forgotten because nothing was in them and nobody had used them for long. */
  FORGOTTEN_MAILBOXES,
  /** Plans to delete something that were given up; it goes when its mailbox is used, or ends. */
  FORGOTTEN_DELETIONS,
  /** Device lists that cannot be of one history with the one held. */
  FORKS,
  /** Envelopes that could not be read as they were written. */
  UNREADABLE,
  /** Reads and writes of the store that failed. */
  STORE_FAILURES,
  /** Mailboxes read from the store. */
  LOADS,
  /** Mailboxes of which another tracker had something else. */
  REPAIR_MAILBOXES,
  /** Envelopes taken from other trackers. */
  REPAIR_ENVELOPES,
  /** Memories of deleted envelopes taken from other trackers. */
  REPAIR_TOMBSTONES,
  /** Envelopes and memories of other trackers that were not taken. */
  REPAIR_REFUSED,
  /** Turns in which another tracker did not answer, or not as it must. */
  REPAIR_FAILURES,
  /** What was remembered of other trackers and their copies, and went for something newer. */
  REPAIR_FORGOTTEN,
  /** Bytes taken from other trackers. */
  REPAIR_TAKEN_BYTES,
  /** Bytes given to other trackers. */
  REPAIR_SERVED_BYTES
}
