package org.bytchat.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.store.BlobReference;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Profiles that are published, kept alive, superseded and given up. */
@Timeout(120)
class DhtNodePublishTest {

  private static final int NODES = 10;
  private static final byte[] NONE = new byte[0];

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20_000, Profile.AVATAR_BYTES_MAX})
  void publish_avatarOfAnySize_isReadThroughEachNode(int avatarBytes) throws Exception {
    byte[] avatar = new byte[avatarBytes];
    Seeds.random(avatarBytes).nextBytes(avatar);
    Profile profile = new Profile("Ann \u00c9. \ud83d\ude00", avatar);
    UserKey key = LoopbackNetwork.newKey();
    Uid uid = key.publicKey().uid(Uid.VERSION_2);
    long startMillis = System.currentTimeMillis();
    try (LoopbackNetwork network = LoopbackNetwork.start(NODES, Loopback.busy())) {
      Published published = Loopback.get(network.node(4).publish(key, Uid.VERSION_2, profile));
      assertThat(published.uid()).isEqualTo(uid);
      assertThat(published.label()).isEqualTo("meta");
      PutResult result = published.result();
      assertThat(result.isEnough()).isTrue();
      assertThat(result.stored()).isEqualTo(5);
      assertThat(result.place()).isEqualTo(uid.place("meta"));
      for (DhtNode node : network.nodes()) {
        Profile.Found found = Loopback.get(node.profile(uid)).orElseThrow();
        assertThat(found.uid()).isEqualTo(uid);
        assertThat(found.profile()).isEqualTo(profile);
        assertThat(found.sequence()).isEqualTo(result.sequence());
        assertThat(found.avatarFailure()).isNull();
        assertThat(found.avatarReference() != null).isEqualTo(avatarBytes > 0);
        assertThat(found.changed().toEpochMilli())
            .isBetween(startMillis, System.currentTimeMillis());
        assertThat(Duration.between(found.changed(), found.expires()))
            .isBetween(Duration.ofDays(7), Duration.ofDays(7).plusMinutes(2));
      }
    }
  }

  @Test
  void publish_rsaKeyAndBothUidVersions_areThreePlaces() throws Exception {
    UserKey rsa = UserKey.generateRsa(3072, new SecureRandom());
    Profile profile = new Profile("n".repeat(Profile.NAME_BYTES_MAX), new byte[] {1, 2, 3});
    try (LoopbackNetwork network = LoopbackNetwork.start(6, Loopback.busy())) {
      for (int version : new int[] {Uid.VERSION_1, Uid.VERSION_2}) {
        Uid uid = rsa.publicKey().uid(version);
        assertThat(Loopback.get(network.node(0).profile(uid))).isEmpty();
        assertThat(Loopback.get(network.node(1).publish(rsa, version, profile)).result().isEnough())
            .isTrue();
        assertThat(Loopback.get(network.node(2).profile(uid)).map(Profile.Found::profile))
            .contains(profile);
      }
    }
  }

  @Test
  void publish_twoNodes_isNotEnoughAndStillFound() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    try (LoopbackNetwork network = LoopbackNetwork.start(2, Loopback.busy())) {
      Published published =
          Loopback.get(network.node(0).publish(key, Uid.VERSION_2, new Profile("Ann")));
      assertThat(published.result().isEnough()).isFalse();
      assertThat(published.result().nodes())
          .hasSize(2)
          .allMatch(node -> node.outcome() == PutResult.Outcome.STORED);
      assertThat(Loopback.get(network.node(1).profile(published.uid()))).isPresent();
    }
  }

  @Test
  void publish_wrongArguments_throwAtOnce() {
    UserKey key = LoopbackNetwork.newKey();
    try (DhtNode node = Loopback.node().build().start()) {
      assertThatThrownBy(() -> node.publish(key, 3, new Profile("Ann")))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> node.publish(key, 2, "Meta", NONE, NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Meta");
      assertThatThrownBy(() -> node.publish(key, 2, "x", NONE, new byte[65_537]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("65537");
      // 35 bytes of frame, 1 of label, 44 of key, 64 of signature.
      assertThatThrownBy(() -> node.publish(key, 2, "x", new byte[861], NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1001");
    }
  }

  /** Signs until it is told not to, as a key does that was wiped or a card that was drawn. */
  private static final class FlakyScheme implements SignatureScheme {

    private final SignatureScheme ed25519 = NodeIdentity.generate(new SecureRandom()).scheme();
    private volatile boolean broken;

    @Override
    public byte[] publicKey(byte[] seed) {
      return ed25519.publicKey(seed);
    }

    @Override
    public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
      if (broken) {
        throw new IllegalStateException("the key was destroyed");
      }
      return ed25519.sign(seed, publicKey, message);
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
      return ed25519.verify(publicKey, message, signature);
    }
  }

  @Test
  void publish_keyDoesNotSign_failsWithCannotSignAndTheCause() throws Exception {
    FlakyScheme scheme = new FlakyScheme();
    UserKey key = UserKey.ofSeed(scheme, new byte[SignatureScheme.SEED_BYTES]);
    scheme.broken = true;
    try (LoopbackNetwork network = LoopbackNetwork.start(4, Loopback.busy())) {
      DhtNode node = network.node(0);
      assertThat(Loopback.failureOf(node.publish(key, Uid.VERSION_2, new Profile("Ann"))))
          .isInstanceOf(DhtException.CannotSign.class)
          .hasRootCauseMessage("the key was destroyed");
      scheme.broken = false;
      assertThat(Loopback.get(node.publish(key, Uid.VERSION_2, new Profile("Ann"))).result())
          .matches(PutResult::isEnough);
    }
  }

  @Test
  void publish_nothingHigherThanWhatIsThere_failsWithInvalid() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    try (LoopbackNetwork network = LoopbackNetwork.start(4, Loopback.busy())) {
      MutableRecord last = LoopbackNetwork.signed(key, Long.MAX_VALUE, "the last one");
      assertThat(Loopback.get(network.node(0).put(last)).isEnough()).isTrue();
      assertThat(Loopback.failureOf(network.node(1).publish(key, 2, "note", NONE, NONE)))
          .isInstanceOf(DhtException.Invalid.class)
          .hasMessageContaining("highest sequence");
    }
  }

  @Test
  void republish_keyDestroyedMeanwhile_isToldAndTheNodeLives() throws Exception {
    FlakyScheme scheme = new FlakyScheme();
    UserKey key = UserKey.ofSeed(scheme, new byte[SignatureScheme.SEED_BYTES]);
    Uid uid = key.publicKey().uid(Uid.VERSION_2);
    try (LoopbackNetwork network =
        LoopbackNetwork.start(4, LoopbackNetwork.living(Duration.ofSeconds(2)))) {
      Published published =
          Loopback.get(network.node(0).publish(key, Uid.VERSION_2, new Profile("Ann")));
      assertThat(published.result().isEnough()).isTrue();
      scheme.broken = true;
      await()
          .atMost(Loopback.LONG)
          .until(() -> network.events(0).contains(new DhtEvent.RepublishFailed(uid, "meta", null)));
      await()
          .atMost(Loopback.LONG)
          .until(() -> Loopback.get(network.node(1).profile(uid)).isEmpty());
      assertThat(Loopback.get(network.node(0).stats()).id()).isEqualTo(network.node(0).id());
    }
  }

  @Test
  void republish_beforeTheEnd_keepsItAliveUntilItIsStopped() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    Uid uid = key.publicKey().uid(Uid.VERSION_1);
    Duration ttl = Duration.ofSeconds(3);
    byte[] avatar = new byte[3_000];
    try (LoopbackNetwork network = LoopbackNetwork.start(6, LoopbackNetwork.living(ttl))) {
      Published published =
          Loopback.get(network.node(0).publish(key, 1, new Profile("Ann", avatar)));
      Profile.Found first = Loopback.get(network.node(1).profile(uid)).orElseThrow();
      await()
          .atMost(Loopback.LONG)
          .until(
              () -> republished(network.events(0)) > 0 && Instant.now().isAfter(first.expires()));
      Profile.Found later = Loopback.get(network.node(2).profile(uid)).orElseThrow();
      assertThat(later.profile()).isEqualTo(new Profile("Ann", avatar));
      assertThat(later.sequence()).isGreaterThan(first.sequence());
      assertThat(later.expires()).isAfter(first.expires());
      assertThat(later.changed()).as("the owner changed nothing").isEqualTo(first.changed());
      published.close();
      published.stop();
      await()
          .atMost(Loopback.LONG)
          .until(() -> Loopback.get(network.node(3).profile(uid)).isEmpty());
    }
  }

  private static long republished(List<DhtEvent> events) {
    return events.stream()
        .filter(
            event ->
                event instanceof DhtEvent.Republished again
                    && again.label().equals("meta")
                    && again.result().isEnough())
        .count();
  }

  @Test
  void republish_otherNodePublishedNewer_isSuperseded() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    Uid uid = key.publicKey().uid(Uid.VERSION_2);
    try (LoopbackNetwork network =
        LoopbackNetwork.start(6, LoopbackNetwork.living(Duration.ofSeconds(4)))) {
      assertThat(
              Loopback.get(network.node(0).publish(key, Uid.VERSION_2, new Profile("phone")))
                  .result()
                  .isEnough())
          .isTrue();
      Published laptop =
          Loopback.get(network.node(1).publish(key, Uid.VERSION_2, new Profile("laptop")));
      assertThat(laptop.result().isEnough()).isTrue();
      DhtEvent superseded = new DhtEvent.PublicationSuperseded(uid, "meta");
      await().atMost(Loopback.LONG).until(() -> network.events(0).contains(superseded));
      await().atMost(Loopback.LONG).until(() -> republished(network.events(1)) >= 2);
      assertThat(network.events(1)).doesNotContain(superseded);
      for (DhtNode node : network.nodes()) {
        assertThat(nameOf(Loopback.get(node.profile(uid)))).isEqualTo("laptop");
      }
    }
  }

  private static String nameOf(Optional<Profile.Found> found) {
    return found.map(one -> one.profile().name()).orElse("");
  }

  @Test
  void profile_avatarMissingOrWrong_isThereWithoutItAndSaysWhy() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    Uid uid = key.publicKey().uid(Uid.VERSION_2);
    byte[] avatar = new byte[2_000];
    BlobReference right = Blob.cut(avatar, 0).reference();
    BlobReference missing = new BlobReference(2_000, right.sha256(), NodeId.ZERO);
    BlobReference wrong = new BlobReference(2_000, new byte[32], right.root());
    try (LoopbackNetwork network = LoopbackNetwork.start(6, Loopback.busy())) {
      DhtNode node = network.node(0);
      byte[] value = ProfileCodec.encode(new ProfileCodec.Content("Ann", 1, missing));
      Loopback.get(node.publish(key, Uid.VERSION_2, "meta", value, NONE));
      Profile.Found found = Loopback.get(network.node(1).profile(uid)).orElseThrow();
      assertThat(found.profile()).isEqualTo(new Profile("Ann"));
      assertThat(found.avatarReference()).isEqualTo(missing);
      assertThat(found.avatarFailure()).isInstanceOf(DhtException.NotFound.class);
      value = ProfileCodec.encode(new ProfileCodec.Content("Ann", 2, wrong));
      Loopback.get(node.publish(key, Uid.VERSION_2, "meta", value, avatar));
      found = Loopback.get(network.node(1).profile(uid)).orElseThrow();
      assertThat(found.profile().hasAvatar()).isFalse();
      assertThat(found.avatarFailure()).isInstanceOf(DhtException.Invalid.class);
    }
  }

  @Test
  void profile_hostileValue_failsWithInvalidAndTheReason() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    Uid uid = key.publicKey().uid(Uid.VERSION_2);
    List<byte[]> values =
        List.of(
            NONE,
            new byte[] {(byte) 0x80},
            new byte[] {(byte) 0xdf, -1, -1, -1, -1},
            "hello".getBytes(StandardCharsets.UTF_8),
            new byte[800]);
    try (LoopbackNetwork network = LoopbackNetwork.start(4, Loopback.busy())) {
      for (byte[] value : values) {
        Loopback.get(network.node(0).publish(key, Uid.VERSION_2, "meta", value, NONE));
        assertThat(Loopback.failureOf(network.node(1).profile(uid)))
            .isInstanceOf(DhtException.Invalid.class)
            .hasMessageContaining(uid.toString());
      }
    }
  }

  @Test
  void close_publishingUnderWay_failsItWithClosed() throws Exception {
    UserKey key = LoopbackNetwork.newKey();
    try (LoopbackNetwork network = LoopbackNetwork.start(3, Loopback.busy())) {
      DhtNode node = network.node(2);
      Published published = Loopback.get(node.publish(key, Uid.VERSION_2, "x", NONE, new byte[10]));
      // Nobody else answers any more, so that all of these take their time.
      network.node(0).close();
      network.node(1).close();
      List<CompletableFuture<?>> open =
          List.of(
              node.publish(key, Uid.VERSION_2, new Profile("Ann")),
              node.put(LoopbackNetwork.signed(key, 1, "x")),
              node.get(NodeId.ZERO),
              node.profile(published.uid()),
              node.blob(new BlobReference(1, new byte[32], NodeId.ZERO)));
      assertThat(Loopback.get(node.stats()).engine().lookupsUnderWay()).isPositive();
      assertThat(open).noneMatch(CompletableFuture::isDone);
      node.close();
      assertThat(open).allMatch(CompletableFuture::isDone);
      for (CompletableFuture<?> future : open) {
        assertThat(Loopback.failureOf(future)).isInstanceOf(DhtException.Closed.class);
      }
      published.stop();
      assertThat(published).hasToString("Published[" + published.uid() + ", x]");
    }
  }
}
