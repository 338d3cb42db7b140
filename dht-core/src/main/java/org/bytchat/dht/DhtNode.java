package org.bytchat.dht;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apiguardian.api.API;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.runtime.NodeHandle;
import org.bytchat.dht.runtime.Rendezvous;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.dht.runtime.StateFolder;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.wire.Method;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kademlia node on UDP, to embed in an application.
 *
 * <p>Made by a {@link #builder}, started once, closed once. Safe for use by several threads.
 * Futures complete on the node's own thread, at its end perhaps on the one that closes it: what is
 * chained to them must not block, or be chained with the {@code …Async} methods. Their failures are
 * {@link DhtException}s.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class DhtNode implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DhtNode.class);

  private final DhtNodeBuilder settings;
  private final CompletableFuture<Integer> joined = new CompletableFuture<>();
  private final OpenCommands commands;
  private final Mainline mainline;

  /** The id if it is no longer that of the start. */
  private volatile @Nullable NodeId changedId;

  private final Object lifecycle = new Object();
  private volatile @Nullable Running running;
  private boolean started;
  private volatile boolean closed;

  /** What exists only while the node runs. */
  private record Running(
      NodeHandle handle, NodeIdentity identity, Resources resources, long startNanos) {

    void close() {
      handle.close();
      resources.close();
    }
  }

  /** What a node has for itself. */
  private record Resources(@Nullable StateFolder folder, @Nullable DhtRuntime runtime) {

    void close() {
      if (folder != null) {
        folder.close();
      }
      if (runtime != null) {
        runtime.close();
      }
    }
  }

  DhtNode(DhtNodeBuilder settings) {
    this.settings = settings;
    this.commands =
        new OpenCommands(this::order, settings.listener, settings.config.store().ttlDefault());
    this.mainline = new Mainline(this::order);
  }

  /**
   * Begins a node.
   *
   * @return a builder with the defaults
   */
  public static DhtNodeBuilder builder() {
    return new DhtNodeBuilder();
  }

  /**
   * Binds the sockets, opens the data folder and starts to join the network. May be called again
   * after it failed.
   *
   * @return this node
   * @throws DhtException.CannotStart if a port is in use or the data folder cannot be used
   * @throws DhtException.Closed if the node was closed, before or meanwhile
   * @throws IllegalStateException if it was started before
   */
  public DhtNode start() {
    synchronized (lifecycle) {
      if (closed) {
        throw new DhtException.Closed("the node is closed");
      }
      if (started) {
        throw new IllegalStateException("the node was started before");
      }
      started = true;
    }
    // Not under the lock: a listener may close the node on a loop that this waits for.
    try {
      begin();
      return this;
    } catch (IOException | UncheckedIOException | StateFolder.StateException e) {
      if (closed) {
        throw new DhtException.Closed("the node was closed while it started");
      }
      throw new DhtException.CannotStart(String.valueOf(e.getMessage()), e);
    }
  }

  private void begin() throws IOException {
    Owner owner = new Owner();
    StateFolder folder = null;
    DhtRuntime own = null;
    NodeHandle handle = null;
    boolean begun = false;
    try {
      folder = settings.data == null ? null : StateFolder.open(settings.data);
      if (folder != null) {
        folder.claim(settings.config.dialect());
      }
      NodeIdentity identity = settings.identity(folder);
      List<Contact> lastContacts = folder == null ? List.of() : folder.readContacts();
      own = settings.runtime == null ? DhtRuntime.start(1, 1) : null;
      handle = open(own, new NodeStart(identity, folder, owner));
      handle.restore();
      // Listeners that are told of the first events may use the node already.
      setRunning(new Running(handle, identity, new Resources(folder, own), System.nanoTime()));
      handle.begin(lastContacts);
      begun = true;
    } finally {
      if (!begun) {
        abandon(owner);
        if (handle != null) {
          handle.close();
        }
        new Resources(folder, own).close();
        synchronized (lifecycle) {
          started = false;
        }
      }
    }
  }

  /** What the handle is made with. */
  private record NodeStart(NodeIdentity identity, @Nullable StateFolder folder, Owner owner) {}

  private NodeHandle open(@Nullable DhtRuntime own, NodeStart start) throws IOException {
    DhtRuntime runtime = settings.runtime;
    if (runtime == null) {
      runtime = Objects.requireNonNull(own);
    }
    return NodeHandle.open(
        runtime,
        settings.bindAddresses(),
        new NodeHandle.Start(
            start.identity,
            settings.effectiveConfig(),
            settings.bootstrap,
            settings.mainlineEntries,
            start.folder,
            start.owner));
  }

  private void setRunning(Running now) throws IOException {
    synchronized (lifecycle) {
      if (closed) {
        throw new IOException("the node is closed");
      }
      running = now;
    }
  }

  /** Has what a failed start leaves end as if it had not been there. */
  private void abandon(Owner owner) {
    synchronized (lifecycle) {
      running = null;
      owner.abandoned = !closed;
    }
  }

  /** Hears the node, on its loop. */
  private final class Owner implements NodeHandle.Owner {

    /** Whether the start failed: then the node may still join, after another. */
    private volatile boolean abandoned;

    @Override
    public void onEvent(EngineEvent event) {
      if (event instanceof EngineEvent.Joined reached) {
        joined.complete(reached.contacts());
        tell(new DhtEvent.Joined(reached.contacts()));
      } else if (event instanceof EngineEvent.OutageBegan) {
        tell(new DhtEvent.OutageBegan());
      } else if (event instanceof EngineEvent.OutageEnded) {
        tell(new DhtEvent.OutageEnded());
      } else if (event instanceof EngineEvent.ReachabilityChanged changed) {
        tell(new DhtEvent.ReachabilityChanged(changed.reachable()));
      } else if (event instanceof EngineEvent.ExternalEndpoint external) {
        tell(new DhtEvent.ExternalAddress(Sockets.toSocket(external.endpoint())));
      } else if (event instanceof EngineEvent.IdChanged change) {
        changedId = change.id();
        tell(new DhtEvent.IdChanged(change.id()));
      } else if (!mainline.onEvent(event)) {
        commands.onEvent(event);
      }
    }

    @Override
    public void onRendezvous(Rendezvous.Outcome outcome) {
      tell(new DhtEvent.RendezvousEnded(outcome.found(), outcome.announcedTo()));
    }

    private void tell(DhtEvent event) {
      settings.listener.accept(event);
    }

    @Override
    public CompletionStage<Effect.Result> serve(Effect.Serve query) {
      DhtService service = settings.service;
      return service == null
          ? NodeHandle.Owner.super.serve(query)
          : OpenCommands.serve(service, query);
    }

    @Override
    public void onEnd() {
      if (abandoned) {
        failOpen(new DhtException.Closed("the node could not be started"));
      } else {
        end();
      }
    }
  }

  private void end() {
    DhtException.Closed reason = new DhtException.Closed("the node is closed");
    joined.completeExceptionally(reason);
    failOpen(reason);
  }

  private void failOpen(DhtException.Closed reason) {
    commands.failOpen(reason);
    mainline.failOpen(reason);
  }

  /**
   * Returns the node's id.
   *
   * @return the id
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public NodeId id() {
    NodeId start = running().identity.id();
    NodeId changed = changedId;
    return changed == null ? start : changed;
  }

  /**
   * Returns the node's key, with which it can sign what it says as this node.
   *
   * @return the identity; its id is that of the start
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public NodeIdentity identity() {
    return running().identity;
  }

  /**
   * Returns where the node is bound.
   *
   * @return one address for each socket, with its true port
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public List<InetSocketAddress> localAddresses() {
    return running().handle.localAddresses();
  }

  /**
   * Tells when the node has found its network.
   *
   * @return completes with the number of neighbours that the first lookups of the own id found; not
   *     before there are any, and fails with {@link DhtException.Closed} if the node is closed
   *     first
   */
  public CompletableFuture<Integer> joined() {
    return OpenCommands.handedOut(joined);
  }

  /**
   * Looks up the k nodes closest to a key, in each address family that the node is in.
   *
   * @param target the key
   * @return what was found; fails with {@link DhtException.NoPeers} if nobody answered, {@link
   *     DhtException.Overloaded} if too many lookups wait, {@link DhtException.Closed}
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public CompletableFuture<LookupResult> lookup(NodeId target) {
    return lookup(target, 0);
  }

  /**
   * Looks up the k nodes closest to a key that offer services, in each address family that the node
   * is in. Whoever looks finds the same.
   *
   * @param target the key
   * @param services the service bits that each must have, see {@link
   *     org.bytchat.dht.wire.Services}; 0 to 255, 0 for any node
   * @return what was found, perhaps nobody; fails as {@link #lookup(NodeId)} does
   * @throws IllegalArgumentException if the services are out of range
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public CompletableFuture<LookupResult> lookup(NodeId target, int services) {
    if (services < 0 || services > 0xff) {
      throw new IllegalArgumentException("service bits must be in 0..255: " + services);
    }
    int limit = settings.config.routing().bucketSize();
    return commands.lookup(target, services, running().handle.families(), limit);
  }

  /**
   * Asks the service of a node something; it may be heard twice, as answers get lost.
   *
   * @param to the node, as a lookup found it
   * @param method {@link Method#BIND} or {@link Method#FIND}
   * @param key the place that it is about
   * @param payload up to 1,000 bytes, in which the DHT does not look
   * @return what the service answered; fails with {@link DhtException.Refused} if it refused, or
   *     there is none, {@link DhtException.Timeout} if the node did not answer, {@link
   *     DhtException.Overloaded}, {@link DhtException.Closed}, or {@link IllegalArgumentException}
   *     if the method or the length is another, or the node does not talk to such addresses
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public CompletableFuture<byte[]> request(Contact to, Method method, NodeId key, byte[] payload) {
    return commands.request(to, method, key, payload.clone());
  }

  /**
   * Pings whoever is at an address.
   *
   * @param address a resolved address
   * @return who answered; fails with {@link DhtException.Timeout} if nobody did, {@link
   *     DhtException.Overloaded}, {@link DhtException.Closed}, or {@link IllegalArgumentException}
   *     if the node does not talk to such addresses in its scope
   * @throws IllegalArgumentException if the address is not resolved
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public CompletableFuture<PingResult> ping(InetSocketAddress address) {
    return commands.ping(Sockets.toEndpoint(address));
  }

  /**
   * Reads the newest record of a place, its signature verified.
   *
   * @param place the record's key
   * @return the record, or nothing if those who answered have none; fails with {@link
   *     DhtException.NoPeers} if nobody answered, {@link DhtException.Overloaded}, {@link
   *     DhtException.Closed}
   */
  public CompletableFuture<Optional<MutableRecord>> get(NodeId place) {
    return commands.get(place);
  }

  /**
   * Stores a signed record once, at the r nodes closest to its key.
   *
   * @param signed the record; it is for its holders to verify the signature
   * @return what each node did; fails with {@link DhtException.NoPeers} if no node was found,
   *     {@link DhtException.Overloaded}, {@link DhtException.Closed}
   */
  public CompletableFuture<PutResult> put(MutableRecord signed) {
    return commands.put(signed, StorePut.ANY_SEQUENCE);
  }

  /**
   * Stores a signed record as {@link #put(MutableRecord)} does, in the place of a certain one.
   *
   * @param signed the record
   * @param expectedSequence the sequence that it shall replace, 0 for none; a node that knows
   *     another refuses
   * @return as for {@link #put(MutableRecord)}
   * @throws IllegalArgumentException if the sequence is negative
   */
  public CompletableFuture<PutResult> put(MutableRecord signed, long expectedSequence) {
    if (expectedSequence < 0) {
      throw new IllegalArgumentException("no sequence: " + expectedSequence);
    }
    return commands.put(signed, expectedSequence);
  }

  /**
   * Reads a blob.
   *
   * @param reference what a record says of it
   * @return the content; fails with {@link DhtException.NotFound} if chunks are missing, {@link
   *     DhtException.Invalid} if it was made wrongly, {@link DhtException.Overloaded}, {@link
   *     DhtException.Closed}
   */
  public CompletableFuture<byte[]> blob(BlobReference reference) {
    return commands.blob(reference);
  }

  /**
   * Reads a user's profile and its avatar.
   *
   * @param uid the user
   * @return the profile, without its avatar if only that cannot be read; or nothing; fails as
   *     {@link #get} does, and with {@link DhtException.Invalid} if the record is no profile
   */
  public CompletableFuture<Optional<Profile.Found>> profile(Uid uid) {
    return commands.profile(uid);
  }

  /**
   * Publishes a profile, and again at half its life until it is stopped or the node closed.
   *
   * @param key the user's key, kept until then
   * @param uidVersion of the UID that it is found by, 1 or 2
   * @param profile the profile
   * @return completes when it was put for the first time, also if fewer than w nodes stored it;
   *     fails, and publishes nothing, with {@link DhtException.NoPeers} if no node was found,
   *     {@link DhtException.Invalid} if what is there has the highest sequence there is, {@link
   *     DhtException.CannotSign}, {@link DhtException.Overloaded}, {@link DhtException.Closed}
   * @throws IllegalArgumentException if there is no such version
   */
  public CompletableFuture<Published> publish(UserKey key, int uidVersion, Profile profile) {
    return commands.publish(key, uidVersion, profile);
  }

  /**
   * Publishes any record as {@link #publish(UserKey, int, Profile)} does a profile.
   *
   * @param label at most 32 lower-case letters, digits and hyphens; empty for the user's own place
   * @param value the content, with which the record has at most 1,000 bytes
   * @param blob what the value names by {@link BlobReference}, stored first; empty for none
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public CompletableFuture<Published> publish(
      UserKey key, int uidVersion, String label, byte[] value, byte[] blob) {
    return commands.publish(key, uidVersion, label, value, blob);
  }

  /**
   * Returns the node's state.
   *
   * @return the state; fails with {@link DhtException.Overloaded} or {@link DhtException.Closed}
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public CompletableFuture<DhtStats> stats() {
    Running now = running();
    return order(
        (engine, nowNanos, future) ->
            future.complete(
                new DhtStats(
                    engine.id(),
                    Duration.ofNanos(nowNanos - now.startNanos),
                    engine.stats(),
                    now.handle.sendsDropped())));
  }

  /**
   * Returns the contacts of the node's tables.
   *
   * @return the contacts; fails with {@link DhtException.Overloaded} or {@link DhtException.Closed}
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public CompletableFuture<List<Contact>> contacts() {
    return order((engine, nowNanos, future) -> future.complete(engine.contacts()));
  }

  /**
   * Returns the contacts of the node's second tables: those that offer services it offers itself.
   *
   * @param services service bits, all of which are offered
   * @return the contacts, none in a node without services; fails as {@link #contacts()}
   */
  public CompletableFuture<List<Contact>> contacts(int services) {
    return order((engine, nowNanos, future) -> future.complete(engine.contacts(services)));
  }

  /**
   * Tells the node that the host's network changed, so that it rejoins soon.
   *
   * @return completes when the node knows; fails with {@link DhtException.Overloaded} or {@link
   *     DhtException.Closed}
   * @throws DhtException.Closed if the node was not started or is closed
   */
  public CompletableFuture<Void> networkChanged() {
    return order(
        (engine, nowNanos, future) -> {
          engine.handleNetworkChange(nowNanos);
          future.complete(null);
        });
  }

  /**
   * Returns what a node of Mainline's dialect can be asked beyond lookups and pings.
   *
   * @return the commands; on a node of our own dialect each of them fails with {@link
   *     IllegalStateException}
   */
  public Mainline mainline() {
    return mainline;
  }

  private <T> CompletableFuture<T> order(OpenCommands.Order<T> order) {
    CompletableFuture<T> future = new CompletableFuture<>();
    running()
        .handle
        .execute(
            (engine, nowNanos) -> {
              try {
                order.give(engine, nowNanos, future);
              } catch (RuntimeException e) {
                future.completeExceptionally(e);
              }
            },
            refusal -> future.completeExceptionally(OpenCommands.exceptionFor(refusal)));
    return future;
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new DhtException.Closed(closed ? "the node is closed" : "the node was not started");
    }
    return now;
  }

  /**
   * Stops the node: keeps its contacts, closes its sockets and fails what is still open with {@link
   * DhtException.Closed}. Nothing happens if it is closed. Called on a node's own thread, it
   * returns before the node has ended.
   */
  @Override
  public void close() {
    Running last;
    synchronized (lifecycle) {
      if (closed) {
        return;
      }
      closed = true;
      last = running;
      running = null;
    }
    if (last == null) {
      end();
    } else if (DhtRuntime.isLoopThread()) {
      Thread closer = new Thread(() -> close(last), "bytchat-closer");
      closer.start();
    } else {
      close(last);
    }
  }

  private void close(Running last) {
    StateFolder folder = last.resources.folder;
    try {
      if (folder != null) {
        last.handle.keepContacts(folder);
      }
    } catch (StateFolder.StateException e) {
      LOG.warn("{}", e.getMessage());
    } finally {
      last.close();
      // The loop did it, unless it had ended before, or is blocked by a listener.
      end();
    }
  }
}
