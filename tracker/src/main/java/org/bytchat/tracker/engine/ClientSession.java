package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.jspecify.annotations.Nullable;

/** A session as the tracker sees it. */
final class ClientSession {

  final long id;
  final byte[] handshakeHash;

  /** Where it comes from. */
  final Sources.Source source;

  /** Whose device has shown itself, null if none has. */
  @Nullable NodeId mailbox;

  /** Which device has, null if none has. */
  @Nullable DeviceId device;

  /** The list that contradicts the one held and that its device was shown last, null for none. */
  @Nullable DeviceList toldFork;

  /** Which tracker has shown itself, null if none has. */
  @Nullable NodeId peer;

  /** How many requests are not answered yet. */
  int underWayCount;

  /** The fetch that is under way, null if none is: pages are long. */
  @Nullable Call fetch;

  /** Those of them that wait for an envelope. */
  final List<Fetches.Waiting> waiting = new ArrayList<>();

  boolean closed;

  ClientSession(long id, Sources.Source source, byte[] handshakeHash) {
    this.id = id;
    this.source = source;
    this.handshakeHash = handshakeHash.clone();
  }
}
