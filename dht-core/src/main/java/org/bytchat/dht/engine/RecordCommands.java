package org.bytchat.dht.engine;

import java.util.List;
import java.util.function.LongConsumer;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.store.StoredItem;
import org.jspecify.annotations.Nullable;

/**
 * What an engine can be told to do with records; see {@link NodeEngine#records}. Each command
 * returns a number that the event of its end bears, or -1 if the engine has too much to do already.
 * In a node of two address families each command works in both. Belongs to the engine's driver.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class RecordCommands {

  private final Operations operations;
  private final Publisher publisher;
  private final LongConsumer afterCommand;
  private long nextId = 1;

  RecordCommands(Operations operations, Publisher publisher, LongConsumer afterCommand) {
    this.operations = operations;
    this.publisher = publisher;
    this.afterCommand = afterCommand;
  }

  /**
   * Returns what this node itself holds.
   *
   * @param key the item's key
   * @param nowNanos the time
   * @return the item, null if none that is alive is held here
   */
  public @Nullable StoredItem held(NodeId key, long nowNanos) {
    return operations.records.get(key, nowNanos);
  }

  /**
   * Reads the newest record of a place; {@link EngineEvent.GetFinished} tells the end.
   *
   * @param place the record's key
   * @param nowNanos the time
   * @return what names it, or -1
   */
  public long get(NodeId place, long nowNanos) {
    long id = nextId++;
    boolean started =
        GetOperation.start(
            operations,
            place,
            (found, answered, now) ->
                operations.core.emit(new EngineEvent.GetFinished(id, found, answered)),
            nowNanos);
    return end(started, id, nowNanos);
  }

  /**
   * Reads a blob; {@link EngineEvent.BlobFinished} tells the end.
   *
   * @param reference what a record says of it
   * @param nowNanos the time
   * @return what names it, or -1
   */
  public long getBlob(BlobReference reference, long nowNanos) {
    long id = nextId++;
    boolean started =
        BlobOperation.start(
            operations,
            reference,
            (content, fault, now) ->
                operations.core.emit(new EngineEvent.BlobFinished(id, content, fault)),
            nowNanos);
    return end(started, id, nowNanos);
  }

  /**
   * Stores a record once; {@link EngineEvent.PutFinished} tells the end. Whether its signature is
   * good is for its holders to say.
   *
   * @param signed the record
   * @param expectedSequence the sequence that it shall replace at each holder that knows one, 0 for
   *     none; {@link StorePut#ANY_SEQUENCE} for any
   * @param nowNanos the time
   * @return what names it, or -1
   */
  public long put(MutableRecord signed, long expectedSequence, long nowNanos) {
    return put(new PutOperation.Wish(signed.key(), List.of(signed), expectedSequence), nowNanos);
  }

  /**
   * Stores the chunks of a blob once; {@link EngineEvent.PutFinished} tells the end.
   *
   * @param root the blob's root, where all of them go
   * @param chunks the chunks, the root last
   * @param nowNanos the time
   * @return what names it, or -1
   * @throws IllegalArgumentException if there are no chunks
   */
  public long putBlob(NodeId root, List<Chunk> chunks, long nowNanos) {
    if (chunks.isEmpty()) {
      throw new IllegalArgumentException("a blob has chunks");
    }
    List<StoredItem> items = List.copyOf(chunks);
    return put(new PutOperation.Wish(root, items, StorePut.ANY_SEQUENCE), nowNanos);
  }

  private long put(PutOperation.Wish wish, long nowNanos) {
    long id = nextId++;
    boolean started =
        PutOperation.start(
            operations,
            wish,
            (result, now) -> operations.core.emit(new EngineEvent.PutFinished(id, result)),
            nowNanos);
    return end(started, id, nowNanos);
  }

  /**
   * Publishes a record, and again at half its life until {@link #stopPublishing}; {@link
   * EngineEvent.Published} tells each time.
   *
   * @param what the record's content and its owner
   * @param nowNanos the time
   * @return what names the publication, or -1
   * @throws IllegalArgumentException if its time to live is not one that holders take, or no record
   *     can be made of it
   */
  public long publish(Publication what, long nowNanos) {
    long id = publisher.publish(what, nowNanos);
    afterCommand.accept(nowNanos);
    return id;
  }

  /**
   * Publishes something no longer. What was stored lives until its end.
   *
   * @param id what {@link #publish} returned
   */
  public void stopPublishing(long id) {
    publisher.stop(id);
  }

  private long end(boolean started, long id, long nowNanos) {
    afterCommand.accept(nowNanos);
    return started ? id : -1;
  }
}
