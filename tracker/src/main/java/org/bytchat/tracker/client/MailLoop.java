package org.bytchat.tracker.client;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.bytchat.tracker.quorum.QuorumEffect;
import org.bytchat.tracker.quorum.QuorumEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the engines of a client: one thread that owns them.
 *
 * <p>Its inputs are orders of the application, of which only so many wait, and results of effects,
 * which are as many as there are effects: the engines' own limits bound these, and none may be
 * lost.
 */
final class MailLoop {

  private static final Logger LOG = LoggerFactory.getLogger(MailLoop.class);

  private static final int BATCH_MAX = 256;
  private static final long CLOCK_NANOS = 1_000_000_000L;
  private static final long SWEEP_NANOS = 10_000_000_000L;

  /** How long what is to be kept is written at the end. */
  private static final long FLUSH_NANOS = 2_000_000_000L;

  /** How long the end is waited for: an application that hangs must not hang its closer. */
  private static final Duration STOP = Duration.ofSeconds(4);

  private final SessionPool pool;
  private final Performer performer;
  private final List<QuorumEngine> engines;
  private final Events events;
  private final int ordersMax;
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final BlockingQueue<Runnable> inputs = new LinkedBlockingQueue<>();

  /** What was taken of the inputs and is not done; others may take it from here only to refuse. */
  private final Queue<Runnable> batch = new ConcurrentLinkedQueue<>();

  private final AtomicInteger orderCount = new AtomicInteger();
  private final LongAdder refusedCount = new LongAdder();
  private final Thread thread = new Thread(this::run, "bytchat-mail");
  private long clockAtNanos;
  private long sweptAtNanos;
  private int keepCount;
  private boolean isFlushing;
  private boolean isOver;
  private volatile boolean closed;

  /** Hears the loop, on its thread. */
  interface Events {

    /** The engines may have events. */
    void onEvents();

    /** Nothing more happens. */
    void onEnd();

    /** All have been told of the end; the last call. */
    void onOver();
  }

  /**
   * Makes a loop that does not run yet.
   *
   * @param ordersMax how many orders may wait
   * @param events takes the events of the engines
   */
  MailLoop(
      SessionPool pool,
      Performer performer,
      List<QuorumEngine> engines,
      int ordersMax,
      Events events) {
    this.pool = pool;
    this.performer = performer;
    this.engines = engines;
    this.ordersMax = ordersMax;
    this.events = events;
    thread.setDaemon(true);
  }

  /** Runs; the first thing that it does is the order given. */
  void start(Runnable first) {
    inputs.add(first);
    thread.start();
  }

  /** Something to be done on the loop's thread, or refused. */
  interface Order extends Runnable {

    /** It is not done: the loop has ended ({@code CLOSED}), or too many wait ({@code BUSY}). */
    void refuse(MailException.Reason reason);
  }

  /** Has an order done soon, or refuses it; never waits, as the caller may be the loop itself. */
  void execute(Order order) {
    if (closed) {
      order.refuse(MailException.Reason.CLOSED);
      return;
    }
    if (orderCount.incrementAndGet() > ordersMax) {
      orderCount.decrementAndGet();
      refusedCount.increment();
      order.refuse(MailException.Reason.BUSY);
      return;
    }
    inputs.add(order);
    if (closed && inputs.remove(order)) {
      refuse(order);
    }
  }

  /** Returns how many orders wait. */
  int orderCount() {
    return orderCount.get();
  }

  /** Returns how many orders were refused because too many waited. */
  long refusedCount() {
    return refusedCount.sum();
  }

  private void refuse(Runnable left) {
    if (left instanceof Order order) {
      orderCount.decrementAndGet();
      order.refuse(MailException.Reason.CLOSED);
    }
  }

  /** Refuses what will not be done any more. */
  private void refuseAll() {
    for (Queue<Runnable> queue : List.of(batch, inputs)) {
      Runnable left = queue.poll();
      while (left != null) {
        refuse(left);
        left = queue.poll();
      }
    }
  }

  /** Completes with what has ended the loop, if nobody closed it. */
  CompletableFuture<Throwable> failure() {
    return failure;
  }

