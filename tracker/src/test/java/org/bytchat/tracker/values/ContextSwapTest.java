package org.bytchat.tracker.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.device.DeviceStatements.Asker;
import org.bytchat.tracker.device.DeviceStatements.Scene;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.junit.jupiter.api.Test;

/**
 * Goal: a signature means one thing. Every statement of a tracker's values, and each with one of
 * its parts changed, is signed with one key and held against all others.
 */
class ContextSwapTest {

  private static final int NETWORK = 0x4d1c7195;
  private static final int OTHER_NETWORK = 0x4d1c7196;
  private static final NodeId TRACKER = id(1);
  private static final NodeId MAILBOX = id(2);
  private static final NodeId OTHER = id(3);
  private static final TestDevice KEY = TestDevice.of(1);
  private static final DeviceId ANOTHER = TestDevice.of(2).id();
  private static final long TIME = 1_800_000_000_000L;
  private static final long WEEK = 604_800_000L;

  private final Map<String, byte[]> statements = new LinkedHashMap<>();

  @Test
  void signature_inEveryOtherContext_isNotGood() {
    addDevices();
    addSessions();
    addAskers();
    addAcks();
    addReceipts();
    addDeposits();
    addDelivery();
    addOfTheNetwork();
    assertThat(statements).hasSizeGreaterThan(60);
    statements.forEach(
        (name, statement) -> {
          byte[] signature = KEY.sign(statement);
          assertThat(statements.entrySet().stream().filter(other -> isGood(signature, other)))
              .as(name)
              .containsExactly(entry(name, statement));
        });
  }

  private static boolean isGood(byte[] signature, Map.Entry<String, byte[]> statement) {
    return Ed25519Scheme.INSTANCE.verify(KEY.publicKey(), statement.getValue(), signature);
  }

  /** What comes before the slash is the purpose. */
  private void add(String name, byte[] statement) {
    String begin = "bytchat/1/" + name.replaceAll("/.*", "") + "\0";
    byte[] expected = begin.getBytes(StandardCharsets.US_ASCII);
    assertThat(Arrays.copyOf(statement, expected.length)).as(name).isEqualTo(expected);
    assertThat(statement).as(name).hasSize(expected.length + 80);
    assertThat(statements.put(name, statement)).as(name).isNull();
  }

  private void addDevices() {
    DeviceList.Content content = content(5, 9, TIME, KEY.since(3));
    Owner owner = new Owner(2, user(1).publicKey());
    add("devices", list(content).statement(owner, NETWORK));
    add("devices/network", list(content).statement(owner, OTHER_NETWORK));
    add("devices/user", list(content).statement(new Owner(2, user(2).publicKey()), NETWORK));
    add("devices/uid", list(content).statement(new Owner(1, user(1).publicKey()), NETWORK));
    add("devices/version", list(content(6, 9, TIME, KEY.since(3))).statement(owner, NETWORK));
    add("devices/previous", list(content(5, 8, TIME, KEY.since(3))).statement(owner, NETWORK));
    add("devices/issued", list(content(5, 9, TIME + 1, KEY.since(3))).statement(owner, NETWORK));
    add("devices/since", list(content(5, 9, TIME, KEY.since(4))).statement(owner, NETWORK));
    DeviceList.Content revoked =
        new DeviceList.Content(
            5, content.previous(), TIME, content.devices(), List.of(TestDevice.of(9).id()));
    add("devices/revoked", list(revoked).statement(owner, NETWORK));
  }

  private static DeviceList list(DeviceList.Content content) {
    return DeviceList.sign(content, user(1), 2, NETWORK);
  }

  private static DeviceList.Content content(
      long version, int previous, long issued, Device device) {
    byte[] hash = new byte[32];
    hash[31] = (byte) previous;
    return new DeviceList.Content(version, hash, issued, List.of(device), List.of());
  }

  private void addSessions() {
    Scene scene = new Scene(NETWORK, TRACKER, MAILBOX);
    byte[] hash = new byte[32];
    byte[] otherHash = new byte[32];
    otherHash[0] = 1;
    add("session", DeviceStatements.session(scene, KEY.id(), 5, hash));
    add("session/device", DeviceStatements.session(scene, ANOTHER, 5, hash));
    add("session/version", DeviceStatements.session(scene, KEY.id(), 6, hash));
    add("session/handshake", DeviceStatements.session(scene, KEY.id(), 5, otherHash));
    scenes()
        .forEach(
            (name, other) ->
                add("session/" + name, DeviceStatements.session(other, KEY.id(), 5, hash)));
  }

