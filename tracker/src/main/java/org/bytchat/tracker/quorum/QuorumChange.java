package org.bytchat.tracker.quorum;

import org.apiguardian.api.API;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;

/** A change of what a client keeps over a restart. Each may be made twice. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface QuorumChange {

  /**
   * Keep a parcel.
   *
   * @param parcel the parcel; its envelope's digest names it
   */
  record PutParcel(Parcel parcel) implements QuorumChange {}

  /**
   * Keep a receipt of a parcel; nothing is to be done if the parcel is not kept (any more).
   *
   * @param receipt verified; its digest names the parcel, its tracker is unique among the parcel's
   */
  record PutReceipt(Receipt receipt) implements QuorumChange {}

  /**
   * Forget a parcel and its receipts.
   *
   * @param digest which
   */
  record RemoveParcel(Digest digest) implements QuorumChange {}

  /**
   * Keep that an envelope was handed to the application.
   *
   * @param seen which
   */
  record PutSeen(Seen seen) implements QuorumChange {}

  /**
   * Forget what ended before a time.
   *
   * @param endedBeforeMillis {@link Seen}s whose end is before it go, milliseconds since 1970
   */
  record PruneSeen(long endedBeforeMillis) implements QuorumChange {}

  /**
   * Forget one envelope, for want of room.
   *
   * @param digest which
   */
  record RemoveSeen(Digest digest) implements QuorumChange {}

  /**
   * An envelope that the application has.
   *
   * @param digest which
   * @param expiresMillis its end, milliseconds since 1970
   */
  record Seen(Digest digest, long expiresMillis) {}
}
