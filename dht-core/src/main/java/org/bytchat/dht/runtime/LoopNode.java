package org.bytchat.dht.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.bytchat.dht.engine.Effect;
import org.bytchat.dht.engine.EngineEvent;
import org.bytchat.dht.engine.EngineSetup;
import org.bytchat.dht.engine.NodeEngine;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.node.DatagramNode;
import org.bytchat.dht.node.TransmitQueue;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.bytchat.dht.transport.UdpTransport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node on its loop: its sockets, its engine, and the way of its effects and events; and perhaps
 * a node of Mainline's dialect beside it on the same sockets, for {@link Rendezvous}.
 */
final class LoopNode extends Timed {

  private static final Logger LOG = LoggerFactory.getLogger(LoopNode.class);

  private static final long RECOVERY_NANOS = 1_000_000_000;

  /** How often the engine is told the time of the world. */
  private static final long CLOCK_NANOS = 1_000_000_000;

  /** How long the end waits for records that are on their way to the disk. */
  private static final long LAST_WRITES_NANOS = 700_000_000;

  private final NodeLoop loop;
  private final DatagramNode node;
  private final Port[] ports;
  private final Effects effects;
  private final NodeHandle.Owner owner;

  /** Null unless there is one. */
  private @Nullable Beside beside;

  /** Who sent the datagram that is being handled, in both forms, as the answer goes there. */
  private @Nullable Endpoint lastFrom;

  private @Nullable InetSocketAddress lastFromAddress;

  /** Where it came in: an answer from another address would not be recognised. */
  private @Nullable UdpTransport lastTransport;

  private long clockToldNanos;
  private long sendsDropped;
  private boolean closed;

  /** Effects under way that write records. */
  private int recordWrites;

  /** Told of the end; if there are any, the node ends as soon as its records are written. */
  private final List<Runnable> endings = new ArrayList<>();

  private long endsAtNanos;

  /** Where effects are performed, and with what. */
  record Effects(EffectPool pool, EffectPool.Performer performer) {}

  /** A node of Mainline's dialect on the same sockets, and what it is there for. */
  private record Beside(DatagramNode node, EffectPool.Performer performer, Rendezvous rendezvous) {}

  /** One socket of a node. */
  record Port(LoopNode node, UdpTransport transport) {
    void onReadable() {
      node.loop.receiveFrom(this);
    }
  }

