package org.bytchat.tracker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.tracker.session.Lab.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: nobody takes more connections than their share, and the others still get in. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AdmissionTest {

  private static SessionConfig.PerSource perSource(int sessions, int halfOpen, int perSecond) {
    return new SessionConfig.PerSource(Scope.PUBLIC, sessions, halfOpen, perSecond, 3, 64);
  }

  private static boolean isRefused(Lab lab) {
    try (RawPeer peer = RawPeer.tryConnect(lab.address(), 1)) {
      return peer == null || peer.isEnded();
    }
  }

  @Test
  void halfOpen_thousandFromManySources_othersGoOnAndGetIn() throws Exception {
    Recorder listener = new Recorder(false);
    Recorder late = new Recorder(false);
    SessionConfig config = Lab.config(perSource(64, 10, 0));
    List<RawPeer> flood = new ArrayList<>();
    try (Lab lab =
        new Lab(config.withTotal(new SessionConfig.Total(4_000, 2_000, 1 << 20, 1 << 20)))) {
      Session established = lab.connect(listener);
      for (int source = 2; source <= 106; source++) {
        for (int i = 0; i < 12; i++) {
          RawPeer peer = RawPeer.tryConnect(lab.address(), source);
          if (peer != null) {
            flood.add(peer);
          }
        }
      }
      await().until(() -> lab.server.stats().halfOpen() == 1_050);
      lab.awaitCount(SessionCounter.REFUSED_SOURCE_HALF_OPEN, 210);
      established.send(new byte[] {1});
      await().until(() -> listener.frames.size() == 1);
      lab.connectFrom(200, late).send(new byte[] {2});
      await().until(() -> late.frames.size() == 1);
      flood.forEach(RawPeer::close);
      await().until(() -> lab.server.stats().halfOpen() == 0);
      assertThat(lab.server.stats().sources()).isEqualTo(2);
      assertThat(established.isOpen()).isTrue();
    } finally {
      flood.forEach(RawPeer::close);
    }
  }

  @Test
  void sessions_ofOneSource_limitedAndReleased() throws Exception {
    try (Lab lab = new Lab(Lab.config(perSource(2, 2, 0)))) {
      Session first = lab.connect(new Recorder(false));
      lab.connect(new Recorder(false));
      await().until(() -> lab.recorder.opened.size() == 2);
      assertThat(isRefused(lab)).isTrue();
      lab.awaitCount(SessionCounter.REFUSED_SOURCE_SESSIONS, 1);
      assertThat(lab.connectFrom(2, new Recorder(false)).isOpen()).isTrue();
      first.close();
      await().until(() -> lab.recorder.closed.size() == 1);
      assertThat(lab.connect(new Recorder(false)).isOpen()).isTrue();
    }
  }

  @Test
  void connections_ofOneSource_limitedBySecond() throws Exception {
    try (Lab lab = new Lab(Lab.config(perSource(1_000, 1_000, 1)))) {
      await()
          .until(
              () -> {
                RawPeer.tryConnect(lab.address(), 1);
                return lab.count(SessionCounter.REFUSED_SOURCE_RATE) > 0;
              });
      assertThat(lab.count(SessionCounter.CONNECTIONS)).isGreaterThanOrEqualTo(4);
      assertThat(lab.connectFrom(2, new Recorder(false)).isOpen()).isTrue();
    }
  }

  @Test
  void connections_inAll_limited() throws Exception {
    SessionConfig.Total total = new SessionConfig.Total(3, 2, 1 << 20, 1 << 20);
    try (Lab lab = new Lab(Lab.config().withTotal(total))) {
      lab.connect(new Recorder(false));
      await().until(() -> lab.server.stats().open() == 1);
      lab.raw();
      await().until(() -> lab.server.stats().halfOpen() == 1);
      lab.raw();
      await().until(() -> lab.server.stats().halfOpen() == 2);
      assertThat(isRefused(lab)).isTrue();
      lab.awaitCount(SessionCounter.REFUSED_HALF_OPEN, 1);
    }
  }

  @Test
  void sessions_inAll_limited() throws Exception {
    SessionConfig.Total total = new SessionConfig.Total(1, 2, 1 << 20, 1 << 20);
    try (Lab lab = new Lab(Lab.config().withTotal(total))) {
      Session only = lab.connect(new Recorder(false));
      await().until(() -> lab.server.stats().open() == 1);
      assertThat(isRefused(lab)).isTrue();
      lab.awaitCount(SessionCounter.REFUSED_SESSIONS, 1);
      assertThat(only.isOpen()).isTrue();
    }
  }

  @Test
  void sourceOf_addresses_byHostOrNetworkOrEndpoint() throws UnknownHostException {
    SourceLimits open = new SourceLimits(Lab.config(perSource(2, 2, 0)));
    assertThat(open.sourceOf(at("192.0.2.1", 1))).isEqualTo(open.sourceOf(at("192.0.2.1", 2)));
    assertThat(open.sourceOf(at("192.0.2.1", 1))).isNotEqualTo(open.sourceOf(at("192.0.2.2", 1)));
    assertThat(open.sourceOf(at("2001:db8::1", 1)))
        .isEqualTo(open.sourceOf(at("2001:db8::ffff:0:1", 2)))
        .isNotEqualTo(open.sourceOf(at("2001:db8:0:1::1", 1)));
    assertThat(open.sourceOf(at("127.0.0.1", 1))).isEqualTo(open.sourceOf(at("127.0.0.1", 2)));
    SourceLimits local = new SourceLimits(Lab.config());
    assertThat(local.sourceOf(at("127.0.0.1", 1))).isNotEqualTo(local.sourceOf(at("127.0.0.1", 2)));
    assertThat(local.sourceOf(at("192.0.2.1", 1))).isEqualTo(local.sourceOf(at("192.0.2.1", 2)));
  }

  private static InetSocketAddress at(String host, int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Test
  void rate_burstThenOneForEachInterval() {
    SourceLimits limits = new SourceLimits(Lab.config(perSource(1_000, 1_000, 10)));
    Endpoint source = Endpoint.ofIpv4(0xc0000201, 0);
    long now = Long.MAX_VALUE - 5;
    for (int i = 0; i < 3; i++) {
      assertThat(limits.admit(source, now)).isNull();
    }
    assertThat(limits.admit(source, now)).isEqualTo(SessionCounter.REFUSED_SOURCE_RATE);
    // The clock may pass its end: only differences count.
    now += TimeUnit.MILLISECONDS.toNanos(100);
    assertThat(limits.admit(source, now)).isNull();
    assertThat(limits.admit(source, now)).isEqualTo(SessionCounter.REFUSED_SOURCE_RATE);
  }

  @Test
  void sources_afterTheirConnections_areForgotten() {
    SourceLimits limits = new SourceLimits(Lab.config(perSource(1_000, 1_000, 10)));
    for (int i = 0; i < 5_000; i++) {
      Endpoint source = Endpoint.ofIpv4(i + 1, 0);
      boolean admitted = limits.admit(source, 0) == null;
      if (admitted) {
        limits.opened(source);
        limits.closed(source, true);
      }
    }
    assertThat(limits.sourceCount()).isZero();
    Endpoint source = Endpoint.ofIpv4(1, 0);
    assertThat(limits.admit(source, 0)).isNull();
    limits.closed(source, false);
    assertThat(limits.sourceCount()).isZero();
  }
}
