package org.bytchat.dht.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A property test: runs once for each of a number of seeds, which it takes as its {@code long}
 * parameter.
 *
 * <p>The seeds are a fixed function of class, method and run, so a build that passes today passes
 * tomorrow. {@code -Dseed=N} runs the single seed N instead, {@code -Dseeds.factor=F} multiplies
 * the number of runs. A failure names its seed.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@ExtendWith(Seeds.class)
public @interface SeededTest {

  /** How many seeds are tried; at least 1. */
  int runs() default 20;
}
