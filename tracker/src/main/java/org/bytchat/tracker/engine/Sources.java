package org.bytchat.tracker.engine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.dht.keyspace.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of one source have under way and write, all of them together: without it a few
 * addresses could take all requests, or fill the disk with mailboxes of users whom they make up.
 */
final class Sources {

  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private final Desk desk;

  /** The least recently used first. */
  private final Map<Endpoint, Source> sources = new LinkedHashMap<>(16, 0.75f, true);

  /** A source. */
  static final class Source {

    private final TrackerConfig.@Nullable Sources limits;
    private final Pace mailboxes;
    private final Pace bytes;
    private final Pace acknowledged;

    /** How many of its requests are not answered yet, but for fetches that wait. */
    int underWayCount;

    private Source(TrackerConfig.@Nullable Sources limits) {
      this.limits = limits;
      this.mailboxes = new Pace(limits == null ? 1 : limits.mailboxesPerHour(), HOUR_NANOS);
      this.bytes = new Pace(limits == null ? 1 : limits.bytesPerHour(), HOUR_NANOS);
      this.acknowledged = new Pace(limits == null ? 1 : limits.bytesPerHour(), HOUR_NANOS);
    }

    /** Makes one that has no limits. */
    static Source unlimited() {
      return new Source(null);
    }

    boolean mayAsk() {
      return limits == null || underWayCount < limits.requestsMax();
    }

    /** Tells whether it may have something written now. */
    boolean mayWrite(long nowNanos) {
      return limits == null || bytes.isReady(nowNanos);
    }

    /** Tells whether it may have an acknowledgement written now. */
    boolean mayAcknowledge(long nowNanos) {
      return limits == null || acknowledged.isReady(nowNanos);
    }

    /** Notes an acknowledgement that was written for it. */
    void chargeAcknowledgement(long count, long nowNanos) {
      acknowledged.charge(count, nowNanos);
    }

    /** Tells whether it may begin a mailbox now. */
    boolean mayBegin(long nowNanos) {
      return limits == null || mailboxes.isReady(nowNanos);
    }

    /** Notes what was written for it. */
    void chargeBytes(long count, long nowNanos) {
      bytes.charge(count, nowNanos);
    }

    /** Notes a mailbox that began for it. */
    void chargeMailbox(long nowNanos) {
      mailboxes.charge(1, nowNanos);
    }
  }

  Sources(Desk desk) {
    this.desk = desk;
  }

  /** Returns that of an address, one without limits for none. */
  Source of(@Nullable Endpoint address) {
    if (address == null) {
      return Source.unlimited();
    }
    Source source = sources.computeIfAbsent(address, unused -> new Source(desk.config.sources()));
    if (sources.size() > desk.config.sources().tracked()) {
      // Its sessions keep what they know of it; the next one begins anew.
      Iterator<Source> eldest = sources.values().iterator();
      eldest.next();
      eldest.remove();
    }
    return source;
  }
}
