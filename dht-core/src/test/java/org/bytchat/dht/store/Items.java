package org.bytchat.dht.store;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;

/** Items for tests; nothing here is really signed, since the store verifies nothing. */
final class Items {

  static final long NOW = 1_800_000_000_000L;
  static final long MINUTE = Duration.ofMinutes(1).toMillis();
  static final long DAY = Duration.ofDays(1).toMillis();

  private Items() {}

  /** Returns what stands for the key of one of many users: as long as an Ed25519 key's DER. */
  static byte[] publicKey(int user) {
    return bytes(44, user);
  }

  static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    Seeds.random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] bytes(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Returns a record of a user that is issued now and lives for 7 days. */
  static MutableRecord mutable(int user, long sequence) {
    return mutable(user, sequence, NOW, 10);
  }

  static MutableRecord mutable(int user, long sequence, long issuedMillis, int valueBytes) {
    return draft(user, sequence, issuedMillis, issuedMillis + 7 * DAY, valueBytes);
  }

  static MutableRecord draft(
      int user, long sequence, long issuedMillis, long expiresMillis, int valueBytes) {
    byte[] value = bytes(valueBytes, user * 31L + sequence);
    return new MutableRecord.Draft(
            2, "meta", publicKey(user), sequence, issuedMillis, expiresMillis, value)
        .signed(bytes(64, sequence));
  }

  static Chunk leaf(int number, int dataBytes, long expiresMillis) {
    return Chunk.leaf(bytes(dataBytes, number), expiresMillis);
  }

  /** Returns what lies at a place, by key. */
  static List<HeldItem> at(NodeId place, RecordStore store, long nowMillis) {
    int limit = 4;
    List<HeldItem> closest = store.closestTo(place, limit, nowMillis);
    while (closest.size() == limit && closest.get(limit - 1).place().equals(place)) {
      limit *= 2;
      closest = store.closestTo(place, limit, nowMillis);
    }
    return closest.stream().takeWhile(held -> held.place().equals(place)).toList();
  }

  /** Reads bytes that must be an item. */
  static StoredItem parsed(byte[] bytes) {
    if (StoredItem.parse(bytes) instanceof ParseOutcome.Parsed parsed) {
      return parsed.item();
    }
    throw new AssertionError("no item: " + StoredItem.parse(bytes));
  }
}
