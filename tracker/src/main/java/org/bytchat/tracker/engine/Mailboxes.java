package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/**
 * The mailboxes in memory. What happens to one is decided here and now; that it is durable is told
 * later. If a commit fails, the mailbox is read again before anything else happens to it.
 */
final class Mailboxes {

  /** How many mailboxes that must stay are passed over at once when room is made. */
  private static final int PASSED_MAX = 64;

  /** How many may wait for one mailbox to be read. */
  private static final int WAITING_MAX = 1024;

  private final Desk desk;
  private final SignatureScheme scheme;
  private final Listener listener;

  /** The least recently used first. */
  private final Map<NodeId, Mailbox> loaded = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<NodeId, List<Work>> waiting = new LinkedHashMap<>();
  private int entryCount;

  /** What those in memory take there, in entries. */
  private long weight;

  /** How many are on disk, but for commits of the same mailbox that succeed after one failed. */
  private long begunCount;

  /** Something to do with a mailbox. */
  interface Work {

    /** Does it, with the mailbox as it is. */
    void run(Mailbox mailbox);

    /** It cannot be done. */
    void fail(Refusal refusal, String text);
  }

  /** Hears of mailboxes that come into memory. */
  interface Listener {

    void onLoaded(Mailbox mailbox);

    void onDropped(Mailbox mailbox);

    /** Whether a mailbox must stay in memory. */
    boolean isNeeded(Mailbox mailbox);
  }

  /** Told what became of a commit. */
  interface Outcome {

    void onCommitted();

    void onFailed(StoreException.Reason reason);
  }

  Mailboxes(Desk desk, SignatureScheme scheme, Listener listener) {
    this.desk = desk;
    this.scheme = scheme;
    this.listener = listener;
  }

  void start(long storedCount) {
    begunCount = storedCount;
  }

  int count() {
    return loaded.size();
  }

  /** Tells whether something may be written to a mailbox, which it may not be if it is one more. */
  boolean mayWrite(Mailbox mailbox) {
    boolean may = mailbox.isBegun || begunCount < desk.config.load().storedMailboxesMax();
    if (!may) {
      desk.count(TrackerCounter.REFUSED_MAILBOXES);
    }
    return may;
  }

  int entryCount() {
    return entryCount;
  }

  /** Returns those in memory, the least recently used first. */
  Collection<Mailbox> all() {
    return Collections.unmodifiableCollection(loaded.values());
  }

  /** Returns a mailbox if it is in memory and as it is on disk, or will be. */
  @Nullable Mailbox peek(NodeId key) {
    Mailbox mailbox = loaded.get(key);
    return mailbox == null || mailbox.stale ? null : mailbox;
  }

  /** Does something with a mailbox, now or when it has been read. */
  void with(NodeId key, Work work) {
    Mailbox mailbox = loaded.get(key);
    if (mailbox != null && !mailbox.stale) {
      work.run(mailbox);
      return;
    }
    List<Work> queue = waiting.get(key);
    if (queue == null) {
      if (mailbox == null && !desk.hasRoomFor(1)) {
        work.fail(Refusal.BUSY, "too many reads are under way");
        return;
      }
      queue = new ArrayList<>();
      waiting.put(key, queue);
      if (mailbox == null) {
        load(key);
      }
    } else if (queue.size() == WAITING_MAX) {
      work.fail(Refusal.BUSY, "too much waits for this mailbox");
      return;
    }
    queue.add(work);
  }

  private void load(NodeId key) {
    desk.count(TrackerCounter.LOADS);
    desk.perform(
        id -> new TrackerEffect.Load(id, key),
        result -> {
          List<Work> queue = waiting.remove(key);
          if (queue == null) {
            return;
          }
          if (result instanceof TrackerEffect.Loaded read) {
            Mailbox mailbox = takeUp(key, read.mailbox().orElse(null));
            // A commit of one may fail before the next has its turn: then that one waits again.
            queue.forEach(work -> with(key, work));
            forgetIfUnused(mailbox);
          } else {
            queue.forEach(work -> work.fail(Refusal.STORE, "the mailbox cannot be read"));
          }
        });
  }

