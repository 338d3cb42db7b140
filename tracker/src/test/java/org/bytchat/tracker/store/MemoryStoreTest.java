package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.tracker.store.StoreFixtures.ADA;
import static org.bytchat.tracker.store.StoreFixtures.entry;
import static org.bytchat.tracker.store.StoreFixtures.envelope;
import static org.bytchat.tracker.store.StoreFixtures.tombstone;

import org.junit.jupiter.api.Test;

class MemoryStoreTest extends MailboxStoreContract {

  @Override
  MailboxStore open() {
    return new MemoryStore();
  }

  @Test
  void change_contradictsItself_refused() {
    StoredMailbox.Entry entry = entry(1, envelope(1), 20_000);
    assertThatThrownBy(() -> new Change.PutEnvelope(ADA, entry, new byte[511], null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("511");
    assertThatThrownBy(() -> new Change.PutEnvelope(ADA, tombstone(entry, 5), envelope(1), null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Change.PutTombstone(ADA, entry))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Change.Delete(ADA, entry.digest(), 0))
        .isInstanceOf(IllegalArgumentException.class);
    for (long sequence : new long[] {0, -1, Long.MAX_VALUE}) {
      assertThatThrownBy(
              () ->
                  new Change.PutEnvelope(
                      ADA, entry(sequence, envelope(1), 20_000), envelope(1), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Long.toString(sequence));
    }
  }
}
