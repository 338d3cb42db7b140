package org.bytchat.tracker.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.bytchat.tracker.session.SessionClient;
import org.jspecify.annotations.Nullable;

/**
 * Sessions with trackers: one for each tracker and mailbox, so that a tracker cannot tell that
 * deposits in two mailboxes, or deposits and fetches, have one sender. Opened when they are needed,
 * closed when nobody has used them for a while. Safe for use by several threads.
 */
final class SessionPool {

  private final SessionClient client;
  private final SignatureScheme scheme;
  private final Limits limits;
  private final Map<Key, Entry> entries = new LinkedHashMap<>();
  private boolean closed;
  private long refusedCount;

  /**
   * The limits of a pool.
   *
   * @param sessionsMax sessions at once
   * @param idleNanos how long one is kept that nobody uses
   * @param askMillis how long a request may take, besides its wait
   */
  record Limits(int sessionsMax, long idleNanos, long askMillis) {

    static Limits of(QuorumConfig.Driver limits) {
      return new Limits(
          limits.sessionsMax(), limits.sessionIdle().toNanos(), limits.askTimeout().toMillis());
    }
  }

  /**
   * What a session is for.
   *
   * @param tracker with whom
   * @param mailbox about what
   * @param isOwner whether the device shows itself in it
   */
  record Key(NodeId tracker, NodeId mailbox, boolean isOwner) {}

  /** A session, or one that is being opened. */
  private static final class Entry {
    final CompletableFuture<TrackerConnection> connection;
    int useCount;
    long usedNanos;

    Entry(CompletableFuture<TrackerConnection> connection) {
      this.connection = connection;
    }
  }

  SessionPool(SessionClient client, SignatureScheme scheme, Limits limits) {
    this.client = client;
    this.scheme = scheme;
    this.limits = limits;
  }

  /**
   * Does something in a session.
   *
   * @param contact the tracker
   * @param key what the session is for
   * @param waitMillis how long the tracker may wait before it answers
   * @param use asks in it
   * @return what came of it; fails if there is no session, or no answer in time
   */
  <T> CompletableFuture<T> use(
      Contact contact,
      Key key,
      long waitMillis,
      Function<TrackerConnection, CompletableFuture<T>> use) {
    Entry entry = take(contact, key);
    if (entry == null) {
      return CompletableFuture.failedFuture(
          new TrackerException(TrackerException.Kind.LOST, key.tracker, "too many sessions"));
    }
    return entry
        .connection
        .thenCompose(use)
        .orTimeout(limits.askMillis + waitMillis, TimeUnit.MILLISECONDS)
        .whenComplete((result, failure) -> release(key, entry, failure));
  }

  private @Nullable Entry take(Contact contact, Key key) {
    List<Entry> ended = new ArrayList<>();
    Entry entry;
    synchronized (entries) {
      entry = entries.get(key);
      if (entry != null && !isUsable(entry)) {
        entries.remove(key);
        ended.add(entry);
        entry = null;
      }
      if (entry == null && !closed && makeRoom(ended)) {
        entry = new Entry(connect(contact));
        entries.put(key, entry);
      }
      if (entry != null) {
        entry.useCount++;
      } else if (!closed) {
        refusedCount++;
      }
    }
    ended.forEach(SessionPool::close);
    return entry;
  }

  private static boolean isUsable(Entry entry) {
    if (!entry.connection.isDone()) {
      return true;
    }
    return !entry.connection.isCompletedExceptionally() && entry.connection.join().isOpen();
  }

  /** Closes the session that nobody has used for longest, if there are too many. */
  private boolean makeRoom(List<Entry> ended) {
    if (entries.size() < limits.sessionsMax) {
      return true;
    }
    Key oldest = null;
    long usedNanos = 0;
    for (Map.Entry<Key, Entry> one : entries.entrySet()) {
      Entry entry = one.getValue();
      if (entry.useCount == 0 && (oldest == null || entry.usedNanos - usedNanos < 0)) {
        oldest = one.getKey();
        usedNanos = entry.usedNanos;
      }
    }
    Entry removed = oldest == null ? null : entries.remove(oldest);
    if (removed != null) {
      ended.add(removed);
    }
    return removed != null;
  }

  private CompletableFuture<TrackerConnection> connect(Contact contact) {
    return TrackerConnection.connect(
        client, Sockets.toSocket(contact.endpoint()), contact.id(), scheme);
  }

  private void release(Key key, Entry entry, @Nullable Throwable failure) {
    // One request that is refused, or finds no room, says nothing against the others.
    boolean isToClose = failure != null && (isTimeout(failure) || !isUsable(entry));
    synchronized (entries) {
      entry.useCount--;
      entry.usedNanos = System.nanoTime();
      if (isToClose) {
        // What comes after a timeout is an answer to nothing, and who does not answer is gone.
        entries.remove(key, entry);
      }
    }
    if (isToClose) {
      close(entry);
    }
  }

  private static boolean isTimeout(Throwable failure) {
    return failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException;
  }

  private static void close(Entry entry) {
    CompletableFuture<Void> unused = entry.connection.thenAccept(TrackerConnection::close);
  }

  /** Closes sessions that nobody has used for a while. */
  void sweep(long nowNanos) {
    List<Entry> idle = new ArrayList<>();
    synchronized (entries) {
      entries
          .values()
          .removeIf(
              entry -> {
                boolean isIdle =
                    entry.useCount == 0 && nowNanos - entry.usedNanos > limits.idleNanos;
                if (isIdle) {
                  idle.add(entry);
                }
                return isIdle;
              });
    }
    idle.forEach(SessionPool::close);
  }

  int size() {
    synchronized (entries) {
      return entries.size();
    }
  }

  /** Returns how many uses failed because all sessions were in use. */
  long refusedCount() {
    synchronized (entries) {
      return refusedCount;
    }
  }

  /** Closes those in which the device shows itself; new ones are opened when they are needed. */
  void closeOwners() {
    List<Entry> owners = new ArrayList<>();
    synchronized (entries) {
      entries
          .entrySet()
          .removeIf(
              one -> {
                boolean isOwner = one.getKey().isOwner;
                if (isOwner) {
                  owners.add(one.getValue());
                }
                return isOwner;
              });
    }
    owners.forEach(SessionPool::close);
  }

  /** Closes all. */
  void close() {
    List<Entry> all;
    synchronized (entries) {
      closed = true;
      all = new ArrayList<>(entries.values());
      entries.clear();
    }
    all.forEach(SessionPool::close);
  }
}
