package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.mailbox.Digest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** The same changes give the same answers on disk as in memory. */
class SqliteStoreModelTest {

  private static final int COMMITS = 60;
  private static final List<NodeId> MAILBOXES =
      IntStream.rangeClosed(1, 4).mapToObj(StoreFixtures::mailbox).toList();
  private static final List<Digest> DIGESTS =
      IntStream.range(0, 12).mapToObj(StoreFixtures::digest).toList();

  @TempDir Path folder;

  @SeededTest(runs = 5)
  void randomChanges_bothStores_agree(long seed) throws StoreException {
    Random random = Seeds.random(seed);
    Map<NodeId, Long> nextSequences = new HashMap<>();
    MemoryStore model = new MemoryStore();
    SqliteStore store = SqliteStore.open(folder, SqliteStore.Options.defaults());
    for (int i = 0; i < COMMITS; i++) {
      List<Change> changes = new ArrayList<>();
      for (int j = random.nextInt(6); j >= 0; j--) {
        changes.add(StoreFixtures.random(random, nextSequences));
      }
      if (random.nextInt(8) == 0) {
        // So that one ends for certain, and begins anew with what comes.
        NodeId mailbox = MAILBOXES.get(random.nextInt(MAILBOXES.size()));
        DIGESTS.forEach(digest -> changes.add(new Change.Forget(mailbox, digest)));
        changes.add(new Change.End(mailbox));
        nextSequences.remove(mailbox);
        changes.add(StoreFixtures.random(random, nextSequences));
      }
      model.commit(changes);
      store.commit(changes);
      if (random.nextInt(10) == 0) {
        List<Change> impossible = new ArrayList<>(changes);
        impossible.add(StoreFixtures.put(StoreFixtures.mailbox(1), 1, 1, 1));
        impossible.add(StoreFixtures.put(StoreFixtures.mailbox(1), 1, 1, 1));
        assertThatThrownBy(() -> model.commit(impossible))
            .isInstanceOf(IllegalArgumentException.class);
        SqliteStore now = store;
        assertThatThrownBy(() -> now.commit(impossible))
            .isInstanceOf(IllegalArgumentException.class);
      }
      if (random.nextInt(15) == 0) {
        store.close();
        store = SqliteStore.open(folder, SqliteStore.Options.defaults());
      }
      assertSame(model, store);
    }
    store.close();
    SqliteStore.CheckReport report = SqliteStore.check(folder);
    assertThat(report.problems()).isEmpty();
    assertThat(report.totals())
        .usingRecursiveComparison()
        .ignoringFields("fileBytes")
        .isEqualTo(model.stats());
  }

  private static void assertSame(MailboxStore model, MailboxStore store) throws StoreException {
    for (NodeId mailbox : MAILBOXES) {
      assertThat(text(store, mailbox)).isEqualTo(text(model, mailbox));
    }
    for (long until = 9_999; until < 10_021; until += 3) {
      assertThat(store.expired(until, 0, 3)).isEqualTo(model.expired(until, 0, 3));
      assertThat(store.expired(until, 1, 2)).isEqualTo(model.expired(until, 1, 2));
    }
    for (long until = 0; until < 2_000; until += 500) {
      assertThat(store.idle(until, 0, 3)).isEqualTo(model.idle(until, 0, 3));
      assertThat(store.idle(until, 1, 2)).isEqualTo(model.idle(until, 1, 2));
    }
    assertThat(store.mailboxes(null, 10)).isEqualTo(model.mailboxes(null, 10));
    assertThat(store.stats())
        .usingRecursiveComparison()
        .ignoringFields("fileBytes")
        .isEqualTo(model.stats());
  }

  /** All that a store says of a mailbox. */
  private static String text(MailboxStore store, NodeId mailbox) throws StoreException {
    StringBuilder text = new StringBuilder();
    StoredMailbox found = store.load(mailbox).orElse(null);
    if (found != null) {
      text.append("next ").append(found.nextSequence()).append('\n');
      text.append("touched ").append(found.touchedMillis()).append('\n');
      found.parts().forEach((part, bytes) -> text.append(part).append(hex(bytes)).append('\n'));
      found.confirmations().forEach(one -> text.append(one).append('\n'));
      for (StoredMailbox.Entry entry : found.entries()) {
        text.append(
            List.of(
                entry.sequence(),
                entry.digest(),
                entry.acceptedMillis(),
                entry.expiresMillis(),
                entry.sizeBytes(),
                hex(entry.deliveryKey()),
                entry.deletedMillis()));
        text.append('\n');
      }
      found.acks().forEach(ack -> text.append(ack).append('\n'));
    }
    store.envelopes(mailbox, DIGESTS).forEach(bytes -> text.append(hex(bytes)).append('\n'));
    text.append(store.origins(mailbox, DIGESTS)).append('\n');
    for (Digest digest : DIGESTS) {
      store.ackBatches(mailbox, digest).forEach(bytes -> text.append(hex(bytes)).append(','));
      text.append('\n');
    }
    return text.toString();
  }

  private static String hex(byte @Nullable [] bytes) {
    return bytes == null ? "none" : HexFormat.of().formatHex(bytes);
  }
}
