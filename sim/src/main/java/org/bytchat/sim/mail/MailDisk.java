package org.bytchat.sim.mail;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.scenario.Folder;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.MailboxStore;
import org.bytchat.tracker.store.MemoryStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/**
 * A tracker's disk, which outlives the tracker: what was committed, and the commits that are on
 * their way. Belongs to the tracker's thread; between two windows anybody may look at it.
 */
final class MailDisk {

  /** How an envelope stands on the disk. */
  enum Standing {
    ABSENT,
    HELD,
    DELETED
  }

  private record Line(Standing standing, long expiresMillis) {}

  /** Hears of what is on the disk from now on. */
  interface Watch {

    /** A change is on the disk; called before it counts. */
    void onChange(Change change);
  }

  private final Watch watch;
  private final int lostCommits;
  private final Deque<List<Change>> pending = new ArrayDeque<>();
  private final Map<Digest, Line> entries = new HashMap<>();
  private final Map<NodeId, DeviceList> lists = new HashMap<>();

  /** All commits so far, if some can be lost. */
  private final List<List<Change>> journal = new ArrayList<>();

  private MemoryStore store = new MemoryStore();
  private boolean forgetsDeletions;

  /** What was lost that had been on the disk. */
  private final Set<Digest> destroyed = new HashSet<>();

  /** How often that happened. */
  int destructions;

  MailDisk(Watch watch, int lostCommits) {
    this.watch = watch;
    this.lostCommits = lostCommits;
  }

  /** Has no deletion reach the disk, as a traitor would. */
  void forgetDeletions() {
    forgetsDeletions = true;
  }

  MailboxStore store() {
    return store;
  }

  /** Returns how an envelope stands, commits on their way aside. */
  Standing standing(Digest digest) {
    Line line = entries.get(digest);
    return line == null ? Standing.ABSENT : line.standing;
  }

  /** Returns when an envelope ends that is held or was deleted, 0 for any other. */
  long expiresMillis(Digest digest) {
    Line line = entries.get(digest);
    return line == null ? 0 : line.expiresMillis;
  }

  /** Returns a mailbox's device list, commits on their way aside; null if there is none. */
  @Nullable DeviceList list(NodeId mailbox) {
    return lists.get(mailbox);
  }

  /** Returns how many envelopes are held. */
  long heldCount() {
    try {
      return store.stats().envelopes();
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Tells whether an envelope, or the memory of it, was lost with the disk it was on. */
  boolean isDestroyed(Digest digest) {
    return destroyed.contains(digest);
  }

  /** A commit is on its way. */
  void begin(List<Change> changes) {
    pending.add(changes);
  }

  /** The oldest commit on its way is on the disk. */
  void finish() throws StoreException {
    write(pending.remove());
  }

  private void write(List<Change> changes) throws StoreException {
    List<Change> kept = changes;
    if (forgetsDeletions) {
      kept = changes.stream().filter(change -> !(change instanceof Change.Delete)).toList();
    }
    for (Change change : kept) {
      watch.onChange(change);
      note(change);
    }
    store.commit(kept);
    if (lostCommits > 0) {
      journal.add(kept);
    }
  }

  private void note(Change change) {
    if (change instanceof Change.PutEnvelope put) {
      entries.put(put.entry().digest(), new Line(Standing.HELD, put.entry().expiresMillis()));
    } else if (change instanceof Change.PutTombstone put) {
      entries.put(put.entry().digest(), new Line(Standing.DELETED, put.entry().expiresMillis()));
    } else if (change instanceof Change.Delete delete) {
      entries.computeIfPresent(
          delete.digest(), (digest, line) -> new Line(Standing.DELETED, line.expiresMillis));
    } else if (change instanceof Change.Forget forget) {
      entries.remove(forget.digest());
    } else if (change instanceof Change.PutPart put && put.part() == StoredMailbox.Part.DEVICES) {
      DeviceList.parse(put.bytes()).toOptional().ifPresent(list -> lists.put(put.mailbox(), list));
    } else if (change instanceof Change.End end) {
      lists.remove(end.mailbox());
    }
  }

  /**
   * The machine stops without a word: commits on their way are lost.
   *
   * @param folder what happens to the disk besides: nothing, all of it is lost, or it is torn, so
   *     that some of the commits on their way are there, and if disks lie the last ones before are
   *     not
   * @param share how much of the commits on their way is there, 0 to 1
   */
  void crash(Folder folder, double share) {
    try {
      if (folder == Folder.LOST) {
        reset(List.of());
      } else if (folder == Folder.TORN && lostCommits > 0 && !journal.isEmpty()) {
        int left = Math.max(0, journal.size() - lostCommits);
        reset(List.copyOf(journal.subList(0, left)));
      } else if (folder == Folder.TORN) {
        int written = (int) (pending.size() * share);
        for (int i = 0; i < written; i++) {
          write(pending.remove());
        }
      }
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
    pending.clear();
  }

  private void reset(List<List<Change>> commits) throws StoreException {
    store = new MemoryStore();
    Set<Digest> before = new HashSet<>(entries.keySet());
    entries.clear();
    lists.clear();
    journal.clear();
    destructions++;
    for (List<Change> changes : commits) {
      changes.forEach(this::note);
      store.commit(changes);
      journal.add(changes);
    }
    before.removeAll(entries.keySet());
    destroyed.addAll(before);
  }
}
