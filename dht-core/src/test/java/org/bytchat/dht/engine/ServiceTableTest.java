package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;

/**
 * The second table of a node that offers services, and what a node believes of others' services.
 */
class ServiceTableTest {

  private static final DhtConfig PUBLIC = DhtConfig.defaults().withAssumeReachable(true);

  private final Solo solo = new Solo(1, PUBLIC.withServices(3));

  private static RoutingTable first(Solo node) {
    return Objects.requireNonNull(node.engine().table(AddressFamily.IPV4));
  }

  private static RoutingTable second(Solo node) {
    return Objects.requireNonNull(node.engine().serviceTable(AddressFamily.IPV4));
  }

  /** Has a peer ask something, and answer all that it is asked then, saying what it offers. */
  private static void meet(Solo node, SoloPeer peer, int services) {
    ask(node, peer, services);
    answerAll(node, peer, services);
  }

  private static void ask(Solo node, SoloPeer peer, int services) {
    Packet query = peer.findNode(peer.id());
    query.features = services;
    node.receive(peer, query);
    node.run(Duration.ofMillis(100));
  }

  private static int answerAll(Solo node, SoloPeer peer, int services) {
    int answered = 0;
    for (Solo.Sent sent : node.takeSent(peer.endpoint)) {
      Packet query = sent.packet();
      if (query.kind == Kind.QUERY) {
        Packet answer = query.hasChallenge ? peer.proof(query, Solo.IPV4) : peer.answer(query);
        answer.features = services;
        node.receive(peer, answer);
        answered++;
      }
    }
    return answered;
  }

  private static int servicesOf(RoutingTable table, SoloPeer peer) {
    Contact contact = table.find(peer.id());
    return contact == null ? -1 : contact.services();
  }

  @Test
  void stranger_offersSomeOfTheSame_isInBothTables() {
    SoloPeer peer = solo.peer(1);
    meet(solo, peer, 6);
    assertThat(servicesOf(first(solo), peer)).isEqualTo(6);
    assertThat(servicesOf(second(solo), peer)).isEqualTo(6);
    assertThat(solo.engine().stats().contacts()).isEqualTo(1);
    assertThat(solo.engine().stats().serviceContacts()).isEqualTo(1);
    assertThat(solo.engine().contacts()).hasSize(1);
  }

  @Test
  void stranger_offersOthers_isInTheFirstTable() {
    SoloPeer peer = solo.peer(1);
    meet(solo, peer, 4);
    assertThat(servicesOf(first(solo), peer)).isEqualTo(4);
    assertThat(servicesOf(second(solo), peer)).isEqualTo(-1);
  }

  @Test
  void stranger_saysMoreThanItsAnswer_isTakenAtItsAnswer() {
    SoloPeer peer = solo.peer(1);
    ask(solo, peer, 1);
    answerAll(solo, peer, 0);
    assertThat(servicesOf(first(solo), peer)).isZero();
    assertThat(servicesOf(second(solo), peer)).isEqualTo(-1);
  }

  @Test
  void stranger_withoutProof_isInNoTable() {
    SoloPeer peer = solo.peer(1);
    ask(solo, peer, 1);
    for (Solo.Sent sent : solo.takeSent(peer.endpoint)) {
      Packet query = sent.packet();
      if (query.kind == Kind.QUERY) {
        Packet answer = peer.answer(query);
        answer.features = 1;
        solo.receive(peer, answer);
      }
    }
    assertThat(first(solo).size()).isZero();
    assertThat(second(solo).size()).isZero();
  }

  @Test
  void contact_beginsToOfferIt_isAskedAndComesIntoTheSecondTable() {
    SoloPeer peer = solo.peer(1);
    meet(solo, peer, 0);
    meet(solo, peer, 1);
    assertThat(servicesOf(first(solo), peer)).isEqualTo(1);
    assertThat(servicesOf(second(solo), peer)).isEqualTo(1);
    solo.takeSent();
    ask(solo, peer, 1);
    assertThat(answerAll(solo, peer, 1)).as("known: it is asked nothing").isZero();
  }

  @Test
  void contact_saysSoInAQueryAlone_isNotBelieved() {
    SoloPeer peer = solo.peer(1);
    meet(solo, peer, 0);
    ask(solo, peer, 1);
    assertThat(servicesOf(first(solo), peer)).isZero();
    assertThat(servicesOf(second(solo), peer)).isEqualTo(-1);
  }

