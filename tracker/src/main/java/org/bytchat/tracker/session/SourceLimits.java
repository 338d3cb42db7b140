package org.bytchat.tracker.session;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
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

  /** How many half-open connections are drawn, of which one gives way. */
  private static final int DRAWS = 4;

  private final SessionConfig.Total total;
  private final SessionConfig.PerSource perSource;
  private final Map<Endpoint, Counts> sources = new HashMap<>();

  /** For each source the time at which it would have used up what it is allowed (ITU-T I.371). */
  private final Map<Endpoint, Long> busyUntilNanos;

  private final RandomGenerator random;
  private final List<Place> halfOpen = new ArrayList<>();
  private int connections;

  /** What a connection takes; its counts are guarded by the limits that admitted it. */
  static final class Place {

    private static final int NONE = -1;

    private final Endpoint source;
    private final Runnable whenDisplaced;

    /** Where it is among the half-open ones, or {@link #NONE}. */
    private int index = NONE;

    /**
     * Makes a place that is not taken yet.
     *
     * @param whenDisplaced ends the connection; called by any thread, maybe when its handshake is
     *     complete already
     */
    Place(Endpoint source, Runnable whenDisplaced) {
      this.source = source;
      this.whenDisplaced = whenDisplaced;
    }
  }

  private static final class Counts {
    int connections;
    int halfOpen;
  }

  SourceLimits(SessionConfig config, RandomGenerator random) {
    this.random = random;
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

  /**
   * Counts a new connection, or returns the limit that refuses it. If all half-open places are
   * taken another connection is displaced: who holds them must not keep others out.
   */
  @Nullable SessionCounter admit(Place place, long nowNanos) {
    Place displaced = null;
    synchronized (this) {
      SessionCounter refusal = refusal(place.source, nowNanos);
      if (refusal != null) {
        return refusal;
      }
      if (halfOpen.size() >= total.halfOpen()) {
        displaced = choose();
        leave(displaced);
      }
      Counts counts = sources.computeIfAbsent(place.source, unused -> new Counts());
      counts.connections++;
      counts.halfOpen++;
      connections++;
      place.index = halfOpen.size();
      halfOpen.add(place);
    }
    if (displaced != null) {
      displaced.whenDisplaced.run();
    }
    return null;
  }

  private @Nullable SessionCounter refusal(Endpoint source, long nowNanos) {
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
    return connections >= total.sessions() ? SessionCounter.REFUSED_SESSIONS : null;
  }

  /**
   * Chooses who gives way: of some drawn at random, the one whose source has the most (Ricciulli,
   * Lincoln and Kakkar, "TCP SYN Flooding Defense", 1999, for random drop; Mitzenmacher, "The Power
   * of Two Choices", 2001, for the comparison).
   *
   * <p>Not the oldest: who connects as often as there are places within the time of one handshake
   * would keep everybody out for certain, where chance still lets some in. The comparison makes a
   * flood from fewer sources than places displace itself.
   */
  private Place choose() {
    Place chosen = halfOpen.get(random.nextInt(halfOpen.size()));
    for (int i = 1; i < DRAWS; i++) {
      Place other = halfOpen.get(random.nextInt(halfOpen.size()));
      if (halfOpenOf(other.source) > halfOpenOf(chosen.source)) {
        chosen = other;
      }
    }
    return chosen;
  }

  private int halfOpenOf(Endpoint source) {
    Counts counts = sources.get(source);
    return counts == null ? 0 : counts.halfOpen;
  }

  /** Gives up a half-open place; the last one moves to where it was. */
  private void leave(Place place) {
    if (place.index == Place.NONE) {
      // It was displaced while its handshake came to its end.
      return;
    }
    Place last = halfOpen.remove(halfOpen.size() - 1);
    if (last != place) {
      halfOpen.set(place.index, last);
      last.index = place.index;
    }
    place.index = Place.NONE;
    Counts counts = sources.get(place.source);
    if (counts != null) {
      counts.halfOpen--;
    }
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
  synchronized void opened(Place place) {
    leave(place);
  }

  /** An admitted connection ended. */
  synchronized void closed(Place place) {
    leave(place);
    connections--;
    Counts counts = sources.get(place.source);
    if (counts != null && --counts.connections == 0) {
      sources.remove(place.source);
    }
  }

  synchronized int sourceCount() {
    return sources.size();
  }
}