  private static Map<String, Scene> scenes() {
    Map<String, Scene> scenes = new LinkedHashMap<>();
    scenes.put("network", new Scene(OTHER_NETWORK, TRACKER, MAILBOX));
    scenes.put("tracker", new Scene(NETWORK, OTHER, MAILBOX));
    scenes.put("mailbox", new Scene(NETWORK, TRACKER, OTHER));
    scenes.put("swapped", new Scene(NETWORK, MAILBOX, TRACKER));
    return scenes;
  }

  private void addAskers() {
    Scene scene = new Scene(NETWORK, TRACKER, MAILBOX);
    Asker asker = new Asker(new byte[16], new byte[32], endpoint(6881), TIME);
    scenes()
        .forEach(
            (name, other) -> {
              add("bind/" + name, DeviceStatements.bind(other, asker, 5));
              add("find/" + name, DeviceStatements.find(other, asker));
            });
    add("bind/version", DeviceStatements.bind(scene, asker, 6));
    Map<String, Asker> askers = new LinkedHashMap<>();
    askers.put("subject", new Asker(KEY.id().toBytes(), new byte[32], endpoint(6881), TIME));
    askers.put("nonce", new Asker(new byte[16], KEY.publicKey(), endpoint(6881), TIME));
    askers.put("endpoint", new Asker(new byte[16], new byte[32], endpoint(6882), TIME));
    askers.put("time", new Asker(new byte[16], new byte[32], endpoint(6881), TIME + 1));
    // As many zeros, elsewhere: of the subject, of the nonce, or of an IPv6 address.
    askers.put("boundary", new Asker(new byte[32], new byte[16], endpoint(6881), TIME));
    Endpoint ipv6 = Endpoint.ofIpv6(0, 0xcb007107L, 6881);
    askers.put("family", new Asker(new byte[16], new byte[20], ipv6, TIME));
    askers.put("asker", asker);
    askers.forEach(
        (name, other) -> {
          add("bind/by-" + name, DeviceStatements.bind(scene, other, 5));
          add("find/by-" + name, DeviceStatements.find(scene, other));
        });
  }

  private void addAcks() {
    List<Digest> one = List.of(digest(1));
    List<Digest> two = List.of(digest(1), digest(2));
    add("ack", ack(MAILBOX, one).statement(NETWORK));
    add("ack/network", ack(MAILBOX, one).statement(OTHER_NETWORK));
    add("ack/mailbox", ack(OTHER, one).statement(NETWORK));
    add("ack/other", ack(MAILBOX, List.of(digest(2))).statement(NETWORK));
    add("ack/two", ack(MAILBOX, two).statement(NETWORK));
  }

  private static AckBatch ack(NodeId mailbox, List<Digest> digests) {
    return AckBatch.sign(mailbox, KEY.id(), digests, NETWORK, KEY::sign);
  }

  private void addReceipts() {
    for (Receipt.Kind kind : Receipt.Kind.values()) {
      String name = kind == Receipt.Kind.DEPOSIT ? "receipt" : "deletion";
      Receipt.Content base = new Receipt.Content(kind, MAILBOX, digest(1), TIME, TIME + WEEK);
      add(name, base.statement(NETWORK));
      add(name + "/network", base.statement(OTHER_NETWORK));
      Map<String, Receipt.Content> others = new LinkedHashMap<>();
      others.put("mailbox", new Receipt.Content(kind, OTHER, digest(1), TIME, TIME + WEEK));
      others.put("digest", new Receipt.Content(kind, MAILBOX, digest(2), TIME, TIME + WEEK));
      others.put("at", new Receipt.Content(kind, MAILBOX, digest(1), TIME + 1, TIME + WEEK));
      others.put("end", new Receipt.Content(kind, MAILBOX, digest(1), TIME, TIME + WEEK - 1));
      others.put("times", new Receipt.Content(kind, MAILBOX, digest(1), TIME + WEEK, TIME));
      others.forEach((part, other) -> add(name + "/" + part, other.statement(NETWORK)));
    }
  }

