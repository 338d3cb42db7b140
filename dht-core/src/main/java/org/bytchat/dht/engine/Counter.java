package org.bytchat.dht.engine;

import org.apiguardian.api.API;

/** What an engine counts. The order is that of {@link EngineStats#counters}. */
@API(status = API.Status.EXPERIMENTAL)
public enum Counter {
  /** Datagrams received. */
  RECEIVED,
  /** Bytes received. */
  RECEIVED_BYTES,
  /** Datagrams sent. */
  SENT,
  /** Bytes sent. */
  SENT_BYTES,
  /** Queries that were answered. */
  ANSWERED,
  /** Queries that were answered with an error. */
  REFUSED,
  /** Requests sent, first tries only. */
  REQUESTS,
  /** Requests sent again. */
  RESENT,
  /** Answers that were accepted. */
  RESPONSES,
  /** Errors that were accepted as answers. */
  ERRORS_RECEIVED,
  /** Requests that got no answer in time. */
  TIMEOUTS,
  /** Datagrams dropped because they are no message. */
  DROPPED_MALFORMED,
  /** Datagrams dropped because they belong to another network. */
  DROPPED_OTHER_NETWORK,
  /** Datagrams dropped because of the address they came from. */
  DROPPED_BAD_SOURCE,
  /** Datagrams dropped because they bear the own id. */
  DROPPED_OWN_ID,
  /** Queries dropped because their source asks too often. */
  DROPPED_RATE_LIMITED,
  /** Queries dropped because no answer fits three times their length. */
  DROPPED_AMPLIFICATION,
  /** Replies dropped because nobody asked for them. */
  DROPPED_UNSOLICITED,
  /** Replies dropped because they came from another endpoint than was asked. */
  DROPPED_WRONG_ENDPOINT,
  /** Replies dropped because another node answered than was asked. */
  DROPPED_WRONG_ID,
  /** Replies dropped because what they must contain is missing. */
  DROPPED_INCOMPLETE,
  /** Tokens that were not valid. */
  BAD_TOKENS,
  /** Proofs of id signed. */
  PROOFS_SIGNED,
  /** Proofs of id refused because too many were asked for. */
  PROOFS_BUSY,
  /** Proofs of others that were good. */
  PROOFS_VERIFIED,
  /** Proofs of others that were missing or false. */
  PROOFS_FAILED,
  /** Contacts not verified because too many wait for it. */
  VERIFICATIONS_DROPPED,
  /** Contacts named by others that are of no use, like private addresses. */
  CONTACTS_DROPPED,
  /** Contacts taken into the table. */
  CONTACTS_ADDED,
  /** Contacts evicted from the table. */
  CONTACTS_EVICTED,
  /** Lookups that ended. */
  LOOKUPS,
  /** Lookups of keys with far more nodes around them than there should be. */
  LOOKUPS_CROWDED,
  /** Lookups refused because too many wait. */
  LOOKUPS_REFUSED,
  /** Times that a third node was sent to a peer. */
  FORWARDS,
  /** Times that this was refused. */
  FORWARDS_REFUSED,
  /** Effects refused because too many are under way. */
  EFFECTS_REFUSED,
  /** Network outages noticed. */
  OUTAGES,
  /** Records and chunks taken, prolonged chunks included. */
  RECORDS_STORED,
  /** Puts of what was held already. */
  PUTS_UNCHANGED,
  /** Puts refused because the bytes are no record and no chunk. */
  PUTS_MALFORMED,
  /** Puts refused because the record is longer than is stored. */
  PUTS_TOO_BIG,
  /** Puts refused because the key is not the record's. */
  PUTS_WRONG_KEY,
  /** Puts refused because of the record's times. */
  PUTS_BAD_TIME,
  /** Puts refused because of the key or the signature. */
  PUTS_BAD_SIGNATURE,
  /** Puts refused because another sequence is known than was expected. */
  PUTS_CAS_MISMATCH,
  /** Puts refused because a higher sequence is known. */
  PUTS_TOO_OLD,
  /** Puts refused because of other bytes under the same sequence. */
  PUTS_CONFLICT,
  /** Puts refused because there is no space left for them. */
  PUTS_QUOTA,
  /** Puts refused because too many signatures wait to be verified. */
  PUTS_BUSY,
  /** Records, chunks and remembered sequences that ended. */
  RECORDS_EXPIRED,
  /** Times that the store could not be written to disk. */
  KEEPS_FAILED,
  /** Records read from others that were not valid. */
  READS_INVALID,
  /** Holders asked whether they hold what is held here. */
  REPAIR_CHECKS,
  /** Items given to holders that lacked them. */
  REPAIRS,
  /** Peers that were announced in Mainline's dialect and taken. */
  PEERS_STORED,
  /** Queries that a read-only node of Mainline's dialect did not answer. */
  QUERIES_IGNORED,
  /** Queries that a service of this node answered. */
  SERVED,
  /** Queries for a service refused because too many are under way. */
  SERVICES_BUSY,
  /** Queries for a service that it failed on, or answered with more than an answer can hold. */
  SERVICES_FAILED
}
