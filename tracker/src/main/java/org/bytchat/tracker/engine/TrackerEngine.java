package org.bytchat.tracker.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreStats;
import org.jspecify.annotations.Nullable;

/**
 * A tracker as a deterministic state machine: it opens no socket and no file, starts no thread and
 * reads no clock. Not thread-safe: one driver owns it.
 *
 * <p>Inputs are sessions, their requests, the results of effects, and the time; answers go to the
 * {@link Outbox} at once. After any input the driver takes all {@link #pollEffect effects} and the
 * next {@link #pollTimeoutNanos deadline}. Time is monotonic nanoseconds and never goes backwards.
 * No request makes a method throw.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class TrackerEngine {

  private final Desk desk;
  final Mailboxes mailboxes;
  private final Owners owners;
  private final Deposits deposits;
  private final Fetches fetches;
  private final Custody custody;
  private final Deletions deletions;
  private final IdleMailboxes idleMailboxes;
  private final Bindings bindings;
  private final Neighbours neighbours;
  private final PeerRequests peerRequests;
  private final Repairs repairs;
  private final Sources sources;
  private final Map<Long, ClientSession> sessions = new LinkedHashMap<>();

  /** Takes answers. */
  @FunctionalInterface
  public interface Outbox {

    /**
     * Sends an answer.
     *
     * @param session the session that asked
     * @param requestId its request
     * @param response the answer, or a part of it
     */
    void send(long session, long requestId, Response response);
  }

  /**
   * Makes a tracker; nothing happens before {@link #start}.
   *
   * @param config its limits
   * @param networkId the network
   * @param identity its key; used for its public part and its scheme, signing is an effect
   * @param secret 32 random bytes of this life, of which nonces are made
   * @param outbox takes answers
   */
  public TrackerEngine(
      TrackerConfig config, int networkId, NodeIdentity identity, byte[] secret, Outbox outbox) {
    this.desk = new Desk(config, networkId, identity, outbox);
    this.sources = new Sources(desk);
    this.mailboxes = new Mailboxes(desk, identity.scheme(), new Loaded());
    this.owners = new Owners(desk, mailboxes, new Lists());
    this.fetches = new Fetches(desk, owners);
    this.deposits = new Deposits(desk, owners, mailboxes, fetches::onArrived);
    this.deletions = new Deletions(desk, mailboxes, owners, deposits::onGone);
    this.idleMailboxes = new IdleMailboxes(desk, mailboxes, owners, this::isUsed);
    this.bindings = new Bindings(desk, mailboxes, owners, secret);
    this.custody = new Custody(desk, owners, mailboxes, deletions);
    this.neighbours = new Neighbours(desk.tracker, config.repair());
    this.peerRequests = new PeerRequests(desk, owners, neighbours);
    this.repairs =
        new Repairs(
            desk,
            neighbours,
            new MailboxRepair.Tools(
                mailboxes,
                owners,
                deposits,
                custody,
                deletions,
                new RefusedCopies(desk),
                new LastingDifferences(desk)));
  }

  /** Hears of device lists. */
  private final class Lists implements Owners.Listener {

    @Override
    public void onListChanged(Mailbox mailbox) {
      deletions.plan(mailbox);
    }

    @Override
    public void onFork(Mailbox mailbox) {
      fetches.onArrived(mailbox);
    }
  }

  /** Hears of mailboxes that come into memory and go. */
  private final class Loaded implements Mailboxes.Listener {

    @Override
    public void onLoaded(Mailbox mailbox) {
      deletions.onLoaded(mailbox);
    }

    @Override
    public void onDropped(Mailbox mailbox) {
      deletions.onDropped(mailbox);
    }

    @Override
    public boolean isNeeded(Mailbox mailbox) {
      return fetches.isAwaited(mailbox.key);
    }
  }

  private boolean isUsed(Mailbox mailbox) {
    return fetches.isAwaited(mailbox.key) || bindings.isBound(mailbox.key);
  }

  /**
   * Tells the time of the world. To be told before {@link #start}, and again often enough that a
   * clock that is set is noticed.
   *
   * @param wallMillis milliseconds since 1970
   * @param now the time
   */
  public void adjustClock(long wallMillis, long now) {
    desk.nowNanos = now;
    desk.adjustClock(wallMillis);
  }

  /**
   * Starts the tracker.
   *
   * @param stored what is on disk
   * @param now the time
   */
  public void start(StoreStats stored, long now) {
    desk.nowNanos = now;
    mailboxes.start(stored.mailboxes());
    deposits.start(stored.envelopeBytes());
    deletions.start();
    idleMailboxes.start();
  }

  /**
   * A session is open.
   *
   * @param session names it; never used twice
   * @param source what stands for where it comes from, null if that is to have no limits of its own
   * @param handshakeHash what no other session has, 32 bytes
   * @param now the time
   */
  public void handleOpened(
      long session, @Nullable Endpoint source, byte[] handshakeHash, long now) {
    desk.nowNanos = now;
    sessions.put(session, new ClientSession(session, sources.of(source), handshakeHash));
  }

  /**
   * A session is closed.
   *
   * @param session names it
   * @param now the time
   */
  public void handleClosed(long session, long now) {
    desk.nowNanos = now;
    ClientSession closed = sessions.remove(session);
    if (closed != null) {
      closed.closed = true;
      fetches.onClosed(closed);
    }
  }

  /**
   * Handles a request.
   *
   * @param session the session that it came in; nothing happens if that is closed
   * @param requestId what the answers name it by
   * @param request the request
   * @param now the time
   */
  public void handleRequest(long session, long requestId, Request request, long now) {
    desk.nowNanos = now;
    desk.count(TrackerCounter.REQUESTS);
    ClientSession from = sessions.get(session);
    if (from == null) {
      return;
    }
    if (from.underWayCount >= desk.config.load().requestsMax()) {
      refuse(session, requestId, "a session has %d requests at once".formatted(from.underWayCount));
      return;
    }
    if (!from.source.mayAsk()) {
      desk.count(TrackerCounter.REFUSED_SOURCE);
      refuse(session, requestId, "too much is under way for this address");
      return;
    }
    // A request may take a few effects, one after the other.
    if (!desk.hasRoomFor(1)) {
      refuse(session, requestId, "too much is under way");
      return;
    }
    dispatch(new Call(desk, from, requestId), request);
  }

  private void refuse(long session, long requestId, String text) {
    desk.send(session, requestId, new Response.Refused(Refusal.BUSY, text, null, 0));
  }

  private void dispatch(Call call, Request request) {
    if (request instanceof Request.Deposit deposit) {
      deposits.deposit(call, deposit);
    } else if (request instanceof Request.Fetch fetch) {
      fetches.fetch(call, fetch);
    } else if (request instanceof Request.PutAcks acks) {
      custody.acknowledge(call, acks.batch());
    } else if (request instanceof Request.Prove prove) {
      custody.prove(call, prove);
    } else if (request instanceof Request.Open open) {
      owners.open(call, open);
    } else if (request instanceof Request.PutDevices devices) {
      owners.putDevices(call, devices);
    } else if (request instanceof Request.PutDeliveryKeys keys) {
      owners.putKeys(call, keys);
    } else if (request instanceof Request.Info) {
      call.answer(
          new Response.Info(
              desk.wallMillis(), deposits.stampBits(), desk.config.page().envelopesMax()));
    } else {
      dispatchPeer(call, request);
    }
  }

  private void dispatchPeer(Call call, Request request) {
    if (request instanceof Request.Peer peer) {
      peerRequests.greet(call, peer);
    } else if (request instanceof Request.ListMailboxes list) {
      peerRequests.list(call, list);
    } else if (request instanceof Request.Compare compare) {
      peerRequests.compare(call, compare);
    } else if (request instanceof Request.PullOwner pull) {
      peerRequests.pullOwner(call, pull);
    } else if (request instanceof Request.Pull pull) {
      peerRequests.pull(call, pull);
    } else {
      throw new AssertionError("a request that is not known: " + request.getClass());
    }
  }

  /**
   * A {@code bind} or {@code find}, which come over UDP.
   *
   * @param isBind which of them
   * @param mailbox the place that it is for
   * @param from where it came from
   * @param payload its payload
   */
  public record Query(boolean isBind, NodeId mailbox, Endpoint from, byte[] payload) {}

  /**
   * Handles a {@code bind} or {@code find}.
   *
   * @param query what is asked
   * @param answer takes the payload of the answer, now or later, exactly once
   * @param now the time
   */
  public void handleQuery(Query query, Consumer<BindingAnswer> answer, long now) {
    desk.nowNanos = now;
    bindings.handle(query, answer);
  }

  /**
   * Tells which trackers there are around here: all that the node's own table has, each of which
   * has answered it. Mailboxes are taken from and given to those among them that are close enough.
   *
   * @param trackers in any order, this one not among them; replaces what was told before
   * @param now the time
   */
  public void handleNeighbours(List<Contact> trackers, long now) {
    desk.nowNanos = now;
    neighbours.update(trackers);
    repairs.onNeighbours();
  }

  /**
   * Takes the result of an effect; one that is unknown is ignored.
   *
   * @param id the effect's id
   * @param result what came of it
   * @param now the time
   */
  public void handleEffect(long id, TrackerEffect.Result result, long now) {
    desk.nowNanos = now;
    desk.handleEffect(id, result);
  }

  /**
   * Handles everything whose deadline has come.
   *
   * @param now the time
   */
  public void handleTimeout(long now) {
    desk.nowNanos = now;
    fetches.handleTimeout();
    deletions.handleTimeout();
    idleMailboxes.handleTimeout();
    bindings.handleTimeout();
    repairs.handleTimeout();
  }

  /**
   * Takes the next effect to perform.
   *
   * @return an effect, or null if there is none
   */
  public @Nullable TrackerEffect pollEffect() {
    return desk.pollEffect();
  }

  /**
   * Returns when {@link #handleTimeout} is to be called next.
   *
   * @return monotonic nanoseconds, {@link Long#MAX_VALUE} for never
   */
  public long pollTimeoutNanos() {
    long next = Math.min(fetches.nextNanos(), deletions.nextNanos());
    next = Math.min(next, idleMailboxes.nextNanos());
    return Math.min(next, Math.min(bindings.nextNanos(), repairs.nextNanos()));
  }

  /**
   * Returns the tracker's id.
   *
   * @return the id of its key
   */
  public NodeId id() {
    return desk.tracker;
  }

  /**
   * Returns the tracker's state at this moment.
   *
   * @return the state
   */
  public TrackerStats stats() {
    int open = (int) sessions.values().stream().filter(session -> session.device != null).count();
    return new TrackerStats(
        sessions.size(),
        open,
        mailboxes.count(),
        mailboxes.entryCount(),
        desk.pendingEffectCount(),
        fetches.waitingCount(),
        bindings.count(),
        neighbours.count(),
        deposits.stampBits(),
        desk.counters());
  }
}
