package org.bytchat.sim.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.SecureRandom;
import java.util.List;
import org.bytchat.dht.identity.NodeIdentity;

/** What a node's key costs by the puzzle that it must solve. */
final class PuzzleBench implements Benchmark {

  private static final int TRIES = 200_000;
  private static final int TRIES_QUICK = 200;
  private static final List<Integer> DIFFICULTIES = List.of(0, 8, 12, 16, 20);
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_SECOND = 1e9;

  @Override
  public String name() {
    return "puzzle";
  }

  @Override
  public String description() {
    return "a node's key that solves the puzzle of each difficulty, on one core";
  }

  @Override
  public void run(BenchRun run) {
    int tries = run.quick() ? TRIES_QUICK : TRIES;
    run.progress().accept("making " + tries + " keys");
    SecureRandom random = new SecureRandom();
    long[] solved = new long[Integer.SIZE];
    measure(random, tries / 10, solved);
    solved = new long[Integer.SIZE];
    double nanos = measure(random, tries, solved) / (double) tries;
    for (int bits : DIFFICULTIES) {
      double expected = nanos * (1L << bits);
      run.results()
          .accept(
              BenchResult.of(
                  name(),
                  List.of("bits", bits),
                  Figure.of("seconds_per_key", expected / NANOS_PER_SECOND, "s"),
                  Figure.of("micros_per_try", nanos / NANOS_PER_MICRO, "us"),
                  Figure.count("tries", tries, ""),
                  Figure.count("solved", solved[bits], "")));
    }
  }

  /** Makes keys, counts which puzzles they solve, and returns the processor time it took. */
  private static long measure(SecureRandom random, int tries, long[] solved) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < tries; i++) {
      int most = NodeIdentity.puzzleBits(NodeIdentity.generate(random).publicKey());
      for (int bits = 0; bits <= Math.min(most, solved.length - 1); bits++) {
        solved[bits]++;
      }
    }
    return threads.getCurrentThreadCpuTime() - start;
  }
}
