package org.bytchat.sim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;

/** Goal: a crash costs what it would cost on a real disk, and no more. */
class DiskTest {

  private final Disk disk = new Disk();

  private static StoreChange change(int number) {
    return new StoreChange.Remove(NodeId.of(number, number, number));
  }

  private static List<StoreChange> changes(int from, int to) {
    List<StoreChange> changes = new ArrayList<>();
    for (int i = from; i < to; i++) {
      changes.add(change(i));
    }
    return changes;
  }

  private void append(int from, int to) {
    disk.keep(new Effect.AppendChanges(1, changes(from, to)));
  }

  private void snapshot(int to) {
    disk.keep(new Effect.KeepRecords(2, () -> changes(0, to)));
  }

  @Test
  void changes_snapshotAndWrites_comeInOrder() {
    append(0, 3);
    append(3, 4);
    assertThat(disk.changes()).isEqualTo(changes(0, 4));
    snapshot(2);
    append(2, 5);
    assertThat(disk.changes()).isEqualTo(changes(0, 5));
  }

  @SeededTest
  void tear_anyShare_losesAtMostTheLastWrite(long seed) {
    Random random = Seeds.random(seed);
    int whole = random.nextInt(5);
    snapshot(whole);
    int last = whole;
    int end = whole;
    for (int i = random.nextInt(4); i > 0; i--) {
      last = end;
      end += 1 + random.nextInt(5);
      append(last, end);
    }
    disk.tear(random.nextDouble());
    List<StoreChange> left = disk.changes();
    assertThat(left.size()).isBetween(last, end);
    assertThat(left).isEqualTo(changes(0, left.size()));
  }

  @Test
  void tear_nothingSinceTheSnapshot_losesNothing() {
    snapshot(7);
    disk.tear(0.5);
    assertThat(disk.changes()).isEqualTo(changes(0, 7));
  }

  @Test
  void tear_twice_losesNoMoreThanOnce() {
    append(0, 4);
    append(4, 9);
    disk.tear(0.5);
    assertThat(disk.changes()).isEqualTo(changes(0, 4));
    disk.tear(0.1);
    assertThat(disk.changes()).isEqualTo(changes(0, 4));
  }

  @Test
  void tear_allWritten_losesNothing() {
    append(0, 4);
    append(4, 9);
    disk.tear(1);
    assertThat(disk.changes()).isEqualTo(changes(0, 9));
  }

  @Test
  void tear_emptyDisk_staysEmpty() {
    disk.tear(0.5);
    assertThat(disk.changes()).isEmpty();
  }

  @Test
  void wipe_everythingKept_isGone() {
    snapshot(3);
    append(3, 5);
    Places places = new Places(List.of(Directory.ALWAYS), false, List.of());
    disk.keep(new Effect.KeepContacts(3, List.of(places.directory(1).contact(0, 0))));
    assertThat(disk.contacts()).hasSize(1);
    disk.wipe();
    assertThat(disk.changes()).isEmpty();
    assertThat(disk.contacts()).isEmpty();
  }
}
