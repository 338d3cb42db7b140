package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;

/** Nobody enters the table before it proved, from its endpoint, that its id is its own. */
class ProofTest {

  private final Solo solo = Solo.of(1);

  /** Has a peer ask something; returns the challenge that it gets. */
  private Packet challengeTo(SoloPeer peer) {
    solo.receive(peer, peer.findNode(peer.id()));
    solo.run(Duration.ofMillis(100));
    return onlyChallenge(solo.takeSent(peer.endpoint));
  }

  private static Packet onlyChallenge(List<Solo.Sent> sent) {
    List<Packet> challenges =
        sent.stream().map(Solo.Sent::packet).filter(packet -> packet.hasChallenge).toList();
    assertThat(challenges).hasSize(1);
    return challenges.get(0);
  }

  private void assertRefused(SoloPeer peer, Consumer<Packet> lie) {
    Packet proof = peer.proof(challengeTo(peer), Solo.IPV4);
    lie.accept(proof);
    solo.receive(peer, proof);
    assertThat(solo.engine().contacts()).isEmpty();
    assertThat(solo.count(Counter.PROOFS_FAILED)).isEqualTo(1);
    assertThat(solo.count(Counter.PROOFS_VERIFIED)).isZero();
    solo.run(Duration.ofSeconds(6));
    Packet again = challengeTo(peer);
    solo.receive(peer, peer.proof(again, Solo.IPV4));
    assertThat(solo.engine().contacts())
        .as("a true proof later is good")
        .containsExactly(peer.contact());
  }

  @Test
  void proof_good_entersTheTable() {
    SoloPeer peer = solo.contact(1);
    assertThat(solo.engine().contacts()).containsExactly(peer.contact());
    assertThat(solo.count(Counter.PROOFS_VERIFIED)).isEqualTo(1);
    assertThat(solo.count(Counter.CONTACTS_ADDED)).isEqualTo(1);
    solo.receive(peer, peer.findNode(peer.id()));
    solo.run(Duration.ofMinutes(1));
    assertThat(solo.takeSent(peer.endpoint))
        .as("asked once for each id and endpoint")
        .noneMatch(sent -> sent.packet().hasChallenge);
  }

  @SeededTest(runs = 20)
  void proof_anyBitOfTheSignatureFlipped_isRefused(long seed) {
    int bit = Seeds.random(seed).nextInt(512);
    assertRefused(solo.peer(1), proof -> proof.signature[bit / 8] ^= (byte) (1 << bit % 8));
  }

  @Test
  void proof_ofAnotherKey_isRefused() {
    SoloPeer other = solo.peer(2);
    assertRefused(
        solo.peer(1),
        proof -> System.arraycopy(other.identity.publicKey(), 0, proof.publicKey, 0, 32));
  }

  @Test
  void proof_missing_isRefused() {
    assertRefused(solo.peer(1), proof -> proof.hasProof = false);
  }

  @Test
  void proof_withoutWhereItSeesUs_isRefused() {
    assertRefused(solo.peer(1), proof -> proof.observed = null);
  }

  @Test
  void proof_forAnotherEndpointThanItNames_isRefused() {
    assertRefused(solo.peer(1), proof -> proof.observed = Endpoint.ofIpv4(0x2d2d2d2d, 6881));
  }

  @Test
  void proof_ofAnEarlierChallenge_isRefused() {
    SoloPeer peer = solo.peer(1);
    Packet first = challengeTo(peer);
    solo.run(Duration.ofSeconds(6));
    Packet second = challengeTo(peer);
    assertThat(second.challenge).isNotEqualTo(first.challenge);
    Packet replayed = peer.proof(first, Solo.IPV4);
    replayed.transactionId = second.transactionId;
    solo.receive(peer, replayed);
    assertThat(solo.engine().contacts()).isEmpty();
    assertThat(solo.count(Counter.PROOFS_FAILED)).isEqualTo(1);
  }

  @Test
  void proof_answerOfAReadOnlyNode_doesNotEnter() {
    SoloPeer peer = solo.peer(1);
    Packet proof = peer.proof(challengeTo(peer), Solo.IPV4);
    proof.readOnly = true;
    solo.receive(peer, proof);
    assertThat(solo.engine().contacts()).isEmpty();
  }

