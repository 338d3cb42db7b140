package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.Party;
import org.bytchat.tracker.Tracker;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.ClockedClient;
import org.bytchat.tracker.session.SessionClient;

/** A user with two devices and a contact, who meets the trackers of nodes over TCP. */
final class TrackerUser implements AutoCloseable {

  static final int NETWORK = Keys.networkId("bytchat");
  static final int ENVELOPE_BYTES = 1024;

  private static final long LIMIT_SECONDS = 30;

  final Party party;
  private final SessionClient client;
  private final Clock clock;

  TrackerUser() {
    this(Clock.systemUTC());
  }

  /** Makes a user whose devices and contact have this clock. */
  TrackerUser(Clock clock) {
    this(new Party(NETWORK, 2, 1), clock);
  }

  /** Makes one who was there before. */
  TrackerUser(Party party) {
    this(party, Clock.systemUTC());
  }

  private TrackerUser(Party party, Clock clock) {
    this.party = party;
    this.clock = clock;
    this.client = ClockedClient.of(Tracker.defaultSessions(), NETWORK, clock);
  }

  /** Connects to the node that printed such a line. */
  TrackerConnection connect(JsonNode ready) throws Exception {
    return connect(tcp(ready), id(ready));
  }

  /** Connects to that node by way of somebody in between. */
  TrackerConnection connect(JsonNode ready, Meddler between) throws Exception {
    return connect(between.address(), id(ready));
  }

  private TrackerConnection connect(InetSocketAddress address, NodeId id) throws Exception {
    return TrackerConnection.connect(client, address, id, Party.scheme())
        .get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  static NodeId id(JsonNode ready) {
    return NodeId.parse(ready.path("node_id").asText());
  }

  static InetSocketAddress tcp(JsonNode ready) {
    HostAndPort tcp = HostAndPort.fromString(ready.path("tcp").asText());
    return new InetSocketAddress(InetAddresses.forString(tcp.getHost()), tcp.getPort());
  }

  static Response ask(TrackerConnection connection, Request request) throws Exception {
    return connection.request(request).get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Connects as a device. */
  TrackerConnection open(JsonNode ready, int device) throws Exception {
    return open(connect(ready), device);
  }

  TrackerConnection open(TrackerConnection connection, int device) throws Exception {
    Request.Open open =
        party.open(party.devices.get(device), connection.tracker(), connection.handshakeHash());
    assertThat(ask(connection, open)).isEqualTo(new Response.Opened(1, null));
    return connection;
  }

  /** Connects as the first device, and says who may deposit. */
  TrackerConnection register(JsonNode ready) throws Exception {
    return register(connect(ready));
  }

  TrackerConnection register(TrackerConnection connected) throws Exception {
    TrackerConnection connection = open(connected, 0);
    assertThat(ask(connection, new Request.PutDeliveryKeys(party.deliveryKeys())))
        .isEqualTo(new Response.Taken(1));
    return connection;
  }

  Envelope envelope() {
    return party.envelope(ENVELOPE_BYTES, clock.millis());
  }

  CompletableFuture<Response> depositing(TrackerConnection connection, Envelope envelope) {
    return connection.request(party.deposit(envelope, party.contacts.get(0), connection.tracker()));
  }

  /** Deposits, and verifies the receipt. */
  Receipt deposit(TrackerConnection connection, Envelope envelope) throws Exception {
    Response answer = depositing(connection, envelope).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(answer).isInstanceOf(Response.Receipts.class);
    Receipt receipt = ((Response.Receipts) answer).deposit();
    assertThat(receipt.verify(NETWORK, Party.scheme())).isTrue();
    assertThat(receipt.tracker()).isEqualTo(connection.tracker());
    assertThat(receipt.content().digest()).isEqualTo(envelope.digest());
    return receipt;
  }

  List<Envelope> deposit(TrackerConnection connection, int count) throws Exception {
    List<Envelope> envelopes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Envelope envelope = envelope();
      deposit(connection, envelope);
      envelopes.add(envelope);
    }
    return envelopes;
  }

  /** Fetches all pages. */
  static List<byte[]> fetch(TrackerConnection device) throws Exception {
    List<byte[]> fetched = new ArrayList<>();
    long cursor = 0;
    boolean more = true;
    while (more) {
      TrackerConnection.Page page =
          device.fetch(new Request.Fetch(cursor, 100, 0)).get(LIMIT_SECONDS, TimeUnit.SECONDS);
      fetched.addAll(page.envelopes());
      cursor = page.end().cursor();
      more = page.end().more();
    }
    return fetched;
  }

  @Override
  public void close() {
    client.close();
  }
}
