package org.bytchat.sim.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.store.StoreLog;
import org.bytchat.dht.store.StoreLogReader;

/** What a node has written down for its next life. */
public final class Disk {

  /** The last snapshot, which takes its place only when it is whole. */
  private List<StoreChange> snapshot = List.of();

  /** The writes to the log since then. */
  private final List<List<StoreChange>> writes = new ArrayList<>();

  private List<Contact> contacts = List.of();

  Disk() {}

  void keep(Effect effect) {
    if (effect instanceof Effect.AppendChanges append) {
      writes.add(append.changes());
    } else if (effect instanceof Effect.KeepRecords whole) {
      writes.clear();
      snapshot = List.copyOf(whole.snapshot().get());
    } else if (effect instanceof Effect.KeepContacts kept) {
      contacts = kept.contacts();
    } else {
      throw new IllegalArgumentException("nothing to keep: " + effect);
    }
  }

  List<StoreChange> changes() {
    List<StoreChange> all = new ArrayList<>(snapshot);
    writes.forEach(all::addAll);
    return all;
  }

  List<Contact> contacts() {
    return contacts;
  }

  /** Loses everything. */
  public void wipe() {
    snapshot = List.of();
    writes.clear();
    contacts = List.of();
  }

  /**
   * Tears the last write to the log, as when the power goes: of its bytes in the log only the first
   * are there. What the node finds then is what its own reader of logs makes of them.
   *
   * @param share how much of the last entry was written, 0 to 1
   */
  public void tear(double share) {
    if (writes.isEmpty()) {
      return;
    }
    StoreLog log = StoreLog.begin(StoreLog.File.LOG, 1, 1);
    byte[] bytes = log.header();
    int last = bytes.length;
    for (List<StoreChange> write : writes) {
      last = bytes.length;
      bytes = concat(bytes, log.entry(write));
    }
    int whole = last + (int) ((bytes.length - last) * share);
    StoreLog before = StoreLog.begin(StoreLog.File.SNAPSHOT, 1, 1);
    byte[] empty = concat(before.header(), before.end());
    StoreLog.Result read = StoreLogReader.read(empty, Arrays.copyOf(bytes, whole));
    if (!(read instanceof StoreLog.Result.Restored restored)) {
      throw new IllegalStateException("a torn log cannot be read: " + read);
    }
    // What was read is whole, and no later crash can tear it.
    List<StoreChange> left = new ArrayList<>(snapshot);
    left.addAll(restored.changes());
    snapshot = List.copyOf(left);
    writes.clear();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
