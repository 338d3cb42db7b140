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

/** Reads the arguments, the result or the error of a message of the Mainline dialect. */
final class MainlineReader {

  private static final long KEY_CAS = BencodeReader.key("cas");
  private static final long KEY_SENDER = BencodeReader.key("id");
  private static final long KEY_PUBLIC_KEY = 'k';
  private static final long KEY_NODES = BencodeReader.key("nodes");
  private static final long KEY_NODES6 = BencodeReader.key("nodes6");
  private static final long KEY_PORT = BencodeReader.key("port");
  private static final long KEY_SALT = BencodeReader.key("salt");
  private static final long KEY_SEQUENCE = BencodeReader.key("seq");
  private static final long KEY_SIGNATURE = BencodeReader.key("sig");
  private static final long KEY_TARGET = BencodeReader.key("target");
  private static final long KEY_TOKEN = BencodeReader.key("token");
  private static final long KEY_VALUE = 'v';
  private static final long KEY_VALUES = BencodeReader.key("values");
  private static final long KEY_WANT = BencodeReader.key("want");

  /** Longer than what {@link BencodeReader#key} packs. */
  private static final String NAME_INFO_HASH = "info_hash";

  private static final String NAME_IMPLIED_PORT = "implied_port";

  private static final AddressFamily[] FAMILIES = AddressFamily.values();

  private final ContactInterner interner;

  private boolean hasSender;
  private boolean hasPublicKey;
  private boolean hasSignature;
  private boolean hasSequence;
  private boolean hasSalt;
  private boolean hasInfoHash;
  private boolean hasTarget;

  MainlineReader(ContactInterner interner) {
    this.interner = interner;
  }

  /** Reads the body of a kind. */
  void read(Kind kind, BencodeReader reader, Packet packet) {
    hasSender = false;
    hasPublicKey = false;
    hasSignature = false;
    hasSequence = false;
    hasSalt = false;
    hasInfoHash = false;
    hasTarget = false;
    if (kind == Kind.ERROR) {
      readError(reader, packet);
      return;
    }
    reader.beginDictionary();
    while (reader.nextKey()) {
      long key = reader.key();
      if (kind == Kind.QUERY) {
        readArgument(key, reader, packet);
      } else {
        readResult(key, reader, packet);
      }
    }
    packet.hasProof = hasPublicKey && hasSignature;
    if (kind == Kind.RESPONSE && !reader.failed() && !(hasSender && isItemWhole(packet))) {
      reader.fail(DecodeOutcome.MISSING_KEY);
    }
  }

  /** Tells whether the body that was read last names its sender. */
  boolean hasSender() {
    return hasSender;
  }

  /**
   * Tells whether a query has the arguments that its method needs. A put that has only some parts
   * of a mutable item is not one of an immutable item.
   */
  boolean areComplete(Packet packet) {
    boolean method =
        switch (packet.method) {
          case PING, UNKNOWN, BIND, FIND -> true;
          case FIND_NODE, GET -> hasTarget;
          case GET_PEERS -> hasInfoHash;
          case ANNOUNCE_PEER ->
              hasInfoHash && packet.tokenLength > 0 && (packet.impliedPort || packet.port > 0);
          case PUT -> packet.tokenLength > 0 && packet.record != null && isWholePut(packet);
        };
    return hasSender && method;
  }

  private boolean isWholePut(Packet packet) {
    boolean isMutable = hasPublicKey && hasSignature && hasSequence;
    boolean isImmutable =
        !hasPublicKey && !hasSignature && !hasSequence && !hasSalt && packet.expectedSequence < 0;
    return isMutable || isImmutable;
  }

  /** A holder may tell the sequence alone, but not show a key without a signature. */
  private boolean isItemWhole(Packet packet) {
    return packet.record == null
        || (!hasPublicKey && !hasSignature)
        || (hasPublicKey && hasSignature && hasSequence);
  }

