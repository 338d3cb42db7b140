package org.bytchat.sim.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.junit.jupiter.api.Test;

/** What becomes of a message is judged by what all machines noted. */
class MailAuditTest {

  private static final long SECOND = 1_000_000;
  private static final long END = 1_000 * SECOND;

  private final Trackers trackers = new Trackers();
  private final MailLog log = new MailLog();
  private final Users.User user = Samples.userOfTwoDevices(Samples.USERS);
  private final MailAudit audit = new MailAudit(trackers, Samples.USERS, 0, 0);
  private final Envelope envelope = Samples.envelope(1);
  private final List<MailPlan.Message> messages =
      List.of(new MailPlan.Message(0, SECOND, 0, user.index(), 0.5));

  /** Trackers of which a test says what they have. */
  private static final class Trackers implements MailAudit.View {
    private final Map<Integer, MailDisk.Standing> standings = new HashMap<>();
    private final Set<Integer> traitors = new HashSet<>();
    private final Set<Integer> destroyed = new HashSet<>();

    @Override
    public int placeOf(NodeId tracker) {
      return tracker.low();
    }

    @Override
    public MailDisk.Standing standing(int place, Digest digest) {
      return standings.getOrDefault(place, MailDisk.Standing.ABSENT);
    }

    @Override
    public boolean isDestroyed(int place, Digest digest) {
      return destroyed.contains(place);
    }

    @Override
    public boolean isHonest(int place) {
      return !traitors.contains(place);
    }

    @Override
    public List<Integer> closestUp(NodeId mailbox, int count) {
      return List.of(1, 2, 3);
    }

    @Override
    public boolean serves(int place) {
      return !traitors.contains(place);
    }
  }

  private void send() {
    log.add(
        new MailLog.Sent(
            SECOND, 0, envelope.digest(), envelope.createdMillis(), envelope.expiresMillis()));
  }

  private void deposit() {
    List<NodeId> ids = List.of(NodeId.of(0, 0, 1), NodeId.of(0, 0, 2), NodeId.of(0, 0, 3));
    log.add(new MailLog.Deposited(2 * SECOND, envelope.digest(), ids));
    for (int place = 1; place <= 3; place++) {
      trackers.standings.put(place, MailDisk.Standing.HELD);
    }
  }

  private void accept(int device) {
    log.add(new MailLog.Accepted(3 * SECOND, envelope.digest(), device));
  }

  private void delete() {
    log.add(new MailLog.Deleted(4 * SECOND, user.mailbox(), envelope.digest(), 1));
  }

  private List<String> entered() {
    audit.enter(List.of(log), messages, END);
    audit.checkCustody(5 * SECOND);
    return audit.drainProblems();
  }

  @Test
  void message_thatAllDevicesHave_mayBeDeleted() {
    send();
    deposit();
    accept(0);
    accept(1);
    delete();
    trackers.standings.clear();
    assertThat(entered()).isEmpty();
    audit.finish(5 * SECOND);
    assertThat(audit.figures.deliveredToAll).isEqualTo(1);
    assertThat(audit.figures.lost).isZero();
  }

  @Test
  void message_whoseMachineIsLookedAtLast_isKnownBeforeWhatFollows() {
    MailLog sender = new MailLog();
    sender.add(
        new MailLog.Sent(
            SECOND, 0, envelope.digest(), envelope.createdMillis(), envelope.expiresMillis()));
    accept(0);
    accept(1);
    delete();
    audit.enter(List.of(log, sender), messages, END);
    assertThat(audit.drainProblems()).isEmpty();
    audit.finish(5 * SECOND);
    assertThat(audit.figures.deliveredToAll).isEqualTo(1);
  }

  @Test
  void message_thatOneDeviceHasNot_mayNotBeDeleted() {
    send();
    deposit();
    accept(0);
    delete();
    assertThat(entered()).singleElement().asString().contains("which not all devices have");
  }

  @Test
  void message_thatARevokedDeviceHasNot_mayBeDeletedFromThenOn() {
    long revoked = 3_500_000;
    Users users = Samples.revoking(revoked);
    Users.User same = users.user(user.index());
    assertThat(same.revokedMicros()).isEqualTo(revoked);
    assertThat(same.list(revoked).version()).isEqualTo(2);
    MailAudit judge = new MailAudit(trackers, users, 0, 0);
    send();
    deposit();
    accept(0);
    log.add(new MailLog.Deleted(revoked - 1, same.mailbox(), envelope.digest(), 1));
    judge.enter(List.of(log), messages, END);
    assertThat(judge.drainProblems()).hasSize(1);
    log.add(new MailLog.Deleted(revoked, same.mailbox(), envelope.digest(), 1));
    judge.enter(List.of(log), messages, END);
    assertThat(judge.drainProblems()).isEmpty();
  }

  @Test
  void message_thatOnlyARevokedDeviceHas_isNotDelivered() {
    Users users = Samples.revoking(2_500_000);
    MailAudit judge = new MailAudit(trackers, users, 0, 0);
    send();
    deposit();
    accept(1);
    judge.enter(List.of(log), messages, END);
    judge.finish(5 * SECOND);
    assertThat(judge.figures.delivered).isZero();
    assertThat(judge.figures.deliveredToAll).isZero();
    accept(0);
    judge.enter(List.of(log), messages, END);
    assertThat(judge.figures.delivered).isEqualTo(1);
  }