  @Test
  void answer_ofAContactThatBecameReadOnly_removesIt() {
    SoloPeer peer = solo.contact(1);
    solo.serve(List.of(peer), Duration.ofSeconds(10));
    solo.engine().startPing(peer.endpoint, solo.nowNanos());
    solo.flush();
    Packet answer = peer.answer(solo.takeOnly(peer.endpoint));
    answer.readOnly = true;
    solo.receive(peer, answer);
    assertThat(solo.engine().contacts()).isEmpty();
  }

  /**
   * A relay R has the node's challenge answered by the true holder of an id, to whom it looks as if
   * R asked: the proof names R's endpoint as the asker's. Once three networks agree where the node
   * is, that gives the relay away.
   */
  @Test
  void proof_relayed_isRefusedOnceTheOwnEndpointIsAgreed() {
    SoloPeer holder = solo.peer(9);
    SoloPeer relay = new SoloPeer(Seeds.random(5), Endpoint.ofIpv4(0x17171717, 5000));
    for (int i = 1; i <= 3; i++) {
      assertThat(solo.engine().stats().external()).isEmpty();
      solo.contact(i);
    }
    assertThat(solo.engine().stats().external()).containsExactly(Solo.IPV4);
    assertThat(solo.events()).contains(new EngineEvent.ExternalEndpoint(Solo.IPV4));
    Packet lure = relay.findNode(relay.id());
    lure.sender(holder.id());
    solo.receive(relay, lure);
    solo.run(Duration.ofMillis(100));
    Packet challenge = onlyChallenge(solo.takeSent(relay.endpoint));
    Packet proof = holder.proof(challenge, relay.endpoint);
    solo.receive(relay, proof);
    assertThat(solo.count(Counter.PROOFS_FAILED)).isEqualTo(1);
    assertThat(solo.engine().contacts()).hasSize(3).doesNotContain(holder.contact());
  }

  @Test
  void observed_twoNetworksLie_areOutvoted() {
    for (int i = 1; i <= 3; i++) {
      solo.contact(i);
    }
    Endpoint lie = Endpoint.ofIpv4(0x2d2d2d2d, 6881);
    for (int i = 4; i <= 6; i++) {
      SoloPeer liar = solo.peer(i);
      solo.receive(liar, liar.proof(challengeTo(liar), lie));
      assertThat(solo.engine().stats().external()).as("%s lie", i - 3).containsExactly(Solo.IPV4);
    }
  }

