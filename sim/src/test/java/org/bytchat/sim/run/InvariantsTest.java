package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.sim.kernel.SimNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: a node that is not as it has to be does not pass. Method: real nodes, made wrong. */
class InvariantsTest {

  private Simulation simulation;
  private SimNode node;
  private RoutingTable table;

  @BeforeEach
  void start() throws IOException {
    simulation = Simulation.of(Runs.plan(Runs.PLAIN), 1, new Runs.Silent());
    simulation.advance(Plan.SECOND);
    node = simulation.kernel().nodes().get(4);
    table = Objects.requireNonNull(node.engine().table(AddressFamily.IPV4));
  }

  @AfterEach
  void close() {
    simulation.close();
  }

  private Invariants invariants(String... settings) {
    DhtConfig config = Runs.scenario(Runs.PLAIN, settings).node();
    return new Invariants(1, config, simulation.directory());
  }

  private static void assertViolation(Invariants invariants, SimNode node, String what) {
    assertThatThrownBy(() -> invariants.check(node))
        .isInstanceOf(Invariants.Violation.class)
        .hasMessageContaining(what);
  }

  @Test
  void check_healthyNodes_pass() {
    for (SimNode each : simulation.kernel().nodes()) {
      assertThatCode(() -> invariants().check(each)).doesNotThrowAnyException();
      assertThatCode(() -> invariants().checkDeadline(each, Plan.SECOND))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void check_contactThatIsNobodys_isSeen() {
    Contact known = table.contacts().get(0);
    assertThat(table.remove(known.id())).isTrue();
    NodeId id = NodeId.of(known.id().high(), known.id().middle(), ~known.id().low());
    assertThat(table.fill(Contact.of(id, known.endpoint(), 0), 0)).isTrue();
    assertViolation(invariants(), node, "nobody's");
  }

  @Test
  void check_endpointTwice_isSeen() {
    Contact known = table.contacts().get(0);
    NodeId id = NodeId.of(known.id().high(), known.id().middle(), ~known.id().low());
    assertThat(table.fill(Contact.of(id, known.endpoint(), 0), 0)).isTrue();
    assertViolation(invariants(), node, "in the table, and twice: " + id + "@" + known.endpoint());
  }

  @Test
  void check_contactTwice_isSeen() {
    assertThat(table.fill(table.contacts().get(0), 0)).isTrue();
    assertViolation(invariants(), node, "in the table, and twice");
  }

  @Test
  void check_fullerBucketThanAllowed_isSeen() {
    assertThat(table.bucketSize(0)).isGreaterThan(4);
    assertViolation(invariants("node.routing.bucketSize=4"), node, "contacts in a bucket");
  }

  @Test
  void check_moreUnderWayThanAllowed_isSeen() throws IOException {
    try (Simulation other = Simulation.of(Runs.plan(Runs.PLAIN), 1, new Runs.Silent())) {
      other.advance(Plan.SECOND);
      SimNode busy = other.kernel().nodes().get(4);
      for (int i = 0; i < 3; i++) {
        NodeId target = NodeId.of(i, i, i);
        assertThat(busy.engine().startLookup(target, AddressFamily.IPV4, 2_000_000_000L))
            .isNotNull();
      }
      Invariants strict = invariants("node.lookup.lookupsMax=1");
      assertViolation(strict, busy, "lookups under way: 3, and at most 1");
      assertViolation(invariants("node.lookup.transactionsMax=8"), busy, "requests under way");
    }
  }

  @Test
  void checkDeadline_nodeThatNobodyWillCall_isSeen() {
    // A command behind the kernel's back: its deadline is sooner than what the kernel knows of.
    long now = simulation.kernel().nowMicros();
    assertThat(node.calledAtMicros()).isGreaterThan(now + Plan.SECOND);
    List<Contact> contacts = table.contacts();
    for (int i = 0; i < 3; i++) {
      node.engine().startPing(contacts.get(i).endpoint(), now * 1000);
    }
    assertThatThrownBy(() -> invariants().checkDeadline(node, now))
        .isInstanceOf(Invariants.Violation.class)
        .hasMessageContaining("node 4 wants to be called at");
  }
}
