package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Services;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Services of nodes on real sockets: offered, found, asked. */
class DhtNodeServiceTest {

  private final DhtRuntime runtime = DhtRuntime.start(2, 2);
  private final List<DhtNode> nodes = new ArrayList<>();

  @AfterEach
  void close() {
    Loopback.closeAll(nodes);
    runtime.close();
  }

  private DhtNode start(DhtNodeBuilder builder) {
    if (!nodes.isEmpty()) {
      builder.bootstrap(Loopback.hostAndPort(nodes.get(0)));
    }
    DhtNode node = builder.runtime(runtime).build().start();
    nodes.add(node);
    return node;
  }

  private static DhtNodeBuilder busy() {
    return Loopback.node().config(Loopback.busy());
  }

  private static DhtNodeBuilder tracker(DhtService service) {
    return busy().service(Services.TRACKER, service);
  }

  private static CompletableFuture<DhtService.Outcome> echo(DhtService.Query query) {
    String said = new String(query.payload(), StandardCharsets.UTF_8);
    return CompletableFuture.completedFuture(
        new DhtService.Answered(bytes(query.method() + " " + said)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Contact contact(DhtNode node) {
    return Contact.of(node.id(), Sockets.toEndpoint(Loopback.addressOf(node)), 1);
  }

  private static @Nullable Throwable failureOf(DhtNode asker, DhtNode of) throws Exception {
    return Loopback.failureOf(asker.request(contact(of), Method.FIND, NodeId.ZERO, bytes("?")));
  }

  private static long count(DhtNode node, Counter counter) throws Exception {
    return Loopback.get(node.stats()).engine().count(counter);
  }

  @Test
  void lookup_ofAService_findsAllThatOfferItAndNobodyElse() throws Exception {
    start(busy());
    List<NodeId> trackers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      start(busy());
      trackers.add(start(tracker(DhtNodeServiceTest::echo)).id());
    }
    for (DhtNode asker : nodes) {
      NodeId target = nodes.get(3).id();
      List<NodeId> expected =
          trackers.stream()
              .filter(id -> !id.equals(asker.id()))
              .sorted(target::compareDistance)
              .toList();
      await()
          .atMost(Loopback.LONG)
          .until(
              () ->
                  Loopback.get(asker.lookup(target, Services.TRACKER)).closest().stream()
                      .map(Contact::id)
                      .toList()
                      .equals(expected));
    }
  }

  @Test
  void contacts_ofAService_areOthersThatOfferItToo() throws Exception {
    DhtNode plain = start(busy());
    DhtNode first = start(tracker(DhtNodeServiceTest::echo));
    DhtNode second = start(tracker(DhtNodeServiceTest::echo));
    await()
        .atMost(Loopback.LONG)
        .untilAsserted(
            () ->
                assertThat(Loopback.get(first.contacts(Services.TRACKER)))
                    .extracting(Contact::id)
                    .containsExactly(second.id()));
    assertThat(Loopback.get(first.contacts(Services.TRACKER | 4))).isEmpty();
    assertThat(Loopback.get(plain.contacts(Services.TRACKER))).isEmpty();
  }

  @Test
  void lookup_ofAServiceThatNobodyOffers_findsNobody() throws Exception {
    start(busy());
    DhtNode asker = start(busy());
    Loopback.get(asker.joined());
    assertThat(Loopback.get(asker.lookup(NodeId.ZERO, 4)).closest()).isEmpty();
    assertThat(Loopback.get(asker.lookup(NodeId.ZERO)).closest()).hasSize(1);
    assertThatThrownBy(() -> asker.lookup(NodeId.ZERO, 256))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lookup_ofAServiceWithNobodyToAsk_saysSo() throws Exception {
    DhtNode alone = start(busy());
    assertThat(Loopback.failureOf(alone.lookup(NodeId.ZERO, Services.TRACKER)))
        .isInstanceOf(DhtException.NoPeers.class);
  }

  @Test
  void request_bindAndFind_areAnswered() throws Exception {
    DhtNode service = start(tracker(DhtNodeServiceTest::echo));
    DhtNode asker = start(busy());
    for (Method method : List.of(Method.BIND, Method.FIND)) {
      byte[] answer =
          Loopback.get(asker.request(contact(service), method, NodeId.ZERO, bytes("hello")));
      assertThat(answer).isEqualTo(bytes(method + " hello"));
    }
    assertThat(count(service, Counter.SERVED)).isEqualTo(2);
  }

  @Test
  void request_answeredLaterByAnotherThread_isAnswered() throws Exception {
    CompletableFuture<DhtService.Query> asked = new CompletableFuture<>();
    CompletableFuture<DhtService.Outcome> outcome = new CompletableFuture<>();
    DhtNode service =
        start(
            tracker(
                query -> {
                  asked.complete(query);
                  return outcome;
                }));
    DhtNode asker = start(busy());
    CompletableFuture<byte[]> answer =
        asker.request(contact(service), Method.BIND, NodeId.ZERO, bytes("x"));
    DhtService.Query query = Loopback.get(asked);
    assertThat(query.sender()).isEqualTo(asker.id());
    assertThat(query.from()).isEqualTo(Sockets.toEndpoint(Loopback.addressOf(asker)));
    assertThat(Loopback.get(service.stats()).engine().effectsUnderWay()).isPositive();
    outcome.complete(new DhtService.Answered(new byte[0]));
    assertThat(Loopback.get(answer)).isEmpty();
  }

  @Test
  void request_refused_failsWithTheCode() throws Exception {
    DhtNode service =
        start(
            tracker(
                query ->
                    CompletableFuture.completedFuture(
                        new DhtService.Refused(ErrorCode.QUOTA, "full"))));
    DhtNode asker = start(busy());
    assertThat(failureOf(asker, service))
        .isInstanceOfSatisfying(
            DhtException.Refused.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.QUOTA))
        .hasMessageContaining("full");
    assertThat(failureOf(service, asker))
        .as("it offers nothing")
        .isInstanceOfSatisfying(
            DhtException.Refused.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.METHOD_UNKNOWN));
  }

  @Test
  void request_serviceThrowsOrFails_failsWithGenericAndTheNodeGoesOn() throws Exception {
    List<DhtService> broken =
        List.of(
            query -> {
              throw new IllegalStateException("broken");
            },
            query -> CompletableFuture.failedFuture(new IllegalStateException("broken")),
            query -> CompletableFuture.completedFuture(new DhtService.Answered(new byte[1001])));
    for (DhtService each : broken) {
      DhtNode service = start(tracker(each));
      DhtNode asker = start(busy());
      assertThat(failureOf(asker, service))
          .isInstanceOfSatisfying(
              DhtException.Refused.class,
              refused -> assertThat(refused.code()).isEqualTo(ErrorCode.GENERIC));
      assertThat(count(service, Counter.SERVICES_FAILED)).isEqualTo(1);
    }
  }

  @Test
  void request_silentNode_timesOut() throws Exception {
    DhtNode asker = start(Loopback.node().config(Loopback.impatient()));
    try (DatagramSocket silent = Loopback.silent()) {
      Contact nobody = Contact.of(NodeId.ZERO, Sockets.toEndpoint(Loopback.addressOf(silent)), 1);
      assertThat(Loopback.failureOf(asker.request(nobody, Method.FIND, NodeId.ZERO, new byte[0])))
          .isInstanceOf(DhtException.Timeout.class);
    }
  }

  @Test
  void request_wrongArguments_isRefused() throws Exception {
    DhtNode service = start(tracker(DhtNodeServiceTest::echo));
    DhtNode asker = start(busy());
    assertThat(
            Loopback.failureOf(
                asker.request(contact(service), Method.PUT, NodeId.ZERO, new byte[0])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(
            Loopback.failureOf(
                asker.request(contact(service), Method.FIND, NodeId.ZERO, new byte[1001])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void request_nodeIsClosed_fails() throws Exception {
    CompletableFuture<DhtService.Query> asked = new CompletableFuture<>();
    DhtNode service =
        start(
            tracker(
                query -> {
                  asked.complete(query);
                  return new CompletableFuture<>();
                }));
    DhtNode asker = start(busy());
    CompletableFuture<byte[]> answer =
        asker.request(contact(service), Method.FIND, NodeId.ZERO, bytes("x"));
    Loopback.get(asked);
    asker.close();
    assertThat(Loopback.failureOf(answer)).isInstanceOf(DhtException.Closed.class);
    assertThatThrownBy(() -> asker.request(contact(service), Method.FIND, NodeId.ZERO, bytes("x")))
        .isInstanceOf(DhtException.Closed.class);
  }

  @Test
  void service_bitsBeforeTheConfiguration_areKept() throws Exception {
    DhtNode service =
        start(
            Loopback.node()
                .service(Services.TRACKER, DhtNodeServiceTest::echo)
                .config(Loopback.busy()));
    DhtNode asker = start(busy());
    assertThat(Loopback.get(asker.ping(Loopback.addressOf(service))).contact().services())
        .isEqualTo(Services.TRACKER);
  }

  @Test
  void service_outOfRangeOrInMainlinesDialect_isRefused() {
    assertThatThrownBy(() -> DhtNode.builder().service(0, DhtNodeServiceTest::echo))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DhtNode.builder().service(256, DhtNodeServiceTest::echo))
        .isInstanceOf(IllegalArgumentException.class);
    DhtNodeBuilder mainline =
        DhtNode.builder()
            .config(DhtConfig.defaults().withDialect(Dialect.MAINLINE))
            .service(1, DhtNodeServiceTest::echo);
    assertThatThrownBy(mainline::build).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new DhtService.Refused(-1, ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void identity_givenOrMade_isThatOfTheNode() {
    NodeIdentity given = NodeIdentity.generate(new SecureRandom());
    DhtNode node = start(busy().identity(given));
    assertThat(node.identity()).isSameAs(given);
    DhtNode other = start(busy());
    assertThat(other.identity().id()).isEqualTo(other.id());
    DhtNode never = busy().build();
    assertThatThrownBy(never::identity).isInstanceOf(DhtException.Closed.class);
  }
}
