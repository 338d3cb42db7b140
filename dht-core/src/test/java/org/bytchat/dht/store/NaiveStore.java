package org.bytchat.dht.store;

import static org.bytchat.dht.store.Items.DAY;
import static org.bytchat.dht.store.Items.MINUTE;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/** The rules of the store on plain lists, oldest first, with sums made anew each time. */
final class NaiveStore {

  final StoreConfig config;
  final List<HeldItem> items = new ArrayList<>();
  final List<StoreChange.Remember> memory = new ArrayList<>();

  NaiveStore(StoreConfig config) {
    this.config = config;
  }

  NaiveStore copy() {
    NaiveStore copy = new NaiveStore(config);
    copy.items.addAll(items);
    copy.memory.addAll(memory);
    return copy;
  }

  /** Returns what becomes of a put: "stored", "same", or the name of a refusal. */
  String put(StorePut put, long now) {
    String refusal = put.item() instanceof Chunk ? "" : refusal(put, now);
    if (put.item().expiresMillis() <= now && refusal.isEmpty()) {
      return "EXPIRED";
    }
    if (!refusal.isEmpty()) {
      return refusal;
    }
    return put.item() instanceof Chunk chunk
        ? putChunk(put, chunk, now)
        : putNew(put, put.item(), now);
  }

  private String refusal(StorePut put, long now) {
    MutableRecord item = (MutableRecord) put.item();
    long life = item.expiresMillis() - item.issuedMillis();
    if (life < 3 * DAY || life > 7 * DAY) {
      return "LIFETIME";
    }
    if (item.issuedMillis() > now + 10 * MINUTE) {
      return "ISSUED_AHEAD";
    }
    if (item.expiresMillis() <= now) {
      return "EXPIRED";
    }
    StoreChange.Remember known = known(item.key(), now);
    if (known == null) {
      return "";
    }
    if (known.sequence() == item.sequence() && known.digest() == digest(item)) {
      return held(item.key()) == null ? "" : "same";
    }
    if (put.expectedSequence() >= 0 && put.expectedSequence() != known.sequence()) {
      return "CAS_MISMATCH";
    }
    if (item.sequence() <= known.sequence()) {
      return item.sequence() < known.sequence() ? "SEQUENCE_TOO_OLD" : "SEQUENCE_CONFLICT";
    }
    return item.expiresMillis() < known.expiresMillis() ? "EXPIRY_FALLS" : "";
  }

  private String putChunk(StorePut put, Chunk chunk, long now) {
    long end = Math.min(chunk.expiresMillis(), now + 7 * DAY);
    Chunk cut = chunk.withExpiresMillis(end);
    HeldItem held = held(chunk.key());
    if (held == null) {
      return putNew(put, cut, now);
    }
    if (end <= held.item().expiresMillis()) {
      return "same";
    }
    items.set(items.indexOf(held), new HeldItem(cut, held.place(), held.source()));
    return "stored";
  }

  private String putNew(StorePut put, StoredItem item, long now) {
    List<HeldItem> left = new ArrayList<>(items);
    List<HeldItem> gone = new ArrayList<>();
    left.removeIf(held -> held.item().key().equals(item.key()));
    HeldItem newcomer = new HeldItem(item, put.place(), put.source());
    while (size(left, put.source(), true) + item.size() > config.sourceBytesMax()) {
      remove(oldest(left, put.source()), left, gone);
    }
    for (boolean byBytes : new boolean[] {true, false}) {
      long limit = byBytes ? config.bytesMax() : config.recordsMax();
      while (total(left, byBytes) + weight(newcomer, byBytes) > limit) {
        HeldItem victim = oldest(left, largest(left, newcomer, byBytes));
        if (victim == null) {
          return "STORE_FULL";
        }
        remove(victim, left, gone);
      }
    }
    items.clear();
    items.addAll(left);
    gone.forEach(held -> remember(held, now));
    memory.removeIf(known -> known.key().equals(item.key()));
    items.add(newcomer);
    return "stored";
  }

  private static void remove(@Nullable HeldItem victim, List<HeldItem> left, List<HeldItem> gone) {
    left.remove(victim);
    if (victim != null) {
      gone.add(victim);
    }
  }

