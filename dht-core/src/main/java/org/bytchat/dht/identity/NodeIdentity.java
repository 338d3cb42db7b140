package org.bytchat.dht.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;

/**
 * The key of a node, and the id that follows from it: SHA-1 of the key's SubjectPublicKeyInfo.
 *
 * <p>Immutable. The private seed leaves only through {@link #seed}, for the state file.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class NodeIdentity {

  /** DER of a SubjectPublicKeyInfo for Ed25519 up to the key itself (RFC 8410, section 4). */
  static final byte[] SPKI_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private static final byte[] PUZZLE_LABEL = "bytchat-puzzle".getBytes(StandardCharsets.US_ASCII);

  private final SignatureScheme scheme;
  private final byte[] seed;
  private final byte[] publicKey;
  private final NodeId id;

  private NodeIdentity(NodeIdentity other, NodeId id) {
    this.scheme = other.scheme;
    this.seed = other.seed;
    this.publicKey = other.publicKey;
    this.id = id;
  }

  private NodeIdentity(SignatureScheme scheme, byte[] seed) {
    if (seed.length != SignatureScheme.SEED_BYTES) {
      throw new IllegalArgumentException(
          "a private seed has " + SignatureScheme.SEED_BYTES + " bytes, not " + seed.length);
    }
    this.scheme = scheme;
    this.seed = seed.clone();
    this.publicKey = scheme.publicKey(seed);
    this.id = idOf(publicKey);
  }

  /**
   * Makes an identity of its private seed.
   *
   * @param scheme the signature algorithm
   * @param seed 32 bytes; copied
   * @return the identity
   * @throws IllegalArgumentException if the seed has another length
   */
  public static NodeIdentity of(SignatureScheme scheme, byte[] seed) {
    return new NodeIdentity(scheme, seed);
  }

  /**
   * Makes a new Ed25519 identity.
   *
   * @param random the platform's secure random numbers
   * @return the identity
   */
  public static NodeIdentity generate(SecureRandom random) {
    byte[] seed = new byte[SignatureScheme.SEED_BYTES];
    random.nextBytes(seed);
    return new NodeIdentity(Ed25519Scheme.INSTANCE, seed);
  }

  /**
   * Makes a new Ed25519 identity whose key solves a puzzle: about 2^puzzleBits keys are made until
   * one does.
   *
   * @param random the platform's secure random numbers
   * @param puzzleBits the puzzle, see {@link #puzzleBits}
   * @return the identity
   */
  public static NodeIdentity generate(SecureRandom random, int puzzleBits) {
    NodeIdentity identity = generate(random);
    while (!solves(identity.publicKey, puzzleBits)) {
      identity = generate(random);
    }
    return identity;
  }

  /**
   * Returns the hardest puzzle that a public key solves (Baumgart and Mies 2007, S/Kademlia,
   * section 4.1, the static puzzle).
   *
   * @param publicKey 32 bytes
   * @return the number of leading zero bits of SHA-256("bytchat-puzzle" ‖ key), 0 to 256
   */
  public static int puzzleBits(byte[] publicKey) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
    digest.update(PUZZLE_LABEL);
    byte[] hash = digest.digest(publicKey);
    int whole = 0;
    while (whole < hash.length && hash[whole] == 0) {
      whole++;
    }
    return whole == hash.length
        ? Byte.SIZE * whole
        : Byte.SIZE * whole + Integer.numberOfLeadingZeros(hash[whole] & 0xff) - 24;
  }

  /**
   * Tells whether a public key solves a puzzle.
   *
   * @param publicKey 32 bytes
   * @param puzzleBits the puzzle; 0 is none
   * @return whether it does
   */
  public static boolean solves(byte[] publicKey, int puzzleBits) {
    return puzzleBits == 0 || puzzleBits(publicKey) >= puzzleBits;
  }

  /**
   * Returns the id that belongs to a public key.
   *
   * @param publicKey 32 bytes
   * @return SHA-1 of its SubjectPublicKeyInfo
   */
  public static NodeId idOf(byte[] publicKey) {
    return Keys.sha1(SPKI_PREFIX, publicKey);
  }

  /**
   * Returns the same key under another id, for a dialect whose ids do not follow from keys.
   *
   * @param other the id
   * @return the identity
   */
  public NodeIdentity withId(NodeId other) {
    return new NodeIdentity(this, other);
  }

  /**
   * Returns the node's id.
   *
   * @return the id
   */
  public NodeId id() {
    return id;
  }

  /**
   * Returns the public key.
   *
   * @return a copy, 32 bytes
   */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /**
   * Returns the private seed, to be kept secret.
   *
   * @return a copy, 32 bytes
   */
  public byte[] seed() {
    return seed.clone();
  }

  /**
   * Returns the signature algorithm.
   *
   * @return the scheme
   */
  public SignatureScheme scheme() {
    return scheme;
  }

  /**
   * Signs a statement.
   *
   * @param statement bytes made by {@link SignedBytes}
   * @return the signature, 64 bytes
   */
  public byte[] sign(byte[] statement) {
    return scheme.sign(seed, publicKey, statement);
  }

  /** Names the public id only. */
  @Override
  public String toString() {
    return "NodeIdentity[" + id + "]";
  }
}
