package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.SessionClient;
import org.junit.jupiter.api.Test;

/** Goal: a tracker that answers, if only with a refusal, is not taken for one that is gone. */
class PeerSessionsTest {

  private static final int NETWORK = Keys.networkId("test");

  private final NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
  private final PeerSessions sessions =
      new PeerSessions(
          new SessionClient(Tracker.defaultSessions(), NETWORK),
          NETWORK,
          NodeIdentity.generate(new SecureRandom()),
          () -> CompletableFuture.completedFuture(List.of()));

  private Contact contact(int port) {
    byte[] loopback = InetAddress.getLoopbackAddress().getAddress();
    return Contact.of(identity.id(), Endpoint.of(loopback, port), 1);
  }

  @Test
  void ask_ofATrackerThatDoesNotKnowThisOne_isItsRefusal() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (sessions;
        Tracker tracker =
            Tracker.start(
                Tracker.Setup.of(identity, NETWORK, List.of(any), null, DeviceLists.NONE))) {
      Contact peer = contact(tracker.addresses().get(0).getPort());
      for (int i = 0; i < 2; i++) {
        assertThat(
                sessions.ask(peer, new Request.ListMailboxes(null, 10)).get(20, TimeUnit.SECONDS))
            .isInstanceOfSatisfying(
                Response.Refused.class,
                refused -> assertThat(refused.refusal()).isEqualTo(Refusal.NOT_NEAR));
      }
    }
  }
}
