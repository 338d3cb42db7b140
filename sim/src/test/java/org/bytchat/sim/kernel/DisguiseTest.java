package org.bytchat.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: what is sent in somebody else's name is answered to him, on any number of threads. */
@Timeout(60)
class DisguiseTest {

  private static final long SECOND = 1_000_000;
  private static final int NODE = 0;
  private static final int SENDER = 1;
  private static final int VICTIM = 2;
  private static final int OTHER = 3;
  private static final Endpoint NOBODY = Endpoint.ofIpv4(0x0900_0001, 5_000);

  /** Keeps what arrives. */
  private static final class Listener implements Stranger {

    final List<String> arrived = new ArrayList<>();

    @Override
    public void onPacket(SimNode self, Packet packet, Endpoint from, World.Control control) {
      throw new AssertionError("it takes lengths");
    }

    @Override
    public void onDatagram(
        SimNode self, Packet packet, int bytes, Endpoint from, World.Control control) {
      arrived.add(packet.kind + " " + packet.transactionId + " " + bytes + " from " + from);
    }
  }

  private static Packet ping(long transactionId) {
    Packet packet = new Packet();
    packet.kind = Kind.QUERY;
    packet.method = Method.PING;
    packet.networkId = Keys.networkId(DhtConfig.defaults().network());
    packet.transactionId = transactionId;
    packet.sender(NodeId.of(1, 2, 3));
    packet.readOnly = true;
    return packet;
  }

  private static Listener listenAt(Kernel kernel, int place) {
    Listener listener = new Listener();
    kernel.nodes().get(place).place(listener);
    return listener;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sendAs_victimsName_isAnsweredToTheVictim(boolean codec) {
    SmallWorld world = new SmallWorld(4);
    try (Kernel kernel = new Kernel(world, 1, codec)) {
      Listener sender = listenAt(kernel, SENDER);
      Listener victim = listenAt(kernel, VICTIM);
      kernel.logTrace(true);
      kernel.schedule(0, NODE, false, (node, control) -> control.start(node));
      List<Integer> lengths = new ArrayList<>();
      kernel.schedule(
          9,
          SENDER,
          false,
          (place, control) ->
              lengths.add(
                  control.sendAs(place, world.endpoint(VICTIM), world.endpoint(NODE), ping(77))));
      kernel.runTo(SECOND);
      assertThat(sender.arrived).isEmpty();
      int answered = kernel.traceEntries().get(kernel.traceEntries().size() - 1).bytes();
      assertThat(victim.arrived)
          .containsExactly("RESPONSE 77 " + answered + " from " + world.endpoint(NODE));
      TraceEntry asked = kernel.traceEntries().get(0);
      assertThat(asked.from()).as("who truly sent it").isEqualTo(SENDER);
      assertThat(lengths).containsExactly(asked.bytes());
      assertThat(answered).isLessThan(2 * asked.bytes());
    }
  }

  @Test
  void sendAs_nobodysName_isAnsweredToNobody() {
    SmallWorld world = new SmallWorld(2);
    try (Kernel kernel = new Kernel(world, 1, true)) {
      Listener sender = listenAt(kernel, SENDER);
      kernel.schedule(0, NODE, false, (node, control) -> control.start(node));
      kernel.schedule(
          9,
          SENDER,
          false,
          (place, control) -> control.sendAs(place, NOBODY, world.endpoint(NODE), ping(77)));
      kernel.runTo(SECOND);
      assertThat(sender.arrived).isEmpty();
      assertThat(kernel.count(Outcome.DELIVERED)).isEqualTo(1);
      assertThat(kernel.count(Outcome.NOBODY)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sendAs_toWhoIsBehindARouter_isLetInAsTheOneItNames(boolean codec) {
    SmallWorld world = new SmallWorld(4);
    world.behindNat = NODE;
    try (Kernel kernel = new Kernel(world, 1, codec)) {
      listenAt(kernel, VICTIM);
      kernel.schedule(0, NODE, false, (node, control) -> control.start(node));
      kernel.schedule(
          1, NODE, false, (node, control) -> node.engine().startPing(world.endpoint(VICTIM), 1000));
      kernel.schedule(
          9,
          SENDER,
          false,
          (place, control) -> {
            Endpoint to = world.endpoint(NODE);
            control.send(place, to, ping(1));
            control.sendAs(place, NOBODY, to, ping(2));
            control.sendAs(place, world.endpoint(OTHER), to, ping(3));
            control.sendAs(place, world.endpoint(VICTIM), to, ping(4));
          });
      kernel.logTrace(true);
      kernel.runTo(SECOND / 2);
      Set<Long> letIn = new HashSet<>();
      Set<Long> kept = new HashSet<>();
      for (TraceEntry entry : kernel.traceEntries()) {
        if (entry.from() == SENDER) {
          (entry.outcome() == Outcome.FILTERED ? kept : letIn).add(entry.transactionId());
        }
      }
      assertThat(letIn).containsExactly(4L);
      assertThat(kept).containsExactlyInAnyOrder(1L, 2L, 3L);
    }
  }

  /** Runs a few nodes that a place asks in the names of others, at an even pace. */
  private static long hashOf(int threads, boolean codec) {
    int nodes = 7;
    SmallWorld world = new SmallWorld(nodes);
    try (Kernel kernel = new Kernel(world, threads, codec)) {
      for (int node = 0; node < 4; node++) {
        kernel.schedule(0, node, false, (each, control) -> control.start(each));
      }
      for (int place = 4; place < nodes; place++) {
        listenAt(kernel, place);
      }
      World.Action[] action = new World.Action[1];
      long[] number = new long[1];
      action[0] =
          (place, control) -> {
            int at = (int) number[0]++;
            Endpoint claimed = at % 3 == 0 ? NOBODY : world.endpoint(4 + at % 2);
            control.sendAs(place, claimed, world.endpoint(at % 4), ping(at));
            control.again(place, control.nowMicros() + 40_001, action[0]);
          };
      kernel.schedule(100, nodes - 1, false, action[0]);
      kernel.runTo(5 * SECOND);
      assertThat(number[0]).isEqualTo(125);
      return kernel.traceHash();
    }
  }

  @Test
  void sendAs_anyThreadsAndMode_givesTheSameHash() {
    Set<Long> hashes = new HashSet<>();
    for (int threads = 1; threads <= 3; threads++) {
      hashes.add(hashOf(threads, false));
      hashes.add(hashOf(threads, true));
    }
    assertThat(hashes).hasSize(1);
  }

  @Test
  void again_sameTimeAsWhatWasScheduled_comesAfterIt() {
    try (Kernel kernel = new Kernel(new SmallWorld(1), 1, false)) {
      List<String> done = new ArrayList<>();
      kernel.schedule(
          5,
          0,
          false,
          (node, control) -> {
            control.again(node, 9, (self, later) -> done.add("first of its own"));
            control.again(node, 9, (self, later) -> done.add("second of its own"));
            control.again(node, 7, (self, later) -> done.add("early"));
          });
      kernel.schedule(9, 0, false, (node, control) -> done.add("the run's"));
      kernel.runTo(10);
      assertThat(done)
          .containsExactly("early", "the run's", "first of its own", "second of its own");
    }
  }

  @Test
  void again_notLater_isRefused() {
    try (Kernel kernel = new Kernel(new SmallWorld(1), 1, false)) {
      kernel.schedule(5, 0, false, (node, control) -> control.again(node, 5, (self, later) -> {}));
      assertThatThrownBy(() -> kernel.runTo(10))
          .isInstanceOf(NodeFailure.class)
          .hasMessageContaining("5 is not after 5");
    }
  }
}
