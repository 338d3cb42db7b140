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
  /** Lookups refused because too many wait. */
  LOOKUPS_REFUSED,
  /** Times that a third node was sent to a peer. */
  FORWARDS,
  /** Times that this was refused. */
  FORWARDS_REFUSED,
  /** Effects refused because too many are under way. */
  EFFECTS_REFUSED,
  /** Network outages noticed. */
  OUTAGES
}
