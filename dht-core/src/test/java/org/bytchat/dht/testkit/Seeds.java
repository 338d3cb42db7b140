package org.bytchat.dht.testkit;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.opentest4j.TestAbortedException;

/** The seeds of {@link SeededTest}, and the only source of random numbers of a test. */
public final class Seeds implements TestTemplateInvocationContextProvider {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /**
   * Returns a generator whose algorithm is fixed by its specification, so that a seed means the
   * same on every JDK.
   *
   * @param seed any number; near seeds give unrelated sequences
   * @return a new generator
   */
  public static Random random(long seed) {
    return new Random(mix(seed));
  }

  /**
   * Derives an unrelated seed, for a second stream of random numbers in one test.
   *
   * @param seed the seed to derive from
   * @param index which of its children; the same index gives the same child
   * @return the derived seed
   */
  public static long derive(long seed, long index) {
    return mix(seed + GOLDEN_GAMMA * (index + 1));
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014, figure 16). */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  static LongStream seeds(String name, int runs, @Nullable String only, @Nullable String factor) {
    if (runs < 1) {
      throw new IllegalArgumentException("runs must be at least 1: " + runs);
    }
    if (only != null && !only.isBlank()) {
      return LongStream.of(Long.parseLong(only.strip()));
    }
    long times = factor == null || factor.isBlank() ? 1 : Long.parseLong(factor.strip());
    long base = derive(0, name.hashCode());
    return LongStream.range(0, runs * times).map(run -> derive(base, run));
  }

  static void rethrow(long seed, Throwable thrown) throws Throwable {
    if (thrown instanceof TestAbortedException) {
      throw thrown;
    }
    throw new AssertionError("replay with -Dseed=" + seed + ": " + thrown, thrown);
  }

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return context.getRequiredTestMethod().isAnnotationPresent(SeededTest.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    Method method = context.getRequiredTestMethod();
    int runs = method.getAnnotation(SeededTest.class).runs();
    String name = context.getRequiredTestClass().getName() + "." + method.getName();
    return seeds(name, runs, System.getProperty("seed"), System.getProperty("seeds.factor"))
        .mapToObj(Run::new);
  }

  /** One run of a seeded test. */
  private record Run(long seed)
      implements TestTemplateInvocationContext, ParameterResolver, TestExecutionExceptionHandler {

    @Override
    public String getDisplayName(int invocationIndex) {
      return "seed=" + seed;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(this);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == long.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return seed;
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
        throws Throwable {
      rethrow(seed, thrown);
    }
  }
}
