package org.bytchat.dht.codec;

import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/** Reads the arguments, the result or the error of a message. */
final class BodyReader {

  private static final int KEY_KEY = 'k';
  private static final int KEY_WANT = ('w' << 8 | 'a') << 16 | 'n' << 8 | 't';
  private static final int KEY_SERVICES = 's';
  private static final int KEY_CHALLENGE = 'c';
  private static final int KEY_FORWARD = ('f' << 8 | 'w') << 8 | 'd';
  private static final int KEY_TO = 't' << 8 | 'o';
  private static final int KEY_TOKEN = 't' << 8 | 'k';
  private static final int KEY_RECORD = ('r' << 8 | 'e') << 8 | 'c';
  private static final int KEY_CAS = ('c' << 8 | 'a') << 8 | 's';
  private static final int KEY_SEQUENCE = ('s' << 8 | 'e') << 8 | 'q';
  private static final int KEY_PLACE = 'p' << 8 | 'l';
  private static final int KEY_CONTACTS4 = 'n' << 8 | '4';
  private static final int KEY_CONTACTS6 = 'n' << 8 | '6';
  private static final int KEY_PUBLIC_KEY = 'p' << 8 | 'k';
  private static final int KEY_SIGNATURE = ('s' << 8 | 'i') << 8 | 'g';
  private static final int KEY_CODE = 'c';
  private static final int KEY_TEXT = 'm';

  private final ContactInterner interner;
  private int seen;

  BodyReader(ContactInterner interner) {
    this.interner = interner;
  }

  /** Reads the body that belongs to the packet's kind. */
  void read(WireReader reader, Packet packet) {
    Kind kind = packet.kind;
    seen = 0;
    int entries = reader.readMapHeader(BytchatCodec.MAP_ENTRIES_MAX);
    for (int i = 0; i < entries && !reader.failed(); i++) {
      int key = reader.readKey();
      if (reader.failed()) {
        return;
      }
      switch (kind) {
        case QUERY -> readArgument(key, reader, packet);
        case RESPONSE -> readResult(key, reader, packet);
        case ERROR -> readError(key, reader, packet);
      }
    }
    if (kind == Kind.RESPONSE && !reader.failed()) {
      int proof = 1 << 4 | 1 << 5;
      packet.hasProof = (seen & proof) == proof;
      if (!packet.hasProof && (seen & proof) != 0) {
        reader.fail(DecodeOutcome.MISSING_KEY);
      }
    }
    if (kind == Kind.ERROR && !reader.failed() && (seen & 1) == 0) {
      reader.fail(DecodeOutcome.MISSING_KEY);
    }
  }

  private void readArgument(int key, WireReader reader, Packet packet) {
    switch (key) {
      case KEY_KEY -> {
        if (first(0, reader) && reader.readBinaryOf(NodeId.BYTES)) {
          copyKey(reader, packet);
        }
      }
      case KEY_WANT -> {
        if (first(1, reader)) {
          readWant(reader, packet);
        }
      }
      case KEY_SERVICES -> {
        if (first(2, reader)) {
          readServices(reader, packet);
        }
      }
      case KEY_CHALLENGE -> {
        if (first(3, reader) && reader.readBinaryOf(WireLimits.CHALLENGE_BYTES)) {
          packet.hasChallenge = true;
          copy(reader, packet.challenge);
        }
      }
      case KEY_FORWARD -> {
        if (first(4, reader)) {
          packet.forward = reader.readBoolean();
        }
      }
      case KEY_TO -> {
        if (first(5, reader)) {
          packet.forwardTo = readEndpoint(reader);
        }
      }
      case KEY_TOKEN -> {
        if (first(6, reader)) {
          readToken(reader, packet);
        }
      }
      case KEY_RECORD -> {
        if (first(7, reader)) {
          readRecord(reader, packet);
        }
      }
      case KEY_CAS -> {
        if (first(8, reader)) {
          packet.expectedSequence = reader.readUnsigned();
        }
      }
      case KEY_PLACE -> {
        if (first(9, reader) && reader.readBinaryOf(NodeId.BYTES)) {
          packet.place = NodeId.read(reader.buffer(), reader.valueOffset());
        }
      }
      default -> reader.skipValue();
    }
  }

  private static void copyKey(WireReader reader, Packet packet) {
    int at = reader.valueOffset();
    packet.hasKey = true;
    packet.keyHigh = reader.longAt(at);
    packet.keyMiddle = reader.longAt(at + 8);
    packet.keyLow = reader.intAt(at + 16);
  }

