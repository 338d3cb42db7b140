package org.bytchat.tracker.quorum;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.engine.TestUser;
import org.bytchat.tracker.engine.TrackerEngine;
import org.bytchat.tracker.message.BindingAnswer;
import org.bytchat.tracker.message.BindingQuery;
import org.bytchat.tracker.message.Request;

/** What senders and readers have in common: sessions with trackers, and effects that take time. */
abstract class LabClient implements Lab.Party {

  /** A session that is not answered in ends after so long. */
  private static final long ASK_NANOS = 120_000_000_000L;

  final Lab lab;
  final QuorumConfig config;
  final int index;

  /** How much its clock is ahead. */
  long clockMillis;

  /** Counts its lives: results for an earlier one are lost. */
  int life;

  /** Whether nothing can be written. */
  boolean isDiskFull;

  /** Whether nothing can be verified. */
  boolean isOverloaded;

  final List<QuorumEffect> performed = new ArrayList<>();

  private final Map<NodeId, Long> sessions = new LinkedHashMap<>();

  LabClient(Lab lab, QuorumConfig config) {
    this.lab = lab;
    this.config = config;
    this.index = lab.parties.size();
    lab.parties.add(this);
  }

  long wallMillis() {
    return lab.wallMillis() + clockMillis;
  }

  abstract void give(long id, QuorumEffect.Result result);

  abstract void write(QuorumChange change);

  /** Performs what only one kind of client has. */
  abstract QuorumEffect.Result performOwn(QuorumEffect effect);

  void forgetSessions() {
    sessions.clear();
  }

  void perform(QuorumEffect effect) {
    performed.add(effect);
    int of = life;
    boolean[] isDone = new boolean[1];
    Consumer<QuorumEffect.Result> done =
        result -> {
          if (!isDone[0]) {
            isDone[0] = true;
            lab.later(
                () -> {
                  if (of == life) {
                    give(effect.id(), result);
                  }
                });
          }
        };
    lab.later(
        () -> {
          if (of == life) {
            begin(effect, done);
          }
        });
  }

  private void begin(QuorumEffect effect, Consumer<QuorumEffect.Result> done) {
    if (effect instanceof QuorumEffect.FindTrackers find) {
      boolean isLost = lab.happens(lab.lossPercent);
      done.accept(
          new QuorumEffect.Trackers(isLost ? List.of() : lab.find(find.mailbox(), find.count())));
    } else if (effect instanceof QuorumEffect.Ask ask) {
      ask(ask.tracker().id(), done, (tracker, session) -> ask.request());
    } else if (effect instanceof QuorumEffect.Open open) {
      ask(open.tracker().id(), done, (tracker, session) -> request(open, tracker, session));
    } else if (effect instanceof QuorumEffect.Bind bind) {
      bind(bind, done);
    } else if (effect instanceof QuorumEffect.Compute compute) {
      done.accept(
          isOverloaded ? new QuorumEffect.Failed("overloaded") : compute.perform(Lab.SCHEME));
    } else if (effect instanceof QuorumEffect.Keep keep) {
      if (isDiskFull) {
        done.accept(new QuorumEffect.Failed("the disk is full"));
      } else {
        keep.changes().forEach(this::write);
        done.accept(new QuorumEffect.Kept());
      }
    } else {
      done.accept(performOwn(effect));
    }
  }

  /** Makes a request for a session. */
  private interface RequestMaker {
    Request make(LabTracker tracker, long session);
  }

  private void ask(NodeId id, Consumer<QuorumEffect.Result> done, RequestMaker maker) {
    LabTracker tracker = lab.tracker(id);
    lab.at(lab.nowNanos + ASK_NANOS, () -> done.accept(new QuorumEffect.Lost("too long")));
    if (tracker.isDown || lab.happens(lab.lossPercent)) {
      lab.at(
          lab.nowNanos + lab.delayMaxNanos,
          () -> done.accept(new QuorumEffect.Lost("not reached")));
      return;
    }
    Long session = sessions.get(id);
    if (session == null || !tracker.isOpen(session)) {
      session = tracker.open();
      sessions.put(id, session);
    }
    boolean isAnswerLost = lab.happens(lab.lossPercent);
    tracker.request(
        session,
        maker.make(tracker, session),
        result -> done.accept(isAnswerLost ? new QuorumEffect.Lost("lost") : result));
  }

  private Request.Open request(QuorumEffect.Open open, LabTracker tracker, long session) {
    byte[] statement =
        DeviceStatements.session(
            new DeviceStatements.Scene(TestUser.NETWORK, tracker.id(), open.owner().mailbox()),
            open.device(),
            open.listVersion(),
            tracker.hash(session));
    return new Request.Open(
        open.owner(), open.list(), open.device(), open.listVersion(), device().sign(statement));
  }

  abstract NodeIdentity device();

  private void bind(QuorumEffect.Bind bind, Consumer<QuorumEffect.Result> done) {
    LabTracker tracker = lab.tracker(bind.tracker().id());
    if (tracker.isDown || lab.happens(lab.lossPercent)) {
      done.accept(new QuorumEffect.Lost("not reached"));
      return;
    }
    tracker.query(
        query(bind, new BindingQuery.AskNonce()),
        answer -> {
          if (!(answer instanceof BindingAnswer.Nonce nonce)) {
            done.accept(new QuorumEffect.BindAnswered(answer));
            return;
          }
          DeviceStatements.Asker asker =
              new DeviceStatements.Asker(
                  bind.device().toBytes(), nonce.nonce(), nonce.observed(), nonce.nowMillis());
          byte[] statement =
              DeviceStatements.bind(
                  new DeviceStatements.Scene(TestUser.NETWORK, tracker.id(), bind.mailbox()),
                  asker,
                  bind.listVersion());
          BindingQuery.Shown shown =
              new BindingQuery.Shown(nonce.nowMillis(), nonce.nonce(), device().sign(statement));
          tracker.query(
              query(bind, new BindingQuery.Bind(bind.device(), bind.listVersion(), shown)),
              bound -> done.accept(new QuorumEffect.BindAnswered(bound)));
        });
  }

  /** Where it sends from. */
  org.bytchat.dht.keyspace.Endpoint endpoint() {
    return org.bytchat.dht.keyspace.Endpoint.ofIpv4(0x0b000000 + index, 5_000);
  }

  private TrackerEngine.Query query(QuorumEffect.Bind bind, BindingQuery query) {
    return new TrackerEngine.Query(true, bind.mailbox(), endpoint(), query.toBytes());
  }
}
