package org.bytchat.tracker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.BindingQuery;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules of devices that say where they are, and of those that ask. */
final class BindingRulesTest {

  private static final Endpoint HOME = Endpoint.ofIpv4(0x0a000001, 4_000);
  private static final Endpoint CAFE = Endpoint.ofIpv4(0x0a000002, 4_000);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final BindingAnswer BAD_NONCE = new BindingAnswer.Refused(Refusal.BAD_SIGNATURE);

  private final TrackerHarness lab =
      new TrackerHarness(
          TrackerConfig.defaults().withStamps(new TrackerConfig.Stamps(0, 0, 1_000)),
          Ed25519Scheme.INSTANCE,
          15);
  private final TestUser bob = lab.user(2);
  private final NodeIdentity phone = bob.devices.get(0);
  private final NodeIdentity laptop = bob.devices.get(1);
  private final NodeIdentity friend = bob.newKey();

  BindingRulesTest() {
    putList();
  }

  private void putList() {
    lab.send(new Request.PutDevices(bob.owner, bob.list)).as(Response.Taken.class);
  }

  private BindingAnswer ask(boolean isBind, NodeId mailbox, Endpoint from, BindingQuery query) {
    List<BindingAnswer> answers = new ArrayList<>();
    lab.engine.handleQuery(
        new TrackerEngine.Query(isBind, mailbox, from, query.toBytes()),
        answers::add,
        lab.nowNanos);
    lab.pump();
    assertThat(answers).hasSize(1);
    return answers.get(0);
  }

  private byte[] nonce(NodeId mailbox, Endpoint from) {
    return ((BindingAnswer.Nonce) ask(true, mailbox, from, new BindingQuery.AskNonce())).nonce();
  }

  private byte[] nonce(Endpoint from) {
    return nonce(bob.mailbox, from);
  }

  private DeviceStatements.Scene scene() {
    return new DeviceStatements.Scene(TestUser.NETWORK, lab.tracker(), bob.mailbox);
  }

  /** What a device says, correctly signed whatever it is. */
  private BindingQuery.Bind said(
      NodeIdentity device, long version, Endpoint from, byte[] nonce, long atMillis) {
    DeviceId id = TestUser.id(device);
    DeviceStatements.Asker asker = new DeviceStatements.Asker(id.toBytes(), nonce, from, atMillis);
    byte[] statement = DeviceStatements.bind(scene(), asker, version);
    return new BindingQuery.Bind(
        id, version, new BindingQuery.Shown(atMillis, nonce, device.sign(statement)));
  }

  private BindingQuery.Bind said(NodeIdentity device, Endpoint from) {
    return said(device, bob.list.version(), from, nonce(from), lab.wallMillis());
  }

  private BindingAnswer bind(BindingQuery.Bind query, Endpoint from) {
    return ask(true, bob.mailbox, from, query);
  }

  /** Binds a device, a second later than all before. */
  private BindingAnswer bind(NodeIdentity device, Endpoint from) {
    lab.advance(SECOND);
    return bind(said(device, from), from);
  }

  private static BindingAnswer refused(Refusal refusal) {
    return new BindingAnswer.Refused(refusal);
  }

  private static @Nullable Endpoint elsewhere(BindingAnswer answer) {
    BindingAnswer.Place place = ((BindingAnswer.Bound) answer).elsewhere();
    return place == null ? null : place.endpoint();
  }

  private BindingQuery.Shown findShown(NodeIdentity signer, byte[] subject) {
    byte[] nonce = nonce(HOME);
    DeviceStatements.Asker asker =
        new DeviceStatements.Asker(subject, nonce, HOME, lab.wallMillis());
    byte[] statement = DeviceStatements.find(scene(), asker);
    return new BindingQuery.Shown(lab.wallMillis(), nonce, signer.sign(statement));
  }

  private BindingAnswer find(NodeIdentity device) {
    DeviceId id = TestUser.id(device);
    BindingQuery query = new BindingQuery.FindAsDevice(id, findShown(device, id.toBytes()));
    return ask(false, bob.mailbox, HOME, query);
  }

  private BindingAnswer findAsContact(byte[] key, NodeIdentity signer) {
    BindingQuery query = new BindingQuery.FindAsContact(key, findShown(signer, key));
    return ask(false, bob.mailbox, HOME, query);
  }

  private static List<DeviceId> devices(BindingAnswer answer) {
    return ((BindingAnswer.Devices) answer)
        .places().stream().map(BindingAnswer.Place::device).toList();
  }

  private List<DeviceId> found() {
    return devices(find(phone));
  }

  private long badSignatures() {
    return lab.engine.stats().get(TrackerCounter.BAD_SIGNATURES);
  }

