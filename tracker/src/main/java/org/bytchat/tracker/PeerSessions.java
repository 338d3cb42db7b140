package org.bytchat.tracker;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.RepairStatements;
import org.bytchat.tracker.session.SessionClient;
import org.jspecify.annotations.Nullable;

/**
 * Asks other trackers: has a session with the one that was asked last, in which this tracker has
 * shown itself. The engine asks one after the other.
 *
 * <p>Safe for use by several threads.
 */
final class PeerSessions implements AutoCloseable {

  private static final long ANSWER_SECONDS = 30;

  private final SessionClient client;
  private final int networkId;
  private final NodeIdentity identity;
  private final Supplier<CompletableFuture<List<Contact>>> trackers;
  private @Nullable Peer current;

  /** The tracker refused to take this one for a peer. */
  private static final class NotGreeted extends RuntimeException {

    private static final long serialVersionUID = 1;

    final transient Response.Refused refused;

    NotGreeted(Response.Refused refused) {
      super("refused: " + refused.refusal());
      this.refused = refused;
    }
  }

  /** A tracker, and the session with it, which may be under way or have failed. */
  private record Peer(Contact contact, CompletableFuture<TrackerConnection> connection) {

    boolean isUsable(Contact other) {
      boolean isLost =
          connection.isCompletedExceptionally()
              || (connection.isDone() && !connection.join().isOpen());
      return contact.equals(other) && !isLost;
    }

    void close() {
      CompletableFuture<TrackerConnection> unused =
          connection.whenComplete(
              (open, failure) -> {
                if (open != null) {
                  open.close();
                }
              });
    }
  }

  /**
   * Makes it; no session is opened yet.
   *
   * @param client opens sessions; closed with this
   * @param networkId the network
   * @param identity the tracker's key
   * @param trackers the trackers that the node knows
   */
  PeerSessions(
      SessionClient client,
      int networkId,
      NodeIdentity identity,
      Supplier<CompletableFuture<List<Contact>>> trackers) {
    this.client = client;
    this.networkId = networkId;
    this.identity = identity;
    this.trackers = trackers;
  }

  CompletableFuture<List<Contact>> trackers() {
    try {
      return trackers.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Asks. If the tracker refuses to take this one for a peer, the answer is that refusal.
   *
   * @return fails if no answer comes within half a minute
   */
  CompletableFuture<Response> ask(Contact peer, Request request) {
    return connection(peer)
        .thenCompose(connection -> connection.request(request))
        .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
        .whenComplete(
            (response, failure) -> {
              if (failure != null) {
                drop(peer);
              }
            })
        .exceptionally(PeerSessions::refusalIn);
  }

  private static Response refusalIn(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof NotGreeted notGreeted) {
      return notGreeted.refused;
    }
    throw failure instanceof CompletionException known ? known : new CompletionException(failure);
  }

  private synchronized CompletableFuture<TrackerConnection> connection(Contact contact) {
    Peer known = current;
    if (known != null && known.isUsable(contact)) {
      return known.connection;
    }
    if (known != null) {
      known.close();
    }
    Peer made = new Peer(contact, connect(contact));
    current = made;
    return made.connection;
  }

  private CompletableFuture<TrackerConnection> connect(Contact contact) {
    return TrackerConnection.connect(
            client, Sockets.toSocket(contact.endpoint()), contact.id(), identity.scheme())
        .thenCompose(connection -> greet(connection, contact.id()));
  }

  private CompletableFuture<TrackerConnection> greet(TrackerConnection connection, NodeId peer) {
    byte[] statement =
        RepairStatements.peer(networkId, peer, identity.id(), connection.handshakeHash());
    return connection
        .request(new Request.Peer(identity.publicKey(), identity.sign(statement)))
        .thenApply(
            response -> {
              if (response instanceof Response.Greeted) {
                return connection;
              }
              connection.close();
              if (response instanceof Response.Refused refused) {
                throw new NotGreeted(refused);
              }
              throw new IllegalStateException("tracker " + peer + " gave no answer to a greeting");
            });
  }

  private synchronized void drop(Contact contact) {
    Peer known = current;
    if (known != null && known.contact.equals(contact)) {
      known.close();
      current = null;
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
