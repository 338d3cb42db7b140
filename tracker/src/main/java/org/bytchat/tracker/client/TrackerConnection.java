package org.bytchat.tracker.client;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.codec.Decoded;
import org.bytchat.tracker.codec.MessageCodec;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.CloseReason;
import org.bytchat.tracker.session.Session;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionListener;
import org.jspecify.annotations.Nullable;

/**
 * A session with one tracker, in which requests are answered. Safe for use by several threads;
 * futures complete on the session's thread and must not block it.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class TrackerConnection implements AutoCloseable {

  /** No tracker may be set to give more in a page; see {@code TrackerConfig.Page}. */
  private static final int PAGE_ENVELOPES_MAX = 1_000;

  private static final long PAGE_BYTES_MAX = (16 << 20) + (64 << 10);

  private final NodeId tracker;
  private final MessageCodec codec;
  private final Map<Long, Pending> pending = new LinkedHashMap<>();
  private volatile @Nullable Session session;
  private long nextRequestId;
  private boolean closed;

  /** A page of envelopes. */
  public record Page(List<byte[]> envelopes, Response.PageEnd end) {

    public Page {
      envelopes = List.copyOf(envelopes);
    }
  }

  /** A request that is not answered yet. */
  private record Pending(
      CompletableFuture<Response> answer, List<byte[]> envelopes, boolean isFetch) {}

  private TrackerConnection(NodeId tracker, SignatureScheme scheme) {
    this.tracker = tracker;
    this.codec = new MessageCodec(scheme);
  }

  /**
   * Connects.
   *
   * @param client whose session it is
   * @param address where the tracker listens
   * @param tracker its id, which it has to prove
   * @param scheme what keys of users are read with
   * @return the connection; fails with what the session failed with
   */
  public static CompletableFuture<TrackerConnection> connect(
      SessionClient client, InetSocketAddress address, NodeId tracker, SignatureScheme scheme) {
    TrackerConnection made = new TrackerConnection(tracker, scheme);
    return client
        .connect(address, tracker, new byte[0], made.new Frames())
        .thenApply(
            session -> {
              made.session = session;
              return made;
            });
  }

  /** Takes what the tracker says. */
  private final class Frames implements SessionListener {

    @Override
    public void onFrame(Session from, byte[] frame) {
      Decoded<Response> decoded = codec.decodeResponse(frame);
      if (decoded instanceof Decoded.Message<Response> message) {
        if (!take(message.requestId(), message.message())) {
          from.close();
        }
      } else if (decoded instanceof Decoded.Malformed<Response> malformed) {
        end(malformed.requestId(), it -> fail(it, "malformed answer: " + malformed.reason()));
      } else {
        from.close();
      }
    }

    @Override
    public void onClose(Session from, CloseReason reason) {
      failAll("the session ended: " + reason);
    }
  }

  /**
   * Takes an answer, or a part of it; false if the page is longer than any may be, or if it is a
   * part of what is no page.
   */
  private boolean take(long requestId, Response response) {
    if (!(response instanceof Response.Envelopes part)) {
      end(requestId, it -> it.answer.complete(response));
      return true;
    }
    synchronized (pending) {
      Pending waiting = pending.get(requestId);
      if (waiting == null) {
        return true;
      }
      if (!waiting.isFetch) {
        return false;
      }
      waiting.envelopes.addAll(part.envelopes());
      long bytes = waiting.envelopes.stream().mapToLong(envelope -> envelope.length).sum();
      return waiting.envelopes.size() <= PAGE_ENVELOPES_MAX && bytes <= PAGE_BYTES_MAX;
    }
  }

  private void end(long requestId, Consumer<Pending> end) {
    Pending waiting;
    synchronized (pending) {
      waiting = pending.remove(requestId);
    }
    if (waiting != null) {
      end.accept(waiting);
    }
  }

  private void fail(Pending waiting, String text) {
    waiting.answer.completeExceptionally(
        new TrackerException(TrackerException.Kind.LOST, tracker, text));
  }

  private void failAll(String text) {
    List<Pending> all;
    synchronized (pending) {
      closed = true;
      all = new ArrayList<>(pending.values());
      pending.clear();
    }
    all.forEach(waiting -> fail(waiting, text));
  }

  /**
   * Returns whom this is with.
   *
   * @return the tracker's id
   */
  public NodeId tracker() {
    return tracker;
  }

  /**
   * Returns what a device signs to show itself in this session.
   *
   * @return the hash of its handshake, 32 bytes
   */
  public byte[] handshakeHash() {
    return open().handshakeHash();
  }

  /**
   * Tells whether requests can be sent.
   *
   * @return whether the session is open
   */
  public boolean isOpen() {
    Session now = session;
    return now != null && now.isOpen();
  }

  private Session open() {
    Session now = session;
    if (now == null) {
      throw new IllegalStateException("not connected");
    }
    return now;
  }

  /**
   * Asks something; for {@link Request.Fetch} see {@link #fetch}.
   *
   * @param request the request
   * @return the answer, {@link Response.Refused} too; fails with {@link TrackerException} if there
   *     is none
   */
  public CompletableFuture<Response> request(Request request) {
    return ask(request).answer;
  }

  /**
   * Asks for a page.
   *
   * @param request what of
   * @return the page; fails with {@link TrackerException}, of kind REFUSED if it was refused
   */
  public CompletableFuture<Page> fetch(Request.Fetch request) {
    Pending asked = ask(request);
    return asked.answer.thenApply(
        response -> {
          if (response instanceof Response.PageEnd end) {
            return new Page(asked.envelopes, end);
          }
          throw TrackerException.unexpected(tracker, response);
        });
  }

  private Pending ask(Request request) {
    Pending asked =
        new Pending(new CompletableFuture<>(), new ArrayList<>(), request instanceof Request.Fetch);
    long requestId;
    synchronized (pending) {
      if (closed) {
        fail(asked, "the session has ended");
        return asked;
      }
      requestId = nextRequestId++ & MessageCodec.REQUEST_ID_MAX;
      pending.put(requestId, asked);
    }
    if (!open().send(codec.encode(requestId, request))) {
      end(requestId, it -> fail(it, "too much waits to be sent, or the session has ended"));
    }
    return asked;
  }

  @Override
  public void close() {
    Session now = session;
    if (now != null) {
      now.close();
    }
    failAll("closed");
  }
}
