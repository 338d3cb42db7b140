package org.bytchat.dht.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was kept comes back, whatever becomes of the files; damage is named and moved aside. */
@Timeout(120)
class RecordFilesTest {

  private static final long NOW = 1_800_000_000_000L;
  private static final int HEADER_BYTES = 32;

  @TempDir Path folder;

  private final StringBuilder logged = new StringBuilder();

  @Test
  void append_afterKeep_comesBackInOrderInEachLife() {
    List<StoreChange> all = new ArrayList<>();
    for (int life = 0; life < 4; life++) {
      RecordFiles.Opened opened = open();
      assertThat(opened.changes()).isEqualTo(all);
      if (life == 2) {
        all.clear();
        all.addAll(changes(1_000, 3_000));
        opened.files().keep(all);
      }
      for (int i = 0; i < 3; i++) {
        List<StoreChange> entry = changes(10 * (3 * life + i), 4);
        opened.files().append(entry);
        all.addAll(entry);
      }
      opened.files().close();
    }
    assertThat(changesIn(folder)).isEqualTo(all);
    assertThat(logged).doesNotContain("records.");
  }

  @Test
  void append_processKilled_isInTheFileAlready() {
    RecordFiles files = open().files();
    files.keep(changes(0, 2));
    files.append(changes(2, 1));
    assertThat(changesIn(copy())).as("nothing was closed").isEqualTo(changes(0, 3));
    files.close();
  }

  @Test
  void files_always_areForTheOwnerAlone() throws Exception {
    RecordFiles files = open().files();
    files.keep(changes(0, 1));
    files.append(changes(1, 1));
    files.close();
    open().files().close();
    for (Path file : List.of(snapshot(), log())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .as(file.toString())
          .isEqualTo("rw-------");
    }
  }

  @Test
  void open_logCutAnywhere_keepsTheWholeEntriesAndGoesOn() throws Exception {
    List<Long> ends = written(3);
    byte[] whole = Files.readAllBytes(log());
    for (int length = 0; length <= whole.length; length++) {
      Files.write(log(), Arrays.copyOf(whole, length));
      int cut = length;
      int entries = (int) ends.stream().filter(end -> end <= cut).count();
      long good = entries == 0 ? HEADER_BYTES : ends.get(entries - 1);
      RecordFiles.Opened opened = open();
      assertThat(opened.changes()).isEqualTo(changes(0, 1 + entries));
      assertThat(Files.size(log())).isEqualTo(good);
      opened.files().append(changes(50, 1));
      opened.files().close();
      List<StoreChange> expected = changes(0, 1 + entries);
      expected.addAll(changes(50, 1));
      assertThat(changesIn(folder)).isEqualTo(expected);
    }
    assertThat(asides()).isEmpty();
    assertThat(logged)
        .contains(log() + " ends with 1 bytes of an entry that was not finished; they are cut off");
  }

  @Test
  void open_garbageBehindTheLog_cutsItOff() throws Exception {
    List<Long> ends = written(3);
    byte[] whole = Files.readAllBytes(log());
    for (int seed = 0; seed < 20; seed++) {
      byte[] garbage = new byte[1 + 300 * seed];
      Seeds.random(seed).nextBytes(garbage);
      byte[] longer = Arrays.copyOf(whole, whole.length + garbage.length);
      System.arraycopy(garbage, 0, longer, whole.length, garbage.length);
      Files.write(log(), longer);
      assertThat(changesIn(folder)).isEqualTo(changes(0, 4));
      assertThat(Files.size(log())).isEqualTo(ends.get(2));
    }
    assertThat(asides()).isEmpty();
  }

  @Test
  void open_logDamagedInTheMiddle_movesItAsideAndUsesWhatIsBefore() throws Exception {
    List<Long> ends = written(3);
    byte[] damaged = Files.readAllBytes(log());
    damaged[ends.get(0).intValue() + 30] ^= 1;
    for (String name : List.of("records.log.damaged", "records.log.damaged.2")) {
      Files.write(log(), damaged);
      assertThat(changesIn(folder)).isEqualTo(changes(0, 2));
      assertThat(Files.readAllBytes(folder.resolve(name))).isEqualTo(damaged);
      assertThat(logged)
          .contains(
              "WARN",
              log() + " is damaged at byte " + ends.get(0) + " (an entry is not whole); moved to",
              name + "; what can be read is used: 2 changes");
      logged.setLength(0);
    }
    assertThat(asides()).hasSize(2);
    assertThat(changesIn(folder)).as("the snapshot is as it was").isEqualTo(changes(0, 1));
  }

