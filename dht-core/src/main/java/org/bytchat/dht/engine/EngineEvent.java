package org.bytchat.dht.engine;

import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.jspecify.annotations.Nullable;

/** What an engine has to tell. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface EngineEvent {

  /**
   * The first lookup of the own id ended, and one of those who answered is a contact by now.
   *
   * @param contacts how many answered it
   */
  record Joined(int contacts) implements EngineEvent {}

  /** Nobody answers any more. */
  record OutageBegan() implements EngineEvent {}

  /** Somebody answers again. */
  record OutageEnded() implements EngineEvent {}

  /**
   * The node became reachable from outside, or is no longer.
   *
   * @param reachable whether it is
   */
  record ReachabilityChanged(boolean reachable) implements EngineEvent {}

  /**
   * Peers agree where they see this node.
   *
   * @param endpoint where
   */
  record ExternalEndpoint(Endpoint endpoint) implements EngineEvent {}

  /**
   * A lookup that was asked for has ended.
   *
   * @param id what {@link NodeEngine#startLookup} returned
   * @param result what it found
   */
  record LookupFinished(LookupId id, LookupResult result) implements EngineEvent {}

  /**
   * A ping that was asked for has ended.
   *
   * @param id what {@link NodeEngine#startPing} returned
   * @param contact who answered, or null if nobody did in time
   * @param rttNanos how long it took, 0 if nobody answered
   */
  record PingFinished(long id, @Nullable Contact contact, long rttNanos) implements EngineEvent {}
}
