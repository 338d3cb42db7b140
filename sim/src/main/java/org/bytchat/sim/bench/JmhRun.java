package org.bytchat.sim.bench;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the JMH methods of a class, in JVMs of their own unless it is a quick run. */
final class JmhRun {

  /*
   * Two JVMs, because what the compiler makes of a method differs from one to the next. Each warms
   * up for three seconds and measures five. The profiler counts what the benchmark's thread
   * allocated. Garbage is collected before each second, so that what lives long is in the old
   * generation, as in a node that has run for a day: writing references there costs more.
   */
  private static final int FORKS = 2;
  private static final int WARMUPS = 3;
  private static final int MEASUREMENTS = 5;
  private static final TimeValue ROUND = TimeValue.seconds(1);
  private static final TimeValue ROUND_QUICK = TimeValue.milliseconds(50);

  /**
   * What one method gave.
   *
   * @param params the method and its parameters
   * @param nanos the mean time of a call
   * @param errorNanos half of the 99.9 % confidence interval of that; NaN in a quick run
   * @param bytes what a call allocates
   */
  record Measured(BenchmarkParams params, double nanos, double errorNanos, double bytes) {

    /** The method's own name. */
    String method() {
      String name = params.getBenchmark();
      return name.substring(name.lastIndexOf('.') + 1);
    }

    Figure bytesFigure() {
      return Figure.of("allocated_bytes", wholeBytes(), "B");
    }

    /** JMH's own bookkeeping allocates too, less than a hundredth of a byte for each call. */
    private double wholeBytes() {
      return Math.rint(bytes * 10) / 10;
    }

    Figure errorFigure() {
      return Figure.of("error_ns", Double.isNaN(errorNanos) ? 0 : errorNanos, "ns");
    }
  }

  private JmhRun() {}

  static List<Measured> measure(Class<?> type, BenchRun run) throws RunnerException {
    run.progress().accept("JMH runs " + type.getSimpleName());
    // Benchmarks that run at once would only disturb each other; that is the user's to know.
    System.setProperty("jmh.ignoreLock", "true");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(type.getName()) + "\\.")
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .shouldDoGC(!run.quick())
            .verbosity(VerboseMode.SILENT)
            .forks(run.quick() ? 0 : FORKS)
            .warmupIterations(run.quick() ? 1 : WARMUPS)
            .warmupTime(run.quick() ? ROUND_QUICK : ROUND)
            .measurementIterations(run.quick() ? 1 : MEASUREMENTS)
            .measurementTime(run.quick() ? ROUND_QUICK : ROUND);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Runner runner =
        new Runner(
            options.build(), OutputFormatFactory.createFormatInstance(nowhere, VerboseMode.SILENT));
    List<Measured> measured = new ArrayList<>();
    for (RunResult result : runner.run()) {
      Result<?> time = result.getPrimaryResult();
      Result<?> allocated =
          Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm"));
      measured.add(
          new Measured(
              result.getParams(), time.getScore(), time.getScoreError(), allocated.getScore()));
    }
    return measured;
  }
}