  private void addDeposits() {
    Envelope envelope = envelope(MAILBOX, TIME, WEEK, 0);
    add("deposit", Admission.ByKey.statement(envelope, TRACKER, NETWORK));
    add("deposit/network", Admission.ByKey.statement(envelope, TRACKER, OTHER_NETWORK));
    add("deposit/tracker", Admission.ByKey.statement(envelope, OTHER, NETWORK));
    Map<String, Envelope> others = new LinkedHashMap<>();
    others.put("mailbox", envelope(OTHER, TIME, WEEK, 0));
    others.put("created", envelope(MAILBOX, TIME - 1, WEEK - 1, 0));
    others.put("end", envelope(MAILBOX, TIME, WEEK - 1, 0));
    others.put("sealed", envelope(MAILBOX, TIME, WEEK, 1));
    others.forEach(
        (part, other) ->
            add("deposit/" + part, Admission.ByKey.statement(other, TRACKER, NETWORK)));
  }

  private static Envelope envelope(NodeId mailbox, long created, long life, int content) {
    byte[] sealed = new byte[512 - Envelope.HEADER_BYTES];
    sealed[0] = (byte) content;
    return Envelope.of(mailbox, created, created + life, sealed);
  }

  private void addDelivery() {
    DeliveryKeys.Key key = new DeliveryKeys.Key(KEY.publicKey(), 10, 20);
    DeliveryKeys.Key rate = new DeliveryKeys.Key(KEY.publicKey(), 11, 20);
    DeliveryKeys.Key quota = new DeliveryKeys.Key(KEY.publicKey(), 10, 21);
    DeliveryKeys.Content base = new DeliveryKeys.Content(MAILBOX, 5, TIME, KEY.id(), List.of(key));
    add("delivery", delivery(base).statement(NETWORK));
    add("delivery/network", delivery(base).statement(OTHER_NETWORK));
    Map<String, DeliveryKeys.Content> others = new LinkedHashMap<>();
    others.put("mailbox", new DeliveryKeys.Content(OTHER, 5, TIME, KEY.id(), List.of(key)));
    others.put("version", new DeliveryKeys.Content(MAILBOX, 6, TIME, KEY.id(), List.of(key)));
    others.put("issued", new DeliveryKeys.Content(MAILBOX, 5, 6, KEY.id(), List.of(key)));
    others.put("device", new DeliveryKeys.Content(MAILBOX, 5, TIME, ANOTHER, List.of(key)));
    others.put("none", new DeliveryKeys.Content(MAILBOX, 5, TIME, KEY.id(), List.of()));
    others.put("rate", new DeliveryKeys.Content(MAILBOX, 5, TIME, KEY.id(), List.of(rate)));
    others.put("quota", new DeliveryKeys.Content(MAILBOX, 5, TIME, KEY.id(), List.of(quota)));
    others.forEach((part, other) -> add("delivery/" + part, delivery(other).statement(NETWORK)));
  }

  private static DeliveryKeys delivery(DeliveryKeys.Content content) {
    return DeliveryKeys.sign(content, NETWORK, KEY::sign);
  }

  /** What the same keys sign for the network below. */
  private void addOfTheNetwork() {
    add("prove", SignedBytes.proof(NETWORK, TRACKER, new byte[16], MAILBOX, endpoint(6881)));
    SignedBytes.Frame frame = new SignedBytes.Frame(NETWORK, MAILBOX, 5, TIME, TIME + WEEK);
    add("record", SignedBytes.of("record", frame, digest(1).toBytes()));
  }

  private static Endpoint endpoint(int port) {
    return Endpoint.ofIpv4(0xcb007107, port);
  }

  private static UserKey user(int number) {
    return UserKey.ofSeed(Ed25519Scheme.INSTANCE, TestDevice.of(number).seed());
  }

  private static NodeId id(int number) {
    return NodeId.of(0, 0, number);
  }

  private static Digest digest(int number) {
    byte[] bytes = new byte[Digest.BYTES];
    bytes[0] = (byte) number;
    return Digest.of(bytes);
  }
}
