package org.bytchat.dht.store;

import static org.bytchat.dht.store.Items.DAY;
import static org.bytchat.dht.store.Items.MINUTE;
import static org.bytchat.dht.store.Items.NOW;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.ErrorCode;

/**
 * The generator of {@code docs/vectors/store.json}. What is expected is written here, not computed
 * by a store.
 */
public final class StoreVectors {

  static final NodeId ELSEWHERE = Keys.sha1(new byte[] {1});

  private static final StoreConfig DEFAULTS = StoreConfig.defaults();
  private static final int SMALL = 1 << 16;

  private StoreVectors() {}

  /** Returns the file as a tree. */
  public static ObjectNode file() {
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.put(
        "description",
        "What a holder that is empty at first answers to one put after the other, and what it"
            + " holds then. The network is bytchat; tokens are taken for good.");
    ArrayNode scenarios = file.putArray("scenarios");
    sequences(scenarios);
    compareAndSwap(scenarios);
    times(scenarios);
    keys(scenarios);
    forms(scenarios);
    signatures(scenarios);
    chunks(scenarios);
    ends(scenarios);
    evicted(scenarios);
    full(scenarios);
    ownOldest(scenarios);
    return file;
  }

  private static void sequences(ArrayNode scenarios) {
    MutableRecord five = item(1, 5, 1);
    MutableRecord last = item(1, Long.MAX_VALUE, 1);
    StoreVectorsScenario.of(scenarios, "sequences", DEFAULTS)
        .look("nothing yet", NOW, five.key())
        .put("new", NOW, five, stored())
        .put("the same bytes again", NOW, five, stored())
        .put("the same bytes of another source", NOW, five, stored().source(2))
        .put("lower", NOW, item(1, 4, 1), refused(ErrorCode.SEQUENCE_TOO_OLD, five))
        .put("equal, other bytes", NOW, item(1, 5, 2), conflict(five))
        .put("higher", NOW, item(1, 6, 1), stored())
        .put("no longer held", NOW, five, refused(ErrorCode.SEQUENCE_TOO_OLD, item(1, 6, 1)))
        .put("highest", NOW, last, stored())
        .put("equal, other bytes", NOW, item(1, Long.MAX_VALUE, 2), conflict(last))
        .put("another user", NOW, item(2, 1, 1), stored());
  }

  private static void compareAndSwap(ArrayNode scenarios) {
    MutableRecord five = item(1, 5, 1);
    MutableRecord six = item(1, 6, 1);
    MutableRecord one = item(2, 1, 1);
    int code = ErrorCode.CAS_MISMATCH;
    StoreVectorsScenario.of(scenarios, "compare-and-swap", DEFAULTS)
        .put("nothing known: taken whatever cas says", NOW, five, stored().cas(3))
        .put("nothing known, 0 expected", NOW, one, stored().cas(0))
        .put("0 expected, 5 known", NOW, six, refused(code, five).cas(0))
        .put("4 expected, 5 known", NOW, six, refused(code, five).cas(4))
        .put("6 expected, 5 known", NOW, six, refused(code, five).cas(6))
        .put("before an old sequence", NOW, item(1, 4, 1), refused(code, five).cas(4))
        .put("before a conflict", NOW, item(1, 5, 2), refused(code, five).cas(4))
        .put("the same bytes again", NOW, five, stored().cas(4))
        .put("right, but old", NOW, item(1, 4, 1), refused(302, five).cas(5))
        .put("right", NOW, six, stored().cas(5))
        .put("of a chunk: no effect", NOW, Items.leaf(1, 9, NOW + DAY), stored().cas(9));
  }

