package org.bytchat.sim.run;

import java.util.List;
import org.bytchat.dht.engine.Counter;
import org.bytchat.dht.engine.EngineStats;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.dht.store.StoredItem;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.network.SimWorld;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of a node compared with what it was earlier in the same life. It costs memory
 * for each node, so only small runs are watched. Belongs to one thread.
 */
final class Watch {

  /** The most nodes of a run that is watched. */
  static final int NODES_MAX = 4_096;

  /** The most records whose holders are watched. */
  static final int RECORDS_MAX = 64;

  /** A node that handles more in a second calls itself again and again. */
  private static final int EVENTS_MAX = 20_000;

  /** A request may be given up so much later than its time. */
  private static final long LATE_MICROS = Plan.SECOND;

  private final Rules rules;
  private final @Nullable Past[] pasts;

  /**
   * What all watches of a run share.
   *
   * @param nodes how many nodes there are
   * @param hardTimeoutMicros after which a request has ended
   * @param places where the records lie that are watched
   * @param machines the nodes' clocks
   * @param slackMillis how far an engine's clock may be from its machine's
   */
  record Rules(
      int nodes,
      long hardTimeoutMicros,
      List<NodeId> places,
      SimWorld.Machines machines,
      long slackMillis) {}

  /** What is remembered of a life. */
  private static final class Past {
    final int life;
    final long[] sequences;
    long second;
    int events;
    long requestsAtMicros;
    long requests;
    long answers;

    Past(int life, int records, long nowMicros) {
      this.life = life;
      this.sequences = new long[records];
      this.requestsAtMicros = nowMicros;
    }
  }

  Watch(Rules rules) {
    this.rules = rules;
    this.pasts = new Past[rules.nodes];
  }

  private Past pastOf(SimNode node, long nowMicros) {
    Past past = pasts[node.index()];
    if (past == null || past.life != node.life()) {
      past = new Past(node.life(), rules.places.size(), nowMicros);
      pasts[node.index()] = past;
    }
    return past;
  }

  /** Counts what a node handles. */
  void onHandled(SimNode node, long nowMicros) {
    Past past = pastOf(node, nowMicros);
    long second = nowMicros / Plan.SECOND;
    if (second != past.second) {
      past.second = second;
      past.events = 0;
    }
    past.events++;
    if (past.events > EVENTS_MAX) {
      throw new Invariants.Violation("handled more than " + EVENTS_MAX + " events in a second");
    }
  }

  /** Compares a node with what it was. */
  void check(SimNode node, long nowMicros) {
    Past past = pastOf(node, nowMicros);
    checkRequests(node, past, nowMicros);
    long wallMillis = rules.machines.wallMillis(node.index(), nowMicros);
    for (int i = 0; i < rules.places.size(); i++) {
      StoredItem held = node.engine().records().held(rules.places.get(i), nowMicros * 1000);
      if (held != null) {
        checkRecord(past, i, held, wallMillis);
      }
    }
  }

  private void checkRecord(Past past, int record, StoredItem held, long wallMillis) {
    if (held.expiresMillis() <= wallMillis - rules.slackMillis) {
      throw new Invariants.Violation(
          "gives record %d, which ended %d ms ago by its clock"
              .formatted(record, wallMillis - held.expiresMillis()));
    }
    if (held instanceof MutableRecord mutable) {
      if (mutable.sequence() < past.sequences[record]) {
        throw new Invariants.Violation(
            "held sequence %d of record %d, and now holds %d"
                .formatted(past.sequences[record], record, mutable.sequence()));
      }
      past.sequences[record] = mutable.sequence();
    }
  }

  /** Of all that was under way a hard timeout ago, nothing may be left. */
  private void checkRequests(SimNode node, Past past, long nowMicros) {
    if (nowMicros - past.requestsAtMicros < rules.hardTimeoutMicros + LATE_MICROS) {
      return;
    }
    EngineStats stats = node.engine().stats();
    long sent = stats.count(Counter.REQUESTS);
    long since = sent - past.requests;
    if (stats.requestsUnderWay() > since) {
      throw new Invariants.Violation(
          "%d requests are under way, but only %d were sent since %.3f s"
              .formatted(stats.requestsUnderWay(), since, past.requestsAtMicros / 1e6));
    }
    past.requestsAtMicros = nowMicros;
    past.requests = sent;
  }

  /** Notes how many answers a node has accepted before it is handed one from a wrong address. */
  void beforeEcho(SimNode node) {
    Past past = pasts[node.index()];
    if (past != null && past.life == node.life()) {
      past.answers = answers(node);
    }
  }

  /** Checks that it has not accepted that one. */
  void afterEcho(SimNode node) {
    Past past = pasts[node.index()];
    if (past != null && past.life == node.life()) {
      Invariants.require(
          answers(node) == past.answers, "took an answer that came from a wrong address");
    }
  }

  private static long answers(SimNode node) {
    EngineStats stats = node.engine().stats();
    return stats.count(Counter.RESPONSES) + stats.count(Counter.ERRORS_RECEIVED);
  }
}
