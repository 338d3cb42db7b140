package org.bytchat.sim.kernel;

import java.util.Random;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** Random messages with all parts that their kind and method can have; some are too long. */
final class RandomMessages {

  private final Random random;

  RandomMessages(Random random) {
    this.random = random;
  }

  Packet next(Kind kind, Method method) {
    Packet packet = new Packet();
    packet.kind = kind;
    packet.transactionId = random.nextLong();
    packet.sender(id());
    packet.networkId = random.nextInt();
    packet.version = random.nextBoolean() ? random.nextInt() : 0;
    packet.features = random.nextBoolean() ? random.nextLong() >>> 1 : 0;
    packet.readOnly = random.nextBoolean();
    packet.observed = random.nextBoolean() ? endpoint(AddressFamily.IPV4) : null;
    switch (kind) {
      case QUERY -> arguments(packet, method);
      case RESPONSE -> result(packet);
      case ERROR -> {
        packet.error(random.nextInt(1_000), "refused".substring(random.nextInt(8)));
        packet.sequence = sequence();
      }
    }
    if (random.nextInt(4) == 0) {
      packet.paddedBytes = random.nextInt(400);
    }
    return packet;
  }

  private void arguments(Packet packet, Method method) {
    packet.method = method;
    if (method != Method.PING && method != Method.UNKNOWN) {
      packet.key(id());
    }
    packet.want = random.nextBoolean() ? AddressFamily.IPV4 : null;
    packet.serviceMask = random.nextBoolean() ? random.nextInt(256) : 0;
    packet.hasChallenge = random.nextBoolean();
    random.nextBytes(packet.challenge);
    packet.forward = random.nextBoolean();
    packet.forwardTo = random.nextInt(4) == 0 ? endpoint(AddressFamily.IPV4) : null;
    if (method.isForService()) {
      token(packet);
      record(packet);
    }
    if (method == Method.PUT) {
      token(packet);
      record(packet);
      packet.expectedSequence = sequence();
      packet.place = random.nextBoolean() ? id() : null;
    }
  }

  private void result(Packet packet) {
    for (AddressFamily family : AddressFamily.values()) {
      if (random.nextBoolean()) {
        int count = random.nextInt(9);
        for (int i = 0; i < count; i++) {
          packet.contacts(family)[i] = Contact.of(id(), endpoint(family), random.nextInt(256));
        }
        packet.contactCount(family, count);
      }
    }
    if (random.nextBoolean()) {
      token(packet);
    }
    packet.sequence = sequence();
    packet.hasProof = random.nextInt(4) == 0;
    random.nextBytes(packet.publicKey);
    random.nextBytes(packet.signature);
    if (random.nextInt(4) == 0) {
      record(packet);
    }
  }

  private long sequence() {
    return random.nextBoolean() ? random.nextLong() >>> 1 : -1;
  }

  private void token(Packet packet) {
    byte[] bytes = new byte[1 + random.nextInt(WireLimits.TOKEN_BYTES_MAX)];
    random.nextBytes(bytes);
    packet.token(bytes, 0, bytes.length);
  }

  private void record(Packet packet) {
    byte[] buffer = new byte[600];
    random.nextBytes(buffer);
    packet.record = buffer;
    packet.recordOffset = random.nextInt(100);
    packet.recordLength = random.nextInt(500);
  }

  private NodeId id() {
    return NodeId.of(random.nextLong(), random.nextLong(), random.nextInt());
  }

  private Endpoint endpoint(AddressFamily family) {
    int port = 1_024 + random.nextInt(60_000);
    return family == AddressFamily.IPV4
        ? Endpoint.ofIpv4(0x0800_0000 | random.nextInt(1 << 24), port)
        : Endpoint.ofIpv6(
            0x2a00_0000_0000_0000L | random.nextInt(1 << 30), random.nextLong(), port);
  }
}
