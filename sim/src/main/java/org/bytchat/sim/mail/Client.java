package org.bytchat.sim.mail;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.wire.Method;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.BindingQuery;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.QuorumEffect;
import org.bytchat.tracker.quorum.QuorumEngine;
import org.jspecify.annotations.Nullable;

/**
 * Drives an engine of a user's program: performs its effects with what its machine has, and calls
 * it when its time has come.
 */
abstract class Client {

  /** How long the user's own disk takes. */
  private static final long KEEP_MICROS = 5_000;

  /** How long a try for a stamp takes, by its number of bits. */
  private static final long STAMP_NANOS = 200;

  private static final long CLOCK_MICROS = 600_000_000;

  final MailMachine machine;
  final Lines lines;
  private final MailMachine.Alarm alarm;
  private boolean isOver;

  Client(MailMachine machine) {
    this.machine = machine;
    this.lines = new Lines(machine, null);
    this.alarm = new MailMachine.Alarm(machine, this::ring);
  }

  // What differs.

  abstract QuorumEngine engine();

  abstract void drainEvents();

  /** Keeps changes; they are on the user's disk. */
  abstract void keep(QuorumEffect.Keep keep);

  /** Hands an envelope to the application. */
  abstract QuorumEffect.Result deliver(QuorumEffect.Deliver deliver);

  /** The key that signs for a device, null if none is here. */
  abstract @Nullable NodeIdentity deviceKey();

  /** The key with which the user deposits in somebody's mailbox, null if there is none. */
  abstract @Nullable NodeIdentity contactKey(NodeId mailbox);

  // Driving.

  /** Begins; the engine has been started. */
  final void begin() {
    machine.later(CLOCK_MICROS, this::tick);
    pump();
  }

  /** Ends, as a program that is stopped: what is under way is forgotten. */
  void end() {
    isOver = true;
    lines.close();
  }

  private void tick() {
    if (!isOver) {
      engine().adjustClock(machine.wallMillis(), machine.nowNanos());
      machine.later(CLOCK_MICROS, this::tick);
      pump();
    }
  }

  private void ring() {
    if (!isOver) {
      engine().handleTimeout(machine.nowNanos());
      pump();
    }
  }

  final void pump() {
    for (QuorumEffect effect = engine().pollEffect();
        effect != null;
        effect = engine().pollEffect()) {
      perform(effect);
    }
    drainEvents();
    alarm.atNanos(engine().pollTimeoutNanos());
  }

  private void finish(long id, QuorumEffect.Result result) {
    if (!isOver) {
      engine().handleEffect(id, result, machine.nowNanos());
      pump();
    }
  }

  /** Makes a result when its time has come. */
  @FunctionalInterface
  private interface Job {
    QuorumEffect.Result run();
  }

  private void finishLater(long id, long micros, Job job) {
    machine.later(
        micros,
        () -> {
          if (!isOver) {
            finish(id, job.run());
          }
        });
  }

  // Effects.

  private void perform(QuorumEffect effect) {
    long usual = machine.world().effectMicros();
    long id = effect.id();
    if (effect instanceof QuorumEffect.FindTrackers find) {
      machine.lookUp(
          find.mailbox(),
          found ->
              finish(
                  id,
                  new QuorumEffect.Trackers(
                      List.copyOf(found.subList(0, Math.min(find.count(), found.size()))))));
    } else if (effect instanceof QuorumEffect.Ask ask) {
      lines.ask(ask.tracker(), hash -> ask.request(), reply -> finish(id, resultOf(reply)));
    } else if (effect instanceof QuorumEffect.Open open) {
      lines.ask(open.tracker(), hash -> opened(open, hash), reply -> finish(id, resultOf(reply)));
    } else if (effect instanceof QuorumEffect.Bind bind) {
      bind(bind);
    } else if (effect instanceof QuorumEffect.Admit admit) {
      long micros = usual + (STAMP_NANOS << Math.max(0, admit.stampBits())) / 1_000;
      finishLater(id, micros, () -> admitted(admit));
    } else if (effect instanceof QuorumEffect.Compute compute) {
      finishLater(id, usual, () -> compute.perform(machine.world().scheme()));
    } else if (effect instanceof QuorumEffect.SignAcks sign) {
      finishLater(id, usual, () -> signed(sign));
    } else if (effect instanceof QuorumEffect.Keep keep) {
      finishLater(
          id,
          KEEP_MICROS,
          () -> {
            keep(keep);
            return new QuorumEffect.Kept();
          });
    } else if (effect instanceof QuorumEffect.Deliver deliver) {
      finishLater(id, usual, () -> deliver(deliver));
    } else {
      throw new IllegalStateException("an effect that is not known: " + effect.getClass());
    }
  }

