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
 * sequence and times beside the hash of the content, so that it means nothing anywhere else.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class SignedBytes {

  private static final byte[] DOMAIN = "bytchat/1/".getBytes(StandardCharsets.US_ASCII);
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

  /** Says whether bytes begin as every statement does, and are long enough for one. */
  static boolean isStatement(byte[] bytes) {
    return bytes.length > DOMAIN.length + FIXED_BYTES
        && Arrays.equals(bytes, 0, DOMAIN.length, DOMAIN, 0, DOMAIN.length);
  }

  private static byte[] sha256(byte[] value) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(value);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