  /** Returns the source that gives way: of equal ones the newcomer's, else the highest. */
  private static long largest(List<HeldItem> left, HeldItem newcomer, boolean byBytes) {
    long best = newcomer.source();
    long bestSize = size(left, best, byBytes) + weight(newcomer, byBytes);
    for (HeldItem held : left) {
      long size = size(left, held.source(), byBytes);
      boolean isHigher = best != newcomer.source() && held.source() > best;
      if (held.source() != newcomer.source()
          && (size > bestSize || (size == bestSize && isHigher))) {
        best = held.source();
        bestSize = size;
      }
    }
    return best;
  }

  private static @Nullable HeldItem oldest(List<HeldItem> left, long source) {
    return left.stream().filter(held -> held.source() == source).findFirst().orElse(null);
  }

  private static long size(List<HeldItem> left, long source, boolean byBytes) {
    return left.stream()
        .filter(held -> held.source() == source)
        .mapToLong(held -> weight(held, byBytes))
        .sum();
  }

  private static long total(List<HeldItem> left, boolean byBytes) {
    return left.stream().mapToLong(held -> weight(held, byBytes)).sum();
  }

  private static long weight(HeldItem held, boolean byBytes) {
    return byBytes ? held.item().bytes().length : 1;
  }

  private void remember(HeldItem gone, long now) {
    if (!(gone.item() instanceof MutableRecord item) || item.expiresMillis() + 10 * MINUTE <= now) {
      return;
    }
    memory.add(
        new StoreChange.Remember(
            item.key(), item.sequence(), item.expiresMillis(), digest(item), gone.source()));
    if (memory.size() > config.rememberedSequencesMax()) {
      long most = gone.source();
      for (StoreChange.Remember known : memory) {
        long count = remembered(known.source());
        boolean isHigher = most != gone.source() && known.source() > most;
        if (count > remembered(most) || (count == remembered(most) && isHigher)) {
          most = known.source();
        }
      }
      long largest = most;
      memory.remove(
          memory.stream().filter(known -> known.source() == largest).findFirst().orElseThrow());
    }
  }

  private long remembered(long source) {
    return memory.stream().filter(known -> known.source() == source).count();
  }

  /** Gives up everything past its end: sequences, then the items that end first, and so on. */
  void expire(long now) {
    memory.removeIf(known -> known.expiresMillis() + 10 * MINUTE <= now);
    List<HeldItem> ended =
        items.stream()
            .filter(held -> held.item().expiresMillis() <= now)
            .sorted((a, b) -> Long.compare(a.item().expiresMillis(), b.item().expiresMillis()))
            .toList();
    items.removeAll(ended);
    ended.forEach(held -> remember(held, now));
  }

  @Nullable StoredItem get(NodeId key, long now) {
    HeldItem held = held(key);
    return held == null || held.item().expiresMillis() <= now ? null : held.item();
  }

  long sequenceOf(NodeId key, long now) {
    StoreChange.Remember known = known(key, now);
    return known == null ? 0 : known.sequence();
  }

  private @Nullable HeldItem held(NodeId key) {
    return items.stream().filter(held -> held.item().key().equals(key)).findFirst().orElse(null);
  }

  private StoreChange.@Nullable Remember known(NodeId key, long now) {
    StoreChange.Remember known =
        memory.stream().filter(found -> found.key().equals(key)).findFirst().orElse(null);
    HeldItem held = held(key);
    if (held != null && held.item() instanceof MutableRecord item) {
      known =
          new StoreChange.Remember(
              key, item.sequence(), item.expiresMillis(), digest(item), held.source());
    }
    return known == null || known.expiresMillis() + 10 * MINUTE <= now ? null : known;
  }

  private static long digest(StoredItem item) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(item.bytes());
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the state in the form of the real store's. */
  List<StoreChange> snapshot() {
    List<StoreChange> changes = new ArrayList<>();
    items.forEach(
        held -> changes.add(new StoreChange.Put(held.item(), held.place(), held.source())));
    changes.addAll(memory);
    return changes;
  }
}
