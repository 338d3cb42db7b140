package org.bytchat.dht.codec;

import java.util.Random;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** Random messages that can be sent: well-formed, complete, and no longer than a datagram. */
final class RandomPackets {

  /** Numbers on both sides of every change of MessagePack's integer formats. */
  private static final long[] EDGES = {
    0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffffL, 0x1_0000_0000L, Long.MAX_VALUE
  };

  /** Those of our own dialect. */
  private static final Method[] METHODS = {
    Method.PING, Method.FIND_NODE, Method.GET, Method.PUT, Method.UNKNOWN, Method.BIND, Method.FIND
  };

  private final Random random;
  private final BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);

  RandomPackets(Random random) {
    this.random = random;
  }

  /** Returns a new packet, padded or not. */
  Packet next() {
    while (true) {
      Packet packet = new Packet();
      fill(packet);
      int unpadded = codec.sizeOf(packet);
      if (random.nextInt(3) == 0) {
        // Near the length without padding and anywhere; four more may be needed than are asked for.
        packet.paddedBytes =
            random.nextBoolean() ? unpadded + random.nextInt(8) : random.nextInt(1197);
      }
      if (codec.sizeOf(packet) <= WireLimits.DATAGRAM_BYTES) {
        return packet;
      }
    }
  }

  private void fill(Packet packet) {
    Kind[] kinds = Kind.values();
    packet.kind = kinds[random.nextInt(kinds.length)];
    packet.transactionId = random.nextLong();
    packet.sender(id());
    packet.networkId = random.nextInt();
    packet.version = random.nextBoolean() ? random.nextInt() : 0;
    packet.features = random.nextBoolean() ? unsigned() : 0;
    packet.readOnly = random.nextBoolean();
    packet.observed = random.nextBoolean() ? endpoint() : null;
    switch (packet.kind) {
      case QUERY -> fillArguments(packet);
      case RESPONSE -> fillResult(packet);
      case ERROR -> fillError(packet);
    }
  }

  private void fillArguments(Packet packet) {
    packet.method = METHODS[random.nextInt(METHODS.length)];
    boolean keyed = packet.method != Method.PING && packet.method != Method.UNKNOWN;
    boolean put = packet.method == Method.PUT;
    if (keyed || random.nextBoolean()) {
      packet.key(id());
    }
    if (random.nextBoolean()) {
      packet.want = random.nextBoolean() ? AddressFamily.IPV4 : AddressFamily.IPV6;
    }
    packet.serviceMask = random.nextBoolean() ? random.nextInt(256) : 0;
    packet.hasChallenge = random.nextBoolean();
    random.nextBytes(packet.challenge);
    packet.forward = random.nextBoolean();
    packet.forwardTo = random.nextInt(4) == 0 ? endpoint() : null;
    if (put || random.nextBoolean()) {
      token(packet);
    }
    if (put || random.nextInt(8) == 0) {
      record(packet);
    }
    packet.expectedSequence = random.nextBoolean() ? unsigned() : -1;
    packet.place = random.nextBoolean() ? id() : null;
  }

  private void fillResult(Packet packet) {
    if (random.nextBoolean()) {
      contacts(packet, AddressFamily.IPV4);
    }
    if (random.nextBoolean()) {
      contacts(packet, AddressFamily.IPV6);
    }
    if (random.nextBoolean()) {
      token(packet);
    }
    packet.sequence = random.nextBoolean() ? unsigned() : -1;
    packet.hasProof = random.nextInt(4) == 0;
    random.nextBytes(packet.publicKey);
    random.nextBytes(packet.signature);
    if (random.nextInt(4) == 0) {
      record(packet);
    }
  }

  private void fillError(Packet packet) {
    int length = random.nextInt(WireLimits.ERROR_TEXT_BYTES_MAX + 1);
    packet.error((int) (unsigned() & 0xffff), "no such thing".repeat(10).substring(0, length));
    if (random.nextInt(4) == 0) {
      token(packet);
    }
    packet.sequence = random.nextInt(4) == 0 ? unsigned() : -1;
    if (random.nextInt(4) == 0) {
      record(packet);
    }
  }

  /** Puts in random contacts of a family. */
  void contacts(Packet packet, AddressFamily family) {
    int count = random.nextInt(random.nextBoolean() ? 9 : WireLimits.CONTACTS_MAX + 1);
    for (int i = 0; i < count; i++) {
      Endpoint endpoint = endpoint(family);
      while (!endpoint.isUsable()) {
        endpoint = endpoint(family);
      }
      packet.contacts(family)[i] = Contact.of(id(), endpoint, random.nextInt(256));
    }
    packet.contactCount(family, count);
  }

  /** Puts in a random token. */
  void token(Packet packet) {
    byte[] bytes = new byte[1 + random.nextInt(WireLimits.TOKEN_BYTES_MAX)];
    random.nextBytes(bytes);
    packet.token(bytes, 0, bytes.length);
  }

  private void record(Packet packet) {
    byte[] buffer = new byte[1100];
    random.nextBytes(buffer);
    packet.record = buffer;
    packet.recordOffset = random.nextInt(100);
    packet.recordLength = random.nextInt(random.nextBoolean() ? 300 : 1001);
  }

  NodeId id() {
    return NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
  }

  Endpoint endpoint() {
    return endpoint(random.nextBoolean() ? AddressFamily.IPV4 : AddressFamily.IPV6);
  }

  Endpoint endpoint(AddressFamily family) {
    int port = random.nextInt(0x1_0000);
    return family == AddressFamily.IPV4
        ? Endpoint.ofIpv4(random.nextInt(), port)
        : Endpoint.ofIpv6(random.nextLong(), random.nextLong(), port);
  }

  /** Returns a random number, often one at the edge of a format. */
  long unsigned() {
    return random.nextBoolean()
        ? EDGES[random.nextInt(EDGES.length)]
        : random.nextLong() >>> (1 + random.nextInt(63));
  }
}