  @Test
  void observed_nodeMoved_isFollowedWhenMostAgree() {
    List<SoloPeer> peers = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      peers.add(solo.contact(i));
    }
    solo.serve(peers, Duration.ofSeconds(20));
    Endpoint moved = Endpoint.ofIpv4(0x2d2d2d2d, 6881);
    for (SoloPeer peer : peers) {
      solo.engine().startPing(peer.endpoint, solo.nowNanos());
      solo.flush();
      Packet answer = peer.answer(solo.takeOnly(peer.endpoint));
      answer.observed = moved;
      solo.receive(peer, answer);
    }
    assertThat(solo.engine().stats().external()).containsExactly(moved);
  }

  @Test
  void proofOfId_switchedOff_entersByAnsweringAPing() {
    Solo trusting =
        new Solo(3, DhtConfig.defaults().withAssumeReachable(true).withProofOfId(false));
    SoloPeer peer = trusting.peer(1);
    trusting.receive(peer, peer.findNode(peer.id()));
    trusting.run(Duration.ofMillis(100));
    for (Solo.Sent sent : trusting.takeSent(peer.endpoint)) {
      assertThat(sent.packet().hasChallenge).isFalse();
      if (sent.packet().kind == Kind.QUERY) {
        trusting.receive(peer, peer.answer(sent.packet()));
      }
    }
    assertThat(trusting.engine().contacts()).containsExactly(peer.contact());
  }

  @SeededTest(runs = 20)
  void proof_keyThatDoesNotSolveThePuzzle_isRefused(long seed) {
    DhtConfig config = DhtConfig.defaults().withAssumeReachable(true);
    Solo picky = new Solo(seed, config.withDefences(config.defences().withPuzzleBits(1)));
    SoloPeer peer = picky.peer((int) (seed & 0xfff));
    picky.receive(peer, peer.findNode(peer.id()));
    picky.run(Duration.ofMillis(100));
    Packet challenge = onlyChallenge(picky.takeSent(peer.endpoint));
    picky.receive(peer, peer.proof(challenge, Solo.IPV4));
    boolean solved = NodeIdentity.puzzleBits(peer.identity.publicKey()) >= 1;
    assertThat(picky.engine().contacts()).hasSize(solved ? 1 : 0);
    assertThat(picky.count(Counter.PROOFS_FAILED)).isEqualTo(solved ? 0 : 1);
  }

  @Test
  void challenge_tooManyASecond_areAnsweredBusy() {
    int proofs = 0;
    int busy = 0;
    for (int i = 0; i < 50; i++) {
      Packet answer = answerToChallenge(solo.peer(i));
      proofs += answer.hasProof ? 1 : 0;
      busy += answer.kind == Kind.ERROR && answer.errorCode == ErrorCode.BUSY ? 1 : 0;
    }
    // 100 a second, of which a tenth of a second's worth may be signed at once.
    assertThat(proofs).isEqualTo(11);
    assertThat(busy).isEqualTo(39);
    assertThat(solo.count(Counter.PROOFS_SIGNED)).isEqualTo(11);
    assertThat(solo.count(Counter.PROOFS_BUSY)).isEqualTo(39);
    solo.run(Duration.ofSeconds(1));
    assertThat(answerToChallenge(solo.peer(60)).hasProof).isTrue();
  }

  @Test
  void challenge_tooManyEffectsUnderWay_areAnsweredBusy() {
    LimitsConfig few =
        new LimitsConfig(
            200, 400, 8192, 4096, 3, 100_000, Duration.ofMinutes(1), Duration.ofMinutes(5));
    Solo slow = new Solo(4, DhtConfig.defaults().withLimits(few));
    slow.holdEffects(true);
    for (int i = 0; i < 5; i++) {
      SoloPeer asker = slow.peer(i);
      slow.receive(asker, challenge(asker));
    }
    List<Solo.Sent> refused = slow.takeSent();
    assertThat(refused).hasSize(2);
    assertThat(refused).allMatch(sent -> sent.packet().errorCode == ErrorCode.BUSY);
    assertThat(slow.engine().stats().effectsUnderWay()).isEqualTo(3);
    slow.holdEffects(false);
    assertThat(slow.takeSent()).hasSize(3).allMatch(sent -> sent.packet().hasProof);
    assertThat(slow.engine().stats().effectsUnderWay()).isZero();
  }

  @Test
  void handleEffect_unknownOrTwice_isIgnored() {
    SoloPeer asker = solo.peer(1);
    solo.engine().handleEffect(77, new Effect.Signed(new byte[64]), solo.nowNanos());
    assertThat(answerToChallenge(asker).hasProof).isTrue();
    solo.engine().handleEffect(1, new Effect.Signed(new byte[64]), solo.nowNanos());
    solo.flush();
    assertThat(solo.takeSent()).isEmpty();
  }

  @Test
  void challenge_signingFails_isAnsweredBusy() {
    SoloPeer asker = solo.peer(1);
    solo.holdEffects(true);
    solo.receive(asker, challenge(asker));
    solo.engine().handleEffect(1, new Effect.Failed(), solo.nowNanos());
    solo.flush();
    assertThat(solo.takeOnly(asker.endpoint).errorCode).isEqualTo(ErrorCode.BUSY);
  }

  private Packet answerToChallenge(SoloPeer asker) {
    solo.receive(asker, challenge(asker));
    return solo.takeOnly(asker.endpoint);
  }

  private static Packet challenge(SoloPeer asker) {
    Packet query = asker.query(Method.PING);
    query.readOnly = true;
    query.hasChallenge = true;
    query.paddedBytes = 120;
    return query;
  }
}
