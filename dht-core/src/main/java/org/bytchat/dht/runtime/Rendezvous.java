package org.bytchat.dht.runtime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Finds nodes of a network through Mainline's DHT, where all of them announce themselves as peers
 * of one infohash, and announces this node there.
 *
 * <p>Whoever likes can announce anything there: of what is found no more than {@value #FOUND_MAX}
 * addresses are kept, one of each /24 (IPv6: /48), and each is only asked what any bootstrap host
 * is asked. Belongs to the node's loop, but for {@link #found}.
 */
public final class Rendezvous {

  /** The first byte of all messages of Mainline's dialect, and of none of ours. */
  static final byte MARK = 'd';

  /** How many addresses are kept. */
  static final int FOUND_MAX = 64;

  private static final long SECOND_NANOS = 1_000_000_000;

  /** Others forget an announcement after half an hour. */
  private static final long REPEAT_NANOS = 900 * SECOND_NANOS;

  /** While the node knows nobody, the pauses grow from this one. */
  private static final long PAUSE_NANOS = 15 * SECOND_NANOS;

  private final NodeId infohash;
  private final boolean announces;
  private final int port;
  private final Random random;

  private volatile List<Endpoint> found = List.of();

  /** No search before the node of Mainline's dialect has joined. */
  private long nextNanos = Long.MAX_VALUE;

  /** The search under way, -1 for none. */
  private long search = -1;

  private long pauseNanos = PAUSE_NANOS;

  /** Whether the own node is to try what was found at once. */
  private boolean isNews;

  /**
   * What a search came to.
   *
   * @param found addresses that may be nodes of the network
   * @param announcedTo nodes of Mainline's DHT that took the announcement
   */
  public record Outcome(int found, int announcedTo) {}

  Rendezvous(DhtConfig config, int port, Random random) {
    this.infohash = infohash(config.network());
    this.announces = !config.readOnly();
    this.port = port;
    this.random = random;
  }

  /** Returns where the nodes of a network announce themselves: SHA-1("bytchat" ‖ name). */
  static NodeId infohash(String network) {
    return Keys.sha1(
        "bytchat".getBytes(StandardCharsets.US_ASCII), network.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns what was found last, in random order; from any thread. */
  List<Endpoint> found() {
    List<Endpoint> shuffled = new ArrayList<>(found);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }

  /** Returns when {@link #step} is to be called at the latest. */
  long nextNanos() {
    if (isNews) {
      return Long.MIN_VALUE;
    }
    return search < 0 ? nextNanos : Long.MAX_VALUE;
  }

  /** Searches when it is time for it, and has the own node try what is new. */
  void step(NodeEngine own, NodeEngine mainline, long nowNanos) {
    if (isNews) {
      isNews = false;
      if (own.contacts().isEmpty()) {
        own.handleNetworkChange(nowNanos);
      }
    }
    if (search < 0 && nowNanos >= nextNanos) {
      search =
          announces
              ? mainline.mainline().announce(infohash, port, true, nowNanos)
              : mainline.mainline().findPeers(infohash, nowNanos);
      boolean isAlone = own.contacts().isEmpty();
      pauseNanos = isAlone ? Math.min(2 * pauseNanos, REPEAT_NANOS) : REPEAT_NANOS;
      nextNanos = nowNanos + pauseNanos - (long) (random.nextDouble() * pauseNanos / 4);
    }
  }

  /** The own node lost all whom it knew: others are looked for soon. */
  void onAlone(long nowNanos) {
    pauseNanos = PAUSE_NANOS;
    nextNanos = Math.min(nextNanos, nowNanos + PAUSE_NANOS);
  }

  /** Takes an event of the node of Mainline's dialect; returns what came of a search it ends. */
  @Nullable Outcome onEvent(EngineEvent event, long nowNanos) {
    if (event instanceof EngineEvent.Joined) {
      nextNanos = nowNanos;
    }
    if (!(event instanceof EngineEvent.PeersFound ended) || ended.id() != search) {
      return null;
    }
    search = -1;
    Map<Long, Endpoint> bySubnet = new LinkedHashMap<>();
    ended.peers().forEach(peer -> bySubnet.putIfAbsent(peer.subnet(), peer));
    List<Endpoint> kept = bySubnet.values().stream().limit(FOUND_MAX).toList();
    isNews = !kept.isEmpty();
    found = kept.isEmpty() ? found : kept;
    PutResult announced = ended.announced();
    return new Outcome(kept.size(), announced == null ? 0 : announced.stored());
  }
}
