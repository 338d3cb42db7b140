package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.tracker.store.StoreFixtures.ADA;
import static org.bytchat.tracker.store.StoreFixtures.BOB;
import static org.bytchat.tracker.store.StoreFixtures.put;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.GroupCommit.Limits;
import org.bytchat.tracker.store.StoreException.Reason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupCommitTest {

  private static final Limits LIMITS = Limits.defaults();

  private final Gate store = new Gate();

  /** Of the list that the thread is busy with. */
  private CompletableFuture<Void> first = new CompletableFuture<>();

  @TempDir Path folder;

  /** A store in memory whose commits wait for a permit, and can be made to fail. */
  private static final class Gate implements MailboxStore {

    private final MemoryStore memory = new MemoryStore();
    private final Semaphore permits = new Semaphore(0);
    private final List<Integer> sizes = new ArrayList<>();
    private @Nullable StoreException failure;

    @Override
    public void commit(List<Change> changes) throws StoreException {
      permits.acquireUninterruptibly();
      synchronized (this) {
        sizes.add(changes.size());
        if (failure != null) {
          throw failure;
        }
      }
      memory.commit(changes);
    }

    synchronized void fail(@Nullable StoreException next) {
      failure = next;
    }

    synchronized List<Integer> sizes() {
      return List.copyOf(sizes);
    }

    @Override
    public Optional<StoredMailbox> load(NodeId mailbox) throws StoreException {
      return memory.load(mailbox);
    }

    @Override
    public List<@Nullable Origin> origins(NodeId mailbox, List<Digest> digests)
        throws StoreException {
      return memory.origins(mailbox, digests);
    }

    @Override
    public List<byte @Nullable []> envelopes(NodeId mailbox, List<Digest> digests)
        throws StoreException {
      return memory.envelopes(mailbox, digests);
    }

    @Override
    public List<byte[]> ackBatches(NodeId mailbox, Digest digest) throws StoreException {
      return memory.ackBatches(mailbox, digest);
    }

    @Override
    public List<NodeId> mailboxes(@Nullable NodeId after, int limit) throws StoreException {
      return memory.mailboxes(after, limit);
    }

    @Override
    public List<NodeId> expired(long untilMillis, int skip, int limit) throws StoreException {
      return memory.expired(untilMillis, skip, limit);
    }

    @Override
    public List<NodeId> idle(long untilMillis, int skip, int limit) throws StoreException {
      return memory.idle(untilMillis, skip, limit);
    }

    @Override
    public StoreStats stats() throws StoreException {
      return memory.stats();
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  @AfterEach
  void letThrough() {
    store.permits.release(1_000);
  }

  private static Limits limits(int queuedLists, long queuedBytes, int groupLists) {
    return new Limits(queuedLists, queuedBytes, groupLists, 1 << 20, 10_000);
  }

  private static CompletableFuture<Void> submit(GroupCommit writer, Change... changes) {
    return writer.submit(List.of(changes)).orElseThrow();
  }

  /** Submits a list that the thread takes at once, and waits until it has. */
  private void occupy(GroupCommit writer) {
    first = submit(writer, put(ADA, 1, 1, 20_000));
    Awaitility.await().until(() -> writer.stats().queuedLists() == 0);
  }

  @Test
  void submit_onDisk_isDoneWhenItIsThere() throws Exception {
    try (SqliteStore disk = SqliteStore.open(folder, SqliteStore.Options.defaults());
        GroupCommit writer = new GroupCommit(disk, LIMITS)) {
      submit(writer, put(ADA, 1, 1, 20_000), put(BOB, 1, 1, 20_000)).get(10, TimeUnit.SECONDS);
      assertThat(disk.load(BOB)).isPresent();
      WriterStats stats = writer.stats();
      assertThat(stats.commits()).isEqualTo(1);
      assertThat(stats.changes()).isEqualTo(2);
      assertThat(stats.commitNanosAverage()).isPositive().isEqualTo(stats.commitNanosLast());
      assertThat(stats.waitMicros(1)).isPositive();
    }
  }

  @Test
  void submit_whileACommitIsUnderWay_gathersIntoTheNext() throws Exception {
    try (GroupCommit writer = new GroupCommit(store, limits(100, 1 << 20, 3))) {
      occupy(writer);
      List<CompletableFuture<Void>> later = new ArrayList<>();
      for (int i = 2; i <= 5; i++) {
        later.add(submit(writer, put(ADA, i, i, 20_000)));
      }
      assertThat(writer.stats().queuedLists()).isEqualTo(4);
      assertThat(writer.stats().queuedBytes()).isGreaterThan(4 * 512);
      assertThat(first).isNotDone();
      store.permits.release(3);
      CompletableFuture.allOf(later.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
      assertThat(store.sizes()).containsExactly(1, 3, 1);
      assertThat(store.load(ADA).orElseThrow().entries()).hasSize(5);
      assertThat(writer.stats().lists()).isEqualTo(5);
      assertThat(writer.stats().listsLast()).isEqualTo(1);
      assertThat(writer.stats().queuedBytes()).isZero();
    }
  }

  @Test
  void submit_groupTooLong_isCutByBytes() throws Exception {
    try (GroupCommit writer =
        new GroupCommit(store, new Limits(100, 1 << 20, 100, 1_600, 10_000))) {
      occupy(writer);
      CompletableFuture<Void> last = null;
      for (int i = 2; i <= 5; i++) {
        last = submit(writer, put(ADA, i, i, 20_000));
      }
      store.permits.release(3);
      assertThat(last).succeedsWithin(10, TimeUnit.SECONDS);
      assertThat(store.sizes()).containsExactly(1, 2, 2);
    }
  }

  @Test
  void submit_tooManyWait_isRefusedAndTakenLater() throws Exception {
    try (GroupCommit writer = new GroupCommit(store, limits(2, 1 << 20, 10))) {
      occupy(writer);
      CompletableFuture<Void> second = submit(writer, put(ADA, 2, 2, 20_000));
      CompletableFuture<Void> third = submit(writer, put(ADA, 3, 3, 20_000));
      assertThat(writer.submit(List.of(put(ADA, 4, 4, 20_000)))).isEmpty();
      assertThat(writer.stats().refusedLists()).isEqualTo(1);
      store.permits.release(2);
      third.get(10, TimeUnit.SECONDS);
      assertThat(second).isCompleted();
      store.permits.release(1);
      submit(writer, put(ADA, 4, 4, 20_000)).get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void submit_tooManyBytesWait_isRefusedUnlessNothingElseWaits() throws Exception {
    try (GroupCommit writer = new GroupCommit(store, limits(100, 600, 10))) {
      occupy(writer);
      CompletableFuture<Void> big = submit(writer, put(ADA, 2, 2, 20_000), put(ADA, 3, 3, 20_000));
      assertThat(writer.submit(List.of(new Change.Forget(ADA, StoreFixtures.digest(9))))).isEmpty();
      store.permits.release(2);
      big.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void commit_oneListImpossible_failsAlone() throws Exception {
    try (GroupCommit writer = new GroupCommit(store, LIMITS)) {
      occupy(writer);
      final CompletableFuture<Void> good = submit(writer, put(ADA, 2, 2, 20_000));
      final CompletableFuture<Void> bad =
          submit(writer, put(BOB, 1, 1, 20_000), put(ADA, 1, 3, 20_000));
      final CompletableFuture<Void> last = submit(writer, put(ADA, 3, 4, 20_000));
      store.permits.release(10);
      good.get(10, TimeUnit.SECONDS);
      last.get(10, TimeUnit.SECONDS);
      assertThatThrownBy(bad::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(IllegalArgumentException.class);
      assertThat(store.load(BOB)).isEmpty();
      assertThat(store.load(ADA).orElseThrow().entries()).hasSize(3);
      assertThat(writer.stats().failedLists()).isEqualTo(1);
    }
  }

  @Test
  void commit_diskFull_failsAllAtOnceAndGoesOnLater() throws Exception {
    try (GroupCommit writer = new GroupCommit(store, LIMITS)) {
      occupy(writer);
      CompletableFuture<Void> second = submit(writer, put(ADA, 2, 2, 20_000));
      CompletableFuture<Void> third = submit(writer, put(ADA, 3, 3, 20_000));
      store.fail(new StoreException(Reason.FULL, "no room"));
      store.permits.release(10);
      for (CompletableFuture<Void> each : List.of(first, second, third)) {
        assertThatThrownBy(each::join)
            .hasCauseInstanceOf(StoreException.class)
            .hasMessageContaining("no room");
      }
      assertThat(store.sizes()).as("no second try").containsExactly(1, 2);
      assertThat(writer.stats().failedLists()).isEqualTo(3);
      store.fail(null);
      submit(writer, put(ADA, 1, 1, 20_000)).get(10, TimeUnit.SECONDS);
      assertThat(writer.stats().commits()).isEqualTo(1);
    }
  }

  @Test
  void commit_damaged_triesEachListAlone() {
    try (GroupCommit writer = new GroupCommit(store, LIMITS)) {
      occupy(writer);
      CompletableFuture<Void> second = submit(writer, put(ADA, 2, 2, 20_000));
      final CompletableFuture<Void> third = submit(writer, put(ADA, 3, 3, 20_000));
      store.fail(new StoreException(Reason.DAMAGED, "a page"));
      store.permits.release(10);
      assertThatThrownBy(second::join).hasCauseInstanceOf(StoreException.class);
      assertThatThrownBy(third::join).hasCauseInstanceOf(StoreException.class);
      assertThat(store.sizes()).containsExactly(1, 2, 1, 1);
    }
  }

  @Test
  void close_listsWait_commitsThem() {
    GroupCommit writer = new GroupCommit(store, LIMITS);
    occupy(writer);
    CompletableFuture<Void> second = submit(writer, put(ADA, 2, 2, 20_000));
    store.permits.release(10);
    writer.close();
    writer.close();
    assertThat(second).isCompleted();
    assertThatThrownBy(() -> submit(writer, put(ADA, 3, 3, 20_000)).join())
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void close_storeHangs_failsWhatWaitsAndReturns() {
    GroupCommit writer = new GroupCommit(store, new Limits(10, 1 << 20, 10, 1 << 20, 50));
    occupy(writer);
    CompletableFuture<Void> second = submit(writer, put(ADA, 2, 2, 20_000));
    writer.close();
    assertThat(first).isNotDone();
    assertThatThrownBy(second::join)
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void close_byWhatFollowsAFuture_doesNotHang() {
    GroupCommit writer = new GroupCommit(store, LIMITS);
    CompletableFuture<Void> closed = submit(writer, put(ADA, 1, 1, 20_000)).thenRun(writer::close);
    store.permits.release(10);
    assertThat(closed).succeedsWithin(10, TimeUnit.SECONDS);
  }

  @Test
  void waitMicros_ofKnownWaits_isThePlacesBound() {
    WriterStats stats =
        new WriterStats(1, 100, 100, 0, 0, 1, 1, 1, 0, 0, List.of(0L, 50L, 49L, 0L, 1L));
    assertThat(stats.waitMicros(0.5)).isEqualTo(2);
    assertThat(stats.waitMicros(0.99)).isEqualTo(4);
    assertThat(stats.waitMicros(1)).isEqualTo(16);
    assertThat(new WriterStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of(0L)).waitMicros(1)).isZero();
    assertThatThrownBy(() -> stats.waitMicros(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
