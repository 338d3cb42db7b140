package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;

/** What is read while most of the closest lie about what they hold. */
class LiarReadTest {

  private static final long NEWEST = 70;

  /** Two waves of reads and two more rounds of the 2r closest, each as long as a request takes. */
  private static final Duration BOUND = Duration.ofSeconds(25);

  private static StagedPeer.Manner toGets(StagedPeer.Manner manner) {
    return (query, answer) -> query.method == Method.GET ? manner.answer(query, answer) : answer;
  }

  /** Whoever is asked says that it holds a sequence; whoever reads it gets bytes. */
  private static StagedPeer.Manner claiming(long sequence, byte[] bytes) {
    return toGets(
        (query, answer) -> {
          answer.sequence = sequence;
          answer.record = null;
          if (query.tokenLength > 0) {
            StagedPeer.give(answer, bytes);
          }
          return answer;
        });
  }

  /** Says that it holds something newer, and gives nothing to who reads it. */
  private static StagedPeer.Manner boasting(long sequence, boolean isSilent) {
    return toGets(
        (query, answer) -> {
          answer.sequence = sequence;
          answer.record = null;
          return isSilent && query.tokenLength > 0 ? null : answer;
        });
  }

  private static StagedPeer.Manner withholding() {
    return toGets(
        (query, answer) -> {
          answer.sequence = -1;
          answer.record = null;
          return answer;
        });
  }

  private static byte[] forged(MutableRecord item) {
    byte[] bytes = item.bytes();
    bytes[bytes.length - 1] ^= 1;
    return bytes;
  }

  private static StagedPeer.Manner lie(int which, StagedNetwork stage, String label) {
    MutableRecord other = stage.record("other", NEWEST + 1);
    return switch (which % 7) {
      case 0 -> boasting(NEWEST + which, false);
      case 1 -> boasting(NEWEST + which, true);
      case 2 -> withholding();
      case 3 -> claiming(NEWEST - which, stage.record(label, NEWEST - which).bytes());
      case 4 -> claiming(NEWEST + which, forged(stage.record(label, NEWEST + which)));
      case 5 -> claiming(NEWEST + which, other.bytes());
      default -> claiming(Long.MAX_VALUE, stage.record(label, 1).bytes());
    };
  }

