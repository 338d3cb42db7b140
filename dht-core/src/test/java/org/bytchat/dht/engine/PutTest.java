package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.LimitsConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;

/** What a holder takes and gives, and what it refuses with which code. */
class PutTest {

  private static final long NOW = Solo.WALL_MILLIS;
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final int NETWORK = Keys.networkId(DhtConfig.DEFAULT_NETWORK);

  private final UserKey key = key(5);
  private final Solo solo = Solo.of(1);
  private final SoloPeer peer = solo.peer(1);

  private static UserKey key(long seed) {
    byte[] bytes = new byte[SignatureScheme.SEED_BYTES];
    Seeds.random(seed).nextBytes(bytes);
    return UserKey.ofSeed(Ed25519Scheme.INSTANCE, bytes);
  }

  private static MutableRecord.Draft draft(
      byte[] publicKey, long sequence, long issued, long life) {
    return new MutableRecord.Draft(
        2, "meta", publicKey, sequence, issued, issued + life, bytes("v" + sequence));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private MutableRecord signed(long sequence, long issued, long life) {
    MutableRecord.Draft draft = draft(key.publicKey().encoded(), sequence, issued, life);
    return draft.signed(key.sign(draft.statement(NETWORK)));
  }

  private MutableRecord signed(long sequence) {
    return signed(sequence, NOW, 5 * DAY);
  }

  private Packet ask(SoloPeer from, Packet query) {
    query.readOnly = true;
    solo.receive(from, query);
    return solo.takeOnly(from.endpoint);
  }

  private byte[] token(SoloPeer from, NodeId place) {
    Packet get = from.query(Method.GET);
    get.key(place);
    get.paddedBytes = WireLimits.QUERY_PADDED_BYTES_IPV4;
    return ask(from, get).token();
  }

  private Packet query(SoloPeer from, StoredItem item) {
    Packet query = from.query(Method.PUT);
    query.key(item.key());
    query.record = item.bytes();
    query.recordLength = item.size();
    return query;
  }

  private Packet put(SoloPeer from, StoredItem item) {
    Packet query = query(from, item);
    query.token(token(from, item.key()), 0, WireLimits.TOKEN_BYTES);
    return ask(from, query);
  }

  private void assertStored(StoredItem item) {
    Packet answer = put(peer, item);
    assertThat(answer.kind).isEqualTo(Kind.RESPONSE);
    assertThat(answer.sequence).isEqualTo(item instanceof MutableRecord put ? put.sequence() : 0);
    assertThat(held(item.key())).isEqualTo(item);
  }

  private StoredItem held(NodeId place) {
    return Objects.requireNonNull(solo.engine().records().held(place, solo.nowNanos()));
  }

  private Packet assertRefused(StoredItem item, int code, Counter counter) {
    return assertRefused(put(peer, item), code, counter);
  }

  private Packet assertRefused(Packet answer, int code, Counter counter) {
    assertThat(answer.kind).isEqualTo(Kind.ERROR);
    assertThat(answer.errorCode).as(answer.errorText()).isEqualTo(code);
    assertThat(solo.count(counter)).isEqualTo(1);
    return answer;
  }

  @Test
  void put_signed_isHeldAndGivenToWhoHasAToken() {
    MutableRecord item = signed(3);
    assertStored(item);
    assertThat(solo.count(Counter.RECORDS_STORED)).isEqualTo(1);
    SoloPeer reader = solo.peer(2);
    Packet get = reader.query(Method.GET);
    get.key(item.key());
    Packet first = ask(reader, get);
    assertThat(first.sequence).isEqualTo(3);
    assertThat(first.record()).isNull();
    assertThat(first.contacts4Count).isZero();
    get.token(first.token(), 0, WireLimits.TOKEN_BYTES);
    Packet second = ask(reader, get);
    assertThat(second.record()).isEqualTo(item.bytes());
    assertThat(second.sequence).isEqualTo(3);
  }

  @Test
  void put_sameBytesAgain_isAcknowledgedWithoutVerifying() {
    assertStored(signed(3));
    solo.holdEffects(true);
    assertStored(signed(3));
    assertThat(solo.count(Counter.PUTS_UNCHANGED)).isEqualTo(1);
    assertThat(solo.count(Counter.RECORDS_STORED)).isEqualTo(1);
  }

  @Test
  void put_forgedSignature_isRefusedAndTheHeldOneStays() {
    MutableRecord held = signed(3);
    assertStored(held);
    byte[] forged = signed(4).bytes();
    forged[forged.length - 1] ^= 1;
    Packet query = query(peer, signed(4));
    query.record = forged;
    query.token(token(peer, held.key()), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.BAD_SIGNATURE, Counter.PUTS_BAD_SIGNATURE);
    assertThat(held(held.key())).isEqualTo(held);
  }

  @Test
  void put_signedForAnotherNetwork_isRefused() {
    MutableRecord.Draft draft = draft(key.publicKey().encoded(), 3, NOW, 5 * DAY);
    MutableRecord foreign = draft.signed(key.sign(draft.statement(NETWORK + 1)));
    assertRefused(foreign, ErrorCode.BAD_SIGNATURE, Counter.PUTS_BAD_SIGNATURE);
  }

  @Test
  void put_signedByAnotherKey_isRefused() {
    MutableRecord.Draft draft = draft(key.publicKey().encoded(), 3, NOW, 5 * DAY);
    MutableRecord foreign = draft.signed(key(6).sign(draft.statement(NETWORK)));
    assertRefused(foreign, ErrorCode.BAD_SIGNATURE, Counter.PUTS_BAD_SIGNATURE);
  }

  @Test
  void put_rsaKeyOf1024Bits_isRefused() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    KeyPair pair = generator.generateKeyPair();
    MutableRecord.Draft draft = draft(pair.getPublic().getEncoded(), 3, NOW, 5 * DAY);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(draft.statement(NETWORK));
    assertRefused(
        draft.signed(signature.sign()), ErrorCode.BAD_SIGNATURE, Counter.PUTS_BAD_SIGNATURE);
  }

