package org.bytchat.sim.mail;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/**
 * The streams that one program keeps to trackers: dialled when something is asked, hung up when
 * nothing has been for a while, given up with all that was asked when they break or stay silent.
 */
final class Lines {

  /** Longer than a fetch waits. */
  private static final long ANSWER_MICROS = 75_000_000;

  private static final long DIAL_MICROS = 10_000_000;
  private static final long IDLE_MICROS = 900_000_000;
  private static final long SWEEP_MICROS = 20_000_000;

  private final MailMachine machine;
  private final @Nullable Greeting greeting;
  private final Map<NodeId, Line> lines = new LinkedHashMap<>();
  private boolean isSweeping;
  private boolean isClosed;

  /** What is said first in each stream, and has to be answered before anything else is. */
  @FunctionalInterface
  interface Greeting {
    Request of(Contact tracker, byte[] handshakeHash);
  }

  /** What came of a request. */
  sealed interface Reply {}

  /** The answer, with the envelopes that came before its end. */
  record Answered(Response response, List<byte[]> envelopes) implements Reply {}

  /** There is none. */
  record Lost(String why) implements Reply {}

  private record Question(Function<byte[], Request> maker, Consumer<Reply> then) {}

  private static final class Pending {
    final Consumer<Reply> then;
    final long untilMicros;
    final List<byte[]> envelopes = new ArrayList<>();

    Pending(Consumer<Reply> then, long untilMicros) {
      this.then = then;
      this.untilMicros = untilMicros;
    }
  }

  Lines(MailMachine machine, @Nullable Greeting greeting) {
    this.machine = machine;
    this.greeting = greeting;
  }

  /** Asks a tracker; the request is made of the hash of the stream's handshake. */
  void ask(Contact tracker, Function<byte[], Request> maker, Consumer<Reply> then) {
    Line line = lines.get(tracker.id());
    if (line == null) {
      int place = machine.world().indexOf(tracker);
      if (place < 0 || place == machine.index()) {
        machine.later(1, () -> then.accept(new Lost("nobody is there")));
        return;
      }
      line = new Line(tracker, machine.nowMicros() + DIAL_MICROS);
      lines.put(tracker.id(), line);
      machine.log.counts.dials++;
      line.number = machine.streams.dial(place, line);
    }
    machine.log.counts.asks++;
    line.ask(new Question(maker, then));
    sweepLater();
  }

  /** Hangs all up; nobody is told of what was asked. */
  void close() {
    isClosed = true;
    lines.values().forEach(line -> machine.streams.hangUp(line.number));
    lines.clear();
  }

  private void sweepLater() {
    if (!isSweeping && !isClosed) {
      isSweeping = true;
      machine.later(SWEEP_MICROS, this::sweep);
    }
  }

  private void sweep() {
    isSweeping = false;
    long now = machine.nowMicros();
    for (Line line : List.copyOf(lines.values())) {
      if (line.isOverdue(now)) {
        machine.streams.hangUp(line.number);
        line.end("no answer in time");
      } else if (line.isIdle(now)) {
        machine.streams.hangUp(line.number);
        lines.remove(line.tracker.id(), line);
      }
    }
    if (!lines.isEmpty()) {
      sweepLater();
    }
  }

  private final class Line implements Streams.Dialer {

    private final Contact tracker;
    private final long openUntilMicros;
    private final Deque<Question> waiting = new ArrayDeque<>();
    private final Map<Long, Pending> pending = new LinkedHashMap<>();
    private long number;
    private long asked;
    private long usedMicros;
    private byte @Nullable [] hash;
    private boolean isGreeted;

    Line(Contact tracker, long openUntilMicros) {
      this.tracker = tracker;
      this.openUntilMicros = openUntilMicros;
    }

    void ask(Question question) {
      usedMicros = machine.nowMicros();
      byte[] known = hash;
      if (known == null || !isGreeted) {
        waiting.add(question);
      } else {
        send(question, known);
      }
    }

    private void send(Question question, byte[] known) {
      long id = asked++;
      pending.put(id, new Pending(question.then, machine.nowMicros() + ANSWER_MICROS));
      machine.streams.ask(number, id, question.maker.apply(known));
    }

    boolean isOverdue(long now) {
      if (hash == null) {
        return now >= openUntilMicros;
      }
      // In the order in which they were asked.
      return !pending.isEmpty() && pending.values().iterator().next().untilMicros <= now;
    }

    boolean isIdle(long now) {
      return pending.isEmpty() && waiting.isEmpty() && now - usedMicros >= IDLE_MICROS;
    }

    @Override
    public void onOpen(byte[] handshakeHash) {
      hash = handshakeHash;
      if (greeting == null) {
        greeted();
      } else {
        Request first = greeting.of(tracker, handshakeHash);
        send(new Question(known -> first, this::onGreeted), handshakeHash);
      }
    }

    private void onGreeted(Reply reply) {
      if (reply instanceof Answered answered && !(answered.response instanceof Response.Refused)) {
        greeted();
        return;
      }
      // Who refuses to be greeted has said why: that is the answer to all that waits.
      List<Question> refused = reply instanceof Answered ? List.copyOf(waiting) : List.of();
      if (!refused.isEmpty()) {
        waiting.clear();
      }
      machine.streams.hangUp(number);
      end("not greeted");
      refused.forEach(question -> question.then.accept(reply));
    }

    private void greeted() {
      isGreeted = true;
      byte[] known = hash;
      while (known != null && !waiting.isEmpty()) {
        send(waiting.remove(), known);
      }
    }

    @Override
    public void onAnswer(long requestId, Response response) {
      usedMicros = machine.nowMicros();
      Pending question = pending.get(requestId);
      if (question == null) {
        return;
      }
      if (response instanceof Response.Envelopes part) {
        question.envelopes.addAll(part.envelopes());
        return;
      }
      pending.remove(requestId);
      question.then.accept(new Answered(response, List.copyOf(question.envelopes)));
    }

    @Override
    public void onClosed() {
      end("the stream is closed");
    }

    private void end(String why) {
      if (hash == null) {
        machine.log.counts.dialFailures++;
      }
      lines.remove(tracker.id(), this);
      List<Consumer<Reply>> open = new ArrayList<>();
      pending.values().forEach(question -> open.add(question.then));
      waiting.forEach(question -> open.add(question.then));
      pending.clear();
      waiting.clear();
      for (Consumer<Reply> each : open) {
        machine.log.counts.lost++;
        each.accept(new Lost(why));
      }
    }
  }
}
