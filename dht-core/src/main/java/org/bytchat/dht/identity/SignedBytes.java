package org.bytchat.dht.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;

/**
 * The only bytes that are ever signed: a statement that names its purpose, network, target,
 * sequence and times beside the hash of the content, so that it means nothing anywhere else. The
 * items of Mainline's dialect have the form that BEP 44 gave them, which no other statement has.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class SignedBytes {

  private static final byte[] DOMAIN = "bytchat/1/".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SALT = "4:salt".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SEQUENCE = "3:seqi".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED_BYTES = 1 + 4 + NodeId.BYTES + 3 * Long.BYTES + 32;

  private SignedBytes() {}

  /**
   * Where and when a statement holds.
   *
   * @param networkId the network
   * @param target what it is about
   * @param sequence its sequence number, 0 if it has none
   * @param issuedMillis when it was made, milliseconds since 1970, 0 if it has no time
   * @param expiresMillis when it ends, 0 if it has no time
   */
  public record Frame(
      int networkId, NodeId target, long sequence, long issuedMillis, long expiresMillis) {}

  /**
   * Builds a statement.
   *
   * @param purpose what it is for, ASCII
   * @param frame where and when it holds
   * @param value the content, as carried
   * @return the bytes to sign
   */
  public static byte[] of(String purpose, Frame frame, byte[] value) {
    byte[] name = purpose.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(DOMAIN.length + name.length + FIXED_BYTES);
    bytes.put(DOMAIN).put(name).put((byte) 0).putInt(frame.networkId);
    bytes.put(frame.target.toBytes());
    bytes.putLong(frame.sequence).putLong(frame.issuedMillis).putLong(frame.expiresMillis);
    return bytes.put(sha256(value)).array();
  }

  /**
   * Builds the statement by which a node proves that it holds the key of its id.
   *
   * @param networkId the network
   * @param prover the id proved
   * @param challenge what the asker chose, 16 bytes
   * @param asker the asker's id
   * @param askerEndpoint where the prover sees the asker
   * @return the bytes to sign
   */
  public static byte[] proof(
      int networkId, NodeId prover, byte[] challenge, NodeId asker, Endpoint askerEndpoint) {
    int endpointBytes = askerEndpoint.family().endpointBytes();
    byte[] value = new byte[challenge.length + NodeId.BYTES + endpointBytes];
    System.arraycopy(challenge, 0, value, 0, challenge.length);
    asker.write(value, challenge.length);
    askerEndpoint.write(value, challenge.length + NodeId.BYTES);
    return of("prove", new Frame(networkId, prover, 0, 0, 0), value);
  }

  /**
   * Builds the statement by which the owner of a mutable item of Mainline's dialect vouches for it
   * (BEP 44).
   *
   * @param salt the salt, empty for none
   * @param sequence the sequence
   * @param value the bencoded value
   * @return {@code 4:salt<length>:<salt>3:seqi<sequence>e1:v<value>}, without the salt's part if
   *     that is empty
   */
  public static byte[] mainlineItem(byte[] salt, long sequence, byte[] value) {
    byte[] before = salt.length == 0 ? new byte[0] : ascii("4:salt" + salt.length + ":");
    byte[] between = ascii("3:seqi" + sequence + "e1:v");
    int length = before.length + salt.length + between.length + value.length;
    return ByteBuffer.allocate(length).put(before).put(salt).put(between).put(value).array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Says whether bytes begin as statements do, and are long enough for one. */
  static boolean isStatement(byte[] bytes) {
    return (bytes.length > DOMAIN.length + FIXED_BYTES && begins(bytes, DOMAIN))
        || begins(bytes, SALT)
        || begins(bytes, SEQUENCE);
  }

  private static boolean begins(byte[] bytes, byte[] with) {
    return bytes.length > with.length && Arrays.equals(bytes, 0, with.length, with, 0, with.length);
  }

  private static byte[] sha256(byte[] value) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(value);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
