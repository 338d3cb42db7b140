package org.bytchat.dht.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.Publication;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.engine.RecordCommands;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.MutableRecord;

/** Somebody who has a key, and puts and reads records through the nodes of a virtual network. */
public final class RecordUser {

  /** How long an operation may take, in virtual time. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final VirtualNetwork network;
  private final UserKey key;

  /**
   * Makes a user.
   *
   * @param network the network
   * @param scheme the algorithm of the key
   * @param seed what the key follows from
   */
  public RecordUser(VirtualNetwork network, SignatureScheme scheme, long seed) {
    this.network = network;
    byte[] bytes = new byte[SignatureScheme.SEED_BYTES];
    Seeds.random(seed).nextBytes(bytes);
    this.key = UserKey.ofSeed(scheme, bytes);
  }

  /**
   * Returns the place of the user's records with a label.
   *
   * @param label the label
   * @return the place
   */
  public NodeId place(String label) {
    return Uid.ofKey(Uid.VERSION_2, key.publicKey().encoded()).place(label);
  }

  /**
   * Signs a record.
   *
   * @param label its label
   * @param sequence its sequence
   * @param issuedMillis when it is issued
   * @param life how long it lives
   * @return the record, whose value is its sequence as text
   */
  public MutableRecord record(String label, long sequence, long issuedMillis, Duration life) {
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.VERSION_2,
            label,
            key.publicKey().encoded(),
            sequence,
            issuedMillis,
            issuedMillis + life.toMillis(),
            Long.toString(sequence).getBytes(StandardCharsets.UTF_8));
    return draft.signed(key.sign(draft.statement(Keys.networkId(DhtConfig.DEFAULT_NETWORK))));
  }

  /**
   * Makes a publication of the user's.
   *
   * @param label its label
   * @param value its value
   * @param blob its blob, empty for none
   * @param ttl how long each copy lives
   * @return the publication
   */
  public Publication publication(String label, String value, byte[] blob, Duration ttl) {
    return new Publication(
        Uid.VERSION_2,
        label,
        key.publicKey().encoded(),
        key::sign,
        value.getBytes(StandardCharsets.UTF_8),
        blob,
        ttl);
  }

  /**
   * Puts a record and waits for the end.
   *
   * @param through the node that does it
   * @param signed the record
   * @param expectedSequence compare-and-swap, -1 for none
   * @return what became of it
   */
  public PutResult put(VirtualNode through, MutableRecord signed, long expectedSequence) {
    long id = commands(through).put(signed, expectedSequence, network.nowNanos());
    return await(through, id, EngineEvent.PutFinished.class, event -> event.id() == id).result();
  }

  /**
   * Puts a blob and waits for the end.
   *
   * @param through the node that does it
   * @param blob the blob
   * @return what became of it
   */
  public PutResult putBlob(VirtualNode through, Blob blob) {
    NodeId root = blob.reference().root();
    long id = commands(through).putBlob(root, blob.chunks(), network.nowNanos());
    return await(through, id, EngineEvent.PutFinished.class, event -> event.id() == id).result();
  }

  /**
   * Reads a record and waits for the end.
   *
   * @param through the node that does it
   * @param place where it lies
   * @return the event of the end
   */
  public EngineEvent.GetFinished get(VirtualNode through, NodeId place) {
    long id = commands(through).get(place, network.nowNanos());
    return await(through, id, EngineEvent.GetFinished.class, event -> event.id() == id);
  }

  /**
   * Reads a blob and waits for the end.
   *
   * @param through the node that does it
   * @param reference which
   * @return the event of the end
   */
  public EngineEvent.BlobFinished getBlob(VirtualNode through, BlobReference reference) {
    long id = commands(through).getBlob(reference, network.nowNanos());
    return await(through, id, EngineEvent.BlobFinished.class, event -> event.id() == id);
  }

  /**
   * Begins to publish and waits for the first time.
   *
   * @param through the node that does it
   * @param what what to publish
   * @return the event of the first time
   */
  public EngineEvent.Published publish(VirtualNode through, Publication what) {
    long id = commands(through).publish(what, network.nowNanos());
    return await(through, id, EngineEvent.Published.class, event -> event.id() == id);
  }

  private static RecordCommands commands(VirtualNode through) {
    return through.engine().records();
  }

  private <T extends EngineEvent> T await(
      VirtualNode through, long id, Class<T> type, Predicate<T> which) {
    if (id < 0) {
      throw new AssertionError(through + " has too much to do");
    }
    through.flush();
    Object[] taken = new Object[1];
    boolean ended =
        network.runUntil(
            PATIENCE,
            () -> {
              taken[0] = through.takeEvent(type, which);
              return taken[0] != null;
            });
    if (!ended) {
      throw new AssertionError("the operation of " + through + " does not end");
    }
    return type.cast(taken[0]);
  }
}
