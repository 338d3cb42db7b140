package org.bytchat.sim.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.codec.DecodeOutcome;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.engine.Workspace;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.node.DatagramNode;
import org.bytchat.dht.node.DriverResources;
import org.bytchat.dht.node.TransmitQueue;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that one thread handles, and their events. Other threads only read what it has put out
 * for them, between two windows.
 */
final class Partition implements World.Control {

  private static final long NANOS_PER_MICRO = 1000;
  private static final long TRACE_FACTOR = 0x9E3779B97F4A7C15L;
  private static final Outcome[] OUTCOMES = Outcome.values();

  /** After so many events it is asked whether the run goes on. */
  private static final int ASKED_EVENTS = 256;

  /** For so many events nodes are fetched at once. */
  private static final int FETCHED = 16;

  /** So much earlier than a datagram its echo arrives. */
  private static final long EARLIER_MICROS = 1000;

  private final Kernel kernel;
  private final World world;
  private final Links links;
  private final NotedCodec codec;
  private final DriverResources resources;
  private final Workspace workspace;
  private final World.Observer observer;
  private final TimingWheel wheel = new TimingWheel();

  /** Known to the nodes too. */
  final Calls calls;

  /** What goes to the nodes of each other partition in the next window. */
  private final List<List<Event>> outgoing = new ArrayList<>();

  private final NotedCodec.Note note = new NotedCodec.Note();

  /** What the trace is told of an arrival. */
  private final NotedCodec.Note line = new NotedCodec.Note();

  /** Whose memory is being fetched. */
  private final @Nullable NodeEngine[] engines = new NodeEngine[FETCHED];

  /** For how many more events that is done. */
  private int fetched;

  /** Keeps reads that are of no use otherwise. */
  private int ignored;

  long nowMicros;

  /** The sum of the nodes' trace hashes: it does not depend on who handles which node. */
  long traceSum;

  long handled;
  final long[] outcomes = new long[OUTCOMES.length];
  final long[] sentBytes = new long[Traffic.COUNT];
  final long[] sentDatagrams = new long[Traffic.COUNT];

  /** Takes each datagram while a second is looked at, otherwise null. */
  @Nullable List<TraceEntry> entries;

  Partition(Kernel kernel, World world, int partitions) {
    this.kernel = kernel;
    this.world = world;
    this.links = world.links();
    this.codec = new NotedCodec(world.interner());
    this.resources = DriverResources.of(codec, world.interner());
    this.workspace = resources.workspace();
    this.observer = world.observer();
    this.calls = new Calls(world.nodes(), partitions);
    for (int i = 0; i < partitions; i++) {
      outgoing.add(new ArrayList<>());
    }
  }

  // Time.

  void add(Event event) {
    wheel.add(event);
  }

  long waiting() {
    return wheel.size();
  }

  long earliestMicros(long limitMicros) {
    return wheel.earliestMicros(limitMicros);
  }

  /** Takes what another partition has put out for this one. */
  void takeFrom(Partition other, int own) {
    List<Event> events = other.outgoing.get(own);
    for (int i = 0; i < events.size(); i++) {
      wheel.add(events.get(i));
    }
    events.clear();
  }

  /** Handles all events before a time. */
  void run(long limitMicros) {
    long next = wheel.nextMicros(limitMicros);
    while (next != TimingWheel.NEVER) {
      nowMicros = next;
      if (--fetched <= 0) {
        fetch();
      }
      if (handled % ASKED_EVENTS == 0 && !kernel.goesOn()) {
        throw new Stopped();
      }
      handled++;
      Event event = wheel.take();
      SimNode target = kernel.node(event.node);
      try {
        event.handle(this, target);
      } catch (RuntimeException | AssertionError e) {
        throw new NodeFailure(event, e);
      }
      next = wheel.nextMicros(limitMicros);
    }
  }