  private Mailbox takeUp(NodeId key, @Nullable StoredMailbox stored) {
    Mailbox mailbox =
        stored == null
            ? new Mailbox(key)
            : new Mailbox(
                key, stored, scheme, new Mailbox.Moment(desk.nowNanos, desk.wallMillis()));
    evict(1, mailbox.weight());
    loaded.put(key, mailbox);
    weigh(mailbox);
    entryCount += mailbox.entryCount();
    listener.onLoaded(mailbox);
    return mailbox;
  }

  /** Makes room for so many more. */
  private void evict(int mailboxes, long more) {
    TrackerConfig.Load limits = desk.config.load();
    List<NodeId> passed = new ArrayList<>();
    Iterator<Mailbox> oldest = loaded.values().iterator();
    while (oldest.hasNext()
        && passed.size() < PASSED_MAX
        && (loaded.size() + mailboxes > limits.mailboxesMax()
            || weight + more > limits.entriesMax())) {
      Mailbox mailbox = oldest.next();
      if (mailbox.commitsUnderWay > 0 || listener.isNeeded(mailbox)) {
        passed.add(mailbox.key);
      } else {
        oldest.remove();
        forget(mailbox);
      }
    }
    // To the end of the order, so that others are looked at next.
    passed.forEach(loaded::get);
  }

  /** A mailbox that was only asked for is not kept. */
  private void forgetIfUnused(Mailbox mailbox) {
    if (mailbox.owner == null
        && mailbox.entryCount() == 0
        && mailbox.commitsUnderWay == 0
        && !listener.isNeeded(mailbox)
        && loaded.remove(mailbox.key, mailbox)) {
      forget(mailbox);
    }
  }

  private void forget(Mailbox mailbox) {
    entryCount -= mailbox.entryCount();
    weight -= mailbox.weighed;
    listener.onDropped(mailbox);
  }

  private void weigh(Mailbox mailbox) {
    weight -= mailbox.weighed;
    mailbox.weighed = mailbox.weight();
    weight += mailbox.weighed;
  }

  /** Adds an entry to a mailbox that is in memory. */
  void add(Mailbox mailbox, Held held) {
    mailbox.add(held);
    entryCount++;
    weigh(mailbox);
  }

  /** Removes an entry of a mailbox that is in memory. */
  void remove(Mailbox mailbox, Held held) {
    mailbox.remove(held);
    entryCount--;
    weigh(mailbox);
  }

  /** Writes what was changed in memory already, or is to be when it is durable. */
  void commit(Mailbox mailbox, List<Change> changes, Outcome outcome) {
    mailbox.commitsUnderWay++;
    boolean isFirst = !mailbox.isBegun;
    if (isFirst) {
      mailbox.isBegun = true;
      begunCount++;
    }
    weigh(mailbox);
    evict(0, 0);
    desk.perform(
        id -> new TrackerEffect.Commit(id, changes),
        result -> {
          mailbox.commitsUnderWay--;
          if (result instanceof TrackerEffect.Committed) {
            outcome.onCommitted();
          } else {
            mailbox.stale = true;
            begunCount -= isFirst ? 1 : 0;
            StoreException.Reason reason =
                result instanceof TrackerEffect.Failed failed
                    ? failed.reason()
                    : StoreException.Reason.IO;
            outcome.onFailed(reason);
          }
          if (mailbox.stale && mailbox.commitsUnderWay == 0) {
            drop(mailbox);
          }
        });
  }

  /**
   * Ends a mailbox, in which nothing is. Who asks for it meanwhile waits, and finds none; it begins
   * anew with what they bring. If it fails, the mailbox is there still, and is found again.
   */
  void end(Mailbox mailbox, Outcome outcome) {
    if (!mailbox.isBegun || mailbox.commitsUnderWay > 0 || mailbox.entryCount() > 0) {
      throw new IllegalStateException("a mailbox in use does not end");
    }
    // Memory is to be read again, whatever comes of it.
    mailbox.stale = true;
    commit(
        mailbox,
        List.of(new Change.End(mailbox.key)),
        new Outcome() {
          @Override
          public void onCommitted() {
            begunCount--;
            outcome.onCommitted();
          }

          @Override
          public void onFailed(StoreException.Reason reason) {
            outcome.onFailed(reason);
          }
        });
  }

  private void drop(Mailbox mailbox) {
    if (loaded.remove(mailbox.key, mailbox)) {
      forget(mailbox);
    }
    if (waiting.containsKey(mailbox.key)) {
      load(mailbox.key);
    }
  }
}