  @Test
  void contact_offersItNoLonger_leavesTheSecondTable() {
    SoloPeer peer = solo.peer(1);
    meet(solo, peer, 1);
    // It is checked sooner or later.
    for (int i = 0; i < 40 && second(solo).size() > 0; i++) {
      solo.run(Duration.ofMinutes(1));
      answerAll(solo, peer, 4);
    }
    assertThat(servicesOf(second(solo), peer)).isEqualTo(-1);
    assertThat(servicesOf(first(solo), peer)).isEqualTo(4);
  }

  @Test
  void contact_isReadOnlyNow_leavesBothTables() {
    SoloPeer peer = solo.peer(1);
    meet(solo, peer, 1);
    for (int i = 0; i < 40 && first(solo).size() > 0; i++) {
      solo.run(Duration.ofMinutes(1));
      for (Solo.Sent sent : solo.takeSent(peer.endpoint)) {
        Packet answer = peer.answer(sent.packet());
        answer.readOnly = true;
        solo.receive(peer, answer);
      }
    }
    assertThat(first(solo).size()).isZero();
    assertThat(second(solo).size()).isZero();
  }

  @Test
  void contact_isSilentWhileOthersAnswer_leavesBothTables() {
    SoloPeer silent = solo.peer(1);
    SoloPeer other = solo.peer(2);
    meet(solo, silent, 1);
    meet(solo, other, 1);
    for (int i = 0; i < 1200 && second(solo).size() > 1; i++) {
      solo.run(Duration.ofSeconds(2));
      answerAll(solo, other, 1);
    }
    assertThat(servicesOf(first(solo), silent)).isEqualTo(-1);
    assertThat(servicesOf(second(solo), silent)).isEqualTo(-1);
    assertThat(servicesOf(second(solo), other)).isEqualTo(1);
  }

  @Test
  void nodeWithoutServices_hasNoSecondTable() {
    Solo plain = Solo.of(1);
    assertThat(plain.engine().serviceTable(AddressFamily.IPV4)).isNull();
    SoloPeer peer = plain.peer(1);
    meet(plain, peer, 1);
    assertThat(servicesOf(first(plain), peer)).isEqualTo(1);
    assertThat(plain.engine().stats().serviceContacts()).isZero();
  }

  @Test
  void node_readOnly_saysItOffersNothing() {
    Solo hidden = new Solo(1, DhtConfig.defaults().withServices(1));
    SoloPeer peer = hidden.peer(1);
    Packet query = peer.findNode(peer.id());
    query.readOnly = true;
    hidden.receive(peer, query);
    Packet answer = hidden.takeOnly(peer.endpoint);
    assertThat(answer.readOnly).isTrue();
    assertThat(answer.services()).isZero();
    Solo shown = new Solo(1, PUBLIC.withServices(1));
    shown.receive(peer, query);
    assertThat(shown.takeOnly(peer.endpoint).services()).isEqualTo(1);
  }

  @Test
  void findNode_withAMask_namesThoseOfBothTablesNearestFirstAndOnce() {
    List<Contact> offering = fill();
    NodeId key = TestContacts.randomId(Seeds.random(7));
    SoloPeer asker = solo.peer(900);
    Packet query = asker.findNode(key);
    query.serviceMask = 1;
    query.readOnly = true;
    solo.receive(asker, query);
    Packet answer = solo.takeOnly(asker.endpoint);
    List<Contact> named = new ArrayList<>();
    for (int i = 0; i < answer.contacts4Count; i++) {
      named.add(answer.contacts4[i]);
    }
    List<Contact> expected =
        offering.stream()
            .sorted((a, b) -> key.compareDistance(a.id(), b.id()))
            .limit(named.size())
            .toList();
    assertThat(named).hasSize(20).isEqualTo(expected);
  }

  /** Fills the tables; returns those that offer service 1: some are in one, some in both. */
  private List<Contact> fill() {
    List<Contact> offering = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      NodeId id = TestContacts.randomId(Seeds.random(100 + i));
      Contact contact = Contact.of(id, TestContacts.endpoint(i), i % 4);
      boolean inFirst = i % 3 != 0 && first(solo).fill(contact, solo.nowNanos());
      boolean isFellow = contact.services() != 0 && i % 3 != 1;
      boolean inSecond = isFellow && second(solo).fill(contact, solo.nowNanos());
      if (contact.offers(1) && (inFirst || inSecond)) {
        offering.add(contact);
      }
    }
    return offering;
  }
}