  @Test
  void put_keyThatIsNoKey_isRefused() {
    MutableRecord.Draft draft = draft(bytes("no key"), 3, NOW, 5 * DAY);
    MutableRecord foreign = draft.signed(new byte[64]);
    assertRefused(foreign, ErrorCode.BAD_SIGNATURE, Counter.PUTS_BAD_SIGNATURE);
  }

  @Test
  void put_atAnotherKey_isRefused() {
    Packet query = query(peer, signed(3));
    query.key(NodeId.ZERO);
    query.token(token(peer, NodeId.ZERO), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.WRONG_KEY, Counter.PUTS_WRONG_KEY);
  }

  @Test
  void put_recordAtAnotherPlace_isRefused() {
    Packet query = query(peer, signed(3));
    query.place = NodeId.ZERO;
    query.token(token(peer, NodeId.ZERO), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.WRONG_KEY, Counter.PUTS_WRONG_KEY);
  }

  @Test
  void put_olderSequence_isRefusedAndToldTheHeldOne() {
    assertStored(signed(9));
    Packet answer = assertRefused(signed(8), ErrorCode.SEQUENCE_TOO_OLD, Counter.PUTS_TOO_OLD);
    assertThat(answer.sequence).isEqualTo(9);
  }

  @Test
  void put_sameSequenceOtherBytes_isRefusedAndGivenTheHeldOne() {
    assertStored(signed(9));
    Packet answer =
        assertRefused(
            signed(9, NOW + 1, 5 * DAY), ErrorCode.SEQUENCE_CONFLICT, Counter.PUTS_CONFLICT);
    assertThat(answer.record()).isEqualTo(signed(9).bytes());
    assertThat(answer.sequence).isEqualTo(9);
  }

