package org.bytchat.tracker.message;

import java.util.Optional;
import org.apiguardian.api.API;

/** Why a tracker refuses a request. */
@API(status = API.Status.EXPERIMENTAL)
public enum Refusal {
  /** It is no request, or one of its values is none. */
  MALFORMED(1),
  /** Too much is under way here, or a signature could not be verified or made; later. */
  BUSY(2),
  /** A signature does not verify. */
  BAD_SIGNATURE(3),
  /** The tracker has no device list of the owner; send it. */
  NO_LIST(4),
  /** The device is not listed (any more). */
  NOT_LISTED(5),
  /** A newer device list, or list of keys, is held; a device list comes as evidence. */
  OLDER(6),
  /** Another device list of this version is held; it comes as evidence. */
  FORK(7),
  /** The device list names another one before it than the one held, which comes as evidence. */
  BROKEN_CHAIN(8),
  /** No device has shown in this session that the mailbox is its owner's. */
  NOT_OPEN(9),
  /** The delivery key is not (any more) one of the mailbox's. */
  NOT_ADMITTED(10),
  /** The stamp is too easy; see how hard it must be. */
  STAMP(11),
  /** More than the delivery key may deposit in an hour. */
  RATE(12),
  /** The mailbox, the contact's or the strangers' share of it, or the tracker is full. */
  QUOTA(13),
  /** The envelope has ended, or was made in the future. */
  TIME(14),
  /** The tracker cannot write, or read what it wrote. */
  STORE(15),
  /** The session has not shown a tracker that is close enough to the mailbox. */
  NOT_NEAR(16);

  private final int code;

  Refusal(int code) {
    this.code = code;
  }

  /**
   * Returns the number on the wire.
   *
   * @return from 1
   */
  public int code() {
    return code;
  }

  /**
   * Finds a refusal.
   *
   * @param code the number on the wire
   * @return the refusal, or nothing for one of a later version
   */
  public static Optional<Refusal> of(int code) {
    for (Refusal refusal : values()) {
      if (refusal.code == code) {
        return Optional.of(refusal);
      }
    }
    return Optional.empty();
  }
}
