package org.bytchat.dht;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.StorePut;
import org.jspecify.annotations.Nullable;

/**
 * What a node of Mainline's dialect can be asked beyond lookups and pings: peers (BEP 5) and items
 * (BEP 44). See {@link DhtNode#mainline}. Safe for use by several threads.
 *
 * <p>Each future fails with {@link DhtException.NoPeers} if nobody answered, {@link
 * DhtException.Overloaded} and {@link DhtException.Closed}; each method throws {@link
 * DhtException.Closed} if the node does not run.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Mainline {

  private final OpenCommands.Orders orders;

  /* What the loop owes; added to there only. */
  private final Map<Long, CompletableFuture<Peers>> peers = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<Optional<MainlineItem>>> items =
      new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<PutResult>> puts = new ConcurrentHashMap<>();

  /**
   * The peers of an infohash.
   *
   * @param peers who was named, each once
   * @param announced what became of the announcement, null if there was none
   */
  public record Peers(List<InetSocketAddress> peers, @Nullable PutResult announced) {

    public Peers {
      peers = List.copyOf(peers);
    }
  }

  Mainline(OpenCommands.Orders orders) {
    this.orders = orders;
  }

  /**
   * Finds the peers that announced themselves under an infohash.
   *
   * @param infohash the infohash
   * @return the peers
   */
  public CompletableFuture<Peers> peers(NodeId infohash) {
    return orders.order(
        (engine, nowNanos, future) ->
            OpenCommands.await(engine.mainline().findPeers(infohash, nowNanos), peers, future));
  }

  /**
   * Announces this host under an infohash, for about half an hour, and finds the peers there.
   *
   * @param infohash the infohash
   * @param port where others reach what is announced, 1 to 65535
   * @return the peers, and what became of the announcement; fails with {@link
   *     IllegalArgumentException} if the port is out of range
   */
  public CompletableFuture<Peers> announce(NodeId infohash, int port) {
    return orders.order(
        (engine, nowNanos, future) ->
            OpenCommands.await(
                engine.mainline().announce(infohash, port, false, nowNanos), peers, future));
  }

  /**
   * Reads an item. What is returned has been verified; of a mutable item it is the highest sequence
   * that was found.
   *
   * @param target where it lies
   * @param salt of a mutable item, up to 64 bytes; empty for none
   * @return the item, or nothing; fails with {@link IllegalArgumentException} if the salt is too
   *     long
   */
  public CompletableFuture<Optional<MainlineItem>> item(NodeId target, byte[] salt) {
    byte[] own = salt.clone();
    return orders.order(
        (engine, nowNanos, future) ->
            OpenCommands.await(engine.mainline().findItem(target, own, nowNanos), items, future));
  }

  /**
   * Puts an item at the k closest nodes, which keep it for about two hours.
   *
   * @param item the item
   * @return what each node did; superseded if a node holds a newer one, which readers then prefer
   */
  public CompletableFuture<PutResult> put(MainlineItem item) {
    return put(item, StorePut.ANY_SEQUENCE);
  }

  /**
   * Puts a mutable item in the place of a certain one.
   *
   * @param item the item
   * @param expectedSequence the sequence that it shall replace where one is held; a node that holds
   *     another refuses with error 301
   * @return what each node did; superseded if a node holds something newer than what this shall
   *     replace, and then nobody stored it who does not
   */
  public CompletableFuture<PutResult> put(MainlineItem item, long expectedSequence) {
    return orders.order(
        (engine, nowNanos, future) ->
            OpenCommands.await(
                engine.mainline().put(item, expectedSequence, nowNanos), puts, future));
  }

  /** Takes an event, on the loop; returns whether it was one for this. */
  boolean onEvent(EngineEvent event) {
    if (event instanceof EngineEvent.PeersFound found) {
      finish(
          peers.remove(found.id()),
          new Peers(found.peers().stream().map(Sockets::toSocket).toList(), found.announced()),
          found.answered() > 0);
      return true;
    }
    if (event instanceof EngineEvent.ItemFound found) {
      finish(items.remove(found.id()), Optional.ofNullable(found.found()), found.answered() > 0);
      return true;
    }
    if (event instanceof EngineEvent.PutFinished finished) {
      CompletableFuture<PutResult> put = puts.remove(finished.id());
      finish(put, finished.result(), !finished.result().nodes().isEmpty());
      return put != null;
    }
    return false;
  }

  private static <T> void finish(
      @Nullable CompletableFuture<T> future, T result, boolean isAnswered) {
    if (future != null && isAnswered) {
      future.complete(result);
    } else if (future != null) {
      future.completeExceptionally(new DhtException.NoPeers("nobody answered"));
    }
  }

  /** Fails what is open, because the node has ended; on any thread. */
  void failOpen(DhtException.Closed reason) {
    OpenCommands.failAll(peers.values(), reason);
    OpenCommands.failAll(items.values(), reason);
    OpenCommands.failAll(puts.values(), reason);
  }
}