  @Test
  void put_anotherSequenceThanExpected_isRefused() {
    assertStored(signed(9));
    Packet query = query(peer, signed(12));
    query.expectedSequence = 8;
    query.token(token(peer, signed(12).key()), 0, WireLimits.TOKEN_BYTES);
    Packet answer =
        assertRefused(ask(peer, query), ErrorCode.CAS_MISMATCH, Counter.PUTS_CAS_MISMATCH);
    assertThat(answer.sequence).isEqualTo(9);
  }

  @Test
  void put_expiryFallsAsTheSequenceRises_isRefused() {
    assertStored(signed(9, NOW, 6 * DAY));
    assertRefused(signed(10, NOW, 5 * DAY), ErrorCode.BAD_TIME, Counter.PUTS_BAD_TIME);
  }

  @Test
  void put_lifeTooShort_isRefused() {
    assertRefused(signed(1, NOW, 3 * DAY - 1), ErrorCode.BAD_TIME, Counter.PUTS_BAD_TIME);
  }

  @Test
  void put_lifeTooLong_isRefused() {
    assertRefused(signed(1, NOW, 7 * DAY + 1), ErrorCode.BAD_TIME, Counter.PUTS_BAD_TIME);
  }

  @Test
  void put_issuedTooFarAhead_isRefused() {
    assertRefused(signed(1, NOW + 11 * MINUTE, 5 * DAY), ErrorCode.BAD_TIME, Counter.PUTS_BAD_TIME);
  }

  @Test
  void put_issuedWithinTheTolerance_isTaken() {
    assertStored(signed(1, NOW + 9 * MINUTE, 5 * DAY));
  }

  @Test
  void put_expired_isRefused() {
    assertRefused(signed(1, NOW - 6 * DAY, 5 * DAY), ErrorCode.BAD_TIME, Counter.PUTS_BAD_TIME);
  }

  @Test
  void put_noRecord_isRefused() {
    Packet query = query(peer, signed(1));
    query.record = bytes("\u0001 no record");
    query.recordLength = 11;
    query.token(token(peer, signed(1).key()), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.PROTOCOL, Counter.PUTS_MALFORMED);
  }

  @Test
  void put_longerThanARecord_isRefused() {
    Packet query = query(peer, signed(1));
    query.record = Arrays.copyOf(query.record(), 1001);
    query.recordLength = 1001;
    query.token(token(peer, signed(1).key()), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.TOO_BIG, Counter.PUTS_TOO_BIG);
  }

  @Test
  void put_tokenOfAnotherPlace_isRefused() {
    Packet query = query(peer, signed(1));
    query.token(token(peer, NodeId.ZERO), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.BAD_TOKEN, Counter.BAD_TOKENS);
  }

  @Test
  void put_tokenOfAnotherNode_isRefused() {
    Solo other = Solo.of(2);
    Packet get = peer.query(Method.GET);
    get.key(signed(1).key());
    get.readOnly = true;
    other.receive(peer, get);
    Packet query = query(peer, signed(1));
    query.token(other.takeOnly(peer.endpoint).token(), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.BAD_TOKEN, Counter.BAD_TOKENS);
  }

  @Test
  void put_chunkAtThePlaceOfItsBlob_needsTheTokenOfThePlace() {
    Chunk chunk = Chunk.leaf(bytes("part"), NOW + DAY);
    NodeId root = NodeId.of(1, 2, 3);
    Packet query = query(peer, chunk);
    query.place = root;
    query.token(token(peer, root), 0, WireLimits.TOKEN_BYTES);
    assertThat(ask(peer, query).kind).isEqualTo(Kind.RESPONSE);
    Packet get = peer.query(Method.GET);
    get.key(chunk.key());
    get.place = root;
    get.token(token(peer, root), 0, WireLimits.TOKEN_BYTES);
    Packet answer = ask(peer, get);
    assertThat(answer.record()).isEqualTo(chunk.bytes());
    assertThat(answer.sequence).isZero();
    get.token(token(peer, NodeId.ZERO), 0, WireLimits.TOKEN_BYTES);
    assertThat(ask(peer, get).record()).isNull();
  }

