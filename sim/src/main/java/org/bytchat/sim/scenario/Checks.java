package org.bytchat.sim.scenario;

import org.bytchat.sim.scenario.Schema.Absent;
import org.bytchat.sim.scenario.Schema.Default;
import org.jspecify.annotations.Nullable;

/**
 * What is checked during a run.
 *
 * @param invariantsEvery a node's invariants are checked after each so many events; 0 for never, up
 *     to 1,000,000,000, default 10,000
 * @param lookups what is asked of each lookup; a scenario never has {@link LookupCheck#AUTO}, which
 *     is the default in a file
 * @param expect what the run must reach to be called good
 */
public record Checks(
    @Default("10000") int invariantsEvery, @Default("auto") LookupCheck lookups, Expect expect) {

  /** What is asked of each lookup. */
  public enum LookupCheck {
    /** Exact if the tables are the oracle's and nothing fails, else recall. */
    AUTO,
    /** That it finds exactly the closest nodes; the run fails otherwise. */
    EXACT,
    /** Nothing; the share of the closest nodes that it finds is measured. */
    RECALL,
    /** Nothing, and nothing is measured. */
    NONE
  }

  public Checks {
    Refused.range("invariants_every", invariantsEvery, 0, 1_000_000_000);
  }

  Checks withLookups(LookupCheck check) {
    return new Checks(invariantsEvery, check, expect);
  }

  /**
   * What a run must reach.
   *
   * @param lookupSuccessMin the share of lookups that succeed, 0 to 1, or null for any
   * @param recordFoundMin the share of reads that find a record that should be there, 0 to 1, or
   *     null for any
   */
  public record Expect(
      @Absent("none") @Nullable Double lookupSuccessMin,
      @Absent("none") @Nullable Double recordFoundMin) {

    public Expect {
      if (lookupSuccessMin != null) {
        Refused.share("lookup_success_min", lookupSuccessMin);
      }
      if (recordFoundMin != null) {
        Refused.share("record_found_min", recordFoundMin);
      }
    }
  }
}
