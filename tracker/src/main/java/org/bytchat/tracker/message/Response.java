package org.bytchat.tracker.message;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.Summary;
import org.jspecify.annotations.Nullable;

/** What a tracker answers. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface Response {

  /**
   * Answers {@link Request.Info}.
   *
   * @param nowMillis the tracker's time, milliseconds since 1970
   * @param stampBits how hard a stranger's stamp must be now
   * @param pageLimit how many envelopes a page has at most
   */
  record Info(long nowMillis, int stampBits, int pageLimit) implements Response {}

  /**
   * Answers {@link Request.Open}.
   *
   * @param listVersion the newest version of the device list that the tracker knows
   * @param fork a list that is signed by the owner too, and cannot be of one history with the one
   *     that was held when it was seen: of its version, or the next one with another before it;
   *     null if none was seen
   */
  record Opened(long listVersion, @Nullable DeviceList fork) implements Response {}

  /**
   * Answers {@link Request.PutDevices} and {@link Request.PutDeliveryKeys}.
   *
   * @param version the version that the tracker has now, the one sent or a higher one
   */
  record Taken(long version) implements Response {}

  /**
   * Answers {@link Request.Deposit}.
   *
   * @param deposit the receipt
   * @param deletion what was signed when it was deleted since; null if it was not
   */
  record Receipts(Receipt deposit, @Nullable Receipt deletion) implements Response {}

  /**
   * Some of the envelopes of a page; more of them, or its end, follow.
   *
   * @param envelopes as carried, in the order of acceptance
   */
  record Envelopes(List<byte[]> envelopes) implements Response {

    public Envelopes {
      envelopes = List.copyOf(envelopes);
    }
  }

  /**
   * The end of a page.
   *
   * @param cursor to fetch the next one with
   * @param more whether there is more at this moment
   * @param refusedCount how many deposits the tracker remembers to have refused since the mailbox
   *     has been full; at least 1 while it is, as a tracker forgets the number when it starts or
   *     has the mailbox in memory no more; 0 if it has room
   * @param fork as in {@link Opened}; told once in a session, null otherwise
   */
  record PageEnd(long cursor, boolean more, long refusedCount, @Nullable DeviceList fork)
      implements Response {}

  /**
   * Answers {@link Request.PutAcks}.
   *
   * @param known for each digest of the batch, whether the tracker knows the envelope and has noted
   *     the acknowledgement
   */
  record Acked(List<Boolean> known) implements Response {

    public Acked {
      known = List.copyOf(known);
    }
  }

  /**
   * Answers {@link Request.Prove}. If the envelope is not known, it has no receipts.
   *
   * @param deposit that it was accepted, null if it is not known
   * @param deletion that it was deleted, null if it is held or not known
   * @param proofs that devices have acknowledged it
   * @param owner whose mailbox it is in, null if that is not known
   * @param list the owner's device list, null if it is not known
   */
  record Custody(
      @Nullable Receipt deposit,
      @Nullable Receipt deletion,
      List<AckProof> proofs,
      @Nullable Owner owner,
      @Nullable DeviceList list)
      implements Response {

    public Custody {
      proofs = List.copyOf(proofs);
    }
  }

  /** Answers {@link Request.Peer}: the session may ask for copies. */
  record Greeted() implements Response {}

  /**
   * Answers {@link Request.ListMailboxes}.
   *
   * @param summaries mailboxes for which the asker is among the closest trackers known here, by
   *     key; at most 64
   * @param next the cursor to ask for more with, null if that is all
   */
  record Mailboxes(List<Summary> summaries, @Nullable NodeId next) implements Response {

    public Mailboxes {
      summaries = List.copyOf(summaries);
    }
  }

  /**
   * Answers {@link Request.Compare}.
   *
   * @param lists the fingerprint of the mailbox's lists, see {@link
   *     org.bytchat.tracker.repair.Fingerprints#ofLists}
   * @param comparisons of the ranges in the order asked, as many of the first as fit
   */
  record Compared(Digest lists, List<Comparison> comparisons) implements Response {

    public Compared {
      comparisons = List.copyOf(comparisons);
    }
  }

  /**
   * Answers {@link Request.PullOwner}.
   *
   * @param owner whose mailbox, null if that is not known
   * @param list the newest device list, null if none is known
   * @param keys the newest delivery keys, null if none are known
   * @param usedMillis when somebody used the mailbox last, as far as the tracker that answers
   *     knows, milliseconds since 1970, 0 if it does not; others do not keep it longer for having
   *     it anew
   */
  record Owned(
      @Nullable Owner owner,
      @Nullable DeviceList list,
      @Nullable DeliveryKeys keys,
      long usedMillis)
      implements Response {}

  /**
   * Answers {@link Request.Pull}: as many as fit a frame, at least one of what is there.
   *
   * @param copies of the envelopes, in the order asked; those that are not here are left out
   * @param acks batches that name one of the envelopes whose acknowledgements were asked for
   */
  record Pulled(List<Copy> copies, List<AckBatch> acks) implements Response {

    public Pulled {
      copies = List.copyOf(copies);
      acks = List.copyOf(acks);
    }
  }

  /**
   * The request was refused; nothing of it was done.
   *
   * @param refusal why
   * @param text more of it, for people; at most 200 characters
   * @param evidence the device list that speaks against the one sent, null for other refusals
   * @param stampBits how hard a stamp must be, 0 for other refusals
   */
  record Refused(Refusal refusal, String text, @Nullable DeviceList evidence, int stampBits)
      implements Response {}
}