  @Test
  void put_chunkOfOtherContent_isRefused() {
    Packet query = query(peer, Chunk.leaf(bytes("part"), NOW + DAY));
    query.key(Chunk.leaf(bytes("other"), NOW + DAY).key());
    query.token(token(peer, Objects.requireNonNull(query.key())), 0, WireLimits.TOKEN_BYTES);
    assertRefused(ask(peer, query), ErrorCode.WRONG_KEY, Counter.PUTS_WRONG_KEY);
  }

  /** What comes for one key is applied in the order in which it came, however long it takes. */
  @Test
  void put_newerWhileAnOlderIsVerified_areAppliedInOrder() {
    byte[] token = token(peer, signed(1).key());
    solo.holdEffects(true);
    for (long sequence : new long[] {5, 4, 6}) {
      Packet query = query(peer, signed(sequence));
      query.readOnly = true;
      query.token(token, 0, WireLimits.TOKEN_BYTES);
      solo.receive(peer, query);
    }
    List<Effect> effects =
        solo.effects().stream().filter(Effect.VerifyRecord.class::isInstance).toList();
    assertThat(effects).hasSize(3);
    for (int i : new int[] {2, 1, 0}) {
      assertThat(solo.takeSent(peer.endpoint)).isEmpty();
      solo.engine().handleEffect(effects.get(i).id(), new Effect.Verified(true), solo.nowNanos());
      solo.flush();
    }
    List<Integer> codes =
        solo.takeSent(peer.endpoint).stream().map(sent -> sent.packet().errorCode).toList();
    assertThat(codes).containsExactly(0, ErrorCode.SEQUENCE_TOO_OLD, 0);
    assertThat(held(signed(6).key())).isEqualTo(signed(6));
  }

  @Test
  void put_repeatedWhileItIsVerified_isVerifiedOnce() {
    Packet query = query(peer, signed(1));
    query.readOnly = true;
    query.token(token(peer, signed(1).key()), 0, WireLimits.TOKEN_BYTES);
    solo.holdEffects(true);
    solo.receive(peer, query);
    solo.receive(peer, query);
    solo.holdEffects(false);
    assertThat(solo.takeOnly(peer.endpoint).kind).isEqualTo(Kind.RESPONSE);
  }

  /** A source that floods gets a part of what can be verified, and others get theirs. */
  @Test
  void put_floodOfOneSource_isBusyForItAndNotForOthers() {
    solo.holdEffects(true);
    int share = LimitsConfig.defaults().pendingEffectsMax() / 16;
    for (int i = 0; i <= share; i++) {
      MutableRecord item = signed(1 + i);
      Packet query = query(peer, item);
      query.readOnly = true;
      query.token(token(peer, item.key()), 0, WireLimits.TOKEN_BYTES);
      solo.receive(peer, query);
    }
    assertRefused(solo.takeOnly(peer.endpoint), ErrorCode.BUSY, Counter.PUTS_BUSY);
    SoloPeer other = solo.peer(2);
    Packet query = query(other, signed(500));
    query.readOnly = true;
    query.token(token(other, signed(500).key()), 0, WireLimits.TOKEN_BYTES);
    solo.receive(other, query);
    assertThat(solo.takeSent(other.endpoint)).isEmpty();
    solo.holdEffects(false);
    assertThat(solo.takeOnly(other.endpoint).kind).isEqualTo(Kind.RESPONSE);
    assertThat(solo.engine().stats().effectsUnderWay()).isZero();
  }

