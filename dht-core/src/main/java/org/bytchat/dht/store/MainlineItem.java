package org.bytchat.dht.store;

import java.util.Arrays;
import java.util.Objects;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;

/**
 * What the Mainline DHT stores by {@code put} (BEP 44): an immutable value under its own hash, or a
 * mutable one under the hash of its owner's key and a salt, signed and with a sequence number.
 *
 * <p>Immutable. Nothing but lengths is checked here: not that the value is bencoded, nor that the
 * sequence is not negative, nor the signature.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class MainlineItem {

  /** The longest bencoded value; nodes may refuse longer ones. */
  public static final int VALUE_BYTES_MAX = 1_000;

  /** The longest salt. */
  public static final int SALT_BYTES_MAX = 64;

  /** The length of an Ed25519 public key. */
  public static final int PUBLIC_KEY_BYTES = 32;

  /** The length of an Ed25519 signature. */
  public static final int SIGNATURE_BYTES = 64;

  private static final byte[] NOTHING = {};

  private final NodeId target;
  private final byte[] publicKey;
  private final byte[] salt;
  private final long sequence;
  private final byte[] value;
  private final byte[] signature;

  /** Takes arrays that nobody else has. */
  private MainlineItem(
      byte[] publicKey, byte[] salt, long sequence, byte[] value, byte[] signature) {
    this.publicKey = publicKey;
    this.salt = salt;
    this.sequence = sequence;
    this.value = checked("value", value, 0, VALUE_BYTES_MAX);
    this.signature = signature;
    this.target =
        isMutable()
            ? targetOf(publicKey, salt, salt.length)
            : targetOf(this.value, 0, value.length);
  }

  /**
   * Makes an immutable item.
   *
   * @param value the bencoded value, at most {@link #VALUE_BYTES_MAX} bytes; copied
   * @return the item, of sequence 0
   * @throws IllegalArgumentException if the value is too long
   */
  public static MainlineItem immutable(byte[] value) {
    return new MainlineItem(NOTHING, NOTHING, 0, value.clone(), NOTHING);
  }

  /**
   * Makes a mutable item.
   *
   * @param publicKey the owner's, {@link #PUBLIC_KEY_BYTES}; copied, as the other arrays are
   * @param salt what tells apart the items of one key, at most {@link #SALT_BYTES_MAX} bytes; empty
   *     for none
   * @param sequence any number; higher ones replace lower ones
   * @param value the bencoded value, at most {@link #VALUE_BYTES_MAX} bytes
   * @param signature of {@link #statement()}, {@link #SIGNATURE_BYTES}
   * @return the item
   * @throws IllegalArgumentException if something has another length
   */
  public static MainlineItem mutable(
      byte[] publicKey, byte[] salt, long sequence, byte[] value, byte[] signature) {
    return new MainlineItem(
        checked("public key", publicKey, PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES).clone(),
        checked("salt", salt, 0, SALT_BYTES_MAX).clone(),
        sequence,
        value.clone(),
        checked("signature", signature, SIGNATURE_BYTES, SIGNATURE_BYTES).clone());
  }

  private static byte[] checked(String name, byte[] bytes, int min, int max) {
    if (bytes.length < min || bytes.length > max) {
      throw new IllegalArgumentException(
          "%s must have %d..%d bytes: %d".formatted(name, min, max, bytes.length));
    }
    return bytes;
  }

  /**
   * Returns where a mutable item lies.
   *
   * @param publicKey the owner's key
   * @param salt begins with the salt
   * @param saltLength how many bytes of it are the salt, 0 for none
   * @return SHA-1(key ‖ salt)
   * @throws IndexOutOfBoundsException if the salt ends before
   */
  public static NodeId targetOf(byte[] publicKey, byte[] salt, int saltLength) {
    Objects.checkFromIndexSize(0, saltLength, salt.length);
    return Keys.sha1(publicKey, Arrays.copyOf(salt, saltLength));
  }

  /**
   * Returns where an immutable item lies.
   *
   * @param buffer holds its bencoded value
   * @param offset index of the first byte of that
   * @param length how many they are
   * @return SHA-1(value)
   * @throws IndexOutOfBoundsException if the buffer ends before
   */
  public static NodeId targetOf(byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    return Keys.sha1(Arrays.copyOfRange(buffer, offset, offset + length));
  }

  /**
   * Builds the bytes that the owner of a mutable item signs.
   *
   * @param salt the salt, empty for none
   * @param sequence the sequence
   * @param value the bencoded value
   * @return {@code 4:salt<length>:<salt>3:seqi<sequence>e1:v<value>}, without the salt's part if
   *     that is empty
   */
  public static byte[] statement(byte[] salt, long sequence, byte[] value) {
    return SignedBytes.mainlineItem(salt, sequence, value);
  }

  /**
   * Builds the bytes that {@link #signature} must be of.
   *
   * @return the statement
   * @throws IllegalStateException if the item is immutable
   */
  public byte[] statement() {
    if (!isMutable()) {
      throw new IllegalStateException("nobody signs an immutable item");
    }
    return statement(salt, sequence, value);
  }

  /**
   * Tells whether an item of a higher sequence can replace it.
   *
   * @return whether it has an owner
   */
  public boolean isMutable() {
    return publicKey.length > 0;
  }

  /**
   * Tells whether another item has the same value, whatever else is different.
   *
   * @param other the other item
   * @return whether it has
   */
  public boolean hasValueOf(MainlineItem other) {
    return Arrays.equals(value, other.value);
  }

  /**
   * Returns where it lies.
   *
   * @return the target
   */
  public NodeId target() {
    return target;
  }

  /**
   * Returns the owner's key.
   *
   * @return a copy, empty if the item is immutable
   */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /**
   * Returns the salt.
   *
   * @return a copy, empty if there is none
   */
  public byte[] salt() {
    return salt.clone();
  }

  /**
   * Returns the sequence.
   *
   * @return any number, 0 if the item is immutable
   */
  public long sequence() {
    return sequence;
  }

  /**
   * Returns the bencoded value.
   *
   * @return a copy
   */
  public byte[] value() {
    return value.clone();
  }

  /**
   * Returns the signature, which has not been verified.
   *
   * @return a copy, empty if the item is immutable
   */
  public byte[] signature() {
    return signature.clone();
  }

  /**
   * Returns how much it counts where space is limited.
   *
   * @return the length of value, key, salt and signature in bytes, at most 1,160
   */
  public int size() {
    return value.length + publicKey.length + salt.length + signature.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MainlineItem that
        && sequence == that.sequence
        && Arrays.equals(publicKey, that.publicKey)
        && Arrays.equals(salt, that.salt)
        && Arrays.equals(value, that.value)
        && Arrays.equals(signature, that.signature);
  }

  @Override
  public int hashCode() {
    return Objects.hash(sequence, Arrays.hashCode(value), Arrays.hashCode(signature));
  }

  @Override
  public String toString() {
    return "MainlineItem[%s, %s, %d bytes]"
        .formatted(target, isMutable() ? "sequence " + sequence : "immutable", size());
  }
}