  @Test
  void bind_halfAnHour_thenIsFoundNoMore() {
    BindingAnswer.Bound bound = (BindingAnswer.Bound) bind(laptop, HOME);
    assertThat(bound.untilMillis()).isEqualTo(lab.wallMillis() + Duration.ofMinutes(30).toMillis());
    lab.advance(Duration.ofMinutes(30).minusMillis(1));
    assertThat(found()).containsExactly(TestUser.id(laptop));
    assertThat(lab.engine.stats().bindings()).isEqualTo(1);
    lab.advance(Duration.ofMillis(1));
    assertThat(found()).isEmpty();
    assertThat(lab.engine.stats().bindings()).isZero();
  }

  @Test
  void bind_againInTime_staysBoundForHalfAnHourMore() {
    bind(laptop, HOME);
    lab.advance(Duration.ofMinutes(20));
    bind(laptop, HOME);
    lab.advance(Duration.ofMinutes(29));
    assertThat(found()).containsExactly(TestUser.id(laptop));
    assertThat(lab.engine.stats().bindings()).isEqualTo(1);
    lab.advance(Duration.ofMinutes(2));
    assertThat(found()).isEmpty();
  }

  @Test
  void bind_timeOffByMoreThanAMinute_refused() {
    for (int sign : new int[] {-1, 1}) {
      lab.advance(SECOND);
      long justMillis = lab.wallMillis() + sign * 60_000L;
      BindingQuery.Bind off = said(phone, 1, HOME, nonce(HOME), justMillis + sign);
      assertThat(bind(off, HOME)).as("off by " + sign).isEqualTo(refused(Refusal.TIME));
      assertThat(bind(said(phone, 1, HOME, nonce(HOME), justMillis), HOME))
          .isInstanceOf(BindingAnswer.Bound.class);
    }
  }

  @Test
  void bind_nonceOfMoreThanAMinuteAgo_refused() {
    byte[] nonce = nonce(HOME);
    lab.advance(Duration.ofMinutes(1));
    assertThat(bind(said(phone, 1, HOME, nonce, lab.wallMillis()), HOME))
        .isInstanceOf(BindingAnswer.Bound.class);
    lab.advance(Duration.ofNanos(1));
    assertThat(bind(said(laptop, 1, HOME, nonce, lab.wallMillis()), HOME)).isEqualTo(BAD_NONCE);
    assertThat(badSignatures()).as("that is good").isZero();
  }

  @Test
  void bind_nonceNotGivenForIt_refused() {
    lab.advance(Duration.ofMinutes(2));
    byte[] changed = nonce(HOME);
    changed[changed.length - 1] ^= 1;
    byte[] earlier = nonce(HOME);
    earlier[Long.BYTES - 1] ^= 1;
    List<byte[]> others =
        List.of(
            nonce(CAFE),
            nonce(lab.user(1).mailbox, HOME),
            changed,
            earlier,
            madeUp(),
            new byte[BindingQuery.NONCE_BYTES]);
    for (byte[] other : others) {
      assertThat(bind(said(phone, 1, HOME, other, lab.wallMillis()), HOME)).isEqualTo(BAD_NONCE);
    }
    assertThat(badSignatures()).as("all are good").isZero();
    assertThat(lab.engine.stats().bindings()).isZero();
  }

  /** Of one who knows how nonces are made, but not the tracker's secret. */
  private byte[] madeUp() {
    byte[] time = ByteBuffer.allocate(Long.BYTES).putLong(lab.nowNanos).array();
    byte[] endpoint = new byte[HOME.family().endpointBytes()];
    HOME.write(endpoint, 0);
    byte[] code = Digest.sha256(time, bob.mailbox.toBytes(), endpoint).toBytes();
    return ByteBuffer.allocate(BindingQuery.NONCE_BYTES)
        .put(time)
        .put(code, 0, BindingQuery.NONCE_BYTES - Long.BYTES)
        .array();
  }

  @Test
  void bind_signedForAnotherPlaceOrVersion_refused() {
    byte[] nonce = nonce(HOME);
    BindingQuery.Bind fromCafe = said(phone, 1, CAFE, nonce, lab.wallMillis());
    assertThat(bind(fromCafe, HOME)).isEqualTo(refused(Refusal.BAD_SIGNATURE));
    BindingQuery.Bind good = said(phone, 1, HOME, nonce, lab.wallMillis());
    BindingQuery.Bind older = new BindingQuery.Bind(good.device(), 0, good.shown());
    assertThat(bind(older, HOME)).isEqualTo(refused(Refusal.BAD_SIGNATURE));
    assertThat(badSignatures()).isEqualTo(2);
  }

