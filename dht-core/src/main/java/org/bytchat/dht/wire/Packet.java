package org.bytchat.dht.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * One message in the hands of its driver: the mutable, reusable form that a codec fills and reads.
 *
 * <p>A driver owns one packet for each direction and uses it again for every datagram, so that
 * answering a query allocates nothing. The fields are the protocol's, see {@code docs/protocol.md};
 * a field is meaningful only if its flag or length says that it is present. Ranges ({@link
 * #record}) point into the datagram's buffer and die with it. Not thread-safe.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Packet {

  /** Which of the three kinds this is. */
  public Kind kind = Kind.QUERY;

  /** What is asked; in a response, what the asker's transaction says was asked. */
  public Method method = Method.UNKNOWN;

  /** {@code t}: chosen at random by the asker, returned by the answerer. */
  public long transactionId;

  /**
   * How many bytes {@link #transactionId} has on the wire, its lowest ones; always 8 in our own
   * dialect, 1 to 8 in Mainline's, where the asker chooses.
   */
  public int transactionLength = Long.BYTES;

  /** Bits 0 to 63 of {@code id}, the sender's node id. */
  public long senderHigh;

  /** Bits 64 to 127 of the sender's node id. */
  public long senderMiddle;

  /** Bits 128 to 159 of the sender's node id. */
  public int senderLow;

  /** {@code n}: the network. */
  public int networkId;

  /** {@code v}: two letters of the client and two bytes of its version, 0 if absent. */
  public int version;

  /** {@code f}: feature bits; the low byte has the sender's own service bits. */
  public long features;

  /** {@code ro}: the sender does not want to be in anybody's table. */
  public boolean readOnly;

  /** {@code ip}: where the answerer sees the asker. */
  public @Nullable Endpoint observed;

  /** Encoding only: the least length of the datagram, reached with {@code p}. */
  public int paddedBytes;

  /** {@code k}: whether a key is present. */
  public boolean hasKey;

  /** Bits 0 to 63 of the key. */
  public long keyHigh;

  /** Bits 64 to 127 of the key. */
  public long keyMiddle;

  /** Bits 128 to 159 of the key. */
  public int keyLow;

  /** {@code want}: the family of the contacts asked for, null for the family of the datagram. */
  public @Nullable AddressFamily want;

  /** Mainline's {@code want} with both families. */
  public boolean wantBoth;

  /** {@code s}: the services that each returned contact must offer. */
  public int serviceMask;

  /** {@code c}: whether a proof challenge is present. */
  public boolean hasChallenge;

  /** The challenge. */
  public final byte[] challenge = new byte[WireLimits.CHALLENGE_BYTES];

  /** {@code fwd}: have a third node ping me. */
  public boolean forward;

  /** {@code to}: please ping this endpoint, somebody asked me to have it done. */
  public @Nullable Endpoint forwardTo;

  /**
   * Whether a key and a signature are present: {@code pk} and {@code sig}, a proof of id; in
   * Mainline's dialect {@code k} and {@code sig}, of a mutable item.
   */
  public boolean hasProof;

  /** The public key of the answerer, or of the item. */
  public final byte[] publicKey = new byte[WireLimits.PUBLIC_KEY_BYTES];

  /** The answerer's signature over the challenge, or the item's. */
  public final byte[] signature = new byte[WireLimits.SIGNATURE_BYTES];

  /** Length of the token in {@link #token}, 0 if absent. */
  public int tokenLength;

  /** {@code tk}: shows that its holder receives at its endpoint. */
  public final byte[] token = new byte[WireLimits.TOKEN_BYTES_MAX];

  /** How many of {@link #contacts4} are present; -1 if {@code n4} is absent. */
  public int contacts4Count = -1;

  /** {@code n4}: IPv4 contacts. */
  public final @Nullable Contact[] contacts4 = new Contact[WireLimits.CONTACTS_MAX];

  /** How many of {@link #contacts6} are present; -1 if {@code n6} is absent. */
  public int contacts6Count = -1;

  /** {@code n6}: IPv6 contacts. */
  public final @Nullable Contact[] contacts6 = new Contact[WireLimits.CONTACTS_MAX];

  /**
   * {@code rec}: the buffer that holds the record's bytes as carried, or what a service is told or
   * tells; null if absent. In Mainline's dialect {@code v}: one bencoded value.
   */
  public byte @Nullable [] record;

  /** Index of the record's first byte. */
  public int recordOffset;

  /** Length of the record. */
  public int recordLength;

  /**
   * {@code seq}: the sequence of the record held, -1 if absent. In Mainline's dialect also that of
   * the item that is put, or that the asker has already.
   */
  public long sequence = -1;

  /** {@code cas}: the sequence that the writer expects to replace, -1 if absent. */
  public long expectedSequence = -1;

  /** {@code pl}: where the chunk's blob lies, null if absent. */
  public @Nullable NodeId place;

  /** How many bytes {@code salt} has; beyond {@link WireLimits#SALT_BYTES_MAX} it is not kept. */
  public int saltLength;

  /** Mainline's {@code salt} of a mutable item. */
  public final byte[] salt = new byte[WireLimits.SALT_BYTES_MAX];

  /** Mainline's {@code port} of who is announced, 0 if absent. */
  public int port;

  /** Mainline's {@code implied_port}: the port of the datagram counts. */
  public boolean impliedPort;

  /** How many of {@link #peers} are present; -1 if {@code values} is absent. */
  public int peersCount = -1;

  /** Mainline's {@code values}: who has announced itself. */
  public final @Nullable Endpoint[] peers = new Endpoint[WireLimits.PEERS_MAX];

  /** The code of an error. */
  public int errorCode;

  /** Length of the text in {@link #errorText}. */
  public int errorTextLength;

  /** UTF-8 text of an error, for people. */
  public final byte[] errorText = new byte[WireLimits.ERROR_TEXT_BYTES_MAX];

  /** Forgets everything, so that the packet can be used again. */
  public void clear() {
    kind = Kind.QUERY;
    method = Method.UNKNOWN;
    transactionId = 0;
    transactionLength = Long.BYTES;
    senderHigh = 0;
    senderMiddle = 0;
    senderLow = 0;
    networkId = 0;
    version = 0;
    features = 0;
    readOnly = false;
    observed = null;
    paddedBytes = 0;
    hasKey = false;
    keyHigh = 0;
    keyMiddle = 0;
    keyLow = 0;
    want = null;
    wantBoth = false;
    serviceMask = 0;
    hasChallenge = false;
    forward = false;
    forwardTo = null;
    hasProof = false;
    tokenLength = 0;
    contacts4Count = -1;
    contacts6Count = -1;
    record = null;
    recordOffset = 0;
    recordLength = 0;
    sequence = -1;
    expectedSequence = -1;
    place = null;
    saltLength = 0;
    port = 0;
    impliedPort = false;
    peersCount = -1;
    errorCode = 0;
    errorTextLength = 0;
  }

  /**
   * Sets the sender's id.
   *
   * @param id the id
   */
  public void sender(NodeId id) {
    senderHigh = id.high();
    senderMiddle = id.middle();
    senderLow = id.low();
  }

  /**
   * Returns the sender's id.
   *
   * @return a new id
   */
  public NodeId sender() {
    return NodeId.of(senderHigh, senderMiddle, senderLow);
  }

  /**
   * Tells whether the sender is a given node, without making an id.
   *
   * @param id the id to compare with
   * @return whether they are equal
   */
  public boolean isSender(NodeId id) {
    return id.high() == senderHigh && id.middle() == senderMiddle && id.low() == senderLow;
  }

  /**
   * Sets the key.
   *
   * @param key the key
   */
  public void key(NodeId key) {
    hasKey = true;
    keyHigh = key.high();
    keyMiddle = key.middle();
    keyLow = key.low();
  }

  /**
   * Returns the key.
   *
   * @return a new id, or null if the packet has none
   */
  public @Nullable NodeId key() {
    return hasKey ? NodeId.of(keyHigh, keyMiddle, keyLow) : null;
  }

  /**
   * Returns the service bits that the sender says it offers.
   *
   * @return 0 to 255
   */
  public int services() {
    return (int) (features & 0xff);
  }

  /**
   * Returns the array of contacts of a family.
   *
   * @param family the family
   * @return {@link #contacts4} or {@link #contacts6}
   */
  public @Nullable Contact[] contacts(AddressFamily family) {
    return family == AddressFamily.IPV4 ? contacts4 : contacts6;
  }

  /**
   * Returns how many contacts of a family are present.
   *
   * @param family the family
   * @return the count, 0 also if the list is absent
   */
  public int contactCount(AddressFamily family) {
    return Math.max(0, family == AddressFamily.IPV4 ? contacts4Count : contacts6Count);
  }

  /**
   * Sets how many contacts of a family are present.
   *
   * @param family the family
   * @param count 0 to {@link WireLimits#CONTACTS_MAX}
   */
  public void contactCount(AddressFamily family, int count) {
    if (family == AddressFamily.IPV4) {
      contacts4Count = count;
    } else {
      contacts6Count = count;
    }
  }

  /**
   * Sets code and text of an error.
   *
   * @param code see {@link ErrorCode}
   * @param text ASCII text of at most {@link WireLimits#ERROR_TEXT_BYTES_MAX} characters; the rest
   *     is cut
   */
  @SuppressWarnings(
      "deprecation") // getBytes(int, int, byte[], int) copies ASCII and allocates nothing
  public void error(int code, String text) {
    errorCode = code;
    errorTextLength = Math.min(text.length(), errorText.length);
    text.getBytes(0, errorTextLength, errorText, 0);
  }

  /**
   * Returns the text of an error.
   *
   * @return the text; what is not UTF-8 in it is replaced
   */
  public String errorText() {
    return new String(errorText, 0, errorTextLength, StandardCharsets.UTF_8);
  }

  /**
   * Sets the token.
   *
   * @param source the buffer
   * @param offset index of its first byte
   * @param length 1 to {@link WireLimits#TOKEN_BYTES_MAX}
   */
  public void token(byte[] source, int offset, int length) {
    System.arraycopy(source, offset, token, 0, length);
    tokenLength = length;
  }

  /**
   * Returns the token.
   *
   * @return a copy, empty if there is none
   */
  public byte[] token() {
    return Arrays.copyOf(token, tokenLength);
  }

  /**
   * Returns the record.
   *
   * @return a copy of the bytes as carried, or null if there is none
   */
  public byte @Nullable [] record() {
    byte[] buffer = record;
    return buffer == null
        ? null
        : Arrays.copyOfRange(buffer, recordOffset, recordOffset + recordLength);
  }
}
