package org.bytchat.tracker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.tracker.session.Lab.await;

import java.io.UncheckedIOException;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Timeout;

/** Goal: whatever bytes come at whatever stage, no other session notices. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionFuzzTest {

  private static final int PEERS = 60;

  @SeededTest(runs = 3)
  void randomBytes_atEachStage_harmNobodyElse(long seed) throws Exception {
    Random random = Seeds.random(seed);
    Recorder listener = new Recorder(false);
    try (Lab lab = new Lab(Lab.config().withTimes(Lab.times("handshake", 500)))) {
      Session bystander = lab.connect(listener);
      for (int i = 0; i < PEERS; i++) {
        RawPeer peer = lab.raw();
        try {
          attack(peer, random);
        } catch (UncheckedIOException e) {
          // The server may end it at any point.
        }
        peer.close();
        assertThat(bystander.send(new byte[] {(byte) i})).isTrue();
      }
      await().until(() -> listener.frames.size() == PEERS);
      await().until(() -> lab.server.stats().open() == 1 && lab.server.stats().halfOpen() == 0);
      assertThat(lab.count(SessionCounter.CLOSED_INTERNAL_ERROR)).isZero();
      assertThat(lab.server.stats().inboundBytes()).isZero();
      // The listener is told after the counts.
      await().until(() -> lab.recorder.opened.size() - 1 == lab.recorder.closed.size());
    }
  }

  private static void attack(RawPeer peer, Random random) {
    switch (random.nextInt(4)) {
      case 0 -> peer.send(bytes(random, 40));
      case 1 -> {
        peer.begin();
        peer.send(noise(random));
      }
      case 2 -> {
        NoiseHandshake noise = peer.begin();
        peer.sendFramed(noise.write(new byte[0]));
        peer.receiveFramed();
        peer.send(noise(random));
      }
      default -> {
        NoiseHandshake.Keys keys = peer.handshake();
        for (int i = random.nextInt(4); i > 0; i--) {
          peer.send(RawPeer.sealed(keys, bytes(random, 2_000)));
        }
        peer.send(noise(random));
      }
    }
  }

  /** Half of the time with a length before it that is not absurd. */
  private static byte[] noise(Random random) {
    byte[] body = bytes(random, 3_000);
    return random.nextBoolean() ? body : RawPeer.framed(body);
  }

  private static byte[] bytes(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }
}