  @Test
  void put_floodOfAThousandSources_isBusyForTheLast() {
    solo.holdEffects(true);
    int most = LimitsConfig.defaults().pendingEffectsMax() / 2;
    MutableRecord item = signed(1);
    for (int i = 0; i < 1000; i++) {
      Endpoint from = Endpoint.ofIpv4(0x50000000 + (i << 8), 4000);
      SoloPeer source = new SoloPeer(Seeds.random(10_000 + i), from);
      Packet query = query(source, item);
      query.readOnly = true;
      query.token(token(source, item.key()), 0, WireLimits.TOKEN_BYTES);
      solo.receive(source, query);
    }
    assertThat(solo.count(Counter.PUTS_BUSY)).isEqualTo(1000 - most);
    assertThat(solo.takeSent()).hasSize(1000 - most);
    solo.holdEffects(false);
    assertThat(solo.takeSent()).hasSize(most);
    assertThat(solo.engine().stats().store().items()).isEqualTo(1);
  }

  @Test
  void put_verificationNotPerformed_isBusy() {
    solo.holdEffects(true);
    Packet query = query(peer, signed(1));
    query.readOnly = true;
    query.token(token(peer, signed(1).key()), 0, WireLimits.TOKEN_BYTES);
    solo.receive(peer, query);
    Effect effect = solo.effects().get(solo.effects().size() - 1);
    solo.engine().handleEffect(effect.id(), new Effect.Failed(), solo.nowNanos());
    solo.flush();
    assertRefused(solo.takeOnly(peer.endpoint), ErrorCode.BUSY, Counter.PUTS_BUSY);
  }

  @Test
  void put_moreThanASourceMayHave_itsOwnOldestGo() {
    StoreConfig store = StoreConfig.defaults().withSpace(1 << 20, 1000, 1 << 12, 1000);
    Solo small = new Solo(3, DhtConfig.defaults().withAssumeReachable(true).withStore(store));
    for (int i = 0; i < 20; i++) {
      Chunk chunk = Chunk.leaf(bytes("%0900d".formatted(i)), NOW + DAY);
      Packet get = peer.query(Method.GET);
      get.key(chunk.key());
      get.readOnly = true;
      small.receive(peer, get);
      Packet query = query(peer, chunk);
      query.readOnly = true;
      query.token(small.takeOnly(peer.endpoint).token(), 0, WireLimits.TOKEN_BYTES);
      small.receive(peer, query);
      assertThat(small.takeOnly(peer.endpoint).kind).isEqualTo(Kind.RESPONSE);
    }
    assertThat(small.engine().stats().store().items()).isEqualTo(4);
    assertThat(small.engine().stats().store().evicted()).isEqualTo(16);
  }

  @Test
  void get_afterTheEnd_saysNothing() {
    MutableRecord item = signed(3, NOW, 3 * DAY);
    assertStored(item);
    solo.run(Duration.ofDays(3).minusSeconds(1));
    assertThat(held(item.key())).isEqualTo(item);
    solo.run(Duration.ofSeconds(2));
    Packet get = peer.query(Method.GET);
    get.key(item.key());
    assertThat(ask(peer, get).sequence).isEqualTo(-1);
    solo.run(Duration.ofHours(1));
    assertThat(solo.engine().stats().store().items()).isZero();
  }

  @Test
  void adjustClock_farAheadAndBackWithinAnHour_losesNothing() {
    MutableRecord item = signed(3);
    assertStored(item);
    long trueMillis = NOW + solo.nowNanos() / 1_000_000;
    solo.engine().adjustClock(trueMillis + 30 * DAY, solo.nowNanos());
    solo.run(Duration.ofMinutes(50));
    assertThat(solo.engine().records().held(item.key(), solo.nowNanos())).isNull();
    solo.engine().adjustClock(trueMillis + 50 * MINUTE, solo.nowNanos());
    solo.run(Duration.ofHours(2));
    assertThat(held(item.key())).isEqualTo(item);
  }

  @Test
  void adjustClock_farAheadForGood_givesUpWhatEnded() {
    assertStored(signed(3));
    solo.engine().adjustClock(NOW + 30 * DAY, solo.nowNanos());
    solo.run(Duration.ofHours(2));
    assertThat(solo.engine().stats().store().items()).isZero();
  }
}
