package org.bytchat.dht.codec;

import java.util.Arrays;
import java.util.Random;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** Random messages of the Mainline dialect that can be sent: well-formed and complete. */
final class RandomMainlinePackets {

  private static final Method[] METHODS =
      Arrays.stream(Method.values())
          .filter(method -> !method.isForService())
          .toArray(Method[]::new);

  private final Random random;
  private final RandomPackets parts;
  private final MessageCodec codec = CodecHarness.mainline().codec;

  RandomMainlinePackets(Random random) {
    this.random = random;
    this.parts = new RandomPackets(random);
  }

  /** Returns a new packet that fits a datagram. */
  Packet next() {
    while (true) {
      Packet packet = new Packet();
      fill(packet);
      if (codec.sizeOf(packet) <= WireLimits.MAINLINE_DATAGRAM_BYTES) {
        return packet;
      }
    }
  }

  private void fill(Packet packet) {
    Kind[] kinds = Kind.values();
    packet.kind = kinds[random.nextInt(kinds.length)];
    packet.transactionLength = 1 + random.nextInt(Long.BYTES);
    packet.transactionId = random.nextLong() >>> (Long.SIZE - Byte.SIZE * packet.transactionLength);
    packet.version = random.nextBoolean() ? random.nextInt() : 0;
    packet.observed = random.nextBoolean() ? parts.endpoint() : null;
    if (packet.kind == Kind.ERROR) {
      int length = random.nextInt(WireLimits.ERROR_TEXT_BYTES_MAX + 1);
      packet.error((int) (parts.unsigned() & 0xffff), "not here".repeat(16).substring(0, length));
      return;
    }
    packet.sender(parts.id());
    if (packet.kind == Kind.QUERY) {
      fillArguments(packet);
    } else {
      fillResult(packet);
    }
  }

  private void fillArguments(Packet packet) {
    packet.method = METHODS[random.nextInt(METHODS.length)];
    packet.readOnly = random.nextBoolean();
    switch (packet.method) {
      case PUT -> {
        parts.token(packet);
        item(packet);
        if (packet.hasProof) {
          packet.expectedSequence = random.nextBoolean() ? parts.unsigned() : -1;
          packet.saltLength = random.nextInt(WireLimits.SALT_BYTES_MAX + 1);
          random.nextBytes(packet.salt);
        }
      }
      case ANNOUNCE_PEER -> {
        packet.key(parts.id());
        parts.token(packet);
        packet.impliedPort = random.nextBoolean();
        packet.port = 1 + random.nextInt(0xffff);
      }
      case PING -> {}
      case FIND_NODE, GET, GET_PEERS, UNKNOWN, BIND, FIND -> {
        packet.key(parts.id());
        switch (random.nextInt(4)) {
          case 0 -> packet.want = AddressFamily.IPV4;
          case 1 -> packet.want = AddressFamily.IPV6;
          case 2 -> packet.wantBoth = true;
          default -> {}
        }
        packet.sequence = packet.method == Method.GET ? parts.unsigned() : -1;
      }
    }
  }

  private void fillResult(Packet packet) {
    if (random.nextBoolean()) {
      parts.contacts(packet, AddressFamily.IPV4);
    }
    if (random.nextBoolean()) {
      parts.contacts(packet, AddressFamily.IPV6);
    }
    withoutServices(packet);
    if (random.nextBoolean()) {
      parts.token(packet);
    }
    if (random.nextInt(3) == 0) {
      item(packet);
    }
    if (random.nextInt(3) == 0) {
      packet.peersCount = random.nextInt(WireLimits.PEERS_MAX + 1);
      for (int i = 0; i < packet.peersCount; i++) {
        packet.peers[i] = usable();
      }
    }
  }

  private static void withoutServices(Packet packet) {
    for (AddressFamily family : AddressFamily.values()) {
      for (int i = 0; i < packet.contactCount(family); i++) {
        Contact contact = packet.contacts(family)[i];
        packet.contacts(family)[i] = Contact.of(contact.id(), contact.endpoint(), 0);
      }
    }
  }

  private Endpoint usable() {
    Endpoint endpoint = parts.endpoint();
    while (!endpoint.isUsable()) {
      endpoint = parts.endpoint();
    }
    return endpoint;
  }

  private void item(Packet packet) {
    byte[] value = Bencode.encode(Bencode.random(random, 4));
    byte[] buffer = new byte[value.length + 10];
    System.arraycopy(value, 0, buffer, 5, value.length);
    packet.record = buffer;
    packet.recordOffset = 5;
    packet.recordLength = value.length;
    packet.hasProof = random.nextBoolean();
    if (packet.hasProof) {
      packet.sequence = parts.unsigned();
      random.nextBytes(packet.publicKey);
      random.nextBytes(packet.signature);
    }
  }
}
