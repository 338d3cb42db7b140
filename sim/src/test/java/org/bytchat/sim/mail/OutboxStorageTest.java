package org.bytchat.sim.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.quorum.QuorumChange;
import org.junit.jupiter.api.Test;

/** An outbox that forgets which device list it has seen is found out. */
class OutboxStorageTest {

  private static final NodeId MAILBOX = Samples.user().mailbox();

  private final MailLog log = new MailLog();
  private final OutboxStorage storage = new OutboxStorage(3, log);

  private static QuorumChange.ListVersion list(long version) {
    return new QuorumChange.ListVersion(
        MAILBOX, version, Digest.sha256(new byte[] {(byte) version}));
  }

  private void keep(long version) {
    storage.keep(List.of(new QuorumChange.PutListVersion(list(version))));
  }

  @Test
  void version_thatGoesDown_isFound() {
    keep(2);
    keep(1);
    assertThat(log.drainProblems())
        .singleElement()
        .asString()
        .contains("outbox of user 3", "from version 2", "to 1");
  }

  @Test
  void version_thatStaysOrRises_isInOrder() {
    keep(1);
    // The outbox was stopped before it knew that this was on the disk.
    keep(1);
    keep(3);
    assertThat(log.drainProblems()).isEmpty();
    assertThat(storage.listVersions()).containsExactly(list(3));
  }

  @Test
  void version_thatWasForgottenForWantOfRoom_mayBeLower() {
    keep(2);
    storage.keep(List.of(new QuorumChange.RemoveListVersion(MAILBOX)));
    keep(1);
    assertThat(log.drainProblems()).isEmpty();
  }
}
