package org.bytchat.sim.report;

/** Whether a run showed what it should. */
public enum Verdict {
  /** Everything that was checked holds. */
  PASSED("passed"),
  /** Something that was checked does not hold. */
  FAILED("failed"),
  /** Nothing was checked, or not enough to say. */
  UNKNOWN("no verdict");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  /**
   * Returns the verdict in words.
   *
   * @return lower case
   */
  public String text() {
    return text;
  }
}