  private void readArgument(long key, BencodeReader reader, Packet packet) {
    if (key == KEY_SENDER) {
      readSender(reader, packet);
    } else if (key == KEY_TARGET && !hasInfoHash) {
      hasTarget = readKey(reader, packet);
    } else if (key == KEY_WANT) {
      readWant(reader, packet);
    } else if (key == KEY_TOKEN) {
      readToken(reader, packet);
    } else if (key == KEY_PORT) {
      readPort(reader, packet);
    } else if (key == KEY_SALT) {
      readSalt(reader, packet);
    } else if (key == KEY_CAS) {
      packet.expectedSequence = readSequence(reader);
    } else if (key != 0) {
      readItem(key, reader, packet);
    } else if (reader.isKey(NAME_INFO_HASH)) {
      // Sorted, it comes before a target, and a query is about one key.
      hasInfoHash = readKey(reader, packet);
    } else if (reader.isKey(NAME_IMPLIED_PORT)) {
      packet.impliedPort = reader.readInteger() != 0;
    } else {
      reader.skipValue();
    }
  }

  private void readResult(long key, BencodeReader reader, Packet packet) {
    if (key == KEY_SENDER) {
      readSender(reader, packet);
    } else if (key == KEY_NODES) {
      packet.contacts4Count = readContacts(AddressFamily.IPV4, packet.contacts4, reader);
    } else if (key == KEY_NODES6) {
      packet.contacts6Count = readContacts(AddressFamily.IPV6, packet.contacts6, reader);
    } else if (key == KEY_TOKEN) {
      readToken(reader, packet);
    } else if (key == KEY_VALUES) {
      readPeers(reader, packet);
    } else {
      readItem(key, reader, packet);
    }
  }

  /** Reads what a put and an answer to a get have in common. */
  private void readItem(long key, BencodeReader reader, Packet packet) {
    if (key == KEY_VALUE) {
      packet.recordOffset = reader.position();
      reader.skipValue();
      packet.record = reader.buffer();
      packet.recordLength = reader.position() - packet.recordOffset;
    } else if (key == KEY_SEQUENCE) {
      packet.sequence = readSequence(reader);
      hasSequence = true;
    } else if (key == KEY_PUBLIC_KEY) {
      hasPublicKey = readBytes(reader, packet.publicKey);
    } else if (key == KEY_SIGNATURE) {
      hasSignature = readBytes(reader, packet.signature);
    } else {
      reader.skipValue();
    }
  }

  private static boolean readBytes(BencodeReader reader, byte[] target) {
    boolean read = reader.readStringOf(target.length);
    if (read) {
      System.arraycopy(reader.buffer(), reader.valueOffset(), target, 0, target.length);
    }
    return read;
  }

  private void readSender(BencodeReader reader, Packet packet) {
    if (reader.readStringOf(NodeId.BYTES)) {
      int at = reader.valueOffset();
      hasSender = true;
      packet.senderHigh = reader.longAt(at);
      packet.senderMiddle = reader.longAt(at + 8);
      packet.senderLow = reader.intAt(at + 16);
    }
  }

  private static boolean readKey(BencodeReader reader, Packet packet) {
    boolean read = reader.readStringOf(NodeId.BYTES);
    if (read) {
      int at = reader.valueOffset();
      packet.hasKey = true;
      packet.keyHigh = reader.longAt(at);
      packet.keyMiddle = reader.longAt(at + 8);
      packet.keyLow = reader.intAt(at + 16);
    }
    return read;
  }

