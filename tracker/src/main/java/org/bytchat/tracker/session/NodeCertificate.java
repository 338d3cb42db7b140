package org.bytchat.tracker.session;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.identity.SignedBytes.Frame;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;

/**
 * A node's word that an X25519 key speaks for it.
 *
 * @param nodeKey the node's Ed25519 key, 32 bytes
 * @param issuedMillis from when, milliseconds since 1970
 * @param expiresMillis until when
 * @param signature by the node key, 64 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record NodeCertificate(byte[] nodeKey, long issuedMillis, long expiresMillis, byte[] signature) {

  static final int BYTES = 112;
  static final String PURPOSE = "noise";
  static final long LIFE_MILLIS = Duration.ofDays(7).toMillis();

  /** By how much a clock may be wrong: far more than any clock that anyone reads. */
  static final long TOLERANCE_MILLIS = Duration.ofDays(1).toMillis();

  private static final int KEY_BYTES = 32;
  private static final int SIGNATURE_BYTES = 64;

  static NodeCertificate issue(
      NodeIdentity identity, int networkId, byte[] staticKey, long nowMillis) {
    long expires = nowMillis + LIFE_MILLIS;
    NodeId id = NodeIdentity.idOf(identity.publicKey());
    byte[] statement = statement(networkId, id, nowMillis, expires, staticKey);
    return new NodeCertificate(identity.publicKey(), nowMillis, expires, identity.sign(statement));
  }

  private static byte[] statement(
      int networkId, NodeId id, long issuedMillis, long expiresMillis, byte[] staticKey) {
    return SignedBytes.of(
        PURPOSE, new Frame(networkId, id, 0, issuedMillis, expiresMillis), staticKey);
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .put(nodeKey)
        .putLong(issuedMillis)
        .putLong(expiresMillis)
        .put(signature)
        .array();
  }

  /** Reads a certificate; null if the bytes have another length. */
  static @Nullable NodeCertificate decode(byte[] bytes) {
    if (bytes.length != BYTES) {
      return null;
    }
    ByteBuffer read = ByteBuffer.wrap(bytes);
    byte[] key = new byte[KEY_BYTES];
    read.get(key);
    long issued = read.getLong();
    long expires = read.getLong();
    byte[] signature = new byte[SIGNATURE_BYTES];
    read.get(signature);
    return new NodeCertificate(key, issued, expires, signature);
  }

  /**
   * Says what is wrong with it for who looked up a node; null if nothing is. Cheap checks come
   * first.
   */
  @Nullable Failure fault(Asked asked, byte[] staticKey, long nowMillis) {
    if (!NodeIdentity.idOf(nodeKey).equals(asked.nodeId)) {
      return Failure.WRONG_NODE;
    }
    // The first two keep what follows from overflowing.
    if (issuedMillis < 0
        || expiresMillis < issuedMillis
        || expiresMillis - issuedMillis > LIFE_MILLIS
        || nowMillis < issuedMillis - TOLERANCE_MILLIS
        || nowMillis - TOLERANCE_MILLIS > expiresMillis) {
      return Failure.CERTIFICATE_TIMES;
    }
    byte[] statement =
        statement(asked.networkId, asked.nodeId, issuedMillis, expiresMillis, staticKey);
    boolean good =
        asked.scheme.isPublicKey(nodeKey) && asked.scheme.verify(nodeKey, statement, signature);
    return good ? null : Failure.BAD_CERTIFICATE;
  }

  /**
   * What a certificate must be of.
   *
   * @param networkId the network
   * @param nodeId the node that was looked up
   * @param scheme the nodes' signature algorithm
   */
  record Asked(int networkId, NodeId nodeId, SignatureScheme scheme) {}
}
