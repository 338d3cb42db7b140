package org.bytchat.tracker.device;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;

/** What a device signs to a tracker, of no use at any other and at no other time. */
@API(status = API.Status.EXPERIMENTAL)
public final class DeviceStatements {

  private static final String SESSION = "session";
  private static final String BIND = "bind";
  private static final String FIND = "find";
  private static final int HANDSHAKE_HASH_BYTES = 32;

  private DeviceStatements() {}

  /**
   * Where a statement holds.
   *
   * @param networkId the network
   * @param tracker the tracker that it is made to
   * @param mailbox whose device says it
   */
  public record Scene(int networkId, NodeId tracker, NodeId mailbox) {}

  /**
   * Who binds or asks, from where, and when.
   *
   * @param subject a device's id, or a delivery key
   * @param nonce what the tracker gave for it
   * @param observed where the tracker sees the sender
   * @param atMillis the sender's time, milliseconds since 1970
   */
  public record Asker(byte[] subject, byte[] nonce, Endpoint observed, long atMillis) {

    /** Makes an asker; the arrays are copied, and may have any length. */
    public Asker {
      subject = subject.clone();
      nonce = nonce.clone();
    }

    @Override
    public byte[] subject() {
      return subject.clone();
    }

    @Override
    public byte[] nonce() {
      return nonce.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Asker that
          && Arrays.equals(subject, that.subject)
          && Arrays.equals(nonce, that.nonce)
          && observed.equals(that.observed)
          && atMillis == that.atMillis;
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(subject) + Arrays.hashCode(nonce);
    }

    /** Names neither the key nor the nonce. */
    @Override
    public String toString() {
      return "Asker[" + observed + "]";
    }
  }

  /**
   * Builds the statement by which a device shows in a session that it is there.
   *
   * @param scene where
   * @param device the device
   * @param listVersion the newest version of the device list that it knows
   * @param handshakeHash of the session, which no other session has, 32 bytes
   * @return the bytes to sign, purpose "session"
   * @throws IllegalArgumentException if the hash has another length
   */
  public static byte[] session(
      Scene scene, DeviceId device, long listVersion, byte[] handshakeHash) {
    if (handshakeHash.length != HANDSHAKE_HASH_BYTES) {
      throw new IllegalArgumentException(
          "the hash of a handshake has 32 bytes, not " + handshakeHash.length);
    }
    byte[] value =
        ByteBuffer.allocate(NodeId.BYTES + DeviceId.BYTES + handshakeHash.length)
            .put(scene.mailbox.toBytes())
            .put(device.toBytes())
            .put(handshakeHash)
            .array();
    SignedBytes.Frame frame =
        new SignedBytes.Frame(scene.networkId, scene.tracker, listVersion, 0, 0);
    return SignedBytes.of(SESSION, frame, value);
  }

  /**
   * Builds the statement by which a device binds itself to an endpoint.
   *
   * @param scene where
   * @param device who, and when
   * @param listVersion the newest version of the device list that it knows
   * @return the bytes to sign, purpose "bind"
   */
  public static byte[] bind(Scene scene, Asker device, long listVersion) {
    return of(BIND, scene, device, listVersion);
  }

  /**
   * Builds the statement by which a device of the user, or a contact, asks for the bound devices.
   *
   * @param scene where
   * @param asker who, and when
   * @return the bytes to sign, purpose "find"
   */
  public static byte[] find(Scene scene, Asker asker) {
    return of(FIND, scene, asker, 0);
  }

  private static byte[] of(String purpose, Scene scene, Asker asker, long sequence) {
    int endpointBytes = asker.observed.family().endpointBytes();
    byte[] endpoint = new byte[endpointBytes];
    asker.observed.write(endpoint, 0);
    // Both vary in length: without the lengths, a part of one could be read as the other's.
    byte[] value =
        ByteBuffer.allocate(
                NodeId.BYTES
                    + 2 * Integer.BYTES
                    + asker.subject.length
                    + asker.nonce.length
                    + endpointBytes)
            .put(scene.mailbox.toBytes())
            .putInt(asker.subject.length)
            .put(asker.subject)
            .putInt(asker.nonce.length)
            .put(asker.nonce)
            .put(endpoint)
            .array();
    SignedBytes.Frame frame =
        new SignedBytes.Frame(scene.networkId, scene.tracker, sequence, asker.atMillis, 0);
    return SignedBytes.of(purpose, frame, value);
  }
}
