package org.bytchat.sim.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.sim.mail.MailDisk.Standing;
import org.bytchat.sim.scenario.Folder;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.junit.jupiter.api.Test;

/** What a disk has after the power failed. */
class MailDiskTest {

  private final List<Change> written = new ArrayList<>();
  private final Envelope first = Samples.envelope(1);
  private final Envelope second = Samples.envelope(2);
  private final Envelope third = Samples.envelope(3);

  private MailDisk disk(int lostCommits) {
    return new MailDisk(written::add, lostCommits);
  }

  private void begin(MailDisk disk, Envelope envelope, long sequence) {
    disk.begin(List.of(Samples.put(envelope, sequence)));
  }

  @Test
  void commit_thatIsFinished_isOnTheDiskAndTold() throws StoreException {
    MailDisk disk = disk(0);
    begin(disk, first, 1);
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.ABSENT);
    assertThat(written).isEmpty();
    disk.finish();
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.HELD);
    assertThat(disk.expiresMillis(first.digest())).isEqualTo(first.expiresMillis());
    assertThat(written).hasSize(1);
    disk.begin(List.of(Samples.delete(first.digest())));
    disk.finish();
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.DELETED);
    disk.begin(List.of(Samples.forget(first.digest())));
    disk.finish();
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.ABSENT);
    assertThat(disk.isDestroyed(first.digest())).isFalse();
  }

  @Test
  void crash_ofADiskThatIsKept_losesWhatWasOnItsWay() throws StoreException {
    MailDisk disk = disk(0);
    begin(disk, first, 1);
    disk.finish();
    begin(disk, second, 2);
    disk.crash(Folder.KEPT, 0.9);
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.HELD);
    assertThat(disk.standing(second.digest())).isEqualTo(Standing.ABSENT);
    assertThat(disk.heldCount()).isEqualTo(1);
    // What comes next is not mistaken for what was lost.
    begin(disk, third, 2);
    disk.finish();
    assertThat(disk.standing(third.digest())).isEqualTo(Standing.HELD);
    assertThat(disk.isDestroyed(second.digest())).isFalse();
  }

  @Test
  void crash_ofATornDisk_keepsTheFirstOfWhatWasOnItsWay() throws StoreException {
    MailDisk disk = disk(0);
    begin(disk, first, 1);
    begin(disk, second, 2);
    disk.crash(Folder.TORN, 0.6);
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.HELD);
    assertThat(disk.standing(second.digest())).isEqualTo(Standing.ABSENT);
  }

  @Test
  void crash_ofADiskThatLied_losesTheLastThatItSaidWereWritten() throws StoreException {
    MailDisk disk = disk(2);
    for (Envelope each : List.of(first, second, third)) {
      begin(disk, each, written.size() + 1);
      disk.finish();
    }
    disk.crash(Folder.TORN, 0);
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.HELD);
    assertThat(disk.standing(second.digest())).isEqualTo(Standing.ABSENT);
    assertThat(disk.isDestroyed(second.digest())).isTrue();
    assertThat(disk.isDestroyed(third.digest())).isTrue();
    assertThat(disk.isDestroyed(first.digest())).isFalse();
    assertThat(disk.heldCount()).isEqualTo(1);
    assertThat(disk.destructions).isEqualTo(1);
  }

  @Test
  void crash_thatLosesTheDisk_leavesNothing() throws StoreException {
    MailDisk disk = disk(0);
    begin(disk, first, 1);
    disk.finish();
    disk.crash(Folder.LOST, 0);
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.ABSENT);
    assertThat(disk.isDestroyed(first.digest())).isTrue();
    assertThat(disk.heldCount()).isZero();
  }

  @Test
  void deletion_onATraitorsDisk_doesNotHappen() throws StoreException {
    MailDisk disk = disk(0);
    disk.forgetDeletions();
    begin(disk, first, 1);
    disk.finish();
    disk.begin(List.of(Samples.delete(first.digest())));
    disk.finish();
    assertThat(disk.standing(first.digest())).isEqualTo(Standing.HELD);
    assertThat(disk.heldCount()).isEqualTo(1);
  }

  @Test
  void list_isTheOneThatIsOnTheDisk() throws StoreException {
    Users.User user = Samples.userOfTwoDevices(Samples.revoking(1));
    MailDisk disk = disk(1);
    assertThat(disk.list(user.mailbox())).isNull();
    disk.begin(List.of(Samples.putList(user, user.list(0))));
    disk.finish();
    disk.begin(List.of(Samples.putList(user, user.list(1))));
    assertThat(disk.list(user.mailbox())).isEqualTo(user.list(0));
    disk.finish();
    assertThat(disk.list(user.mailbox())).isEqualTo(user.list(1));
    disk.crash(Folder.TORN, 0);
    assertThat(disk.list(user.mailbox())).isEqualTo(user.list(0));
    disk.begin(List.of(new Change.End(user.mailbox())));
    disk.finish();
    assertThat(disk.list(user.mailbox())).isNull();
  }
}
