package org.bytchat.sim.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ctrl-C and SIGTERM: asks whoever is at work to stop, and holds the JVM's end back until what was
 * measured so far has been written.
 */
final class Interruption implements AutoCloseable {

  /** The end of the JVM waits at most so long. */
  private static final long PATIENCE_SECONDS = 60;

  private final Thread hook;
  private final CountDownLatch done = new CountDownLatch(1);

  private Interruption(BooleanSupplier stop) {
    this.hook =
        new Thread(
            () -> {
              if (stop.getAsBoolean()) {
                await();
              }
            },
            "interruption");
  }

  /** Begins to listen; what stops the work is never without a result to wait for. */
  static Interruption listen(Runnable stop) {
    return listenIf(
        () -> {
          stop.run();
          return true;
        });
  }

  /** Begins to listen; what stops the work says whether there will be a result to wait for. */
  static Interruption listenIf(BooleanSupplier stop) {
    Interruption interruption = new Interruption(stop);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  private void await() {
    try {
      if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("bytchat-sim: gave up waiting for the run to end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything has been written: the JVM may end. */
  void done() {
    done.countDown();
  }

  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, because of what this waited for.
    }
  }
}
