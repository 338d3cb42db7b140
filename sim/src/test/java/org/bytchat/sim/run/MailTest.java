package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.bytchat.sim.mail.MailFigures;
import org.junit.jupiter.api.Test;

/** The scenarios of mailboxes, small: nothing that was promised is lost, whatever happens. */
class MailTest {

  private static final String QUIET =
      """
      nodes: 30
      bootstrap: {nodes: 3}
      phases: {settle: 1m, measure: 30m, heal: 1m}
      mail:
        users: 6
        hosts: 3
        messages: {count: 30, over: 10m}
      output: {series_interval: 5m}
      """;

  private static final String CHURN =
      """
      nodes: 40
      bootstrap: {nodes: 3}
      phases: {settle: 5m, measure: 3h, heal: 10m}
      churn: {model: exponential, session_mean: 2h, absence_mean: 1h}
      mail:
        users: 8
        hosts: 3
        presence: {online_mean: 20m, away_mean: 40m}
        outbox_restarts: 1h
        revocations: 1
        messages: {count: 100, ttl: 3d, over: 2h}
        tracker: {repair: {interval: 5m}}
        expect: {kept_min: 0.95}
      output: {series_interval: 30m}
      """;

  private static final String CRASH =
      """
      nodes: 30
      bootstrap: {nodes: 3}
      phases: {settle: 1m, measure: 90m, heal: 10m}
      faults:
        - {kind: crash, at: 10m, share: 0.5, back_after: 30s, folder: kept}
        - {kind: crash, at: 20m, share: 0.5, back_after: 1m, folder: torn}
        - {kind: crash, at: 40m, share: 0.1, back_after: 1m, folder: lost}
        - {kind: crash, at: 60m, share: 0.8, back_after: 10s, folder: kept}
      mail:
        users: 6
        hosts: 3
        presence: {online_mean: 10m, away_mean: 30m}
        messages: {count: 400, ttl: 3d, over: 80m}
        disk: {sync: 200ms, lost_commits: 3}
        tracker: {repair: {interval: 5m}}
      output: {series_interval: 30m}
      """;

  /** The power fails while deletions are on their way to slow disks. */
  private static final String TORN =
      """
      nodes: 20
      bootstrap: {nodes: 3}
      phases: {settle: 1m, measure: 10m}
      faults:
        - {kind: crash, at: 5m, share: 0.9, back_after: 10s, folder: torn}
      mail:
        users: 4
        hosts: 2
        messages: {count: 60, ttl: 3d, over: 9m}
        disk: {sync: 20s}
        tracker: {times: {deletionDelay: 1s}}
      output: {series_interval: 5m}
      """;

  private static final String BYZANTINE =
      """
      seed: 6
      nodes: 30
      bootstrap: {nodes: 3}
      phases: {settle: 1m, measure: 2h, heal: 10m}
      faults:
        - {kind: crash, at: 50m, share: 0.3, back_after: 1m, folder: lost}
      mail:
        users: 8
        devices: 3
        hosts: 3
        presence: {online_mean: 20m, away_mean: 20m}
        outbox_restarts: 10m
        revocations: 1
        messages: {count: 300, ttl: 3d, over: 90m}
        traitors:
          {drop: 0.03, lie: 0.03, replay: 0.2, forge: 0.15, withhold: 0.06, resurrect: 0.04}
        tracker: {repair: {interval: 5m}}
      output: {series_interval: 30m}
      """;

  private static final String FLOOD =
      """
      nodes: 30
      bootstrap: {nodes: 3}
      phases: {settle: 1m, measure: 1h, heal: 10m}
      mail:
        users: 10
        hosts: 4
        messages: {count: 60, ttl: 3d, over: 50m}
        flood: {victims: 1, strangers: 1, contacts: 1, at: 2m, until: 40m}
        tracker: {stamps: {bits: 4, bitsMax: 10}}
      output: {series_interval: 30m}
      """;

  /** Everything at once. */
  private static final String ALL =
      """
      nodes: 30
      bootstrap: {nodes: 3}
      phases: {settle: 1m, measure: 40m}
      churn: {model: exponential, session_mean: 30m, absence_mean: 10m}
      faults:
        - {kind: crash, at: 10m, share: 0.5, back_after: 30s, folder: torn}
        - {kind: crash, at: 20m, share: 0.2, back_after: 1m, folder: lost}
        - {kind: partition, at: 25m, until: 28m, share: 0.3}
      mail:
        users: 8
        hosts: 3
        presence: {online_mean: 10m, away_mean: 10m}
        outbox_restarts: 20m
        revocations: 1
        messages: {count: 80, ttl: 3d, over: 35m}
        disk: {sync: 50ms, lost_commits: 2}
        traitors: {drop: 0.05, lie: 0.05, replay: 0.05, forge: 0.1, withhold: 0.1, resurrect: 0.1}
        flood: {victims: 1, strangers: 0.5, contacts: 0.5, at: 2m, until: 30m}
        tracker: {repair: {interval: 5m}, stamps: {bits: 4, bitsMax: 10}}
      output: {series_interval: 10m}
      """;

