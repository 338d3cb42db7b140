package org.bytchat.tracker.client;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.QuorumEffect;
import org.bytchat.tracker.quorum.QuorumEngine;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drives the engines of a client: one thread that owns them, others that perform effects. */
final class MailLoop implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MailLoop.class);

  private static final int BATCH_MAX = 256;
  private static final long CLOCK_NANOS = 1_000_000_000L;
  private static final long SWEEP_NANOS = 10_000_000_000L;
  private static final long STOP_MILLIS = 2_000;
  private static final long DELIVER_SECONDS = 60;

  private final MailClient.Setup setup;
  private final SessionPool pool;
  private final MailStore store;
  private final List<QuorumEngine> engines;
  private final Events events;
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final BlockingQueue<Runnable> inputs = new LinkedBlockingQueue<>();
  private final ExecutorService keeper = pool("bytchat-mail-store", 1);
  private final ExecutorService signers = pool("bytchat-mail-signer", 1);
  private final ExecutorService stampers;
  private final Thread thread = new Thread(this::run, "bytchat-mail");
  private long clockAtNanos;
  private long sweptAtNanos;
  private volatile boolean closed;

  /** Hears the loop, on its thread. */
  interface Events {

    /** The engines may have events. */
    void onEvents();

    /** Nothing more happens. */
    void onEnd();
  }

  /**
   * Makes a loop that does not run yet.
   *
   * @param events takes the events of the engines
   */
  MailLoop(
      MailClient.Setup setup,
      SessionPool pool,
      MailStore store,
      List<QuorumEngine> engines,
      Events events) {
    this.setup = setup;
    this.pool = pool;
    this.store = store;
    this.engines = engines;
    this.events = events;
    this.stampers = pool("bytchat-mail-stamps", setup.config().outbox().stampsMax());
    thread.setDaemon(true);
  }

  private static ExecutorService pool(String name, int threads) {
    return Executors.newFixedThreadPool(
        threads, new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
  }

  /** Runs; the first thing that it does is the order given. */
  void start(Runnable first) {
    inputs.add(first);
    thread.start();
  }

  /** Something to be done on the loop's thread, or refused if that has ended. */
  interface Order extends Runnable {
    void refuse();
  }

  void execute(Order order) {
    inputs.add(order);
    if (closed && inputs.remove(order)) {
      order.refuse();
    }
  }

  /** Refuses what will not be done any more. */
  private void refuseAll() {
    Runnable left = inputs.poll();
    while (left != null) {
      refuse(left);
      left = inputs.poll();
    }
  }

  private static void refuse(Runnable left) {
    if (left instanceof Order order) {
      order.refuse();
    }
  }

  /** Completes with what has ended the loop, if nobody closed it. */
  CompletableFuture<Throwable> failure() {
    return failure;
  }

  private void run() {
    Deque<Runnable> batch = new ArrayDeque<>();
    Throwable fault = null;
    try {
      while (!closed) {
        turn(batch);
      }
    } catch (InterruptedException e) {
      fault = closed ? null : e;
    } catch (RuntimeException | Error e) {
      // A fault of ours: what is decided on a broken state would be worse than an end.
      fault = e;
    } finally {
      closed = true;
      if (fault != null) {
        LOG.error("The mail client ends, for a fault of its own", fault);
        pool.close();
      }
      batch.forEach(MailLoop::refuse);
      refuseAll();
      events.onEnd();
      if (fault != null) {
        failure.complete(fault);
      }
    }
  }

  private void turn(Deque<Runnable> batch) throws InterruptedException {
    long wait = nextNanos() - System.nanoTime();
    Runnable next = inputs.poll(Math.min(wait, CLOCK_NANOS), TimeUnit.NANOSECONDS);
    if (next != null) {
      batch.add(next);
      inputs.drainTo(batch, BATCH_MAX);
    }
    while (!batch.isEmpty()) {
      // Removed only then: what it was to answer is refused if it throws.
      batch.element().run();
      batch.remove();
    }
    tick();
    // First: the disk may forget a parcel only when its end was told.
    events.onEvents();
    engines.forEach(this::performEffects);
  }

  private long nextNanos() {
    long next = Long.MAX_VALUE;
    for (QuorumEngine engine : engines) {
      next = Math.min(next, engine.pollTimeoutNanos());
    }
    return next;
  }

  private void tick() {
    long now = System.nanoTime();
    boolean isClockDue = now - clockAtNanos >= CLOCK_NANOS;
    for (QuorumEngine engine : engines) {
      if (isClockDue) {
        clockAtNanos = now;
        engine.adjustClock(System.currentTimeMillis(), now);
      }
      if (engine.pollTimeoutNanos() <= now) {
        engine.handleTimeout(now);
      }
    }
    if (now - sweptAtNanos >= SWEEP_NANOS) {
      sweptAtNanos = now;
      pool.sweep(now);
    }
  }

  private void performEffects(QuorumEngine engine) {
    QuorumEffect effect = engine.pollEffect();
    while (effect != null) {
      perform(engine, effect);
      effect = engine.pollEffect();
    }
  }

  private void perform(QuorumEngine engine, QuorumEffect effect) {
    try {
      if (effect instanceof QuorumEffect.FindTrackers find) {
        finish(engine, find.id(), find(find));
      } else if (effect instanceof QuorumEffect.Ask ask) {
        finish(engine, ask.id(), ask(ask));
      } else if (effect instanceof QuorumEffect.Open open) {
        finish(engine, open.id(), open(open));
      } else if (effect instanceof QuorumEffect.Bind bind) {
        finish(engine, bind.id(), bind(bind));
      } else if (effect instanceof QuorumEffect.Deliver deliver) {
        finish(engine, deliver.id(), deliver(deliver.envelope()));
      } else if (effect instanceof QuorumEffect.Compute compute) {
        finish(engine, effect.id(), run(signers, () -> compute.perform(setup.scheme())));
      } else if (effect instanceof QuorumEffect.SignAcks acks) {
        finish(engine, acks.id(), run(signers, () -> sign(acks)));
      } else if (effect instanceof QuorumEffect.Admit admit) {
        ExecutorService by = admit.deliveryKey() == null ? stampers : signers;
        finish(engine, admit.id(), run(by, () -> admit(admit)));
      } else if (effect instanceof QuorumEffect.Keep keep) {
        finish(engine, keep.id(), run(keeper, () -> keep(keep)));
      } else {
        throw new AssertionError("an effect that is not known: " + effect.getClass());
      }
    } catch (RuntimeException e) {
      // A node that is closed throws; the client may outlive it for a moment.
      LOG.debug("An effect failed at once", e);
      finish(engine, effect.id(), CompletableFuture.failedFuture(e));
    }
  }

  private void finish(
      QuorumEngine engine, long id, CompletionStage<? extends QuorumEffect.Result> stage) {
    stage.whenComplete(
        (result, failure) -> {
          QuorumEffect.Result done = failure == null ? result : lost(failure);
          inputs.add(() -> engine.handleEffect(id, done, System.nanoTime()));
        });
  }

  private static QuorumEffect.Result lost(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String text = cause.getMessage();
    return new QuorumEffect.Lost(text == null ? cause.getClass().getSimpleName() : text);
  }

  private static CompletableFuture<QuorumEffect.Result> run(ExecutorService executor, Job job) {
    CompletableFuture<QuorumEffect.Result> done = new CompletableFuture<>();
    try {
      executor.execute(
          () -> {
            try {
              done.complete(job.run());
            } catch (Throwable e) {
              // Whatever it is: an effect that nobody answers would hold its place for ever.
              LOG.error("An effect failed for a fault of its own", e);
              done.complete(new QuorumEffect.Failed("a fault"));
            }
          });
    } catch (RejectedExecutionException e) {
      done.complete(new QuorumEffect.Failed("the client is closing"));
    }
    return done;
  }

  /** Makes a result. */
  @FunctionalInterface
  private interface Job {
    QuorumEffect.Result run();
  }

  private CompletionStage<QuorumEffect.Result> find(QuorumEffect.FindTrackers find) {
    return setup
        .node()
        .lookup(find.mailbox(), Services.TRACKER)
        .handle(
            (found, failure) -> {
              List<Contact> closest =
                  failure == null ? new ArrayList<>(found.closest()) : new ArrayList<>();
              closest.sort(
                  Comparator.comparing(contact -> find.mailbox().distanceTo(contact.id())));
              Map<String, Contact> once = new LinkedHashMap<>();
              closest.forEach(contact -> once.putIfAbsent(contact.id().toString(), contact));
              return new QuorumEffect.Trackers(once.values().stream().limit(find.count()).toList());
            });
  }

  // Sessions

  private CompletionStage<QuorumEffect.Result> ask(QuorumEffect.Ask ask) {
    Request request = ask.request();
    SessionPool.Key key = key(ask);
    if (request instanceof Request.Fetch fetch) {
      return pool.use(
          ask.tracker(), key, fetch.waitMillis(), connection -> fetch(connection, fetch));
    }
    return pool.use(
        ask.tracker(),
        key,
        0,
        connection -> connection.request(request).thenApply(QuorumEffect.Answered::new));
  }

  /** Deposits and their proofs are asked for by nobody in particular. */
  private SessionPool.Key key(QuorumEffect.Ask ask) {
    Request request = ask.request();
    if (request instanceof Request.Deposit deposit) {
      return new SessionPool.Key(ask.tracker().id(), deposit.envelope().mailbox(), false);
    } else if (request instanceof Request.Prove prove) {
      return new SessionPool.Key(ask.tracker().id(), prove.mailbox(), false);
    }
    return new SessionPool.Key(ask.tracker().id(), account().owner().mailbox(), true);
  }

  private MailClient.Account account() {
    MailClient.Account account = setup.account();
    if (account == null) {
      throw new AssertionError("only an inbox asks so");
    }
    return account;
  }

  private static CompletableFuture<QuorumEffect.Result> fetch(
      TrackerConnection connection, Request.Fetch fetch) {
    return connection
        .fetch(fetch)
        .handle(
            (page, failure) -> {
              if (failure == null) {
                return new QuorumEffect.Page(page.envelopes(), page.end());
              }
              Throwable cause = failure.getCause() == null ? failure : failure.getCause();
              if (cause instanceof TrackerException known && known.answer() != null) {
                return new QuorumEffect.Answered(known.answer());
              }
              throw cause instanceof RuntimeException known
                  ? known
                  : new IllegalStateException(cause);
            });
  }

  private CompletionStage<QuorumEffect.Result> open(QuorumEffect.Open open) {
    SessionPool.Key key = new SessionPool.Key(open.tracker().id(), open.owner().mailbox(), true);
    return pool.use(
        open.tracker(),
        key,
        0,
        connection -> {
          DeviceStatements.Scene scene =
              new DeviceStatements.Scene(
                  setup.networkId(), open.tracker().id(), open.owner().mailbox());
          byte[] statement =
              DeviceStatements.session(
                  scene, open.device(), open.listVersion(), connection.handshakeHash());
          // Not on the session's thread: the application's signer may take its time.
          UnaryOperator<byte[]> signer = account().signer();
          CompletableFuture<byte[]> signed =
              CompletableFuture.supplyAsync(() -> signer.apply(statement), signers);
          CompletableFuture<Response> answer =
              signed.thenCompose(signature -> connection.request(request(open, signature)));
          return answer.thenApply(QuorumEffect.Answered::new);
        });
  }

  private static Request request(QuorumEffect.Open open, byte[] signature) {
    return new Request.Open(
        open.owner(), open.list(), open.device(), open.listVersion(), signature);
  }

  private CompletionStage<QuorumEffect.Result> bind(QuorumEffect.Bind bind) {
    return new Bindings(setup.node(), setup.networkId(), bind.mailbox())
        .bind(bind.tracker(), bind.device(), bind.listVersion(), account().signer())
        .thenApply(QuorumEffect.BindAnswered::new);
  }

  // What needs a key, the disk or the application

  private QuorumEffect.Result sign(QuorumEffect.SignAcks acks) {
    return new QuorumEffect.Signed(
        AckBatch.sign(
            acks.mailbox(), acks.device(), acks.digests(), setup.networkId(), account().signer()));
  }

  private QuorumEffect.Result admit(QuorumEffect.Admit admit) {
    byte[] key = admit.deliveryKey();
    Envelope envelope = admit.envelope();
    if (key == null) {
      // The threads of stamps are interrupted when the client is closed.
      Optional<Admission.ByStamp> stamp =
          Admission.ByStamp.find(
              envelope,
              admit.tracker().id(),
              admit.stampBits(),
              () -> Thread.currentThread().isInterrupted());
      return stamp.isPresent()
          ? new QuorumEffect.Admitted(stamp.get())
          : new QuorumEffect.Failed("the client is closing");
    }
    byte[] statement = Admission.ByKey.statement(envelope, admit.tracker().id(), setup.networkId());
    byte[] signature = setup.deliverySigner().sign(key, statement);
    return signature == null
        ? new QuorumEffect.Failed("the delivery key is not at hand")
        : new QuorumEffect.Admitted(new Admission.ByKey(key, signature));
  }

  private QuorumEffect.Result keep(QuorumEffect.Keep keep) {
    try {
      store.commit(keep.changes());
      return new QuorumEffect.Kept();
    } catch (StoreException e) {
      LOG.warn("What the mail client has to keep could not be written: {}", e.getMessage());
      return new QuorumEffect.Failed(String.valueOf(e.getMessage()));
    }
  }

  /** Another future than the application's, which is not ours to complete. */
  private CompletableFuture<Boolean> answer(Envelope envelope) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    setup
        .listener()
        .onEnvelope(envelope)
        .whenComplete(
            (accepted, failure) -> {
              if (failure == null) {
                answer.complete(accepted);
              } else {
                answer.completeExceptionally(failure);
              }
            });
    return answer;
  }

  private CompletionStage<QuorumEffect.Result> deliver(Envelope envelope) {
    return answer(envelope)
        .orTimeout(DELIVER_SECONDS, TimeUnit.SECONDS)
        .handle(
            (accepted, failure) -> {
              if (failure != null) {
                LOG.warn("The application could not take an envelope", failure);
              }
              return failure == null && accepted
                  ? new QuorumEffect.Accepted()
                  : new QuorumEffect.Rejected();
            });
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    join(thread);
    refuseAll();
    stampers.shutdownNow();
    signers.shutdown();
    keeper.shutdown();
    try {
      if (!keeper.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.warn("The disk is slow: what was being written may not be kept");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(@Nullable Thread other) {
    if (other == null || other == Thread.currentThread()) {
      return;
    }
    try {
      other.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
