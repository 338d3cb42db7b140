package org.bytchat.tracker.repair;

import java.nio.ByteBuffer;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.NodeId;

/** What a tracker signs to another one to be given copies. */
@API(status = API.Status.EXPERIMENTAL)
public final class RepairStatements {

  private static final String PURPOSE = "repair";
  private static final int HANDSHAKE_HASH_BYTES = 32;

  private RepairStatements() {}

  /**
   * Builds the statement by which a tracker shows in a session which one it is.
   *
   * @param networkId the network
   * @param asked the tracker that it is made to
   * @param asker the tracker that makes it
   * @param handshakeHash of the session, which no other session has, 32 bytes
   * @return the bytes for the asker's node key to sign, purpose "repair"
   * @throws IllegalArgumentException if the hash has another length
   */
  public static byte[] peer(int networkId, NodeId asked, NodeId asker, byte[] handshakeHash) {
    if (handshakeHash.length != HANDSHAKE_HASH_BYTES) {
      throw new IllegalArgumentException(
          "the hash of a handshake has 32 bytes, not " + handshakeHash.length);
    }
    byte[] value =
        ByteBuffer.allocate(NodeId.BYTES + HANDSHAKE_HASH_BYTES)
            .put(asker.toBytes())
            .put(handshakeHash)
            .array();
    return SignedBytes.of(PURPOSE, new SignedBytes.Frame(networkId, asked, 0, 0, 0), value);
  }
}
