package org.bytchat.tracker.device;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.identity.UserPublicKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;
import org.bytchat.tracker.wire.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a user, signed with the user's key: a version of a chain in which each names the
 * hash of the one before.
 *
 * <p>Immutable and safe for use by several threads. What is read is well-formed; {@link #verify}
 * tells whether its user signed it, {@link #hasSoundKeys} whether its devices can sign, {@link
 * Standing} whether it may follow another.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DeviceList {

  /** How many devices a user may have. */
  public static final int DEVICES_MAX = 8;

  /** How many revoked devices a list names, the last ones. */
  public static final int REVOKED_MAX = 64;

  /** The length of the hash of a list. */
  public static final int HASH_BYTES = 32;

  private static final String PURPOSE = "devices";
  private static final int SIGNATURE_BYTES_MAX = 384;

  private final Content content;
  private final byte[] signedPart;
  private final byte[] signature;

  /**
   * What a list says.
   *
   * @param version from 1
   * @param previous the hash of the version before, zeros for version 1
   * @param issuedMillis when it was made, milliseconds since 1970
   * @param devices the user's devices, at most {@link #DEVICES_MAX}
   * @param revoked those that were devices before, at most {@link #REVOKED_MAX}
   */
  public record Content(
      long version,
      byte[] previous,
      long issuedMillis,
      List<Device> devices,
      List<DeviceId> revoked) {

    /**
     * Makes a content.
     *
     * @throws IllegalArgumentException if one of it is out of its range, a device is there twice or
     *     is revoked, or one is listed since a later version
     */
    public Content {
      previous = previous.clone();
      devices = List.copyOf(devices);
      revoked = List.copyOf(revoked);
      String fault = faultOf(version, previous, issuedMillis);
      fault = fault == null ? faultOf(version, devices, revoked) : fault;
      if (fault != null) {
        throw new IllegalArgumentException(fault);
      }
    }

    @Override
    public byte[] previous() {
      return previous.clone();
    }

    private static @Nullable String faultOf(long version, byte[] previous, long issuedMillis) {
      if (version < 1) {
        return "a device list has version 1 or later, not " + version;
      }
      if (previous.length != HASH_BYTES) {
        return "the hash of a device list has 32 bytes, not " + previous.length;
      }
      if (version == 1 && !Arrays.equals(previous, new byte[HASH_BYTES])) {
        return "the first device list has none before it";
      }
      return issuedMillis < 0 ? "a device list is issued in 1970 or later" : null;
    }

    private static @Nullable String faultOf(
        long version, List<Device> devices, List<DeviceId> revoked) {
      if (devices.size() > DEVICES_MAX || revoked.size() > REVOKED_MAX) {
        return "a device list has at most 8 devices and 64 revoked ones";
      }
      Set<DeviceId> seen = new TreeSet<>(revoked);
      if (seen.size() < revoked.size()) {
        return "a revoked device is there twice";
      }
      for (Device device : devices) {
        if (!seen.add(device.id())) {
          return "device " + device.id() + " is there twice, or revoked";
        }
        if (device.since() > version) {
          return "device " + device.id() + " is listed since a later version";
        }
      }
      return null;
    }

    private byte[] encode() {
      int length =
          8
              + HASH_BYTES
              + 8
              + 1
              + devices.size() * (2 * Device.KEY_BYTES + 8)
              + 1
              + revoked.size() * DeviceId.BYTES;
      ByteBuffer bytes = ByteBuffer.allocate(length);
      bytes.putLong(version).put(previous).putLong(issuedMillis).put((byte) devices.size());
      for (Device device : devices) {
        bytes.put(device.signingKey()).put(device.exchangeKey()).putLong(device.since());
      }
      bytes.put((byte) revoked.size());
      revoked.forEach(id -> bytes.put(id.toBytes()));
      return bytes.array();
    }
  }

  private DeviceList(Content content, byte[] signedPart, byte[] signature) {
    this.content = content;
    this.signedPart = signedPart;
    this.signature = signature;
  }

  /**
   * Signs a list.
   *
   * @param content what it says
   * @param key the user's key
   * @param uidVersion of the UID that the user is found by, 1 or 2
   * @param networkId the network that it is for
   * @return the list
   */
  public static DeviceList sign(Content content, UserKey key, int uidVersion, int networkId) {
    byte[] signedPart = content.encode();
    NodeId place = key.publicKey().uid(uidVersion).place();
    byte[] signature = key.sign(statement(content, signedPart, place, networkId));
    return new DeviceList(content, signedPart, signature);
  }

  /**
   * Reads a list.
   *
   * @param bytes any bytes
   * @return the list, or why the bytes are none
   */
  public static Parsed<DeviceList> parse(byte[] bytes) {
    return FieldReader.parse(bytes, DeviceList::read);
  }

  private static DeviceList read(FieldReader fields) throws FieldReader.Refused {
    long version = fields.number("the version");
    byte[] previous = fields.bytes(HASH_BYTES);
    long issuedMillis = fields.number("the time");
    int deviceCount = fields.unsignedByte();
    if (deviceCount > DEVICES_MAX) {
      throw new FieldReader.Refused("a device list has at most 8 devices, not " + deviceCount);
    }
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < deviceCount; i++) {
      byte[] signingKey = fields.bytes(Device.KEY_BYTES);
      byte[] exchangeKey = fields.bytes(Device.KEY_BYTES);
      devices.add(made(signingKey, exchangeKey, fields.number("a version")));
    }
    int revokedCount = fields.unsignedByte();
    if (revokedCount > REVOKED_MAX) {
      throw new FieldReader.Refused("a device list revokes at most 64, not " + revokedCount);
    }
    List<DeviceId> revoked = new ArrayList<>();
    for (int i = 0; i < revokedCount; i++) {
      revoked.add(DeviceId.of(fields.bytes(DeviceId.BYTES)));
    }
    byte[] signature = fields.rest();
    if (signature.length < 64 || signature.length > SIGNATURE_BYTES_MAX) {
      throw new FieldReader.Refused("a signature has no " + signature.length + " bytes");
    }
    try {
      Content content = new Content(version, previous, issuedMillis, devices, revoked);
      return new DeviceList(content, content.encode(), signature);
    } catch (IllegalArgumentException e) {
      throw new FieldReader.Refused(String.valueOf(e.getMessage()));
    }
  }

  private static Device made(byte[] signingKey, byte[] exchangeKey, long since)
      throws FieldReader.Refused {
    if (since < 1) {
      throw new FieldReader.Refused("a device is listed since version 1 or later");
    }
    return new Device(signingKey, exchangeKey, since);
  }

  private static byte[] statement(Content content, byte[] signedPart, NodeId place, int networkId) {
    SignedBytes.Frame frame =
        new SignedBytes.Frame(networkId, place, content.version, content.issuedMillis, 0);
    return SignedBytes.of(PURPOSE, frame, signedPart);
  }

  /**
   * Returns what the list says.
   *
   * @return its content
   */
  public Content content() {
    return content;
  }

  /**
   * Returns the version.
   *
   * @return 1 to 2^63 - 1
   */
  public long version() {
    return content.version;
  }

  /**
   * Finds a device.
   *
   * @param id its id
   * @return the device, or nothing if it is not listed (any more)
   */
  public Optional<Device> device(DeviceId id) {
    return content.devices.stream().filter(device -> device.id().equals(id)).findFirst();
  }

  /**
   * Returns the bytes that the user has signed.
   *
   * @param owner the user
   * @param networkId the network
   * @return the statement, purpose "devices"
   */
  public byte[] statement(Owner owner, int networkId) {
    return statement(content, signedPart, owner.uid().place(), networkId);
  }

  /**
   * Returns the signature.
   *
   * @return a copy, 64 to 384 bytes
   */
  public byte[] signature() {
    return signature.clone();
  }

  /**
   * Verifies the signature; takes about as long as any verification does.
   *
   * @param owner the user
   * @param networkId the network
   * @return whether that user signed the list for that network
   */
  public boolean verify(Owner owner, int networkId) {
    UserPublicKey key = owner.key();
    return key.verify(statement(owner, networkId), signature);
  }

  /**
   * Checks the devices' Ed25519 keys; takes nearly as long as a verification for each. Whoever
   * takes a list checks them once, beside its signature: on what a key of mixed order has signed,
   * programs disagree, so that an acknowledgement would be one here and none there.
   *
   * @param scheme what knows keys
   * @return whether all of them are public keys
   */
  public boolean hasSoundKeys(SignatureScheme scheme) {
    return content.devices.stream().allMatch(device -> scheme.isPublicKey(device.signingKey()));
  }

  /**
   * Returns the hash by which the next version names this one.
   *
   * @return the SHA-256 of what is signed, without the signature, which for some keys has several
   *     forms
   */
  public byte[] hash() {
    return Sha256.of(signedPart);
  }

  /**
   * Returns the list's bytes.
   *
   * @return what {@link #parse} reads, at most 2 KiB
   */
  public byte[] toBytes() {
    return ByteBuffer.allocate(signedPart.length + signature.length)
        .put(signedPart)
        .put(signature)
        .array();
  }

  /** How a list stands to the one that is held. */
  public enum Standing {
    /** It is the next one, or a later one whose predecessors are not known here. */
    NEWER,
    /** It says the same. */
    SAME,
    /** It has a lower version. */
    OLDER,
    /** It has the same version and says something else: the user's key has signed both. */
    FORK,
    /** It is the next version, and names another one than the held one before it. */
    BROKEN_CHAIN;

    /**
     * Tells whether the two cannot be of one history: together they are evidence that somebody else
     * has the user's key, or that the user made a mistake.
     *
     * @return whether it is {@link #FORK} or {@link #BROKEN_CHAIN}
     */
    public boolean isContradiction() {
      return this == FORK || this == BROKEN_CHAIN;
    }
  }

  /**
   * Compares with the list that is held.
   *
   * <p>Later versions may have been missed, so that only the next one can be held against the
   * chain.
   *
   * @param held the newest list so far
   * @return how this one stands to it
   */
  public Standing standing(DeviceList held) {
    return standing(held.version(), held.hash());
  }

  /**
   * Compares with the list that is held, of which only this is known.
   *
   * @param heldVersion the version of the newest list so far
   * @param heldHash its {@link #hash}
   * @return as {@link #standing(DeviceList)}
   */
  public Standing standing(long heldVersion, byte[] heldHash) {
    if (version() < heldVersion) {
      return Standing.OLDER;
    }
    if (version() == heldVersion) {
      return Arrays.equals(hash(), heldHash) ? Standing.SAME : Standing.FORK;
    }
    boolean isNext = version() == heldVersion + 1;
    return isNext && !Arrays.equals(content.previous, heldHash)
        ? Standing.BROKEN_CHAIN
        : Standing.NEWER;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeviceList that
        && Arrays.equals(signedPart, that.signedPart)
        && Arrays.equals(signature, that.signature);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "DeviceList[version %d, %d devices]".formatted(version(), content.devices.size());
  }
}
