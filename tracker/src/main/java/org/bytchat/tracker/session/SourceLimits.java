package org.bytchat.tracker.session;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
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

  /** How fast sources may go; those of the least recently used are forgotten. */
  private final Map<Endpoint, Rates> rates;

  private final RandomGenerator random;
  private final List<Place> halfOpen = new ArrayList<>();
  private int connections;

  /** What a connection takes; its counts are guarded by the limits that admitted it. */
  static final class Place {

    private static final int NONE = -1;

    private final Source source;
    private final Runnable whenDisplaced;
    private @Nullable Rates rates;

    /** Where it is among the half-open ones, or {@link #NONE}. */
    private int index = NONE;

    /**
     * Makes a place that is not taken yet.
     *
     * @param whenDisplaced ends the connection; called by any thread, maybe when its handshake is
     *     complete already
     */
    Place(Source source, Runnable whenDisplaced) {
      this.source = source;
      this.whenDisplaced = whenDisplaced;
    }

    /** Returns what stands for its source, null if that has no limits of its own. */
    @Nullable Endpoint limitedAddress() {
      return source.isShared ? source.address : null;
    }
  }

  /**
   * A source.
   *
   * @param address what stands for it
   * @param isShared whether several connections can be of it, so that it is limited as a whole
   */
  record Source(Endpoint address, boolean isShared) {}

  /** The times at which a source would have used up what it is allowed (ITU-T I.371). */
  private static final class Rates {

    /** Null before the first connection; guarded by the limits. */
    private @Nullable Long connectsUntilNanos;

    /** Null before the first frame. */
    private final AtomicReference<@Nullable Long> framesUntilNanos = new AtomicReference<>();
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
    this.rates =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Endpoint, Rates> eldest) {
            return size() > tracked;
          }
        };
  }

  /** Returns what stands for a source: its IPv4 address, its IPv6 /64, or all of a local one. */
  Source sourceOf(InetSocketAddress remote) {
    Endpoint endpoint = Endpoint.of(remote.getAddress().getAddress(), remote.getPort());
    if (perSource.scope() == Scope.LOCAL && endpoint.isLocal()) {
      return new Source(endpoint, false);
    }
    Endpoint address =
        endpoint.family() == AddressFamily.IPV4
            ? endpoint.withPort(0)
            : Endpoint.ofIpv6(endpoint.addressHigh(), 0, 0);
    return new Source(address, true);
  }

  /**
   * Counts a new connection, or returns the limit that refuses it. If all half-open places are
   * taken another connection is displaced: who holds them must not keep others out.
   */
  @Nullable SessionCounter admit(Place place, long nowNanos) {
    Place displaced = null;
    synchronized (this) {
      SessionCounter refusal = refusal(place.source.address, nowNanos);
      if (refusal != null) {
        return refusal;
      }
      if (halfOpen.size() >= total.halfOpen()) {
        displaced = choose();
        leave(displaced);
      }
      place.rates = ratesOf(place.source.address);
      Counts counts = sources.computeIfAbsent(place.source.address, unused -> new Counts());
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

  private Rates ratesOf(Endpoint source) {
    return rates.computeIfAbsent(source, unused -> new Rates());
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
      if (halfOpenOf(other.source.address) > halfOpenOf(chosen.source.address)) {
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
    Counts counts = sources.get(place.source.address);
    if (counts != null) {
      counts.halfOpen--;
    }
  }

  private boolean withinRate(Endpoint source, long nowNanos) {
    if (perSource.connectsPerSecond() == 0) {
      return true;
    }
    long interval = SECOND_NANOS / perSource.connectsPerSecond();
    Rates known = ratesOf(source);
    Long busy = known.connectsUntilNanos;
    long until = (busy == null || busy - nowNanos < 0 ? nowNanos : busy) + interval;
    if (until - nowNanos > interval * perSource.connectsBurst()) {
      return false;
    }
    known.connectsUntilNanos = until;
    return true;
  }

  /**
   * Counts a frame of an admitted connection.
   *
   * @return how long nothing is to be read of it, in nanoseconds; 0 if its source may go on
   */
  long countFrame(Place place, long nowNanos) {
    Rates known = place.rates;
    if (known == null || !place.source.isShared || perSource.framesPerSecond() == 0) {
      return 0;
    }
    long interval = SECOND_NANOS / perSource.framesPerSecond();
    Long until =
        known.framesUntilNanos.updateAndGet(
            busy -> (busy == null || busy - nowNanos < 0 ? nowNanos : busy) + interval);
    return until == null ? 0 : Math.max(0, until - nowNanos - interval * perSource.framesBurst());
  }

  /** The handshake of an admitted connection is complete. */
  synchronized void opened(Place place) {
    leave(place);
  }

  /** An admitted connection ended. */
  synchronized void closed(Place place) {
    leave(place);
    connections--;
    Counts counts = sources.get(place.source.address);
    if (counts != null && --counts.connections == 0) {
      sources.remove(place.source.address);
    }
  }

  synchronized int sourceCount() {
    return sources.size();
  }
}
