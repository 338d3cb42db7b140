package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.testkit.VirtualNetwork;
import org.bytchat.dht.testkit.VirtualNode;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.WireLimits;

/** What a node that asks the service of another gets, whatever becomes of the datagrams. */
class ServiceQueryTest {

  private static final int RUNS = 5;
  private static final NodeId KEY = TestContacts.randomId(Seeds.random(5));

  private final byte[] question = "who is there?".getBytes(StandardCharsets.UTF_8);

  private static VirtualNode asker(VirtualNetwork network, VirtualNode... others) {
    VirtualNode node = network.add(DhtConfig.defaults().withReadOnly(true));
    return node.start(others.length == 0 ? new Endpoint[0] : new Endpoint[] {others[0].endpoint()});
  }

  /** Makes a node whose service says what it was asked, and by which method, with a prefix. */
  private static VirtualNode echo(VirtualNetwork network) {
    return network
        .add(DhtConfig.defaults().withServices(1))
        .withService(
            query -> {
              String said = new String(query.payload(), StandardCharsets.UTF_8);
              String answer = query.method() + " " + query.key() + " " + said;
              return new Effect.Served(answer.getBytes(StandardCharsets.UTF_8));
            })
        .start();
  }

  private long ask(VirtualNetwork network, VirtualNode asker, Contact to) {
    long reference =
        asker.engine().startServiceQuery(to, Method.FIND, KEY, question, network.nowNanos());
    asker.flush();
    return reference;
  }

  private static EngineEvent.ServiceFailed failure(
      VirtualNetwork network, VirtualNode asker, long reference) {
    network.run(Duration.ofSeconds(30));
    return Objects.requireNonNull(
        asker.takeEvent(
            EngineEvent.ServiceFailed.class, failed -> failed.reference() == reference));
  }

  private static String answer(VirtualNetwork network, VirtualNode asker, long reference) {
    network.run(Duration.ofSeconds(30));
    EngineEvent.ServiceAnswered answered =
        Objects.requireNonNull(
            asker.takeEvent(
                EngineEvent.ServiceAnswered.class, each -> each.reference() == reference));
    return new String(answered.payload(), StandardCharsets.UTF_8);
  }

  @SeededTest(runs = RUNS)
  void query_ofAService_isAnswered(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode service = echo(network);
    VirtualNode asker = asker(network, service);
    long first = ask(network, asker, service.contact());
    long second = ask(network, asker, service.contact());
    assertThat(second).isNotEqualTo(first);
    assertThat(answer(network, asker, first)).isEqualTo("FIND " + KEY + " who is there?");
    assertThat(answer(network, asker, second)).isEqualTo("FIND " + KEY + " who is there?");
    assertThat(service.stats().count(Counter.SERVED)).isEqualTo(2);
  }

  @SeededTest(runs = RUNS)
  void query_halfOfAllIsLost_isMostlyAnsweredAndAlwaysEnds(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode service = echo(network);
    VirtualNode asker = asker(network, service);
    network.run(Duration.ofSeconds(10));
    network.links().loss(0.3);
    int answered = 0;
    for (int i = 0; i < 40; i++) {
      long reference = ask(network, asker, service.contact());
      network.run(Duration.ofSeconds(30));
      boolean isAnswered =
          asker.takeEvent(EngineEvent.ServiceAnswered.class, each -> each.reference() == reference)
              != null;
      boolean isFailed =
          asker.takeEvent(EngineEvent.ServiceFailed.class, each -> each.reference() == reference)
              != null;
      assertThat(isAnswered).isNotEqualTo(isFailed);
      answered += isAnswered ? 1 : 0;
    }
    assertThat(answered).isGreaterThan(20);
  }

  @SeededTest(runs = RUNS)
  void query_serviceRefuses_isTold(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode service =
        network
            .add(DhtConfig.defaults().withServices(1))
            .withService(query -> new Effect.Refused(ErrorCode.QUOTA, "no room"))
            .start();
    VirtualNode asker = asker(network);
    long reference = ask(network, asker, service.contact());
    assertThat(failure(network, asker, reference))
        .isEqualTo(new EngineEvent.ServiceFailed(reference, ErrorCode.QUOTA, "no room"));
  }

  @SeededTest(runs = RUNS)
  void query_nodeWithoutService_isTold(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode plain = network.add(DhtConfig.defaults()).start();
    VirtualNode asker = asker(network);
    long reference = ask(network, asker, plain.contact());
    assertThat(failure(network, asker, reference).errorCode()).isEqualTo(ErrorCode.METHOD_UNKNOWN);
  }

  @SeededTest(runs = RUNS)
  void query_nobodyThereOrSomebodyElse_timesOut(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode service = echo(network);
    VirtualNode asker = asker(network);
    Contact nobody =
        Contact.of(service.id(), network.add(DhtConfig.defaults().withServices(1)).endpoint(), 1);
    Contact other = Contact.of(KEY, service.endpoint(), 1);
    long first = ask(network, asker, nobody);
    long second = ask(network, asker, other);
    network.run(Duration.ofSeconds(30));
    assertThat(failure(network, asker, first).errorCode())
        .isEqualTo(EngineEvent.ServiceFailed.NO_ANSWER);
    assertThat(failure(network, asker, second).errorCode())
        .isEqualTo(EngineEvent.ServiceFailed.NO_ANSWER);
    assertThat(service.stats().count(Counter.SERVED)).isZero();
  }

  @SeededTest(runs = 1)
  void queries_moreThanMayBeUnderWay_areNotTaken(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode service = echo(network);
    VirtualNode asker = asker(network);
    int most = DhtConfig.defaults().lookup().transactionsMax();
    for (int i = 0; i < most; i++) {
      assertThat(ask(network, asker, service.contact())).isPositive();
    }
    assertThat(ask(network, asker, service.contact())).isEqualTo(-1);
    network.run(Duration.ofMinutes(2));
    assertThat(asker.events()).hasSizeGreaterThanOrEqualTo(most);
    assertThat(ask(network, asker, service.contact())).isPositive();
  }

  @SeededTest(runs = 1)
  void startServiceQuery_wrongArguments_areRefused(long seed) {
    VirtualNetwork network = VirtualNetwork.of(seed, Scope.LOCAL);
    VirtualNode service = echo(network);
    NodeEngine engine = asker(network).engine();
    Contact to = service.contact();
    byte[] tooLong = new byte[WireLimits.RECORD_BYTES_MAX + 1];
    assertThatThrownBy(() -> engine.startServiceQuery(to, Method.FIND, KEY, tooLong, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1001");
    assertThatThrownBy(() -> engine.startServiceQuery(to, Method.PUT, KEY, question, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PUT");
    Contact elsewhere = Contact.of(KEY, Endpoint.ofIpv6(0x20010db8_00000000L, 1, 1), 1);
    assertThatThrownBy(() -> engine.startServiceQuery(elsewhere, Method.FIND, KEY, question, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
