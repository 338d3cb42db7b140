package org.bytchat.dht.engine;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.BlobAssembler;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.ParseOutcome;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a blob: one search for the nodes closest to its root, then its chunks from them, several at
 * a time. Those who hold the root are asked first; each is asked for a chunk at most once.
 */
final class BlobOperation {

  private static final int PARALLEL_MAX = 8;

  private final Operations operations;
  private final BlobReference reference;
  private final BlobAssembler assembler;
  private final Completion completion;
  private List<HolderSearch.Holder> holders = List.of();

  /** Which holders were asked for a chunk that is still wanted. */
  private final Map<NodeId, Set<Contact>> asked = new LinkedHashMap<>();

  private final Set<NodeId> underWay = new LinkedHashSet<>();

  /** Who was asked and did not answer, or with something else: the last to be asked again. */
  private final Set<Contact> unhelpful = new LinkedHashSet<>();

  private int nextHolder;
  private boolean over;

  /** Takes what was read. */
  interface Completion {

    /**
     * Ends the operation.
     *
     * @param content the blob, null if it could not be read
     * @param fault what is wrong with it whoever gives it; null if chunks are merely missing
     */
    void onFinished(byte @Nullable [] content, BlobAssembler.@Nullable Fault fault, long nowNanos);
  }

  private BlobOperation(Operations operations, BlobReference reference, Completion completion) {
    this.operations = operations;
    this.reference = reference;
    this.assembler = new BlobAssembler(reference);
    this.completion = completion;
  }

  /** Begins to read; returns whether there was room for it. */
  static boolean start(
      Operations operations, BlobReference reference, Completion completion, long nowNanos) {
    BlobOperation operation = new BlobOperation(operations, reference, completion);
    return HolderSearch.forReading(operations, reference.root(), operation::onFound, nowNanos);
  }

  private void onFound(HolderSearch search, long nowNanos) {
    List<HolderSearch.Holder> found = search.holders();
    // Who holds the root holds the rest, most likely.
    found.sort((a, b) -> Boolean.compare(b.sequence() >= 0, a.sequence() >= 0));
    holders = List.copyOf(found);
    step(nowNanos);
  }

  /** Asks for what is wanted, until enough is under way or nothing is left to try. */
  private void step(long nowNanos) {
    boolean progress = true;
    while (progress && !over) {
      progress = false;
      for (NodeId key : assembler.wanted()) {
        if (over || underWay.size() >= PARALLEL_MAX) {
          break;
        }
        if (!underWay.contains(key) && ask(key, nowNanos)) {
          progress = true;
        }
      }
    }
    if (!over && underWay.isEmpty()) {
      finish(null, null, nowNanos);
    }
  }

  /** Takes a chunk from the own store or asks somebody for it; returns whether there was one. */
  private boolean ask(NodeId key, long nowNanos) {
    if (operations.records.get(key, nowNanos) instanceof Chunk own) {
      offer(own, nowNanos);
      return true;
    }
    Set<Contact> before = asked.computeIfAbsent(key, ignored -> new LinkedHashSet<>());
    HolderSearch.Holder holder = holderFor(before);
    if (holder == null) {
      return false;
    }
    before.add(holder.contact());
    underWay.add(key);
    operations.get(
        holder.contact(),
        new Operations.Spot(key, reference.root(), holder.token()),
        new Reading(key, holder.contact()),
        nowNanos);
    return true;
  }

  /** Returns a holder that was not asked yet; those who say that they hold the root in turns. */
  private HolderSearch.@Nullable Holder holderFor(Set<Contact> before) {
    int claiming = 0;
    while (claiming < holders.size() && holders.get(claiming).sequence() >= 0) {
      claiming++;
    }
    int start = claiming == 0 ? 0 : nextHolder++ % claiming;
    HolderSearch.Holder last = null;
    for (int i = 0; i < holders.size(); i++) {
      int at = i < claiming ? (start + i) % claiming : i;
      HolderSearch.Holder holder = holders.get(at);
      if (!before.contains(holder.contact())) {
        if (!unhelpful.contains(holder.contact())) {
          return holder;
        }
        last = last == null ? holder : last;
      }
    }
    return last;
  }

  private void offer(Chunk chunk, long nowNanos) {
    BlobAssembler.Step step = assembler.offer(chunk);
    asked.remove(chunk.key());
    if (step instanceof BlobAssembler.Step.Complete complete) {
      finish(complete.content(), null, nowNanos);
    } else if (step instanceof BlobAssembler.Step.Failed failed) {
      finish(null, failed.fault(), nowNanos);
    }
  }

  private void finish(
      byte @Nullable [] content, BlobAssembler.@Nullable Fault fault, long nowNanos) {
    over = true;
    completion.onFinished(content, fault, nowNanos);
  }

  private final class Reading implements Request.Reply {

    private final NodeId key;
    private final Contact holder;

    Reading(NodeId key, Contact holder) {
      this.key = key;
      this.holder = holder;
    }

    @Override
    public void onAnswer(Packet packet, long nowNanos) {
      underWay.remove(key);
      byte[] bytes = packet.record();
      if (!over
          && bytes != null
          && StoredItem.parse(bytes) instanceof ParseOutcome.Parsed parsed
          && parsed.item() instanceof Chunk chunk
          && chunk.key().equals(key)) {
        offer(chunk, nowNanos);
      } else if (!over) {
        unhelpful.add(holder);
        operations.core.count(Counter.READS_INVALID, bytes == null ? 0 : 1);
      }
      onEnd(nowNanos);
    }

    @Override
    public void onFailure(long nowNanos) {
      underWay.remove(key);
      unhelpful.add(holder);
      onEnd(nowNanos);
    }

    private void onEnd(long nowNanos) {
      if (!over) {
        step(nowNanos);
      }
    }
  }
}
