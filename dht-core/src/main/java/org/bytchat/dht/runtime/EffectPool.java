package org.bytchat.dht.runtime;

import com.google.common.util.concurrent.Uninterruptibles;
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
 * Bounded threads that perform effects: some for signatures, one for names, which may take long,
 * and one for files, which must not wait for names.
 */
final class EffectPool {

  private static final Logger LOG = LoggerFactory.getLogger(EffectPool.class);
  private static final int QUEUE_CAPACITY = 8192;
  private static final int SLOW_QUEUE_CAPACITY = 1024;
  private static final long LAST_WRITES_SECONDS = 1;

  private final ThreadPoolExecutor signatures;
  private final ThreadPoolExecutor names;
  private final ThreadPoolExecutor files;

  EffectPool(int threads) {
    signatures = executor("bytchat-effect", threads, QUEUE_CAPACITY);
    names = executor("bytchat-names", 1, SLOW_QUEUE_CAPACITY);
    files = executor("bytchat-files", 1, SLOW_QUEUE_CAPACITY);
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
    ThreadPoolExecutor executor = executorFor(effect);
    try {
      executor.execute(
          () -> {
            completion.accept(performSafely(effect, performer));
            makeWay();
          });
    } catch (RejectedExecutionException e) {
      completion.accept(new Effect.Failed());
    }
  }

  /** A flood of signatures must not keep a loop on the same core from its datagrams. */
  @SuppressWarnings("ThreadPriorityCheck") // Nothing is wrong without it, only later.
  private static void makeWay() {
    Thread.yield();
  }

  private ThreadPoolExecutor executorFor(Effect effect) {
    if (effect instanceof Effect.ResolveBootstrap) {
      return names;
    }
    return effect instanceof Effect.KeepContacts || isRecordWrite(effect) ? files : signatures;
  }

  /** Tells whether an effect writes records. */
  static boolean isRecordWrite(Effect effect) {
    return effect instanceof Effect.AppendChanges || effect instanceof Effect.KeepRecords;
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
      if (effect instanceof Effect.ResolveBootstrap) {
        return new Effect.Resolved(performer.hosts.resolve());
      }
      if (performer.folder != null) {
        write(effect, performer.folder);
      }
      return new Effect.Kept();
    } catch (StateFolder.StateException e) {
      LOG.warn("{}", e.getMessage());
      return new Effect.Failed();
    } catch (RuntimeException | Error e) {
      // The engine waits for each effect.
      LOG.error("The effect {} failed", effect.getClass().getSimpleName(), e);
      return new Effect.Failed();
    }
  }

  private static void write(Effect effect, StateFolder folder) {
    if (effect instanceof Effect.KeepContacts keep) {
      folder.writeContacts(keep.contacts());
    } else if (effect instanceof Effect.AppendChanges append) {
      folder.appendRecords(append.changes());
    } else if (effect instanceof Effect.KeepRecords keep) {
      folder.keepRecords(keep.snapshot().get());
    } else {
      throw new IllegalArgumentException("nobody performs " + effect);
    }
  }

  /** Ends the threads. Waits for what is to be written, but not for longer than a second. */
  void shutDown() {
    signatures.shutdownNow();
    names.shutdownNow();
    files.shutdown();
    // A loop must not wait: the other nodes of its runtime have ended, but not those of others.
    if (!NodeLoop.isAnyLoopThread()
        && !Uninterruptibles.awaitTerminationUninterruptibly(
            files, LAST_WRITES_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("Files are still being written");
    }
  }
}
