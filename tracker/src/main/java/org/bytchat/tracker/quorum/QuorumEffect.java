package org.bytchat.tracker.quorum;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes long or touches the world. The driver performs it, on any thread, and gives
 * the result to the engine's {@code handleEffect} with the effect's id, exactly once for each: what
 * nobody answers ends as {@link Lost} after a time that the driver chooses (longer than the wait of
 * a fetch). {@link Keep} effects are performed in the order in which they come; there is one at a
 * time. Results of the wrong type count as failures.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface QuorumEffect {

  /**
   * Returns what names the effect.
   *
   * @return unique within the engine's life
   */
  long id();

  /** An effect that needs no key of ours, and no world. */
  sealed interface Compute extends QuorumEffect {

    /**
     * Performs the effect.
     *
     * @param scheme what verifies
     * @return what was found
     */
    Result perform(SignatureScheme scheme);
  }

  /**
   * Look up the trackers closest to a mailbox. Ends with {@link Trackers}.
   *
   * @param id names the effect
   * @param mailbox which
   * @param count how many at most
   */
  record FindTrackers(long id, NodeId mailbox, int count) implements QuorumEffect {}

  /**
   * Ask a tracker, in the session with it that is there, or in a new one. Ends with {@link Page}
   * for a {@link Request.Fetch}, with {@link Answered}, or with {@link Lost}. Requests to one
   * tracker may be under way at once.
   *
   * @param id names the effect
   * @param tracker whom; it has to prove its id
   * @param request what
   */
  record Ask(long id, Contact tracker, Request request) implements QuorumEffect {}

  /**
   * Show a device to a tracker: the driver signs the hash of the session's handshake and asks
   * {@link Request.Open} in the session that later {@link Ask}s of this engine to that tracker use.
   * Ends as {@link Ask}.
   *
   * @param id names the effect
   * @param tracker whom
   * @param owner whose device
   * @param list the device list, null if the tracker is to use the one that it has
   * @param device which device
   * @param listVersion the newest version that is known here
   */
  record Open(
      long id,
      Contact tracker,
      Owner owner,
      @Nullable DeviceList list,
      DeviceId device,
      long listVersion)
      implements QuorumEffect {}

  /**
   * Bind a device at a tracker, over UDP. Ends with {@link BindAnswered} or {@link Lost}.
   *
   * @param id names the effect
   * @param tracker where
   * @param mailbox whose device
   * @param device which device
   * @param listVersion the newest version of the device list that is known here
   */
  record Bind(long id, Contact tracker, NodeId mailbox, DeviceId device, long listVersion)
      implements QuorumEffect {}

  /**
   * Make what lets an envelope in at a tracker. Ends with {@link Admitted}, or with {@link Failed}
   * if the key is not at hand (any more).
   *
   * @param id names the effect
   * @param tracker where
   * @param envelope which
   * @param deliveryKey the public key whose private half signs, 32 bytes; null for a stamp
   * @param stampBits how hard the stamp must be, 0 with a key
   */
  record Admit(
      long id, Contact tracker, Envelope envelope, byte @Nullable [] deliveryKey, int stampBits)
      implements QuorumEffect {}

  /**
   * Verify an Ed25519 signature, and that the key is one. Ends with {@link Verified}, or with any
   * other result if it could not be verified now: nobody is blamed for that.
   *
   * @param id names the effect
   * @param publicKey the key
   * @param statement what must have been signed
   * @param signature the signature
   */
  record Verify(long id, byte[] publicKey, byte[] statement, byte[] signature) implements Compute {
    @Override
    public Result perform(SignatureScheme scheme) {
      return new Verified(
          scheme.isPublicKey(publicKey) && scheme.verify(publicKey, statement, signature));
    }
  }

  /**
   * Verify a device list: its signature, and that its devices' keys are keys. Ends as {@link
   * Verify}.
   *
   * @param id names the effect
   * @param owner whose
   * @param list the list
   * @param networkId the network
   */
  record VerifyList(long id, Owner owner, DeviceList list, int networkId) implements Compute {
    @Override
    public Result perform(SignatureScheme scheme) {
      return new Verified(list.hasSoundKeys(scheme) && list.verify(owner, networkId));
    }
  }

  /**
   * Sign acknowledgements with the device's key. Ends with {@link Signed} or {@link Failed}.
   *
   * @param id names the effect
   * @param mailbox whose envelopes
   * @param device which device has them
   * @param digests 1 to {@link AckBatch#DIGESTS_MAX} of them, rising
   */
  record SignAcks(long id, NodeId mailbox, DeviceId device, List<Digest> digests)
      implements QuorumEffect {

    public SignAcks {
      digests = List.copyOf(digests);
    }
  }

  /**
   * Write changes, all or none, durably. Ends with {@link Kept} or {@link Failed}.
   *
   * @param id names the effect
   * @param changes what changes, in order
   */
  record Keep(long id, List<QuorumChange> changes) implements QuorumEffect {

    public Keep {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Hand an envelope to the application. Ends with {@link Accepted} when the application has stored
   * it (or knows that it never will want it), or with {@link Rejected} if it cannot now.
   *
   * @param id names the effect
   * @param envelope which
   */
  record Deliver(long id, Envelope envelope) implements QuorumEffect {}

  /** What came of an effect. */
  sealed interface Result {}

  /**
   * What came of {@link FindTrackers}.
   *
   * @param contacts the trackers, the closest to the mailbox first; empty if the lookup failed
   */
  record Trackers(List<Contact> contacts) implements Result {

    public Trackers {
      contacts = List.copyOf(contacts);
    }
  }

  /**
   * A tracker has answered; {@link Response.Refused} too, for a fetch as well.
   *
   * @param response the answer
   */
  record Answered(Response response) implements Result {}

  /**
   * A tracker has answered a fetch.
   *
   * @param envelopes as carried, not parsed
   * @param end the end of the page
   */
  record Page(List<byte[]> envelopes, Response.PageEnd end) implements Result {

    public Page {
      envelopes = List.copyOf(envelopes);
    }
  }

  /**
   * A tracker has not answered: it could not be reached, or the session ended, or it took too long.
   * What was asked may have been done.
   *
   * @param text more of it, for people
   */
  record Lost(String text) implements Result {}

  /**
   * What came of {@link Bind}.
   *
   * @param answer {@link BindingAnswer.Bound} or {@link BindingAnswer.Refused}
   */
  record BindAnswered(BindingAnswer answer) implements Result {}

  /**
   * What came of {@link Admit}.
   *
   * @param admission what lets it in
   */
  record Admitted(Admission admission) implements Result {}

  /**
   * What came of {@link Verify} and {@link VerifyList}.
   *
   * @param good whether all is good
   */
  record Verified(boolean good) implements Result {}

  /**
   * What came of {@link SignAcks}.
   *
   * @param batch the batch
   */
  record Signed(AckBatch batch) implements Result {}

  /** What came of {@link Keep}: it is durable. */
  record Kept() implements Result {}

  /** The application has the envelope, and will not ask for it again. */
  record Accepted() implements Result {}

  /** The application cannot take the envelope now; it is offered again later. */
  record Rejected() implements Result {}

  /**
   * The driver could not perform the effect; nothing of it was done.
   *
   * @param text why, for people
   */
  record Failed(String text) implements Result {}
}
