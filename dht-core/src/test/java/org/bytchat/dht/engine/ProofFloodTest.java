package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.testkit.TestContacts;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;

/**
 * Challenges from spoofed sources do not keep a node from proving its id to those who are there.
 */
class ProofFloodTest {

  private static final int RUNS = 3;

  /** Where the asked node is. */
  private static final Endpoint ASKED = TestContacts.endpoint(700);

  /** More than are signed at once. */
  private static final int BURST = 30;

  private final Random random = Seeds.random(1);
  private int spoofed;

  /** What the spoofed challenges show. */
  private enum Shown {
    NOTHING,
    MADE_UP_TOKENS,
    A_TOKEN_OF_ANOTHER_ENDPOINT
  }

  private static Packet challenge(SoloPeer from) {
    Packet ping = from.query(Method.PING);
    ping.hasChallenge = true;
    ping.readOnly = true;
    ping.paddedBytes = WireLimits.CHALLENGE_PADDED_BYTES;
    return ping;
  }

  private void flood(Solo asked, SoloPeer forger, Shown shown) {
    for (int i = 0; i < BURST; i++) {
      Packet query = challenge(forger);
      if (shown == Shown.MADE_UP_TOKENS) {
        byte[] token = new byte[WireLimits.TOKEN_BYTES];
        random.nextBytes(token);
        query.token(token, 0, token.length);
      } else if (shown == Shown.A_TOKEN_OF_ANOTHER_ENDPOINT) {
        asked.receive(forger, challenge(forger));
        byte[] token =
            asked.takeSent(forger.endpoint).stream()
                .map(sent -> sent.packet().token())
                .reduce(new byte[0], (before, next) -> next);
        if (token.length > 0) {
          query.token(token, 0, token.length);
        }
      }
      Endpoint source = Endpoint.ofIpv4(0xb0000000 + (spoofed++ << 8), 5000);
      asked.receive(source, SoloPeer.encode(query));
      asked.takeSent(source);
    }
  }

  /** Tells whether a node takes one into its table that is flooded before whatever it is asked. */
  private boolean enters(long seed, Shown shown, boolean carriesTokens) {
    // One source without limits stands for many.
    DhtConfig config =
        DhtConfig.defaults()
            .withAssumeReachable(true)
            .withLimits(LimitsConfig.defaults().withRequestsPerSecond(0));
    Solo asked = new Solo(seed, config);
    Solo asker = Solo.of(seed + 1000);
    SoloPeer forger = asked.peer(1);
    for (int i = 0; i < 500; i++) {
      if (i % 20 == 0) {
        asker.engine().startPing(ASKED, asker.nowNanos());
        asker.flush();
      }
      for (Solo.Sent sent : asker.takeSent(ASKED)) {
        flood(asked, forger, shown);
        asked.receive(Solo.IPV4, sent.bytes());
      }
      for (Solo.Sent sent : asked.takeSent(Solo.IPV4)) {
        Packet packet = sent.packet();
        if (packet.kind == Kind.ERROR && !carriesTokens) {
          packet.tokenLength = 0;
        }
        asker.receive(ASKED, SoloPeer.encode(packet));
      }
      asked.run(Duration.ofMillis(50));
      asker.run(Duration.ofMillis(50));
    }
    assertThat(asked.count(Counter.PROOFS_BUSY)).as("the flood is one").isGreaterThan(BURST / 2);
    assertThat(asked.count(Counter.BAD_TOKENS) > 0).isEqualTo(shown != Shown.NOTHING);
    NodeId id = asked.identity().id();
    return asker.engine().contacts().stream().anyMatch(contact -> contact.id().equals(id));
  }

  @SeededTest(runs = RUNS)
  void verify_spoofedChallengesUseUpTheProofs_entersAllTheSame(long seed) {
    assertThat(enters(seed, Shown.NOTHING, true)).isTrue();
    assertThat(enters(seed, Shown.NOTHING, false)).as("only by a token").isFalse();
  }

  @SeededTest(runs = RUNS)
  void verify_spoofedChallengesShowTokensThatAreNotTheirs_entersAllTheSame(long seed) {
    for (Shown shown : List.of(Shown.MADE_UP_TOKENS, Shown.A_TOKEN_OF_ANOTHER_ENDPOINT)) {
      assertThat(enters(seed, shown, true)).as("%s", shown).isTrue();
      assertThat(enters(seed, shown, false)).as("%s, only by a token", shown).isFalse();
    }
  }

