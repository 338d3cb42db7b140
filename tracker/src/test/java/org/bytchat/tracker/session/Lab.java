package org.bytchat.tracker.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Keys;

/** A node's server, which echoes, and a client, on loopback. */
final class Lab implements AutoCloseable {

  static final int NETWORK = Keys.networkId("session-test");
  static final byte[] NO_INTRODUCTION = {};

  /** For clients that have no session with anybody. */
  static final NodeIdentity NODE = NodeIdentity.of(Ed25519Scheme.INSTANCE, seed(1));

  final Recorder recorder = new Recorder(true);
  final SessionServer server;
  final SessionClient client;
  private final List<RawPeer> opened = new ArrayList<>();

  Lab() {
    this(config());
  }

  Lab(SessionConfig config) {
    this(config, Clock.systemUTC());
  }

  Lab(SessionConfig config, Clock serverClock) {
    try {
      server =
          SessionServer.bind(
              new SessionRuntime("test-server", config, NETWORK, serverClock),
              NODE,
              List.of(new InetSocketAddress(loopback(1), 0)),
              recorder);
    } catch (IOException e) {
      throw new AssertionError("loopback can be bound", e);
    }
    client = new SessionClient(config, NETWORK);
  }

  /** Limits that one host does not reach, and times that no test waits for. */
  static SessionConfig config() {
    return SessionConfig.defaults()
        .withPerSource(
            new SessionConfig.PerSource(Scope.LOCAL, 64, 16, 20, 64, 1_000, 2_000, 1_024));
  }

  static SessionConfig config(SessionConfig.PerSource perSource) {
    return config().withPerSource(perSource);
  }

  /** Times of which one is short. */
  static SessionConfig.Times times(String which, int millis) {
    Duration small = Duration.ofMillis(millis);
    Duration large = Duration.ofMinutes(2);
    return new SessionConfig.Times(
        which.equals("handshake") ? small : large,
        which.equals("frame") ? small : large,
        which.equals("idle") ? small : large.multipliedBy(2),
        which.equals("keepAlive") ? small : which.equals("idle") ? small.dividedBy(2) : large,
        which.equals("slowReader") ? small : large);
  }

  static byte[] seed(int number) {
    byte[] seed = new byte[32];
    seed[0] = (byte) number;
    return seed;
  }

  static InetAddress loopback(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError("4 bytes are an address", e);
    }
  }

  static ConditionFactory await() {
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(30));
  }

  InetSocketAddress address() {
    return server.addresses().get(0);
  }

  /** Opens a session of the library. */
  Session connect(SessionListener listener) throws Exception {
    return client
        .connect(address(), NODE.id(), NO_INTRODUCTION, listener)
        .get(30, TimeUnit.SECONDS);
  }

  /** Opens a session from another address of this host. */
  Session connectFrom(int last, SessionListener listener) throws Exception {
    SessionClient.Route route =
        new SessionClient.Route(address(), new InetSocketAddress(loopback(last), 0));
    return client.connect(route, NODE.id(), NO_INTRODUCTION, listener).get(30, TimeUnit.SECONDS);
  }

  /** Connects a peer that does as the test says. */
  RawPeer raw() {
    RawPeer peer = new RawPeer(address(), 1);
    opened.add(peer);
    return peer;
  }

  long count(SessionCounter counter) {
    return server.stats().count(counter);
  }

  void awaitCount(SessionCounter counter, long atLeast) {
    await()
        .untilAsserted(
            () ->
                org.assertj.core.api.Assertions.assertThat(count(counter))
                    .as(counter.name())
                    .isGreaterThanOrEqualTo(atLeast));
  }

  @Override
  public void close() {
    opened.forEach(RawPeer::close);
    client.close();
    server.close();
  }
}