  private static RunResult run(String text, String... settings) throws IOException {
    return Runs.run(Runs.plan(text, settings), 1);
  }

  private static Map<String, Object> mail(RunResult result) {
    MailFigures figures = Objects.requireNonNull(result.mail());
    return figures.toMap();
  }

  private static long count(RunResult result, String name) {
    return (long) Objects.requireNonNull(mail(result).get(name));
  }

  private static void assertGood(RunResult result) {
    assertThat(result.end().problems()).isEmpty();
    assertThat(result.end().verdict()).isEqualTo(RunResult.Finding.NONE);
    assertThat(count(result, "receipts_checked")).isPositive();
    assertThat(count(result, "envelopes_served")).isPositive();
    assertThat(count(result, "proofs_checked")).isPositive();
  }

  @Test
  void quietNetwork_deliversAll() throws IOException {
    RunResult result = run(QUIET);
    assertGood(result);
    assertThat(count(result, "sent")).isEqualTo(30);
    assertThat(count(result, "deposited")).isEqualTo(30);
    assertThat(count(result, "delivered_to_all")).isEqualTo(30);
    assertThat(count(result, "proven")).isEqualTo(30);
    assertThat(count(result, "asks_lost")).isZero();
  }

  @Test
  void churn_losesNothing() throws IOException {
    RunResult result = run(CHURN);
    assertGood(result);
    assertThat(count(result, "deposited")).isEqualTo(100);
    assertThat(count(result, "deletions")).isPositive();
    assertThat(count(result, "outbox_restarts")).isPositive();
    assertThat(count(result, "devices_revoked")).isPositive();
    assertThat(count(result, "repair_bytes")).isPositive();
    assertThat(count(result, "lost")).isZero();
  }

  @Test
  void crashes_loseNothingButWhatDisksLose() throws IOException {
    RunResult result = run(CRASH);
    assertGood(result);
    // One that was delivered before enough trackers had given receipts needs no more of them.
    assertThat(count(result, "sent")).isEqualTo(400);
    assertThat(count(result, "deposited")).isGreaterThan(390);
    assertThat(count(result, "disks_destroyed")).isPositive();
  }

  @Test
  void crash_amidDeletions_breaksNoPromise() throws IOException {
    RunResult result = run(TORN);
    assertGood(result);
    assertThat(count(result, "deletions")).isPositive();
    assertThat(count(result, "lost")).isZero();
  }

  @Test
  void traitors_breakNoPromiseOfOthers() throws IOException {
    RunResult result = run(BYZANTINE);
    assertGood(result);
    assertThat(count(result, "traitors")).isBetween(5L, 25L);
    assertThat(count(result, "answers_invalid")).isPositive();
    assertThat(count(result, "forged_fingerprints")).isPositive();
    assertThat(count(result, "forged_copies")).isPositive();
    assertThat(count(result, "forged_acks")).isPositive();
    assertThat(count(result, "forged_lists")).isPositive();
    assertThat(count(result, "lists_rolled_back")).isPositive();
    assertThat(count(result, "delivered")).isGreaterThanOrEqualTo(290);
  }

  @Test
  void flood_leavesTheMailOfOthersAlone() throws IOException {
    RunResult result = run(FLOOD);
    assertGood(result);
    assertThat(count(result, "flood_taken")).isPositive();
    assertThat(count(result, "flood_refused")).isPositive();
  }

  @Test
  void expectation_thatIsNotMet_isToldByTheExitCode() throws IOException {
    RunResult result = run(QUIET, "mail.traitors.drop=0.95", "mail.expect.kept_min=0.9");
    assertThat(result.end().verdict().exitCode()).isEqualTo(12);
    assertThat(result.end().why()).startsWith("kept_share is ");
  }

  @Test
  void message_thatNobodyTakes_isAFailureOfLiveness() throws IOException {
    RunResult result = run(QUIET, "mail.traitors.forge=0.99", "phases.heal=1h");
    assertThat(result.end().verdict().exitCode()).isEqualTo(11);
    assertThat(result.end().why()).contains("not deposited");
  }

  @Test
  void run_isTheSameOnTwoThreads() throws IOException {
    Plan plan = Runs.plan(ALL);
    RunResult one = Runs.run(plan, 1);
    RunResult two = Runs.run(plan, 2);
    assertGood(one);
    assertThat(two.end().traceHash()).isEqualTo(one.end().traceHash());
    assertThat(mail(two)).isEqualTo(mail(one));
    assertThat(count(one, "flood_taken")).isPositive();
    assertThat(count(one, "disks_destroyed")).isPositive();
    assertThat(count(one, "traitors")).isPositive();
    assertThat(count(one, "repair_withheld")).isPositive();
  }

  @Test
  void run_isTheSameInBothModes() throws IOException {
    RunResult object = run(QUIET);
    RunResult codec = run(QUIET, "mode=codec");
    assertThat(codec.end().traceHash()).isEqualTo(object.end().traceHash());
    assertThat(mail(codec)).isEqualTo(mail(object));
  }
}