  private QuorumEffect.Result resultOf(Lines.Reply reply) {
    if (reply instanceof Lines.Answered answered) {
      if (answered.response() instanceof Response.Refused) {
        machine.log.counts.refused++;
      }
      return answered.response() instanceof Response.PageEnd end
          ? new QuorumEffect.Page(answered.envelopes(), end)
          : new QuorumEffect.Answered(answered.response());
    }
    return new QuorumEffect.Lost(((Lines.Lost) reply).why());
  }

  private NodeIdentity device() {
    NodeIdentity key = deviceKey();
    if (key == null) {
      throw new IllegalStateException("no device is here");
    }
    return key;
  }

  private Request opened(QuorumEffect.Open open, byte[] handshakeHash) {
    DeviceStatements.Scene scene = scene(open.tracker(), open.owner().mailbox());
    byte[] statement =
        DeviceStatements.session(scene, open.device(), open.listVersion(), handshakeHash);
    return new Request.Open(
        open.owner(), open.list(), open.device(), open.listVersion(), device().sign(statement));
  }

  private DeviceStatements.Scene scene(Contact tracker, NodeId mailbox) {
    return new DeviceStatements.Scene(machine.world().networkId(), tracker.id(), mailbox);
  }

  private QuorumEffect.Result admitted(QuorumEffect.Admit admit) {
    NodeId tracker = admit.tracker().id();
    if (admit.deliveryKey() == null) {
      return new QuorumEffect.Admitted(
          Admission.ByStamp.find(admit.envelope(), tracker, admit.stampBits()));
    }
    NodeIdentity key = contactKey(admit.envelope().mailbox());
    if (key == null) {
      return new QuorumEffect.Failed("no such key");
    }
    UnaryOperator<byte[]> signer = key::sign;
    return new QuorumEffect.Admitted(
        Admission.ByKey.sign(
            key.publicKey(), admit.envelope(), tracker, machine.world().networkId(), signer));
  }

  private QuorumEffect.Result signed(QuorumEffect.SignAcks sign) {
    return new QuorumEffect.Signed(
        AckBatch.sign(
            sign.mailbox(),
            sign.device(),
            sign.digests(),
            machine.world().networkId(),
            device()::sign));
  }

  private void bind(QuorumEffect.Bind bind) {
    ask(
        bind,
        new BindingQuery.AskNonce(),
        first -> {
          if (!(first instanceof BindingAnswer.Nonce nonce)) {
            return false;
          }
          DeviceStatements.Asker asker =
              new DeviceStatements.Asker(
                  bind.device().toBytes(), nonce.nonce(), nonce.observed(), nonce.nowMillis());
          byte[] statement =
              DeviceStatements.bind(
                  scene(bind.tracker(), bind.mailbox()), asker, bind.listVersion());
          BindingQuery.Shown shown =
              new BindingQuery.Shown(nonce.nowMillis(), nonce.nonce(), device().sign(statement));
          ask(
              bind,
              new BindingQuery.Bind(bind.device(), bind.listVersion(), shown),
              second -> false);
          return true;
        });
  }

  /** Goes on with an answer, or says that it was the last one. */
  @FunctionalInterface
  private interface Step {
    boolean goesOn(BindingAnswer answer);
  }

  private void ask(QuorumEffect.Bind bind, BindingQuery query, Step step) {
    machine.ask(
        bind.tracker(),
        Method.BIND,
        bind.mailbox(),
        query.toBytes(),
        payload -> {
          if (isOver) {
            return;
          }
          BindingAnswer answer =
              payload == null ? null : BindingAnswer.parse(payload).toOptional().orElse(null);
          if (answer == null) {
            finish(bind.id(), new QuorumEffect.Lost("no answer"));
          } else if (!step.goesOn(answer)) {
            finish(bind.id(), new QuorumEffect.BindAnswered(answer));
          }
        });
  }
}
