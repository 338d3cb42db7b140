package org.bytchat.dht.identity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;

/**
 * What a user is known by: the hash of their public key's SubjectPublicKeyInfo, with the version
 * that says which hash.
 *
 * <p>Its text is Bech32m (BIP 350) with the prefix {@code byt1} or {@code byt2}, the version being
 * the last character of the prefix. The separator {@code 1} follows, so that the text of a version
 * 1 UID begins with {@code byt11} and has 43 characters, that of version 2 begins with {@code
 * byt21} and has 63. The checksum covers the prefix, hence the version too.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Uid {

  /** SHA-1, 20 bytes. */
  public static final int VERSION_1 = 1;

  /** SHA-512/256, 32 bytes. */
  public static final int VERSION_2 = 2;

  /** The version that new users get. */
  public static final int DEFAULT_VERSION = VERSION_2;

  private static final String PREFIX = "byt";

  private final int version;
  private final byte[] bytes;

  private Uid(int version, byte[] bytes) {
    this.version = version;
    this.bytes = bytes;
  }

  /**
   * Makes a UID of its hash.
   *
   * @param version 1 or 2
   * @param hash 20 bytes for version 1, 32 for version 2; copied
   * @return the UID
   * @throws IllegalArgumentException if there is no such version or the hash has another length
   */
  public static Uid of(int version, byte[] hash) {
    int length = hashBytes(version);
    if (hash.length != length) {
      throw new IllegalArgumentException(
          "a UID of version " + version + " has " + length + " bytes, not " + hash.length);
    }
    return new Uid(version, hash.clone());
  }

  /**
   * Hashes a key. Says nothing about whether the bytes are a key.
   *
   * @param version 1 or 2
   * @param subjectPublicKeyInfo the key as DER
   * @return its UID
   * @throws IllegalArgumentException if there is no such version
   */
  public static Uid ofKey(int version, byte[] subjectPublicKeyInfo) {
    hashBytes(version);
    try {
      String hash = version == VERSION_1 ? "SHA-1" : "SHA-512/256";
      return new Uid(version, MessageDigest.getInstance(hash).digest(subjectPublicKeyInfo));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("the platform has had both since Java 9", e);
    }
  }

  /**
   * Returns how long the hash of a version is.
   *
   * @param version 1 or 2
   * @return 20 or 32 bytes
   * @throws IllegalArgumentException if there is no such version
   */
  public static int hashBytes(int version) {
    return switch (version) {
      case VERSION_1 -> NodeId.BYTES;
      case VERSION_2 -> 32;
      default -> throw new IllegalArgumentException("a UID has version 1 or 2, not " + version);
    };
  }

  /**
   * Parses the text form.
   *
   * @param text Bech32m, all in lower or all in upper case
   * @return the UID
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static Uid parse(String text) {
    Bech32m content;
    byte[] hash;
    try {
      content = Bech32m.parse(text);
      hash = content.bytes();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a UID: " + e.getMessage(), e);
    }
    String prefix = content.prefix();
    if (!prefix.startsWith(PREFIX) || prefix.length() != PREFIX.length() + 1) {
      throw new IllegalArgumentException("not a UID: begins with " + prefix + ", not byt1 or byt2");
    }
    int version = prefix.charAt(PREFIX.length()) - '0';
    if (version != VERSION_1 && version != VERSION_2) {
      throw new IllegalArgumentException(
          "a UID begins with byt1 or byt2; no other version is known, such as " + prefix);
    }
    return of(version, hash);
  }

  /**
   * Returns the version.
   *
   * @return 1 or 2
   */
  public int version() {
    return version;
  }

  /**
   * Returns the hash, without the version.
   *
   * @return a copy, 20 or 32 bytes
   */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * Returns where the user's own record and devices lie.
   *
   * @return the first 160 bits of the hash
   */
  public NodeId place() {
    return NodeId.read(bytes, 0);
  }

  /**
   * Returns where something of the user lies.
   *
   * @param label what lies there, for example {@code "meta"}; empty means the user's own record
   * @return {@link Keys#of} of the label and the hash, or {@link #place()} if the label is empty
   */
  public NodeId place(String label) {
    return label.isEmpty() ? place() : Keys.of(label, bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Uid that && version == that.version && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * place().hashCode() + version;
  }

  /** Returns the text that {@link #parse} reads, in lower case. */
  @Override
  public String toString() {
    return Bech32m.ofBytes(PREFIX + version, bytes).text();
  }
}
