package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.dht.store.Items.DAY;
import static org.bytchat.dht.store.Items.MINUTE;
import static org.bytchat.dht.store.Items.NOW;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Shrinker;

/**
 * Goal: whatever happens, in whatever order, the store and what it keeps on disk are those of a
 * plain list to which the rules are applied; also after its end at any byte of a write.
 */
class RecordStoreModelTest {

  private static final int OPERATIONS = 100_000;
  private static final int USERS = 14;
  private static final int CHUNKS = 24;

  private static final List<NodeId> USER_KEYS =
      IntStream.range(0, USERS).mapToObj(user -> Items.mutable(user, 1).key()).toList();

  /** What can happen to a store. */
  private enum Kind {
    PUT_RECORD,
    PUT_CHUNK,
    COMPARE_AND_SWAP,
    REPLAY,
    EXPIRE,
    PASS_TIME,
    SET_CLOCK,
    SNAPSHOT,
    RESTART,
    RESTART_TORN,
    RESTART_OLD_LOG
  }

  /** One thing that happens; the numbers mean something else to each kind. */
  private record Operation(Kind kind, int which, long source, int size, long number) {}

  @SeededTest(runs = 2)
  void operations_random_sameAsTheNaiveStore(long seed) {
    Random random = Seeds.random(seed);
    StoreConfig config =
        StoreConfig.defaults()
            .withSpace(
                1 << 16,
                8 + random.nextInt(40),
                1 << (12 + random.nextInt(4)),
                2 + random.nextInt(20));
    Shrinker.check(operations(random), list -> new Run(config).all(list));
  }

