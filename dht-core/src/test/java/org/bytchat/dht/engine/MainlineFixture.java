package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bytchat.dht.codec.MainlineCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.Dialect;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.keyspace.SecureIds;
import org.bytchat.dht.routing.RoutingTable;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;

/** One node of Mainline's dialect, and what its tests ask it. */
abstract class MainlineFixture {

  static final DhtConfig CONFIG = DhtConfig.defaults().withDialect(Dialect.MAINLINE);

  static final Endpoint ASKER = TestContacts.endpoint(1);
  static final NodeId ASKER_ID =
      NodeId.of("abcdefghij0123456789".getBytes(StandardCharsets.US_ASCII));
  static final NodeId KEY = NodeId.of(1, 2, 3);

  final Solo solo = new Solo(1, CONFIG);
  final MainlineCodec codec = new MainlineCodec(ContactInterner.NONE);

  static Packet query(Method method) {
    Packet packet = new Packet();
    packet.method = method;
    packet.sender(ASKER_ID);
    packet.transactionId = 0x6161;
    packet.transactionLength = 2;
    packet.readOnly = true;
    return packet;
  }

  static Packet query(Method method, NodeId key) {
    Packet packet = query(method);
    packet.key(key);
    return packet;
  }

  byte[] encoded(Packet packet) {
    byte[] datagram = new byte[codec.sizeOf(packet)];
    codec.encode(packet, datagram, 0);
    return datagram;
  }

  Packet ask(Packet query) {
    return ask(ASKER, encoded(query));
  }

  Packet ask(Endpoint from, byte[] datagram) {
    solo.receive(from, datagram);
    List<Solo.Sent> sent = solo.takeSent(from);
    assertThat(sent).hasSize(1);
    return decoded(sent.get(0).bytes());
  }

  Packet decoded(byte[] datagram) {
    Packet packet = new Packet();
    assertThat(codec.decode(datagram, 0, datagram.length, packet).hasEnvelope()).isTrue();
    return packet;
  }

  void assertRefused(Packet query, int code) {
    Packet answer = ask(query);
    assertThat(answer.kind).isEqualTo(Kind.ERROR);
    assertThat(answer.errorCode).isEqualTo(code);
    assertThat(answer.transactionId).isEqualTo(query.transactionId);
  }

  RoutingTable table() {
    return Objects.requireNonNull(solo.engine().table(AddressFamily.IPV4));
  }

  /** Fills the table with contacts of networks of their own, whose ids are right or not. */
  void fill(int count, boolean isSecure) {
    RoutingTable table = table();
    Random random = Seeds.random(7);
    for (int i = 0; i < count; i++) {
      Endpoint endpoint = TestContacts.endpoint(100 + i);
      NodeId any = TestContacts.randomId(random);
      NodeId id = isSecure ? SecureIds.of(any, endpoint) : any;
      table.insert(Contact.of(id, endpoint, 0), false, true, solo.nowNanos());
    }
  }

  byte[] token(NodeId key) {
    Packet answer = ask(query(Method.GET_PEERS, key));
    assertThat(answer.tokenLength).isPositive();
    return answer.token();
  }

  Packet announcement(byte[] token, int port, boolean implied) {
    Packet query = query(Method.ANNOUNCE_PEER, KEY);
    query.token(token, 0, token.length);
    query.port = port;
    query.impliedPort = implied;
    return query;
  }

  static Endpoint ipv6(int index) {
    return Endpoint.ofIpv6(0x2a00_0000_0000_0000L + ((long) index << 32), 1, 5000);
  }

  static byte[] bencoded(String text) {
    return (text.length() + ":" + text).getBytes(StandardCharsets.US_ASCII);
  }

  static final byte[] SEED = new byte[32];

  static MainlineItem signed(String salt, long sequence, String value) {
    byte[] key = Ed25519Scheme.INSTANCE.publicKey(SEED);
    byte[] saltBytes = salt.getBytes(StandardCharsets.US_ASCII);
    byte[] statement = MainlineItem.statement(saltBytes, sequence, bencoded(value));
    byte[] signature = Ed25519Scheme.INSTANCE.sign(SEED, key, statement);
    return MainlineItem.mutable(key, saltBytes, sequence, bencoded(value), signature);
  }

  Packet put(MainlineItem item) {
    byte[] token = ask(query(Method.GET, item.target())).token();
    Packet query = query(Method.PUT);
    query.token(token, 0, token.length);
    MainlineStore.of(item).fill(query);
    return query;
  }
}
