package org.bytchat.tracker.quorum;

/**
 * What the parcels of one outbox share.
 *
 * @param desk the time and the ways out
 * @param asks how many requests are under way
 * @param stamps how many stamps are looked for
 * @param keeper writes
 * @param listVersions what is known of recipients' device lists
 * @param listener is told when a parcel has ended
 */
record OutboxTools(
    Desk<OutboxEvent> desk,
    Slots asks,
    Slots stamps,
    Keeper keeper,
    ListVersions listVersions,
    Listener listener) {

  /** Hears of parcels that have ended. */
  interface Listener {
    void onEnded(OutboxParcel parcel);
  }
}