  private static void times(ArrayNode scenarios) {
    long ahead = NOW + 10 * MINUTE;
    MutableRecord first = item(5, 5, NOW, NOW + 5 * DAY);
    MutableRecord last = item(6, 1, NOW + 1 - 3 * DAY, NOW + 1);
    StoreVectorsScenario.of(scenarios, "times", DEFAULTS)
        .put("a life of 3 days", NOW, item(1, 1, NOW, NOW + 3 * DAY), stored())
        .put("1 ms shorter", NOW, item(2, 1, NOW, NOW + 3 * DAY - 1), badTime())
        .put("a life of 7 days", NOW, item(2, 1, NOW, NOW + 7 * DAY), stored())
        .put("1 ms longer", NOW, item(3, 1, NOW, NOW + 7 * DAY + 1), badTime())
        .put("expires before issued", NOW, item(3, 1, NOW, NOW - 1), badTime())
        .put("all of time", NOW, item(3, 1, 0, Long.MAX_VALUE), badTime())
        .put("issued 10 min ahead", NOW, item(3, 1, ahead, ahead + 7 * DAY), stored())
        .put("1 ms more", NOW, item(4, 1, ahead + 1, ahead + 7 * DAY), badTime())
        .put("ends now", NOW, item(4, 1, NOW - 7 * DAY, NOW), badTime())
        .put("ends in 1 ms", NOW, last, stored())
        .put("5 days", NOW, first, stored())
        .put("newer, ends 1 ms earlier", NOW, item(5, 6, NOW, NOW + 5 * DAY - 1), badTime())
        .put("newer, ends with it", NOW, item(5, 6, NOW - 1, NOW + 5 * DAY), stored())
        .put("newer, ends later", NOW, item(5, 7, NOW - 1, NOW + 5 * DAY + 1), stored());
  }

  private static void keys(ArrayNode scenarios) {
    MutableRecord item = item(1, 1, 1);
    Chunk chunk = Items.leaf(1, 9, NOW + DAY);
    int code = ErrorCode.WRONG_KEY;
    StoreVectorsScenario.of(scenarios, "keys", DEFAULTS)
        .put("record under another key", NOW, item, refused(code).key(ELSEWHERE))
        .put("record with another place", NOW, item, refused(code).place(ELSEWHERE))
        .put("record with its own key as place", NOW, item, stored().place(item.key()))
        .put("chunk under another key", NOW, chunk, refused(code).key(ELSEWHERE))
        .put(
            "chunk under the key of its root",
            NOW,
            chunk,
            refused(code).key(ELSEWHERE).place(ELSEWHERE))
        .put("chunk with a place", NOW, chunk, stored().place(ELSEWHERE))
        .put("chunk at its own key", NOW, Items.leaf(2, 9, NOW + DAY), stored());
  }

  private static void forms(ArrayNode scenarios) {
    MutableRecord item = item(1, 1, 1);
    byte[] bytes = item.bytes();
    byte[] longer = Arrays.copyOf(bytes, 1_001);
    StoreVectorsScenario.of(scenarios, "forms", DEFAULTS)
        .putBytes("empty", item.key(), new byte[0], ErrorCode.PROTOCOL)
        .putBytes("cut", item.key(), Arrays.copyOf(bytes, 80), ErrorCode.PROTOCOL)
        .putBytes("sequence 0", item.key(), sequence0(bytes), ErrorCode.PROTOCOL)
        .putBytes("kind 0, wrong key", ELSEWHERE, new byte[100], ErrorCode.PROTOCOL)
        .putBytes("1,001 bytes", item.key(), longer, ErrorCode.TOO_BIG)
        .putBytes("1,001 bytes of kind 0", ELSEWHERE, new byte[1_001], ErrorCode.TOO_BIG)
        .put("1,000 bytes", NOW, sized(1, 1_000), stored());
    StoreConfig config = StoreVectorsScenario.withRecordBytes(300);
    StoreVectorsScenario.of(scenarios, "forms-of-a-holder-with-a-lower-limit", config)
        .put("300 bytes", NOW, sized(1, 300), stored())
        .put("301 bytes", NOW, sized(2, 301), refused(ErrorCode.TOO_BIG))
        .put("301 bytes, other key", NOW, sized(2, 301), refused(205).key(ELSEWHERE));
  }

  private static byte[] sequence0(byte[] bytes) {
    byte[] changed = bytes.clone();
    Arrays.fill(changed, 7, 15, (byte) 0);
    return changed;
  }

  private static void signatures(ArrayNode scenarios) {
    UserKey key = RecordVectorsKeys.ofUser(1);
    MutableRecord five = item(1, 5, 1);
    MutableRecord.Draft draft = draft(1, 6, NOW, NOW + 7 * DAY);
    MutableRecord network = draft.signed(key.sign(draft.statement(1)));
    MutableRecord stranger =
        draft.signed(RecordVectorsKeys.ofUser(2).sign(draft.statement(RecordVectorsKeys.NETWORK)));
    MutableRecord noKey =
        new MutableRecord.Draft(2, "meta", new byte[44], 1, NOW, NOW + 7 * DAY, new byte[1])
            .signed(new byte[64]);
    int code = ErrorCode.BAD_SIGNATURE;
    StoreVectorsScenario.of(scenarios, "signatures", DEFAULTS)
        .put("good", NOW, five, stored())
        .put("of another network", NOW, network, refused(code))
        .put("of another key", NOW, stranger, refused(code))
        .put("no key that is allowed", NOW, noKey, refused(code))
        .put("bit of the same bytes", NOW, forged(five), conflict(five))
        .put("after the key", NOW, stranger, refused(ErrorCode.WRONG_KEY).key(ELSEWHERE))
        .put("after the times", NOW, forged(item(3, 1, NOW - 7 * DAY, NOW)), badTime())
        .put("after an old sequence", NOW, forged(item(1, 4, 1)), refused(302, five))
        .put("after cas", NOW, stranger, refused(301, five).cas(4))
        .put("rsa", NOW, rsa(1), stored())
        .put("rsa, bad", NOW, forged(rsa(2)), refused(code));
  }