  LoopNode(
      NodeLoop loop,
      EngineSetup setup,
      List<UdpTransport> transports,
      Effects effects,
      NodeHandle.Owner owner) {
    this.loop = loop;
    this.effects = effects;
    this.owner = owner;
    this.node = new DatagramNode(setup, loop.resources(setup.config().dialect()));
    this.ports = new Port[transports.size()];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = new Port(this, transports.get(i));
    }
    tellClock(System.nanoTime());
  }

  NodeEngine engine() {
    return node.engine();
  }

  /** Puts a node beside this one; to be called before {@link #register}. */
  void addBeside(EngineSetup setup, EffectPool.Performer performer, Rendezvous rendezvous) {
    DatagramNode added = new DatagramNode(setup, loop.resources(setup.config().dialect()));
    beside = new Beside(added, performer, rendezvous);
    tellClock(System.nanoTime());
  }

  private void tellClock(long nowNanos) {
    clockToldNanos = nowNanos;
    long wallMillis = System.currentTimeMillis();
    node.engine().adjustClock(wallMillis, nowNanos);
    if (beside != null) {
      beside.node.engine().adjustClock(wallMillis, nowNanos);
    }
  }

  /** Starts the engines; to be called within {@link #run}. */
  void start(boolean hasBootstrap, List<Contact> lastContacts, long nowNanos) {
    node.engine().start(hasBootstrap, lastContacts, nowNanos);
    if (beside != null) {
      beside.node.engine().start(true, List.of(), nowNanos);
    }
  }

  /** Registers the sockets; to be called on the loop's thread. */
  void register() throws IOException {
    for (Port port : ports) {
      port.transport.register(loop.selector(), port);
    }
  }

  /** Handles the loop's datagram; to be called within {@link #run}. */
  void handleDatagram(Port port, int length, InetSocketAddress from, long nowNanos) {
    InetSocketAddress known = lastFromAddress;
    Endpoint endpoint = lastFrom;
    // The platform hands out the same object while one source sends.
    if (endpoint == null || !from.equals(known)) {
      endpoint = loop.sockets().sender(from);
      lastFrom = endpoint;
      lastFromAddress = from;
    }
    lastTransport = port.transport;
    // No message of our own dialect begins like one of Mainline's.
    boolean isForOther = beside != null && length > 0 && loop.datagram()[0] == Rendezvous.MARK;
    DatagramNode receiver = beside != null && isForOther ? beside.node : node;
    receiver.handleDatagram(loop.datagram(), 0, length, endpoint, nowNanos);
    flush();
  }

  void handleTimeout(long nowNanos) {
    if (!endings.isEmpty() && nowNanos - endsAtNanos >= 0) {
      LOG.warn("Node {} ends before all its records are written", node.engine().id());
      close();
    } else {
      run(this::onTimeout, nowNanos);
    }
  }

  private void onTimeout(NodeEngine engine, long nowNanos) {
    engine.handleTimeout(nowNanos);
    if (beside != null) {
      beside.node.engine().handleTimeout(nowNanos);
    }
  }

  /**
   * Gives the engine an input, unless the node has ended, and does what follows from it. Goes on
   * after a failure, which must be a bug: the other nodes of the loop are not at fault, and must
   * not find datagrams of this one among theirs.
   */
  void run(NodeHandle.Command input, long nowNanos) {
    if (closed) {
      return;
    }
    try {
      if (nowNanos - clockToldNanos > CLOCK_NANOS) {
        tellClock(nowNanos);
      }
      input.run(node.engine(), nowNanos);
      afterInput(nowNanos);
    } catch (RuntimeException e) {
      LOG.error("Node {} failed on an input; this is a bug", node.engine().id(), e);
      loop.transmits().clear();
      loop.schedule(this, nowNanos + RECOVERY_NANOS);
    }
  }

  /** Sends what waits, hands out effects and events, and plans the next deadline. */
  private void afterInput(long nowNanos) {
    NodeEngine engine = node.engine();
    Effect effect = engine.pollEffect();
    while (effect != null) {
      perform(effect);
      effect = engine.pollEffect();
    }
    EngineEvent event = engine.pollEvent();
    while (event != null) {
      tell(event);
      event = engine.pollEvent();
    }
    long next = beside == null ? DeadlineQueue.NEVER : afterInputBeside(beside, nowNanos);
    next = Math.min(next, engine.pollTimeoutNanos());
    flush();
    // A deadline that is due already is handled in the next round, after the other nodes.
    long deadlineNanos = Math.max(next, nowNanos + 1);
    loop.schedule(this, endings.isEmpty() ? deadlineNanos : Math.min(deadlineNanos, endsAtNanos));
  }

  /** Does for the other node what follows from an input; returns its next deadline. */
  private long afterInputBeside(Beside other, long nowNanos) {
    NodeEngine engine = other.node.engine();
    other.rendezvous.step(node.engine(), engine, nowNanos);
    Effect effect = engine.pollEffect();
    while (effect != null) {
      long id = effect.id();
      effects.pool.perform(
          effect,
          other.performer,
          result ->
              loop.complete(
                  () ->
                      run((own, now) -> engine.handleEffect(id, result, now), System.nanoTime())));
      effect = engine.pollEffect();
    }
    EngineEvent event = engine.pollEvent();
    while (event != null) {
      Rendezvous.Outcome outcome = other.rendezvous.onEvent(event, nowNanos);
      if (outcome != null) {
        tell(() -> owner.onRendezvous(outcome), event);
      }
      event = engine.pollEvent();
    }
    return Math.min(engine.pollTimeoutNanos(), other.rendezvous.nextNanos());
  }

  private void tell(EngineEvent event) {
    if (beside != null && event instanceof EngineEvent.OutageBegan) {
      beside.rendezvous.onAlone(System.nanoTime());
    }
    tell(() -> owner.onEvent(event), event);
  }

  private void tell(Runnable telling, EngineEvent event) {
    try {
      telling.run();
    } catch (RuntimeException | Error e) {
      LOG.error("A listener of node {} failed on {}", node.engine().id(), event, e);
    }
  }

  private void perform(Effect effect) {
    if (effect instanceof Effect.Serve query) {
      serve(query);
      return;
    }
    recordWrites += EffectPool.isRecordWrite(effect) ? 1 : 0;
    effects.pool.perform(
        effect, effects.performer, result -> loop.complete(() -> onEffect(effect, result)));
  }

  /** The service may answer at once, or later on any thread. */
  private void serve(Effect.Serve query) {
    CompletionStage<Effect.Result> answer;
    try {
      answer = owner.serve(query);
    } catch (RuntimeException | Error e) {
      answer = CompletableFuture.failedFuture(e);
    }
    var unused =
        answer.whenComplete(
            (result, failure) -> {
              if (failure != null) {
                // Not louder: whoever finds out how to bring it about could fill the log.
                LOG.debug("The service of node {} failed", node.engine().id(), failure);
              }
              Effect.Result told = failure == null ? result : new Effect.Failed();
              loop.complete(() -> onEffect(query, told));
            });
  }

  private void onEffect(Effect effect, Effect.Result result) {
    run(
        (engine, nowNanos) -> engine.handleEffect(effect.id(), result, nowNanos),
        System.nanoTime());
    // What had waited for this write is on its way by now.
    recordWrites -= EffectPool.isRecordWrite(effect) ? 1 : 0;
    if (recordWrites == 0 && !endings.isEmpty()) {
      close();
    }
  }

  private void flush() {
    TransmitQueue queue = loop.transmits();
    while (!queue.isEmpty()) {
      Endpoint to = queue.target();
      Endpoint from = lastFrom;
      boolean answers = from != null && to.equals(from);
      UdpTransport transport = answers ? lastTransport : transportFor(to);
      InetSocketAddress known = answers ? lastFromAddress : null;
      InetSocketAddress address = known == null ? loop.sockets().cached(to) : known;
      if (transport == null
          || !transport.send(loop.sendBuffer(queue.buffer(), queue.length()), address)) {
        sendsDropped++;
      }
      queue.remove();
    }
  }

  private @Nullable UdpTransport transportFor(Endpoint to) {
    boolean ipv6 = to.family() == AddressFamily.IPV6;
    for (Port port : ports) {
      if (port.transport.carries(ipv6)) {
        return port.transport;
      }
    }
    return null;
  }

  long sendsDropped() {
    return sendsDropped;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Ends the node when the records that it took are written, or soon in any case; to be called on
   * the loop's thread.
   *
   * @param ended told of the end, at once if the node has ended
   */
  void end(Runnable ended) {
    endings.add(ended);
    if (closed || recordWrites == 0) {
      close();
    } else if (endings.size() == 1) {
      endsAtNanos = System.nanoTime() + LAST_WRITES_NANOS;
      run((engine, nowNanos) -> {}, System.nanoTime());
    }
  }

  /** Ends the node now; to be called on the loop's thread. Nothing happens if it has ended. */
  void close() {
    if (!closed) {
      closed = true;
      loop.cancel(this);
      for (Port port : ports) {
        port.transport.close();
      }
      owner.onEnd();
    }
    List<Runnable> told = List.copyOf(endings);
    endings.clear();
    told.forEach(Runnable::run);
  }
}
