package org.bytchat.sim.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupResult;
import org.bytchat.dht.store.MutableRecord;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.network.Directory;
import org.bytchat.sim.report.LogHistogram;
import org.bytchat.sim.report.LookupLog;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of one thread tell: adds up lookups, and hands on what became of records. Sums of
 * whole numbers only, so that they do not depend on the number of threads.
 */
final class Recorder implements World.Observer {

  static final List<String> LOOKUP_COLUMNS =
      List.of(
          "time_s",
          "node",
          "target",
          "latency_ms",
          "depth",
          "rounds",
          "requests",
          "responses",
          "failures",
          "found",
          "expected",
          "closest_found");

  /** Those who came less than so long ago, or went, need not be found. */
  private static final long NEW_MICROS = 60 * Plan.SECOND;

  private static final long UNKNOWN = -1;

  private final Setting setting;
  private final Map<Key, Begun> begun = new HashMap<>();
  private final Map<Publishing, Long> publications = new HashMap<>();
  private final @Nullable Watch watch;
  private long checked;

  final Totals totals = new Totals();

  /** Latencies since the last boundary. */
  final LogHistogram recent = new LogHistogram();

  final LookupLog log;

  /** What became of records since the last boundary, in the order of this thread. */
  List<RecordBook.Entry> records = new ArrayList<>();

  /**
   * What all recorders of a run share.
   *
   * @param directory who there is
   * @param bucketSize how many nodes a lookup finds
   * @param seed the run's
   * @param logRows how many lookups are kept
   * @param measureFromMicros what begins before it does not count
   * @param watch what is watched in small runs, otherwise null
   * @param invariants what is checked now and then
   */
  record Setting(
      Directory directory,
      int bucketSize,
      long seed,
      int logRows,
      long measureFromMicros,
      Watch.@Nullable Rules watch,
      Invariants invariants) {}

  private record Publishing(int node, int life, int record) {}

  private record Key(int node, int life, Op.Kind kind, long id) {}

  private record Begun(Op op, long number, long atMicros) {

    /** The same, done once and begun again now. */
    Begun again(long nowMicros) {
      return new Begun(op, number, nowMicros);
    }
  }

  /** What is counted. */
  static final class Totals {
    long joins;
    long outages;
    long lookups;
    long successes;
    long exact;
    long foundContacts;
    long expectedContacts;
    long requests;
    long responses;
    long failures;
    long refusedOps;
    long finalLookups;
    long finalSuccesses;
    final LogHistogram latency = new LogHistogram();
    final LogHistogram depth = new LogHistogram();
    final LogHistogram rounds = new LogHistogram();
    final LogHistogram requestCounts = new LogHistogram();

    void add(Totals other) {
      joins += other.joins;
      outages += other.outages;
      lookups += other.lookups;
      successes += other.successes;
      exact += other.exact;
      foundContacts += other.foundContacts;
      expectedContacts += other.expectedContacts;
      requests += other.requests;
      responses += other.responses;
      failures += other.failures;
      refusedOps += other.refusedOps;
      finalLookups += other.finalLookups;
      finalSuccesses += other.finalSuccesses;
      latency.add(other.latency);
      depth.add(other.depth);
      rounds.add(other.rounds);
      requestCounts.add(other.requestCounts);
    }
  }

  Recorder(Setting setting) {
    this.setting = setting;
    this.watch = setting.watch == null ? null : new Watch(setting.watch);
    this.log = new LookupLog(LOOKUP_COLUMNS, setting.seed, Math.max(1, setting.logRows));
  }

  /** Notes that a node began something; a negative id says that it refused. */
  void begin(SimNode node, Op op, long number, long id, long nowMicros) {
    if (id < 0) {
      totals.refusedOps++;
      return;
    }
    begun.put(keyOf(node, op.kind(), id), new Begun(op, number, nowMicros));
  }

  /** Notes what a node publishes from now on; a negative id says that it refused. */
  void beginPublication(SimNode node, int record, long id) {
    if (id >= 0) {
      publications.put(new Publishing(node.index(), node.life(), record), id);
    }
  }

  /** Has a node publish a record no longer, if it does. */
  void endPublication(SimNode node, int record) {
    Long id = publications.remove(new Publishing(node.index(), node.life(), record));
    if (id != null) {
      node.engine().records().stopPublishing(id);
    }
  }

  private static Key keyOf(SimNode node, Op.Kind kind, long id) {
    Op.Kind family = kind == Op.Kind.FINAL_LOOKUP ? Op.Kind.LOOKUP : kind;
    return new Key(node.index(), node.life(), family, id);
  }

  /**
   * Returns what began before a time, by nodes that are still up, and has not ended; and all final
   * lookups that have not, since they begin early enough to end.
   */
  List<Op> unfinished(long beforeMicros, List<SimNode> nodes) {
    List<Op> left = new ArrayList<>();
    begun.forEach(
        (key, what) -> {
          SimNode node = nodes.get(key.node);
          boolean isFinal = what.op.kind() == Op.Kind.FINAL_LOOKUP;
          if ((isFinal || what.atMicros < beforeMicros)
              && key.kind != Op.Kind.PUBLISH
              && node.isUp()
              && node.life() == key.life) {
            left.add(what.op);
          }
        });
    left.sort((a, b) -> Long.compare(a.timeMicros(), b.timeMicros()));
    return left;
  }

