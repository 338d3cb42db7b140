package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/**
 * Goal: what was written whole is read again; a torn end is cut, and damage is never passed over.
 */
class StoreLogTest {

  private static final byte[] NONE = new byte[0];
  private static final long SALT = 0x5a17_5a17_5a17L;

  /** A file, and where each of its entries ends; the header counts as the first. */
  private static final class Written {

    final StoreLog writer;
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<Integer> ends = new ArrayList<>();
    final List<StoreChange> changes = new ArrayList<>();

    Written(StoreLog.File file, long generation) {
      writer = StoreLog.begin(file, generation, SALT);
      append(writer.header());
    }

    void add(List<StoreChange> entry) {
      changes.addAll(entry);
      append(writer.entry(entry));
    }

    void append(byte[] more) {
      bytes.writeBytes(more);
      ends.add(bytes.size());
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }
  }

  private static Written random(StoreLog.File file, long generation, Random random) {
    Written written = new Written(file, generation);
    for (int i = 2 + random.nextInt(6); i > 0; i--) {
      List<StoreChange> entry = new ArrayList<>();
      for (int j = random.nextInt(4); j >= 0; j--) {
        entry.add(change(random));
      }
      written.add(entry);
    }
    if (file == StoreLog.File.SNAPSHOT) {
      written.append(written.writer.end());
    }
    return written;
  }

