package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;

/** Whom a node of Mainline's dialect believes, and what bad input does to it: BEP 42. */
class MainlineStrangerTest extends MainlineFixture {

  @Test
  void query_ofAStranger_hasItPingedOnceAndTaken() {
    Packet query = query(Method.PING);
    query.readOnly = false;
    solo.receive(ASKER, encoded(query));
    solo.run(Duration.ofMillis(200));
    List<Solo.Sent> sent = solo.takeSent(ASKER);
    assertThat(sent).hasSize(2);
    Packet ping = decoded(sent.get(1).bytes());
    assertThat(ping.kind).isEqualTo(Kind.QUERY);
    assertThat(ping.method).isEqualTo(Method.PING);
    Packet answer = new Packet();
    answer.kind = Kind.RESPONSE;
    answer.sender(ASKER_ID);
    answer.transactionId = ping.transactionId;
    answer.transactionLength = ping.transactionLength;
    solo.receive(ASKER, encoded(answer));
    assertThat(solo.engine().contacts()).containsExactly(Contact.of(ASKER_ID, ASKER, 0));
  }

  /** BEP 42: once enough contacts have ids that follow from their addresses, no others come in. */
  @Test
  void table_fullOfSecureIds_takesNoOthers() {
    fill(60, true);
    int before = solo.engine().contacts().size();
    assertThat(before).isGreaterThanOrEqualTo(24);
    RoutingTable table = table();
    Random random = Seeds.random(9);
    for (int i = 0; i < 500; i++) {
      Endpoint endpoint = TestContacts.endpoint(2_000 + i);
      Contact contact = Contact.of(TestContacts.randomId(random), endpoint, 0);
      boolean isSecure = SecureIds.isSecure(contact.id(), endpoint);
      assertThat(table.hasRoomFor(contact, true, 0) && !isSecure).as("%s", contact).isFalse();
      table.insert(contact, false, true, solo.nowNanos());
    }
    assertThat(solo.engine().contacts())
        .allMatch(contact -> SecureIds.isSecure(contact.id(), contact.endpoint()));
  }

  @Test
  void table_withoutSecureIds_takesOthersUntilThereAre() {
    fill(40, false);
    assertThat(solo.engine().contacts()).isNotEmpty();
    fill(200, true);
    assertThat(solo.engine().contacts())
        .allMatch(contact -> SecureIds.isSecure(contact.id(), contact.endpoint()));
  }

  private void tell(int network, Endpoint seenAt) {
    Endpoint peer = TestContacts.endpoint(network);
    long ping = solo.engine().startPing(peer, solo.nowNanos());
    assertThat(ping).isPositive();
    solo.flush();
    Packet query = decoded(solo.takeSent(peer).get(0).bytes());
    Packet answer = new Packet();
    answer.kind = Kind.RESPONSE;
    answer.sender(NodeId.of(network, network, network));
    answer.transactionId = query.transactionId;
    answer.transactionLength = query.transactionLength;
    answer.observed = seenAt;
    solo.receive(peer, encoded(answer));
    solo.run(Duration.ofMillis(100));
    solo.takeSent();
  }

  private long idChanges() {
    return solo.events().stream().filter(EngineEvent.IdChanged.class::isInstance).count();
  }

  /** Ports differ behind some routers; an id follows from the address alone. */
  @Test
  void id_threeNetworksAgreeOnTheAddress_followsFromIt() {
    Endpoint seen = Endpoint.ofIpv4(0x2e01_0203, 1);
    tell(10, seen.withPort(1_000));
    tell(11, seen.withPort(1_001));
    assertThat(idChanges()).isZero();
    tell(12, seen.withPort(1_002));
    assertThat(idChanges()).isEqualTo(1);
    assertThat(SecureIds.isSecure(solo.engine().id(), seen)).isTrue();
  }

  @Test
  void id_votersWhoChangeTheirMinds_changeItOnceInTenMinutes() {
    for (int round = 0; round < 5; round++) {
      for (int network = 10; network < 20; network++) {
        tell(network, Endpoint.ofIpv4(0x2e01_0203 + (round << 16), 1));
      }
    }
    assertThat(idChanges()).isEqualTo(1);
    solo.run(Duration.ofMinutes(10));
    tell(10, Endpoint.ofIpv4(0x2e01_0203 + (4 << 16), 1));
    assertThat(idChanges()).isEqualTo(2);
  }

  /** What an earlier life held as a node of the other dialect must not get into this one. */
  @Test
  void records_ofTheOtherDialect_areNotGivenToOthers() {
    Chunk chunk = Chunk.leaf(new byte[9], Solo.WALL_MILLIS + 600_000_000);
    solo.engine().restore(List.of(new StoreChange.Put(chunk, chunk.key(), 1)), solo.nowNanos());
    fill(8, true);
    solo.run(Duration.ofHours(1));
    assertThat(solo.takeSent())
        .isNotEmpty()
        .noneMatch(sent -> decoded(sent.bytes()).method == Method.GET)
        .noneMatch(sent -> decoded(sent.bytes()).method == Method.PUT);
  }

  @Test
  void malformedDatagrams_areCountedAndServiceGoesOn() {
    Random random = Seeds.random(3);
    for (int port = 1; port <= 1_000; port++) {
      byte[] datagram = new byte[46];
      random.nextBytes(datagram);
      solo.receive(ASKER.withPort(port), datagram);
    }
    byte[] truncated = encoded(query(Method.FIND_NODE, KEY));
    solo.receive(ASKER, Arrays.copyOf(truncated, truncated.length - 1));
    assertThat(solo.takeSent()).isEmpty();
    assertThat(solo.count(Counter.DROPPED_MALFORMED)).isEqualTo(1_001);
    assertThat(ask(query(Method.PING)).kind).isEqualTo(Kind.RESPONSE);
    assertThat(solo.engine().contacts()).isEmpty();
  }

  @Test
  void reply_errorWithoutSender_endsThePingAsAFailure() {
    long id = solo.engine().startPing(ASKER, solo.nowNanos());
    solo.flush();
    Packet ping = decoded(solo.takeSent(ASKER).get(0).bytes());
    Packet error = new Packet();
    error.kind = Kind.ERROR;
    error.error(ErrorCode.GENERIC, "no");
    error.transactionId = ping.transactionId;
    error.transactionLength = ping.transactionLength;
    solo.receive(ASKER, encoded(error));
    assertThat(solo.events()).contains(new EngineEvent.PingFinished(id, null, 0));
  }
}