  /** Few and long items, so that the bytes are what is short. */
  @SeededTest(runs = 8)
  void operations_bytesShort_sameAsTheNaiveStore(long seed) {
    Random random = Seeds.random(seed);
    StoreConfig config =
        StoreConfig.defaults().withSpace(1 << 16, 1_000, 1 << (14 + random.nextInt(3)), 1_000);
    int sources = random.nextBoolean() ? 6 : 200;
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      Kind kind = random.nextInt(100) == 0 ? Kind.RESTART_TORN : Kind.PUT_CHUNK;
      int size = random.nextInt(4) == 0 ? random.nextInt(959) : 900;
      operations.add(
          new Operation(
              kind, random.nextInt(500), random.nextInt(sources), size, random.nextLong()));
    }
    Shrinker.check(
        operations,
        list -> {
          Run run = new Run(config);
          run.all(list);
          if (list.size() == operations.size()) {
            assertThat(run.evicted).as("the bytes are short").isGreaterThan(50);
          }
        });
  }

  private static List<Operation> operations(Random random) {
    List<Operation> operations = new ArrayList<>();
    int[] weights = {34, 20, 14, 8, 6, 10, 3, 1, 1, 2, 1};
    while (operations.size() < OPERATIONS) {
      int drawn = random.nextInt(100);
      int kind = 0;
      while (drawn >= weights[kind]) {
        drawn -= weights[kind++];
      }
      operations.add(
          new Operation(
              Kind.values()[kind],
              random.nextInt(1_000),
              // Some sources bring far more than others.
              random.nextInt(1 + random.nextInt(9)),
              random.nextInt(random.nextInt(3) == 0 ? 800 : 30),
              random.nextLong()));
    }
    return operations;
  }

  /** A store, its files, and the naive store at each moment from which a log could be cut. */
  private static final class Run {

    private final StoreConfig config;
    private final List<StorePut> recent = new ArrayList<>();
    private RecordStore store;
    private NaiveStore naive;
    private long now = NOW;
    private long evicted;

    private long generation;
    private byte[] snapshot = new byte[0];
    private byte[] oldLog = new byte[0];
    private StoreLog writer = StoreLog.begin(StoreLog.File.LOG, 0, 1);
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final List<Integer> ends = new ArrayList<>();
    private final List<NaiveStore> states = new ArrayList<>();

    Run(StoreConfig config) {
      this.config = config;
      this.store = new RecordStore(config);
      this.naive = new NaiveStore(config);
      beginLog();
    }

    void all(List<Operation> operations) {
      int done = 0;
      for (Operation operation : operations) {
        apply(operation);
        if (++done % 8 == 0) {
          checkState();
        }
        if (ends.size() > 150) {
          writeSnapshot();
        }
      }
      restart(log.toByteArray(), states.size() - 1);
    }

    private void apply(Operation operation) {
      switch (operation.kind) {
        case PUT_RECORD ->
            put(
                new StorePut(
                    record(operation),
                    key(operation),
                    key(operation),
                    StorePut.ANY_SEQUENCE,
                    operation.source));
        case COMPARE_AND_SWAP ->
            put(
                StorePut.of(record(operation), operation.source)
                    .withExpectedSequence(
                        Math.max(0, naive.sequenceOf(key(operation), now) - operation.which % 2)));
        case PUT_CHUNK -> {
          Chunk chunk = chunk(operation);
          NodeId place = operation.number % 3 == 0 ? key(operation) : chunk.key();
          put(StorePut.of(chunk, operation.source).withPlace(place));
        }
        case REPLAY -> {
          if (!recent.isEmpty()) {
            put(recent.get(operation.which % recent.size()));
          }
        }
        case EXPIRE -> expire(operation);
        case PASS_TIME -> now += Long.remainderUnsigned(operation.number, DAY / 4);
        case SET_CLOCK ->
            now +=
                (operation.number % 2)
                    * (operation.which % 10 == 0
                        ? 5 * DAY
                        : Long.remainderUnsigned(operation.number, 9 * MINUTE));
        case SNAPSHOT -> writeSnapshot();
        case RESTART -> restart(log.toByteArray(), states.size() - 1);
        case RESTART_TORN -> restartTorn(operation);
        case RESTART_OLD_LOG -> restartWithOldLog();
      }
    }

    private NodeId key(Operation operation) {
      return record(operation).key();
    }

    private MutableRecord record(Operation operation) {
      int user = operation.which % USERS;
      NodeId key = USER_KEYS.get(user);
      long sequence = naive.sequenceOf(key, now) + operation.which / USERS % 4 - 1;
      long issued = now + Math.floorMod(operation.number, 22 * MINUTE) - 11 * MINUTE;
      long life = 3 * DAY + Math.floorMod(operation.number, 4 * DAY + 60) - 30;
      return Items.draft(
          user,
          Math.max(1, sequence),
          Math.max(0, issued),
          Math.max(0, issued + life),
          Math.min(operation.size, 700));
    }

    private Chunk chunk(Operation operation) {
      int number = operation.which % (operation.size >= 900 ? 500 : CHUNKS);
      long ahead = Math.floorMod(operation.number, 9 * DAY) - DAY / 4;
      // The same number must mean the same content.
      int length = operation.size >= 900 ? 900 : 1 + number * 37;
      return Items.leaf(number, length, Math.max(0, now + ahead));
    }

    private void put(StorePut put) {
      recent.add(put);
      if (recent.size() > 40) {
        recent.remove(0);
      }
      StoreOutcome.Checked checked = store.check(put, now);
      StoreOutcome.Committed committed = store.commit(put, now);
      String expected = naive.put(put, now);
      assertThat(nameOf(checked)).isEqualTo(expected);
      assertThat(nameOf(committed)).isEqualTo(expected);
      if (committed instanceof StoreOutcome.Refused refused) {
        assertThat(refused.sequence()).isEqualTo(naive.sequenceOf(put.key(), now));
        StoredItem held = naive.get(put.key(), now);
        assertThat(refused.held()).isEqualTo(held instanceof MutableRecord ? held : null);
      }
      if (committed instanceof StoreOutcome.Stored stored) {
        assertThat(stored.held()).isEqualTo(naive.get(put.key(), now));
        append(stored.changes());
      }
    }

    private static String nameOf(StoreOutcome outcome) {
      if (outcome instanceof StoreOutcome.Refused refused) {
        return refused.reason().name();
      }
      return outcome instanceof StoreOutcome.Unchanged ? "same" : "stored";
    }

    private void expire(Operation operation) {
      naive.expire(now);
      int limit = 1 + operation.which % 50;
      List<StoreChange> all = new ArrayList<>();
      while (store.nextExpiryMillis() <= now) {
        List<StoreChange> changes = store.pollExpired(now, limit);
        assertThat(changes).isNotEmpty();
        all.addAll(changes);
      }
      assertThat(store.pollExpired(now, limit)).isEmpty();
      if (!all.isEmpty()) {
        append(all);
      }
    }

    private void checkState() {
      assertThat(store.snapshot()).isEqualTo(naive.snapshot());
      RecordStore.Stats stats = store.stats();
      assertThat(stats.items()).isEqualTo(naive.items.size());
      assertThat(stats.rememberedSequences()).isEqualTo(naive.memory.size());
      assertThat(stats.bytes())
          .isEqualTo(naive.items.stream().mapToLong(held -> held.item().size()).sum());
      assertThat((long) stats.sources())
          .isEqualTo(naive.items.stream().mapToLong(HeldItem::source).distinct().count());
      checkPlaces();
      for (NodeId key : USER_KEYS) {
        assertThat(store.get(key, now)).isEqualTo(naive.get(key, now));
        assertThat(store.sequenceOf(key, now)).isEqualTo(naive.sequenceOf(key, now));
      }
    }

    private void checkPlaces() {
      List<HeldItem> walked = new ArrayList<>();
      NodeId place = store.nextPlace(null);
      while (place != null) {
        walked.addAll(Items.at(place, store, now));
        place = store.nextPlace(place);
      }
      assertThat(walked)
          .isEqualTo(
              naive.items.stream()
                  .filter(held -> held.item().expiresMillis() > now)
                  .sorted(
                      Comparator.comparing(HeldItem::place)
                          .thenComparing(held -> held.item().key()))
                  .toList());
      assertThat(store.closestTo(NodeId.ZERO, walked.size() + 1, now)).isEqualTo(walked);
    }

    // Files.

    private void beginLog() {
      oldLog = log.toByteArray();
      log.reset();
      ends.clear();
      states.clear();
      writer = StoreLog.begin(StoreLog.File.LOG, generation, 1 + generation * 77);
      log.writeBytes(writer.header());
      ends.add(log.size());
      states.add(naive.copy());
    }

    private void append(List<StoreChange> changes) {
      log.writeBytes(writer.entry(changes));
      ends.add(log.size());
      states.add(naive.copy());
    }

    private void writeSnapshot() {
      generation++;
      StoreLog file = StoreLog.begin(StoreLog.File.SNAPSHOT, generation, generation);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(file.header());
      store.snapshot().forEach(change -> bytes.writeBytes(file.entry(List.of(change))));
      bytes.writeBytes(file.end());
      snapshot = bytes.toByteArray();
      beginLog();
    }

    /** Ends at a random byte of the log; sometimes what was being written is garbage. */
    private void restartTorn(Operation operation) {
      byte[] bytes = log.toByteArray();
      int length = (int) Long.remainderUnsigned(operation.number, bytes.length + 1);
      int whole = -1;
      while (whole + 1 < ends.size() && ends.get(whole + 1) <= length) {
        whole++;
      }
      byte[] torn = Arrays.copyOf(bytes, length);
      if (operation.which % 2 == 0 && whole >= 0) {
        int garbage = operation.which % 100;
        torn = Arrays.copyOf(torn, length + garbage);
        System.arraycopy(Items.bytes(garbage, operation.number), 0, torn, length, garbage);
      }
      restart(torn, Math.max(0, whole));
    }

    /** Ends after a snapshot took its place and before its log did. */
    private void restartWithOldLog() {
      writeSnapshot();
      restart(oldLog, 0);
    }

    private void restart(byte[] logBytes, int state) {
      evicted += store.stats().evicted();
      StoreLog.Result result = StoreLogReader.read(snapshot, logBytes);
      assertThat(result).isInstanceOf(StoreLog.Result.Restored.class);
      store = new RecordStore(config);
      store.restore(((StoreLog.Result.Restored) result).changes(), now);
      naive = states.get(state).copy();
      naive.expire(now);
      checkState();
      writeSnapshot();
    }
  }
}
