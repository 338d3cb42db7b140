package org.bytchat.tracker.message;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.repair.DigestRange;
import org.jspecify.annotations.Nullable;

/** What a client asks of a tracker. What it carries is well-formed, its signatures unverified. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Request {

  /** What the tracker asks of its clients. Answered with {@link Response.Info}. */
  record Info() implements Request {}

  /**
   * A device of the mailbox's owner is here. Answered with {@link Response.Opened}. May come again,
   * to say that the list is still the newest.
   *
   * @param owner whose mailbox
   * @param list the device list, null if the tracker is to use the one that it has
   * @param device which device
   * @param listVersion the newest version of the list that the device knows
   * @param signature by the device over purpose "session", 64 bytes
   */
  record Open(
      Owner owner, @Nullable DeviceList list, DeviceId device, long listVersion, byte[] signature)
      implements Request {}

  /**
   * A device list, from whomever. Answered with {@link Response.Taken}.
   *
   * @param owner who signed it
   * @param list the list
   */
  record PutDevices(Owner owner, DeviceList list) implements Request {}

  /**
   * A list of delivery keys, from whomever. Answered with {@link Response.Taken}.
   *
   * @param keys the list
   */
  record PutDeliveryKeys(DeliveryKeys keys) implements Request {}

  /**
   * An envelope to be kept. Answered with {@link Response.Receipts}.
   *
   * @param envelope the envelope
   * @param admission what lets it in
   */
  record Deposit(Envelope envelope, Admission admission) implements Request {}

  /**
   * Envelopes of the session's mailbox that its device has not acknowledged. Answered with some
   * {@link Response.Envelopes} and one {@link Response.PageEnd}.
   *
   * @param after the cursor of an earlier page, 0 for the first
   * @param limit at most how many, from 1
   * @param waitMillis how long to wait for one if there is none, 0 not to wait
   */
  record Fetch(long after, int limit, long waitMillis) implements Request {}

  /**
   * Acknowledgements, from whomever. Answered with {@link Response.Acked}.
   *
   * @param batch the batch
   */
  record PutAcks(AckBatch batch) implements Request {}

  /**
   * What became of an envelope. Answered with {@link Response.Custody}.
   *
   * @param mailbox whose
   * @param digest which; to know it is the right to ask
   */
  record Prove(NodeId mailbox, Digest digest) implements Request {}

  /**
   * A tracker shows which one it is, to be given copies of mailboxes in this session. Answered with
   * {@link Response.Greeted}.
   *
   * @param publicKey its node key, 32 bytes
   * @param signature by that key over purpose "repair", 64 bytes
   */
  record Peer(byte[] publicKey, byte[] signature) implements Request {}

  /**
   * The mailboxes that the asker is to have copies of. Answered with {@link Response.Mailboxes}.
   *
   * @param after the cursor of an earlier answer, null for the first ones
   * @param limit at most how many, from 1
   */
  record ListMailboxes(@Nullable NodeId after, int limit) implements Request {}

  /**
   * What of a mailbox differs. Answered with {@link Response.Compared}.
   *
   * @param mailbox which
   * @param ranges with the asker's fingerprints; at most 256
   */
  record Compare(NodeId mailbox, List<DigestRange> ranges) implements Request {

    public Compare {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * Whose a mailbox is. Answered with {@link Response.Owned}.
   *
   * @param mailbox which
   */
  record PullOwner(NodeId mailbox) implements Request {}

  /**
   * Copies of what a mailbox has. Answered with {@link Response.Pulled}.
   *
   * @param mailbox which
   * @param envelopes those to be given, held or deleted; a tracker gives at most 64 at once
   * @param acks those whose acknowledgements are to be given; at most 64 at once
   */
  record Pull(NodeId mailbox, List<Digest> envelopes, List<Digest> acks) implements Request {

    public Pull {
      envelopes = List.copyOf(envelopes);
      acks = List.copyOf(acks);
    }
  }
}
