package org.bytchat.dht;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.engine.Publication;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.NodeHandle;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.Method;
import org.jspecify.annotations.Nullable;

/** What a {@link DhtNode} was asked to do on its engine, until the engine has done it. */
final class OpenCommands {

  private final Orders orders;
  private final Consumer<DhtEvent> listener;
  private final Duration ttl;

  /* What the loop owes; added to there only. */
  private final Map<LookupId, CompletableFuture<LookupResult>> lookups = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<PingResult>> pings = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<Optional<MutableRecord>>> gets =
      new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<byte[]>> blobs = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<PutResult>> puts = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<byte[]>> questions = new ConcurrentHashMap<>();
  private final Map<Long, Entry> publications = new ConcurrentHashMap<>();

  /** Starts something on the engine that completes the future later. */
  interface Order<T> {
    void give(NodeEngine engine, long nowNanos, CompletableFuture<T> future);
  }

  /** Gives an order to the engine. */
  interface Orders {

    /**
     * Gives an order.
     *
     * @throws DhtException.Closed if there is no engine
     */
    <T> CompletableFuture<T> order(Order<T> order);
  }

  /** Something that is published. */
  private static final class Entry {
    final Uid uid;
    final String label;
    final Signing signing;
    final CompletableFuture<Published> future;

    /** Whether the first time is over; belongs to the loop. */
    boolean begun;

    Entry(Uid uid, String label, Signing signing, CompletableFuture<Published> future) {
      this.uid = uid;
      this.label = label;
      this.signing = signing;
      this.future = future;
    }
  }

  /** A user's key, which remembers why it did not sign. */
  private static final class Signing implements Publication.Signer {

    private final UserKey key;
    volatile @Nullable Throwable failure;

    Signing(UserKey key) {
      this.key = key;
    }

    @Override
    public byte[] sign(byte[] statement) {
      try {
        byte[] signature = key.sign(statement);
        failure = null;
        return signature;
      } catch (RuntimeException | Error e) {
        failure = e;
        throw e;
      }
    }
  }

  OpenCommands(Orders orders, Consumer<DhtEvent> listener, Duration ttl) {
    this.orders = orders;
    this.listener = listener;
    this.ttl = ttl;
  }

  /** Looks up in each family, and merges what was found. */
  CompletableFuture<LookupResult> lookup(
      NodeId target, int services, List<AddressFamily> families, int limit) {
    return handedOut(
        families.stream()
            .map(family -> lookup(target, services, family))
            .reduce((all, one) -> all.thenCombine(one, (a, b) -> LookupMerge.merge(a, b, limit)))
            .orElseThrow()
            .thenApply(result -> requireAnswers(result, services)));
  }

  private static LookupResult requireAnswers(LookupResult result, int services) {
    // That nobody offers it is an answer, too.
    if (services == 0 ? result.closest().isEmpty() : result.responses() == 0) {
      throw new DhtException.NoPeers(
          result.requests() == 0
              ? "the node knows nobody to ask"
              : "none of " + result.requests() + " requests was answered");
    }
    return result;
  }

  private CompletableFuture<LookupResult> lookup(
      NodeId target, int services, AddressFamily family) {
    return orders.order(
        (engine, nowNanos, future) -> {
          LookupId id = engine.startLookup(target, family, services, nowNanos);
          if (id == null) {
            future.completeExceptionally(overloaded());
          } else {
            lookups.put(id, future);
          }
        });
  }

  CompletableFuture<PingResult> ping(Endpoint endpoint) {
    return orders.order(
        (engine, nowNanos, future) -> await(engine.startPing(endpoint, nowNanos), pings, future));
  }

  /** Asks the service of a node. */
  CompletableFuture<byte[]> request(Contact to, Method method, NodeId key, byte[] payload) {
    return orders.order(
        (engine, nowNanos, future) ->
            await(engine.startServiceQuery(to, method, key, payload, nowNanos), questions, future));
  }

  CompletableFuture<Optional<MutableRecord>> get(NodeId place) {
    return orders.order(
        (engine, nowNanos, future) -> await(engine.records().get(place, nowNanos), gets, future));
  }

