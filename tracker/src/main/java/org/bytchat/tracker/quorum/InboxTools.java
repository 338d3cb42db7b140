package org.bytchat.tracker.quorum;

import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.jspecify.annotations.Nullable;

/**
 * What the lines of one inbox share.
 *
 * @param desk the time and the ways out
 * @param self whose it is
 * @param arrivals what came
 * @param evidence other device lists
 * @param signer signs acknowledgements
 * @param listener is told when a tracker cannot be used
 */
record InboxTools(
    Desk<InboxEvent> desk,
    Own self,
    Arrivals arrivals,
    Evidence evidence,
    AckSigner signer,
    Listener listener) {

  /** Hears of trackers that cannot be used now. */
  interface Listener {
    void onUnavailable();
  }

  /** Whose inbox it is, now. */
  static final class Own {
    final Owner owner;
    final DeviceId device;
    DeviceList list;
    @Nullable DeliveryKeys keys;

    /** Names the keys, from 1: a line that has brought them has noted the number. */
    int keysRevision = 1;

    Own(InboxEngine.Self self) {
      this.owner = self.owner();
      this.device = self.device();
      this.list = self.list();
      this.keys = self.keys();
    }
  }
}