  @Test
  void append_afterDamage_isRefusedUntilAllIsKeptAnew() throws Exception {
    List<Long> ends = written(3);
    byte[] damaged = Files.readAllBytes(log());
    damaged[ends.get(0).intValue() + 30] ^= 1;
    Files.write(log(), damaged);
    RecordFiles.Opened opened = open();
    assertThatThrownBy(() -> opened.files().append(changes(9, 1)))
        .isInstanceOf(StateFolder.StateException.class)
        .hasMessageContaining("waits for a new snapshot");
    opened.files().keep(opened.changes());
    opened.files().append(changes(2, 1));
    opened.files().close();
    assertThat(changesIn(folder)).isEqualTo(changes(0, 3));
  }

  @Test
  void open_snapshotDamaged_movesBothAsideAndUsesWhatIsBeforeAndTheLog() throws Exception {
    RecordFiles files = open().files();
    files.keep(changes(0, 600));
    files.append(changes(600, 1));
    files.close();
    byte[] wholeLog = Files.readAllBytes(log());
    byte[] damaged = Files.readAllBytes(snapshot());
    damaged[damaged.length - 100] ^= 1;
    Files.write(snapshot(), damaged);
    RecordFiles.Opened opened = open();
    List<StoreChange> left = changes(0, 512);
    left.addAll(changes(600, 1));
    assertThat(opened.changes()).isEqualTo(left);
    assertThat(Files.readAllBytes(folder.resolve("records.snapshot.damaged"))).isEqualTo(damaged);
    assertThat(Files.readAllBytes(folder.resolve("records.log.damaged"))).isEqualTo(wholeLog);
    assertThat(logged)
        .contains(
            snapshot() + " is damaged at byte ",
            "moved to records.snapshot.damaged; what can be read is used: 513 changes",
            log() + " is moved with it, to records.log.damaged");
    opened.files().keep(opened.changes());
    opened.files().close();
    assertThat(changesIn(folder)).isEqualTo(left);
  }

  @Test
  void open_snapshotMissing_usesItsLogAndMovesItAside() throws Exception {
    written(3);
    byte[] log = Files.readAllBytes(log());
    Files.delete(snapshot());
    assertThat(changesIn(folder)).isEqualTo(changes(1, 3));
    assertThat(Files.readAllBytes(folder.resolve("records.log.damaged"))).isEqualTo(log);
    assertThat(logged).contains("the snapshot that the log continues is missing");
  }

  /** A crash between the two steps of a snapshot. */
  @Test
  void open_logOlderThanTheSnapshot_isNotUsed() throws Exception {
    written(3);
    byte[] old = Files.readAllBytes(log());
    RecordFiles files = open().files();
    files.keep(changes(70, 2));
    files.close();
    Files.write(log(), old);
    RecordFiles.Opened opened = open();
    assertThat(opened.changes()).isEqualTo(changes(70, 2));
    opened.files().append(changes(72, 1));
    opened.files().close();
    assertThat(changesIn(folder)).isEqualTo(changes(70, 3));
    assertThat(asides()).isEmpty();
  }

  @Test
  void open_leftOversOfInterruptedWrites_areDeleted() throws Exception {
    written(3);
    List<Path> torn =
        Stream.of("records.snapshot.new", "records.log.new").map(folder::resolve).toList();
    for (Path file : torn) {
      Files.write(file, new byte[] {1, 2, 3});
    }
    assertThat(changesIn(folder)).isEqualTo(changes(0, 4));
    assertThat(torn).noneMatch(Files::exists);
  }

