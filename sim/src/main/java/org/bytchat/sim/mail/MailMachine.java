package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.lookup.LookupId;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Services;
import org.bytchat.sim.kernel.Resident;
import org.bytchat.sim.kernel.SimNode;
import org.bytchat.sim.kernel.World;
import org.jspecify.annotations.Nullable;

/**
 * A machine as mail sees it: its streams, its timers, what it asks of its node, and what runs on
 * it. All of it is done by the thread that handles the machine's events.
 */
final class MailMachine implements Resident {

  private static final long NANOS = 1_000;

  /** What the node is asked for waits so long for an event of its own. */
  private static final long SOON_MICROS = 1;

  /** A node with too many lookups is asked again after so long. */
  private static final long BUSY_MICROS = 1_000_000;

  private static final int LOOKUP_TRIES = 60;

  private final MailWorld world;
  private final SimNode self;
  private final Map<Long, Consumer<List<Contact>>> lookups = new HashMap<>();
  private final Map<Long, Consumer<byte @Nullable []>> queries = new HashMap<>();
  final Streams streams;
  final MailLog log = new MailLog();
  private @Nullable TrackerRole tracker;

  /** Of the event that is being handled. */
  private World.@Nullable Control control;

  MailMachine(MailWorld world, SimNode self) {
    this.world = world;
    this.self = self;
    this.streams = new Streams(this, world.links(), world.codec());
  }

  void serve(TrackerRole role) {
    tracker = role;
  }

  @Nullable TrackerRole tracker() {
    return tracker;
  }

  // Where and when.

  int index() {
    return self.index();
  }

  long seed() {
    return world.seed();
  }

  MailWorld world() {
    return world;
  }

  SimNode node() {
    return self;
  }

  private World.Control control() {
    World.Control now = control;
    if (now == null) {
      throw new IllegalStateException("nothing happens at machine " + self.index());
    }
    return now;
  }

  long nowMicros() {
    return control().nowMicros();
  }

  long nowNanos() {
    return nowMicros() * NANOS;
  }

  long wallMillis() {
    return world.wallMillis(self.index(), nowMicros());
  }

  /** Has something done in the course of an event. */
  void during(World.Control at, Runnable action) {
    World.Control outer = control;
    control = at;
    try {
      action.run();
    } finally {
      control = outer;
    }
  }

  /** Has something done after a time, unless the machine's life ends before. */
  void later(long micros, Runnable action) {
    int life = self.life();
    control()
        .again(
            self,
            nowMicros() + Math.max(1, micros),
            (node, at) -> {
              if (node.isUp() && node.life() == life) {
                during(at, action);
              }
            });
  }

  void carry(int to, long atMicros, Frame frame) {
    int from = self.index();
    control().carry(self, to, atMicros, (node, at) -> world.machine(to).arrive(frame, from, at));
  }

  private void arrive(Frame frame, int from, World.Control at) {
    // Nobody hears what comes to a machine that is not there.
    if (self.isUp()) {
      at.note(self, (long) from << 8 | frame.getClass().getSimpleName().length());
      TrackerRole role = tracker;
      during(at, () -> streams.arrive(frame, role != null && role.isUp() ? role : null));
    }
  }

  // Lives.

  void start(World.Control at) {
    TrackerRole role = tracker;
    if (role != null) {
      during(at, role::start);
    }
  }

  /** Ends a life; the node is still up. */
  void stop(World.Control at, boolean isInOrder) {
    during(at, () -> streams.end(isInOrder));
    lookups.clear();
    queries.clear();
    TrackerRole role = tracker;
    if (role != null) {
      role.stop();
    }
  }

  // What is asked of the node.

  /** Looks for the trackers closest to a mailbox; none are found if it fails. */
  void lookUp(NodeId mailbox, Consumer<List<Contact>> found) {
    later(SOON_MICROS, () -> lookUp(mailbox, found, LOOKUP_TRIES));
  }

  private void lookUp(NodeId mailbox, Consumer<List<Contact>> found, int tries) {
    LookupId id =
        self.engine().startLookup(mailbox, AddressFamily.IPV4, Services.TRACKER, nowNanos());
    if (id != null) {
      lookups.put(id.value(), found);
    } else if (tries > 0) {
      later(BUSY_MICROS, () -> lookUp(mailbox, found, tries - 1));
    } else {
      found.accept(List.of());
    }
  }

  /** Asks a tracker over UDP; the answer is null if there is none. */
  void ask(
      Contact tracker,
      Method method,
      NodeId key,
      byte[] payload,
      Consumer<byte @Nullable []> then) {
    later(
        SOON_MICROS,
        () ->
            queries.put(
                self.engine().startServiceQuery(tracker, method, key, payload, nowNanos()), then));
  }

  @Override
  public boolean takes(SimNode node, Effect effect, World.Control at) {
    TrackerRole role = tracker;
    if (!(effect instanceof Effect.Serve serve) || role == null || !role.isUp()) {
      return false;
    }
    during(
        at,
        () ->
            role.serve(
                serve,
                answer ->
                    later(
                        world.effectMicros(),
                        () ->
                            node.engine()
                                .handleEffect(serve.id(), new Effect.Served(answer), nowNanos()))));
    return true;
  }

  @Override
  public void onEvent(SimNode node, EngineEvent event, World.Control at) {
    if (event instanceof EngineEvent.LookupFinished finished) {
      Consumer<List<Contact>> waiting = lookups.remove(finished.id().value());
      if (waiting != null) {
        List<Contact> closest = new ArrayList<>(finished.result().closest());
        during(at, () -> waiting.accept(closest));
      }
    } else if (event instanceof EngineEvent.ServiceAnswered answered) {
      Consumer<byte @Nullable []> waiting = queries.remove(answered.reference());
      if (waiting != null) {
        during(at, () -> waiting.accept(answered.payload()));
      }
    } else if (event instanceof EngineEvent.ServiceFailed failed) {
      Consumer<byte @Nullable []> waiting = queries.remove(failed.reference());
      if (waiting != null) {
        during(at, () -> waiting.accept(null));
      }
    }
  }

  /** Calls an engine when its deadline has come. */
  static final class Alarm {

    private final MailMachine machine;
    private final Runnable action;
    private long plannedMicros = Long.MAX_VALUE;

    Alarm(MailMachine machine, Runnable action) {
      this.machine = machine;
      this.action = action;
    }

    /** Has it ring at a time, if it would ring later otherwise. */
    void atNanos(long nanos) {
      if (nanos == Long.MAX_VALUE) {
        return;
      }
      long now = machine.nowMicros();
      long at = Math.max(now + 1, Math.floorDiv(nanos + NANOS - 1, NANOS));
      if (at < plannedMicros) {
        plannedMicros = at;
        machine.later(at - now, this::ring);
      }
    }

    private void ring() {
      // One that was planned before an earlier one rings in vain.
      if (machine.nowMicros() == plannedMicros) {
        plannedMicros = Long.MAX_VALUE;
        action.run();
      }
    }
  }
}
