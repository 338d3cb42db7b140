package org.bytchat.sim.mail;

import java.util.function.Consumer;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.wire.Method;
import org.bytchat.sim.model.Mix;
import org.bytchat.sim.scenario.Folder;
import org.bytchat.tracker.engine.TrackerEffect;
import org.bytchat.tracker.engine.TrackerEngine;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;

/** A tracker on a machine: the real engine, in each life of the node, over a disk that stays. */
final class TrackerRole implements Streams.Server {

  private static final long CLOCK_MICROS = 60_000_000;
  private static final int NEIGHBOURS_TICKS = 5;

  /** How long a lookup of a user's record takes. */
  private static final long READ_USER_MICROS = 1_500_000;

  private static final long SYNCS = 2_003;
  private static final long SECRETS = 2_004;
  private static final int SECRET_BYTES = 32;

  private final MailMachine machine;
  private final MailDisk disk;
  private final Custodian custodian;
  private final @Nullable Traitor traitor;
  private final PeerStreams peers;
  private @Nullable TrackerEngine engine;
  private MailMachine.Alarm alarm;
  private long syncs;
  private long ticks;
  private long lastSyncMicros;

  /** What the clock showed when the engine was told the time. */
  private long toldMillis;

  private long toldMicros;

  /** The tracker as it is watched; a clock that is set it knows no sooner than the engine. */
  private final class Watched implements Custodian.Site {

    @Override
    public int index() {
      return machine.index();
    }

    @Override
    public long nowMicros() {
      return machine.nowMicros();
    }

    @Override
    public long wallMillis() {
      return toldMillis + (machine.nowMicros() - toldMicros) / 1_000;
    }
  }

  TrackerRole(MailMachine machine, Traitor.@Nullable Kind kind) {
    this.machine = machine;
    this.custodian = new Custodian(new Watched(), machine.world(), machine.log, kind == null);
    this.disk = new MailDisk(custodian, machine.world().mail().disk().lostCommits());
    this.custodian.watch(disk);
    this.traitor = kind == null ? null : new Traitor(kind, machine, this);
    if (kind == Traitor.Kind.RESURRECT) {
      disk.forgetDeletions();
    }
    this.peers = new PeerStreams(machine);
    this.alarm = new MailMachine.Alarm(machine, this::ring);
  }

  boolean isUp() {
    return engine != null;
  }

  boolean isHonest() {
    return traitor == null;
  }

  /** Tells whether it gives its clients what it has. */
  boolean serves() {
    return traitor == null || traitor.serves();
  }

  MailDisk disk() {
    return disk;
  }

  // Lives.