  @Test
  void open_logLongerThanAnArray_movesItAside() throws Exception {
    written(3);
    try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "rw")) {
      file.setLength(3L << 30);
    }
    assertThat(changesIn(folder)).isEqualTo(changes(0, 1));
    assertThat(logged)
        .contains("is damaged at byte 0 (longer than any that a node writes)")
        .contains("records.log.damaged; what can be read is used: 1 changes");
    assertThat(asides()).hasSize(1);
    Files.delete(asides().get(0));
  }

  @Test
  void open_snapshotLongerThanAnArray_usesTheLogAndMovesBothAside() throws Exception {
    written(3);
    try (RandomAccessFile file = new RandomAccessFile(snapshot().toFile(), "rw")) {
      file.setLength(3L << 30);
    }
    assertThat(changesIn(folder)).isEqualTo(changes(1, 3));
    assertThat(logged).contains(snapshot() + " is damaged at byte 0 (longer than any that");
    assertThat(asides()).hasSize(2);
    Files.delete(folder.resolve("records.snapshot.damaged"));
  }

  @Test
  void open_itemOfAnotherKind_isCountedAndLeftOut() throws Exception {
    List<Long> ends = written(3);
    byte[] log = Files.readAllBytes(log());
    long salt = ByteBuffer.wrap(log).getLong(16);
    int start = ends.get(0).intValue();
    int length = ends.get(1).intValue() - start;
    ByteBuffer entry = ByteBuffer.wrap(log, start, length).slice();
    int kindOffset = 20 + 1 + 8 + 20 + 2;
    entry.put(kindOffset, (byte) 77);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(ByteBuffer.allocate(8).putLong(0, salt));
    digest.update(entry.slice(0, 12));
    digest.update(entry.slice(20, length - 20));
    entry.putLong(12, ByteBuffer.wrap(digest.digest()).getLong());
    Files.write(log(), log);
    List<StoreChange> others = changes(0, 4);
    others.remove(2);
    assertThat(changesIn(folder)).isEqualTo(others);
    assertThat(logged).contains("WARN", "1 records and chunks in ", "they are left out");
  }

  @Test
  void append_logRemovedOrChanged_failsUntilAllIsKeptAnew() throws Exception {
    RecordFiles files = open().files();
    for (int i = 0; i < 2; i++) {
      files.keep(changes(0, 2));
      files.append(changes(2, 1));
      if (i == 0) {
        Files.delete(log());
      } else {
        Files.write(log(), new byte[7]);
      }
      assertThatThrownBy(() -> files.append(changes(3, 1)))
          .isInstanceOf(StateFolder.StateException.class)
          .hasMessageContaining(
              "records could not be kept in " + log() + ": somebody else changed or removed it");
      assertThatThrownBy(() -> files.append(changes(4, 1)))
          .isInstanceOf(StateFolder.StateException.class)
          .hasMessageContaining("waits for a new snapshot");
    }
    files.keep(changes(0, 5));
    files.append(changes(5, 1));
    files.close();
    assertThat(changesIn(folder)).isEqualTo(changes(0, 6));
  }

  @Test
  void keep_cannotBeWritten_saysSoAndLeavesTheOld() throws Exception {
    RecordFiles files = open().files();
    files.keep(changes(0, 2));
    files.append(changes(2, 1));
    Path obstacle = Files.createDirectories(folder.resolve("records.snapshot.new").resolve("full"));
    assertThatThrownBy(() -> files.keep(changes(0, 4)))
        .isInstanceOf(StateFolder.StateException.class)
        .hasMessageContaining("records could not be kept in " + snapshot());
    assertThatThrownBy(() -> files.append(changes(4, 1)))
        .isInstanceOf(StateFolder.StateException.class)
        .hasMessageContaining("waits for a new snapshot");
    Files.delete(obstacle);
    Files.delete(folder.resolve("records.snapshot.new"));
    assertThat(changesIn(copy())).isEqualTo(changes(0, 3));
    files.keep(changes(0, 4));
    files.append(changes(4, 1));
    files.close();
    assertThat(changesIn(folder)).isEqualTo(changes(0, 5));
  }

  @Test
  void keep_folderRemoved_fails() throws Exception {
    Path below = Files.createDirectory(folder.resolve("below"));
    RecordFiles files = RecordFiles.open(below).files();
    Files.delete(below.resolve("records.log"));
    Files.delete(below);
    assertThatThrownBy(() -> files.append(changes(0, 1)))
        .isInstanceOf(StateFolder.StateException.class);
    assertThatThrownBy(() -> files.keep(changes(0, 1)))
        .isInstanceOf(StateFolder.StateException.class);
    files.close();
  }

  @Test
  void use_threadInterrupted_readsAndWritesAndKeepsTheFlag() {
    Thread.currentThread().interrupt();
    RecordFiles files = open().files();
    files.keep(changes(0, 2));
    files.append(changes(2, 1));
    files.close();
    assertThat(changesIn(folder)).isEqualTo(changes(0, 3));
    assertThat(Thread.interrupted()).isTrue();
  }

  /**
   * A limit on the length of files stands for a full disk: a write ends half way, with an error.
   */
  @Test
  void append_diskFull_failsAndWhatWasKeptBeforeComesBack() throws Exception {
    String output = writeUntilFull();
    assertThat(output).contains("File too large").contains("; check disk space");
    int kept = Integer.parseInt(output.replaceFirst("(?s).*kept (\\d+)\\n.*", "$1"));
    assertThat(kept).isGreaterThan(50);
    assertThat(output).contains("then all was kept anew");
    assertThat(changesIn(folder.resolve("full"))).isEqualTo(changes(0, kept));
    assertThat(logged).contains("of an entry that was not finished; they are cut off");
    assertThat(changesIn(folder.resolve("anew"))).isEqualTo(changes(0, 20));
  }

  private String writeUntilFull() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    assumeTrue(Files.isExecutable(java), "no java command at " + java);
    Path output = folder.resolve("out");
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -f 256 && exec \"$@\"",
                "sh",
                java.toString(),
                "-Xmx64m",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                FullDisk.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Writes into a folder, in a process of its own, until it cannot; then anew into another. */
  static final class FullDisk {

    private FullDisk() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      RecordFiles files = RecordFiles.open(Files.createDirectory(folder.resolve("full"))).files();
      int kept = 0;
      try {
        while (kept < 100_000) {
          files.append(changes(kept, 1));
          kept++;
        }
      } catch (StateFolder.StateException e) {
        System.out.println(e.getMessage());
      }
      System.out.println("kept " + kept);
      RecordFiles others = RecordFiles.open(Files.createDirectory(folder.resolve("anew"))).files();
      try {
        others.keep(changes(0, 100_000));
      } catch (StateFolder.StateException e) {
        others.keep(changes(0, 20));
        System.out.println("then all was kept anew");
      }
    }
  }

  /** Writes a snapshot of one change and a log of so many entries; returns where those end. */
  private List<Long> written(int entries) throws Exception {
    List<Long> ends = new ArrayList<>();
    RecordFiles files = open().files();
    files.keep(changes(0, 1));
    for (int i = 1; i <= entries; i++) {
      files.append(changes(i, 1));
      ends.add(Files.size(log()));
    }
    files.close();
    return ends;
  }

  private RecordFiles.Opened open() {
    return open(folder);
  }

  /** Opens the files of a folder and takes what is said about them. */
  private RecordFiles.Opened open(Path where) {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      return RecordFiles.open(where);
    } finally {
      System.setErr(before);
      logged.append(said.toString(StandardCharsets.UTF_8));
    }
  }

  private List<StoreChange> changesIn(Path where) {
    RecordFiles.Opened opened = open(where);
    opened.files().close();
    return opened.changes();
  }

  /** Copies the files as they are, as if the process were killed. */
  private Path copy() {
    try {
      Path copy = Files.createTempDirectory(folder, "copy");
      for (Path file : List.of(snapshot(), log())) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path snapshot() {
    return folder.resolve("records.snapshot");
  }

  private Path log() {
    return folder.resolve("records.log");
  }

  private List<Path> asides() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().contains(".damaged")).toList();
    }
  }

  private static List<StoreChange> changes(int first, int count) {
    return new ArrayList<>(
        IntStream.range(first, first + count).mapToObj(RecordFilesTest::change).toList());
  }

  private static StoreChange change(int number) {
    byte[] data = ByteBuffer.allocate(100).putInt(number).array();
    StoredItem item = Chunk.leaf(data, NOW);
    return switch (number % 4) {
      case 3 -> new StoreChange.Remove(item.key());
      case 2 -> new StoreChange.Put(mutable(data, number), item.key(), number);
      case 1 -> new StoreChange.Put(item, item.key(), -number);
      default -> new StoreChange.Remember(item.key(), 1 + number, NOW, number * 31L, number);
    };
  }

  private static MutableRecord mutable(byte[] value, int number) {
    return new MutableRecord.Draft(2, "meta", new byte[44], 1 + number, NOW, NOW + 1, value)
        .signed(new byte[64]);
  }
}