  @Override
  public void onEvent(SimNode node, EngineEvent event, long nowMicros) {
    if (event instanceof EngineEvent.LookupFinished finished) {
      Begun what = begun.remove(keyOf(node, Op.Kind.LOOKUP, finished.id().value()));
      if (what != null) {
        onLookup(node, what, finished.result(), nowMicros);
      }
    } else if (event instanceof EngineEvent.GetFinished finished) {
      Begun what = begun.remove(keyOf(node, Op.Kind.GET, finished.id()));
      if (what != null) {
        onGet(node, what, finished, nowMicros);
      }
    } else if (event instanceof EngineEvent.PutFinished finished) {
      Begun what = begun.remove(keyOf(node, Op.Kind.PUT, finished.id()));
      if (what != null) {
        onPut(node, what, finished.result(), nowMicros);
      }
    } else if (event instanceof EngineEvent.Published published) {
      Key key = keyOf(node, Op.Kind.PUBLISH, published.id());
      Begun what = begun.get(key);
      PutResult result = published.result();
      if (what != null && result != null) {
        onPut(node, what, result, nowMicros);
        // When it is published again nobody tells that it begins, and its life counts from then.
        begun.put(key, what.again(UNKNOWN));
      }
    } else if (event instanceof EngineEvent.Joined) {
      totals.joins++;
    } else if (event instanceof EngineEvent.OutageBegan) {
      totals.outages++;
    }
  }

  private void onLookup(SimNode node, Begun what, LookupResult result, long nowMicros) {
    long from = Math.max(0, what.atMicros - NEW_MICROS);
    NodeId own = node.engine().id();
    List<Contact> expected =
        setting.directory.closest(result.target(), setting.bucketSize, from, nowMicros, own);
    List<Contact> found = result.closest();
    boolean success = expected.isEmpty() || found.contains(expected.get(0));
    int hits = 0;
    for (Contact contact : expected) {
      hits += found.contains(contact) ? 1 : 0;
    }
    if (what.op.kind() == Op.Kind.FINAL_LOOKUP) {
      totals.finalLookups++;
      totals.finalSuccesses += success ? 1 : 0;
      return;
    }
    if (what.atMicros < setting.measureFromMicros) {
      return;
    }
    totals.lookups++;
    totals.successes += success ? 1 : 0;
    totals.exact += found.equals(expected) ? 1 : 0;
    totals.foundContacts += hits;
    totals.expectedContacts += expected.size();
    totals.requests += result.requests();
    totals.responses += result.responses();
    totals.failures += result.failures();
    long micros = nowMicros - what.atMicros;
    totals.latency.record(micros);
    recent.record(micros);
    totals.depth.record(result.depth());
    totals.rounds.record(result.rounds());
    totals.requestCounts.record(result.requests());
    if (setting.logRows > 0 && log.wants(what.number)) {
      log.add(
          what.number,
          what.atMicros / 1e6,
          node.index(),
          result.target().toString(),
          micros / 1e3,
          result.depth(),
          result.rounds(),
          result.requests(),
          result.responses(),
          result.failures(),
          hits,
          expected.size(),
          success ? 1 : 0);
    } else {
      log.skip();
    }
  }

  private void onGet(SimNode node, Begun what, EngineEvent.GetFinished finished, long nowMicros) {
    MutableRecord record = finished.found();
    records.add(
        new RecordBook.Entry(
            nowMicros, node.index(), what.op, what.atMicros, record, finished.answered(), false));
  }

  private void onPut(SimNode node, Begun what, PutResult result, long nowMicros) {
    records.add(
        new RecordBook.Entry(
            nowMicros,
            node.index(),
            what.op,
            what.atMicros == UNKNOWN ? nowMicros : what.atMicros,
            null,
            result.stored(),
            result.isEnough()));
  }

  @Override
  public void onHandled(SimNode node, long nowMicros) {
    if (watch != null) {
      watch.onHandled(node, nowMicros);
    }
    int every = setting.invariants.every();
    if (every > 0) {
      // By a hash of node and time, so that it does not depend on the number of threads.
      long bits = Mix.combine(nowMicros, node.index());
      if (Long.remainderUnsigned(bits, every) == 0) {
        checked++;
        setting.invariants.check(node);
        if (watch != null) {
          watch.check(node, nowMicros);
        }
      }
    }
  }

  @Override
  public void beforeEcho(SimNode node) {
    if (watch != null) {
      watch.beforeEcho(node);
    }
  }

  @Override
  public void afterEcho(SimNode node) {
    if (watch != null) {
      watch.afterEcho(node);
    }
  }

  /** Returns how often a node was checked. */
  long checks() {
    return checked;
  }

  /** Returns the recorder of a thread. */
  static Recorder of(World.@Nullable Observer observer) {
    if (observer instanceof Recorder recorder) {
      return recorder;
    }
    throw new IllegalStateException("not a recorder: " + observer);
  }
}