  /**
   * Has the nodes of the next events fetched from memory. In a large network nothing of them is in
   * the processor's caches, and a node alone would be fetched line after line.
   */
  private void fetch() {
    int count = Math.min(FETCHED, wheel.ready());
    fetched = count;
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum ^= wheel.ready(i).touch();
    }
    for (int i = 0; i < count; i++) {
      Event event = wheel.ready(i);
      engines[i] = event.isVain(calls) ? null : kernel.node(event.node).engine;
    }
    for (int i = 0; i < count; i++) {
      NodeEngine engine = engines[i];
      sum ^= engine == null ? 0 : engine.touchNear();
    }
    for (int i = 0; i < count; i++) {
      NodeEngine engine = engines[i];
      sum ^= engine == null ? 0 : engine.touchFar();
    }
    ignored = sum;
  }

  private long nanos() {
    return nowMicros * NANOS_PER_MICRO;
  }

  // Events.

  void deliver(PacketEvent packet, SimNode target) {
    NodeEngine engine = target.engine;
    if (engine == null) {
      deliverToStranger(packet, target);
      return;
    }
    Mappings mappings = target.mappings;
    if (mappings != null && !isLetIn(packet, mappings)) {
      trace(target, packet, Outcome.FILTERED);
      return;
    }
    long line = links.lineMicros(target.index(), packet.bytes, false);
    if (line > 0 && waitsForLine(packet, target, line)) {
      return;
    }
    trace(target, packet, Outcome.DELIVERED);
    if (packet.isEcho()) {
      observer.beforeEcho(target);
      hand(packet, target, engine);
      observer.afterEcho(target);
    } else {
      hand(packet, target, engine);
    }
    flush(target, engine);
  }

  private void hand(PacketEvent packet, SimNode target, NodeEngine engine) {
    byte[] datagram = packet.datagram();
    DatagramNode node = target.node;
    if (datagram != null && node != null) {
      node.handleDatagram(datagram, 0, datagram.length, packet.from, nanos());
    } else {
      Packet inbound = workspace.inbound();
      packet.copyTo(inbound);
      engine.handlePacket(inbound, true, packet.bytes, packet.from, nanos());
    }
  }

  private boolean isLetIn(PacketEvent packet, Mappings mappings) {
    int shown = packet.isDisguised() ? world.indexOf(packet.from) : packet.source();
    return shown >= 0 && mappings.isOpenTo(shown, nowMicros);
  }

  private void deliverToStranger(PacketEvent packet, SimNode target) {
    Stranger stranger = target.stranger();
    trace(target, packet, stranger == null ? Outcome.DOWN : Outcome.DELIVERED);
    if (stranger != null) {
      Packet inbound = workspace.inbound();
      byte[] datagram = packet.datagram();
      if (datagram == null) {
        packet.copyTo(inbound);
      } else if (codec.decode(datagram, 0, datagram.length, inbound) != DecodeOutcome.DECODED) {
        return;
      }
      stranger.onDatagram(target, inbound, packet.bytes, packet.from, this);
    }
  }

  /** Has a datagram wait until the receiver's line has taken it in; true if it is not there yet. */
  private boolean waitsForLine(PacketEvent packet, SimNode target, long lineMicros) {
    if (packet.isThrough) {
      return false;
    }
    long start = Math.max(nowMicros, target.downFreeMicros);
    if (start - nowMicros > links.queueMicros(target.index(), false)) {
      trace(target, packet, Outcome.OVERFLOWN);
      return true;
    }
    target.downFreeMicros = start + lineMicros;
    PacketEvent later = packet.again(target.downFreeMicros);
    later.isThrough = true;
    wheel.add(later);
    return true;
  }

  void fire(NodeEvents.Timer timer, SimNode target) {
    int index = timer.node;
    if (timer.timeMicros != calls.plannedMicros(index)) {
      return;
    }
    long deadline = calls.deadlineMicros(index);
    if (deadline > nowMicros) {
      calls.setPlanned(index, deadline);
      if (deadline != TimingWheel.NEVER) {
        timer.timeMicros = deadline;
        wheel.add(timer);
      }
      return;
    }
    calls.setPlanned(index, TimingWheel.NEVER);
    NodeEngine engine = target.engine;
    if (engine != null) {
      target.firedMicros = nowMicros;
      engine.handleTimeout(nanos());
      flush(target, engine);
    }
  }

  void complete(NodeEvents.Completion completion, SimNode target) {
    NodeEngine engine = target.engine;
    if (engine != null && completion.life == target.life) {
      engine.handleEffect(completion.effect, completion.result, nanos());
      flush(target, engine);
    }
  }

  void perform(World.Action action, SimNode target) {
    action.perform(target, this);
    NodeEngine engine = target.engine;
    if (engine != null) {
      flush(target, engine);
    }
  }

  // What actions can do.

  @Override
  public long nowMicros() {
    return nowMicros;
  }

  @Override
  public World.Observer observer() {
    return observer;
  }

  @Override
  public void start(SimNode target) {
    if (target.engine != null) {
      throw new IllegalStateException("node " + target.index() + " is up");
    }
    target.life++;
    target.mappings =
        world.isBehindNat(target.index()) ? new Mappings(world.mappingMicros()) : null;
    EngineSetup setup = world.setup(target);
    NodeEngine engine;
    if (kernel.usesCodec()) {
      DatagramNode node = new DatagramNode(setup, resources);
      target.node = node;
      engine = node.engine();
    } else {
      engine =
          new NodeEngine(
              setup, workspace, codec, (to, packet) -> sendMessage(target, null, to, packet));
    }
    target.engine = engine;
    world.begin(target, engine, nowMicros);
  }

  @Override
  public int send(SimNode from, Endpoint to, Packet packet) {
    return sendFrom(from, null, to, packet);
  }

  @Override
  public int sendAs(SimNode sender, Endpoint claimed, Endpoint to, Packet packet) {
    return sendFrom(sender, claimed, to, packet);
  }

  private int sendFrom(SimNode sender, @Nullable Endpoint claimed, Endpoint to, Packet packet) {
    if (!kernel.usesCodec()) {
      return sendMessage(sender, claimed, to, packet);
    }
    byte[] buffer = new byte[WireLimits.DATAGRAM_BYTES];
    int length = codec.encode(packet, buffer, 0);
    codec.take(note);
    carry(sender, claimed, to, length, Arrays.copyOf(buffer, length));
    return length;
  }

  @Override
  public void again(SimNode self, long atMicros, World.Action action) {
    if (atMicros <= nowMicros) {
      throw new IllegalArgumentException("%d is not after %d".formatted(atMicros, nowMicros));
    }
    long order = Event.orderOf(Event.SCHEDULE, self.index(), Event.AGAIN | self.made++);
    wheel.add(new NodeEvents.Scheduled(atMicros, self.index(), order, action));
  }

  @Override
  public void carry(SimNode self, int to, long atMicros, World.Action action) {
    if (atMicros < nowMicros + links.floorMicros()) {
      throw new IllegalArgumentException("%d is too soon after %d".formatted(atMicros, nowMicros));
    }
    long order = Event.orderOf(Event.SCHEDULE, self.index(), Event.AGAIN | self.made++);
    dispatch(new NodeEvents.Scheduled(atMicros, to, order, action));
  }

  @Override
  public void note(SimNode self, long what) {
    long hash = (self.trace ^ nowMicros) * TRACE_FACTOR;
    hash = (hash ^ hash >>> 32 ^ what) * TRACE_FACTOR;
    hash ^= hash >>> 29;
    traceSum += hash - self.trace;
    self.trace = hash;
  }

  @Override
  public void stop(SimNode target) {
    target.engine = null;
    target.node = null;
    target.mappings = null;
    calls.clear(target.index());
  }

  // What nodes put out.

  /** Takes what an engine put out, and notes when it wants to be called. */
  private void flush(SimNode target, NodeEngine engine) {
    if (target.node != null) {
      sendDatagrams(target);
    }
    Resident resident = target.resident;
    for (Effect effect = engine.pollEffect(); effect != null; effect = engine.pollEffect()) {
      if (resident != null && resident.takes(target, effect, this)) {
        continue;
      }
      Effect.Result result = world.perform(target, effect, nowMicros);
      long done = nowMicros + world.effectMicros();
      wheel.add(new NodeEvents.Completion(done, target, effect.id(), result));
    }
    for (EngineEvent event = engine.pollEvent(); event != null; event = engine.pollEvent()) {
      observer.onEvent(target, event, nowMicros);
      if (resident != null) {
        resident.onEvent(target, event, this);
      }
    }
    observer.onHandled(target, nowMicros);
    // What the observer did with the engine shows here too.
    schedule(target, engine);
  }

  private static long deadlineMicros(NodeEngine engine) {
    long nanos = engine.pollTimeoutNanos();
    return nanos == DeadlineQueue.NEVER
        ? TimingWheel.NEVER
        : Math.floorDiv(nanos + NANOS_PER_MICRO - 1, NANOS_PER_MICRO);
  }

  private void schedule(SimNode target, NodeEngine engine) {
    int index = target.index();
    long deadline = deadlineMicros(engine);
    // A deadline that has come fires once at an instant.
    long at = Math.max(deadline, target.firedMicros == nowMicros ? nowMicros + 1 : nowMicros);
    calls.setDeadline(index, at);
    if (at < calls.plannedMicros(index)) {
      calls.setPlanned(index, at);
      wheel.add(new NodeEvents.Timer(at, index));
    }
  }

  /** Carries the datagrams of a node in codec mode. */
  private void sendDatagrams(SimNode from) {
    TransmitQueue transmits = resources.transmits();
    while (!transmits.isEmpty()) {
      Endpoint to = transmits.target();
      byte[] datagram = Arrays.copyOf(transmits.buffer(), transmits.length());
      transmits.remove();
      codec.take(note);
      carry(from, null, to, datagram.length, datagram);
    }
  }

  /** Carries a message of a node in object mode. */
  private int sendMessage(SimNode from, @Nullable Endpoint claimed, Endpoint to, Packet packet) {
    int bytes = codec.sizeOf(packet);
    note.of(packet);
    carry(from, claimed, to, bytes, packet);
    return bytes;
  }

  /**
   * Carries what {@link #note} tells of: a datagram's bytes, or a message.
   *
   * @param claimed where it says that it comes from, null for where it does
   */
  private void carry(
      SimNode from, @Nullable Endpoint claimed, Endpoint to, int bytes, Object content) {
    long number = from.sent++;
    sentDatagrams[note.traffic]++;
    sentBytes[note.traffic] += bytes;
    int receiver = world.indexOf(to);
    Mappings mappings = from.mappings;
    if (mappings != null && receiver >= 0) {
      mappings.note(receiver, nowMicros);
    }
    long leaves = leavesMicros(from, bytes);
    int copies =
        receiver < 0 || leaves < 0 ? 0 : links.copies(from.index(), receiver, number, nowMicros);
    if (copies == 0) {
      Outcome outcome =
          receiver < 0 ? Outcome.NOBODY : leaves < 0 ? Outcome.OVERFLOWN : Outcome.LOST;
      note.from = from.index();
      note.to = receiver;
      note.bytes = bytes;
      trace(from, note, outcome);
      return;
    }
    long order = Event.orderOf(Event.PACKET, from.index(), number);
    order |= claimed == null ? 0 : Event.SPOOFED;
    PacketEvent.Flight flight = new PacketEvent.Flight(receiver, order, bytes);
    long arrives = leaves + links.delayMicros(from.index(), receiver, number, 0);
    Endpoint source = claimed == null ? world.endpoint(from.index()) : claimed;
    PacketEvent event = PacketEvent.of(flight, arrives, source, note, content);
    dispatch(event);
    if (copies > 1) {
      dispatch(event.again(leaves + links.delayMicros(from.index(), receiver, number, 1)));
    }
    int other = links.echoSource(from.index(), receiver, number, nowMicros);
    if (other >= 0) {
      // Before the datagram itself if the floor allows that, or what it answers has ended.
      long early = Math.max(leaves + links.floorMicros(), arrives - EARLIER_MICROS);
      PacketEvent.Flight echo = new PacketEvent.Flight(receiver, order | Event.ECHO, bytes);
      dispatch(PacketEvent.of(echo, early, world.endpoint(other), note, content));
    }
  }

  /** Returns when a datagram has left the sender's line, or -1 if too much waits for it. */
  private long leavesMicros(SimNode from, int bytes) {
    long line = links.lineMicros(from.index(), bytes, true);
    if (line == 0) {
      return nowMicros;
    }
    long start = Math.max(nowMicros, from.upFreeMicros);
    if (start - nowMicros > links.queueMicros(from.index(), true)) {
      return -1;
    }
    from.upFreeMicros = start + line;
    return from.upFreeMicros;
  }

  private void dispatch(Event event) {
    int partition = kernel.partitionOf(event.node);
    Partition owner = kernel.partition(partition);
    if (owner == this) {
      wheel.add(event);
    } else {
      outgoing.get(partition).add(event);
    }
  }

  // The trace.

  private void trace(SimNode at, PacketEvent packet, Outcome outcome) {
    line.of(packet);
    trace(at, line, outcome);
  }

  private void trace(SimNode at, NotedCodec.Note what, Outcome outcome) {
    outcomes[outcome.ordinal()]++;
    long hash = at.trace;
    long ends = (long) what.from << 32 | what.to & 0xffffffffL;
    hash = (hash ^ nowMicros) * TRACE_FACTOR;
    hash = (hash ^ hash >>> 32 ^ ends) * TRACE_FACTOR;
    hash = (hash ^ hash >>> 32 ^ what.transactionId) * TRACE_FACTOR;
    long rest = ((long) what.type << 32 | what.bytes) << 8 | outcome.ordinal();
    hash = (hash ^ hash >>> 32 ^ rest) * TRACE_FACTOR;
    hash ^= hash >>> 29;
    traceSum += hash - at.trace;
    at.trace = hash;
    List<TraceEntry> log = entries;
    if (log != null) {
      log.add(
          new TraceEntry(
              nowMicros,
              what.from,
              what.to,
              Messages.nameOf(what.type),
              what.transactionId,
              what.bytes,
              outcome));
    }
  }
}