  private static MutableRecord forged(MutableRecord good) {
    byte[] bytes = good.bytes();
    bytes[bytes.length - 1] ^= 1;
    return (MutableRecord) Items.parsed(bytes);
  }

  private static MutableRecord rsa(long sequence) {
    UserKey key = RecordVectorsKeys.ofFile("rsa2048");
    return RecordVectorsKeys.signed(
        key,
        new MutableRecord.Draft(
            1, "meta", key.publicKey().encoded(), sequence, NOW, NOW + 7 * DAY, new byte[1]));
  }

  private static void chunks(ArrayNode scenarios) {
    Chunk day = Items.leaf(1, 9, NOW + DAY);
    Chunk forEver = day.withExpiresMillis(Long.MAX_VALUE);
    long later = NOW + 60 * MINUTE;
    StoreVectorsScenario.of(scenarios, "chunks", DEFAULTS)
        .put("ends now", NOW, day.withExpiresMillis(NOW), badTime())
        .put("ends in a day", NOW, day, stored().place(ELSEWHERE))
        .put("ends earlier: stays", NOW, day.withExpiresMillis(NOW + 1), stored().holds(day))
        .put("ends later: prolonged", NOW, day.withExpiresMillis(NOW + 2 * DAY), stored().source(2))
        .put(
            "ends too far ahead: cut to 7 days",
            NOW,
            forEver,
            stored().holds(day.withExpiresMillis(NOW + 7 * DAY)))
        .put(
            "the same an hour later: cut to 7 days from then",
            later,
            forEver,
            stored().holds(day.withExpiresMillis(later + 7 * DAY)))
        .put("index", NOW, Chunk.index(List.of(day.key()), NOW + DAY), stored());
  }

  private static void ends(ArrayNode scenarios) {
    MutableRecord five = item(1, 5, 1);
    long end = five.expiresMillis();
    MutableRecord four = item(1, 4, end, end + 7 * DAY);
    Chunk chunk = Items.leaf(1, 9, NOW + DAY);
    StoreVectorsScenario scenario =
        StoreVectorsScenario.of(scenarios, "ends", DEFAULTS)
            .put("a record", NOW, five, stored())
            .put("a chunk", NOW, chunk, stored())
            .look("1 ms before its end", NOW + DAY - 1, chunk.key());
    scenario.gone(chunk.key()).look("at its end", NOW + DAY, chunk.key());
    scenario.look("1 ms before its end", end - 1, five.key());
    scenario
        .gone(five.key())
        .look("at its end", end, five.key())
        .put("the same at its end", end, five, badTime())
        .put(
            "an older one up to 10 min later",
            end + 10 * MINUTE - 1,
            four,
            refused(ErrorCode.SEQUENCE_TOO_OLD, five))
        .put("the clock is set back", NOW, item(1, 4, 1), refused(302, five))
        .put("the sequence is no longer remembered", end + 10 * MINUTE, four, stored());
  }

  /** Which of two has to go is a holder's own matter; what it remembers is not. */
  private static void evicted(ArrayNode scenarios) {
    MutableRecord five = item(1, 5, NOW, NOW + 5 * DAY);
    StoreVectorsScenario.of(scenarios, "evicted", DEFAULTS.withSpace(SMALL, 1, SMALL, 9))
        .put("the only place", NOW, five, stored())
        .put("another of the same source", NOW, item(2, 1, 1), stored())
        .gone(five.key())
        .look("had to go", NOW, five.key())
        .put("older", NOW, item(1, 4, 1), refused(ErrorCode.SEQUENCE_TOO_OLD, five))
        .put("same sequence, other bytes", NOW, item(1, 5, 2), refused(303, five))
        .put("newer, ends earlier", NOW, item(1, 6, NOW, NOW + 5 * DAY - 1), badTime())
        .put("cas", NOW, item(1, 6, 1), refused(ErrorCode.CAS_MISMATCH, five).cas(4))
        .gone(item(2, 1, 1).key())
        .put("the same bytes", NOW, five, stored())
        .look("had to go for it", NOW, item(2, 1, 1).key());
  }

