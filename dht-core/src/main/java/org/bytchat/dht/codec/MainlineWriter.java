package org.bytchat.dht.codec;

import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/** Measures and writes messages of the Mainline dialect; all keys are sorted. */
final class MainlineWriter {

  private static final byte[] ARGUMENTS = BencodeWriter.constant("1:ad");
  private static final byte[] RESULT = BencodeWriter.constant("1:rd");
  private static final byte[] ERROR = BencodeWriter.constant("1:el");
  private static final byte[] CAS = BencodeWriter.constant("3:cas");
  private static final byte[] ID = BencodeWriter.constant("2:id20:");
  private static final byte[] IMPLIED_PORT = BencodeWriter.constant("12:implied_porti1e");
  private static final byte[] INFO_HASH = BencodeWriter.constant("9:info_hash20:");
  private static final byte[] PUBLIC_KEY = BencodeWriter.constant("1:k32:");
  private static final byte[] NODES = BencodeWriter.constant("5:nodes");
  private static final byte[] NODES6 = BencodeWriter.constant("6:nodes6");
  private static final byte[] PORT = BencodeWriter.constant("4:port");
  private static final byte[] SALT = BencodeWriter.constant("4:salt");
  private static final byte[] SEQUENCE = BencodeWriter.constant("3:seq");
  private static final byte[] SIGNATURE = BencodeWriter.constant("3:sig64:");
  private static final byte[] TARGET = BencodeWriter.constant("6:target20:");
  private static final byte[] TOKEN = BencodeWriter.constant("5:token");
  private static final byte[] VALUE = BencodeWriter.constant("1:v");
  private static final byte[] VALUES = BencodeWriter.constant("6:valuesl");
  private static final byte[] WANT4 = BencodeWriter.constant("4:wantl2:n4e");
  private static final byte[] WANT6 = BencodeWriter.constant("4:wantl2:n6e");
  private static final byte[] WANT_BOTH = BencodeWriter.constant("4:wantl2:n42:n6e");
  private static final byte[] OBSERVED = BencodeWriter.constant("2:ip");
  private static final byte[] READ_ONLY = BencodeWriter.constant("2:roi1e");
  private static final byte[] TRANSACTION = BencodeWriter.constant("1:t");
  private static final byte[] VERSION = BencodeWriter.constant("1:v4:");
  private static final byte[] KIND = BencodeWriter.constant("1:y1:");

  /** By method, {@code q} with its value. */
  private static final byte[][] METHODS = methods();

  private static byte[][] methods() {
    Method[] all = Method.values();
    byte[][] constants = new byte[all.length][];
    for (Method method : all) {
      String name = method.wireName();
      constants[method.ordinal()] = BencodeWriter.constant("1:q" + name.length() + ":" + name);
    }
    return constants;
  }

  /** See {@link MessageCodec#sizeOf}. */
  int sizeOf(Packet packet) {
    int size =
        switch (packet.kind) {
          case QUERY ->
              ARGUMENTS.length
                  + argumentsSize(packet)
                  + METHODS[packet.method.ordinal()].length
                  + (packet.readOnly ? READ_ONLY.length : 0);
          case RESPONSE -> RESULT.length + resultSize(packet);
          case ERROR ->
              ERROR.length
                  + BencodeWriter.integerSize(packet.errorCode)
                  + BencodeWriter.stringSize(packet.errorTextLength);
        };
    Endpoint observed = packet.observed;
    if (observed != null) {
      size += OBSERVED.length + BencodeWriter.stringSize(observed.family().endpointBytes());
    }
    size += packet.version != 0 ? VERSION.length + Integer.BYTES : 0;
    size += TRANSACTION.length + BencodeWriter.stringSize(packet.transactionLength);
    // Two ends, of the body and of the whole, which has a beginning too.
    return size + KIND.length + 1 + 3;
  }

