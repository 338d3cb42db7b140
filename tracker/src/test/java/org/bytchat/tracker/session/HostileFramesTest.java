package org.bytchat.tracker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.tracker.session.Lab.await;

import java.nio.ByteBuffer;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: a peer that opened a session and then misbehaves loses that session, and nothing else. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileFramesTest {

  @ParameterizedTest
  @ValueSource(ints = {81_953, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void length_aboveTheLimit_closedBeforeTheBody(int claimed) {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.handshake();
      peer.send(ByteBuffer.allocate(4).putInt(claimed).array());
      assertThat(peer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.CLOSED_FRAME_TOO_LARGE, 1);
      assertThat(lab.server.stats().inboundBytes()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 65_536, 65_551})
  void length_ofNoFrame_closedBeforeTheBody(int claimed) {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.handshake();
      peer.send(ByteBuffer.allocate(4).putInt(claimed).array());
      assertThat(peer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.CLOSED_FRAME_MALFORMED, 1);
    }
  }

  @Test
  void length_ofTheLongestFrame_reservesNothing() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.handshake();
      peer.send(ByteBuffer.allocate(4).putInt(FrameCipher.BODY_BYTES_MAX).array());
      await().until(() -> lab.server.stats().inboundBytes() > 0);
      assertThat(lab.server.stats().inboundBytes()).isLessThan(4_096);
    }
  }

  @Test
  void frame_anyByteChanged_closesThatSession() throws Exception {
    Recorder listener = new Recorder(false);
    byte[] plain = {1, 2, 3, 4, 5, 6, 7, 8};
    int length = 4 + FrameCipher.bodyBytes(plain.length);
    try (Lab lab = new Lab()) {
      Session bystander = lab.connect(listener);
      for (int i = 0; i < length; i++) {
        if (i == 2) {
          // The length remains one that a frame may have: the server waits for the rest.
          continue;
        }
        RawPeer peer = lab.raw();
        byte[] sealed = RawPeer.sealed(peer.handshake(), plain);
        sealed[i] ^= (byte) (i == 3 ? 0x1c : 0x80);
        peer.send(sealed);
        assertThat(peer.isEnded()).as("byte %d", i).isTrue();
      }
      await().until(() -> lab.server.stats().open() == 1);
      assertThat(lab.recorder.frames).isEmpty();
      assertThat(lab.count(SessionCounter.CLOSED_FRAME_FORGED)).isEqualTo(length - 4);
      assertThat(bystander.send(plain)).isTrue();
      await().until(() -> listener.frames.size() == 1);
    }
  }

  @Test
  void frame_replayed_closes() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      NoiseHandshake.Keys keys = peer.handshake();
      byte[] sealed = RawPeer.sealed(keys, new byte[] {1});
      peer.send(sealed);
      assertThat(peer.receiveFrame(keys)).containsExactly(1);
      peer.send(sealed);
      assertThat(peer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.CLOSED_FRAME_FORGED, 1);
    }
  }

  @Test
  void frame_outOfOrder_closes() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      NoiseHandshake.Keys keys = peer.handshake();
      byte[] lost = RawPeer.sealed(keys, new byte[] {1});
      assertThat(lost).isNotEmpty();
      peer.send(RawPeer.sealed(keys, new byte[] {2}));
      assertThat(peer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.CLOSED_FRAME_FORGED, 1);
      assertThat(lab.recorder.frames).isEmpty();
    }
  }

  @Test
  void frame_cutInTwoMessagesWhereOneWouldDo_closes() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      NoiseHandshake.Keys keys = peer.handshake();
      byte[] body = new byte[34];
      keys.cipher().seal(new byte[] {1}, body, 0);
      keys.cipher().seal(new byte[] {2}, body, 17);
      peer.sendFramed(body);
      assertThat(peer.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.CLOSED_FRAME_FORGED, 1);
    }
  }

  @Test
  void frame_byteAtATime_arrives() {
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      NoiseHandshake.Keys keys = peer.handshake();
      byte[] frame = new byte[500];
      Seeds.random(3).nextBytes(frame);
      for (byte each : RawPeer.sealed(keys, frame)) {
        peer.send(new byte[] {each});
      }
      assertThat(peer.receiveFrame(keys)).isEqualTo(frame);
      await().until(() -> lab.server.stats().inboundBytes() == 0);
    }
  }

  @Test
  void frame_byteAtATimeForTooLong_closed() {
    try (Lab lab = new Lab(Lab.config().withTimes(Lab.times("frame", 200)))) {
      RawPeer peer = lab.raw();
      byte[] sealed = RawPeer.sealed(peer.handshake(), new byte[40_000]);
      int[] sent = {0};
      await()
          .until(
              () -> {
                if (lab.count(SessionCounter.CLOSED_FRAME_TIMEOUT) == 0) {
                  trySend(peer, sealed[sent[0]++]);
                  return false;
                }
                return true;
              });
      assertThat(sent[0]).isGreaterThan(5);
      assertThat(lab.recorder.frames).isEmpty();
    }
  }

  private static void trySend(RawPeer peer, byte one) {
    try {
      peer.send(new byte[] {one});
    } catch (java.io.UncheckedIOException e) {
      // The server ended it between the look and the byte.
    }
  }

  @Test
  void frame_manyWithPausesBetween_notCutOff() throws Exception {
    try (Lab lab = new Lab(Lab.config().withTimes(Lab.times("frame", 100)))) {
      RawPeer peer = lab.raw();
      NoiseHandshake.Keys keys = peer.handshake();
      RawPeer late = lab.raw();
      late.handshake();
      late.send(new byte[] {0});
      peer.send(RawPeer.sealed(keys, new byte[] {1}));
      assertThat(late.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.CLOSED_FRAME_TIMEOUT, 1);
      peer.send(RawPeer.sealed(keys, new byte[] {2}));
      assertThat(peer.receiveFrame(keys)).containsExactly(1);
      assertThat(peer.receiveFrame(keys)).containsExactly(2);
    }
  }

  @Test
  void incompleteFrames_ofManySessions_boundedInAll() {
    SessionConfig.Total total = new SessionConfig.Total(100, 100, 1 << 20, 1 << 20);
    try (Lab lab = new Lab(Lab.config().withTotal(total))) {
      for (int i = 0; i < 20; i++) {
        RawPeer peer = lab.raw();
        byte[] sealed = RawPeer.sealed(peer.handshake(), new byte[Session.FRAME_BYTES_MAX]);
        try {
          peer.send(java.util.Arrays.copyOf(sealed, sealed.length - 1));
        } catch (java.io.UncheckedIOException e) {
          // Closed while it sent: counted below.
        }
      }
      lab.awaitCount(SessionCounter.CLOSED_INBOUND_FULL, 1);
      await().until(() -> lab.server.stats().inboundBytes() <= 1 << 20);
      assertThat(lab.server.stats().open()).isBetween(4, 19);
      RawPeer small = lab.raw();
      NoiseHandshake.Keys keys = small.handshake();
      small.send(RawPeer.sealed(keys, new byte[] {1}));
      assertThat(small.receiveFrame(keys)).containsExactly(1);
    }
  }

  @Test
  void slowReader_withoutProgress_dropped() throws Exception {
    SessionConfig config =
        Lab.config().withTimes(Lab.times("slowReader", 300)).withOutboundBytesMax(128 << 10);
    Recorder listener = new Recorder(false);
    try (Lab lab = new Lab(config)) {
      RawPeer peer = lab.raw();
      peer.handshake();
      await().until(() -> lab.recorder.opened.size() == 1);
      Session slow = lab.recorder.opened.get(0);
      Session bystander = lab.connect(listener);
      await()
          .until(
              () -> {
                slow.send(new byte[60_000]);
                return lab.recorder.onlyReason() == CloseReason.SLOW_READER;
              });
      assertThat(lab.count(SessionCounter.SENDS_REFUSED)).isPositive();
      assertThat(slow.send(new byte[1])).isFalse();
      bystander.send(new byte[1]);
      await().until(() -> listener.frames.size() == 1);
      await().until(() -> lab.server.stats().outboundBytes() == 0);
    }
  }

  @Test
  void slowReader_readsAgain_listenerToldOfRoom() {
    try (Lab lab = new Lab(Lab.config().withOutboundBytesMax(128 << 10))) {
      RawPeer peer = lab.raw();
      NoiseHandshake.Keys keys = peer.handshake();
      await().until(() -> lab.recorder.opened.size() == 1);
      Session slow = lab.recorder.opened.get(0);
      int sent = 0;
      // Refused for good once the kernel's buffers are full too.
      for (int refused = 0; refused < 20; ) {
        if (slow.send(new byte[60_000])) {
          sent++;
          refused = 0;
        } else {
          refused++;
          java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
      }
      assertThat(slow.pendingBytes()).isBetween(1, 128 << 10);
      int before = lab.recorder.writable.get();
      for (int i = 0; i < sent; i++) {
        assertThat(peer.receiveFrame(keys)).hasSize(60_000);
      }
      await().until(() -> lab.recorder.writable.get() == before + 1);
      assertThat(slow.pendingBytes()).isZero();
    }
  }

  @Test
  void outbound_ofManySessions_boundedInAll() {
    SessionConfig.Total total = new SessionConfig.Total(100, 100, 1 << 20, 1 << 20);
    try (Lab lab = new Lab(Lab.config().withTotal(total))) {
      int peers = 4;
      for (int i = 0; i < peers; i++) {
        lab.raw().handshake();
      }
      await().until(() -> lab.recorder.opened.size() == peers);
      for (int round = 0; round < 2_000; round++) {
        for (Session session : lab.recorder.opened) {
          session.send(new byte[60_000]);
        }
        assertThat(lab.server.stats().outboundBytes())
            .isLessThanOrEqualTo((1 << 20) + peers * 60_100L);
      }
      assertThat(lab.count(SessionCounter.SENDS_REFUSED)).isPositive();
    }
  }

  @Test
  void idle_dropped_keepAlivesPreventIt() throws Exception {
    try (Lab lab = new Lab(Lab.config().withTimes(Lab.times("idle", 400)))) {
      Session lively = lab.connect(new Recorder(false));
      RawPeer silent = lab.raw();
      silent.handshake();
      assertThat(silent.isEnded()).isTrue();
      lab.awaitCount(SessionCounter.CLOSED_IDLE, 1);
      lab.awaitCount(SessionCounter.KEEP_ALIVES_IN, 6);
      assertThat(lively.isOpen()).isTrue();
      assertThat(lab.count(SessionCounter.CLOSED_IDLE)).isOne();
    }
  }

  @Test
  void client_endsWhileTheServerSends_serverGoesOn() throws Exception {
    Recorder listener = new Recorder(false);
    try (Lab lab = new Lab()) {
      RawPeer peer = lab.raw();
      peer.handshake();
      await().until(() -> lab.recorder.opened.size() == 1);
      Session session = lab.recorder.opened.get(0);
      for (int i = 0; i < 10; i++) {
        session.send(new byte[50_000]);
      }
      peer.close();
      await()
          .until(
              () -> {
                session.send(new byte[50_000]);
                return lab.recorder.onlyReason() == CloseReason.PEER;
              });
      await().until(() -> session.pendingBytes() == 0);
      lab.connect(listener).send(new byte[1]);
      await().until(() -> listener.frames.size() == 1);
      assertThat(lab.count(SessionCounter.CLOSED_INTERNAL_ERROR)).isZero();
    }
  }

  @Test
  void cipher_eachMessageCount_roundTripsAndRefusesOtherLengths() {
    for (int plain = 0; plain <= Session.FRAME_BYTES_MAX; plain++) {
      assertThat(FrameCipher.plainBytes(FrameCipher.bodyBytes(plain))).isEqualTo(plain);
    }
    long bodies = 0;
    for (int body = 0; body <= FrameCipher.BODY_BYTES_MAX; body++) {
      bodies += FrameCipher.plainBytes(body) >= 0 ? 1 : 0;
    }
    assertThat(bodies).isEqualTo(Session.FRAME_BYTES_MAX + 1);
    assertThat(FrameCipher.BODY_BYTES_MAX).isEqualTo(81_952);
  }
}
