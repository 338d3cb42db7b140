package org.bytchat.dht.engine;

import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * What a node of Mainline's dialect is asked to keep: the port of a peer, or an item.
 *
 * @param port the peer's port; 0 for an item
 * @param impliedPort whether the port of the datagram counts instead
 * @param item what is put, null for a peer
 */
record MainlineStore(int port, boolean impliedPort, @Nullable MainlineItem item) {

  static MainlineStore of(MainlineItem item) {
    return new MainlineStore(0, false, item);
  }

  /** Fills in the arguments of the query. */
  void fill(Packet packet) {
    packet.port = port;
    packet.impliedPort = impliedPort;
    if (item != null) {
      fill(packet, item);
      byte[] salt = item.salt();
      System.arraycopy(salt, 0, packet.salt, 0, salt.length);
      packet.saltLength = salt.length;
    }
  }

  /** Fills in what a put and an answer to a get say of an item. */
  static void fill(Packet packet, MainlineItem item) {
    byte[] value = item.value();
    packet.record = value;
    packet.recordOffset = 0;
    packet.recordLength = value.length;
    if (item.isMutable()) {
      packet.sequence = item.sequence();
      packet.hasProof = true;
      System.arraycopy(item.publicKey(), 0, packet.publicKey, 0, packet.publicKey.length);
      System.arraycopy(item.signature(), 0, packet.signature, 0, packet.signature.length);
    }
  }
}
