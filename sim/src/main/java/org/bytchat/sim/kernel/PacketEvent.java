package org.bytchat.sim.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/** A datagram arrives: as bytes, or as the message that the bytes would carry. */
final class PacketEvent extends Event {

  private static final Kind[] KINDS = Kind.values();
  private static final Method[] METHODS = Method.values();

  private static final int READ_ONLY = 1;
  private static final int HAS_KEY = 2;
  private static final int FORWARD = 4;
  private static final int HAS_TOKEN = 8;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Where it says that it comes from. */
  final Endpoint from;

  /** The length of the datagram. */
  final int bytes;

  /** Kind and method, see {@link Messages#typeOf}. */
  final int type;

  final long transactionId;

  /** Whether it has come through the receiver's line. */
  boolean isThrough;

  /** The datagram in codec mode, a {@link Image} in object mode. */
  private final Object content;

  /** A message without its rarer parts, as small as may be. */
  private static final class Image {
    byte kind;
    byte method;
    byte flags;
    byte serviceMask;
    int networkId;
    int version;
    int senderLow;
    int keyLow;
    long senderHigh;
    long senderMiddle;
    long keyHigh;
    long keyMiddle;
    long features;
    @Nullable Endpoint observed;
    @Nullable AddressFamily want;
    @Nullable Contact @Nullable [] contacts4;

    /** The token, if it is as long as tokens are. */
    long token;

    @Nullable Rare rare;

    int touch() {
      int sum = networkId;
      @Nullable Contact[] contacts = contacts4;
      if (contacts != null) {
        for (Contact contact : contacts) {
          sum ^= contact == null ? 0 : contact.id().low() ^ contact.endpoint().port();
        }
      }
      return sum;
    }
  }

  /** What few messages have. */
  private static final class Rare {
    byte @Nullable [] token;
    @Nullable Contact @Nullable [] contacts6;
    byte @Nullable [] challenge;
    @Nullable Endpoint forwardTo;
    byte @Nullable [] publicKey;
    byte @Nullable [] signature;
    byte @Nullable [] record;
    int recordOffset;
    int recordLength;
    long sequence;
    long expectedSequence;
    @Nullable NodeId place;
    int errorCode;
    byte @Nullable [] errorText;
  }

  private PacketEvent(
      Flight flight, long timeMicros, Endpoint from, NotedCodec.Note note, Object content) {
    super(timeMicros, flight.to, flight.order);
    this.from = from;
    this.bytes = flight.bytes;
    this.type = note.type;
    this.transactionId = note.transactionId;
    this.content = content;
  }

  private PacketEvent(PacketEvent other, long timeMicros) {
    super(timeMicros, other.node, other.order);
    this.from = other.from;
    this.bytes = other.bytes;
    this.type = other.type;
    this.transactionId = other.transactionId;
    this.content = other.content;
  }

  /**
   * What the copies of a datagram share.
   *
   * @param to the node that it reaches
   * @param order its order among the events of one time
   * @param bytes its length
   */
  record Flight(int to, long order, int bytes) {}

  /**
   * Makes the event of an arrival.
   *
   * @param content a message, which is copied, or bytes that nobody changes any more
   */
  static PacketEvent of(
      Flight flight, long timeMicros, Endpoint from, NotedCodec.Note note, Object content) {
    Object kept = content instanceof Packet packet ? imageOf(packet) : content;
    return new PacketEvent(flight, timeMicros, from, note, kept);
  }

  /** Makes an event of the same datagram at another time. */
  PacketEvent again(long atMicros) {
    return new PacketEvent(this, atMicros);
  }

  /** Tells whether it is a copy that seems to come from somebody else than its sender. */
  boolean isEcho() {
    return (order & ECHO) != 0;
  }

  /** Tells whether the source that it shows may be another than its sender. */
  boolean isDisguised() {
    return (order & (ECHO | SPOOFED)) != 0;
  }

  @Override
  int touch() {
    if (content instanceof Image image) {
      return image.touch();
    }
    return content instanceof byte[] datagram ? datagram.length : type;
  }

  @Override
  void handle(Partition partition, SimNode target) {
    partition.deliver(this, target);
  }

  /** Returns the bytes, or null in object mode. */
  byte @Nullable [] datagram() {
    return content instanceof byte[] datagram ? datagram : null;
  }

  private static Image imageOf(Packet packet) {
    Image image = new Image();
    image.kind = (byte) packet.kind.ordinal();
    image.method = packet.kind == Kind.QUERY ? (byte) packet.method.ordinal() : unknown();
    image.flags =
        (byte)
            ((packet.readOnly ? READ_ONLY : 0)
                | (packet.hasKey ? HAS_KEY : 0)
                | (packet.forward ? FORWARD : 0));
    image.serviceMask = (byte) packet.serviceMask;
    image.networkId = packet.networkId;
    image.version = packet.version;
    image.senderHigh = packet.senderHigh;
    image.senderMiddle = packet.senderMiddle;
    image.senderLow = packet.senderLow;
    image.keyHigh = packet.keyHigh;
    image.keyMiddle = packet.keyMiddle;
    image.keyLow = packet.keyLow;
    image.features = packet.features;
    image.observed = packet.observed;
    image.want = packet.want;
    if (packet.contacts4Count >= 0) {
      image.contacts4 = Arrays.copyOf(packet.contacts4, packet.contacts4Count);
    }
    if (packet.tokenLength == WireLimits.TOKEN_BYTES) {
      image.flags |= HAS_TOKEN;
      image.token = (long) LONG.get(packet.token, 0);
    }
    if (hasRareParts(packet)) {
      image.rare = rareOf(packet);
    }
    return image;
  }

