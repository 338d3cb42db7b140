package org.bytchat.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.client.Bindings;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.SessionClient;
import org.bytchat.tracker.session.SessionConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real nodes on loopback: one is a tracker, the others bind and find. */
class BindingsTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String NETWORK = "bindings-test";
  private static final int NETWORK_ID = Keys.networkId(NETWORK);

  private final NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
  private final Party party = new Party(NETWORK_ID, 2, 1);
  private final SessionClient sessions = new SessionClient(SessionConfig.defaults(), NETWORK_ID);
  private Tracker tracker;
  private DhtNode trackerNode;
  private DhtNode phone;
  private DhtNode laptop;
  private Contact contact;

  @BeforeEach
  void start() throws Exception {
    tracker =
        Tracker.start(
            new Tracker.Setup(
                identity,
                NETWORK_ID,
                List.of(new InetSocketAddress(LOOPBACK, 0)),
                null,
                DeviceLists.NONE,
                TrackerConfig.defaults(),
                SessionConfig.defaults()));
    trackerNode =
        DhtNode.builder()
            .config(DhtConfig.defaults().withNetwork(NETWORK).withAssumeReachable(true))
            .bind(new InetSocketAddress(LOOPBACK, 0))
            .identity(identity)
            .service(Services.TRACKER, tracker::serve)
            .build()
            .start();
    int port = trackerNode.localAddresses().get(0).getPort();
    contact = Contact.of(identity.id(), Endpoint.of(LOOPBACK.getAddress(), port), Services.TRACKER);
    phone = client(port);
    laptop = client(port);
  }

  private static DhtNode client(int port) {
    return DhtNode.builder()
        .config(DhtConfig.defaults().withNetwork(NETWORK).withReadOnly(true))
        .bind(new InetSocketAddress(LOOPBACK, 0))
        .bootstrap("127.0.0.1:" + port)
        .build()
        .start();
  }

  @AfterEach
  void stop() {
    sessions.close();
    phone.close();
    laptop.close();
    trackerNode.close();
    tracker.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  private void register() throws Exception {
    TrackerConnection connection =
        get(
            TrackerConnection.connect(
                sessions, tracker.addresses().get(0), identity.id(), Party.scheme()));
    Response lists = get(connection.request(new Request.PutDevices(party.owner, party.list())));
    assertThat(lists).isEqualTo(new Response.Taken(1));
    Response keys = get(connection.request(new Request.PutDeliveryKeys(party.deliveryKeys())));
    assertThat(keys).isEqualTo(new Response.Taken(1));
  }

  private BindingAnswer bind(DhtNode node, NodeIdentity device) throws Exception {
    Bindings bindings = new Bindings(node, NETWORK_ID, party.mailbox());
    return get(bindings.bind(contact, Party.id(device), 1, device::sign));
  }

  private static Endpoint endpoint(DhtNode node) {
    return Endpoint.of(LOOPBACK.getAddress(), node.localAddresses().get(0).getPort());
  }

  @Test
  void bind_withoutAList_isAskedForIt() throws Exception {
    assertThat(bind(phone, party.devices.get(0)))
        .isEqualTo(new BindingAnswer.Refused(Refusal.NO_LIST));
  }

  @Test
  void find_byDeviceAndContact_namesWhereTheDevicesAre() throws Exception {
    register();
    assertThat(bind(phone, party.devices.get(0))).isInstanceOf(BindingAnswer.Bound.class);
    assertThat(bind(laptop, party.devices.get(1))).isInstanceOf(BindingAnswer.Bound.class);

    NodeIdentity friend = party.contacts.get(0);
    Bindings asking = new Bindings(laptop, NETWORK_ID, party.mailbox());
    for (BindingAnswer answer :
        List.of(
            get(asking.findAsContact(contact, friend.publicKey(), friend::sign)),
            get(
                asking.find(
                    contact, Party.id(party.devices.get(0)), party.devices.get(0)::sign)))) {
      assertThat(answer)
          .asInstanceOf(type(BindingAnswer.Devices.class))
          .satisfies(
              found ->
                  assertThat(found.places())
                      .extracting(place -> Map.entry(place.device(), place.endpoint()))
                      .containsExactly(
                          Map.entry(Party.id(party.devices.get(0)), endpoint(phone)),
                          Map.entry(Party.id(party.devices.get(1)), endpoint(laptop))));
    }
    assertThat(get(tracker.stats()).bindings()).isEqualTo(2);
  }

  @Test
  void find_byAStranger_isRefused() throws Exception {
    register();
    NodeIdentity stranger = NodeIdentity.generate(new SecureRandom());
    Bindings asking = new Bindings(phone, NETWORK_ID, party.mailbox());
    assertThat(get(asking.findAsContact(contact, stranger.publicKey(), stranger::sign)))
        .isEqualTo(new BindingAnswer.Refused(Refusal.NOT_ADMITTED));
    assertThat(get(asking.find(contact, Party.id(stranger), stranger::sign)))
        .isEqualTo(new BindingAnswer.Refused(Refusal.NOT_LISTED));
    NodeIdentity friend = party.contacts.get(0);
    assertThat(get(asking.findAsContact(contact, friend.publicKey(), stranger::sign)))
        .isEqualTo(new BindingAnswer.Refused(Refusal.BAD_SIGNATURE));
  }

  @Test
  void bind_ofOneDeviceFromTwoPlaces_isToldToBoth() throws Exception {
    register();
    NodeIdentity device = party.devices.get(0);
    BindingAnswer first = bind(phone, device);
    assertThat(first)
        .asInstanceOf(type(BindingAnswer.Bound.class))
        .satisfies(bound -> assertThat(bound.elsewhere()).isNull());
    BindingAnswer second = bind(laptop, device);
    assertThat(elsewhere(second)).contains(endpoint(phone));
    BindingAnswer again = bind(phone, device);
    assertThat(elsewhere(again)).contains(endpoint(laptop));
  }

  private static Optional<Endpoint> elsewhere(BindingAnswer answer) {
    return answer instanceof BindingAnswer.Bound bound
        ? Optional.ofNullable(bound.elsewhere()).map(BindingAnswer.Place::endpoint)
        : Optional.empty();
  }

  @Test
  void tracker_isFoundByItsService() throws Exception {
    get(phone.joined());
    await()
        .untilAsserted(
            () ->
                assertThat(get(phone.lookup(party.mailbox(), Services.TRACKER)).closest())
                    .extracting(Contact::id)
                    .containsExactly(identity.id()));
  }
}
