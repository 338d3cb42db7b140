package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionServer;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.GroupCommit;
import org.bytchat.tracker.store.MemoryStore;
import org.bytchat.tracker.store.StoredMailbox;
import org.junit.jupiter.api.Test;

/** Goal: an answer that has no frame ends its session, and nothing else. */
class TrackerLoopTest {

  private static final int NETWORK = Keys.networkId("test");

  /** More than any envelope has, so that no frame takes it. */
  private static final int TOO_LONG_BYTES = Envelope.BYTES_MAX + 1;

  private final NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
  private final Party party = new Party(NETWORK, 1, 1);
  private final MemoryStore store = new MemoryStore();

  private Change tooLong() {
    byte[] bytes = new byte[TOO_LONG_BYTES];
    long now = System.currentTimeMillis();
    StoredMailbox.Entry entry =
        new StoredMailbox.Entry(
            1, Digest.sha256(bytes), now, now + 86_400_000L, bytes.length, null, 0);
    return new Change.PutEnvelope(party.mailbox(), entry, bytes, null);
  }

  private static Response ask(TrackerConnection connection, Request request) throws Exception {
    return connection.request(request).get(10, TimeUnit.SECONDS);
  }

  @Test
  void answer_thatHasNoFrame_endsItsSessionOnly() throws Exception {
    store.commit(List.of(tooLong()));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (GroupCommit writer = new GroupCommit(store, GroupCommit.Limits.defaults());
        TrackerLoop loop =
            new TrackerLoop(
                TrackerConfig.defaults(),
                NETWORK,
                new TrackerLoop.Tools(identity, store, writer, pool, pool, DeviceLists.NONE));
        SessionServer server =
            SessionServer.bind(Tracker.defaultSessions(), NETWORK, identity, List.of(any), loop);
        SessionClient client = new SessionClient(Tracker.defaultSessions(), NETWORK)) {
      loop.start();
      TrackerConnection owner = connect(client, server);
      TrackerConnection other = connect(client, server);
      Request.Open open = party.open(party.devices.get(0), identity.id(), owner.handshakeHash());
      assertThat(ask(owner, open)).isInstanceOf(Response.Opened.class);
      assertThatThrownBy(() -> owner.fetch(new Request.Fetch(0, 10, 0)).get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      assertThat(owner.isOpen()).isFalse();
      assertThat(ask(other, new Request.Info())).isInstanceOf(Response.Info.class);
      assertThat(ask(connect(client, server), new Request.Info()))
          .isInstanceOf(Response.Info.class);
      assertThat(loop.failure()).isNotDone();
    } finally {
      pool.shutdownNow();
    }
  }

  private TrackerConnection connect(SessionClient client, SessionServer server) throws Exception {
    return TrackerConnection.connect(
            client, server.addresses().get(0), identity.id(), Party.scheme())
        .get(10, TimeUnit.SECONDS);
  }
}
