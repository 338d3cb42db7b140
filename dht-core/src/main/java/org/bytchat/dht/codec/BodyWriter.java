package org.bytchat.dht.codec;

import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/** Measures and writes the arguments, the result or the error of a message. */
final class BodyWriter {

  /** The bytes of the body with its key, and for a query of {@code q} with its key too. */
  int sizeOf(Packet packet) {
    return switch (packet.kind) {
      case QUERY ->
          2 + WireWriter.stringSize(packet.method.wireName().length()) + 3 + argumentsSize(packet);
      case RESPONSE -> 3 + resultSize(packet);
      case ERROR -> 3 + errorSize(packet);
    };
  }

  void write(Packet packet, WireWriter writer) {
    switch (packet.kind) {
      case QUERY -> {
        writer.key('q');
        writer.shortString(packet.method.wireName());
        writer.key('a');
        writeArguments(packet, writer);
      }
      case RESPONSE -> {
        writer.key('r');
        writeResult(packet, writer);
      }
      case ERROR -> {
        writer.key('e');
        writeError(packet, writer);
      }
    }
  }

  private static int argumentsSize(Packet packet) {
    int size = packet.hasKey ? 2 + 2 + NodeId.BYTES : 0;
    size += packet.want != null ? 5 + 1 : 0;
    size += packet.serviceMask != 0 ? 2 + WireWriter.unsignedSize(packet.serviceMask) : 0;
    size += packet.hasChallenge ? 2 + 2 + packet.challenge.length : 0;
    size += packet.forward ? 4 + 1 : 0;
    size += endpointSize(packet.forwardTo);
    size += tokenSize(packet);
    size += recordSize(packet);
    size += packet.expectedSequence >= 0 ? 4 + WireWriter.unsignedSize(packet.expectedSequence) : 0;
    return size + (packet.place != null ? 3 + 2 + NodeId.BYTES : 0);
  }

  private static void writeArguments(Packet packet, WireWriter writer) {
    AddressFamily want = packet.want;
    Endpoint to = packet.forwardTo;
    NodeId place = packet.place;
    int entries = (packet.hasKey ? 1 : 0) + (want != null ? 1 : 0);
    entries += (packet.serviceMask != 0 ? 1 : 0) + (packet.hasChallenge ? 1 : 0);
    entries += (packet.forward ? 1 : 0) + (to != null ? 1 : 0) + (packet.tokenLength > 0 ? 1 : 0);
    entries += (packet.record != null ? 1 : 0) + (packet.expectedSequence >= 0 ? 1 : 0);
    entries += place != null ? 1 : 0;
    writer.mapHeader(entries);
    if (packet.hasKey) {
      writer.key('k');
      writer.binaryHeader(NodeId.BYTES);
      writer.rawLong(packet.keyHigh);
      writer.rawLong(packet.keyMiddle);
      writer.rawInt(packet.keyLow);
    }
    if (want != null) {
      writer.shortString("want");
      writer.rawByte(want == AddressFamily.IPV4 ? 4 : 6);
    }
    if (packet.serviceMask != 0) {
      writer.key('s');
      writer.unsigned(packet.serviceMask);
    }
    if (packet.hasChallenge) {
      writer.key('c');
      writer.binary(packet.challenge, 0, packet.challenge.length);
    }
    if (packet.forward) {
      writer.shortString("fwd");
      writer.trueValue();
    }
    if (to != null) {
      writer.key('t', 'o');
      writeEndpoint(to, writer);
    }
    writeToken(packet, writer);
    writeRecord(packet, writer);
    if (packet.expectedSequence >= 0) {
      writer.shortString("cas");
      writer.unsigned(packet.expectedSequence);
    }
    if (place != null) {
      writer.key('p', 'l');
      writer.binaryHeader(NodeId.BYTES);
      place.write(writer.buffer(), writer.position());
      writer.advance(NodeId.BYTES);
    }
  }

  private static int resultSize(Packet packet) {
    int size = contactsSize(AddressFamily.IPV4, packet.contacts4Count);
    size += contactsSize(AddressFamily.IPV6, packet.contacts6Count);
    size += tokenSize(packet);
    size += sequenceSize(packet);
    if (packet.hasProof) {
      size += 3 + 2 + packet.publicKey.length + 4 + 2 + packet.signature.length;
    }
    return size + recordSize(packet);
  }

