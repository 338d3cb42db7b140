package org.bytchat.sim.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.sim.network.SimWorld;
import org.bytchat.sim.network.SimulatedScheme;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Goal: what a read finds is judged by what was written before it, and by nothing else. */
class RecordBookTest {

  private static final long SECOND = Plan.SECOND;
  private static final long TTL = 1_000 * SECOND;
  private static final long TOLERANCE = 60 * SECOND;
  private static final List<PlannedRecord> RECORDS =
      List.of(new PlannedRecord("sim", TTL, 40), new PlannedRecord("sim", TTL, 40));

  private final RecordMaker maker = new RecordMaker(3, SimulatedScheme.INSTANCE, "test", RECORDS);
  private final RecordBook book = new RecordBook(maker, RECORDS, TOLERANCE);

  private static Op op(Op.Kind kind, long seconds, int version) {
    return new Op(seconds * SECOND, 1, kind, 0, version, null);
  }

  private static List<RecordBook.Entry> list(RecordBook.Entry... entries) {
    return new ArrayList<>(Arrays.asList(entries));
  }

  private static RecordBook.Entry put(long began, long ended, int version, boolean isEnough) {
    return new RecordBook.Entry(
        ended * SECOND, 1, op(Op.Kind.PUT, began, version), began * SECOND, null, 4, isEnough);
  }

  private static RecordBook.Entry get(long began, @Nullable MutableRecord found) {
    return new RecordBook.Entry(
        (began + 1) * SECOND, 2, op(Op.Kind.GET, began, 0), began * SECOND, found, 5, false);
  }

  private MutableRecord version(int version, long signedSeconds) {
    return maker.signed(
        op(Op.Kind.PUT, signedSeconds, version), SimWorld.WALL_MILLIS + signedSeconds * 1000);
  }

  @Test
  void enter_readOfWhatWasWritten_isFound() {
    book.enter(list(put(10, 12, 1, true), get(20, version(1, 10))));
    assertThat(book.counts.puts).isEqualTo(1);
    assertThat(book.counts.putsEnough).isEqualTo(1);
    assertThat(book.counts.gets).isEqualTo(1);
    assertThat(book.counts.getsExpected).isEqualTo(1);
    assertThat(book.counts.found).isEqualTo(1);
    assertThat(book.violations()).isEmpty();
    assertThat(book.currentVersion(0, 20 * SECOND)).isEqualTo(1);
    assertThat(book.currentVersion(1, 20 * SECOND)).isZero();
  }

  @Test
  void enter_anyOrderOfThreads_isTakenInTheOrderOfTime() {
    book.enter(list(get(20, null), put(10, 12, 1, true)));
    assertThat(book.counts.missed).isEqualTo(1);
  }

  @Test
  void enter_olderVersion_isStale() {
    book.enter(list(put(10, 12, 1, true), put(30, 32, 2, true), get(40, version(1, 10))));
    assertThat(book.counts.stale).isEqualTo(1);
    assertThat(book.counts.found).isZero();
    assertThat(book.violations()).isEmpty();
  }

  @Test
  void enter_newerVersionUnderWay_isFoundEitherWay() {
    book.enter(list(put(10, 12, 1, true)));
    book.enter(list(get(31, version(1, 10)), get(31, version(2, 30)), put(30, 40, 2, true)));
    assertThat(book.counts.found).isEqualTo(2);
    assertThat(book.counts.stale).isZero();
  }

  @Test
  void enter_nothingFound_isMissedOnlyIfEnoughHeldIt() {
    book.enter(list(put(10, 12, 1, false), get(20, null)));
    assertThat(book.counts.getsExpected).isZero();
    assertThat(book.counts.missed).isZero();
    book.enter(list(put(30, 32, 2, true), get(31, null), get(40, null)));
    assertThat(book.counts.getsExpected).as("the first began before the write ended").isEqualTo(1);
    assertThat(book.counts.missed).isEqualTo(1);
  }

  @Test
  void enter_whatNobodyWrote_isAViolation() {
    RecordMaker forger = new RecordMaker(4, SimulatedScheme.INSTANCE, "test", RECORDS);
    MutableRecord forged = forger.signed(op(Op.Kind.PUT, 10, 1), SimWorld.WALL_MILLIS + 10_000);
    book.enter(list(put(10, 12, 1, true), get(20, forged)));
    assertThat(book.counts.violations).isEqualTo(1);
    assertThat(book.violations().get(0)).contains("node 2", "record 0", "nobody wrote");
    assertThat(book.counts.found).isZero();
  }

  @Test
  void enter_recordPastItsEnd_isAViolationBeyondTheTolerance() {
    long end = 10 + TTL / SECOND;
    MutableRecord old = version(1, 10);
    book.enter(list(put(10, 12, 1, true), get(end + 59, old)));
    assertThat(book.violations()).isEmpty();
    book.enter(list(get(end + 62, old)));
    assertThat(book.violations()).hasSize(1);
    assertThat(book.violations().get(0)).contains("62.0 s past its end");
  }

  @Test
  void enter_nothingFoundNearItsEnd_isNotMissed() {
    long end = 10 + TTL / SECOND;
    book.enter(list(put(10, 12, 1, true), get(end - 50, null), get(end + 1, null)));
    assertThat(book.counts.getsExpected).isZero();
    book.enter(list(get(end - 70, null)));
    assertThat(book.counts.missed).isEqualTo(1);
  }

  @Test
  void enter_publishedAgain_livesFromThenAndHasNoDuration() {
    book.enter(list(put(10, 12, 1, true), put(500, 500, 1, true)));
    assertThat(book.currentVersion(0, 1_400 * SECOND)).isEqualTo(1);
    assertThat(book.counts.putMicros.count()).isEqualTo(1);
    assertThat(book.counts.putMicros.max()).isEqualTo(2 * SECOND);
  }

  @Test
  void value_eachRecordAndVersion_isItsOwnAndSaysWhich() {
    assertThat(maker.value(0, 1)).hasSize(40).isEqualTo(maker.value(0, 1));
    assertThat(maker.value(0, 1)).isNotEqualTo(maker.value(0, 2));
    assertThat(maker.value(0, 1)).isNotEqualTo(maker.value(1, 1));
    assertThat(RecordMaker.versionOf(maker.value(1, 77))).isEqualTo(77);
    assertThat(RecordMaker.versionOf(new byte[7])).isZero();
    assertThat(version(1, 10).key()).isEqualTo(maker.place(0));
    assertThat(maker.place(1)).isNotEqualTo(maker.place(0));
  }
}