  private Packet answerTo(Solo asked, SoloPeer from, Packet query) {
    asked.receive(from, query);
    return asked.takeOnly(from.endpoint);
  }

  private byte[] tokenFor(Solo asked, SoloPeer from) {
    flood(asked, from, Shown.NOTHING);
    Packet busy = answerTo(asked, from, challenge(from));
    assertThat(busy.errorCode).isEqualTo(ErrorCode.BUSY);
    assertThat(busy.tokenLength).isEqualTo(WireLimits.TOKEN_BYTES);
    return busy.token();
  }

  @Test
  void prove_sourceWithATokenAsksAllTheTime_getsItsShareAndNoFurtherToken() {
    Solo asked = Solo.of(1);
    SoloPeer greedy = asked.peer(1);
    SoloPeer other = asked.peer(2);
    byte[] token = tokenFor(asked, greedy);
    byte[] others = tokenFor(asked, other);
    long signedBefore = asked.count(Counter.PROOFS_SIGNED);
    long signedForOther = 0;
    for (int i = 0; i < 500; i++) {
      flood(asked, greedy, Shown.NOTHING);
      Packet query = challenge(greedy);
      query.token(token, 0, token.length);
      Packet answer = answerTo(asked, greedy, query);
      if (answer.kind == Kind.ERROR) {
        assertThat(answer.errorCode).isEqualTo(ErrorCode.BUSY);
        assertThat(answer.tokenLength).isZero();
      }
      if (i % 50 == 25) {
        Packet ask = challenge(other);
        ask.token(others, 0, others.length);
        assertThat(answerTo(asked, other, ask).hasProof).isTrue();
        signedForOther++;
      }
      asked.run(Duration.ofMillis(10));
    }
    assertThat(signedForOther).isEqualTo(10);
    // The spoofed ones get 100/s for five seconds, beside what is signed at once.
    assertThat(asked.count(Counter.PROOFS_SIGNED) - signedBefore).isBetween(550L, 590L);
    assertThat(asked.count(Counter.BAD_TOKENS)).isZero();
  }

  @Test
  void prove_sourceBeyondItsShareWithoutAToken_getsOne() {
    Solo asked = Solo.of(1);
    SoloPeer source = asked.peer(1);
    Packet last = challenge(source);
    for (int i = 0; i < 11; i++) {
      asked.run(Duration.ofMillis(20));
      last = answerTo(asked, source, challenge(source));
    }
    for (int i = 0; i < 10; i++) {
      // Somebody else may have asked in its name.
      last = last.hasProof ? answerTo(asked, source, challenge(source)) : last;
    }
    assertThat(last.errorCode).isEqualTo(ErrorCode.BUSY);
    Packet again = challenge(source);
    again.token(last.token(), 0, last.tokenLength);
    assertThat(answerTo(asked, source, again).hasProof).isTrue();
  }

  @Test
  void prove_tokenOfAnotherIdOrTooOld_isAsIfThereWereNone() {
    Solo asked = Solo.of(1);
    SoloPeer source = asked.peer(1);
    byte[] token = tokenFor(asked, source);
    Packet other = challenge(source);
    other.sender(TestContacts.randomId(random));
    other.token(token, 0, token.length);
    Packet refused = answerTo(asked, source, other);
    assertThat(refused.errorCode).isEqualTo(ErrorCode.BUSY);
    assertThat(refused.tokenLength).isEqualTo(WireLimits.TOKEN_BYTES);
    assertThat(asked.count(Counter.BAD_TOKENS)).isEqualTo(1);
    asked.run(Duration.ofMinutes(11));
    flood(asked, source, Shown.NOTHING);
    Packet old = challenge(source);
    old.token(token, 0, token.length);
    assertThat(answerTo(asked, source, old).errorCode).isEqualTo(ErrorCode.BUSY);
    assertThat(asked.count(Counter.BAD_TOKENS)).isEqualTo(2);
  }

  @Test
  void prove_noProofsAtAll_isBusyWithoutAToken() {
    LimitsConfig none =
        new LimitsConfig(
            200, 400, 8192, 4096, 1024, 0, Duration.ofMinutes(1), Duration.ofMinutes(5));
    Solo asked = new Solo(1, DhtConfig.defaults().withLimits(none));
    SoloPeer source = asked.peer(1);
    Packet answer = answerTo(asked, source, challenge(source));
    assertThat(answer.errorCode).isEqualTo(ErrorCode.BUSY);
    assertThat(answer.tokenLength).isZero();
  }