  private static byte unknown() {
    return (byte) Method.UNKNOWN.ordinal();
  }

  private static boolean hasRareParts(Packet packet) {
    return (packet.tokenLength != 0 && packet.tokenLength != WireLimits.TOKEN_BYTES)
        || packet.hasChallenge
        || packet.hasProof
        || packet.contacts6Count >= 0
        || packet.forwardTo != null
        || packet.record != null
        || packet.sequence >= 0
        || packet.expectedSequence >= 0
        || packet.place != null
        || packet.errorCode != 0
        || packet.errorTextLength > 0;
  }

  private static Rare rareOf(Packet packet) {
    Rare rare = new Rare();
    if (packet.tokenLength > 0 && packet.tokenLength != WireLimits.TOKEN_BYTES) {
      rare.token = Arrays.copyOf(packet.token, packet.tokenLength);
    }
    if (packet.contacts6Count >= 0) {
      rare.contacts6 = Arrays.copyOf(packet.contacts6, packet.contacts6Count);
    }
    rare.challenge = packet.hasChallenge ? packet.challenge.clone() : null;
    rare.forwardTo = packet.forwardTo;
    if (packet.hasProof) {
      rare.publicKey = packet.publicKey.clone();
      rare.signature = packet.signature.clone();
    }
    // Nobody changes an item's bytes, so they need not be copied.
    rare.record = packet.record;
    rare.recordOffset = packet.recordOffset;
    rare.recordLength = packet.recordLength;
    rare.sequence = packet.sequence;
    rare.expectedSequence = packet.expectedSequence;
    rare.place = packet.place;
    rare.errorCode = packet.errorCode;
    if (packet.errorTextLength > 0) {
      rare.errorText = Arrays.copyOf(packet.errorText, packet.errorTextLength);
    }
    return rare;
  }

  /** Fills a packet as decoding the datagram would have. */
  void copyTo(Packet packet) {
    if (!(content instanceof Image image)) {
      throw new IllegalStateException("this event has bytes");
    }
    packet.clear();
    packet.kind = KINDS[image.kind];
    packet.method = METHODS[image.method];
    packet.transactionId = transactionId;
    packet.senderHigh = image.senderHigh;
    packet.senderMiddle = image.senderMiddle;
    packet.senderLow = image.senderLow;
    packet.networkId = image.networkId;
    packet.version = image.version;
    packet.features = image.features;
    packet.readOnly = (image.flags & READ_ONLY) != 0;
    packet.observed = image.observed;
    packet.hasKey = (image.flags & HAS_KEY) != 0;
    packet.keyHigh = image.keyHigh;
    packet.keyMiddle = image.keyMiddle;
    packet.keyLow = image.keyLow;
    packet.want = image.want;
    packet.serviceMask = image.serviceMask & 0xff;
    packet.forward = (image.flags & FORWARD) != 0;
    @Nullable Contact[] contacts = image.contacts4;
    if (contacts != null) {
      System.arraycopy(contacts, 0, packet.contacts4, 0, contacts.length);
      packet.contacts4Count = contacts.length;
    }
    if ((image.flags & HAS_TOKEN) != 0) {
      LONG.set(packet.token, 0, image.token);
      packet.tokenLength = WireLimits.TOKEN_BYTES;
    }
    Rare rare = image.rare;
    if (rare != null) {
      copyRare(rare, packet);
    }
  }

  private static void copyRare(Rare rare, Packet packet) {
    byte[] token = rare.token;
    if (token != null) {
      packet.token(token, 0, token.length);
    }
    @Nullable Contact[] contacts = rare.contacts6;
    if (contacts != null) {
      System.arraycopy(contacts, 0, packet.contacts6, 0, contacts.length);
      packet.contacts6Count = contacts.length;
    }
    byte[] challenge = rare.challenge;
    if (challenge != null) {
      packet.hasChallenge = true;
      System.arraycopy(challenge, 0, packet.challenge, 0, challenge.length);
    }
    packet.forwardTo = rare.forwardTo;
    byte[] publicKey = rare.publicKey;
    byte[] signature = rare.signature;
    if (publicKey != null && signature != null) {
      packet.hasProof = true;
      System.arraycopy(publicKey, 0, packet.publicKey, 0, publicKey.length);
      System.arraycopy(signature, 0, packet.signature, 0, signature.length);
    }
    packet.record = rare.record;
    packet.recordOffset = rare.recordOffset;
    packet.recordLength = rare.recordLength;
    packet.sequence = rare.sequence;
    packet.expectedSequence = rare.expectedSequence;
    packet.place = rare.place;
    packet.errorCode = rare.errorCode;
    byte[] text = rare.errorText;
    if (text != null) {
      System.arraycopy(text, 0, packet.errorText, 0, text.length);
      packet.errorTextLength = text.length;
    }
  }
}
