package org.bytchat.tracker.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apiguardian.api.API;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.StoreException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Keeps mailboxes in memory, for nodes without a data folder, tests and simulations. Nothing
 * survives its end.
 *
 * <p>The same changes give the same results in the same order in every run. Safe for use by several
 * threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class MemoryStore implements MailboxStore {

  private final TreeMap<NodeId, Box> boxes = new TreeMap<>();

  /** The first end of an entry of each mailbox that has one. */
  private final TreeSet<Moment> ends = new TreeSet<>();

  /** When each mailbox without an entry was last touched. */
  private final TreeSet<Moment> touches = new TreeSet<>();

  private long envelopes;
  private long envelopeBytes;
  private long tombstones;
  private long ackBatches;
  private boolean closed;

  /** Makes an empty store. */
  public MemoryStore() {}

  private record Moment(long atMillis, NodeId mailbox) implements Comparable<Moment> {

    private static final Comparator<Moment> ORDER =
        Comparator.comparingLong(Moment::atMillis).thenComparing(Moment::mailbox);

    @Override
    public int compareTo(Moment other) {
      return ORDER.compare(this, other);
    }
  }

  private static final class Held {
    StoredMailbox.Entry entry;
    byte @Nullable [] envelope;
    @Nullable Origin origin;
    final TreeMap<DeviceId, Acked> acks = new TreeMap<>();

    Held(StoredMailbox.Entry entry, byte @Nullable [] envelope, @Nullable Origin origin) {
      this.entry = entry;
      this.envelope = envelope;
      this.origin = origin;
    }
  }

  private record Acked(Batch batch, long atMillis) {}

  private static final class Batch {
    final long number;
    final byte[] bytes;
    int references;

    Batch(long number, byte[] bytes) {
      this.number = number;
      this.bytes = bytes;
    }
  }

  private static final class Box {
    long nextSequence = 1;
    long touchedMillis;
    long nextBatch;
    final EnumMap<StoredMailbox.Part, byte[]> parts = new EnumMap<>(StoredMailbox.Part.class);
    final TreeMap<Long, StoredMailbox.Confirmation> confirmations = new TreeMap<>();
    final TreeMap<Long, Held> bySequence = new TreeMap<>();
    final HashMap<Digest, Held> byDigest = new HashMap<>();
    @Nullable Moment end;
    @Nullable Moment idle;
  }

  /** How a mailbox goes on within a commit. */
  private static final class Course {
    long nextSequence = 1;
    final Set<Digest> digests = new HashSet<>();
  }

  @Override
  public synchronized Optional<StoredMailbox> load(NodeId mailbox) throws StoreException {
    requireOpen();
    Box box = boxes.get(mailbox);
    if (box == null) {
      return Optional.empty();
    }
    List<StoredMailbox.Entry> entries = new ArrayList<>();
    List<StoredMailbox.Ack> acks = new ArrayList<>();
    for (Held held : box.bySequence.values()) {
      entries.add(held.entry);
      held.acks.forEach(
          (device, acked) ->
              acks.add(new StoredMailbox.Ack(held.entry.digest(), device, acked.atMillis())));
    }
    return Optional.of(
        new StoredMailbox(
            box.nextSequence,
            box.touchedMillis,
            box.parts,
            List.copyOf(box.confirmations.values()),
            entries,
            acks));
  }

  @Override
  public synchronized void commit(List<Change> changes) throws StoreException {
    requireOpen();
    requirePossible(changes);
    changes.forEach(this::apply);
  }

  /** Before anything is changed, since nothing can be taken back. */
  private void requirePossible(List<Change> changes) {
    Set<NodeId> ending = new HashSet<>();
    for (Change change : changes) {
      if (change instanceof Change.End) {
        ending.add(change.mailbox());
      }
    }
    Map<NodeId, Course> courses = new HashMap<>();
    for (Change change : changes) {
      NodeId mailbox = change.mailbox();
      Course course = courses.computeIfAbsent(mailbox, key -> courseOf(key, ending.contains(key)));
      StoredMailbox.Entry entry = entryOf(change);
      if (entry != null) {
        requireSequence(mailbox, entry.sequence(), course.nextSequence);
        course.nextSequence = entry.sequence() + 1;
        course.digests.add(entry.digest());
      } else if (change instanceof Change.Forget forget) {
        course.digests.remove(forget.digest());
      } else if (change instanceof Change.End && course.digests.isEmpty()) {
        course.nextSequence = 1;
      }
    }
  }

  /** What is in it matters only to one that may end within the commit. */
  private Course courseOf(NodeId mailbox, boolean isEnding) {
    Course course = new Course();
    Box box = boxes.get(mailbox);
    if (box != null) {
      course.nextSequence = box.nextSequence;
      if (isEnding) {
        course.digests.addAll(box.byDigest.keySet());
      }
    }
    return course;
  }

  private static StoredMailbox.@Nullable Entry entryOf(Change change) {
    if (change instanceof Change.PutEnvelope put) {
      return put.entry();
    }
    return change instanceof Change.PutTombstone put ? put.entry() : null;
  }

  static void requireSequence(NodeId mailbox, long sequence, long next) {
    if (sequence < next) {
      throw new IllegalArgumentException(
          "mailbox " + mailbox + " goes on with " + next + ", not with " + sequence);
    }
  }

  private void apply(Change change) {
    if (change instanceof Change.PutEnvelope put) {
      put(put.mailbox(), new Held(put.entry(), put.envelope(), put.origin()));
    } else if (change instanceof Change.PutTombstone put) {
      put(put.mailbox(), new Held(put.entry(), null, null));
    } else if (change instanceof Change.PutPart put) {
      box(put.mailbox()).parts.put(put.part(), put.bytes());
    } else if (change instanceof Change.PutConfirmation put) {
      StoredMailbox.Confirmation confirmation = put.confirmation();
      box(put.mailbox()).confirmations.put(confirmation.version(), confirmation);
    } else {
      Box box = boxes.get(change.mailbox());
      if (box != null) {
        applyToBox(box, change);
      }
    }
  }

  private void applyToBox(Box box, Change change) {
    if (change instanceof Change.PutAcks acks) {
      acknowledge(box, acks);
    } else if (change instanceof Change.Touch touch) {
      box.touchedMillis = touch.atMillis();
      noteIdle(touch.mailbox(), box);
    } else if (change instanceof Change.End end && box.bySequence.isEmpty()) {
      boxes.remove(end.mailbox());
      if (box.idle != null) {
        touches.remove(box.idle);
      }
    } else if (change instanceof Change.Delete delete) {
      Held held = box.byDigest.get(delete.digest());
      if (held != null && !held.entry.isDeleted()) {
        count(held, -1);
        held.entry = held.entry.deleted(delete.deletedMillis());
        held.envelope = null;
        held.origin = null;
        count(held, 1);
      }
    } else if (change instanceof Change.Forget forget) {
      Held held = box.byDigest.remove(forget.digest());
      if (held != null) {
        box.bySequence.remove(held.entry.sequence());
        count(held, -1);
        held.acks.values().forEach(acked -> release(acked.batch()));
        noteEnd(forget.mailbox(), box);
      }
    }
  }

  private Box box(NodeId mailbox) {
    Box known = boxes.get(mailbox);
    if (known != null) {
      return known;
    }
    Box box = new Box();
    boxes.put(mailbox, box);
    noteIdle(mailbox, box);
    return box;
  }

  private void put(NodeId mailbox, Held held) {
    Box box = box(mailbox);
    StoredMailbox.Entry entry = held.entry;
    Held old = box.byDigest.put(entry.digest(), held);
    if (old != null) {
      box.bySequence.remove(old.entry.sequence());
      count(old, -1);
      held.acks.putAll(old.acks);
    }
    box.bySequence.put(entry.sequence(), held);
    box.nextSequence = entry.sequence() + 1;
    box.touchedMillis = Math.max(box.touchedMillis, entry.acceptedMillis());
    count(held, 1);
    noteEnd(mailbox, box);
  }

  private void acknowledge(Box box, Change.PutAcks acks) {
    Batch batch = new Batch(box.nextBatch++, acks.batch());
    for (Digest digest : acks.digests()) {
      Held held = box.byDigest.get(digest);
      if (held != null
          && held.acks.putIfAbsent(acks.device(), new Acked(batch, acks.atMillis())) == null) {
        batch.references++;
      }
    }
    if (batch.references > 0) {
      ackBatches++;
    }
  }

  private void release(Batch batch) {
    batch.references--;
    if (batch.references == 0) {
      ackBatches--;
    }
  }

  private void count(Held held, int sign) {
    if (held.entry.isDeleted()) {
      tombstones += sign;
    } else {
      envelopes += sign;
      envelopeBytes += sign * (long) held.entry.sizeBytes();
    }
  }

  private void noteEnd(NodeId mailbox, Box box) {
    @Nullable Moment end = null;
    for (Held held : box.bySequence.values()) {
      if (end == null || held.entry.expiresMillis() < end.atMillis()) {
        end = new Moment(held.entry.expiresMillis(), mailbox);
      }
    }
    if (box.end != null) {
      ends.remove(box.end);
    }
    if (end != null) {
      ends.add(end);
    }
    box.end = end;
    noteIdle(mailbox, box);
  }

  private void noteIdle(NodeId mailbox, Box box) {
    if (box.idle != null) {
      touches.remove(box.idle);
    }
    box.idle = box.bySequence.isEmpty() ? new Moment(box.touchedMillis, mailbox) : null;
    if (box.idle != null) {
      touches.add(box.idle);
    }
  }

  @Override
  public synchronized List<byte @Nullable []> envelopes(NodeId mailbox, List<Digest> digests)
      throws StoreException {
    requireOpen();
    Box box = boxes.get(mailbox);
    List<byte @Nullable []> found = new ArrayList<>();
    for (Digest digest : digests) {
      Held held = box == null ? null : box.byDigest.get(digest);
      byte[] envelope = held == null ? null : held.envelope;
      if (envelope != null && !Digest.sha256(envelope).equals(digest)) {
        throw new StoreException(
            Reason.DAMAGED, "mailbox " + mailbox + ": envelope " + digest + " is another");
      }
      found.add(envelope);
    }
    return found;
  }

  @Override
  public synchronized List<@Nullable Origin> origins(NodeId mailbox, List<Digest> digests)
      throws StoreException {
    requireOpen();
    Box box = boxes.get(mailbox);
    List<@Nullable Origin> found = new ArrayList<>();
    for (Digest digest : digests) {
      Held held = box == null ? null : box.byDigest.get(digest);
      found.add(held == null ? null : held.origin);
    }
    return found;
  }

  @Override
  public synchronized List<byte[]> ackBatches(NodeId mailbox, Digest digest) throws StoreException {
    requireOpen();
    Box box = boxes.get(mailbox);
    Held held = box == null ? null : box.byDigest.get(digest);
    if (held == null) {
      return List.of();
    }
    return held.acks.values().stream()
        .map(Acked::batch)
        .sorted(Comparator.comparingLong(batch -> batch.number))
        .map(batch -> batch.bytes)
        .toList();
  }

  @Override
  public synchronized List<NodeId> mailboxes(@Nullable NodeId after, int limit)
      throws StoreException {
    requireOpen();
    return (after == null ? boxes : boxes.tailMap(after, false))
        .keySet().stream().limit(limit).toList();
  }

  @Override
  public synchronized List<NodeId> expired(long untilMillis, int skip, int limit)
      throws StoreException {
    requireOpen();
    return until(ends, untilMillis, skip, limit);
  }

  @Override
  public synchronized List<NodeId> idle(long untilMillis, int skip, int limit)
      throws StoreException {
    requireOpen();
    return until(touches, untilMillis, skip, limit);
  }

  private static List<NodeId> until(SortedSet<Moment> all, long untilMillis, int skip, int limit) {
    return all.stream()
        .takeWhile(moment -> moment.atMillis() <= untilMillis)
        .skip(skip)
        .limit(limit)
        .map(Moment::mailbox)
        .toList();
  }

  @Override
  public synchronized StoreStats stats() throws StoreException {
    requireOpen();
    return new StoreStats(boxes.size(), envelopes, envelopeBytes, tombstones, ackBatches, 0);
  }

  private void requireOpen() throws StoreException {
    if (closed) {
      throw new StoreException(Reason.CLOSED, "the mailboxes in memory are closed");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    boxes.clear();
    ends.clear();
    touches.clear();
  }
}
