package org.bytchat.sim.bench;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.store.MutableRecord;

/** Records of many users, each valid and at a place of its own. */
final class PutRecords {

  /** Records of one user: as many labels. */
  private static final int LABELS = 8;

  /** What a name and the reference of an avatar take. */
  private static final int VALUE_BYTES = 100;

  private static final Duration LIFE = Duration.ofDays(7);

  private PutRecords() {}

  /** Makes so many records, on all cores. */
  static List<MutableRecord> make(int count, String network) {
    long nowMillis = System.currentTimeMillis();
    int networkId = Keys.networkId(network);
    return IntStream.range(0, (count + LABELS - 1) / LABELS)
        .parallel()
        .boxed()
        .flatMap(
            user -> {
              UserKey key = UserKey.generateEd25519(new SecureRandom());
              return IntStream.range(0, LABELS)
                  .mapToObj(label -> sign(key, "bench-" + label, nowMillis, networkId));
            })
        .limit(count)
        .toList();
  }

  private static MutableRecord sign(UserKey key, String label, long nowMillis, int networkId) {
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            Uid.DEFAULT_VERSION,
            label,
            key.publicKey().encoded(),
            nowMillis,
            nowMillis,
            nowMillis + LIFE.toMillis(),
            new byte[VALUE_BYTES]);
    return draft.signed(key.sign(draft.statement(networkId)));
  }
}
