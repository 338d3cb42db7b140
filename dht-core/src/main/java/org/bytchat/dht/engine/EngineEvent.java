package org.bytchat.dht.engine;

import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.store.BlobAssembler;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.wire.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What an engine has to tell. */
@API(status = API.Status.EXPERIMENTAL)
public sealed interface EngineEvent {

  /**
   * The first lookups of the own id ended, and one of those who answered is a contact by now.
   *
   * @param contacts how many neighbours they found
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
   * The node has another id, one that follows from where peers see it (BEP 42).
   *
   * @param id the id
   */
  record IdChanged(NodeId id) implements EngineEvent {}

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

  /**
   * A record was read, or is not there.
   *
   * @param id what {@link RecordCommands#get} returned
   * @param found the newest valid record, null if there is none
   * @param answered how many nodes answered; 0 says nothing about the record
   */
  record GetFinished(long id, @Nullable MutableRecord found, int answered) implements EngineEvent {}

  /**
   * A blob was read, or cannot be.
   *
   * @param id what {@link RecordCommands#getBlob} returned
   * @param content the blob, null if it could not be read; not to be changed
   * @param fault what is wrong with it whoever gives it; null if chunks are merely missing
   */
  @SuppressWarnings("ArrayRecordComponent")
  record BlobFinished(long id, byte @Nullable [] content, BlobAssembler.@Nullable Fault fault)
      implements EngineEvent {}

  /**
   * A put has ended.
   *
   * @param id what {@link RecordCommands#put} or {@link RecordCommands#putBlob} returned
   * @param result what became of it
   */
  record PutFinished(long id, PutResult result) implements EngineEvent {}

  /**
   * A search for peers in Mainline's dialect ended.
   *
   * @param id what {@link MainlineCommands} returned
   * @param peers who was named, each once
   * @param answered how many nodes answered; 0 says nothing about the peers
   * @param announced what became of the announcement, null if there was none
   */
  record PeersFound(long id, List<Endpoint> peers, int answered, @Nullable PutResult announced)
      implements EngineEvent {

    public PeersFound {
      peers = List.copyOf(peers);
    }
  }

  /**
   * A search for an item in Mainline's dialect ended.
   *
   * @param id what {@link MainlineCommands} returned
   * @param found the item, verified, of several sequences the highest; null if there is none
   * @param answered how many nodes answered; 0 says nothing about the item
   */
  record ItemFound(long id, @Nullable MainlineItem found, int answered) implements EngineEvent {}

  /**
   * The service of a node answered.
   *
   * @param reference what {@link NodeEngine#startServiceQuery} returned
   * @param payload what it answered; not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent")
  record ServiceAnswered(long reference, byte[] payload) implements EngineEvent {}

  /**
   * The service of a node did not answer.
   *
   * @param reference what {@link NodeEngine#startServiceQuery} returned
   * @param errorCode why it refused, see {@link ErrorCode}; {@link #NO_ANSWER} if nothing came
   * @param text what it said to that, for people; not to be trusted
   */
  record ServiceFailed(long reference, int errorCode, String text) implements EngineEvent {

    /** The node did not answer in time, or not as the one that was asked. */
    public static final int NO_ANSWER = -1;
  }

  /**
   * Something was published, or could not be; unless it is superseded, it will be again.
   *
   * @param id what {@link RecordCommands#publish} returned
   * @param result what became of it, of the blob if that could not be stored; null if it could not
   *     be signed, the engine had too much to do, or it is superseded
   * @param isSuperseded whether something newer was published with the same key by somebody else,
   *     and so this is published no longer
   */
  record Published(long id, @Nullable PutResult result, boolean isSuperseded)
      implements EngineEvent {}
}
