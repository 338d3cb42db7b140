package org.bytchat.tracker.quorum;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.jspecify.annotations.Nullable;

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
   * Keep which version of a user's device list was seen, instead of an older one. Of one version
   * the hash that was kept first stays.
   *
   * @param listVersion which
   */
  record PutListVersion(ListVersion listVersion) implements QuorumChange {}

  /**
   * Forget which version of a user's device list was seen, for want of room.
   *
   * @param mailbox the user's
   */
  record RemoveListVersion(NodeId mailbox) implements QuorumChange {}

  /**
   * Keep the device list that a device uses, instead of an older one.
   *
   * @param mailbox the device's user's
   * @param list the list
   */
  record PutOwnList(NodeId mailbox, DeviceList list) implements QuorumChange {}

  /**
   * The newest device list of a user that was verified.
   *
   * @param mailbox the user's
   * @param version its version, from 1
   * @param hash its {@link DeviceList#hash}; null if it was kept by a client that did not note
   *     hashes: then the next list of this version that verifies is taken for it
   */
  record ListVersion(NodeId mailbox, long version, @Nullable Digest hash) {

    /**
     * Checks the version.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public ListVersion {
      if (version < 1) {
        throw new IllegalArgumentException("a device list has version 1 or later, not " + version);
      }
    }
  }

  /**
   * An envelope that the application has.
   *
   * @param digest which
   * @param expiresMillis its end, milliseconds since 1970
   */
  record Seen(Digest digest, long expiresMillis) {}
}