  @Test
  void bind_listOlderOrNewerThanHeld_olderBindsAndNewerIsAskedFor() {
    bob.add();
    bob.add();
    putList();
    lab.advance(SECOND);
    assertThat(bind(said(phone, 4, HOME, nonce(HOME), lab.wallMillis()), HOME))
        .isEqualTo(refused(Refusal.NO_LIST));
    assertThat(bind(said(phone, 2, HOME, nonce(HOME), lab.wallMillis()), HOME))
        .isInstanceOf(BindingAnswer.Bound.class);
    assertThat(confirmedNanos()).as("the newest is version 3").isNull();
    assertThat(bind(phone, HOME)).isInstanceOf(BindingAnswer.Bound.class);
    assertThat(confirmedNanos()).isEqualTo(lab.nowNanos);
  }

  private @Nullable Long confirmedNanos() {
    return Objects.requireNonNull(lab.engine.mailboxes.peek(bob.mailbox)).confirmedNanos;
  }

  @Test
  void bind_replayedWithinAMinute_sameAnswerAndNothingIsSaidAnew() {
    BindingQuery.Bind query = said(laptop, HOME);
    BindingAnswer first = bind(query, HOME);
    Long confirmed = confirmedNanos();
    assertThat(confirmed).isEqualTo(lab.nowNanos);
    lab.advance(Duration.ofSeconds(59));
    assertThat(bind(query, HOME)).isEqualTo(first);
    assertThat(confirmedNanos()).isEqualTo(confirmed);
    assertThat(bind(query, CAFE)).isEqualTo(BAD_NONCE);
    lab.advance(Duration.ofSeconds(2));
    assertThat(bind(query, HOME)).isEqualTo(BAD_NONCE);
    lab.advance(Duration.ofMinutes(29));
    assertThat(found()).as("half an hour since the first").isEmpty();
  }

  @Test
  void bind_replayedAfterANewerOne_refused() {
    BindingQuery.Bind before = said(phone, HOME);
    bind(before, HOME);
    BindingAnswer moved = bind(phone, CAFE);
    lab.computeFates.add(false);
    assertThat(bind(before, HOME)).isEqualTo(refused(Refusal.OLDER));
    assertThat(lab.computeFates.poll()).as("without a verification").isFalse();
    assertThat(elsewhere(bind(phone, CAFE))).isEqualTo(elsewhere(moved)).isEqualTo(HOME);
    assertThat(devices(find(laptop))).hasSize(1);
  }

  @Test
  void bind_olderWhileANewerOneIsVerified_refused() {
    BindingQuery.Bind older = said(phone, HOME);
    lab.advance(SECOND);
    BindingQuery.Bind newer = said(phone, CAFE);
    lab.isHolding = true;
    List<BindingAnswer> answers = new ArrayList<>();
    for (BindingQuery.Bind query : List.of(newer, older)) {
      lab.engine.handleQuery(
          new TrackerEngine.Query(
              true, bob.mailbox, query.equals(newer) ? CAFE : HOME, query.toBytes()),
          answers::add,
          lab.nowNanos);
    }
    lab.pump();
    lab.release();
    assertThat(answers).hasSize(2);
    assertThat(answers.get(0)).isInstanceOf(BindingAnswer.Bound.class);
    assertThat(answers.get(1)).isEqualTo(refused(Refusal.OLDER));
  }

  @Test
  void bind_fromElsewhere_secondIsToldAtOnceAndFirstWhenItBindsAgain() {
    assertThat(elsewhere(bind(phone, HOME))).isNull();
    assertThat(elsewhere(bind(phone, HOME))).as("from the same place").isNull();
    assertThat(elsewhere(bind(phone, CAFE))).isEqualTo(HOME);
    assertThat(elsewhere(bind(phone, CAFE))).as("as long as that one is silent").isEqualTo(HOME);
    assertThat(elsewhere(bind(phone, HOME))).isEqualTo(CAFE);
    assertThat(elsewhere(bind(laptop, CAFE))).as("another device").isNull();
  }

  @Test
  void bind_fromElsewhereLongAgo_isToldNoMore() {
    bind(phone, HOME);
    assertThat(elsewhere(bind(phone, CAFE))).isEqualTo(HOME);
    lab.advance(Duration.ofMinutes(20));
    assertThat(elsewhere(bind(phone, CAFE))).isEqualTo(HOME);
    lab.advance(Duration.ofMinutes(20));
    assertThat(elsewhere(bind(phone, CAFE))).as("bound there for 40 minutes").isNull();
  }

  @Test
  void bind_fromElsewhereWithATimeAhead_doesNotKeepTheFirstFromBeingTold() {
    bind(phone, HOME);
    lab.advance(SECOND);
    bind(said(phone, 1, CAFE, nonce(CAFE), lab.wallMillis() + 60_000), CAFE);
    assertThat(elsewhere(bind(phone, HOME))).isEqualTo(CAFE);
  }

