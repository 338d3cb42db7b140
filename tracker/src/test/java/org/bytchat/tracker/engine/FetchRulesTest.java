package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.Test;

/** The rules of fetches. */
final class FetchRulesTest {

  private final TrackerHarness lab =
      new TrackerHarness(
          TrackerConfig.defaults().withStamps(new TrackerConfig.Stamps(0, 0, 1_000)),
          Ed25519Scheme.INSTANCE,
          13);
  private final TestUser bob = lab.user(2);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity laptop = bob.devices.get(1);

  private Digest deposit(int sizeBytes) {
    Envelope envelope = bob.envelope(lab.wallMillis(), 3, sizeBytes);
    lab.send(new Request.Deposit(envelope, new Admission.ByStamp(0))).receipt();
    return envelope.digest();
  }

  @Test
  void fetch_withoutOpen_refused() {
    assertThat(lab.fetch(lab.open()).refusal()).isEqualTo(Refusal.NOT_OPEN);
  }

  @Test
  void fetch_moreThanLimit_pagesInOrderByCursor() {
    List<Digest> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      all.add(deposit(512));
    }
    long session = lab.open(bob, phone);
    List<Digest> got = new ArrayList<>();
    long cursor = 0;
    for (int i = 0; i < 3; i++) {
      TrackerHarness.Answer page = lab.fetch(session, cursor, 3, Duration.ZERO);
      Response.PageEnd end = page.as(Response.PageEnd.class);
      assertThat(end.more()).isEqualTo(i < 2);
      cursor = end.cursor();
      got.addAll(page.digests());
    }
    assertThat(got).isEqualTo(all);
    TrackerHarness.Answer empty = lab.fetch(session, cursor, 3, Duration.ZERO);
    assertThat(empty.as(Response.PageEnd.class))
        .isEqualTo(new Response.PageEnd(cursor, false, 0, null));
  }

  @Test
  void fetch_moreThanLimitOfBytesOrCount_pageStaysUnderBoth() {
    lab.config = lab.config.withPage(new TrackerConfig.Page(3, 64 << 10));
    lab.crash();
    for (int size : new int[] {32 << 10, 32 << 10, 512, 64 << 10, 512, 512, 512, 512}) {
      deposit(size);
    }
    long session = lab.open(bob, phone);
    List<Integer> counts = new ArrayList<>();
    long cursor = 0;
    boolean more = true;
    while (more) {
      TrackerHarness.Answer page = lab.fetch(session, cursor, 100, Duration.ZERO);
      counts.add(page.envelopes.size());
      cursor = page.as(Response.PageEnd.class).cursor();
      more = page.as(Response.PageEnd.class).more();
    }
    assertThat(counts).containsExactly(2, 1, 1, 3, 1);
  }

  @Test
  void fetch_limitOrWaitOutOfRange_givesOne() {
    deposit(512);
    deposit(512);
    long session = lab.open(bob, phone);
    assertThat(lab.fetch(session, -5, -1, Duration.ofDays(-1)).envelopes).hasSize(1);
    assertThat(lab.fetch(session, Long.MAX_VALUE, 1, Duration.ZERO).envelopes).isEmpty();
  }

  @Test
  void fetch_acknowledgedByThisDevice_notGivenAgain() {
    Digest first = deposit(512);
    Digest second = deposit(512);
    lab.open(bob, phone);
    lab.send(new Request.PutAcks(bob.ack(phone, List.of(first))));
    assertThat(lab.fetch(lab.open(bob, phone)).digests()).containsExactly(second);
    assertThat(lab.fetch(lab.open(bob, laptop)).digests()).containsExactly(first, second);
  }

  @Test
  void fetch_waits_wokenByDeposit() {
    long session = lab.open(bob, phone);
    TrackerHarness.Answer waits = lab.fetch(session, 0, 10, Duration.ofSeconds(30));
    lab.advance(Duration.ofSeconds(10));
    assertThat(waits.last).isNull();
    Digest digest = deposit(512);
    assertThat(waits.digests()).containsExactly(digest);
    waits.as(Response.PageEnd.class);
    assertThat(lab.engine.stats().waitingFetches()).isZero();
  }

  @Test
  void fetch_waitsAndDepositIsNotForIt_waitsOnUntilItsTime() {
    Digest digest = deposit(512);
    long session = lab.open(bob, phone);
    TrackerHarness.Answer waits = lab.fetch(session, 100, 10, Duration.ofSeconds(30));
    lab.advance(Duration.ofSeconds(29));
    assertThat(deposit(512)).isNotEqualTo(digest);
    lab.advance(Duration.ofMillis(999));
    assertThat(waits.last).isNull();
    lab.advance(Duration.ofMillis(2));
    assertThat(waits.as(Response.PageEnd.class))
        .isEqualTo(new Response.PageEnd(100, false, 0, null));
  }

  @Test
  void fetch_waitsLongerThanAllowed_answeredAfterMaximum() {
    long session = lab.open(bob, phone);
    TrackerHarness.Answer waits = lab.fetch(session, 0, 10, Duration.ofDays(30));
    lab.advance(Duration.ofMinutes(1));
    waits.as(Response.PageEnd.class);
  }

  @Test
  void fetch_sessionClosedWhileItWaits_nothingWaitsAlsoAfterAnotherOpen() {
    long session = lab.open(bob, phone);
    lab.fetch(session, 0, 10, Duration.ofSeconds(30));
    TestUser carol = lab.user(1);
    lab.send(
            session, carol.open(carol.devices.get(0), carol.list, lab.tracker(), lab.hash(session)))
        .as(Response.Opened.class);
    assertThat(lab.engine.stats().waitingFetches()).isEqualTo(1);
    lab.close(session);
    assertThat(lab.engine.stats().waitingFetches()).isZero();
    deposit(512);
    lab.advance(Duration.ofMinutes(1));
  }

  @Test
  void fetch_ended_neverGivenAlsoIfItEndsWhileItIsRead() {
    deposit(512);
    long session = lab.open(bob, phone);
    lab.advance(Duration.ofDays(3).minusSeconds(1));
    assertThat(lab.fetch(session).envelopes).hasSize(1);
    lab.isHolding = true;
    TrackerHarness.Answer slow = lab.fetch(session);
    lab.advance(Duration.ofSeconds(2));
    lab.release();
    slow.as(Response.PageEnd.class);
    assertThat(slow.envelopes).isEmpty();
    assertThat(lab.fetch(session).envelopes).isEmpty();
  }

  @Test
  void fetch_oneIsDamaged_othersAreGiven() {
    Digest first = deposit(512);
    Digest second = deposit(512);
    Digest third = deposit(512);
    lab.damaged.add(second);
    TrackerHarness.Answer page = lab.fetch(lab.open(bob, phone));
    page.as(Response.PageEnd.class);
    assertThat(page.digests()).containsExactly(first, third);
    assertThat(lab.engine.stats().get(TrackerCounter.UNREADABLE)).isEqualTo(1);
  }
}
