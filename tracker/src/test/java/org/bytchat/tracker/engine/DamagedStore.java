package org.bytchat.tracker.engine;

import java.util.List;
import java.util.Optional;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.MailboxStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoreStats;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/** A store in which one mailbox cannot be read as it was written. */
record DamagedStore(MailboxStore store, NodeId damaged) implements MailboxStore {

  @Override
  public Optional<StoredMailbox> load(NodeId mailbox) throws StoreException {
    if (mailbox.equals(damaged)) {
      throw new StoreException(StoreException.Reason.DAMAGED, "a row is damaged");
    }
    return store.load(mailbox);
  }

  @Override
  public void commit(List<Change> changes) throws StoreException {
    store.commit(changes);
  }

  @Override
  public List<byte @Nullable []> envelopes(NodeId mailbox, List<Digest> digests)
      throws StoreException {
    return store.envelopes(mailbox, digests);
  }

  @Override
  public List<@Nullable Origin> origins(NodeId mailbox, List<Digest> digests)
      throws StoreException {
    return store.origins(mailbox, digests);
  }

  @Override
  public List<byte[]> ackBatches(NodeId mailbox, Digest digest) throws StoreException {
    return store.ackBatches(mailbox, digest);
  }

  @Override
  public List<NodeId> mailboxes(@Nullable NodeId after, int limit) throws StoreException {
    return store.mailboxes(after, limit);
  }

  @Override
  public List<NodeId> expired(long untilMillis, int skip, int limit) throws StoreException {
    return store.expired(untilMillis, skip, limit);
  }

  @Override
  public List<NodeId> idle(long untilMillis, int skip, int limit) throws StoreException {
    return store.idle(untilMillis, skip, limit);
  }

  @Override
  public StoreStats stats() throws StoreException {
    return store.stats();
  }

  @Override
  public void close() {
    store.close();
  }
}
