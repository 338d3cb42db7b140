package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;

/** What a node makes of {@code bind} and {@code find}; the service is the test. */
class ServiceAnswerTest {

  private static final NodeId KEY = TestContacts.randomId(Seeds.random(5));

  private final Solo solo = service(DhtConfig.defaults());
  private final SoloPeer peer = solo.peer(1);

  /** Makes a node that offers a service whose answers the tests give. */
  private static Solo service(DhtConfig config) {
    Solo made = new Solo(1, config.withAssumeReachable(true).withServices(1));
    made.holdEffects(true);
    return made;
  }

  private static byte[] bytes(int length) {
    byte[] payload = new byte[length];
    for (int i = 0; i < length; i++) {
      payload[i] = (byte) (i * 7);
    }
    return payload;
  }

  private static byte[] token(Solo node, SoloPeer from, NodeId key) {
    Packet query = from.findNode(key);
    query.readOnly = true;
    node.receive(from, query);
    return node.takeOnly(from.endpoint).token();
  }

  private static Packet query(SoloPeer from, Method method, byte[] token, byte[] payload) {
    Packet packet = from.query(method);
    packet.key(KEY);
    packet.readOnly = true;
    if (token.length > 0) {
      packet.token(token, 0, token.length);
    }
    if (payload.length > 0) {
      packet.record = payload;
      packet.recordLength = payload.length;
    }
    return packet;
  }

  private Packet sound(Method method, byte[] payload) {
    return query(peer, method, token(solo, peer, KEY), payload);
  }

  private static List<Effect.Serve> asked(Solo node) {
    return node.effects().stream()
        .filter(Effect.Serve.class::isInstance)
        .map(Effect.Serve.class::cast)
        .toList();
  }

  private void answer(Effect.Serve query, Effect.Result result) {
    solo.engine().handleEffect(query.id(), result, solo.nowNanos());
    solo.flush();
  }

  /** Has the node asked, and its service answer. */
  private Packet exchange(Effect.Result result) {
    Packet query = sound(Method.FIND, bytes(3));
    solo.receive(peer, query);
    answer(asked(solo).get(0), result);
    Packet answer = solo.takeOnly(peer.endpoint);
    assertThat(answer.transactionId).isEqualTo(query.transactionId);
    return answer;
  }

  private void assertRefused(Packet answer, int code) {
    assertThat(answer.kind).isEqualTo(Kind.ERROR);
    assertThat(answer.errorCode).isEqualTo(code);
  }

  private Packet refusalOf(Packet query) {
    solo.receive(peer, query);
    assertThat(asked(solo)).isEmpty();
    return solo.takeOnly(peer.endpoint);
  }

  @Test
  void query_withToken_reachesTheServiceAsItIs() {
    byte[] payload = bytes(WireLimits.RECORD_BYTES_MAX);
    solo.receive(peer, sound(Method.BIND, payload));
    Effect.Serve asked = asked(solo).get(0);
    assertThat(asked.method()).isEqualTo(Method.BIND);
    assertThat(asked.key()).isEqualTo(KEY);
    assertThat(asked.sender()).isEqualTo(peer.id());
    assertThat(asked.from()).isEqualTo(peer.endpoint);
    assertThat(asked.payload()).isEqualTo(payload);
    assertThat(solo.takeSent()).as("nothing before the service answered").isEmpty();
  }

  @Test
  void query_withoutPayload_tellsTheServiceNothing() {
    solo.receive(peer, sound(Method.FIND, bytes(0)));
    assertThat(asked(solo).get(0).payload()).isEmpty();
  }

  @Test
  void answer_ofAnyLengthThatIsAllowed_isSent() {
    Packet answer = exchange(new Effect.Served(bytes(WireLimits.RECORD_BYTES_MAX)));
    assertThat(answer.kind).isEqualTo(Kind.RESPONSE);
    assertThat(answer.record()).isEqualTo(bytes(WireLimits.RECORD_BYTES_MAX));
    assertThat(answer.observed).isEqualTo(peer.endpoint);
    assertThat(solo.count(Counter.SERVED)).isEqualTo(1);
  }

  @Test
  void answer_empty_isAResponseWithoutPayload() {
    Packet answer = exchange(new Effect.Served(bytes(0)));
    assertThat(answer.kind).isEqualTo(Kind.RESPONSE);
    assertThat(answer.record()).isNull();
  }

  @Test
  void answer_afterOtherQueries_isToTheOneThatAsked() {
    Packet first = sound(Method.FIND, bytes(3));
    solo.receive(peer, first);
    SoloPeer other = solo.peer(2);
    Packet second = query(other, Method.BIND, token(solo, other, KEY), bytes(900));
    solo.receive(other, second);
    List<Effect.Serve> asked = asked(solo);
    answer(asked.get(1), new Effect.Served(bytes(2)));
    answer(asked.get(0), new Effect.Served(bytes(1)));
    Packet toFirst = solo.takeOnly(peer.endpoint);
    Packet toSecond = solo.takeOnly(other.endpoint);
    assertThat(toFirst.transactionId).isEqualTo(first.transactionId);
    assertThat(toFirst.record()).isEqualTo(bytes(1));
    assertThat(toFirst.observed).isEqualTo(peer.endpoint);
    assertThat(toSecond.transactionId).isEqualTo(second.transactionId);
    assertThat(toSecond.record()).isEqualTo(bytes(2));
  }

