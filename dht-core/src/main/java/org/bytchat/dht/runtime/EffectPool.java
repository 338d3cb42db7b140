package org.bytchat.dht.runtime;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Endpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounded threads that perform effects: some for signatures, one for names and files, which may
 * take long.
 */
final class EffectPool {

  private static final Logger LOG = LoggerFactory.getLogger(EffectPool.class);
  private static final int QUEUE_CAPACITY = 8192;
  private static final int SLOW_QUEUE_CAPACITY = 1024;

  private final ThreadPoolExecutor signatures;
  private final ThreadPoolExecutor slow;

  EffectPool(int threads) {
    signatures = executor("bytchat-effect", threads, QUEUE_CAPACITY);
    slow = executor("bytchat-slow", 1, SLOW_QUEUE_CAPACITY);
  }

  private static ThreadPoolExecutor executor(String name, int threads, int capacity) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(capacity),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /** The bootstrap hosts of a node, resolved anew each time. */
  interface Hosts {
    List<Endpoint> resolve();
  }

  /** What the effects of one node are performed with. */
  record Performer(NodeIdentity identity, Hosts hosts, @Nullable StateFolder folder) {}

  /** Performs an effect and hands its result, or the failure, to somebody, on any thread. */
  void perform(Effect effect, Performer performer, Consumer<Effect.Result> completion) {
    boolean quick =
        effect instanceof Effect.Sign
            || effect instanceof Effect.Verify
            || effect instanceof Effect.VerifyRecord
            || effect instanceof Effect.SignRecord;
    ThreadPoolExecutor executor = quick ? signatures : slow;
    try {
      executor.execute(() -> completion.accept(performSafely(effect, performer)));
    } catch (RejectedExecutionException e) {
      completion.accept(new Effect.Failed());
    }
  }

  private Effect.Result performSafely(Effect effect, Performer performer) {
    try {
      if (effect instanceof Effect.Sign sign) {
        return sign.perform(performer.identity);
      }
      if (effect instanceof Effect.Verify verify) {
        return verify.perform(performer.identity.scheme());
      }
      if (effect instanceof Effect.VerifyRecord verify) {
        return verify.perform(performer.identity.scheme());
      }
      if (effect instanceof Effect.SignRecord sign) {
        return sign.perform();
      }
      if (effect instanceof Effect.KeepContacts keep) {
        if (performer.folder != null) {
          performer.folder.writeContacts(keep.contacts());
        }
        return new Effect.Kept();
      }
      return new Effect.Resolved(performer.hosts.resolve());
    } catch (StateFolder.StateException e) {
      LOG.warn("{}", e.getMessage());
      return new Effect.Failed();
    } catch (RuntimeException | Error e) {
      // The engine waits for each effect.
      LOG.error("The effect {} failed", effect.getClass().getSimpleName(), e);
      return new Effect.Failed();
    }
  }

  void shutDown() {
    signatures.shutdownNow();
    slow.shutdownNow();
  }
}
