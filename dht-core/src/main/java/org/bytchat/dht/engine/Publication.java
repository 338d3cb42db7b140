package org.bytchat.dht.engine;

import java.time.Duration;
import org.apiguardian.api.API;
import org.bytchat.dht.store.BlobReference;

/**
 * What an owner wants to be found, and kept alive while the node runs: a mutable record, and the
 * blob that it names, if any.
 *
 * <p>The constructor throws {@link IllegalArgumentException} if the blob is longer than {@link
 * BlobReference#SIZE_MAX}. The arrays are copied, and must not be changed afterwards.
 *
 * @param uidVersion the version of the owner's UID, 1 or 2
 * @param label what the record is, empty for the user's own place
 * @param publicKey the owner's SubjectPublicKeyInfo
 * @param signer signs with the owner's key
 * @param value the record's value
 * @param blob what the value names, empty if it names nothing
 * @param ttl how long a copy lives without being published again
 */
@API(status = API.Status.EXPERIMENTAL)
@SuppressWarnings("ArrayRecordComponent")
public record Publication(
    int uidVersion,
    String label,
    byte[] publicKey,
    Signer signer,
    byte[] value,
    byte[] blob,
    Duration ttl) {

  public Publication {
    publicKey = publicKey.clone();
    value = value.clone();
    if (blob.length > BlobReference.SIZE_MAX) {
      throw new IllegalArgumentException(
          "a blob has at most " + BlobReference.SIZE_MAX + " bytes, not " + blob.length);
    }
    blob = blob.clone();
  }

  /** Signs with a user's key; called by the driver, on any thread. */
  @FunctionalInterface
  public interface Signer {

    /**
     * Signs.
     *
     * @param statement the bytes to sign
     * @return the signature
     */
    byte[] sign(byte[] statement);
  }

  @Override
  public String toString() {
    return "Publication[%s, %d bytes]".formatted(label, value.length);
  }
}