  void start() {
    long now = machine.nowNanos();
    byte[] secret =
        Bits.bytes(
            Mix.combine(Mix.seed(machine.seed(), SECRETS), machine.index() + now), SECRET_BYTES);
    TrackerEngine made =
        new TrackerEngine(
            machine.world().mail().tracker(),
            machine.world().networkId(),
            machine.world().identity(machine.index()),
            secret,
            this::send);
    tellTime(made);
    ticks = 0;
    engine = made;
    alarm = new MailMachine.Alarm(machine, this::ring);
    lastSyncMicros = 0;
    try {
      made.start(disk.store().stats(), now);
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
    machine.later(CLOCK_MICROS, () -> tick(made));
    pump();
  }

  private void tellTime(TrackerEngine of) {
    toldMillis = machine.wallMillis();
    toldMicros = machine.nowMicros();
    of.adjustClock(toldMillis, machine.nowNanos());
  }

  /** The engine is gone; what becomes of the disk is told apart. */
  void stop() {
    engine = null;
    custodian.onStopped();
    if (traitor != null) {
      traitor.onStopped();
    }
    peers.clear();
  }

  /** What becomes of the disk when the machine stops. */
  void crash(Folder folder, double share) {
    int before = disk.destructions;
    disk.crash(folder, share);
    if (disk.destructions > before) {
      machine.log.counts.destroyed++;
    }
  }

  private TrackerEngine engine() {
    TrackerEngine running = engine;
    if (running == null) {
      throw new IllegalStateException("no tracker is up at machine " + machine.index());
    }
    return running;
  }

  private void tick(TrackerEngine of) {
    if (engine != of) {
      return;
    }
    tellTime(of);
    // Less often than in production, where it costs the same but not for a thousand trackers.
    if (ticks++ % NEIGHBOURS_TICKS == 0) {
      peers.tellNeighbours(of);
    }
    machine.later(CLOCK_MICROS, () -> tick(of));
    pump();
  }

  /** Has the tracker start anew within its node's life, as a program that is restarted. */
  void restart() {
    machine.streams.end(true);
    disk.crash(Folder.KEPT, 0);
    stop();
    start();
  }

  private void ring() {
    TrackerEngine running = engine;
    if (running != null) {
      running.handleTimeout(machine.nowNanos());
      pump();
    }
  }

  // Requests.

  @Override
  public void onOpened(long session, byte[] handshakeHash) {
    engine().handleOpened(session, null, handshakeHash, machine.nowNanos());
    pump();
  }

  @Override
  public void onRequest(long session, long requestId, Request request) {
    custodian.onRequest(session, requestId, request);
    if (traitor != null && traitor.takes(session, requestId, request)) {
      return;
    }
    engine().handleRequest(session, requestId, request, machine.nowNanos());
    pump();
  }

  @Override
  public void onClosed(long session) {
    custodian.onClosed(session);
    if (traitor != null) {
      traitor.onClosed(session);
    }
    engine().handleClosed(session, machine.nowNanos());
    pump();
  }

  void serve(Effect.Serve query, Consumer<byte[]> answer) {
    engine()
        .handleQuery(
            new TrackerEngine.Query(
                query.method() == Method.BIND, query.key(), query.from(), query.payload()),
            found -> answer.accept(found.toBytes()),
            machine.nowNanos());
    pump();
  }

  private void send(long session, long requestId, Response response) {
    answer(session, requestId, traitor == null ? response : traitor.altered(session, response));
  }

  /** Answers a client, under the eyes of who watches. */
  void answer(long session, long requestId, Response response) {
    custodian.check(session, requestId, response);
    machine.streams.answer(session, requestId, response);
  }

  // Effects.

  private void pump() {
    TrackerEngine running = engine;
    if (running == null) {
      return;
    }
    for (TrackerEffect effect = running.pollEffect();
        effect != null;
        effect = running.pollEffect()) {
      perform(effect);
    }
    alarm.atNanos(running.pollTimeoutNanos());
  }

  private void perform(TrackerEffect effect) {
    long usual = machine.world().effectMicros();
    if (effect instanceof TrackerEffect.Commit commit) {
      disk.begin(commit.changes());
      long done = Math.max(lastSyncMicros, machine.nowMicros() + syncMicros());
      lastSyncMicros = done;
      finish(effect.id(), done - machine.nowMicros(), this::commit);
    } else if (effect instanceof TrackerEffect.Read read) {
      finish(effect.id(), usual, () -> read(read));
    } else if (effect instanceof TrackerEffect.Compute compute) {
      finish(effect.id(), usual, () -> compute.perform(machine.world().identity(machine.index())));
    } else if (effect instanceof TrackerEffect.ReadUser user) {
      finish(effect.id(), READ_USER_MICROS, () -> readUser(user));
    } else if (effect instanceof TrackerEffect.AskPeer ask) {
      TrackerEngine of = engine();
      peers.ask(
          ask,
          result -> {
            if (engine == of) {
              answer(ask.id(), result);
            }
          });
    } else {
      throw new IllegalStateException("an effect that is not known: " + effect.getClass());
    }
  }

  /** Makes a result when its time has come. */
  @FunctionalInterface
  private interface Job {
    TrackerEffect.Result run();
  }

  private void finish(long id, long micros, Job job) {
    TrackerEngine of = engine();
    machine.later(
        micros,
        () -> {
          // A restart within the node's life has dropped what the engine before it wanted.
          if (engine == of) {
            answer(id, job.run());
          }
        });
  }

  private void answer(long id, TrackerEffect.Result result) {
    engine().handleEffect(id, result, machine.nowNanos());
    pump();
  }

  private long syncMicros() {
    long mean = machine.world().mail().disk().sync().toNanos() / 1_000;
    long state = Mix.combine(Mix.seed(machine.seed(), SYNCS), machine.index());
    return mean / 10 + Bits.exponential(Mix.combine(state, syncs++), mean - mean / 10);
  }

  private TrackerEffect.Result commit() {
    try {
      disk.finish();
      return new TrackerEffect.Committed();
    } catch (StoreException e) {
      return new TrackerEffect.Failed(e.reason());
    }
  }

  private TrackerEffect.Result read(TrackerEffect.Read read) {
    try {
      return read.perform(disk.store());
    } catch (StoreException e) {
      return new TrackerEffect.Failed(e.reason());
    }
  }

  private TrackerEffect.Result readUser(TrackerEffect.ReadUser read) {
    Users.User user = machine.world().users().of(read.owner().mailbox());
    return new TrackerEffect.UserRead(user == null ? null : user.list(machine.nowMicros()));
  }
}