  @SeededTest(runs = 10)
  void get_allButOneOfTheClosestLie_newestIsRead(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults()).join();
    String label = stage.calmLabel();
    MutableRecord newest = stage.record(label, NEWEST);
    List<StagedPeer> closest =
        new ArrayList<>(StagedNetwork.closest(stage.honest, newest.key(), StagedNetwork.K));
    Collections.shuffle(closest, Seeds.random(seed));
    closest.get(0).hold(newest);
    for (int i = 1; i < closest.size(); i++) {
      closest.get(i).manner = lie(i, stage, label);
    }
    Duration start = stage.now();
    assertThat(stage.user.get(stage.node, newest.key()).found()).isEqualTo(newest);
    assertThat(stage.count(Counter.READS_INVALID)).isPositive();
    assertThat(stage.now().minus(start)).as("virtual time").isLessThan(BOUND);
  }

  /** However many claim whatever they want, a get ends, and each is read a few times at most. */
  @Test
  void get_allBoastAndAreSilent_endsWithNothing() {
    StagedNetwork stage = new StagedNetwork(1, DhtConfig.defaults()).join();
    MutableRecord item = stage.record(stage.calmLabel(), NEWEST);
    List<StagedPeer> closest = StagedNetwork.closest(stage.honest, item.key(), 40);
    for (int i = 0; i < closest.size(); i++) {
      closest.get(i).manner = boasting(NEWEST + i, true);
    }
    Duration start = stage.now();
    stage.forgetQueries();
    EngineEvent.GetFinished end = stage.user.get(stage.node, item.key());
    assertThat(end.found()).isNull();
    assertThat(end.answered()).isGreaterThanOrEqualTo(StagedNetwork.K);
    assertThat(stage.now().minus(start)).as("virtual time").isLessThan(BOUND);
    List<Packet> reads =
        stage.queries().stream()
            .filter(query -> query.method == Method.GET && query.tokenLength > 0)
            .toList();
    assertThat(reads).as("all once, the 2r closest in two more rounds").hasSizeBetween(20, 40);
  }

  @Test
  void get_allForge_endsWithNothing() {
    StagedNetwork stage = new StagedNetwork(1, DhtConfig.defaults()).join();
    MutableRecord item = stage.record(stage.calmLabel(), NEWEST);
    List<StagedPeer> closest = StagedNetwork.closest(stage.honest, item.key(), 40);
    closest.forEach(peer -> peer.manner = claiming(NEWEST, forged(item)));
    assertThat(stage.user.get(stage.node, item.key()).found()).isNull();
    assertThat(stage.count(Counter.READS_INVALID))
        .as("each is read once at most")
        .isBetween(StagedNetwork.K / 2L, (long) StagedNetwork.K);
  }

  private static byte[] content() {
    byte[] content = new byte[20 * Chunk.DATA_BYTES_MAX - 100];
    Seeds.random(3).nextBytes(content);
    return content;
  }

  /** Makes a blob that its five holders hold. */
  private static Blob blob(StagedNetwork stage) {
    Blob blob = Blob.cut(content(), stage.node.wallMillis() + Duration.ofDays(5).toMillis());
    for (StagedPeer peer : StagedNetwork.closest(stage.honest, blob.reference().root(), 5)) {
      blob.chunks().forEach(peer::hold);
    }
    return blob;
  }

  private static StagedPeer.Manner toReads(StagedPeer.Manner manner) {
    return toGets((query, answer) -> query.tokenLength > 0 ? manner.answer(query, answer) : answer);
  }

  /** Of five who all say that they hold a blob, four give something else, or nothing. */
  @SeededTest(runs = 5)
  void getBlob_allButOneHolderLie_isReadFromTheOther(long seed) {
    StagedNetwork stage = new StagedNetwork(seed, DhtConfig.defaults()).join();
    Blob blob = blob(stage);
    List<StagedPeer> holders =
        new ArrayList<>(StagedNetwork.closest(stage.honest, blob.reference().root(), 5));
    Collections.shuffle(holders, Seeds.random(seed));
    byte[] junk = Chunk.leaf(new byte[9], stage.node.wallMillis() + 1_000_000).bytes();
    holders.get(1).manner = toReads((query, answer) -> null);
    holders.get(2).manner =
        toReads(
            (query, answer) -> {
              StagedPeer.give(answer, junk);
              return answer;
            });
    holders.get(3).manner =
        toReads(
            (query, answer) -> {
              answer.record = null;
              return answer;
            });
    holders.get(4).manner =
        toReads(
            (query, answer) -> {
              answer.record = null;
              return StagedPeer.busy(answer);
            });
    stage.forgetQueries();
    EngineEvent.BlobFinished end = stage.user.getBlob(stage.node, blob.reference());
    assertThat(end.content()).isEqualTo(content());
    assertThat(end.fault()).isNull();
    for (StagedPeer liar : holders.subList(1, 5)) {
      // The search, and eight chunks at once; who did not help is the last to be asked again.
      assertThat(liar.asked).hasSizeBetween(2, 10);
    }
  }

  /** Nobody has the chunk that is missing: the end comes all the same. */
  @Test
  void getBlob_allWithholdOneChunk_endsWithNothing() {
    StagedNetwork stage = new StagedNetwork(1, DhtConfig.defaults()).join();
    Blob blob = blob(stage);
    Chunk missing = blob.chunks().get(4);
    stage.honest.forEach(peer -> peer.held.remove(missing.key()));
    Duration start = stage.now();
    EngineEvent.BlobFinished end = stage.user.getBlob(stage.node, blob.reference());
    assertThat(end.content()).isNull();
    assertThat(end.fault()).isNull();
    assertThat(stage.now().minus(start)).as("virtual time").isLessThan(BOUND);
  }
}
