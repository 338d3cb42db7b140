package org.bytchat.sim.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;

/** Goal: a node cannot tell a message that was handed over from one that was decoded. */
class PacketEventTest {

  /** Those of our own dialect. */
  private static final Method[] METHODS = {
    Method.PING, Method.FIND_NODE, Method.GET, Method.PUT, Method.UNKNOWN, Method.BIND, Method.FIND
  };

  private static final Endpoint SENDER = Endpoint.ofIpv4(0x0801_0203, 4_000);
  private static final PacketEvent.Flight FLIGHT =
      new PacketEvent.Flight(3, Event.orderOf(Event.PACKET, 2, 1), 100);

  private final BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);

  /** All that a packet says; padding and where a record lies say nothing. */
  private static Map<String, String> view(Packet packet) throws IllegalAccessException {
    Map<String, String> view = new TreeMap<>();
    for (Field field : Packet.class.getFields()) {
      Object value = Modifier.isStatic(field.getModifiers()) ? null : field.get(packet);
      if (value != null && !(value instanceof Object[])) {
        view.put(
            field.getName(), value instanceof byte[] bytes ? Arrays.toString(bytes) : "" + value);
      }
    }
    view.keySet().removeAll(List.of("recordOffset", "paddedBytes"));
    view.put("record", Arrays.toString(packet.record()));
    view.put("token", Arrays.toString(packet.token()));
    view.put("errorText", packet.errorText());
    if (!packet.hasChallenge) {
      view.remove("challenge");
    }
    if (!packet.hasProof) {
      view.keySet().removeAll(List.of("publicKey", "signature"));
    }
    for (AddressFamily family : AddressFamily.values()) {
      List<String> contacts = new ArrayList<>();
      for (int i = 0; i < packet.contactCount(family); i++) {
        Contact contact = packet.contacts(family)[i];
        contacts.add(contact == null ? "missing" : contact + "+" + contact.services());
      }
      view.put("contacts of " + family, contacts.toString());
    }
    return view;
  }

  /** A packet that others were in before, all parts of them. */
  private static Packet used() {
    Packet packet = new Packet();
    packet.hasChallenge = true;
    packet.hasProof = true;
    Arrays.fill(packet.challenge, (byte) 1);
    packet.forward = true;
    packet.forwardTo = SENDER;
    packet.observed = SENDER;
    packet.contacts4Count = 3;
    packet.contacts6Count = 2;
    packet.token(new byte[] {1, 2}, 0, 2);
    packet.record = new byte[9];
    packet.recordLength = 9;
    packet.sequence = 5;
    packet.expectedSequence = 5;
    packet.error(7, "seven");
    return packet;
  }

  private static PacketEvent eventOf(Packet packet) {
    NotedCodec.Note note = new NotedCodec.Note();
    note.of(packet);
    return PacketEvent.of(FLIGHT, 77, SENDER, note, packet);
  }

  private void assertSame(Packet packet) throws IllegalAccessException {
    byte[] bytes = new byte[WireLimits.DATAGRAM_BYTES];
    int length = codec.encode(packet, bytes, 0);
    assertThat(codec.sizeOf(packet)).isEqualTo(length);
    Packet decoded = used();
    assertThat(codec.decode(bytes, 0, length, decoded)).isEqualTo(DecodeOutcome.DECODED);
    PacketEvent event = eventOf(packet);
    // The sender's packet is used again before the message arrives.
    packet.clear();
    Arrays.fill(packet.token, (byte) 9);
    Arrays.fill(packet.challenge, (byte) 9);
    Arrays.fill(packet.publicKey, (byte) 9);
    Arrays.fill(packet.signature, (byte) 9);
    Arrays.fill(packet.errorText, (byte) 9);
    Arrays.fill(packet.contacts4, null);
    Arrays.fill(packet.contacts6, null);
    Packet handed = used();
    event.copyTo(handed);
    assertThat(view(handed)).isEqualTo(view(decoded));
    Packet again = used();
    event.again(99).copyTo(again);
    assertThat(view(again)).as("a copy").isEqualTo(view(decoded));
  }

  @SeededTest
  void copyTo_anyMessage_isWhatDecodingGives(long seed) throws IllegalAccessException {
    Random random = Seeds.random(seed);
    RandomMessages messages = new RandomMessages(random);
    int compared = 0;
    for (int round = 0; round < 20; round++) {
      for (Kind kind : Kind.values()) {
        for (Method method : kind == Kind.QUERY ? METHODS : new Method[] {Method.PING}) {
          Packet packet = messages.next(kind, method);
          if (codec.sizeOf(packet) <= WireLimits.DATAGRAM_BYTES) {
            assertSame(packet);
            compared++;
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(90);
  }

  @Test
  void again_keepsEverythingButTheTime() {
    Packet packet = new RandomMessages(Seeds.random(1)).next(Kind.QUERY, Method.GET);
    PacketEvent event = eventOf(packet);
    PacketEvent again = event.again(1_234);
    assertThat(again.timeMicros).isEqualTo(1_234);
    assertThat(again.order).isEqualTo(event.order);
    assertThat(again.node).isEqualTo(3);
    assertThat(again.source()).isEqualTo(2);
    assertThat(again.bytes).isEqualTo(100);
    assertThat(again.from).isSameAs(SENDER);
    assertThat(again.transactionId).isEqualTo(packet.transactionId);
    assertThat(Messages.nameOf(again.type)).isEqualTo("get");
    assertThat(again.datagram()).isNull();
  }

  @Test
  void datagram_inCodecMode_isTheBytes() {
    byte[] bytes = {1, 2, 3};
    PacketEvent event = PacketEvent.of(FLIGHT, 1, SENDER, new NotedCodec.Note(), bytes);
    assertThat(event.datagram()).isSameAs(bytes);
  }

  @Test
  void take_notes_comeInTheOrderOfEncoding() {
    NotedCodec noted = new NotedCodec(ContactInterner.NONE);
    RandomMessages messages = new RandomMessages(Seeds.random(2));
    byte[] buffer = new byte[WireLimits.DATAGRAM_BYTES];
    NotedCodec.Note note = new NotedCodec.Note();
    for (int round = 0; round < 3; round++) {
      List<Packet> sent = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Packet packet =
            messages.next(i % 3 == 0 ? Kind.ERROR : Kind.QUERY, METHODS[i % METHODS.length]);
        if (noted.sizeOf(packet) <= buffer.length) {
          noted.encode(packet, buffer, 0);
          sent.add(packet);
        }
      }
      for (Packet packet : sent) {
        noted.take(note);
        assertThat(note.transactionId).isEqualTo(packet.transactionId);
        assertThat(note.type).isEqualTo(Messages.typeOf(packet));
        assertThat(note.traffic).isEqualTo(Traffic.of(packet).ordinal());
      }
    }
  }
}
