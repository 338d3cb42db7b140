package org.bytchat.sim.scenario;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How the components of the records of this package are written in a scenario file. A component's
 * key is its name in snake case. A key without any of these must be given, unless its value is a
 * section, which is then as if it were empty, or a list.
 */
final class Schema {

  private Schema() {}

  /** What the file would say in place of a key that is not given. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface Default {
    String value();
  }

  /** The component is null if the key is not given, or has this word for a value. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface Absent {
    String value();
  }

  /** The keys of the component's value stand beside those of the other components. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface Inline {}

  /** A number that may end in a unit: k, M and G, or Ki, Mi and Gi. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  @interface Size {}

  /**
   * The key that tells which of the permitted types a value has: a record by its name in snake
   * case, a constant of an enum by its own.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface Tagged {
    String value();
  }
}
