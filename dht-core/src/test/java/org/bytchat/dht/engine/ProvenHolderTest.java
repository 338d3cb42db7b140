package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;

/** Who is given a record to hold must have proved its id, if that is asked for. */
class ProvenHolderTest {

  /** How many of the closest cannot prove their ids, each for a reason of its own. */
  private static final int LIARS = 4;

  private final DhtConfig config = StagedNetwork.config(true, true);

  private static StagedPeer.Manner toChallenges(StagedPeer.Manner manner) {
    return (query, answer) -> query.hasChallenge ? manner.answer(query, answer) : answer;
  }

  private static Packet withoutProof(Packet answer) {
    answer.hasProof = false;
    return answer;
  }

  /** Has the closest answer all but challenges; returns them and as many others, nearest first. */
  private static List<StagedPeer> withLiars(StagedNetwork stage, MutableRecord item) {
    List<StagedPeer> closest = StagedNetwork.closest(stage.honest, item.key(), 3 * LIARS);
    StagedPeer other = closest.get(closest.size() - 1);
    closest.get(0).manner = toChallenges((query, answer) -> withoutProof(answer));
    closest.get(1).manner =
        toChallenges(
            (query, answer) -> {
              StagedPeer.prove(query, answer, other.identity);
              return answer;
            });
    closest.get(2).manner =
        toChallenges(
            (query, answer) -> {
              answer.signature[7] ^= 1;
              return answer;
            });
    closest.get(3).manner = toChallenges((query, answer) -> null);
    return closest;
  }

  private static List<PutResult.NodeOutcome> stored(PutResult result) {
    return result.nodes().stream()
        .filter(node -> node.outcome() == PutResult.Outcome.STORED)
        .toList();
  }

  @Test
  void put_holdersCannotProveTheirIds_areReplacedByTheNext() {
    StagedNetwork stage = new StagedNetwork(1, config);
    MutableRecord item = stage.record(stage.calmLabel(), 7);
    List<StagedPeer> closest = withLiars(stage, item);
    PutResult result = stage.join().user.put(stage.node, item, -1);
    assertThat(stage.holders(item.key())).isEqualTo(closest.subList(LIARS, LIARS + 5));
    assertThat(result.nodes()).hasSize(LIARS + 5);
    assertThat(result.nodes().subList(0, LIARS))
        .allMatch(node -> node.outcome() == PutResult.Outcome.REJECTED)
        .allMatch(node -> node.reason().equals("did not prove its id"));
    assertThat(result.stored()).isEqualTo(5);
    assertThat(result.isEnough()).isTrue();
  }

  @Test
  void put_nobodyHasToProve_liarsCountAsHolders() {
    StagedNetwork stage = new StagedNetwork(1, StagedNetwork.config(true, false));
    MutableRecord item = stage.record(stage.calmLabel(), 7);
    List<StagedPeer> closest = withLiars(stage, item);
    PutResult result = stage.join().user.put(stage.node, item, -1);
    assertThat(stage.holders(item.key())).isEqualTo(closest.subList(0, 5));
    assertThat(stored(result)).hasSize(5).hasSameSizeAs(result.nodes());
  }

  /** Somebody may keep a holder busy with challenges, so that it does not get the record. */
  @Test
  void put_holderIsBusyForAWhile_isAskedAgain() {
    StagedNetwork stage = new StagedNetwork(1, config);
    MutableRecord item = stage.record(stage.calmLabel(), 7);
    List<StagedPeer> closest = StagedNetwork.closest(stage.honest, item.key(), 6);
    Duration[] free = {Duration.ofDays(1)};
    for (int i : new int[] {0, 1}) {
      StagedPeer peer = closest.get(i);
      boolean isBusyForEver = i == 0;
      peer.manner =
          toChallenges(
              (query, answer) ->
                  isBusyForEver || stage.now().compareTo(free[0]) < 0
                      ? StagedPeer.busy(answer)
                      : answer);
    }
    stage.join();
    Duration start = stage.now();
    free[0] = start.plusMillis(2500);
    PutResult result = stage.user.put(stage.node, item, -1);
    assertThat(stage.holders(item.key())).isEqualTo(closest.subList(1, 6));
    assertThat(result.nodes().get(0).outcome()).isEqualTo(PutResult.Outcome.REJECTED);
    assertThat(stored(result)).hasSize(5);
    assertThat(stage.now().minus(start)).as("virtual time").isLessThan(Duration.ofSeconds(10));
  }
}