  private static long readSequence(BencodeReader reader) {
    long value = reader.readInteger();
    if (value < 0) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
    }
    return value;
  }

  private static void readPort(BencodeReader reader, Packet packet) {
    long port = reader.readInteger();
    if (port < 0 || port > 0xffff) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
    }
    packet.port = (int) port & 0xffff;
  }

  private void readSalt(BencodeReader reader, Packet packet) {
    int length = reader.readString();
    hasSalt = true;
    packet.saltLength = length;
    if (length <= packet.salt.length) {
      System.arraycopy(reader.buffer(), reader.valueOffset(), packet.salt, 0, length);
    }
  }

  /** Reads a token; one that is longer than any that is known cannot be carried back. */
  private static void readToken(BencodeReader reader, Packet packet) {
    int length = reader.readString();
    if (!reader.failed() && length <= WireLimits.TOKEN_BYTES_MAX) {
      packet.token(reader.buffer(), reader.valueOffset(), length);
    }
  }

  private static void readWant(BencodeReader reader, Packet packet) {
    boolean wants4 = false;
    boolean wants6 = false;
    reader.beginList();
    while (reader.nextItem()) {
      if (reader.isString()) {
        int length = reader.readString();
        wants4 |= reader.isString("n4", length);
        wants6 |= reader.isString("n6", length);
      } else {
        reader.skipValue();
      }
    }
    packet.wantBoth = wants4 && wants6;
    if (wants4 != wants6) {
      packet.want = wants4 ? AddressFamily.IPV4 : AddressFamily.IPV6;
    }
  }

  /**
   * Reads a list of contacts, as many as there is room for; those that cannot be reached by anyone
   * are left out.
   */
  private int readContacts(
      AddressFamily family, @Nullable Contact[] contacts, BencodeReader reader) {
    int length = reader.readString();
    int each = contactBytes(family);
    if (reader.failed() || length % each != 0) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
      return -1;
    }
    byte[] buffer = reader.buffer();
    int end = reader.valueOffset() + length;
    int count = 0;
    for (int at = reader.valueOffset(); at < end && count < contacts.length; at += each) {
      Endpoint endpoint = Endpoint.read(family, buffer, at + NodeId.BYTES);
      if (endpoint.isUsable()) {
        contacts[count++] = interner.intern(Contact.of(NodeId.read(buffer, at), endpoint, 0));
      }
    }
    return count;
  }

  /** Returns the bytes of a contact: unlike ours it has none for services. */
  static int contactBytes(AddressFamily family) {
    return NodeId.BYTES + family.endpointBytes();
  }

  /** Reads peers, as many as there is room for; those that nobody can reach are left out. */
  private static void readPeers(BencodeReader reader, Packet packet) {
    int count = 0;
    reader.beginList();
    while (reader.nextItem()) {
      Endpoint peer = reader.isString() ? readEndpoint(reader) : null;
      if (peer == null) {
        reader.fail(DecodeOutcome.WRONG_TYPE);
      } else if (count < packet.peers.length && peer.isUsable()) {
        packet.peers[count++] = peer;
      }
    }
    packet.peersCount = count;
  }

  /** Reads an endpoint; null if the string has another length than one has. */
  static @Nullable Endpoint readEndpoint(BencodeReader reader) {
    int length = reader.readString();
    for (AddressFamily family : FAMILIES) {
      if (!reader.failed() && length == family.endpointBytes()) {
        return Endpoint.read(family, reader.buffer(), reader.valueOffset());
      }
    }
    return null;
  }

  private static void readError(BencodeReader reader, Packet packet) {
    reader.beginList();
    if (!reader.nextItem()) {
      reader.fail(DecodeOutcome.MISSING_KEY);
      return;
    }
    long code = reader.readInteger();
    if (code < 0 || code > 0xffff) {
      reader.fail(DecodeOutcome.WRONG_TYPE);
    }
    packet.errorCode = (int) code & 0xffff;
    if (!reader.nextItem()) {
      return;
    }
    int length = reader.readString();
    packet.errorTextLength = Math.min(length, packet.errorText.length);
    System.arraycopy(
        reader.buffer(), reader.valueOffset(), packet.errorText, 0, packet.errorTextLength);
    while (reader.nextItem()) {
      reader.skipValue();
    }
  }
}
