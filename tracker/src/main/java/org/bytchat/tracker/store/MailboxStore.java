package org.bytchat.tracker.store;

import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;

/**
 * Keeps mailboxes. What is committed is durable when {@link #commit} returns; what is not leaves no
 * trace. It knows no rules: who may deposit, what may go and when is decided by whoever commits.
 *
 * <p>All methods block. {@link #commit} is called by one thread at a time, the others by any.
 */
@API(status = API.Status.EXPERIMENTAL)
public interface MailboxStore extends AutoCloseable {

  /**
   * Reads a mailbox, without the envelopes' bytes.
   *
   * @param mailbox its key
   * @return what is kept of it, nothing if it was never written to
   * @throws StoreException if it cannot be read
   */
  Optional<StoredMailbox> load(NodeId mailbox) throws StoreException;

  /**
   * Writes all of some changes, or nothing, and returns when they would survive the loss of power.
   *
   * @param changes in order, of any mailboxes
   * @throws StoreException if nothing was written
   */
  void commit(List<Change> changes) throws StoreException;

  /**
   * Reads envelopes.
   *
   * @param mailbox whose
   * @param digests which, at most some hundred
   * @return their bytes in the order asked for, null for those that are not held (any more)
   * @throws StoreException if they cannot be read
   */
  List<byte @Nullable []> envelopes(NodeId mailbox, List<Digest> digests) throws StoreException;

  /**
   * Reads the batches of acknowledgements that name an envelope.
   *
   * @param mailbox whose
   * @param digest of the envelope, held or deleted
   * @return the batches as carried, oldest first
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
   * Lists mailboxes in which an entry has ended.
   *
   * @param untilMillis the time, milliseconds since 1970
   * @param limit at most how many
   * @return keys, those with the oldest end first
   * @throws StoreException if they cannot be read
   */
  List<NodeId> expired(long untilMillis, int limit) throws StoreException;

  /**
   * Counts what is kept.
   *
   * @return the counts
   * @throws StoreException if they cannot be read
   */
  StoreStats stats() throws StoreException;

  /** Ends it; what was committed stays. May be called twice. */
  @Override
  void close();
}
