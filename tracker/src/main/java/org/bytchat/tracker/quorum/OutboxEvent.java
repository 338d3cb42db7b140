package org.bytchat.tracker.quorum;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.jspecify.annotations.Nullable;

/** What became of a parcel. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface OutboxEvent {

  /**
   * Returns which parcel.
   *
   * @return its envelope's digest
   */
  Digest digest();

  /**
   * The parcel is on our own disk, and will be deposited also after a crash.
   *
   * @param digest which parcel
   */
  record Queued(Digest digest) implements OutboxEvent {}

  /**
   * A tracker was asked to keep the parcel.
   *
   * @param digest which parcel
   * @param tracker the tracker
   * @param attempt what came of it
   */
  record Tried(Digest digest, NodeId tracker, Attempt attempt) implements OutboxEvent {}

  /**
   * What came of one attempt.
   *
   * @param kind what happened
   * @param text more of it, for people
   */
  record Attempt(Kind kind, String text) {

    /** What happened. */
    public enum Kind {
      /** It gave a receipt that verifies. */
      RECEIPT,
      /** It refused for now: busy, full, a rate, a time, or what we do not know. */
      REFUSED,
      /** It says that the delivery key is none of the mailbox's. */
      NOT_ADMITTED,
      /** It wants a harder stamp than we are ready to work for. */
      STAMP,
      /** It could not be reached, or did not answer. */
      LOST,
      /** What it answered is wrong: a receipt of another, for something else, or forged. */
      INVALID,
      /** The admission could not be made here. */
      NO_ADMISSION
    }
  }

  /**
   * As many different trackers as the quorum needs have given receipts, and these are on our disk.
   * Comes once for a parcel; not for one that had them before a restart.
   *
   * @param digest which parcel
   * @param receipts verified, one for each tracker; as many as there are by now
   */
  record Deposited(Digest digest, List<Receipt> receipts) implements OutboxEvent {

    public Deposited {
      receipts = List.copyOf(receipts);
    }
  }

  /**
   * As many trackers as the quorum needs say that our delivery key is none of the mailbox's: it was
   * revoked, or is not known yet. It is tried on. Comes once for a parcel in a life of the engine.
   *
   * @param digest which parcel
   */
  record NotAdmitted(Digest digest) implements OutboxEvent {}

  /**
   * A device of the recipient has the envelope; {@link Ended} follows. Both may come again after a
   * crash, if it was before the disk had taken note.
   *
   * @param digest which parcel
   * @param proof the device's acknowledgement, verified
   * @param list the recipient's device list that names the device, verified
   * @param receipts verified, one for each tracker; perhaps fewer than the quorum needs
   */
  record Delivered(Digest digest, AckProof proof, DeviceList list, List<Receipt> receipts)
      implements OutboxEvent {

    public Delivered {
      receipts = List.copyOf(receipts);
    }
  }

  /**
   * The recipient's key has signed two device lists that cannot be of one history: somebody else
   * has it, or the recipient made a mistake. The first that was seen stays; what is acknowledged by
   * the other one's devices does not count as delivered by it. Comes once for each newest list in a
   * life of the engine.
   *
   * @param digest the parcel for which acknowledgements were asked for; others of the recipient are
   *     not told of it again
   * @param tracker who has shown the other list
   * @param owner the recipient, by whose key both can be verified
   * @param other the other list, verified
   * @param first the list that is kept
   */
  record Forked(Digest digest, NodeId tracker, Owner owner, DeviceList other, First first)
      implements OutboxEvent {}

  /**
   * The list that was seen first. With the other one it is the evidence of a fork.
   *
   * @param version its version
   * @param hash its {@link DeviceList#hash}
   * @param list the list, verified; null if it was seen in an earlier life, or by parcels that have
   *     ended: then whoever keeps the recipient's lists, to seal to its devices or of a {@link
   *     Delivered}, finds it by its hash
   */
  record First(long version, Digest hash, @Nullable DeviceList list) {}

  /**
   * Nothing more is done for the parcel. Comes last, and once in a life of the engine; after a
   * crash it may come again.
   *
   * @param digest which parcel
   * @param reason why
   */
  record Ended(Digest digest, Reason reason) implements OutboxEvent {

    /** Why. */
    public enum Reason {
      /** A device of the recipient has it. */
      DELIVERED,
      /** It has expired; whether a device has it is not known. */
      EXPIRED,
      /** The application has taken it back. */
      CANCELLED,
      /** It could not be kept here; it was deposited nowhere. */
      NOT_KEPT
    }
  }
}
