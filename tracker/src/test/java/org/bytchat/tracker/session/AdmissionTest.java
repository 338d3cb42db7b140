package org.bytchat.tracker.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytchat.tracker.session.Lab.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: nobody takes more connections than their share, and the others still get in. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AdmissionTest {

  private static SessionConfig.PerSource perSource(int sessions, int halfOpen, int perSecond) {
    return new SessionConfig.PerSource(
        Scope.PUBLIC, sessions, halfOpen, perSecond, 3, 1_000, 2_000, 64);
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
  void halfOpen_allTaken_newcomerDisplacesOne() throws Exception {
    SessionConfig.Total total = new SessionConfig.Total(4, 2, 1 << 20, 1 << 20);
    try (Lab lab = new Lab(Lab.config().withTotal(total))) {
      Session open = lab.connect(new Recorder(false));
      await().until(() -> lab.server.stats().open() == 1);
      RawPeer first = lab.raw();
      await().until(() -> lab.server.stats().halfOpen() == 1);
      first.begin();
      RawPeer second = lab.raw();
      await().until(() -> lab.server.stats().halfOpen() == 2);
      second.begin();
      lab.raw().begin();
      lab.awaitCount(SessionCounter.HANDSHAKE_DISPLACED, 1);
      assertThat(lab.server.stats().halfOpen()).isEqualTo(2);
      assertThat(lab.connect(new Recorder(false)).isOpen()).isTrue();
      lab.awaitCount(SessionCounter.HANDSHAKE_DISPLACED, 2);
      await().until(() -> lab.server.stats().open() == 2);
      assertThat(lab.server.stats().halfOpen()).isEqualTo(1);
      assertThat(open.isOpen()).isTrue();
    }
  }

  @Test
  void halfOpen_floodThatReconnectsAllTheTime_othersGetInAtOnce() throws Exception {
    Recorder listener = new Recorder(false);
    SessionConfig.Total total = new SessionConfig.Total(1_000, 100, 1 << 20, 1 << 20);
    try (Lab lab = new Lab(Lab.config(perSource(64, 10, 0)).withTotal(total));
        Flood flood = new Flood(lab.address(), 2, 20, 10)) {
      Session established = lab.connect(listener);
      flood.start();
      lab.awaitCount(SessionCounter.HANDSHAKE_DISPLACED, 1_000);
      for (int i = 1; i <= 10; i++) {
        long before = flood.connects();
        assertThat(lab.connectFrom(200, new Recorder(false)).isOpen()).isTrue();
        await().until(() -> flood.connects() > before + 200);
      }
      established.send(new byte[] {1});
      await().until(() -> listener.frames.size() == 1);
      // A client is done with its last message, the server when it has verified it.
      await().until(() -> lab.server.stats().open() == 11);
      flood.stop();
      await().until(() -> lab.server.stats().halfOpen() == 0);
      assertThat(lab.server.stats().sources()).isEqualTo(2);
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
    SourceLimits open = limits(perSource(2, 2, 0));
    assertThat(open.sourceOf(at("192.0.2.1", 1))).isEqualTo(open.sourceOf(at("192.0.2.1", 2)));
    assertThat(open.sourceOf(at("192.0.2.1", 1))).isNotEqualTo(open.sourceOf(at("192.0.2.2", 1)));
    assertThat(open.sourceOf(at("2001:db8::1", 1)))
        .isEqualTo(open.sourceOf(at("2001:db8::ffff:0:1", 2)))
        .isNotEqualTo(open.sourceOf(at("2001:db8:0:1::1", 1)));
    assertThat(open.sourceOf(at("127.0.0.1", 1))).isEqualTo(open.sourceOf(at("127.0.0.1", 2)));
    SourceLimits local = new SourceLimits(Lab.config(), Seeds.random(31));
    assertThat(local.sourceOf(at("127.0.0.1", 1))).isNotEqualTo(local.sourceOf(at("127.0.0.1", 2)));
    assertThat(local.sourceOf(at("192.0.2.1", 1))).isEqualTo(local.sourceOf(at("192.0.2.1", 2)));
  }

  private static InetSocketAddress at(String host, int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Test
  void rate_burstThenOneForEachInterval() {
    SourceLimits limits = limits(perSource(1_000, 1_000, 10));
    Endpoint source = Endpoint.ofIpv4(0xc0000201, 0);
    long now = Long.MAX_VALUE - 5;
    for (int i = 0; i < 3; i++) {
      assertThat(limits.admit(place(source), now)).isNull();
    }
    assertThat(limits.admit(place(source), now)).isEqualTo(SessionCounter.REFUSED_SOURCE_RATE);
    // The clock may pass its end: only differences count.
    now += TimeUnit.MILLISECONDS.toNanos(100);
    assertThat(limits.admit(place(source), now)).isNull();
    assertThat(limits.admit(place(source), now)).isEqualTo(SessionCounter.REFUSED_SOURCE_RATE);
  }

  @Test
  void frames_burstThenOneForEachInterval_ofAllConnectionsTogether() {
    SessionConfig.PerSource slow = new SessionConfig.PerSource(Scope.PUBLIC, 9, 9, 0, 9, 10, 3, 64);
    SourceLimits limits = limits(slow);
    Endpoint source = Endpoint.ofIpv4(0xc0000201, 0);
    SourceLimits.Place first = place(source);
    SourceLimits.Place second = place(source);
    SourceLimits.Place local =
        new SourceLimits.Place(new SourceLimits.Source(source.withPort(7), false), () -> {});
    for (SourceLimits.Place each : List.of(first, second, local)) {
      assertThat(limits.admit(each, 0)).isNull();
    }
    long now = Long.MAX_VALUE - 5;
    assertThat(limits.countFrame(first, now)).isZero();
    assertThat(limits.countFrame(second, now)).isZero();
    assertThat(limits.countFrame(first, now)).isZero();
    long interval = TimeUnit.MILLISECONDS.toNanos(100);
    assertThat(limits.countFrame(second, now)).isEqualTo(interval);
    assertThat(limits.countFrame(first, now)).isEqualTo(2 * interval);
    now += 2 * interval;
    assertThat(limits.countFrame(first, now)).isEqualTo(interval);
    limits.closed(first);
    limits.closed(second);
    SourceLimits.Place again = place(source);
    assertThat(limits.admit(again, 0)).isNull();
    assertThat(limits.countFrame(again, now)).isEqualTo(2 * interval);
    for (int i = 0; i < 100; i++) {
      assertThat(limits.countFrame(local, now)).isZero();
    }
  }

  @Test
  void frames_fasterThanTheirSourceMay_areReadLaterAndInOrder() throws Exception {
    SessionConfig.PerSource slow =
        new SessionConfig.PerSource(Scope.PUBLIC, 9, 9, 0, 9, 200, 5, 64);
    try (Lab lab = new Lab(Lab.config(slow))) {
      Recorder listener = new Recorder(false);
      Session session = lab.connect(listener);
      for (int i = 0; i < 60; i++) {
        assertThat(session.send(new byte[] {(byte) i})).isTrue();
      }
      await().until(() -> listener.frames.size() == 60);
      assertThat(lab.count(SessionCounter.THROTTLED)).isBetween(40L, 60L);
      for (int i = 0; i < 60; i++) {
        assertThat(listener.frames.get(i)).containsExactly(i);
      }
      assertThat(session.isOpen()).isTrue();
    }
  }

  @Test
  void sources_afterTheirConnections_areForgotten() {
    SourceLimits limits = limits(perSource(1_000, 1_000, 10));
    for (int i = 0; i < 5_000; i++) {
      SourceLimits.Place place = place(Endpoint.ofIpv4(i + 1, 0));
      boolean admitted = limits.admit(place, 0) == null;
      if (admitted) {
        limits.opened(place);
        limits.closed(place);
      }
    }
    assertThat(limits.sourceCount()).isZero();
    SourceLimits.Place place = place(Endpoint.ofIpv4(1, 0));
    assertThat(limits.admit(place, 0)).isNull();
    limits.closed(place);
    assertThat(limits.sourceCount()).isZero();
  }

  @Test
  void displaced_whileItsHandshakeEnds_isCountedOnce() {
    SessionConfig.Total total = new SessionConfig.Total(2, 1, 1 << 20, 1 << 20);
    SourceLimits limits =
        new SourceLimits(Lab.config(perSource(9, 9, 0)).withTotal(total), Seeds.random(33));
    AtomicInteger displaced = new AtomicInteger();
    SourceLimits.Place first =
        new SourceLimits.Place(shared(Endpoint.ofIpv4(1, 0)), displaced::incrementAndGet);
    assertThat(limits.admit(first, 0)).isNull();
    SourceLimits.Place second = place(Endpoint.ofIpv4(2, 0));
    assertThat(limits.admit(second, 0)).isNull();
    assertThat(displaced).hasValue(1);
    limits.opened(first);
    assertThat(limits.admit(place(Endpoint.ofIpv4(3, 0)), 0))
        .isEqualTo(SessionCounter.REFUSED_SESSIONS);
    limits.closed(first);
    SourceLimits.Place third = place(Endpoint.ofIpv4(3, 0));
    assertThat(limits.admit(third, 0)).isNull();
    limits.closed(second);
    limits.closed(third);
    assertThat(limits.sourceCount()).isZero();
    assertThat(displaced).hasValue(1);
  }

  /** Returns how many of 1,000 connections outlive as many newcomers as there are places. */
  private static int survivors(int floodSources) {
    int places = 100;
    SessionConfig.Total total = new SessionConfig.Total(1_000, places, 1 << 20, 1 << 20);
    SourceLimits limits =
        new SourceLimits(Lab.config(perSource(1_000, 1_000, 0)).withTotal(total), Seeds.random(32));
    int source = 0;
    for (int i = 0; i < places; i++) {
      connect(limits, 2 + source++ % floodSources);
    }
    int survivors = 0;
    for (int i = 0; i < 1_000; i++) {
      AtomicInteger displaced = new AtomicInteger();
      SourceLimits.Place honest =
          new SourceLimits.Place(shared(Endpoint.ofIpv4(1, 0)), displaced::incrementAndGet);
      assertThat(limits.admit(honest, 0)).isNull();
      for (int j = 0; j < places; j++) {
        connect(limits, 2 + source++ % floodSources);
      }
      survivors += displaced.get() == 0 ? 1 : 0;
      limits.closed(honest);
    }
    return survivors;
  }

  /** Takes a place until it is displaced. */
  private static void connect(SourceLimits limits, int source) {
    SourceLimits.Place[] self = new SourceLimits.Place[1];
    self[0] =
        new SourceLimits.Place(shared(Endpoint.ofIpv4(source, 0)), () -> limits.closed(self[0]));
    assertThat(limits.admit(self[0], 0)).isNull();
  }

  @Test
  void displaced_floodFromFewSources_displacesItself() {
    assertThat(survivors(20)).isGreaterThan(995);
  }

  @Test
  void displaced_floodFromMoreSourcesThanPlaces_leavesItToChance() {
    // (1 - 1/100)^100 is 0.37.
    assertThat(survivors(100_000)).isBetween(300, 440);
  }

  private static SourceLimits limits(SessionConfig.PerSource perSource) {
    return new SourceLimits(Lab.config(perSource), Seeds.random(31));
  }

  private static SourceLimits.Source shared(Endpoint address) {
    return new SourceLimits.Source(address, true);
  }

  private static SourceLimits.Place place(Endpoint source) {
    return new SourceLimits.Place(shared(source), () -> {});
  }
}
