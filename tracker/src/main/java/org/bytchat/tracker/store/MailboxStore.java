package org.bytchat.tracker.store;

import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Keeps mailboxes. What is committed is durable when {@link #commit} returns; what is not leaves no
 * trace. It knows no rules: who may deposit, what may go and when is decided by whoever commits.
 *
 * <p>All methods block. {@link #commit} is called by one thread at a time, the others by any. What
 * a call reads is of one moment, between two commits. Arrays given and returned may be shared:
 * nobody changes them.
 */
@API(status = API.Status.EXPERIMENTAL)
public interface MailboxStore extends AutoCloseable {

  /**
   * Reads a mailbox, without the envelopes' bytes.
   *
   * @param mailbox its key
   * @return what is kept of it, nothing if it was never written to, or has ended
   * @throws StoreException if it cannot be read
   */
  Optional<StoredMailbox> load(NodeId mailbox) throws StoreException;

  /**
   * Writes all of some changes, or nothing, and returns when they would survive the loss of power.
   *
   * @param changes in order, of any mailboxes; none is no commit
   * @throws StoreException if nothing was written
   * @throws IllegalArgumentException if a sequence is below the next one of its mailbox; nothing
   *     was written
   */
  void commit(List<Change> changes) throws StoreException;

  /**
   * Reads envelopes.
   *
   * @param mailbox whose
   * @param digests which, at most some hundred
   * @return their bytes in the order asked for, null for those that are not held (any more)
   * @throws StoreException if they cannot be read; DAMAGED if the SHA-256 of one is not its digest,
   *     whose bytes nobody gets
   */
  List<byte @Nullable []> envelopes(NodeId mailbox, List<Digest> digests) throws StoreException;

  /**
   * Reads what let envelopes in.
   *
   * @param mailbox whose
   * @param digests which, at most some hundred
   * @return their origins in the order asked for; null for those that are not held (any more) or
   *     have none
   * @throws StoreException if they cannot be read; DAMAGED if one is none
   */
  List<@Nullable Origin> origins(NodeId mailbox, List<Digest> digests) throws StoreException;

  /**
   * Reads the batches of acknowledgements that name an envelope.
   *
   * @param mailbox whose
   * @param digest of the envelope, held or deleted
   * @return the batches as carried, in the order in which they were committed
   * @throws StoreException if they cannot be read
   */
  List<byte[]> ackBatches(NodeId mailbox, Digest digest) throws StoreException;

  /**
   * Lists mailboxes.
   *
   * @param after the key to begin behind, null for the first
   * @param limit at most how many
   * @return keys in their order
   * @throws StoreException if they cannot be read
   */
  List<NodeId> mailboxes(@Nullable NodeId after, int limit) throws StoreException;

  /**
   * Lists mailboxes in which an entry has ended, held or not.
   *
   * @param untilMillis the time, milliseconds since 1970: what ends then has ended
   * @param skip how many of the first to pass over, from 0
   * @param limit at most how many
   * @return keys, those with the oldest end first, then by key
   * @throws StoreException if they cannot be read
   */
  List<NodeId> expired(long untilMillis, int skip, int limit) throws StoreException;

  /**
   * Lists mailboxes that have no entry, held or not, and were not touched for long.
   *
   * @param untilMillis the time, milliseconds since 1970: those last touched then, or before
   * @param skip how many of the first to pass over, from 0
   * @param limit at most how many
   * @return keys, those that were touched longest ago first, then by key
   * @throws StoreException if they cannot be read
   */
  List<NodeId> idle(long untilMillis, int skip, int limit) throws StoreException;

  /**
   * Counts what is kept.
   *
   * @return the counts after the last commit; they are at hand, nothing is scanned
   * @throws StoreException if they cannot be read
   */
  StoreStats stats() throws StoreException;

  /** Ends it; what was committed stays. May be called twice. */
  @Override
  void close();
}