  @Test
  void bind_asManyAsMayBe_othersAreRefusedAndCounted() {
    TrackerConfig.Load load = lab.config.load();
    lab.config =
        lab.config.withLoad(
            new TrackerConfig.Load(
                load.mailboxesMax(),
                load.entriesMax(),
                load.requestsMax(),
                load.effectsMax(),
                load.storedBytesMax(),
                load.storedMailboxesMax(),
                1));
    lab.crash();
    bind(phone, HOME);
    assertThat(bind(laptop, CAFE)).isEqualTo(refused(Refusal.QUOTA));
    assertThat(lab.engine.stats().get(TrackerCounter.REFUSED_BINDINGS)).isEqualTo(1);
    assertThat(bind(phone, CAFE)).isInstanceOf(BindingAnswer.Bound.class);
    lab.advance(Duration.ofMinutes(30));
    assertThat(bind(laptop, CAFE)).isInstanceOf(BindingAnswer.Bound.class);
    assertThat(lab.engine.stats().get(TrackerCounter.REFUSED_BINDINGS)).isEqualTo(1);
  }

  @Test
  void find_deviceRevokedSince_isNamedNoMoreAndNotAnswered() {
    bind(phone, HOME);
    bind(laptop, CAFE);
    assertThat(devices(find(laptop))).containsExactly(TestUser.id(phone), TestUser.id(laptop));
    bob.revoke(laptop);
    putList();
    BindingAnswer.Devices found = (BindingAnswer.Devices) find(phone);
    assertThat(devices(found)).containsExactly(TestUser.id(phone));
    assertThat(found.listVersion()).isEqualTo(2);
    assertThat(find(laptop)).isEqualTo(refused(Refusal.NOT_LISTED));
    assertThat(bind(laptop, CAFE)).isEqualTo(refused(Refusal.NOT_LISTED));
  }

  @Test
  void find_byContact_onlyWhileItsDeliveryKeyCounts() {
    bind(phone, HOME);
    assertThat(findAsContact(friend.publicKey(), friend)).isEqualTo(refused(Refusal.NOT_ADMITTED));
    DeliveryKeys.Key key = new DeliveryKeys.Key(friend.publicKey(), 10, 10);
    lab.send(new Request.PutDeliveryKeys(bob.keys(1, laptop, key))).as(Response.Taken.class);
    assertThat(devices(findAsContact(friend.publicKey(), friend)))
        .containsExactly(TestUser.id(phone));
    assertThat(findAsContact(friend.publicKey(), bob.newKey()))
        .isEqualTo(refused(Refusal.BAD_SIGNATURE));
    bob.revoke(laptop);
    putList();
    assertThat(findAsContact(friend.publicKey(), friend))
        .as("the device that signed the keys is revoked")
        .isEqualTo(refused(Refusal.NOT_ADMITTED));
  }

  @Test
  void find_byDeviceOrContactOfAnother_refused() {
    bind(phone, HOME);
    TestUser eve = lab.user(1);
    NodeIdentity device = eve.devices.get(0);
    lab.send(new Request.PutDevices(eve.owner, eve.list)).as(Response.Taken.class);
    DeliveryKeys.Key key = new DeliveryKeys.Key(friend.publicKey(), 10, 10);
    lab.send(new Request.PutDeliveryKeys(eve.keys(1, device, key))).as(Response.Taken.class);
    assertThat(find(device)).isEqualTo(refused(Refusal.NOT_LISTED));
    assertThat(findAsContact(friend.publicKey(), friend)).isEqualTo(refused(Refusal.NOT_ADMITTED));
    BindingQuery posing =
        new BindingQuery.FindAsDevice(
            TestUser.id(phone), findShown(device, TestUser.id(phone).toBytes()));
    assertThat(ask(false, bob.mailbox, HOME, posing)).isEqualTo(refused(Refusal.BAD_SIGNATURE));
  }

  @Test
  void delete_bindIsTheOnlyConfirmation_goesWithItAndNotWithout() {
    Envelope envelope = bob.envelope(lab.wallMillis(), 7, 512);
    lab.send(new Request.Deposit(envelope, new Admission.ByStamp(0))).receipt();
    for (NodeIdentity device : List.of(phone, laptop)) {
      lab.send(new Request.PutAcks(bob.ack(device, List.of(envelope.digest()))))
          .as(Response.Acked.class);
    }
    lab.advance(Duration.ofHours(4));
    assertThat(deleted()).isZero();
    assertThat(bind(phone, HOME)).isInstanceOf(BindingAnswer.Bound.class);
    lab.advance(Duration.ofMinutes(1));
    assertThat(deleted()).isEqualTo(1);
  }

  private long deleted() {
    return lab.engine.stats().get(TrackerCounter.DELETED);
  }
}
