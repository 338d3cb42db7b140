package org.bytchat.dht.keyspace;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apiguardian.api.API;

/** Hashing into the keyspace. */
@API(status = API.Status.EXPERIMENTAL)
public final class Keys {

  private Keys() {}

  /**
   * Returns the id of some bytes: their SHA-1.
   *
   * <p>SHA-1 gives a place, never authenticity: what lies at a place is signed.
   *
   * @param parts the bytes, hashed one after the other
   * @return the id
   */
  public static NodeId sha1(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return NodeId.of(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-1", e);
    }
  }

  /**
   * Returns the place of something that belongs to a user: SHA-1(label ‖ uid bytes).
   *
   * @param label what lies there, for example {@code "meta"} or {@code "chat"}
   * @param uid the bytes of the user's UID, without its version
   * @return the key
   */
  public static NodeId of(String label, byte[] uid) {
    return sha1(label.getBytes(StandardCharsets.UTF_8), uid);
  }

  /**
   * Returns the id of a network: the first four bytes of the SHA-1 of its name.
   *
   * @param networkName the name, as operators configure it
   * @return the network id that every datagram carries
   */
  public static int networkId(String networkName) {
    return (int) (sha1(networkName.getBytes(StandardCharsets.UTF_8)).high() >>> 32);
  }
}