  private static StoreChange change(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new StoreChange.Remove(Keys.sha1(Items.bytes(4, random)));
      case 1 ->
          new StoreChange.Remember(
              Keys.sha1(Items.bytes(4, random)),
              random.nextLong(),
              random.nextLong(),
              random.nextLong(),
              random.nextLong());
      case 2 ->
          new StoreChange.Put(
              Items.leaf(random.nextInt(), 1 + random.nextInt(100), Items.NOW),
              Keys.sha1(Items.bytes(4, random)),
              random.nextLong());
      default -> {
        MutableRecord item = Items.mutable(random.nextInt(100), 1 + random.nextInt(9));
        yield new StoreChange.Put(item, item.key(), random.nextLong());
      }
    };
  }

  private static StoreLog.Result.Restored restored(byte[] snapshot, byte[] log) {
    StoreLog.Result result = StoreLogReader.read(snapshot, log);
    assertThat(result).isInstanceOf(StoreLog.Result.Restored.class);
    return (StoreLog.Result.Restored) result;
  }

  private static StoreLog.Result.Damaged damaged(byte[] snapshot, byte[] log) {
    StoreLog.Result result = StoreLogReader.read(snapshot, log);
    assertThat(result).isInstanceOf(StoreLog.Result.Damaged.class);
    return (StoreLog.Result.Damaged) result;
  }

  @Test
  void read_nothing_isAnEmptyStore() {
    assertThat(restored(NONE, NONE))
        .isEqualTo(new StoreLog.Result.Restored(List.of(), 0, 0, 0, 0, 0, 0));
  }

  @SeededTest(runs = 30)
  void read_wholeFiles_givesAllChangesInOrder(long seed) {
    Random random = Seeds.random(seed);
    Written snapshot = random(StoreLog.File.SNAPSHOT, 7, random);
    Written log = random(StoreLog.File.LOG, 7, random);
    List<StoreChange> all = new ArrayList<>(snapshot.changes);
    all.addAll(log.changes);
    int entries = log.ends.size() - 1;
    assertThat(restored(snapshot.bytes(), log.bytes()))
        .isEqualTo(new StoreLog.Result.Restored(all, 7, SALT, entries, log.bytes.size(), 0, 0));
    assertThat(restored(snapshot.bytes(), NONE).changes()).isEqualTo(snapshot.changes);
  }

  @SeededTest(runs = 20)
  void read_logCutAnywhere_givesTheWholeEntriesBefore(long seed) {
    Written log = random(StoreLog.File.LOG, 0, Seeds.random(seed));
    byte[] bytes = log.bytes();
    for (int length = 0; length <= bytes.length; length++) {
      int whole = wholeBefore(log, length);
      StoreLog.Result.Restored read = restored(NONE, Arrays.copyOf(bytes, length));
      assertThat(read.entries()).isEqualTo(Math.max(0, whole));
      int good = whole < 0 ? 0 : log.ends.get(whole);
      assertThat(read.goodBytes()).isEqualTo(good);
      assertThat(read.tornBytes()).isEqualTo(length - good);
    }
  }

  /** Returns the number of the last entry that ends within a length, 0 for the header, or -1. */
  private static int wholeBefore(Written log, int length) {
    int whole = -1;
    while (whole + 1 < log.ends.size() && log.ends.get(whole + 1) <= length) {
      whole++;
    }
    return whole;
  }

  @SeededTest(runs = 10)
  void read_anyBitOfTheLogTurned_isTornAtTheEndAndDamageElsewhere(long seed) {
    Random random = Seeds.random(seed);
    Written log = random(StoreLog.File.LOG, 0, random);
    byte[] bytes = log.bytes();
    int last = log.ends.get(log.ends.size() - 2);
    for (int at = 0; at < bytes.length; at++) {
      byte[] wrong = bytes.clone();
      wrong[at] ^= (byte) (1 << random.nextInt(8));
      if (at >= last) {
        StoreLog.Result.Restored read = restored(NONE, wrong);
        assertThat(read.goodBytes()).isEqualTo(last);
        assertThat(read.entries()).isEqualTo(log.ends.size() - 2);
      } else {
        StoreLog.Result.Damaged read = damaged(NONE, wrong);
        int whole = wholeBefore(log, at);
        assertThat(read.file()).isEqualTo(StoreLog.File.LOG);
        assertThat(read.offset()).isEqualTo(whole < 0 ? 0 : log.ends.get(whole));
        assertThat(read.changes()).isEqualTo(log.changes.subList(0, read.changes().size()));
      }
    }
  }

  @SeededTest(runs = 10)
  void read_anyBitOfTheSnapshotTurnedOrCut_isDamage(long seed) {
    Random random = Seeds.random(seed);
    Written snapshot = random(StoreLog.File.SNAPSHOT, 3, random);
    byte[] bytes = snapshot.bytes();
    for (int at = 0; at < bytes.length; at++) {
      byte[] wrong = bytes.clone();
      wrong[at] ^= (byte) (1 << random.nextInt(8));
      assertThat(damaged(wrong, NONE).file()).isEqualTo(StoreLog.File.SNAPSHOT);
      if (at > 0) {
        assertThat(damaged(Arrays.copyOf(bytes, at), NONE).offset()).isLessThanOrEqualTo(at);
      }
    }
    assertThat(damaged(Arrays.copyOf(bytes, bytes.length + 1), NONE).reason())
        .isEqualTo("there are bytes after the end");
  }

  @SeededTest(runs = 20)
  void read_anyBytes_neverThrows(long seed) {
    Random random = Seeds.random(seed);
    byte[] log = random(StoreLog.File.LOG, 0, random).bytes();
    for (int i = 0; i < 200; i++) {
      byte[] wrong = Arrays.copyOf(log, random.nextInt(log.length + 50));
      for (int j = random.nextInt(30); j >= 0 && wrong.length > 0; j--) {
        wrong[random.nextInt(wrong.length)] = (byte) random.nextInt();
      }
      assertThat(StoreLogReader.read(NONE, wrong)).isNotNull();
      assertThat(StoreLogReader.read(wrong, log)).isNotNull();
    }
  }

  @Test
  void read_entryMissingInTheMiddle_isDamage() {
    Written log = random(StoreLog.File.LOG, 0, Seeds.random(4));
    byte[] bytes = log.bytes();
    int from = log.ends.get(0);
    int to = log.ends.get(1);
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - (to - from));
    System.arraycopy(bytes, to, shorter, from, bytes.length - to);
    assertThat(damaged(NONE, shorter).reason()).isEqualTo("entries are missing");
  }

  @Test
  void read_logOfAnOlderGeneration_isNotUsed() {
    Written snapshot = random(StoreLog.File.SNAPSHOT, 8, Seeds.random(1));
    Written log = random(StoreLog.File.LOG, 7, Seeds.random(2));
    StoreLog.Result.Restored read = restored(snapshot.bytes(), log.bytes());
    assertThat(read.changes()).isEqualTo(snapshot.changes);
    assertThat(read.goodBytes()).isZero();
    assertThatThrownBy(() -> StoreLog.resume(read)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void read_logOfANewerGeneration_isDamage() {
    Written log = random(StoreLog.File.LOG, 7, Seeds.random(2));
    StoreLog.Result.Damaged read = damaged(NONE, log.bytes());
    assertThat(read.reason()).isEqualTo("the snapshot that the log continues is missing");
    assertThat(read.changes()).isEqualTo(log.changes);
    Written older = random(StoreLog.File.SNAPSHOT, 6, Seeds.random(3));
    List<StoreChange> all = new ArrayList<>(older.changes);
    all.addAll(log.changes);
    assertThat(damaged(older.bytes(), log.bytes()).changes()).isEqualTo(all);
  }

  /** What changed last is in the log; without it older records would come back. */
  @SeededTest(runs = 10)
  void read_snapshotDamagedAnywhere_takesAllOfItsLogBehindWhatIsLeft(long seed) {
    Random random = Seeds.random(seed);
    Written snapshot = random(StoreLog.File.SNAPSHOT, 3, random);
    Written log = random(StoreLog.File.LOG, 3, random);
    for (int at = 0; at < snapshot.bytes.size(); at++) {
      byte[] wrong = snapshot.bytes();
      wrong[at] ^= (byte) (1 << random.nextInt(8));
      StoreLog.Result.Damaged read = damaged(wrong, log.bytes());
      assertThat(read.file()).isEqualTo(StoreLog.File.SNAPSHOT);
      List<StoreChange> left = damaged(wrong, NONE).changes();
      List<StoreChange> all = new ArrayList<>(left);
      all.addAll(log.changes);
      assertThat(read.changes()).isEqualTo(all);
    }
  }

  @Test
  void read_snapshotDamagedAndLogOlder_takesTheLogOnlyIfNothingElseIsLeft() {
    Written snapshot = random(StoreLog.File.SNAPSHOT, 8, Seeds.random(1));
    Written log = random(StoreLog.File.LOG, 7, Seeds.random(2));
    byte[] cut = Arrays.copyOf(snapshot.bytes(), snapshot.bytes.size() - 1);
    assertThat(damaged(cut, log.bytes()).changes()).isEqualTo(snapshot.changes);
    byte[] headless = snapshot.bytes();
    headless[20] ^= 1;
    assertThat(damaged(headless, log.bytes()).changes()).isEqualTo(log.changes);
  }

  @Test
  void read_filesSwapped_isDamage() {
    Written snapshot = random(StoreLog.File.SNAPSHOT, 0, Seeds.random(1));
    Written log = random(StoreLog.File.LOG, 0, Seeds.random(2));
    assertThat(damaged(log.bytes(), NONE).file()).isEqualTo(StoreLog.File.SNAPSHOT);
    assertThat(damaged(NONE, snapshot.bytes()).file()).isEqualTo(StoreLog.File.LOG);
  }

  /** A stranger puts whole entries, made with a salt of their own, into a value that gets torn. */
  @Test
  void read_tornEntryWithPlantedEntries_isATornEnd() {
    Written planted = new Written(StoreLog.File.LOG, 0);
    StoreLog other = StoreLog.begin(StoreLog.File.LOG, 0, SALT + 1);
    byte[] bait = other.entry(List.of(new StoreChange.Remove(Keys.sha1(NONE))));
    byte[] value = new byte[800];
    for (int at = 0; at + bait.length <= value.length; at += bait.length) {
      System.arraycopy(bait, 0, value, at, bait.length);
    }
    StoredItem item = Chunk.leaf(value, Items.NOW);
    planted.add(List.of(new StoreChange.Put(item, item.key(), 1)));
    byte[] torn = Arrays.copyOf(planted.bytes(), planted.bytes.size() - 1);
    assertThat(restored(NONE, torn).goodBytes()).isEqualTo(StoreLog.HEADER_BYTES);
  }

  /**
   * Every fourth byte of a made file begins what looks like an entry of some 100 KiB. To hash each
   * of them would take hours.
   */
  @Test
  void read_endlesslyManyLikelyEntries_isDamage() {
    long salt = 0;
    int marker = StoreLog.marker(salt);
    while (marker < 1 << 16 || marker > StoreLog.PAYLOAD_BYTES_MAX) {
      marker = StoreLog.marker(++salt);
    }
    ByteBuffer bytes = ByteBuffer.allocate(16 << 20);
    bytes.put(StoreLog.begin(StoreLog.File.LOG, 0, salt).header());
    while (bytes.hasRemaining()) {
      bytes.putInt(marker);
    }
    assertThat(damaged(NONE, bytes.array()).offset()).isEqualTo(StoreLog.HEADER_BYTES);
  }

  @Test
  void resume_tornLog_goesOnWhereItWasCut() {
    Written log = random(StoreLog.File.LOG, 0, Seeds.random(5));
    byte[] bytes = log.bytes();
    StoreLog.Result.Restored read = restored(NONE, Arrays.copyOf(bytes, bytes.length - 1));
    StoreChange more = new StoreChange.Remove(Keys.sha1(NONE));
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.write(bytes, 0, read.goodBytes());
    longer.writeBytes(StoreLog.resume(read).entry(List.of(more)));
    List<StoreChange> expected = new ArrayList<>(read.changes());
    expected.add(more);
    assertThat(restored(NONE, longer.toByteArray()).changes()).isEqualTo(expected);
    assertThat(restored(NONE, longer.toByteArray()).tornBytes()).isZero();
  }

  @Test
  void entry_tooMuch_isRefused() {
    StoreLog log = StoreLog.begin(StoreLog.File.LOG, 0, SALT);
    StoreChange change = new StoreChange.Remove(Keys.sha1(NONE));
    List<StoreChange> changes = new ArrayList<>();
    while (changes.size() * 21 <= 1 << 20) {
      changes.add(change);
    }
    assertThatThrownBy(() -> log.entry(changes)).isInstanceOf(IllegalArgumentException.class);
    changes.remove(0);
    assertThat(log.entry(changes)).hasSize(20 + changes.size() * 21);
    assertThatThrownBy(log::end).isInstanceOf(IllegalStateException.class);
  }
}
