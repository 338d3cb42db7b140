package org.bytchat.sim.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytchat.sim.mail.DeviceStorage.Acceptance;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.quorum.QuorumChange;
import org.junit.jupiter.api.Test;

/** A device that is handed an envelope twice is found out. */
class DeviceStorageTest {

  private final DeviceStorage storage = new DeviceStorage();
  private final Digest digest = Samples.envelope(1).digest();

  private void keep() {
    storage.keep(List.of(new QuorumChange.PutSeen(new QuorumChange.Seen(digest, 5))));
  }

  @Test
  void envelope_thatIsHandedTwice_isFound() {
    assertThat(storage.accept(digest)).isEqualTo(Acceptance.NEW);
    assertThat(storage.accept(digest)).isEqualTo(Acceptance.AGAIN);
  }

  @Test
  void stop_beforeItIsWrittenDown_excusesOnce() {
    storage.accept(digest);
    storage.stop();
    assertThat(storage.seen()).isEmpty();
    assertThat(storage.accept(digest)).isEqualTo(Acceptance.AGAIN_AFTER_STOP);
    assertThat(storage.accept(digest)).isEqualTo(Acceptance.AGAIN);
  }

  @Test
  void stop_afterItIsWrittenDown_excusesNothing() {
    storage.accept(digest);
    keep();
    storage.stop();
    assertThat(storage.seen()).hasSize(1);
    assertThat(storage.accept(digest)).isEqualTo(Acceptance.AGAIN);
  }

  @Test
  void seen_isPrunedByItsEnd() {
    keep();
    storage.keep(List.of(new QuorumChange.PruneSeen(5)));
    assertThat(storage.seen()).hasSize(1);
    storage.keep(List.of(new QuorumChange.PruneSeen(6)));
    assertThat(storage.seen()).isEmpty();
  }
}
