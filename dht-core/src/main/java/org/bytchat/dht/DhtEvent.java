package org.bytchat.dht;

import java.net.InetSocketAddress;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/** What a node tells its listener, on the node's own thread: a listener must not block. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface DhtEvent {

  /**
   * The node found its network: the first lookups of its own id ended.
   *
   * @param nodes how many neighbours they found
   */
  record Joined(int nodes) implements DhtEvent {}

  /** Nobody answers any more; the node keeps its contacts and tries to come back. */
  record OutageBegan() implements DhtEvent {}

  /** Somebody answers again. */
  record OutageEnded() implements DhtEvent {}

  /**
   * The node became reachable from outside, or is no longer.
   *
   * @param reachable whether it is; if not, others are asked to leave it out of their tables
   */
  record ReachabilityChanged(boolean reachable) implements DhtEvent {}

  /**
   * Peers of several networks agree where they see the node.
   *
   * @param address where
   */
  record ExternalAddress(InetSocketAddress address) implements DhtEvent {}

  /**
   * The node has another id, because in Mainline's dialect it follows from the external address.
   *
   * @param id the id from now on
   */
  record IdChanged(NodeId id) implements DhtEvent {}

  /**
   * A search for nodes of the network through Mainline's DHT ended.
   *
   * @param found addresses that may be nodes of the network, at most 64
   * @param announcedTo nodes of Mainline's DHT that took this node's announcement
   */
  record RendezvousEnded(int found, int announcedTo) implements DhtEvent {}

  /**
   * Something was published again, and is now held by at least w nodes.
   *
   * @param uid whose it is
   * @param label the record's label
   * @param result what each node did
   */
  record Republished(Uid uid, String label, PutResult result) implements DhtEvent {}

  /**
   * Something could not be published again as it should be. It is tried again soon; copies of
   * earlier times live until their ends.
   *
   * @param uid whose it is
   * @param label the record's label
   * @param result what each node did, with the blob if that could not be stored; null if it did not
   *     come to that: the key did not sign, or the node had too much to do
   */
  record RepublishFailed(Uid uid, String label, @Nullable PutResult result) implements DhtEvent {}

  /**
   * Something newer was published with the same key and label, by another node or by this one. What
   * was published here before is given up.
   *
   * @param uid whose it is
   * @param label the record's label
   */
  record PublicationSuperseded(Uid uid, String label) implements DhtEvent {}
}