  CompletableFuture<byte[]> blob(BlobReference reference) {
    return orders.order(
        (engine, nowNanos, future) ->
            await(engine.records().getBlob(reference, nowNanos), blobs, future));
  }

  CompletableFuture<PutResult> put(MutableRecord signed, long expectedSequence) {
    return orders.order(
        (engine, nowNanos, future) ->
            await(engine.records().put(signed, expectedSequence, nowNanos), puts, future));
  }

  /** Keeps a future until the event with its id, or fails it if there is none. */
  static <T> void await(
      long id, Map<Long, CompletableFuture<T>> open, CompletableFuture<T> future) {
    if (id < 0) {
      future.completeExceptionally(overloaded());
    } else {
      open.put(id, future);
    }
  }

  private static DhtException.Overloaded overloaded() {
    return new DhtException.Overloaded("too much waits to be done already");
  }

  CompletableFuture<Optional<Profile.Found>> profile(Uid uid) {
    return handedOut(
        get(uid.place(Profile.LABEL))
            .thenCompose(
                found ->
                    found.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : read(uid, found.get()).thenApply(Optional::of)));
  }

  private CompletableFuture<Profile.Found> read(Uid uid, MutableRecord signed) {
    // The place alone does not say where a label ends and the UID begins.
    if (!signed.label().equals(Profile.LABEL)
        || !Uid.ofKey(signed.uidVersion(), signed.publicKey()).equals(uid)) {
      throw new DhtException.Invalid("the record found is not the profile of " + uid);
    }
    ProfileCodec.Outcome outcome = ProfileCodec.decode(signed.value());
    if (outcome instanceof ProfileCodec.Malformed malformed) {
      throw new DhtException.Invalid("the profile of " + uid + ": " + malformed.reason());
    }
    ProfileCodec.Content content = (ProfileCodec.Content) outcome;
    BlobReference avatar = content.avatar();
    if (avatar == null) {
      return CompletableFuture.completedFuture(
          found(uid, signed, content, new Avatar(new byte[0], null)));
    }
    return blob(avatar)
        .handle(OpenCommands::avatar)
        .thenApply(read -> found(uid, signed, content, read));
  }

  /** An avatar that was read, or empty and why it was not. */
  private record Avatar(byte[] bytes, @Nullable DhtException failure) {}

  private static Avatar avatar(byte @Nullable [] bytes, @Nullable Throwable failure) {
    if (bytes != null) {
      return new Avatar(bytes, null);
    }
    if (failure instanceof DhtException reason && !(reason instanceof DhtException.Closed)) {
      return new Avatar(new byte[0], reason);
    }
    throw new CompletionException(failure);
  }

  private static Profile.Found found(
      Uid uid, MutableRecord signed, ProfileCodec.Content content, Avatar avatar) {
    return new Profile.Found(
        uid,
        new Profile(content.name(), avatar.bytes),
        Instant.ofEpochMilli(content.changedMillis()),
        signed,
        content.avatar(),
        avatar.failure);
  }

  CompletableFuture<Published> publish(UserKey key, int uidVersion, Profile profile) {
    byte[] avatar = profile.avatar();
    BlobReference reference = profile.hasAvatar() ? Blob.cut(avatar, 0).reference() : null;
    byte[] value =
        ProfileCodec.encode(
            new ProfileCodec.Content(profile.name(), System.currentTimeMillis(), reference));
    return publish(key, uidVersion, Profile.LABEL, value, avatar);
  }

  CompletableFuture<Published> publish(
      UserKey key, int uidVersion, String label, byte[] value, byte[] blob) {
    byte[] publicKey = key.publicKey().encoded();
    // What the engine would find out only when it has signed.
    int size =
        new MutableRecord.Draft(uidVersion, label, publicKey, 1, 0, 0, value)
            .size(key.publicKey().signatureBytes());
    if (size > StoredItem.BYTES_MAX) {
      throw new IllegalArgumentException(
          "a record has at most %d bytes; with this value it has %d"
              .formatted(StoredItem.BYTES_MAX, size));
    }
    Signing signing = new Signing(key);
    Uid uid = key.publicKey().uid(uidVersion);
    Publication what = new Publication(uidVersion, label, publicKey, signing, value, blob, ttl);
    return orders.order(
        (engine, nowNanos, future) -> {
          long id = engine.records().publish(what, nowNanos);
          if (id < 0) {
            future.completeExceptionally(overloaded());
          } else {
            publications.put(id, new Entry(uid, label, signing, future));
          }
        });
  }