  /** Writes a message. */
  void write(Packet packet, BencodeWriter writer) {
    writer.rawByte('d');
    switch (packet.kind) {
      case QUERY -> {
        writer.raw(ARGUMENTS);
        writeArguments(packet, writer);
        writer.rawByte('e');
        writeObserved(packet, writer);
        writer.raw(METHODS[packet.method.ordinal()]);
        if (packet.readOnly) {
          writer.raw(READ_ONLY);
        }
      }
      case RESPONSE -> {
        writeObserved(packet, writer);
        writer.raw(RESULT);
        writeResult(packet, writer);
        writer.rawByte('e');
      }
      case ERROR -> {
        writer.raw(ERROR);
        writer.integer(packet.errorCode);
        writer.string(packet.errorText, 0, packet.errorTextLength);
        writer.rawByte('e');
        writeObserved(packet, writer);
      }
    }
    writer.raw(TRANSACTION);
    writer.stringHeader(packet.transactionLength);
    writer.rawBytes(packet.transactionId, packet.transactionLength);
    if (packet.version != 0) {
      writer.raw(VERSION);
      writer.rawInt(packet.version);
    }
    writer.raw(KIND);
    writer.rawByte(packet.kind.code());
    writer.rawByte('e');
  }

  private static void writeObserved(Packet packet, BencodeWriter writer) {
    Endpoint observed = packet.observed;
    if (observed != null) {
      writer.raw(OBSERVED);
      writeEndpoint(observed, writer);
    }
  }

  private static int argumentsSize(Packet packet) {
    int size = ID.length + NodeId.BYTES;
    if (packet.hasKey) {
      size += NodeId.BYTES + (namesInfoHash(packet) ? INFO_HASH.length : TARGET.length);
    }
    if (packet.expectedSequence >= 0) {
      size += CAS.length + BencodeWriter.integerSize(packet.expectedSequence);
    }
    size += packet.impliedPort ? IMPLIED_PORT.length : 0;
    size += packet.port > 0 ? PORT.length + BencodeWriter.integerSize(packet.port) : 0;
    if (packet.saltLength > 0) {
      size += SALT.length + BencodeWriter.stringSize(packet.saltLength);
    }
    byte[] want = want(packet);
    return size + itemSize(packet) + (want == null ? 0 : want.length);
  }

  private static boolean namesInfoHash(Packet packet) {
    return packet.method == Method.GET_PEERS || packet.method == Method.ANNOUNCE_PEER;
  }

  private static byte @Nullable [] want(Packet packet) {
    if (packet.wantBoth) {
      return WANT_BOTH;
    }
    if (packet.want == null) {
      return null;
    }
    return packet.want == AddressFamily.IPV4 ? WANT4 : WANT6;
  }

  private static void writeArguments(Packet packet, BencodeWriter writer) {
    if (packet.expectedSequence >= 0) {
      writer.raw(CAS);
      writer.integer(packet.expectedSequence);
    }
    writeSender(packet, writer);
    if (packet.impliedPort) {
      writer.raw(IMPLIED_PORT);
    }
    if (packet.hasKey && namesInfoHash(packet)) {
      writer.raw(INFO_HASH);
      writeKey(packet, writer);
    }
    if (packet.hasProof) {
      writer.raw(PUBLIC_KEY);
      writer.bytes(packet.publicKey, 0, packet.publicKey.length);
    }
    if (packet.port > 0) {
      writer.raw(PORT);
      writer.integer(packet.port);
    }
    if (packet.saltLength > 0) {
      writer.raw(SALT);
      writer.string(packet.salt, 0, packet.saltLength);
    }
    writeSequenceAndSignature(packet, writer);
    if (packet.hasKey && !namesInfoHash(packet)) {
      writer.raw(TARGET);
      writeKey(packet, writer);
    }
    writeTokenAndValue(packet, writer);
    byte[] want = want(packet);
    if (want != null) {
      writer.raw(want);
    }
  }

  private static void writeSender(Packet packet, BencodeWriter writer) {
    writer.raw(ID);
    writer.rawLong(packet.senderHigh);
    writer.rawLong(packet.senderMiddle);
    writer.rawInt(packet.senderLow);
  }

  private static void writeKey(Packet packet, BencodeWriter writer) {
    writer.rawLong(packet.keyHigh);
    writer.rawLong(packet.keyMiddle);
    writer.rawInt(packet.keyLow);
  }

