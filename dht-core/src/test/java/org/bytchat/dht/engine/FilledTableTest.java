package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.testkit.HashScheme;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;

/** Nodes whose tables were filled before they started, without a codec between them and a peer. */
class FilledTableTest {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final int CONTACTS = 60;
  private static final int NODES = 200;
  private static final int PERIOD_MINUTES = 15;

  private final BytchatCodec sizer = new BytchatCodec(ContactInterner.NONE);
  private final Map<Contact, Contact> shared =
      new TreeMap<>((a, b) -> a.endpoint().compareTo(b.endpoint()));
  private final Workspace workspace =
      new Workspace(contact -> shared.getOrDefault(contact, contact));

  /** One message as its sender left it. */
  private record Sent(Endpoint to, Kind kind, Method method, long transactionId) {}

  /** A node all of whose contacts answer at once. */
  private final class Node {
    final ArrayDeque<Sent> sent = new ArrayDeque<>();
    final List<Contact> contacts = new ArrayList<>();
    final int[] pings = new int[PERIOD_MINUTES];
    final int[] lookups = new int[PERIOD_MINUTES];
    final NodeEngine engine;

    Node(long seed) {
      Random random = Seeds.random(seed);
      byte[] key = new byte[SignatureScheme.SEED_BYTES];
      random.nextBytes(key);
      EngineSetup setup =
          new EngineSetup(
              NodeIdentity.of(HashScheme.INSTANCE, key),
              DhtConfig.defaults().withAssumeReachable(true),
              List.of(AddressFamily.IPV4),
              Entropy.Streams.simulated(seed, 0),
              false);
      engine = new NodeEngine(setup, workspace, sizer, this::send);
      for (int i = 0; i < CONTACTS; i++) {
        contacts.add(
            Contact.of(
                TestContacts.sharing(engine.id(), i / 20, random), TestContacts.endpoint(i), 0));
      }
    }

    private int send(Endpoint to, Packet packet) {
      sent.add(new Sent(to, packet.kind, packet.method, packet.transactionId));
      return sizer.sizeOf(packet);
    }

    RoutingTable table() {
      RoutingTable table = engine.table(AddressFamily.IPV4);
      if (table == null) {
        throw new AssertionError("no table of the node's family");
      }
      return table;
    }

    Node started() {
      for (Contact contact : contacts) {
        assertThat(table().fill(contact, 0)).isTrue();
      }
      engine.adjustClock(1_800_000_000_000L, 0);
      engine.start(true, List.of(), 0);
      return this;
    }

    void run(long untilNanos) {
      while (engine.pollTimeoutNanos() <= untilNanos) {
        long now = engine.pollTimeoutNanos();
        engine.handleTimeout(now);
        while (!sent.isEmpty()) {
          Sent query = sent.remove();
          int minute = (int) (now / MINUTE);
          (query.method == Method.PING ? pings : lookups)[minute]++;
          answer(query, now);
        }
      }
    }

    private void answer(Sent query, long now) {
      Contact peer =
          contacts.stream().filter(each -> each.endpoint().equals(query.to)).findFirst().get();
      Packet packet = workspace.inbound();
      packet.clear();
      packet.kind = Kind.RESPONSE;
      packet.method = query.method;
      packet.transactionId = query.transactionId;
      packet.sender(peer.id());
      packet.networkId = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
      packet.contacts4Count = 0;
      engine.handlePacket(packet, true, 100, query.to, now);
    }
  }

  @Test
  void start_filledTable_isJoinedAndAsksNobodyAtOnce() {
    Node node = new Node(1).started();
    assertThat(node.engine.pollEvent()).isEqualTo(new EngineEvent.Joined(CONTACTS));
    assertThat(node.engine.pollEvent()).isNull();
    assertThat(node.engine.pollEffect()).as("no bootstrap host is needed").isNull();
    assertThat(node.engine.stats().joined()).isTrue();
    assertThat(node.sent).isEmpty();
    assertThat(node.table().contacts()).containsExactlyElementsOf(node.contacts);
  }

  @Test
  void start_manyFilledTablesAtOneInstant_spreadTheirUpkeepOverThePeriod() {
    int[] pings = new int[PERIOD_MINUTES];
    int[] lookups = new int[PERIOD_MINUTES];
    for (int i = 0; i < NODES; i++) {
      Node node = new Node(i).started();
      node.run(PERIOD_MINUTES * MINUTE - 1);
      Arrays.setAll(pings, minute -> pings[minute] + node.pings[minute]);
      Arrays.setAll(lookups, minute -> lookups[minute] + node.lookups[minute]);
      assertThat(node.table().size()).isEqualTo(CONTACTS);
      assertThat(node.engine.stats().outage()).isFalse();
    }
    int mean = Arrays.stream(lookups).sum() / PERIOD_MINUTES;
    assertThat(Arrays.stream(lookups).sum())
        .as("three buckets and the own id, of 20 to 60 requests each")
        .isGreaterThan(NODES * 60);
    for (int minute = 0; minute < PERIOD_MINUTES; minute++) {
      assertThat(lookups[minute]).as("minute " + minute).isBetween(mean / 2, 2 * mean);
    }
    // Lookups ask contacts too, after which they need no ping for a while.
    assertThat(pings[0]).as("as if it had always been so").isGreaterThan(NODES);
    assertThat(pings[PERIOD_MINUTES - 1]).isLessThan(NODES * CONTACTS / 4);
  }

  @SeededTest(runs = 5)
  void handlePacket_unknownSource_keepsTheSharedContact(long seed) {
    Node node = new Node(seed).started();
    Random random = Seeds.random(seed);
    Contact peer =
        Contact.of(TestContacts.sharing(node.engine.id(), 9, random), TestContacts.endpoint(99), 0);
    shared.put(peer, peer);
    Packet query = workspace.inbound();
    query.clear();
    query.kind = Kind.QUERY;
    query.method = Method.PING;
    query.sender(peer.id());
    query.networkId = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
    node.engine.handlePacket(
        query, true, 1000, Endpoint.read(AddressFamily.IPV4, wire(peer), 0), 0);
    assertThat(node.sent).hasSize(2);
    assertThat(node.sent.getLast().to()).as("the verifying ping").isSameAs(peer.endpoint());
  }

  private static byte[] wire(Contact contact) {
    byte[] bytes = new byte[AddressFamily.IPV4.endpointBytes()];
    contact.endpoint().write(bytes, 0);
    return bytes;
  }

  @Test
  void fill_fullBucketOrOwnId_takesNothing() {
    Node node = new Node(1).started();
    Random random = Seeds.random(2);
    Contact more =
        Contact.of(TestContacts.sharing(node.engine.id(), 0, random), TestContacts.endpoint(99), 0);
    assertThat(node.table().fill(more, 0)).isFalse();
    Contact own = Contact.of(node.engine.id(), TestContacts.endpoint(98), 0);
    assertThat(node.table().fill(own, 0)).isFalse();
    assertThat(node.table().contacts()).containsExactlyElementsOf(node.contacts);
  }
}
