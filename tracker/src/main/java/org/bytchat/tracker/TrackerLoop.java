package org.bytchat.tracker;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Method;
import org.bytchat.tracker.codec.Decoded;
import org.bytchat.tracker.codec.MessageCodec;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.engine.TrackerConfig;
import org.bytchat.tracker.engine.TrackerEffect;
import org.bytchat.tracker.engine.TrackerEngine;
import org.bytchat.tracker.engine.TrackerStats;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.session.CloseReason;
import org.bytchat.tracker.session.Session;
import org.bytchat.tracker.session.SessionListener;
import org.bytchat.tracker.store.GroupCommit;
import org.bytchat.tracker.store.MailboxStore;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drives a tracker's engine: one thread that owns it, pools that perform its effects. */
final class TrackerLoop implements SessionListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TrackerLoop.class);

  /** How many requests may wait for the engine; beyond them a session is told to come later. */
  private static final int REQUESTS_MAX = 16_384;

  /** How many bytes these may have. */
  private static final long REQUEST_BYTES_MAX = 64 << 20;

  private static final int BATCH_MAX = 256;
  private static final long CLOCK_NANOS = 1_000_000_000L;
  private static final long STOP_MILLIS = 1_000;
  private static final long NEIGHBOURS_NANOS = 60_000_000_000L;

  private final TrackerEngine engine;
  private final MessageCodec codec;
  private final Tools tools;
  private final int pageBytes;
  private final BlockingQueue<Runnable> inputs = new LinkedBlockingQueue<>();
  private final AtomicInteger waitingRequests = new AtomicInteger();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final Map<Long, Session> sessions = new LinkedHashMap<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final Thread thread;
  private long clockAtNanos;
  private volatile boolean closed;
  private volatile @Nullable PeerSessions peers;
  private long neighboursAtNanos;
  private final long neighboursEveryNanos;

  /**
   * What the effects are performed with.
   *
   * @param identity the tracker's key
   * @param store the mailboxes
   * @param writer commits to the store
   * @param readers threads that read the store
   * @param signers threads that sign and verify
   * @param lists where device lists are read
   */
  record Tools(
      NodeIdentity identity,
      MailboxStore store,
      GroupCommit writer,
      ExecutorService readers,
      ExecutorService signers,
      DeviceLists lists) {}

  TrackerLoop(TrackerConfig config, int networkId, Tools tools) throws StoreException {
    this.tools = tools;
    this.pageBytes = config.page().bytesMax();
    this.neighboursEveryNanos = Math.min(NEIGHBOURS_NANOS, config.repair().interval().toNanos());
    this.codec = new MessageCodec(tools.identity.scheme());
    this.engine = new TrackerEngine(config, networkId, tools.identity, secret(), this::send);
    long now = System.nanoTime();
    engine.adjustClock(System.currentTimeMillis(), now);
    clockAtNanos = now;
    engine.start(tools.store.stats(), now);
    this.thread = new Thread(this::run, "bytchat-tracker");
    thread.setDaemon(true);
  }

  private static byte[] secret() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return secret;
  }

  void start() {
    thread.start();
  }

  /** Begins to ask other trackers, and to give them copies. */
  void repairWith(PeerSessions sessions) {
    inputs.add(
        () -> {
          peers = sessions;
          neighboursAtNanos = System.nanoTime();
        });
  }

  /** Answers a {@code bind} or {@code find}. */
  CompletionStage<DhtService.Outcome> handle(DhtService.Query query) {
    CompletableFuture<DhtService.Outcome> outcome = new CompletableFuture<>();
    TrackerEngine.Query asked =
        new TrackerEngine.Query(
            query.method() == Method.BIND, query.key(), query.from(), query.payload());
    if (waitingRequests.incrementAndGet() > REQUESTS_MAX) {
      waitingRequests.decrementAndGet();
      outcome.complete(new DhtService.Refused(ErrorCode.BUSY, "too many requests wait"));
      return outcome;
    }
    inputs.add(
        () -> {
          waitingRequests.decrementAndGet();
          engine.handleQuery(
              asked,
              answer -> outcome.complete(new DhtService.Answered(answer.toBytes())),
              System.nanoTime());
        });
    return outcome;
  }

  @Override
  public void onOpen(Session session) {
    byte[] hash = session.handshakeHash();
    Endpoint source = session.source();
    inputs.add(
        () -> {
          sessions.put(session.id(), session);
          engine.handleOpened(session.id(), source, hash, System.nanoTime());
        });
  }

  @Override
  public void onFrame(Session session, byte[] frame) {
    Decoded<Request> decoded = codec.decodeRequest(frame);
    if (decoded instanceof Decoded.Message<Request> message) {
      request(session, message, frame.length);
    } else if (decoded instanceof Decoded.Malformed<Request> malformed) {
      refuse(session, malformed.requestId(), Refusal.MALFORMED, malformed.reason());
    } else {
      LOG.debug("A client sent what is no frame: {}", decoded);
      session.close();
    }
  }

  private void request(Session session, Decoded.Message<Request> message, int sizeBytes) {
    long requestId = message.requestId();
    Request request = message.message();
    if (request instanceof Request.Fetch && session.pendingBytes() > pageBytes) {
      refuse(session, requestId, Refusal.BUSY, "the page before is still being sent");
      return;
    }
    boolean isRoom = waitingBytes.addAndGet(sizeBytes) <= REQUEST_BYTES_MAX;
    if (waitingRequests.incrementAndGet() > REQUESTS_MAX || !isRoom) {
      waitingRequests.decrementAndGet();
      waitingBytes.addAndGet(-sizeBytes);
      refuse(session, requestId, Refusal.BUSY, "too many requests wait");
      return;
    }
    inputs.add(
        () -> {
          waitingRequests.decrementAndGet();
          waitingBytes.addAndGet(-sizeBytes);
          engine.handleRequest(session.id(), requestId, request, System.nanoTime());
        });
  }

  private void refuse(Session session, long requestId, Refusal refusal, String text) {
    transmit(session, codec.encode(requestId, new Response.Refused(refusal, text, null, 0)));
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    inputs.add(
        () -> {
          sessions.remove(session.id());
          engine.handleClosed(session.id(), System.nanoTime());
        });
  }

  /** Takes an answer of the engine, on its thread. */
  private void send(long id, long requestId, Response response) {
    Session session = sessions.get(id);
    if (session == null) {
      return;
    }
    try {
      if (response instanceof Response.Envelopes envelopes) {
        for (Response.Envelopes part : MessageCodec.split(envelopes.envelopes())) {
          transmit(session, codec.encode(requestId, part));
        }
      } else {
        transmit(session, codec.encode(requestId, response));
      }
    } catch (IllegalArgumentException e) {
      // A fault of ours, which is no reason to leave all others: nothing was decided on it.
      LOG.error("An answer of type {} has no frame", response.getClass().getSimpleName(), e);
      session.close();
    }
  }

  /** Who does not read what it asked for is left, so that nothing is missing in the middle. */
  private static void transmit(Session session, byte[] frame) {
    if (!session.send(frame)) {
      session.close();
    }
  }

  private void run() {
    List<Runnable> batch = new ArrayList<>();
    while (!closed) {
      try {
        long wait = engine.pollTimeoutNanos() - System.nanoTime();
        Runnable first = inputs.poll(Math.min(wait, CLOCK_NANOS), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          inputs.drainTo(batch, BATCH_MAX);
          batch.forEach(Runnable::run);
          batch.clear();
        }
        tick();
        performEffects();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        // A fault of ours: what is decided on a broken state would be worse than an end.
        LOG.error("The tracker ends, for a fault of its own", e);
        closed = true;
        sessions.values().forEach(Session::close);
        failure.complete(e);
        return;
      }
    }
  }

  private void tick() {
    long now = System.nanoTime();
    if (now - clockAtNanos >= CLOCK_NANOS) {
      clockAtNanos = now;
      engine.adjustClock(System.currentTimeMillis(), now);
    }
    PeerSessions known = peers;
    if (known != null && neighboursAtNanos <= now) {
      neighboursAtNanos = now + neighboursEveryNanos;
      CompletableFuture<List<Contact>> unused =
          known.trackers().whenComplete((trackers, failure) -> tellNeighbours(trackers));
    }
    if (engine.pollTimeoutNanos() <= now) {
      engine.handleTimeout(now);
    }
  }

  /** If the node could not say, those that were told before stay. */
  private void tellNeighbours(@Nullable List<Contact> trackers) {
    if (trackers != null) {
      inputs.add(() -> engine.handleNeighbours(trackers, System.nanoTime()));
    }
  }

  private void askPeer(TrackerEffect.AskPeer ask) {
    PeerSessions known = peers;
    if (known == null) {
      finish(ask.id(), new TrackerEffect.Failed(StoreException.Reason.CLOSED));
      return;
    }
    CompletableFuture<Response> unused =
        known
            .ask(ask.peer(), ask.request())
            .whenComplete(
                (response, failure) -> {
                  if (failure != null) {
                    // Others go offline as they like, so that this is no failure of the store.
                    LOG.debug("Tracker {} does not answer", ask.peer(), failure);
                  }
                  finish(
                      ask.id(),
                      failure == null
                          ? new TrackerEffect.PeerAnswered(response)
                          : new TrackerEffect.Failed(StoreException.Reason.CLOSED));
                });
  }

  private void performEffects() {
    TrackerEffect effect = engine.pollEffect();
    while (effect != null) {
      perform(effect);
      effect = engine.pollEffect();
    }
  }

  private void perform(TrackerEffect effect) {
    if (effect instanceof TrackerEffect.Commit commit) {
      Optional<CompletableFuture<Void>> done = tools.writer.submit(commit.changes());
      if (done.isPresent()) {
        CompletableFuture<Void> unused =
            done.get().whenComplete((nothing, failure) -> finish(commit.id(), outcome(failure)));
      } else {
        finish(commit.id(), new TrackerEffect.Failed(StoreException.Reason.IO));
      }
    } else if (effect instanceof TrackerEffect.Read read) {
      execute(tools.readers, read.id(), () -> read(read));
    } else if (effect instanceof TrackerEffect.Compute compute) {
      execute(tools.signers, compute.id(), () -> compute.perform(tools.identity));
    } else if (effect instanceof TrackerEffect.ReadUser user) {
      lists(user.owner())
          .whenComplete(
              (list, failure) ->
                  finish(
                      user.id(),
                      new TrackerEffect.UserRead(failure == null ? list.orElse(null) : null)));
    } else if (effect instanceof TrackerEffect.AskPeer ask) {
      askPeer(ask);
    } else {
      throw new AssertionError("an effect that is not known: " + effect.getClass());
    }
  }

  /** What throws is as good as nothing, such as a node that is closed before its tracker. */
  private CompletionStage<Optional<DeviceList>> lists(Owner owner) {
    try {
      return tools.lists.read(owner);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static TrackerEffect.Result outcome(@Nullable Throwable failure) {
    if (failure == null) {
      return new TrackerEffect.Committed();
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    LOG.warn("Mailboxes could not be written: {}", cause.getMessage());
    return new TrackerEffect.Failed(
        cause instanceof StoreException known ? known.reason() : StoreException.Reason.IO);
  }

  private TrackerEffect.Result read(TrackerEffect.Read read) {
    try {
      return read.perform(tools.store);
    } catch (StoreException e) {
      LOG.warn("Mailboxes could not be read: {}", e.getMessage());
      return new TrackerEffect.Failed(e.reason());
    }
  }

  /** Makes a result. */
  @FunctionalInterface
  private interface Job {
    TrackerEffect.Result run();
  }

  private void execute(ExecutorService pool, long id, Job job) {
    try {
      pool.execute(
          () -> {
            TrackerEffect.Result result = new TrackerEffect.Failed(StoreException.Reason.IO);
            try {
              result = job.run();
            } catch (RuntimeException e) {
              LOG.error("An effect failed for a fault of its own", e);
            } finally {
              finish(id, result);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("The tracker is closing", e);
    }
  }

  private void finish(long id, TrackerEffect.Result result) {
    inputs.add(() -> engine.handleEffect(id, result, System.nanoTime()));
  }

  /** Asks the engine, on its thread. */
  CompletableFuture<TrackerStats> stats() {
    CompletableFuture<TrackerStats> stats = new CompletableFuture<>();
    inputs.add(() -> stats.complete(engine.stats()));
    return stats;
  }

  /** Completes on the loop's thread when it ends for a fault of its own. */
  CompletableFuture<Throwable> failure() {
    return failure.copy();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
