package org.bytchat.sim.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.DeviceLists;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionConfig;

/**
 * Trackers on the loopback address, and sessions with them.
 *
 * @param client whose sessions
 * @param address where the tracker listens
 * @param id the tracker's
 */
record TrackerLab(SessionClient client, InetSocketAddress address, NodeId id)
    implements AutoCloseable {

  private static final long ANSWER_SECONDS = 60;
  private static final int SESSIONS_MAX = 100_000;
  private static final int OUTBOUND_BYTES = 4 << 20;
  private static final int CONNECTING_MAX = 64;

  /** As by default, but for the limits that all clients on one host would meet. */
  private static SessionConfig sessions() {
    SessionConfig.Total total = SessionConfig.Total.defaults();
    return SessionConfig.defaults()
        .withOutboundBytesMax(OUTBOUND_BYTES)
        .withTotal(
            new SessionConfig.Total(
                SESSIONS_MAX, total.halfOpen(), total.outboundBytes(), total.inboundBytes()))
        .withPerSource(
            new SessionConfig.PerSource(
                Scope.LOCAL, SESSIONS_MAX, total.halfOpen(), 0, SESSIONS_MAX, 0, 1, 1024));
  }

  /** Starts a tracker with its default limits on the mailboxes of a folder. */
  static Tracker startTracker(NodeIdentity identity, Path folder) throws Exception {
    return Tracker.start(
        new Tracker.Setup(
            identity,
            MailOwner.NETWORK,
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            folder,
            DeviceLists.NONE,
            TrackerConfig.defaults(),
            sessions()));
  }

  static TrackerLab of(InetSocketAddress address, NodeId id) {
    return new TrackerLab(new SessionClient(sessions(), MailOwner.NETWORK), address, id);
  }

  CompletableFuture<TrackerConnection> connect() {
    return TrackerConnection.connect(client, address, id, Ed25519Scheme.INSTANCE);
  }

  /** Opens some sessions, several at a time. */
  List<TrackerConnection> connect(int count) throws Exception {
    List<TrackerConnection> connected = new ArrayList<>();
    while (connected.size() < count) {
      List<CompletableFuture<TrackerConnection>> some = new ArrayList<>();
      for (int i = Math.min(CONNECTING_MAX, count - connected.size()); i > 0; i--) {
        some.add(connect());
      }
      for (CompletableFuture<TrackerConnection> each : some) {
        connected.add(each.get(ANSWER_SECONDS, TimeUnit.SECONDS));
      }
    }
    return connected;
  }

  /** Asks, and fails if the answer is of another kind. */
  static <T extends Response> T ask(TrackerConnection connection, Request request, Class<T> kind)
      throws Exception {
    return answer(connection.request(request).get(ANSWER_SECONDS, TimeUnit.SECONDS), kind);
  }

  static <T extends Response> T answer(Response response, Class<T> kind) {
    if (!kind.isInstance(response)) {
      throw new IllegalStateException("the tracker does not serve: it answered " + response);
    }
    return kind.cast(response);
  }

  @Override
  public void close() {
    client.close();
  }
}
