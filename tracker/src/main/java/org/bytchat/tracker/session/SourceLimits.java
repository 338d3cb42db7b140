package org.bytchat.tracker.session;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.config.Scope;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect: the checks before anything is read, let alone computed.
 *
 * <p>Safe for use by several threads.
 */
final class SourceLimits {

  private static final long SECOND_NANOS = 1_000_000_000;

  private final SessionConfig.Total total;
  private final SessionConfig.PerSource perSource;
  private final Map<Endpoint, Counts> sources = new HashMap<>();

  /** For each source the time at which it would have used up what it is allowed (ITU-T I.371). */
  private final Map<Endpoint, Long> busyUntilNanos;

  private int connections;
  private int halfOpen;

  private static final class Counts {
    int connections;
    int halfOpen;
  }

  SourceLimits(SessionConfig config) {
    this.total = config.total();
    this.perSource = config.perSource();
    int tracked = perSource.tracked();
    this.busyUntilNanos =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Endpoint, Long> eldest) {
            return size() > tracked;
          }
        };
  }

  /** Returns what stands for a source: its IPv4 address, its IPv6 /64, or all of a local one. */
  Endpoint sourceOf(InetSocketAddress remote) {
    Endpoint endpoint = Endpoint.of(remote.getAddress().getAddress(), remote.getPort());
    if (perSource.scope() == Scope.LOCAL && endpoint.isLocal()) {
      return endpoint;
    }
    return endpoint.family() == AddressFamily.IPV4
        ? endpoint.withPort(0)
        : Endpoint.ofIpv6(endpoint.addressHigh(), 0, 0);
  }

  /** Counts a new connection, or returns the limit that refuses it. */
  synchronized @Nullable SessionCounter admit(Endpoint source, long nowNanos) {
    // The rate first: a source that is refused for other reasons uses it up nevertheless.
    if (!withinRate(source, nowNanos)) {
      return SessionCounter.REFUSED_SOURCE_RATE;
    }
    Counts counts = sources.get(source);
    if (counts != null && counts.halfOpen >= perSource.halfOpen()) {
      return SessionCounter.REFUSED_SOURCE_HALF_OPEN;
    }
    if (counts != null && counts.connections >= perSource.sessions()) {
      return SessionCounter.REFUSED_SOURCE_SESSIONS;
    }
    if (halfOpen >= total.halfOpen()) {
      return SessionCounter.REFUSED_HALF_OPEN;
    }
    if (connections >= total.sessions()) {
      return SessionCounter.REFUSED_SESSIONS;
    }
    if (counts == null) {
      counts = new Counts();
      sources.put(source, counts);
    }
    counts.connections++;
    counts.halfOpen++;
    connections++;
    halfOpen++;
    return null;
  }

  private boolean withinRate(Endpoint source, long nowNanos) {
    if (perSource.connectsPerSecond() == 0) {
      return true;
    }
    long interval = SECOND_NANOS / perSource.connectsPerSecond();
    Long busy = busyUntilNanos.get(source);
    long until = (busy == null || busy - nowNanos < 0 ? nowNanos : busy) + interval;
    if (until - nowNanos > interval * perSource.connectsBurst()) {
      return false;
    }
    busyUntilNanos.put(source, until);
    return true;
  }

  /** The handshake of an admitted connection is complete. */
  synchronized void opened(Endpoint source) {
    Counts counts = sources.get(source);
    if (counts != null) {
      counts.halfOpen--;
    }
    halfOpen--;
  }

  /** An admitted connection ended. */
  synchronized void closed(Endpoint source, boolean wasOpen) {
    if (!wasOpen) {
      opened(source);
    }
    connections--;
    Counts counts = sources.get(source);
    if (counts != null && --counts.connections == 0) {
      sources.remove(source);
    }
  }

  synchronized int sourceCount() {
    return sources.size();
  }
}
