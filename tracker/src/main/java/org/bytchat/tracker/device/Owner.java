package org.bytchat.tracker.device;

import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserPublicKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.wire.FieldReader;
import org.bytchat.tracker.wire.Parsed;

/**
 * Whose a mailbox is: a user's key, and the version of the UID that they are found by.
 *
 * @param uidVersion 1 or 2
 * @param key their public key
 */
@API(status = API.Status.EXPERIMENTAL)
public record Owner(int uidVersion, UserPublicKey key) {

  /** The label of the place of a user's mailbox and bindings. */
  public static final String LABEL = "chat";

  /**
   * Makes an owner.
   *
   * @throws IllegalArgumentException if there is no such version
   */
  public Owner {
    Uid.hashBytes(uidVersion);
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @param bytes any bytes
   * @param ed25519 what verifies Ed25519
   * @return the owner, or why the bytes name none
   */
  public static Parsed<Owner> parse(byte[] bytes, SignatureScheme ed25519) {
    return FieldReader.parse(bytes, fields -> read(fields, ed25519));
  }

  private static Owner read(FieldReader fields, SignatureScheme ed25519)
      throws FieldReader.Refused {
    int version = fields.unsignedByte();
    if (version != Uid.VERSION_1 && version != Uid.VERSION_2) {
      throw new FieldReader.Refused("a UID has version 1 or 2, not " + version);
    }
    try {
      return new Owner(version, UserPublicKey.parse(fields.rest(), ed25519));
    } catch (IllegalArgumentException e) {
      throw new FieldReader.Refused(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Returns the owner's form in requests and on disk.
   *
   * @return the version, one byte, and the key's SubjectPublicKeyInfo
   */
  public byte[] toBytes() {
    byte[] encoded = key.encoded();
    byte[] bytes = new byte[1 + encoded.length];
    bytes[0] = (byte) uidVersion;
    System.arraycopy(encoded, 0, bytes, 1, encoded.length);
    return bytes;
  }

  /**
   * Returns what the user is known by.
   *
   * @return the UID
   */
  public Uid uid() {
    return key.uid(uidVersion);
  }

  /**
   * Returns where the user's mailbox and bindings lie.
   *
   * @return SHA-1("chat" ‖ UID)
   */
  public NodeId mailbox() {
    return uid().place(LABEL);
  }
}
