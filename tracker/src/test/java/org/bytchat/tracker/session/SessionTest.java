package org.bytchat.tracker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytchat.tracker.session.Lab.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: frames go both ways between two parts that do as they should. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 65_518, 65_519, 65_520, 81_919, 81_920})
  void send_anySize_echoed(int size) throws Exception {
    byte[] frame = new byte[size];
    Seeds.random(size).nextBytes(frame);
    Recorder listener = new Recorder(false);
    try (Lab lab = new Lab()) {
      Session session = lab.connect(listener);
      assertThat(session.send(frame)).isTrue();
      await().until(() -> listener.frames.size() == 1);
      assertThat(listener.frames.get(0)).isEqualTo(frame);
      assertThat(lab.recorder.frames.get(0)).isEqualTo(frame);
      assertThat(lab.count(SessionCounter.FRAMES_IN)).isOne();
    }
  }

  @Test
  void send_empty_keepAliveAnsweredAndNotTold() throws Exception {
    Recorder listener = new Recorder(false);
    try (Lab lab = new Lab()) {
      Session session = lab.connect(listener);
      assertThat(session.send(new byte[0])).isTrue();
      await().until(() -> lab.client.stats().count(SessionCounter.KEEP_ALIVES_IN) == 1);
      assertThat(lab.count(SessionCounter.KEEP_ALIVES_IN)).isOne();
      assertThat(lab.count(SessionCounter.KEEP_ALIVES_OUT)).isOne();
      assertThat(listener.frames).isEmpty();
      assertThat(lab.recorder.frames).isEmpty();
      assertThat(session.isOpen()).isTrue();
    }
  }

  @Test
  void send_tooLong_throws() throws Exception {
    try (Lab lab = new Lab()) {
      Session session = lab.connect(new Recorder(false));
      assertThatThrownBy(() -> session.send(new byte[Session.FRAME_BYTES_MAX + 1]))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(session.isOpen()).isTrue();
    }
  }

  @Test
  void send_manyFramesFromTwoThreads_eachThreadsInOrder() throws Exception {
    Recorder listener = new Recorder(false);
    int each = 500;
    try (Lab lab = new Lab()) {
      Session session = lab.connect(listener);
      CountDownLatch done = new CountDownLatch(2);
      for (int thread = 0; thread < 2; thread++) {
        byte name = (byte) thread;
        new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    session.send(new byte[] {name, (byte) (i >>> 8), (byte) i});
                  }
                  done.countDown();
                })
            .start();
      }
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
      await().until(() -> listener.frames.size() == 2 * each);
      for (int thread = 0; thread < 2; thread++) {
        byte name = (byte) thread;
        assertThat(
                listener.frames.stream()
                    .filter(frame -> frame[0] == name)
                    .map(frame -> (frame[1] & 0xff) << 8 | frame[2] & 0xff))
            .isEqualTo(IntStream.range(0, each).boxed().toList());
      }
      await().until(() -> session.pendingBytes() == 0);
      assertThat(lab.server.stats().outboundBytes()).isZero();
    }
  }

  @Test
  void connect_bothSides_agreeOnTheHandshake() throws Exception {
    byte[] introduction = "a client".getBytes(StandardCharsets.UTF_8);
    try (Lab lab = new Lab()) {
      Session session =
          lab.client
              .connect(lab.address(), Lab.NODE.id(), introduction, new Recorder(false))
              .get(30, TimeUnit.SECONDS);
      await().until(() -> lab.recorder.opened.size() == 1);
      Session other = lab.recorder.opened.get(0);
      assertThat(other.handshakeHash()).isEqualTo(session.handshakeHash()).hasSize(32);
      assertThat(other.introduction()).isEqualTo(introduction);
      assertThat(session.introduction()).isEqualTo(introduction);
      assertThat(other.remoteStaticKey()).isNotEqualTo(session.remoteStaticKey());
      assertThat(session.remoteAddress()).isEqualTo(lab.address());
      assertThat(other.remoteAddress().getAddress()).isEqualTo(Lab.loopback(1));
      assertThat(lab.server.stats().open()).isOne();
      assertThat(lab.server.stats().halfOpen()).isZero();
      assertThat(lab.server.stats().sources()).isOne();
    }
  }

  @Test
  void connect_twice_clientKeysAndHashesDiffer() throws Exception {
    try (Lab lab = new Lab()) {
      Session one = lab.connect(new Recorder(false));
      Session two = lab.connect(new Recorder(false));
      await().until(() -> lab.recorder.opened.size() == 2);
      Session first = lab.recorder.opened.get(0);
      Session second = lab.recorder.opened.get(1);
      assertThat(first.remoteStaticKey()).isNotEqualTo(second.remoteStaticKey());
      assertThat(first.handshakeHash()).isNotEqualTo(second.handshakeHash());
      assertThat(first.id()).isNotEqualTo(second.id());
      assertThat(one.remoteStaticKey()).isEqualTo(two.remoteStaticKey());
    }
  }

  @Test
  void connect_longestIntroduction_arrives_longerThrows() throws Exception {
    byte[] introduction = new byte[Session.INTRODUCTION_BYTES_MAX];
    Seeds.random(2).nextBytes(introduction);
    try (Lab lab = new Lab()) {
      lab.client
          .connect(lab.address(), Lab.NODE.id(), introduction, new Recorder(false))
          .get(30, TimeUnit.SECONDS);
      await().until(() -> lab.recorder.opened.size() == 1);
      assertThat(lab.recorder.opened.get(0).introduction()).isEqualTo(introduction);
      byte[] longer = new byte[introduction.length + 1];
      assertThatThrownBy(
              () -> lab.client.connect(lab.address(), Lab.NODE.id(), longer, new Recorder(false)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void bind_severalAddresses_eachTakesSessions() throws Exception {
    List<InetSocketAddress> addresses =
        List.of(
            new InetSocketAddress(Lab.loopback(1), 0), new InetSocketAddress(Lab.loopback(2), 0));
    Recorder listener = new Recorder(true);
    try (SessionServer server =
            SessionServer.bind(Lab.config(), Lab.NETWORK, Lab.NODE, addresses, listener);
        SessionClient client = new SessionClient(Lab.config(), Lab.NETWORK)) {
      assertThat(server.addresses()).hasSize(2);
      for (InetSocketAddress address : server.addresses()) {
        client
            .connect(address, Lab.NODE.id(), Lab.NO_INTRODUCTION, new Recorder(false))
            .get(30, TimeUnit.SECONDS);
      }
      await().until(() -> listener.opened.size() == 2);
    }
  }

  @Test
  void bind_addressInUse_throwsAndReleasesItsThreads() throws Exception {
    try (Lab lab = new Lab()) {
      assertThatThrownBy(
              () ->
                  SessionServer.bind(
                      new SessionRuntime(
                          "never", Lab.config(), Lab.NETWORK, java.time.Clock.systemUTC()),
                      Lab.NODE,
                      List.of(lab.address()),
                      new Recorder(false)))
          .isInstanceOf(IOException.class);
      await().until(() -> threadsNamed("never") == 0);
    }
  }

  @Test
  void connect_nobodyListens_unreachable() throws Exception {
    InetSocketAddress gone;
    try (Lab other = new Lab()) {
      gone = other.address();
    }
    try (Lab lab = new Lab()) {
      assertThatThrownBy(
              () ->
                  lab.client
                      .connect(gone, Lab.NODE.id(), Lab.NO_INTRODUCTION, new Recorder(false))
                      .get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              SessionException.class,
              e -> assertThat(e.failure()).isEqualTo(SessionException.Failure.UNREACHABLE));
    }
  }

  @Test
  void close_afterSend_peerGetsEverythingThenTheEnd() throws Exception {
    Recorder listener = new Recorder(false);
    try (Lab lab = new Lab()) {
      Session session = lab.connect(listener);
      for (int i = 0; i < 8; i++) {
        session.send(new byte[Session.FRAME_BYTES_MAX]);
      }
      session.close();
      await().until(() -> lab.recorder.onlyReason() == CloseReason.PEER);
      assertThat(lab.recorder.frames).hasSize(8);
      await().until(() -> listener.onlyReason() == CloseReason.APPLICATION);
      assertThat(session.send(new byte[1])).isFalse();
      assertThat(session.isOpen()).isFalse();
      session.close();
      await().until(() -> lab.server.stats().sources() == 0);
      assertThat(lab.server.stats().open()).isZero();
    }
  }

  @Test
  void pause_frames_waitUntilResume() throws Exception {
    AtomicInteger frames = new AtomicInteger();
    Recorder listener = new Recorder(false);
    SessionListener pausing =
        new SessionListener() {
          @Override
          public void onFrame(Session session, byte[] frame) {
            session.pause();
            frames.incrementAndGet();
            listener.opened.add(session);
          }
        };
    try (Lab lab = new Lab();
        SessionServer server =
            SessionServer.bind(
                Lab.config(),
                Lab.NETWORK,
                Lab.NODE,
                List.of(new InetSocketAddress(Lab.loopback(1), 0)),
                pausing)) {
      Session session =
          lab.client
              .connect(
                  server.addresses().get(0),
                  Lab.NODE.id(),
                  Lab.NO_INTRODUCTION,
                  new Recorder(false))
              .get(30, TimeUnit.SECONDS);
      for (int i = 0; i < 300; i++) {
        session.send(new byte[10_000]);
      }
      await().until(() -> frames.get() == 1);
      // What a paused session holds is bounded by what one read takes.
      assertThat(server.stats().inboundBytes()).isLessThan(256 << 10);
      for (int expected = 2; expected <= 100; expected++) {
        listener.opened.get(0).resume();
        int now = expected;
        await().until(() -> frames.get() == now);
      }
      assertThat(session.isOpen()).isTrue();
    }
  }

  @Test
  void onFrame_throws_onlyThatSessionCloses() throws Exception {
    SessionListener failing =
        new SessionListener() {
          @Override
          public void onFrame(Session session, byte[] frame) {
            throw new IllegalStateException("as the test wants");
          }
        };
    Recorder listener = new Recorder(false);
    try (Lab lab = new Lab()) {
      Session good = lab.connect(listener);
      Session bad = lab.connect(failing);
      bad.send(new byte[1]);
      await().until(() -> !bad.isOpen());
      await().until(() -> lab.client.stats().count(SessionCounter.CLOSED_LISTENER_FAILED) == 1);
      good.send(new byte[1]);
      await().until(() -> listener.frames.size() == 1);
    }
  }

  @Test
  void close_serverAndClient_noThreadRemains_twice() throws Exception {
    Recorder listener = new Recorder(false);
    Lab lab = new Lab();
    Session session = lab.connect(listener);
    session.attach("kept");
    assertThat(session.attachment()).isEqualTo("kept");
    await().until(() -> lab.recorder.opened.size() == 1);
    lab.server.close();
    lab.server.close();
    await().until(() -> listener.onlyReason() == CloseReason.PEER);
    assertThat(lab.recorder.closed.values()).containsExactly(CloseReason.SHUTDOWN);
    lab.close();
    lab.close();
    await().until(() -> threadsNamed("test-server") == 0);
    assertThatThrownBy(() -> lab.connect(listener))
        .cause()
        .isInstanceOfSatisfying(
            SessionException.class,
            e -> assertThat(e.failure()).isEqualTo(SessionException.Failure.SHUTDOWN));
  }

  private static long threadsNamed(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(prefix))
        .count();
  }
}
