package org.bytchat.tracker.mailbox;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;
import org.bytchat.tracker.wire.Sha256;

/**
 * The keys that the owner of a mailbox has given to contacts, one each: whoever signs with one may
 * deposit. A list is signed by one of the owner's devices and has a version; the highest counts, so
 * that a key is revoked by a list without it.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DeliveryKeys {

  /** How many keys a list may have. */
  public static final int KEYS_MAX = 1024;

  private static final String PURPOSE = "delivery";
  private static final int KEY_BYTES = 32;
  private static final int SIGNATURE_BYTES = 64;

  private final Content content;
  private final byte[] signature;

  /**
   * A contact's key.
   *
   * @param publicKey an Ed25519 key, 32 bytes
   * @param hourlyRate how many envelopes the contact may deposit in an hour, 1 to 65,535
   * @param quota how many of the contact's envelopes the mailbox holds at once, 1 to 65,535
   */
  public record Key(byte[] publicKey, int hourlyRate, int quota) {

    /**
     * Makes a key.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Key {
      if (publicKey.length != KEY_BYTES) {
        throw new IllegalArgumentException("a delivery key has 32 bytes, not " + publicKey.length);
      }
      if (hourlyRate < 1 || hourlyRate > 0xffff || quota < 1 || quota > 0xffff) {
        throw new IllegalArgumentException(
            "rate and quota are 1 to 65,535, not %d and %d".formatted(hourlyRate, quota));
      }
      publicKey = publicKey.clone();
    }

    @Override
    public byte[] publicKey() {
      return publicKey.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key that
          && Arrays.equals(publicKey, that.publicKey)
          && hourlyRate == that.hourlyRate
          && quota == that.quota;
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(publicKey);
    }

    /** Names neither the key nor the contact. */
    @Override
    public String toString() {
      return "Key[%d an hour, %d at once]".formatted(hourlyRate, quota);
    }
  }

  /**
   * What a list says.
   *
   * @param mailbox for which mailbox
   * @param version from 1
   * @param issuedMillis when it was made, milliseconds since 1970
   * @param device which of the owner's devices signs it
   * @param keys the keys, at most {@link #KEYS_MAX}
   */
  public record Content(
      NodeId mailbox, long version, long issuedMillis, DeviceId device, List<Key> keys) {

    /**
     * Makes a content; the keys are sorted.
     *
     * @throws IllegalArgumentException if one of it is out of its range, or a key is there twice
     */
    public Content {
      List<Key> sorted = new ArrayList<>(keys);
      sorted.sort((one, other) -> Arrays.compareUnsigned(one.publicKey, other.publicKey));
      keys = List.copyOf(sorted);
      if (version < 1 || issuedMillis < 0) {
        throw new IllegalArgumentException(
            "a list has version 1 or later, and is of 1970 or later");
      }
      if (keys.size() > KEYS_MAX) {
        throw new IllegalArgumentException("a list has at most 1,024 keys, not " + keys.size());
      }
      for (int i = 1; i < keys.size(); i++) {
        if (Arrays.equals(keys.get(i - 1).publicKey, keys.get(i).publicKey)) {
          throw new IllegalArgumentException("a key is there twice");
        }
      }
    }

    private byte[] encode() {
      int length = 8 + 8 + DeviceId.BYTES + 2 + keys.size() * (KEY_BYTES + 4);
      ByteBuffer bytes = ByteBuffer.allocate(length);
      bytes.putLong(version).putLong(issuedMillis).put(device.toBytes());
      bytes.putShort((short) keys.size());
      for (Key key : keys) {
        bytes.put(key.publicKey).putShort((short) key.hourlyRate).putShort((short) key.quota);
      }
      return bytes.array();
    }

    private byte[] statement(int networkId) {
      SignedBytes.Frame frame = new SignedBytes.Frame(networkId, mailbox, version, issuedMillis, 0);
      return SignedBytes.of(PURPOSE, frame, encode());
    }
  }

  private DeliveryKeys(Content content, byte[] signature) {
    this.content = content;
    this.signature = signature;
  }

  /**
   * Signs a list.
   *
   * @param content what it says
   * @param networkId the network
   * @param signer signs a statement with the key of the device that the content names
   * @return the list
   * @throws IllegalArgumentException if what the signer returns has not 64 bytes
   */
  public static DeliveryKeys sign(Content content, int networkId, UnaryOperator<byte[]> signer) {
    byte[] signature = signer.apply(content.statement(networkId));
    if (signature.length != SIGNATURE_BYTES) {
      throw new IllegalArgumentException("a signature has 64 bytes, not " + signature.length);
    }
    return new DeliveryKeys(content, signature.clone());
  }

  /**
   * Reads a list.
   *
   * @param bytes any bytes
   * @return the list, or why the bytes are none
   */
  public static Parsed<DeliveryKeys> parse(byte[] bytes) {
    return FieldReader.parse(bytes, DeliveryKeys::read);
  }

  private static DeliveryKeys read(FieldReader fields) throws FieldReader.Refused {
    NodeId mailbox = fields.nodeId();
    long version = fields.number("the version");
    long issuedMillis = fields.number("the time");
    DeviceId device = DeviceId.of(fields.bytes(DeviceId.BYTES));
    int count = fields.unsignedShort();
    if (count > KEYS_MAX) {
      throw new FieldReader.Refused("a list has at most 1,024 keys, not " + count);
    }
    List<Key> keys = new ArrayList<>(count);
    byte[] before = null;
    for (int i = 0; i < count; i++) {
      byte[] publicKey = fields.bytes(KEY_BYTES);
      if (before != null && Arrays.compareUnsigned(before, publicKey) >= 0) {
        throw new FieldReader.Refused("the keys do not rise");
      }
      before = publicKey;
      int hourlyRate = fields.unsignedShort();
      int quota = fields.unsignedShort();
      if (hourlyRate == 0 || quota == 0) {
        throw new FieldReader.Refused("rate and quota are at least 1");
      }
      keys.add(new Key(publicKey, hourlyRate, quota));
    }
    if (version < 1) {
      throw new FieldReader.Refused("a list has version 1 or later");
    }
    Content content = new Content(mailbox, version, issuedMillis, device, keys);
    return new DeliveryKeys(content, fields.bytes(SIGNATURE_BYTES));
  }

  /**
   * Returns what the list says.
   *
   * @return the content
   */
  public Content content() {
    return content;
  }

  /**
   * Finds a key.
   *
   * @param publicKey 32 bytes
   * @return what it allows, or nothing if it is not (any more) one of them
   */
  public Optional<Key> key(byte[] publicKey) {
    int low = 0;
    int high = content.keys.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Key key = content.keys.get(middle);
      int order = Arrays.compareUnsigned(key.publicKey, publicKey);
      if (order == 0) {
        return Optional.of(key);
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return Optional.empty();
  }

  /**
   * Tells whether this list takes the place of another of the same mailbox: a higher version does;
   * of one version, which two devices may have made at once, the list with the higher bytes, so
   * that all come to the same bytes, also where one content has two signatures.
   *
   * <p>Only lists of devices that are still listed may be compared: what a device signed before it
   * was revoked may have the highest version of all.
   *
   * @param held the list so far
   * @return whether this one counts from now on; no, for a list of another mailbox
   */
  public boolean supersedes(DeliveryKeys held) {
    if (!content.mailbox.equals(held.content.mailbox)) {
      return false;
    }
    return content.version == held.content.version
        ? Arrays.compareUnsigned(toBytes(), held.toBytes()) > 0
        : content.version > held.content.version;
  }

  /**
   * Returns the bytes that the device has signed.
   *
   * @param networkId the network
   * @return the statement, purpose "delivery"
   */
  public byte[] statement(int networkId) {
    return content.statement(networkId);
  }

  /**
   * Returns the signature.
   *
   * @return a copy, 64 bytes
   */
  public byte[] signature() {
    return signature.clone();
  }

  /**
   * Verifies the signature.
   *
   * @param signingKey the device's Ed25519 key
   * @param networkId the network
   * @param scheme what verifies
   * @return whether the key is that of the device named, and signed this for that network
   */
  public boolean verify(byte[] signingKey, int networkId, SignatureScheme scheme) {
    return DeviceId.ofKey(signingKey).equals(content.device)
        && scheme.verify(signingKey, statement(networkId), signature);
  }

  /**
   * Returns the hash of what the list says: a device may sign the same twice, in other ways.
   *
   * @return the SHA-256 of the list's bytes without the signature, 32 bytes
   */
  public byte[] hash() {
    return Sha256.of(content.mailbox.toBytes(), content.encode());
  }

  /**
   * Returns the list's bytes.
   *
   * @return what {@link #parse} reads, at most 37 KiB
   */
  public byte[] toBytes() {
    byte[] encoded = content.encode();
    return ByteBuffer.allocate(NodeId.BYTES + encoded.length + SIGNATURE_BYTES)
        .put(content.mailbox.toBytes())
        .put(encoded)
        .put(signature)
        .array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeliveryKeys that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "DeliveryKeys[version %d, %d keys]".formatted(content.version, content.keys.size());
  }
}
