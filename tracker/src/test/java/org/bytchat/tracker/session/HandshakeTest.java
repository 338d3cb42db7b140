package org.bytchat.tracker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.bytchat.tracker.session.Lab.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.session.SessionException.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: a handshake with anything wrong in it opens no session, and says which part was wrong. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandshakeTest {

  @Test
  void preamble_garbage_closedAtItsFirstFourBytes() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.send("GET ".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      assertThat(peer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.HANDSHAKE_BAD_PREAMBLE, 1);
    }
  }

  @Test
  void preamble_otherNetwork_closed() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.send(Preamble.of(Lab.NETWORK + 1).bytes());
      assertThat(peer.receive(1)).isEmpty();
      lab.awaitCount(SessionCounter.HANDSHAKE_OTHER_NETWORK, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0001", "0201", "0000"})
  void preamble_versionsThatAreNoRange_closed(String versions) {
    assertClosedWith(versions, SessionCounter.HANDSHAKE_BAD_PREAMBLE);
  }

  @Test
  void preamble_newerVersionsOnly_closed() {
    assertClosedWith("02ff", SessionCounter.HANDSHAKE_NO_COMMON_VERSION);
  }

  private static void assertClosedWith(String versions, SessionCounter counter) {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.send(preamble(versions));
      assertThat(peer.receive(1)).isEmpty();
      lab.awaitCount(counter, 1);
    }
  }

  private static byte[] preamble(String versions) {
    byte[] bytes = Preamble.of(Lab.NETWORK).bytes();
    byte[] range = HexFormat.of().parseHex(versions);
    System.arraycopy(range, 0, bytes, 8, 2);
    return bytes;
  }

  @Test
  void preamble_newerVersionsToo_ownOneChosen() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.send(preamble("01ff"));
      assertThat(peer.receive(1)).containsExactly(1);
    }
  }

  @Test
  void connect_preambleChangedOnTheWay_fails() throws Exception {
    try (Lab lab = new Lab();
        Relay relay =
            new Relay(lab.address(), (up, index, value) -> up && index == 9 ? 2 : value)) {
      Throwable thrown = failure(lab, relay.address(), Lab.NODE.id());
      // The server's first message that has a tag does not verify for the client.
      assertThat(((SessionException) thrown).failure()).isEqualTo(Failure.BAD_MESSAGE);
      assertThat(lab.recorder.opened).isEmpty();
    }
  }

  @Test
  void connect_serverChoosesWhatWasNotOffered_fails() throws Exception {
    try (Lab lab = new Lab();
        Relay relay =
            new Relay(lab.address(), (up, index, value) -> !up && index == 0 ? 2 : value)) {
      Throwable thrown = failure(lab, relay.address(), Lab.NODE.id());
      assertThat(((SessionException) thrown).failure()).isEqualTo(Failure.NO_COMMON_VERSION);
    }
  }

  /** Version byte 1, then the second message with its length: the two keys, and the payload. */
  @ParameterizedTest
  @ValueSource(ints = {5, 36, 37, 84, 85, 100, 212})
  void connect_secondMessageChanged_fails(int at) throws Exception {
    try (Lab lab = new Lab();
        Relay relay =
            new Relay(
                lab.address(), (up, index, value) -> !up && index == at ? value ^ 1 : value)) {
      Throwable thrown = failure(lab, relay.address(), Lab.NODE.id());
      assertThat(((SessionException) thrown).failure()).isEqualTo(Failure.BAD_MESSAGE);
    }
  }

  /** Preamble 10, first message 4 + 32, third 4 + 64. */
  @ParameterizedTest
  @ValueSource(ints = {14, 50, 97, 98, 113})
  void connect_clientsMessageChanged_serverOpensNothing(int at) throws Exception {
    try (Lab lab = new Lab();
        Relay relay =
            new Relay(lab.address(), (up, index, value) -> up && index == at ? value ^ 1 : value)) {
      Future<Session> connecting =
          lab.client.connect(
              relay.address(), Lab.NODE.id(), Lab.NO_INTRODUCTION, new Recorder(false));
      await().until(connecting::isDone);
      await()
          .until(
              () ->
                  lab.count(SessionCounter.HANDSHAKE_BAD_MESSAGE)
                          + lab.count(SessionCounter.HANDSHAKE_ABANDONED)
                      == 1);
      assertThat(lab.recorder.opened).isEmpty();
    }
  }

  @Test
  void connect_relayThatChangesNothing_opens() throws Exception {
    try (Lab lab = new Lab();
        Relay relay = new Relay(lab.address(), (up, index, value) -> value)) {
      Session session =
          lab.client
              .connect(relay.address(), Lab.NODE.id(), Lab.NO_INTRODUCTION, new Recorder(false))
              .get(30, TimeUnit.SECONDS);
      assertThat(session.isOpen()).isTrue();
    }
  }

  private static Throwable failure(Lab lab, InetSocketAddress address, NodeId expected) {
    Throwable thrown =
        catchThrowable(
            () ->
                lab.client
                    .connect(address, expected, Lab.NO_INTRODUCTION, new Recorder(false))
                    .get(30, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return Objects.requireNonNull(thrown.getCause());
  }

  @Test
  void connect_anotherNodeThanLookedUp_fails() throws Exception {
    NodeId other = NodeIdentity.of(Ed25519Scheme.INSTANCE, Lab.seed(2)).id();
    try (Lab lab = new Lab()) {
      Throwable thrown = failure(lab, lab.address(), other);
      assertThat(((SessionException) thrown).failure()).isEqualTo(Failure.WRONG_NODE);
      assertThat(lab.client.stats().count(SessionCounter.HANDSHAKE_WRONG_NODE)).isOne();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-9, 2})
  void connect_certificateOfAnotherTime_fails(long days) throws Exception {
    Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofDays(days));
    try (Lab lab = new Lab(Lab.config(), clock)) {
      Throwable thrown = failure(lab, lab.address(), Lab.NODE.id());
      assertThat(((SessionException) thrown).failure()).isEqualTo(Failure.CERTIFICATE_TIMES);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-2, 2})
  void connect_clockTwoHoursWrong_opens(long hours) throws Exception {
    Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(hours));
    try (Lab lab = new Lab(Lab.config(), clock)) {
      assertThat(lab.connect(new Recorder(false)).isOpen()).isTrue();
    }
  }

  static Stream<byte[]> forgedPayloads() {
    byte[] sound = certificate(System.currentTimeMillis(), Lab.NETWORK, staticKey(7)).encode();
    byte[] changed = sound.clone();
    changed[111] ^= 1;
    return Stream.of(
        new byte[0],
        new byte[NodeCertificate.BYTES],
        changed,
        java.util.Arrays.copyOf(sound, sound.length - 1),
        java.util.Arrays.copyOf(sound, sound.length + 1),
        certificate(System.currentTimeMillis(), Lab.NETWORK + 1, staticKey(7)).encode(),
        certificate(System.currentTimeMillis(), Lab.NETWORK, staticKey(8)).encode());
  }

  private static byte[] staticKey(int seed) {
    return NoiseHandshake.publicKey(NoiseHandshake.keyOf(Lab.seed(seed)));
  }

  private static NodeCertificate certificate(long issued, int network, byte[] staticKey) {
    return NodeCertificate.issue(Lab.NODE, network, staticKey, issued);
  }

  @ParameterizedTest
  @MethodSource("forgedPayloads")
  void connect_certificateForged_fails(byte[] payload) throws Exception {
    try (Lab lab = new Lab();
        ServerSocket fake = new ServerSocket(0, 1, Lab.loopback(1))) {
      Thread server = new Thread(() -> serve(fake, payload));
      server.start();
      Throwable thrown =
          failure(lab, (InetSocketAddress) fake.getLocalSocketAddress(), Lab.NODE.id());
      assertThat(((SessionException) thrown).failure())
          .isIn(Failure.BAD_CERTIFICATE, Failure.WRONG_NODE, Failure.BAD_MESSAGE);
      server.join();
    }
  }

  /** A server with the static key of seed 7 and any payload. */
  private static void serve(ServerSocket listening, byte[] payload) {
    try (java.net.Socket socket = listening.accept()) {
      java.io.DataInputStream in = new java.io.DataInputStream(socket.getInputStream());
      Preamble preamble = new Preamble(in.readNBytes(Preamble.BYTES));
      socket.getOutputStream().write(1);
      NoiseHandshake noise =
          NoiseHandshake.responder(preamble.prologue(1), NoiseHandshake.keyOf(Lab.seed(7)));
      noise.start();
      noise.read(in.readNBytes(in.readInt()), true);
      socket.getOutputStream().write(RawPeer.framed(noise.write(payload)));
      in.readAllBytes();
    } catch (IOException e) {
      // The client may reset.
    }
  }

  @Test
  void certificate_hostileTimes_refusedWithoutOverflow() {
    byte[] key = staticKey(7);
    NodeCertificate.Asked asked =
        new NodeCertificate.Asked(Lab.NETWORK, Lab.NODE.id(), Ed25519Scheme.INSTANCE);
    NodeCertificate sound = certificate(1_000_000_000_000L, Lab.NETWORK, key);
    assertThat(sound.fault(asked, key, 1_000_000_000_000L)).isNull();
    long[][] hostile = {
      {Long.MIN_VALUE, Long.MAX_VALUE},
      {0, Long.MAX_VALUE},
      {Long.MAX_VALUE, Long.MAX_VALUE},
      {-1, 1},
      {1_000_000_000_000L, 999_999_999_999L},
      {1_000_000_000_000L, 1_000_000_000_000L + NodeCertificate.LIFE_MILLIS + 1}
    };
    for (long[] times : hostile) {
      NodeCertificate bad =
          new NodeCertificate(sound.nodeKey(), times[0], times[1], sound.signature());
      assertThat(bad.fault(asked, key, 1_000_000_000_000L)).isEqualTo(Failure.CERTIFICATE_TIMES);
    }
  }

  @Test
  void certificate_afterADay_isRenewed() {
    SteppedClock clock = new SteppedClock();
    ServerHandshake.StaticKey key = new ServerHandshake.StaticKey(Lab.NODE, Lab.NETWORK, clock);
    byte[] first = key.certificate();
    clock.add(Duration.ofHours(23));
    assertThat(key.certificate()).isEqualTo(first);
    clock.add(Duration.ofHours(2));
    assertThat(key.certificate()).isNotEqualTo(first);
  }

  @Test
  void replay_recordedClientMessages_openNothing() {
    try (Lab lab = new Lab()) {
      RawPeer honest = lab.raw();
      NoiseHandshake noise = honest.begin();
      byte[] first = noise.write(new byte[0]);
      honest.sendFramed(first);
      assertThat(noise.read(honest.receiveFramed(), true)).isNotNull();
      byte[] third = noise.write(new byte[0]);
      honest.sendFramed(third);
      await().until(() -> lab.recorder.opened.size() == 1);

      RawPeer replayer = lab.raw();
      replayer.begin();
      replayer.sendFramed(first);
      replayer.receiveFramed();
      replayer.sendFramed(third);
      assertThat(replayer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.HANDSHAKE_BAD_MESSAGE, 1);
      assertThat(lab.recorder.opened).hasSize(1);
      assertThat(lab.recorder.opened.get(0).isOpen()).isTrue();
    }
  }

  @Test
  void firstMessage_anyWeakKey_refused() {
    List<String> points =
        List.of(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "00000000000000000000000000000000000000000000000000000000000000ff",
            "0100000000000000000000000000000000000000000000000000000000000080");
    byte[] secret = new byte[32];
    try (Lab lab = new Lab()) {
      int refused = 0;
      for (String point : points) {
        byte[] key = HexFormat.of().parseHex(point);
        Seeds.random(refused).nextBytes(secret);
        // Another implementation tells which give zero.
        boolean zero = !X25519.calculateAgreement(secret, 0, key, 0, new byte[32], 0);
        assertThat(NoiseHandshake.isWeak(key)).as(point).isEqualTo(zero);
        if (zero) {
          RawPeer peer = lab.raw();
          peer.begin();
          peer.sendFramed(key);
          assertThat(peer.isEnded()).isTrue();
          refused++;
          lab.awaitCount(SessionCounter.HANDSHAKE_WEAK_KEY, refused);
        }
      }
      assertThat(refused).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 33, 4_096, -1})
  void firstMessage_wrongLength_refusedBeforeItIsThere(int claimed) {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.begin();
      peer.send(java.nio.ByteBuffer.allocate(4).putInt(claimed).array());
      assertThat(peer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.HANDSHAKE_BAD_MESSAGE, 1);
    }
  }

  @Test
  void handshake_byteAtATime_opens() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      byte[] preamble = Preamble.of(Lab.NETWORK).bytes();
      for (byte each : preamble) {
        peer.send(new byte[] {each});
      }
      NoiseHandshake noise =
          NoiseHandshake.initiator(
              new Preamble(preamble).prologue(peer.receive(1)[0]), NoiseHandshake.newKey());
      noise.start();
      for (byte each : RawPeer.framed(noise.write(new byte[0]))) {
        peer.send(new byte[] {each});
      }
      assertThat(noise.read(peer.receiveFramed(), true)).isNotNull();
      for (byte each : RawPeer.framed(noise.write(new byte[0]))) {
        peer.send(new byte[] {each});
      }
      await().until(() -> lab.recorder.opened.size() == 1);
    }
  }

  @Test
  void handshake_frameSentAlongWithTheThirdMessage_told() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      NoiseHandshake noise = peer.begin();
      peer.sendFramed(noise.write(new byte[0]));
      assertThat(noise.read(peer.receiveFramed(), true)).isNotNull();
      byte[] third = RawPeer.framed(noise.write(new byte[0]));
      NoiseHandshake.Keys keys = noise.split();
      byte[] frame = RawPeer.sealed(keys, new byte[] {1, 2, 3});
      peer.send(
          java.nio.ByteBuffer.allocate(third.length + frame.length).put(third).put(frame).array());
      assertThat(peer.receiveFrame(keys)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void handshake_notFinishedInTime_closed() {
    try (Lab lab = new Lab(Lab.config().withTimes(Lab.times("handshake", 200)))) {
      RawPeer silent = lab.raw();
      RawPeer stuck = lab.raw();
      stuck.begin();
      assertThat(silent.isEnded()).isTrue();
      assertThat(stuck.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.HANDSHAKE_TIMEOUT, 2);
      assertThat(lab.server.stats().halfOpen()).isZero();
    }
  }

  @Test
  void connect_serverSaysNothing_timesOut() throws Exception {
    try (Lab lab = new Lab(Lab.config().withTimes(Lab.times("handshake", 200)));
        ServerSocket silent = new ServerSocket(0, 1, Lab.loopback(1))) {
      Throwable thrown =
          failure(lab, (InetSocketAddress) silent.getLocalSocketAddress(), Lab.NODE.id());
      assertThat(((SessionException) thrown).failure()).isEqualTo(Failure.TIMEOUT);
    }
  }
}