  private static void readServices(WireReader reader, Packet packet) {
    long mask = reader.readUnsigned();
    if (mask > 0xff) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
    }
    packet.serviceMask = (int) mask & 0xff;
  }

  private void readResult(int key, WireReader reader, Packet packet) {
    switch (key) {
      case KEY_CONTACTS4 -> {
        if (first(0, reader)) {
          packet.contacts4Count = readContacts(AddressFamily.IPV4, packet.contacts4, reader);
        }
      }
      case KEY_CONTACTS6 -> {
        if (first(1, reader)) {
          packet.contacts6Count = readContacts(AddressFamily.IPV6, packet.contacts6, reader);
        }
      }
      case KEY_TOKEN -> {
        if (first(2, reader)) {
          readToken(reader, packet);
        }
      }
      case KEY_SEQUENCE -> {
        if (first(3, reader)) {
          packet.sequence = reader.readUnsigned();
        }
      }
      case KEY_PUBLIC_KEY -> {
        if (first(4, reader) && reader.readBinaryOf(WireLimits.PUBLIC_KEY_BYTES)) {
          copy(reader, packet.publicKey);
        }
      }
      case KEY_SIGNATURE -> {
        if (first(5, reader) && reader.readBinaryOf(WireLimits.SIGNATURE_BYTES)) {
          copy(reader, packet.signature);
        }
      }
      case KEY_RECORD -> {
        if (first(6, reader)) {
          readRecord(reader, packet);
        }
      }
      default -> reader.skipValue();
    }
  }

  private void readError(int key, WireReader reader, Packet packet) {
    switch (key) {
      case KEY_CODE -> {
        if (first(0, reader)) {
          long code = reader.readUnsigned();
          if (code > 0xffff) {
            reader.fail(DecodeOutcome.WRONG_TYPE);
          }
          packet.errorCode = (int) code;
        }
      }
      case KEY_TEXT -> {
        if (first(1, reader)) {
          int length = reader.readStringHeader();
          packet.errorTextLength = Math.min(length, packet.errorText.length);
          System.arraycopy(
              reader.buffer(), reader.valueOffset(), packet.errorText, 0, packet.errorTextLength);
        }
      }
      case KEY_RECORD -> {
        if (first(2, reader)) {
          readRecord(reader, packet);
        }
      }
      case KEY_SEQUENCE -> {
        if (first(3, reader)) {
          packet.sequence = reader.readUnsigned();
        }
      }
      case KEY_TOKEN -> {
        if (first(4, reader)) {
          readToken(reader, packet);
        }
      }
      default -> reader.skipValue();
    }
  }

  private boolean first(int bit, WireReader reader) {
    if ((seen & 1 << bit) != 0) {
      reader.fail(DecodeOutcome.DUPLICATE_KEY);
      return false;
    }
    seen |= 1 << bit;
    return true;
  }

  private static void readWant(WireReader reader, Packet packet) {
    long want = reader.readUnsigned();
    if (want == 4) {
      packet.want = AddressFamily.IPV4;
    } else if (want == 6) {
      packet.want = AddressFamily.IPV6;
    } else {
      reader.fail(DecodeOutcome.WRONG_TYPE);
    }
  }

  private static void readToken(WireReader reader, Packet packet) {
    int length = reader.readBinary();
    if (reader.failed()) {
      return;
    }
    if (length == 0 || length > WireLimits.TOKEN_BYTES_MAX) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
      return;
    }
    packet.token(reader.buffer(), reader.valueOffset(), length);
  }

  private static void readRecord(WireReader reader, Packet packet) {
    int length = reader.readBinary();
    if (!reader.failed()) {
      packet.record = reader.buffer();
      packet.recordOffset = reader.valueOffset();
      packet.recordLength = length;
    }
  }

  private static void copy(WireReader reader, byte[] target) {
    System.arraycopy(reader.buffer(), reader.valueOffset(), target, 0, target.length);
  }

  /** Reads a list of contacts; those that cannot be reached by anyone are left out. */
  private int readContacts(AddressFamily family, @Nullable Contact[] contacts, WireReader reader) {
    int length = reader.readBinary();
    int each = family.contactBytes();
    if (reader.failed() || length % each != 0 || length / each > contacts.length) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
      return -1;
    }
    byte[] buffer = reader.buffer();
    int end = reader.valueOffset() + length;
    int count = 0;
    for (int at = reader.valueOffset(); at < end; at += each) {
      Endpoint endpoint = Endpoint.read(family, buffer, at + NodeId.BYTES);
      if (endpoint.isUsable()) {
        Contact read = Contact.of(NodeId.read(buffer, at), endpoint, buffer[at + each - 1] & 0xff);
        contacts[count++] = interner.intern(read);
      }
    }
    return count;
  }

  static @Nullable Endpoint readEndpoint(WireReader reader) {
    int length = reader.readBinary();
    if (!reader.failed()) {
      for (AddressFamily family : FAMILIES) {
        if (length == family.endpointBytes()) {
          return Endpoint.read(family, reader.buffer(), reader.valueOffset());
        }
      }
      reader.fail(DecodeOutcome.WRONG_TYPE);
    }
    return null;
  }

  private static final AddressFamily[] FAMILIES = AddressFamily.values();
}