  private static void writeResult(Packet packet, WireWriter writer) {
    int entries = (packet.contacts4Count >= 0 ? 1 : 0) + (packet.contacts6Count >= 0 ? 1 : 0);
    entries += (packet.tokenLength > 0 ? 1 : 0) + (packet.sequence >= 0 ? 1 : 0);
    entries += (packet.hasProof ? 2 : 0) + (packet.record != null ? 1 : 0);
    writer.mapHeader(entries);
    if (packet.contacts4Count >= 0) {
      writer.key('n', '4');
      writeContacts(AddressFamily.IPV4, packet.contacts4, packet.contacts4Count, writer);
    }
    if (packet.contacts6Count >= 0) {
      writer.key('n', '6');
      writeContacts(AddressFamily.IPV6, packet.contacts6, packet.contacts6Count, writer);
    }
    writeToken(packet, writer);
    writeSequence(packet, writer);
    if (packet.hasProof) {
      writer.key('p', 'k');
      writer.binary(packet.publicKey, 0, packet.publicKey.length);
      writer.shortString("sig");
      writer.binary(packet.signature, 0, packet.signature.length);
    }
    writeRecord(packet, writer);
  }

  private static int errorSize(Packet packet) {
    int size = 2 + WireWriter.unsignedSize(packet.errorCode);
    size += packet.errorTextLength > 0 ? 2 + WireWriter.stringSize(packet.errorTextLength) : 0;
    size += tokenSize(packet);
    size += sequenceSize(packet);
    return size + recordSize(packet);
  }

  private static void writeError(Packet packet, WireWriter writer) {
    int entries = 1 + (packet.errorTextLength > 0 ? 1 : 0) + (packet.tokenLength > 0 ? 1 : 0);
    entries += (packet.sequence >= 0 ? 1 : 0) + (packet.record != null ? 1 : 0);
    writer.mapHeader(entries);
    writer.key('c');
    writer.unsigned(packet.errorCode);
    if (packet.errorTextLength > 0) {
      writer.key('m');
      writer.string(packet.errorText, packet.errorTextLength);
    }
    writeToken(packet, writer);
    writeSequence(packet, writer);
    writeRecord(packet, writer);
  }

  private static int contactsSize(AddressFamily family, int count) {
    return count < 0 ? 0 : 3 + WireWriter.binarySize(count * family.contactBytes());
  }

  private static int tokenSize(Packet packet) {
    return packet.tokenLength > 0 ? 3 + 2 + packet.tokenLength : 0;
  }

  private static int sequenceSize(Packet packet) {
    return packet.sequence < 0 ? 0 : 4 + WireWriter.unsignedSize(packet.sequence);
  }

  private static void writeSequence(Packet packet, WireWriter writer) {
    if (packet.sequence >= 0) {
      writer.shortString("seq");
      writer.unsigned(packet.sequence);
    }
  }

  private static int recordSize(Packet packet) {
    return packet.record == null ? 0 : 4 + WireWriter.binarySize(packet.recordLength);
  }

  private static int endpointSize(@Nullable Endpoint endpoint) {
    return endpoint == null ? 0 : 3 + 2 + endpoint.family().endpointBytes();
  }

  private static void writeToken(Packet packet, WireWriter writer) {
    if (packet.tokenLength > 0) {
      writer.key('t', 'k');
      writer.binary(packet.token, 0, packet.tokenLength);
    }
  }

  private static void writeRecord(Packet packet, WireWriter writer) {
    byte[] record = packet.record;
    if (record != null) {
      writer.shortString("rec");
      writer.binary(record, packet.recordOffset, packet.recordLength);
    }
  }

  /** Writes the contacts of one family, the form of {@code n4} and {@code n6}. */
  private static void writeContacts(
      AddressFamily family, @Nullable Contact[] contacts, int count, WireWriter writer) {
    writer.binaryHeader(count * family.contactBytes());
    int each = family.contactBytes();
    for (int i = 0; i < count; i++) {
      Contact contact = writeContact(contacts, i, family, writer.buffer(), writer.position());
      writer.buffer()[writer.position() + each - 1] = (byte) contact.services();
      writer.advance(each);
    }
  }

  /** Writes id and endpoint of a contact, the form of both dialects; returns the contact. */
  static Contact writeContact(
      @Nullable Contact[] contacts, int index, AddressFamily family, byte[] buffer, int at) {
    Contact contact = contacts[index];
    if (contact == null || contact.endpoint().family() != family) {
      throw new IllegalArgumentException("contact " + index + " is missing or not " + family);
    }
    contact.id().write(buffer, at);
    contact.endpoint().write(buffer, at + NodeId.BYTES);
    return contact;
  }

  static void writeEndpoint(Endpoint endpoint, WireWriter writer) {
    writer.binaryHeader(endpoint.family().endpointBytes());
    writer.advance(endpoint.write(writer.buffer(), writer.position()));
  }
}