  private static Packet busy(SoloPeer peer, Packet query, int tokenLength) {
    Packet answer = peer.answer(query);
    answer.kind = Kind.ERROR;
    answer.error(ErrorCode.BUSY, "too many proofs");
    answer.observed = Solo.IPV4;
    answer.tokenLength = tokenLength;
    answer.token[0] = 7;
    return answer;
  }

  private static List<Packet> challenges(Solo solo, SoloPeer peer) {
    return solo.takeSent(peer.endpoint).stream()
        .map(Solo.Sent::packet)
        .filter(packet -> packet.hasChallenge)
        .toList();
  }

  /** Has a peer ask something; returns the challenge that it gets. */
  private static Packet considered(Solo solo, SoloPeer peer) {
    solo.receive(peer, peer.findNode(peer.id()));
    solo.run(Duration.ofMillis(100));
    List<Packet> challenges = challenges(solo, peer);
    assertThat(challenges).hasSize(1);
    return challenges.get(0);
  }

  @Test
  void retry_busyWithATokenForEver_isOneRetry() {
    for (int length : new int[] {1, WireLimits.TOKEN_BYTES, WireLimits.TOKEN_BYTES_MAX}) {
      Solo solo = Solo.of(1);
      SoloPeer peer = solo.peer(1);
      Packet first = considered(solo, peer);
      assertThat(first.tokenLength).isZero();
      solo.receive(peer, busy(peer, first, length));
      List<Packet> retries = challenges(solo, peer);
      assertThat(retries).as("at once").hasSize(1);
      Packet second = retries.get(0);
      assertThat(second.token()).isEqualTo(busy(peer, first, length).token());
      assertThat(second.transactionId).isNotEqualTo(first.transactionId);
      assertThat(second.challenge).isNotEqualTo(first.challenge);
      solo.receive(peer, busy(peer, first, length));
      assertThat(solo.count(Counter.DROPPED_UNSOLICITED)).as("the first is over").isEqualTo(1);
      solo.receive(peer, busy(peer, second, length));
      solo.run(Duration.ofMinutes(1));
      assertThat(challenges(solo, peer)).isEmpty();
      assertThat(solo.engine().stats().requestsUnderWay()).isZero();
      assertThat(solo.engine().contacts()).isEmpty();
    }
  }

  @Test
  void retry_answeredWithAProof_entersTheTable() {
    Solo solo = Solo.of(1);
    SoloPeer peer = solo.peer(1);
    Packet first = considered(solo, peer);
    solo.receive(peer, busy(peer, first, 8));
    Packet second = challenges(solo, peer).get(0);
    solo.receive(peer, peer.proof(second, Solo.IPV4));
    assertThat(solo.engine().contacts()).containsExactly(peer.contact());
  }

  @Test
  void retry_answeredWithAProofForTheFirstChallenge_isRefused() {
    Solo solo = Solo.of(1);
    SoloPeer peer = solo.peer(1);
    Packet first = considered(solo, peer);
    solo.receive(peer, busy(peer, first, 8));
    Packet stale = peer.proof(first, Solo.IPV4);
    stale.transactionId = challenges(solo, peer).get(0).transactionId;
    solo.receive(peer, stale);
    assertThat(solo.engine().contacts()).isEmpty();
    assertThat(solo.count(Counter.PROOFS_FAILED)).isEqualTo(1);
  }

  @Test
  void retry_silence_endsLikeAnyOther() {
    Solo solo = Solo.of(1);
    SoloPeer peer = solo.peer(1);
    solo.receive(peer, busy(peer, considered(solo, peer), 8));
    assertThat(challenges(solo, peer)).hasSize(1);
    solo.run(Duration.ofMinutes(1));
    assertThat(challenges(solo, peer)).as("who only asked is not asked again").isEmpty();
    assertThat(solo.engine().stats().requestsUnderWay()).isZero();
    assertThat(considered(solo, peer).tokenLength).as("the next time it is, anew").isZero();
  }

