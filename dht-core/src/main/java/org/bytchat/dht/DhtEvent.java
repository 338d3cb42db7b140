package org.bytchat.dht;

import java.net.InetSocketAddress;
import org.apiguardian.api.API;

/** What a node tells its listener, on the node's own thread: a listener must not block. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface DhtEvent {

  /**
   * The node found its network: the first lookup of its own id ended.
   *
   * @param nodes how many neighbours answered it
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
}
