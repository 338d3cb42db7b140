package org.bytchat.tracker.quorum;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.Refusal;
import org.jspecify.annotations.Nullable;

/** What a device's owner should know of what trackers say. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface InboxEvent {

  /**
   * Returns who said it.
   *
   * @return the tracker
   */
  NodeId tracker();

  /**
   * The device is open at a tracker: its envelopes come.
   *
   * @param tracker the tracker
   */
  record Opened(NodeId tracker) implements InboxEvent {}

  /**
   * A tracker has refused the device, or could not be reached; it is tried again later.
   *
   * @param tracker the tracker
   * @param refusal why, null if it did not answer
   * @param text more of it, for people
   */
  record Unavailable(NodeId tracker, @Nullable Refusal refusal, String text)
      implements InboxEvent {}

  /**
   * The owner's key has signed two lists of one version, or two histories: a thief of it, or a
   * mistake. Comes once for each other list. A list whose version is at least two above the other's
   * is taken by all trackers again, the next one only where the other is not known.
   *
   * @param tracker who has shown it
   * @param other the other list, verified
   */
  record Fork(NodeId tracker, DeviceList other) implements InboxEvent {}

  /**
   * There is a newer device list than ours; give it to {@link InboxEngine#setDeviceList}. Comes
   * once for each version.
   *
   * @param tracker who has shown it
   * @param list the list, verified
   * @param isListed whether this device is one of it; if not, it was revoked
   */
  record NewerList(NodeId tracker, DeviceList list, boolean isListed) implements InboxEvent {}

  /**
   * A tracker says that it has newer delivery keys than ours. That is unproven; a sibling knows.
   *
   * @param tracker who says so
   * @param version our version, to which it preferred another
   */
  record NewerDeliveryKeys(NodeId tracker, long version) implements InboxEvent {}

  /**
   * Our delivery keys do not count at a tracker, which has shown a device list as the reason:
   * mostly the device that signed them was revoked. Contacts' keys stop to admit there until a
   * listed device signs them anew; see {@link InboxEngine#setDeliveryKeys}. Comes once for each
   * opening and list.
   *
   * @param tracker who refused them
   * @param version the version of the keys
   * @param refusal why
   */
  record DeliveryKeysRefused(NodeId tracker, long version, Refusal refusal) implements InboxEvent {}

  /**
   * The mailbox is full at a tracker, or nearly, and deposits were refused since. Comes when the
   * number changes.
   *
   * @param tracker where
   * @param refusedCount how many deposits the tracker says that it refused, see {@link
   *     org.bytchat.tracker.message.Response.PageEnd}; 1 also if it is full and does not remember
   */
  record Quota(NodeId tracker, long refusedCount) implements InboxEvent {}

  /**
   * A device of the mailbox has bound itself from elsewhere meanwhile. If it is this one, then
   * somebody else has its key, or its address has changed.
   *
   * @param tracker who says so
   * @param place who is bound where
   */
  record BoundElsewhere(NodeId tracker, BindingAnswer.Place place) implements InboxEvent {}

  /**
   * A tracker has refused to bind the device, because it was bound by a later statement meanwhile.
   * Unless the program runs twice, somebody else has the device's key and binds all the time. Comes
   * once until a bind succeeds there.
   *
   * @param tracker who says so
   */
  record Overtaken(NodeId tracker) implements InboxEvent {}

  /**
   * A tracker has sent what is no envelope of the mailbox, or more than was asked for, or more than
   * its share of what is remembered; it was dropped. Comes at most once for each lookup.
   *
   * @param tracker who
   * @param text what, for people
   */
  record Misbehaved(NodeId tracker, String text) implements InboxEvent {}
}