  private static void full(ArrayNode scenarios) {
    StoreVectorsScenario.of(scenarios, "full", DEFAULTS.withSpace(SMALL, 4, SMALL, 9))
        .put("source 1 has one", NOW, item(1, 1, 1), stored())
        .put("source 2 has one", NOW, item(2, 1, 1), stored().source(2))
        .put("source 2 has two", NOW, item(3, 1, 1), stored().source(2))
        .put("source 2 has three", NOW, item(4, 1, 1), stored().source(2))
        .gone(item(2, 1, 1).key())
        .put("source 3: the largest gives way", NOW, item(5, 1, 1), stored().source(3))
        .look("its oldest", NOW, item(2, 1, 1).key())
        .gone(item(5, 1, 1).key())
        .put("source 3 would be as large: gives way", NOW, item(6, 1, 1), stored().source(3))
        .look("its oldest", NOW, item(5, 1, 1).key())
        .gone(item(3, 1, 1).key())
        .put("source 4: the largest gives way", NOW, item(7, 1, 1), stored().source(4))
        .look("its oldest", NOW, item(3, 1, 1).key())
        .put("all have one", NOW, item(8, 1, 1), refused(ErrorCode.QUOTA).source(5))
        .put("before the signature", NOW, forged(item(8, 1, 1)), refused(209).source(5))
        .put("a new one in the place of the old", NOW, item(7, 2, 1), stored().source(5));
  }

  private static void ownOldest(ArrayNode scenarios) {
    StoreVectorsScenario scenario =
        StoreVectorsScenario.of(
            scenarios, "one-source-at-its-limit", DEFAULTS.withSpace(SMALL, 99, 4_096, 9));
    scenario.put("another source", NOW, sized(9, 1_000), stored().source(2));
    for (int user = 1; user <= 4; user++) {
      scenario.put("one of four", NOW, sized(user, 1_000), stored());
    }
    scenario
        .gone(sized(1, 1_000).key())
        .put("the fifth", NOW, sized(5, 1_000), stored())
        .look("its own oldest", NOW, sized(1, 1_000).key())
        .look("nobody else's", NOW, sized(9, 1_000).key());
  }

  // Items: the value is one byte, what else there is follows from the arguments.

  private static MutableRecord item(int user, long sequence, int value) {
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            2, "meta", publicKey(user), sequence, NOW, NOW + 7 * DAY, new byte[] {(byte) value});
    return RecordVectorsKeys.signed(RecordVectorsKeys.ofUser(user), draft);
  }

  private static MutableRecord item(int user, long sequence, long issued, long expires) {
    return RecordVectorsKeys.signed(
        RecordVectorsKeys.ofUser(user), draft(user, sequence, issued, expires));
  }

  private static MutableRecord.Draft draft(int user, long sequence, long issued, long expires) {
    return new MutableRecord.Draft(
        2, "meta", publicKey(user), sequence, issued, expires, new byte[] {1});
  }

  private static MutableRecord sized(int user, int size) {
    byte[] value = new byte[size - draft(user, 1, NOW, NOW).size(64) + 1];
    MutableRecord.Draft draft =
        new MutableRecord.Draft(2, "meta", publicKey(user), 1, NOW, NOW + 7 * DAY, value);
    return RecordVectorsKeys.signed(RecordVectorsKeys.ofUser(user), draft);
  }

  private static byte[] publicKey(int user) {
    return RecordVectorsKeys.ofUser(user).publicKey().encoded();
  }

  private static StoreVectorsScenario.Put stored() {
    return StoreVectorsScenario.Put.stored();
  }

  private static StoreVectorsScenario.Put refused(int code) {
    return StoreVectorsScenario.Put.refused(code);
  }

  private static StoreVectorsScenario.Put refused(int code, MutableRecord known) {
    return refused(code).says(known.sequence());
  }

  private static StoreVectorsScenario.Put conflict(MutableRecord held) {
    return refused(ErrorCode.SEQUENCE_CONFLICT, held).returns(held);
  }

  private static StoreVectorsScenario.Put badTime() {
    return refused(ErrorCode.BAD_TIME);
  }
}