  private static int itemSize(Packet packet) {
    int size = packet.hasProof ? PUBLIC_KEY.length + packet.publicKey.length : 0;
    size += packet.hasProof ? SIGNATURE.length + packet.signature.length : 0;
    if (packet.sequence >= 0) {
      size += SEQUENCE.length + BencodeWriter.integerSize(packet.sequence);
    }
    if (packet.tokenLength > 0) {
      size += TOKEN.length + BencodeWriter.stringSize(packet.tokenLength);
    }
    return size + (packet.record == null ? 0 : VALUE.length + packet.recordLength);
  }

  private static void writeSequenceAndSignature(Packet packet, BencodeWriter writer) {
    if (packet.sequence >= 0) {
      writer.raw(SEQUENCE);
      writer.integer(packet.sequence);
    }
    if (packet.hasProof) {
      writer.raw(SIGNATURE);
      writer.bytes(packet.signature, 0, packet.signature.length);
    }
  }

  private static void writeTokenAndValue(Packet packet, BencodeWriter writer) {
    if (packet.tokenLength > 0) {
      writer.raw(TOKEN);
      writer.string(packet.token, 0, packet.tokenLength);
    }
    byte[] value = packet.record;
    if (value != null) {
      writer.raw(VALUE);
      writer.bytes(value, packet.recordOffset, packet.recordLength);
    }
  }

  private static int resultSize(Packet packet) {
    int size = ID.length + NodeId.BYTES + itemSize(packet);
    size += contactsSize(NODES, AddressFamily.IPV4, packet.contacts4Count);
    size += contactsSize(NODES6, AddressFamily.IPV6, packet.contacts6Count);
    if (packet.peersCount >= 0) {
      size += VALUES.length + 1;
      for (int i = 0; i < packet.peersCount; i++) {
        size += BencodeWriter.stringSize(peer(packet, i).family().endpointBytes());
      }
    }
    return size;
  }

  private static int contactsSize(byte[] name, AddressFamily family, int count) {
    return count < 0
        ? 0
        : name.length + BencodeWriter.stringSize(count * MainlineReader.contactBytes(family));
  }

  private static void writeResult(Packet packet, BencodeWriter writer) {
    writeSender(packet, writer);
    if (packet.hasProof) {
      writer.raw(PUBLIC_KEY);
      writer.bytes(packet.publicKey, 0, packet.publicKey.length);
    }
    if (packet.contacts4Count >= 0) {
      writer.raw(NODES);
      writeContacts(AddressFamily.IPV4, packet.contacts4, packet.contacts4Count, writer);
    }
    if (packet.contacts6Count >= 0) {
      writer.raw(NODES6);
      writeContacts(AddressFamily.IPV6, packet.contacts6, packet.contacts6Count, writer);
    }
    writeSequenceAndSignature(packet, writer);
    writeTokenAndValue(packet, writer);
    if (packet.peersCount >= 0) {
      writer.raw(VALUES);
      for (int i = 0; i < packet.peersCount; i++) {
        writeEndpoint(peer(packet, i), writer);
      }
      writer.rawByte('e');
    }
  }

  private static void writeEndpoint(Endpoint endpoint, BencodeWriter writer) {
    writer.stringHeader(endpoint.family().endpointBytes());
    writer.advance(endpoint.write(writer.buffer(), writer.position()));
  }

  private static Endpoint peer(Packet packet, int index) {
    Endpoint peer = packet.peers[index];
    if (peer == null) {
      throw new IllegalArgumentException(
          "peer " + index + " of " + packet.peersCount + " is missing");
    }
    return peer;
  }

  private static void writeContacts(
      AddressFamily family, @Nullable Contact[] contacts, int count, BencodeWriter writer) {
    int each = MainlineReader.contactBytes(family);
    writer.stringHeader(count * each);
    for (int i = 0; i < count; i++) {
      BodyWriter.writeContact(contacts, i, family, writer.buffer(), writer.position());
      writer.advance(each);
    }
  }
}