  @Test
  void refusal_ofTheService_isSentWithItsCode() {
    Packet answer = exchange(new Effect.Refused(777, "not you, Zoë"));
    assertRefused(answer, 777);
    assertThat(answer.errorText()).isEqualTo("not you, Zo?");
  }

  @Test
  void service_fails_asksToBeExcused() {
    assertRefused(exchange(new Effect.Failed()), ErrorCode.GENERIC);
    assertThat(solo.count(Counter.SERVICES_FAILED)).isEqualTo(1);
  }

  @Test
  void service_answersTooMuchOrWithNoCode_countsAsFailed() {
    Effect.Result tooLong = new Effect.Served(bytes(WireLimits.RECORD_BYTES_MAX + 1));
    assertRefused(exchange(tooLong), ErrorCode.GENERIC);
    solo.receive(peer, sound(Method.FIND, bytes(3)));
    answer(asked(solo).get(1), new Effect.Refused(0x1_0000, ""));
    assertRefused(solo.takeOnly(peer.endpoint), ErrorCode.GENERIC);
    assertThat(solo.count(Counter.SERVICES_FAILED)).isEqualTo(2);
  }

  @Test
  void query_withoutAToken_isRefused() {
    assertRefused(refusalOf(query(peer, Method.BIND, bytes(0), bytes(3))), ErrorCode.BAD_TOKEN);
  }

  @Test
  void query_withAWrongToken_isRefused() {
    byte[] ofAnotherKey = token(solo, peer, peer.id());
    assertRefused(refusalOf(query(peer, Method.FIND, ofAnotherKey, bytes(3))), ErrorCode.BAD_TOKEN);
    byte[] ofAnother = token(solo, solo.peer(2), KEY);
    assertRefused(refusalOf(query(peer, Method.FIND, ofAnother, bytes(3))), ErrorCode.BAD_TOKEN);
  }

  @Test
  void query_withoutAKey_isRefused() {
    Packet query = sound(Method.BIND, bytes(3));
    query.hasKey = false;
    assertRefused(refusalOf(query), ErrorCode.PROTOCOL);
  }

  @Test
  void query_tooLong_isRefused() {
    Packet query = sound(Method.BIND, bytes(WireLimits.RECORD_BYTES_MAX + 1));
    assertRefused(refusalOf(query), ErrorCode.TOO_BIG);
  }

  @Test
  void query_nodeWithoutService_isRefusedWhateverItSays() {
    Solo plain = Solo.of(1);
    for (Method method : List.of(Method.BIND, Method.FIND)) {
      Packet query = query(peer, method, token(plain, peer, KEY), bytes(3));
      plain.receive(peer, query);
      assertRefused(plain.takeOnly(peer.endpoint), ErrorCode.METHOD_UNKNOWN);
      plain.receive(peer, peer.query(method));
      assertRefused(plain.takeOnly(peer.endpoint), ErrorCode.METHOD_UNKNOWN);
    }
    assertThat(plain.effects()).isEmpty();
  }

  @Test
  void query_sentAgainWhileItIsAnswered_isAnsweredOnce() {
    Packet query = sound(Method.BIND, bytes(3));
    solo.receive(peer, query);
    solo.receive(peer, query);
    assertThat(asked(solo)).hasSize(1);
    answer(asked(solo).get(0), new Effect.Served(bytes(1)));
    assertThat(solo.takeSent(peer.endpoint)).hasSize(1);
    solo.receive(peer, query);
    assertThat(asked(solo)).as("a new query once the first is answered").hasSize(2);
  }

  @Test
  void queries_moreThanMayBeUnderWay_areBusy() {
    LimitsConfig some = LimitsConfig.defaults();
    LimitsConfig few =
        new LimitsConfig(
            some.requestsPerSecond(),
            some.requestsBurst(),
            some.trackedSources(),
            some.pendingVerificationsMax(),
            8,
            some.proofsPerSecond(),
            some.forwardInterval(),
            some.tokenRotation());
    Solo small = service(DhtConfig.defaults().withLimits(few));
    int busy = 0;
    for (int i = 0; i < 20; i++) {
      SoloPeer each = small.peer(i);
      small.receive(each, query(each, Method.FIND, token(small, each, KEY), bytes(3)));
      List<Solo.Sent> sent = small.takeSent(each.endpoint);
      if (!sent.isEmpty()) {
        assertRefused(sent.get(0).packet(), ErrorCode.BUSY);
        busy++;
      }
    }
    // Half of all effects are for it.
    assertThat(asked(small)).hasSize(4);
    assertThat(busy).isEqualTo(16);
    assertThat(small.count(Counter.SERVICES_BUSY)).isEqualTo(16);
    Effect.Serve first = asked(small).get(0);
    small.engine().handleEffect(first.id(), new Effect.Served(bytes(1)), small.nowNanos());
    small.flush();
    SoloPeer last = small.peer(99);
    small.receive(last, query(last, Method.FIND, token(small, last, KEY), bytes(3)));
    assertThat(asked(small)).as("there is room again").hasSize(5);
  }

  @Test
  void queries_ofOneSourceTooOften_areDropped() {
    for (int i = 0; i < 500; i++) {
      solo.receive(peer, query(peer, Method.FIND, bytes(0), bytes(3)));
    }
    assertThat(solo.count(Counter.DROPPED_RATE_LIMITED)).isEqualTo(100);
    solo.run(Duration.ofSeconds(5));
    assertThat(asked(solo)).isEmpty();
  }
}
