package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytchat.dht.codec.BytchatCodec;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.Chunk;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.ParseOutcome;
import org.bytchat.dht.store.StoreChange;
import org.bytchat.dht.store.StorePut;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.testkit.SoloPeer;
import org.bytchat.dht.time.TimerTable;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.junit.jupiter.api.Test;

/** What one holder does with what it holds, and publishes, whatever others do. */
class HolderTest {

  private static final long NOW = Solo.WALL_MILLIS;
  private static final Duration DAY = Duration.ofDays(1);
  private static final int NETWORK = Keys.networkId(DhtConfig.DEFAULT_NETWORK);

  private final UserKey key = key(5);

  private static UserKey key(long seed) {
    byte[] bytes = new byte[SignatureScheme.SEED_BYTES];
    Seeds.random(seed).nextBytes(bytes);
    return UserKey.ofSeed(Ed25519Scheme.INSTANCE, bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private MutableRecord signed(long sequence, UserKey signer) {
    return signed(sequence, NOW, signer);
  }

  private MutableRecord signed(long sequence, long issuedMillis, UserKey signer) {
    MutableRecord.Draft draft =
        new MutableRecord.Draft(
            2,
            "meta",
            key.publicKey().encoded(),
            sequence,
            issuedMillis,
            issuedMillis + 7 * DAY.toMillis(),
            bytes("v" + sequence));
    return draft.signed(signer.sign(draft.statement(NETWORK)));
  }

  private Publication publication(byte[] value, Publication.Signer signer, Duration ttl) {
    byte[] owner = key.publicKey().encoded();
    return new Publication(2, "meta", owner, signer, value, new byte[0], ttl);
  }

  private static Solo solo(StoreConfig store) {
    return new Solo(1, DhtConfig.defaults().withAssumeReachable(true).withStore(store));
  }

  private static void put(Solo solo, SoloPeer from, StoredItem item, NodeId place) {
    Packet get = from.query(Method.GET);
    get.key(place);
    get.readOnly = true;
    solo.receive(from, get);
    Packet query = from.query(Method.PUT);
    query.key(item.key());
    query.place = place.equals(item.key()) ? null : place;
    query.record = item.bytes();
    query.recordLength = item.size();
    query.readOnly = true;
    query.token(solo.takeOnly(from.endpoint).token(), 0, WireLimits.TOKEN_BYTES);
    solo.receive(from, query);
    solo.takeSent(from.endpoint).forEach(HolderTest::assertIsAnswer);
  }

  private static void assertIsAnswer(Solo.Sent sent) {
    assertThat(sent.packet().kind).isEqualTo(Kind.RESPONSE);
  }

  private static List<EngineEvent.Published> published(Solo solo) {
    return solo.events().stream()
        .filter(EngineEvent.Published.class::isInstance)
        .map(EngineEvent.Published.class::cast)
        .toList();
  }

  private static long sequenceHeld(Solo solo, NodeId place) {
    StoredItem held = Objects.requireNonNull(solo.engine().records().held(place, solo.nowNanos()));
    return ((MutableRecord) held).sequence();
  }

  @Test
  void put_forgedByTheOwnUser_isNotHeldHereEither() {
    Solo solo = Solo.of(1);
    MutableRecord forged = signed(1, key(6));
    solo.engine().records().put(forged, StorePut.ANY_SEQUENCE, solo.nowNanos());
    solo.flush();
    solo.run(Duration.ofSeconds(1));
    assertThat(solo.engine().records().held(forged.key(), solo.nowNanos())).isNull();
    List<PutResult> results =
        solo.events().stream()
            .filter(EngineEvent.PutFinished.class::isInstance)
            .map(event -> ((EngineEvent.PutFinished) event).result())
            .toList();
    assertThat(results).hasSize(1);
    assertThat(results.get(0).nodes())
        .hasSize(1)
        .allMatch(node -> node.errorCode() == ErrorCode.BAD_SIGNATURE);
  }

  @Test
  void publish_whatNoHolderWouldTake_isRefused() {
    Solo solo = Solo.of(1);
    RecordCommands records = solo.engine().records();
    Publication tooLong = publication(new byte[900], key::sign, DAY.multipliedBy(7));
    assertThatThrownBy(() -> records.publish(tooLong, solo.nowNanos()))
        .isInstanceOf(IllegalArgumentException.class);
    for (Duration ttl : List.of(DAY, DAY.multipliedBy(8))) {
      Publication wrong = publication(bytes("it"), key::sign, ttl);
      assertThatThrownBy(() -> records.publish(wrong, solo.nowNanos()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(solo.engine().stats().publications()).isZero();
  }

  @Test
  void publish_signerGivesNoSignature_isToldAndTriedAgain() {
    for (int signatureBytes : new int[] {0, 63, 384, 385}) {
      Solo solo = Solo.of(1);
      Publication what =
          publication(new byte[600], statement -> new byte[signatureBytes], DAY.multipliedBy(7));
      solo.engine().records().publish(what, solo.nowNanos());
      solo.flush();
      solo.run(Duration.ofMinutes(1));
      assertThat(published(solo)).hasSizeGreaterThan(1).allMatch(event -> event.result() == null);
    }
  }

  /** Something newer that was there before the first success is replaced, not given way to. */
  @Test
  void publish_newerFoundBeforeTheFirstSuccess_isReplaced() {
    Solo solo = Solo.of(1);
    Publication what = publication(bytes("mine"), key::sign, DAY.multipliedBy(7));
    solo.engine().records().publish(what, solo.nowNanos());
    solo.flush();
    solo.run(Duration.ofSeconds(1));
    assertThat(published(solo)).hasSize(1);
    MutableRecord before = signed(NOW + 100_000_000, key);
    put(solo, solo.peer(1), before, before.key());
    solo.run(Duration.ofMinutes(1));
    assertThat(published(solo)).hasSizeGreaterThan(1).noneMatch(event -> event.isSuperseded());
    assertThat(sequenceHeld(solo, before.key())).isGreaterThan(before.sequence());
  }

  /** What was published is not put above what somebody else published since, however it is seen. */
  @Test
  void publish_refusedForSomethingNewerWhenRepeated_isGivenUp() {
    Solo solo = solo(StoreConfig.defaults().withReplicas(1, 1));
    Publication what = publication(bytes("mine"), key::sign, DAY.multipliedBy(7));
    solo.engine().records().publish(what, solo.nowNanos());
    solo.flush();
    solo.run(Duration.ofSeconds(1));
    assertThat(published(solo)).hasSize(1);
    solo.holdEffects(true);
    while (solo.effects().stream().filter(Effect.SignRecord.class::isInstance).count() < 2) {
      solo.run(Duration.ofHours(1));
    }
    long nowMillis = NOW + solo.nowNanos() / 1_000_000;
    MutableRecord newer = signed(NOW + 30 * DAY.toMillis(), nowMillis, key);
    put(solo, solo.peer(1), newer, newer.key());
    Effect verification = solo.effects().get(solo.effects().size() - 1);
    solo.engine().handleEffect(verification.id(), new Effect.Verified(true), solo.nowNanos());
    assertThat(sequenceHeld(solo, newer.key())).isEqualTo(newer.sequence());
    solo.holdEffects(false);
    solo.run(Duration.ofMinutes(1));
    assertThat(published(solo).get(published(solo).size() - 1).isSuperseded()).isTrue();
    assertThat(sequenceHeld(solo, newer.key())).isEqualTo(newer.sequence());
  }

  @Test
  void publish_hostSlept_isRepeatedByTheWallClock() {
    Solo solo = solo(StoreConfig.defaults().withReplicas(1, 1));
    Publication what = publication(bytes("mine"), key::sign, DAY.multipliedBy(7));
    solo.engine().records().publish(what, solo.nowNanos());
    solo.flush();
    solo.run(Duration.ofHours(2));
    assertThat(published(solo)).hasSize(1);
    long wallMillis = NOW + DAY.multipliedBy(5).toMillis();
    solo.engine().adjustClock(wallMillis, solo.nowNanos());
    solo.run(Duration.ofHours(2));
    assertThat(published(solo)).hasSize(2);
    solo.engine().adjustClock(NOW, solo.nowNanos());
    solo.run(Duration.ofHours(2));
    assertThat(published(solo)).hasSize(2);
  }

  private record Given(StoredItem item, NodeId place) {}

  private static List<Given> given(List<? extends StoredItem> items, NodeId place) {
    return items.stream().map(item -> new Given(item, place)).toList();
  }

  /** Answers what a holder is asked as one that holds some chunks; returns what it was given. */
  private static List<Given> serve(
      Solo solo, SoloPeer peer, List<NodeId> holds, Duration duration) {
    // Some come twice: a peer that answers once a second is slow.
    Set<Given> taken = new LinkedHashSet<>();
    for (long step = 0; step < duration.toSeconds(); step++) {
      solo.run(Duration.ofSeconds(1));
      for (Solo.Sent sent : solo.takeSent(peer.endpoint)) {
        Packet query = sent.packet();
        if (query.kind != Kind.QUERY) {
          continue;
        }
        Packet answer = query.hasChallenge ? peer.proof(query, Solo.IPV4) : peer.answer(query);
        if (query.method == Method.GET) {
          answer.contacts4Count = 0;
          answer.token(new byte[32], 0, 32);
          answer.sequence = holds.contains(query.key()) ? 0 : -1;
        } else if (query.method == Method.PUT) {
          byte[] bytes = Objects.requireNonNull(query.record());
          StoredItem item = ((ParseOutcome.Parsed) StoredItem.parse(bytes)).item();
          taken.add(new Given(item, query.place == null ? item.key() : query.place));
          answer.sequence = 0;
        }
        solo.receive(peer, answer);
      }
    }
    return List.copyOf(taken);
  }

  /** Whoever fills a record's place with chunks has them given to nobody, and delays nothing. */
  @Test
  void repair_chunksAtTheRecordsPlace_onlyTheRecordIsGiven() {
    Solo solo = Solo.of(1);
    MutableRecord item = signed(3, key);
    put(solo, solo.peer(2), item, item.key());
    for (int i = 0; i < 20; i++) {
      put(solo, solo.peer(2), Chunk.leaf(bytes("junk" + i), NOW + DAY.toMillis()), item.key());
    }
    SoloPeer peer = solo.contact(1);
    assertThat(serve(solo, peer, List.of(), Duration.ofMinutes(1)))
        .isEqualTo(given(List.of(item), item.key()));
  }

  /** A stranger that puts a chunk with a wrong place first does not keep it from being repaired. */
  @Test
  void repair_chunkWasPutWithAnotherPlace_isGivenWithItsBlob() {
    Solo solo = Solo.of(1);
    byte[] content = new byte[3000];
    Seeds.random(1).nextBytes(content);
    Blob blob = Blob.cut(content, NOW + DAY.toMillis());
    NodeId root = blob.reference().root();
    put(solo, solo.peer(2), blob.chunks().get(1), NodeId.of(1, 2, 3));
    blob.chunks().forEach(chunk -> put(solo, solo.peer(3), chunk, root));
    SoloPeer peer = solo.contact(1);
    assertThat(serve(solo, peer, List.of(), Duration.ofMinutes(1)))
        .isEqualTo(given(blob.chunks(), root));
  }

  /** Who has the root of a blob, from whomever, need not have the rest. */
  @Test
  void repair_otherHasOnlyTheRoot_isGivenTheRest() {
    Solo solo = Solo.of(1);
    byte[] content = new byte[3000];
    Seeds.random(1).nextBytes(content);
    Blob blob = Blob.cut(content, NOW + 7 * DAY.toMillis());
    NodeId root = blob.reference().root();
    blob.chunks().forEach(chunk -> put(solo, solo.peer(3), chunk, root));
    SoloPeer peer = solo.contact(1);
    assertThat(serve(solo, peer, List.of(root), Duration.ofHours(8)))
        .containsAll(given(blob.chunks(), root));
  }

  /** A check that takes long is not begun again beside itself, however often all is looked at. */
  @Test
  void repair_silentContact_isAskedOnceAtATime() {
    Solo solo =
        solo(StoreConfig.defaults().withRepair(Duration.ofSeconds(1), Duration.ofMillis(1)));
    MutableRecord item = signed(3, key);
    put(solo, solo.peer(2), item, item.key());
    solo.contact(1);
    solo.run(Duration.ofMillis(4500));
    assertThat(solo.count(Counter.REPAIR_CHECKS)).isEqualTo(1);
  }

  /** One endpoint is one node, by however many names it answers. */
  @Test
  void get_twoIdsAtOneEndpoint_countOnce() {
    Solo solo = Solo.of(1);
    List<SoloPeer> contacts = List.of(solo.contact(1), solo.contact(2));
    List<SoloPeer> names = List.of(solo.peer(3), solo.peer(3));
    NodeId place = names.get(0).id();
    solo.engine().records().get(place, solo.nowNanos());
    solo.flush();
    for (int i = 0; i < 2; i++) {
      // The silent one keeps the search going.
      answerGets(solo, contacts.get(i), names.get(i).contact(), solo.peer(4).contact());
    }
    List<Packet> queries =
        solo.takeSent(names.get(0).endpoint).stream()
            .map(Solo.Sent::packet)
            .filter(query -> query.method == Method.GET)
            .toList();
    assertThat(queries).hasSize(2);
    for (int i = 0; i < 2; i++) {
      solo.receive(names.get(i), getAnswer(names.get(i), queries.get(i)));
    }
    solo.run(Duration.ofSeconds(30));
    List<EngineEvent> events =
        solo.events().stream().filter(EngineEvent.GetFinished.class::isInstance).toList();
    assertThat(events).hasSize(1);
    assertThat(((EngineEvent.GetFinished) events.get(0)).answered()).isEqualTo(3);
  }

  private static Packet getAnswer(SoloPeer peer, Packet query, Contact... contacts) {
    Packet answer = peer.answer(query);
    System.arraycopy(contacts, 0, answer.contacts4, 0, contacts.length);
    answer.contacts4Count = contacts.length;
    answer.token(new byte[8], 0, 8);
    return answer;
  }

  private static void answerGets(Solo solo, SoloPeer peer, Contact... contacts) {
    for (Solo.Sent sent : solo.takeSent(peer.endpoint)) {
      Packet query = sent.packet();
      if (query.method == Method.GET) {
        solo.receive(peer, getAnswer(peer, query, contacts));
      }
    }
  }

  /** A store of many small items is written as a whole once, not again and again. */
  @Test
  void restore_manySmallItems_oneSnapshot() {
    StoreConfig store = StoreConfig.defaults().withSpace(1 << 26, 200_000, 1 << 26, 1000);
    DhtConfig config = DhtConfig.defaults().withStore(store);
    NodeIdentity identity = NodeIdentity.of(Ed25519Scheme.INSTANCE, new byte[32]);
    Entropy.Streams entropy = Entropy.Streams.simulated(1, 0);
    EngineSetup setup =
        new EngineSetup(identity, config, List.of(AddressFamily.IPV4), entropy, true);
    Core core =
        new Core(setup, new Workspace(), new BytchatCodec(ContactInterner.NONE), (to, packet) -> 0);
    Records records = new Records(core, new TimerTable());
    records.adjustClock(NOW, 0);
    List<StoreChange> changes = new ArrayList<>();
    for (int i = 0; i < 120_000; i++) {
      Chunk chunk = Chunk.leaf(bytes(Integer.toString(i)), NOW + DAY.toMillis());
      changes.add(new StoreChange.Put(chunk, chunk.key(), 1));
    }
    records.restore(changes, 0);
    records.start(0);
    Effect first = Objects.requireNonNull(core.pollEffect());
    assertThat(((Effect.KeepRecords) first).snapshot().get()).hasSize(120_000);
    core.handleEffect(first.id(), new Effect.Kept(), 0);
    assertThat(core.pollEffect()).isNull();
  }
}