  private void run() {
    Throwable fault = null;
    try {
      while (!closed) {
        turn();
      }
      flush();
    } catch (RuntimeException | Error e) {
      // A fault of ours: what is decided on a broken state would be worse than an end.
      fault = e;
    } finally {
      end(fault);
    }
  }

  private void end(@Nullable Throwable fault) {
    closed = true;
    if (fault != null) {
      LOG.error("The mail client ends, for a fault of its own", fault);
      pool.close();
    }
    refuseAll();
    isOver = true;
    events.onEnd();
    if (fault != null) {
      failure.complete(fault);
    }
    events.onOver();
  }

  private void turn() {
    long nextNanos = nextNanos();
    take(
        nextNanos == Long.MAX_VALUE
            ? CLOCK_NANOS
            : Math.min(nextNanos - System.nanoTime(), CLOCK_NANOS));
    tick();
    // First: the disk may forget a parcel only when its end was told.
    events.onEvents();
    // The application has had this thread, and may have left that it was interrupted.
    boolean unused = Thread.interrupted();
    engines.forEach(this::performEffects);
  }

  /** Waits for inputs, and takes some. */
  private void take(long waitNanos) {
    Runnable next = poll(waitNanos);
    if (next != null) {
      batch.add(next);
      inputs.drainTo(batch, BATCH_MAX);
    }
    next = batch.poll();
    while (next != null) {
      handle(next);
      next = batch.poll();
    }
  }

  private @Nullable Runnable poll(long waitNanos) {
    try {
      return inputs.poll(waitNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // By the application, which has this thread while it is told something. Closing ends it.
      return null;
    }
  }

  private void handle(Runnable input) {
    if (!(input instanceof Order order)) {
      input.run();
    } else if (isFlushing) {
      refuse(order);
    } else {
      orderCount.decrementAndGet();
      boolean isDone = false;
      try {
        order.run();
        isDone = true;
      } finally {
        if (!isDone) {
          // Who gave it may wait for it.
          order.refuse(MailException.Reason.CLOSED);
        }
      }
    }
  }

  /**
   * Writes what the engines have to keep, for a while: what the application has accepted is not to
   * come again. Nothing else is begun any more.
   */
  private void flush() {
    isFlushing = true;
    long endNanos = System.nanoTime() + FLUSH_NANOS;
    long leftNanos = FLUSH_NANOS;
    do {
      take(keepCount > 0 ? leftNanos : 0);
      tick();
      events.onEvents();
      engines.forEach(this::performEffects);
      leftNanos = endNanos - System.nanoTime();
    } while ((keepCount > 0 || !inputs.isEmpty()) && leftNanos > 0);
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
      if (!isFlushing || effect instanceof QuorumEffect.Keep) {
        perform(engine, effect);
      }
      effect = engine.pollEffect();
    }
  }

  private void perform(QuorumEngine engine, QuorumEffect effect) {
    boolean isKeep = effect instanceof QuorumEffect.Keep;
    keepCount += isKeep ? 1 : 0;
    performer
        .perform(effect)
        .whenComplete(
            (result, failure) -> {
              QuorumEffect.Result done = failure == null ? result : lost(failure);
              inputs.add(
                  () -> {
                    keepCount -= isKeep ? 1 : 0;
                    engine.handleEffect(effect.id(), done, System.nanoTime());
                  });
            });
  }

  private static QuorumEffect.Result lost(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String text = cause.getMessage();
    return new QuorumEffect.Lost(text == null ? cause.getClass().getSimpleName() : text);
  }

  /**
   * Ends. On the loop's own thread, which the application has while it is told something, it only
   * begins to.
   *
   * @return whether it has ended, or hangs in the application
   */
  boolean close() {
    closed = true;
    performer.stop();
    inputs.add(() -> {});
    if (Thread.currentThread() == thread) {
      return isOver;
    }
    Uninterruptibles.joinUninterruptibly(thread, STOP);
    if (thread.isAlive()) {
      LOG.warn("The application does not return from what it was told");
    }
    refuseAll();
    return true;
  }
}
