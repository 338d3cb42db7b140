package org.bytchat.dht.time;

import org.apiguardian.api.API;

/** The periodic duties of an engine. */
@API(status = API.Status.EXPERIMENTAL)
public enum EngineTimer {
  /** Replaces the token secret. */
  TOKEN_ROTATION,
  /** Pings the contact whose check is overdue. */
  CONTACT_CHECK,
  /** Looks for a bucket that had no lookup for too long. */
  BUCKET_REFRESH,
  /** Looks up the own id, so that new neighbours are found. */
  SELF_LOOKUP,
  /** Tries to join, or to come back after an outage. */
  JOIN,
  /** Asks a peer to have a third node reach us. */
  REACHABILITY,
  /** Has the contacts kept for the next life. */
  KEEP_CONTACTS,
  /** Gives up records that ended. */
  EXPIRY,
  /** Tries again to have records kept for the next life. */
  KEEP_RECORDS,
  /** Looks whether other holders have what is held here. */
  REPAIR
}