  @Test
  void retry_otherErrorsAndOtherQueries_isNone() {
    Solo solo = Solo.of(1);
    SoloPeer peer = solo.peer(1);
    Packet answer = busy(peer, considered(solo, peer), 8);
    answer.errorCode = ErrorCode.GENERIC;
    solo.receive(peer, answer);
    SoloPeer pinged = solo.peer(2);
    solo.engine().startPing(pinged.endpoint, solo.nowNanos());
    solo.flush();
    solo.receive(pinged, busy(pinged, solo.takeOnly(pinged.endpoint), 8));
    assertThat(solo.events())
        .as("a ping without a challenge is over")
        .anyMatch(event -> event instanceof EngineEvent.PingFinished);
    assertThat(challenges(solo, peer)).isEmpty();
  }

  /** A holder that is asked to prove its id, and whether a token moves it to. */
  private static final class Holder {
    final SoloPeer peer;
    final boolean yields;
    final List<Packet> asked = new ArrayList<>();

    /** How long after the first challenge it was given the item; -1 if it was not. */
    long givenAfterNanos = -1;

    private long askedNanos;

    Holder(SoloPeer peer, boolean yields) {
      this.peer = peer;
      this.yields = yields;
    }

    Packet answer(Packet query, long nowNanos) {
      if (query.hasChallenge) {
        askedNanos = asked.isEmpty() ? nowNanos : askedNanos;
        asked.add(query);
        return query.tokenLength > 0 && yields
            ? peer.proof(query, Solo.IPV4)
            : busy(peer, query, 8);
      }
      Packet answer = peer.answer(query);
      answer.contacts4Count = query.method == Method.PUT ? -1 : 0;
      if (query.method == Method.PUT) {
        givenAfterNanos = givenAfterNanos < 0 ? nowNanos - askedNanos : givenAfterNanos;
        answer.sequence = 0;
      } else {
        answer.token(new byte[8], 0, 8);
      }
      return answer;
    }
  }

  /** Puts something where one node is close that is named by the only contact. */
  private static List<EngineEvent> putAt(Solo solo, Holder holder) {
    SoloPeer contact = solo.contact(1);
    Chunk chunk =
        Chunk.leaf(
            "x".getBytes(StandardCharsets.UTF_8), Solo.WALL_MILLIS + Duration.ofDays(5).toMillis());
    solo.engine().records().putBlob(chunk.key(), List.of(chunk), solo.nowNanos());
    solo.flush();
    for (int i = 0; i < 600; i++) {
      solo.run(Duration.ofMillis(50));
      for (Solo.Sent sent : solo.takeSent(contact.endpoint)) {
        Packet query = sent.packet();
        if (query.kind == Kind.QUERY) {
          Packet answer = contact.answer(query);
          answer.contacts4[0] = holder.peer.contact();
          answer.contacts4Count = 1;
          answer.token(new byte[8], 0, 8);
          solo.receive(contact, answer);
        }
      }
      for (Solo.Sent sent : solo.takeSent(holder.peer.endpoint)) {
        Packet query = sent.packet();
        if (query.kind == Kind.QUERY) {
          solo.receive(holder.peer, holder.answer(query, solo.nowNanos()));
        }
      }
    }
    return solo.events().stream().filter(EngineEvent.PutFinished.class::isInstance).toList();
  }

  private static Solo putter() {
    return new Solo(
        1,
        DhtConfig.defaults()
            .withAssumeReachable(true)
            .withStore(StoreConfig.defaults().withReplicas(5, 1)));
  }

  @Test
  void put_holderIsFlooded_getsTheItemByAToken() {
    Solo solo = putter();
    Holder holder = new Holder(solo.peer(2), true);
    assertThat(putAt(solo, holder)).hasSize(1);
    assertThat(holder.asked.stream().map(packet -> packet.tokenLength))
        .as("for the put, and that once more")
        .startsWith(0, 8);
    assertThat(holder.givenAfterNanos)
        .as("before the pause after which a busy holder is asked again")
        .isBetween(0L, Duration.ofMillis(500).toNanos());
  }

  @Test
  void put_holderIsBusyForEver_isAskedTwiceEachTimeAndGivenUp() {
    Solo solo = putter();
    Holder holder = new Holder(solo.peer(2), false);
    assertThat(putAt(solo, holder)).hasSize(1);
    assertThat(holder.givenAfterNanos).isEqualTo(-1);
    List<Packet> asked = holder.asked;
    long withToken = asked.stream().filter(packet -> packet.tokenLength > 0).count();
    assertThat(withToken).as("each is repeated once, with the token").isEqualTo(asked.size() / 2);
    // Five times for the put, and when it is met in the lookups of the table.
    assertThat(withToken).isBetween(10L, 20L);
  }
}