  @Test
  void message_thatARevokedDeviceIsHanded_isCountedFromTheRevocationOn() {
    long revoked = 3 * SECOND - 1;
    MailAudit judge = new MailAudit(trackers, Samples.revoking(revoked), 0, 0);
    send();
    log.add(new MailLog.Accepted(revoked - 1, envelope.digest(), 1));
    accept(0);
    judge.enter(List.of(log), messages, END);
    assertThat(judge.figures.handedToRevoked).isZero();
    log.add(new MailLog.Accepted(revoked + 7 * SECOND, envelope.digest(), 1));
    log.add(new MailLog.Accepted(revoked, envelope.digest(), 1));
    judge.enter(List.of(log), messages, END);
    assertThat(judge.figures.handedToRevoked).isEqualTo(2);
    assertThat(judge.figures.toMap()).containsEntry("handed_to_revoked_s_max", 7L);
    assertThat(judge.drainProblems()).isEmpty();
  }

  @Test
  void proof_thatIsToldTwice_countsOnce() {
    send();
    deposit();
    log.add(new MailLog.Proven(4 * SECOND, envelope.digest()));
    log.add(new MailLog.Proven(5 * SECOND, envelope.digest()));
    assertThat(entered()).isEmpty();
    assertThat(audit.figures.proven).isEqualTo(1);
  }

  @Test
  void envelopeOfAFlood_isJudgedAlike() {
    accept(0);
    delete();
    assertThat(entered()).hasSize(1);
    accept(1);
    delete();
    assertThat(entered()).isEmpty();
  }

  @Test
  void message_thatOneHolderHasNotAnyMore_isFoundAlthoughOthersHaveIt() {
    send();
    deposit();
    trackers.standings.remove(2);
    assertThat(entered()).singleElement().asString().contains("tracker 2 has given a receipt");
    assertThat(audit.figures.lost).isZero();
  }

  @Test
  void message_thatNobodyHasAnyMore_isLost() {
    send();
    deposit();
    trackers.standings.clear();
    assertThat(entered()).anyMatch(text -> text.contains("message 0 is lost"));
    assertThat(audit.figures.lost).isEqualTo(1);
  }

  @Test
  void message_whoseHoldersWereAllDestroyedOrTraitors_isLostByNobodysFault() {
    send();
    deposit();
    trackers.standings.clear();
    trackers.destroyed.addAll(List.of(1, 2));
    trackers.traitors.add(3);
    assertThat(entered()).isEmpty();
    assertThat(audit.figures.lost).isEqualTo(1);
  }

  @Test
  void message_thatHasEnded_needNotBeHeld() {
    send();
    deposit();
    trackers.standings.clear();
    audit.enter(List.of(log), messages, END);
    audit.checkCustody(SECOND + 3 * Samples.DAY_MILLIS * 1_000);
    assertThat(audit.drainProblems()).isEmpty();
  }

  private static final long EXPIRED = SECOND + 3 * Samples.DAY_MILLIS * 1_000;

  @Test
  void message_thatEndsBeforeAnyDeviceHasIt_isExpiredUnseen() {
    send();
    deposit();
    entered();
    audit.finish(EXPIRED);
    assertThat(audit.figures.expired).isEqualTo(1);
    assertThat(audit.figures.expiredUnseen).isEqualTo(1);
  }

  @Test
  void message_thatEndsWhenOneDeviceHasIt_isExpiredButNotUnseen() {
    send();
    deposit();
    accept(1);
    entered();
    audit.finish(EXPIRED);
    assertThat(audit.figures.expired).isEqualTo(1);
    assertThat(audit.figures.expiredUnseen).isZero();
  }

  @Test
  void message_thatOnlyADeviceRevokedBeforeItsEndHas_isExpiredUnseen() {
    MailAudit judge = new MailAudit(trackers, Samples.revoking(EXPIRED - 1), 0, 0);
    send();
    deposit();
    accept(1);
    judge.enter(List.of(log), messages, END);
    judge.finish(EXPIRED);
    assertThat(judge.figures.expiredUnseen).isEqualTo(1);
  }

  @Test
  void message_thatHasNotEndedOrThatAllHave_isNotExpired() {
    send();
    deposit();
    accept(0);
    entered();
    audit.finish(EXPIRED - 1);
    assertThat(audit.figures.expired).isZero();
    accept(1);
    entered();
    audit.finish(EXPIRED);
    assertThat(audit.figures.expired).isZero();
    assertThat(audit.figures.expiredUnseen).isZero();
  }

  @Test
  void probe_tellsWhatIsDeliveredFetchableAndMissed() {
    send();
    deposit();
    entered();
    audit.probe(END);
    assertThat(audit.figures.probesFetchable).isEqualTo(1);
    assertThat(audit.figures.keptShare()).isEqualTo(1);
  }

  @Test
  void probe_ofWhatNoneOfTheClosestHas_isAMiss() {
    send();
    deposit();
    entered();
    trackers.standings.clear();
    audit.probe(END);
    assertThat(audit.figures.probesMissed).isEqualTo(1);
    assertThat(audit.figures.keptShare()).isZero();
  }

  @Test
  void message_thatIsNotDeposited_isOverdueAfterThePatience() {
    send();
    entered();
    assertThat(audit.overdue(10 * SECOND, 9 * SECOND)).isZero();
    assertThat(audit.overdue(11 * SECOND, 9 * SECOND)).isEqualTo(1);
  }

  @Test
  void problemsOfMachines_areTold() {
    log.problem("something");
    assertThat(entered()).containsExactly("something");
    assertThat(audit.figures.violations).isEqualTo(1);
  }
}