  /** Takes an event, on the loop; those of others are passed over. */
  void onEvent(EngineEvent event) {
    if (event instanceof EngineEvent.LookupFinished finished) {
      CompletableFuture<LookupResult> future = lookups.remove(finished.id());
      if (future != null) {
        future.complete(finished.result());
      }
    } else if (event instanceof EngineEvent.PingFinished finished) {
      finish(pings.remove(finished.id()), finished);
    } else if (event instanceof EngineEvent.GetFinished finished) {
      finish(gets.remove(finished.id()), finished);
    } else if (event instanceof EngineEvent.BlobFinished finished) {
      finish(blobs.remove(finished.id()), finished);
    } else if (event instanceof EngineEvent.PutFinished finished) {
      finish(puts.remove(finished.id()), finished.result());
    } else if (event instanceof EngineEvent.ServiceAnswered answered) {
      CompletableFuture<byte[]> future = questions.remove(answered.reference());
      if (future != null) {
        future.complete(answered.payload());
      }
    } else if (event instanceof EngineEvent.ServiceFailed failed) {
      finish(questions.remove(failed.reference()), failed);
    } else if (event instanceof EngineEvent.Published published) {
      onPublished(published);
    }
  }

  private static void finish(
      @Nullable CompletableFuture<byte[]> future, EngineEvent.ServiceFailed failed) {
    if (future != null) {
      future.completeExceptionally(
          failed.errorCode() == EngineEvent.ServiceFailed.NO_ANSWER
              ? new DhtException.Timeout("the node did not answer: " + failed.text())
              : new DhtException.Refused(failed.errorCode(), failed.text()));
    }
  }

  private static void finish(
      @Nullable CompletableFuture<PingResult> future, EngineEvent.PingFinished finished) {
    Contact contact = finished.contact();
    if (future != null && contact != null) {
      future.complete(new PingResult(contact, Duration.ofNanos(finished.rttNanos())));
    } else if (future != null) {
      future.completeExceptionally(new DhtException.Timeout("nobody answered the ping in time"));
    }
  }

  private static void finish(
      @Nullable CompletableFuture<Optional<MutableRecord>> future,
      EngineEvent.GetFinished finished) {
    if (future == null) {
      return;
    }
    MutableRecord found = finished.found();
    if (found == null && finished.answered() == 0) {
      future.completeExceptionally(new DhtException.NoPeers("nobody answered"));
    } else {
      future.complete(Optional.ofNullable(found));
    }
  }

  private static void finish(
      @Nullable CompletableFuture<byte[]> future, EngineEvent.BlobFinished finished) {
    if (future == null) {
      return;
    }
    byte[] content = finished.content();
    if (content != null) {
      future.complete(content.clone());
    } else if (finished.fault() != null) {
      future.completeExceptionally(
          new DhtException.Invalid("the blob was made wrongly: " + finished.fault()));
    } else {
      future.completeExceptionally(
          new DhtException.NotFound("nobody who was asked has all chunks of the blob"));
    }
  }

  private static void finish(@Nullable CompletableFuture<PutResult> future, PutResult result) {
    if (future == null) {
      return;
    }
    if (result.nodes().isEmpty()) {
      future.completeExceptionally(nobodyToStore());
    } else {
      future.complete(result);
    }
  }

  private static DhtException.NoPeers nobodyToStore() {
    return new DhtException.NoPeers("no node was found that could store it");
  }

