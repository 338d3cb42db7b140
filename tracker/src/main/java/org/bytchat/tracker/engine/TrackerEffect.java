package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.MailboxStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes long or touches the world. The driver performs it, on any thread, and gives
 * the result to {@link TrackerEngine#handleEffect} with the effect's id. Commits are performed in
 * the order in which they come.
 */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface TrackerEffect {

  /**
   * Returns what names the effect.
   *
   * @return unique within the tracker's life
   */
  long id();

  /** An effect that reads the store. */
  sealed interface Read extends TrackerEffect {

    /**
     * Performs the effect.
     *
     * @param store the store
     * @return what was read
     * @throws StoreException if it cannot be read
     */
    Result perform(MailboxStore store) throws StoreException;
  }

  /** An effect that needs a key and nothing else. */
  sealed interface Compute extends TrackerEffect {

    /**
     * Performs the effect.
     *
     * @param identity the tracker's key
     * @return what was computed
     */
    Result perform(NodeIdentity identity);
  }

  /**
   * Read a mailbox.
   *
   * @param id names the effect
   * @param mailbox which
   */
  record Load(long id, NodeId mailbox) implements Read {
    @Override
    public Result perform(MailboxStore store) throws StoreException {
      return new Loaded(store.load(mailbox));
    }
  }

  /**
   * Read envelopes.
   *
   * @param id names the effect
   * @param mailbox whose
   * @param digests which
   */
  record ReadEnvelopes(long id, NodeId mailbox, List<Digest> digests) implements Read {

    public ReadEnvelopes {
      digests = List.copyOf(digests);
    }

    @Override
    public Result perform(MailboxStore store) throws StoreException {
      return new EnvelopesRead(store.envelopes(mailbox, digests));
    }
  }

  /**
   * Read the acknowledgements of an envelope.
   *
   * @param id names the effect
   * @param mailbox whose
   * @param digest which
   */
  record ReadAcks(long id, NodeId mailbox, Digest digest) implements Read {
    @Override
    public Result perform(MailboxStore store) throws StoreException {
      return new AcksRead(store.ackBatches(mailbox, digest));
    }
  }

  /**
   * Find mailboxes in which something has ended.
   *
   * @param id names the effect
   * @param untilMillis before when
   * @param skip how many of the first to pass over
   * @param limit at most how many
   */
  record FindExpired(long id, long untilMillis, int skip, int limit) implements Read {
    @Override
    public Result perform(MailboxStore store) throws StoreException {
      return new Found(store.expired(untilMillis, skip, limit));
    }
  }

  /**
   * Find mailboxes in which nothing is, and that were not used for long.
   *
   * @param id names the effect
   * @param untilMillis since when
   * @param skip how many of the first to pass over
   * @param limit at most how many
   */
  record FindIdle(long id, long untilMillis, int skip, int limit) implements Read {
    @Override
    public Result perform(MailboxStore store) throws StoreException {
      return new Found(store.idle(untilMillis, skip, limit));
    }
  }

  /**
   * List mailboxes.
   *
   * @param id names the effect
   * @param after the key to begin behind, null for the first
   * @param limit at most how many
   */
  record ListMailboxes(long id, @Nullable NodeId after, int limit) implements Read {
    @Override
    public Result perform(MailboxStore store) throws StoreException {
      return new Found(store.mailboxes(after, limit));
    }
  }

  /**
   * Read mailboxes, and compute their fingerprints. A damaged one has none.
   *
   * @param id names the effect
   * @param mailboxes which
   * @param nowMillis the time: what has ended does not count
   */
  record Fingerprint(long id, List<NodeId> mailboxes, long nowMillis) implements Read {

    public Fingerprint {
      mailboxes = List.copyOf(mailboxes);
    }

    @Override
    public Result perform(MailboxStore store) throws StoreException {
      Map<NodeId, Digest> fingerprints = new LinkedHashMap<>();
      for (NodeId mailbox : mailboxes) {
        try {
          fingerprints.put(mailbox, Mailbox.fingerprint(mailbox, store.load(mailbox), nowMillis));
        } catch (StoreException e) {
          if (e.reason() != StoreException.Reason.DAMAGED) {
            throw e;
          }
        }
      }
      return new Fingerprinted(fingerprints);
    }
  }

  /**
   * What to read for another tracker.
   *
   * @param mailbox whose
   * @param envelopes which envelopes
   * @param acks the envelopes of which the acknowledgements are read
   * @param devices those whose acknowledgements are read: what others signed is to take no room
   * @param ackBytesMax how many bytes of acknowledgements
   */
  record CopiesOf(
      NodeId mailbox,
      List<Digest> envelopes,
      List<Digest> acks,
      List<DeviceId> devices,
      int ackBytesMax) {

    public CopiesOf {
      envelopes = List.copyOf(envelopes);
      acks = List.copyOf(acks);
      devices = List.copyOf(devices);
    }
  }

  /**
   * Read envelopes with their origins, and acknowledgements. What is damaged is left out.
   *
   * @param id names the effect
   * @param copies which
   */
  record ReadCopies(long id, CopiesOf copies) implements Read {

    /** How many batches an answer may have: no array of a frame is longer. */
    private static final int BATCHES_MAX = 256;

    @Override
    public Result perform(MailboxStore store) throws StoreException {
      List<byte @Nullable []> envelopes = new ArrayList<>();
      List<@Nullable Origin> origins = new ArrayList<>();
      for (Digest digest : copies.envelopes) {
        try {
          List<Digest> one = List.of(digest);
          envelopes.add(store.envelopes(copies.mailbox, one).get(0));
          origins.add(store.origins(copies.mailbox, one).get(0));
        } catch (StoreException e) {
          if (e.reason() != StoreException.Reason.DAMAGED) {
            throw e;
          }
          // The envelope was read, and its origin is damaged; or not even the envelope.
          envelopes.subList(origins.size(), envelopes.size()).clear();
          envelopes.add(null);
          origins.add(null);
        }
      }
      return new CopiesRead(copies.envelopes, envelopes, origins, batches(store));
    }

    private List<byte[]> batches(MailboxStore store) throws StoreException {
      Map<Digest, byte[]> found = new LinkedHashMap<>();
      int room = copies.ackBytesMax;
      for (Digest digest : copies.acks) {
        for (byte[] batch : store.ackBatches(copies.mailbox, digest)) {
          Digest name = Digest.sha256(batch);
          if (!found.containsKey(name) && isOfDevices(batch)) {
            room -= batch.length;
            if (room < 0 || found.size() == BATCHES_MAX) {
              return List.copyOf(found.values());
            }
            found.put(name, batch);
          }
        }
      }
      return List.copyOf(found.values());
    }

    private boolean isOfDevices(byte[] batch) {
      return AckBatch.parse(batch)
          .toOptional()
          .filter(parsed -> copies.devices.contains(parsed.device()))
          .isPresent();
    }
  }

  /**
   * Write changes, all or none, durably.
   *
   * @param id names the effect
   * @param changes of one mailbox
   */
  record Commit(long id, List<Change> changes) implements TrackerEffect {

    public Commit {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Verify an Ed25519 signature.
   *
   * @param id names the effect
   * @param publicKey the key
   * @param statement what must have been signed
   * @param signature the signature
   */
  record Verify(long id, byte[] publicKey, byte[] statement, byte[] signature) implements Compute {
    @Override
    public Result perform(NodeIdentity identity) {
      SignatureScheme scheme = identity.scheme();
      return new Verified(scheme.verify(publicKey, statement, signature));
    }
  }

  /**
   * Verify a device list: its signature, and that its devices' keys are keys.
   *
   * @param id names the effect
   * @param owner whose
   * @param list the list
   * @param networkId the network
   */
  record VerifyList(long id, Owner owner, DeviceList list, int networkId) implements Compute {
    @Override
    public Result perform(NodeIdentity identity) {
      return new Verified(list.hasSoundKeys(identity.scheme()) && list.verify(owner, networkId));
    }
  }

  /**
   * Sign a statement of the tracker.
   *
   * @param id names the effect
   * @param statement what to sign
   */
  record Sign(long id, byte[] statement) implements Compute {
    @Override
    public Result perform(NodeIdentity identity) {
      return new Signed(identity.sign(statement));
    }
  }

  /**
   * Read a user's newest device list from the network.
   *
   * @param id names the effect
   * @param owner the user
   */
  record ReadUser(long id, Owner owner) implements TrackerEffect {}

  /**
   * Ask another tracker. The driver keeps a session to it, in which the first request is a {@link
   * Request.Peer} with this tracker's signature, and gives up when no answer comes.
   *
   * @param id names the effect
   * @param peer whom
   * @param request what; the answer is well-formed, nothing of it verified
   */
  record AskPeer(long id, Contact peer, Request request) implements TrackerEffect {}

  /** What came of an effect. */
  sealed interface Result {}

  /**
   * What came of {@link Load}.
   *
   * @param mailbox what is kept, nothing if it was never written to
   */
  record Loaded(Optional<StoredMailbox> mailbox) implements Result {}

  /**
   * What came of {@link ReadEnvelopes}.
   *
   * @param envelopes in the order asked for, null for those that are gone
   */
  record EnvelopesRead(List<byte @Nullable []> envelopes) implements Result {}

  /**
   * What came of {@link ReadAcks}.
   *
   * @param batches as carried
   */
  record AcksRead(List<byte[]> batches) implements Result {}

  /**
   * What came of {@link FindExpired}, {@link FindIdle} and {@link ListMailboxes}.
   *
   * @param mailboxes their keys
   */
  record Found(List<NodeId> mailboxes) implements Result {}

  /**
   * What came of {@link Fingerprint}.
   *
   * @param fingerprints of those that could be read
   */
  record Fingerprinted(Map<NodeId, Digest> fingerprints) implements Result {

    public Fingerprinted {
      fingerprints = Collections.unmodifiableMap(new LinkedHashMap<>(fingerprints));
    }
  }

  /**
   * What came of {@link ReadCopies}.
   *
   * @param digests the envelopes asked for
   * @param envelopes in that order, null for those that are gone or damaged
   * @param origins in that order, null for those that have none
   * @param batches acknowledgements as carried, the first that there was room for
   */
  record CopiesRead(
      List<Digest> digests,
      List<byte @Nullable []> envelopes,
      List<@Nullable Origin> origins,
      List<byte[]> batches)
      implements Result {}

  /** What came of {@link Commit}: it is durable. */
  record Committed() implements Result {}

  /**
   * What came of {@link Verify} and {@link VerifyList}.
   *
   * @param good whether the signature is good
   */
  record Verified(boolean good) implements Result {}

  /**
   * What came of {@link Sign}.
   *
   * @param signature 64 bytes
   */
  record Signed(byte[] signature) implements Result {}

  /**
   * What came of {@link ReadUser}.
   *
   * @param list the newest list, its signature not verified; null if none could be read
   */
  record UserRead(@Nullable DeviceList list) implements Result {}

  /**
   * What came of {@link AskPeer}.
   *
   * @param response what the peer said, {@link Response.Refused} too
   */
  record PeerAnswered(Response response) implements Result {}

  /**
   * The driver could not perform the effect.
   *
   * @param reason of the store, {@link StoreException.Reason#IO} for others
   */
  record Failed(StoreException.Reason reason) implements Result {}
}
