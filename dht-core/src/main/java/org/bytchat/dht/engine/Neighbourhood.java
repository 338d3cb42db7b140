package org.bytchat.dht.engine;

import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;

/**
 * The nodes nearest to the own id, put together from several lookups of it: a newcomer has one for
 * each host that answers. Through a hostile host it finds none but that host's friends; these are
 * farther away than the true neighbours, which it finds through an honest one.
 */
final class Neighbourhood {

  /** So long the first result waits for those of slower hosts, and for lookups that are stalled. */
  private static final long WAIT_NANOS = 2_000_000_000L;

  /** For so long no host is asked again, as lookups may only be slow. */
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  /** Tells it from those of earlier attempts to join. */
  final long number;

  private final NodeId own;
  private final int most;
  private final long startNanos;
  private final List<Contact> nearest = new ArrayList<>();
  private long firstNanos;
  private int hosts;
  private int lookups;

  Neighbourhood(long number, NodeId own, int most, long nowNanos) {
    this.number = number;
    this.own = own;
    this.most = most;
    this.startNanos = nowNanos;
  }

  void onHostAsked() {
    hosts++;
  }

  /** A host answered, or failed. */
  void onHostEnded() {
    hosts--;
  }

  void onLookupStarted() {
    lookups++;
  }

  void onLookupEnded(List<Contact> found, long nowNanos) {
    lookups--;
    firstNanos = nearest.isEmpty() ? nowNanos : firstNanos;
    for (Contact contact : found) {
      if (!nearest.contains(contact)) {
        nearest.add(contact);
      }
    }
    nearest.sort((a, b) -> own.compareDistance(a.id(), b.id()));
    if (nearest.size() > most) {
      nearest.subList(most, nearest.size()).clear();
    }
  }

  /** Tells whether nothing more comes of it. */
  boolean isOver() {
    return hosts == 0 && lookups == 0;
  }

  /** Tells whether what is known has to do: it is all, or the first result waited long enough. */
  boolean isRipe(long nowNanos) {
    return !nearest.isEmpty() && (isOver() || nowNanos - ripeNanos() >= 0);
  }

  /** Returns when what is known has to do; meaningful if anything is. */
  long ripeNanos() {
    return firstNanos + WAIT_NANOS;
  }

  /** Tells whether there is more to come than answers of silent hosts. */
  boolean isBusy(long nowNanos) {
    return (lookups > 0 || !nearest.isEmpty()) && nowNanos - startNanos < PATIENCE_NANOS;
  }

  /** Returns the nearest, in order. */
  List<Contact> nearest() {
    return nearest;
  }
}