  private void onPublished(EngineEvent.Published event) {
    Entry entry = publications.get(event.id());
    PutResult result = event.result();
    if (entry == null) {
      // It was stopped, but the engine could not be told.
      stop(event.id());
    } else if (!entry.begun) {
      entry.begun = true;
      begin(entry, event);
    } else if (event.isSuperseded()) {
      publications.remove(event.id());
      listener.accept(new DhtEvent.PublicationSuperseded(entry.uid, entry.label));
    } else if (result != null && result.isEnough()) {
      listener.accept(new DhtEvent.Republished(entry.uid, entry.label, result));
    } else {
      listener.accept(new DhtEvent.RepublishFailed(entry.uid, entry.label, result));
    }
  }

  private void begin(Entry entry, EngineEvent.Published event) {
    long id = event.id();
    PutResult result = event.result();
    boolean taken = false;
    if (result != null && !result.nodes().isEmpty()) {
      taken = entry.future.complete(new Published(entry.uid, entry.label, result, () -> stop(id)));
    } else if (result != null) {
      entry.future.completeExceptionally(nobodyToStore());
    } else if (event.isSuperseded()) {
      entry.future.completeExceptionally(
          new DhtException.Invalid(
              "the record that is there has the highest sequence there is: nothing can replace it"
                  + " before it ends"));
    } else {
      entry.future.completeExceptionally(reason(entry.signing.failure));
    }
    if (!taken) {
      // Nobody has what would stop it.
      stop(id);
    }
  }

  private static DhtException reason(@Nullable Throwable signingFailure) {
    return signingFailure == null
        ? overloaded()
        : new DhtException.CannotSign("the key did not sign the record", signingFailure);
  }

  private void stop(long id) {
    publications.remove(id);
    try {
      var unused =
          orders.<Void>order(
              (engine, nowNanos, future) -> {
                engine.records().stopPublishing(id);
                future.complete(null);
              });
    } catch (DhtException.Closed e) {
      // With the node, all publications ended.
      return;
    }
  }

  /** Fails what is open, because the node has ended; on any thread. */
  void failOpen(DhtException.Closed reason) {
    failAll(lookups.values(), reason);
    failAll(pings.values(), reason);
    failAll(gets.values(), reason);
    failAll(blobs.values(), reason);
    failAll(puts.values(), reason);
    failAll(questions.values(), reason);
    // One by one: what the loop adds meanwhile is either failed here or stays for its own end.
    publications
        .values()
        .removeIf(
            entry -> {
              entry.future.completeExceptionally(reason);
              return true;
            });
  }

  /** Fails futures that will not be completed. */
  static <T> void failAll(Collection<CompletableFuture<T>> open, DhtException.Closed reason) {
    open.removeIf(
        future -> {
          future.completeExceptionally(reason);
          return true;
        });
  }

  /** Returns why a node did not take an order. */
  static DhtException exceptionFor(NodeHandle.Refusal refusal) {
    return switch (refusal) {
      case OVERLOADED -> new DhtException.Overloaded("the node's mailbox is full");
      case ENDED -> new DhtException.Closed("the node is closed");
    };
  }

  /** Has a service answer a query; fails if it does. */
  static CompletionStage<Effect.Result> serve(DhtService service, Effect.Serve query) {
    return service
        .handle(
            new DhtService.Query(
                query.method(), query.key(), query.sender(), query.from(), query.payload()))
        .thenApply(OpenCommands::resultOf);
  }

  private static Effect.Result resultOf(DhtService.Outcome outcome) {
    if (outcome instanceof DhtService.Refused refused) {
      return new Effect.Refused(refused.code(), refused.text());
    }
    return new Effect.Served(((DhtService.Answered) outcome).payload());
  }

  /** Returns a future for the user, who sees failures without the wrapping of chained stages. */
  static <T> CompletableFuture<T> handedOut(CompletableFuture<T> inner) {
    CompletableFuture<T> outer = new CompletableFuture<>();
    var unused =
        inner.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                outer.complete(value);
              } else {
                Throwable cause = failure.getCause();
                boolean wrapped = failure instanceof CompletionException && cause != null;
                outer.completeExceptionally(wrapped ? cause : failure);
              }
            });
    return outer;
  }
}
