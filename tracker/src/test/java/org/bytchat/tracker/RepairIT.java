package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real trackers beside real nodes: UDP, TCP, Noise, SQLite. */
class RepairIT {

  private static final String NETWORK = "repair-it";
  private static final int NETWORK_ID = Keys.networkId(NETWORK);
  private static final int TRACKERS = 5;
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final SessionConfig SESSIONS =
      Tracker.defaultSessions()
          .withPerSource(new SessionConfig.PerSource(Scope.LOCAL, 1000, 1000, 0, 1000, 0, 1, 1024));
  private static final TrackerConfig CONFIG =
      TrackerConfig.defaults()
          .withRepair(TrackerConfig.Repair.defaults().withInterval(Duration.ofSeconds(1)));

  @TempDir private Path folder;

  private final Party party = new Party(NETWORK_ID, 1, 1);
  private final SessionClient client = new SessionClient(SESSIONS, NETWORK_ID);
  private final List<Place> places = new ArrayList<>();
  private int startedCount;

  /** A node and its tracker. */
  private record Place(NodeIdentity identity, DhtNode node, Tracker tracker) {

    int port() {
      return node.localAddresses().get(0).getPort();
    }

    void close() {
      node.close();
      tracker.close();
    }
  }

  private void start() throws Exception {
    NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    AtomicReference<Tracker> tracker = new AtomicReference<>();
    DhtNodeBuilder builder =
        DhtNode.builder()
            .config(DhtConfig.defaults().withNetwork(NETWORK).withAssumeReachable(true))
            .bind(FreePort.forBoth())
            .identity(identity)
            .service(
                Services.TRACKER,
                query -> {
                  Tracker running = tracker.get();
                  return running == null
                      ? CompletableFuture.completedFuture(
                          new DhtService.Refused(ErrorCode.BUSY, "not yet"))
                      : running.serve(query);
                });
    places.forEach(place -> builder.bootstrap("127.0.0.1:" + place.port()));
    DhtNode node = builder.build().start();
    Tracker started =
        Tracker.start(
            new Tracker.Setup(
                identity,
                NETWORK_ID,
                node.localAddresses(),
                folder.resolve("tracker-" + startedCount++),
                DeviceLists.NONE,
                CONFIG,
                SESSIONS));
    tracker.set(started);
    started.repairWith(() -> node.contacts(Services.TRACKER));
    places.add(new Place(identity, node, started));
  }

  @AfterEach
  void stop() {
    client.close();
    places.forEach(Place::close);
  }

  private TrackerConnection connect(Place place) throws Exception {
    return TrackerConnection.connect(
            client, place.tracker.addresses().get(0), place.identity.id(), Party.scheme())
        .get(10, TimeUnit.SECONDS);
  }

  private static Response ask(TrackerConnection connection, Request request) throws Exception {
    return connection.request(request).get(10, TimeUnit.SECONDS);
  }

  private Receipt deposit(Place place, Envelope envelope) throws Exception {
    try (TrackerConnection connection = connect(place)) {
      ask(connection, new Request.PutDevices(party.owner, party.list()));
      ask(connection, new Request.PutDeliveryKeys(party.deliveryKeys()));
      Response answer =
          ask(connection, party.deposit(envelope, party.contacts.get(0), place.identity.id()));
      assertThat(answer).isInstanceOf(Response.Receipts.class);
      return ((Response.Receipts) answer).deposit();
    }
  }

  private boolean holds(Place place, Digest digest) throws Exception {
    try (TrackerConnection connection = connect(place)) {
      Response answer = ask(connection, new Request.Prove(party.mailbox(), digest));
      return answer instanceof Response.Custody custody
          && custody.deposit() != null
          && custody.deletion() == null;
    }
  }

  private void awaitHeld(Place place, List<Digest> digests) {
    for (Digest digest : digests) {
      await().atMost(LONG).until(() -> holds(place, digest));
    }
  }

  @Test
  void allTrackers_replacedOneByOne_stillHaveWhatHasAReceipt() throws Exception {
    for (int i = 0; i < TRACKERS; i++) {
      start();
    }
    List<Digest> receipted = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      // Each at one tracker only: the others take it from there.
      Envelope envelope = party.envelope(64 << 10, System.currentTimeMillis());
      Receipt receipt = deposit(places.get(i), envelope);
      assertThat(receipt.verify(NETWORK_ID, Party.scheme())).isTrue();
      receipted.add(receipt.content().digest());
    }
    for (Place place : places) {
      awaitHeld(place, receipted);
    }
    for (int i = 0; i < TRACKERS; i++) {
      places.remove(0).close();
      start();
      awaitHeld(places.get(places.size() - 1), receipted);
    }
    assertThat(places).hasSize(TRACKERS);
    for (Place place : places) {
      try (TrackerConnection connection = connect(place)) {
        NodeIdentity device = party.devices.get(0);
        ask(connection, party.open(device, place.identity.id(), connection.handshakeHash()));
        TrackerConnection.Page page =
            connection.fetch(new Request.Fetch(0, 100, 0)).get(10, TimeUnit.SECONDS);
        assertThat(page.envelopes().stream().map(Digest::sha256).toList())
            .containsExactlyInAnyOrderElementsOf(receipted);
      }
    }
  }
}
