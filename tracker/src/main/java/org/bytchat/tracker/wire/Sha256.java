package org.bytchat.tracker.wire;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apiguardian.api.API;

/** SHA-256, by which all that is signed here is named. */
@API(status = API.Status.EXPERIMENTAL)
public final class Sha256 {

  private Sha256() {}

  /**
   * Hashes.
   *
   * @param parts what to hash, one after the other
   * @return a new array of 32 bytes
   */
  public static byte[] of(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
