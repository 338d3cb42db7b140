package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.report.LogHistogram;
import org.bytchat.tracker.mailbox.Digest;

/**
 * Knows of each message what became of it everywhere, and judges. Works between two windows, on
 * what the machines have noted since, so that nothing depends on the number of threads.
 */
final class MailAudit {

  private static final long SECOND = 1_000_000;
  private static final int PROBLEMS_MAX = 20;

  /** A device asks so many of the closest trackers. */
  private static final int ASKED = 8;

  private final View view;
  private final Users users;

  private final int victims;

  /** How far clocks may be off. */
  private final long clockSlackMicros;

  private final Map<Digest, State> byDigest = new HashMap<>();
  private final List<State> states = new ArrayList<>();

  /** Of envelopes that are no messages, bits of the devices that have them. */
  private final Map<Digest, Integer> others = new HashMap<>();

  private final PriorityQueue<Probe> probes =
      new PriorityQueue<>(
          Comparator.comparingLong(Probe::atMicros).thenComparingInt(probe -> probe.state.message));
  private final List<String> problems = new ArrayList<>();
  final MailFigures figures = new MailFigures();

  /** What is asked about trackers. */
  interface View {

    /** The place of a tracker, -1 if there is none of that id. */
    int placeOf(NodeId tracker);

    /** How a tracker's disk has an envelope, whether or not it is up. */
    MailDisk.Standing standing(int place, Digest digest);

    /** Whether a tracker has lost an envelope with the disk it was on. */
    boolean isDestroyed(int place, Digest digest);

    /** Whether a tracker keeps to its word. */
    boolean isHonest(int place);

    /** The trackers that are up and closest to a mailbox. */
    List<Integer> closestUp(NodeId mailbox, int count);

    /** Whether a tracker gives what it has. */
    boolean serves(int place);
  }

  /** What became of a message. */
  private static final class State {
    final int message;
    final Digest digest;
    final Users.User to;
    final long sentMicros;
    final long expiresMicros;

    /** Bits of the devices that have it. */
    int devices;

    long depositedMicros = -1;
    long deliveredMicros = -1;
    boolean isLost;
    boolean isFaulted;
    boolean isProven;

    /** Who gave receipts. */
    int[] holders = {};

    State(int message, Digest digest, Users.User to, long sentMicros, long expiresMicros) {
      this.message = message;
      this.digest = digest;
      this.to = to;
      this.sentMicros = sentMicros;
      this.expiresMicros = expiresMicros;
    }

    /** Tells whether all devices have it that are the user's at a time. */
    boolean isComplete(long atMicros) {
      int required = to.required(atMicros);
      return (devices & required) == required;
    }
  }

  private record Probe(long atMicros, State state) {}

  /**
   * Makes an audit.
   *
   * @param victims the mail of the first so many users is told apart
   * @param clockSlackMicros how far clocks may be off
   */
  MailAudit(View view, Users users, int victims, long clockSlackMicros) {
    this.victims = victims;
    this.view = view;
    this.users = users;
    this.clockSlackMicros = clockSlackMicros;
  }

  // What happened.

  /** Enters what the machines noted up to a time. */
  void enter(List<MailLog> logs, List<MailPlan.Message> messages, long endMicros) {
    List<MailLog.Entry> entries = new ArrayList<>();
    for (MailLog log : logs) {
      entries.addAll(log.drain());
      log.drainProblems().forEach(this::problem);
    }
    // Machines come in the order of their places: what follows from something may come before it.
    for (MailLog.Entry entry : entries) {
      if (entry instanceof MailLog.Sent sent) {
        onSent(sent, messages.get(sent.message()), endMicros);
      }
    }
    entries.forEach(this::enter);
    for (MailLog.Entry entry : entries) {
      if (entry instanceof MailLog.Deleted deleted) {
        judge(deleted);
      }
    }
  }

  private void enter(MailLog.Entry entry) {
    if (!(entry instanceof MailLog.Sent) && !(entry instanceof MailLog.Deleted)) {
      State state = byDigest.get(digestOf(entry));
      if (state == null) {
        enterOther(entry);
        return;
      }
      if (entry instanceof MailLog.Deposited deposited) {
        onDeposited(deposited, state);
      } else if (entry instanceof MailLog.Accepted accepted) {
        onAccepted(accepted, state);
      } else if (entry instanceof MailLog.Proven proven) {
        onProven(proven, state);
      }
    }
  }

  /** An outbox that was stopped may say it twice. */
  private void onProven(MailLog.Proven proven, State state) {
    if (!state.isProven) {
      state.isProven = true;
      figures.proven++;
      figures.proofSeconds.record((proven.atMicros() - state.sentMicros) / SECOND);
    }
  }

  /** Of a flood, it is known only who has got it. */
  private void enterOther(MailLog.Entry entry) {
    if (entry instanceof MailLog.Accepted accepted) {
      others.merge(accepted.digest(), 1 << accepted.device(), (one, other) -> one | other);
    }
  }

  private boolean isAcknowledged(MailLog.Deleted deleted) {
    State state = byDigest.get(deleted.digest());
    if (state != null) {
      return state.isComplete(deleted.atMicros());
    }
    Users.User owner = users.of(deleted.mailbox());
    int required = owner == null ? -1 : owner.required(deleted.atMicros());
    return (others.getOrDefault(deleted.digest(), 0) & required) == required;
  }

  private static Digest digestOf(MailLog.Entry entry) {
    if (entry instanceof MailLog.Deposited deposited) {
      return deposited.digest();
    }
    if (entry instanceof MailLog.Accepted accepted) {
      return accepted.digest();
    }
    if (entry instanceof MailLog.Proven proven) {
      return proven.digest();
    }
    throw new IllegalArgumentException("not of a message: " + entry);
  }

  private void onSent(MailLog.Sent sent, MailPlan.Message message, long endMicros) {
    long life = (sent.expiresMillis() - sent.writtenMillis()) * 1_000;
    State state =
        new State(
            message.index(),
            sent.digest(),
            users.user(message.to()),
            sent.atMicros(),
            sent.atMicros() + life);
    byDigest.put(sent.digest(), state);
    states.add(state);
    figures.sent++;
    long until = Math.min(endMicros, state.expiresMicros);
    probes.add(
        new Probe(sent.atMicros() + (long) (message.probe() * (until - sent.atMicros())), state));
  }

  private void onDeposited(MailLog.Deposited deposited, State state) {
    if (state.depositedMicros >= 0) {
      return;
    }
    state.depositedMicros = deposited.atMicros();
    figures.deposited++;
    figures.depositMillis.record((deposited.atMicros() - state.sentMicros) / 1_000);
    state.holders = deposited.trackers().stream().mapToInt(view::placeOf).toArray();
  }

  private void onAccepted(MailLog.Accepted accepted, State state) {
    int bit = 1 << accepted.device();
    state.devices |= bit;
    countIfRevoked(accepted, state.to);
    // What a device has that is revoked, its user has not.
    boolean isDelivery = (state.to.required(accepted.atMicros()) & bit) != 0;
    if (isDelivery && state.deliveredMicros < 0) {
      state.deliveredMicros = accepted.atMicros();
      figures.delivered++;
      figures.deliverySeconds.record((accepted.atMicros() - state.sentMicros) / SECOND);
    }
  }

  /** A tracker that has not learnt of a list yet is at no fault. */
  private void countIfRevoked(MailLog.Accepted accepted, Users.User user) {
    long since = accepted.atMicros() - user.revokedMicros();
    if (since >= 0 && user.isRevoked(accepted.device())) {
      figures.handedToRevoked++;
      figures.handedToRevokedMicrosMax = Math.max(figures.handedToRevokedMicrosMax, since);
    }
  }

  // What must be so.

  private void problem(String text) {
    figures.violations++;
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(text);
    }
  }

  /** Takes what was found since the last time. */
  List<String> drainProblems() {
    List<String> found = List.copyOf(problems);
    problems.clear();
    return found;
  }

  private void judge(MailLog.Deleted deleted) {
    if (!isAcknowledged(deleted)) {
      problem(
          String.format(
              Locale.ROOT,
              "tracker %d at %.3f s: deletes %s, which not all devices have",
              deleted.tracker(),
              deleted.atMicros() / 1e6,
              deleted.digest()));
    }
  }

  /** Looks for messages that are lost although they must not be. */
  void checkCustody(long nowMicros) {
    for (State state : states) {
      if (state.depositedMicros < 0
          || state.isComplete(nowMicros)
          || state.isLost
          || nowMicros + clockSlackMicros >= state.expiresMicros) {
        continue;
      }
      if (!isHeldByHolder(state)) {
        state.isLost = true;
        figures.lost++;
      }
    }
  }

  /** Returns whether one who gave a receipt has it, or none of them has to. */
  private boolean isHeldByHolder(State state) {
    boolean isHeld = false;
    boolean isExcused = true;
    for (int place : state.holders) {
      if (view.standing(place, state.digest) == MailDisk.Standing.HELD) {
        isHeld = true;
      }
      boolean isBound = view.isHonest(place) && !view.isDestroyed(place, state.digest);
      isExcused &= !isBound;
      if (isBound
          && !state.isFaulted
          && view.standing(place, state.digest) != MailDisk.Standing.HELD) {
        state.isFaulted = true;
        problem(
            "tracker %d has given a receipt for %s, which it has not any more"
                .formatted(place, state.digest));
      }
    }
    if (isHeld) {
      return true;
    }
    if (!isExcused) {
      problem("message %d is lost: none who gave a receipt has it".formatted(state.message));
    }
    return false;
  }

  // How well it goes.

  /** Looks at those messages whose time has come. */
  void probe(long nowMicros) {
    for (Probe next = probes.peek();
        next != null && next.atMicros <= nowMicros;
        next = probes.peek()) {
      probes.remove();
      State state = next.state;
      if (state.to.index() < victims) {
        figures.victimProbes++;
        figures.victimMissed += isKept(state, nowMicros) ? 0 : 1;
        continue;
      }
      // Until it is deposited it is the sender's, who still has it.
      figures.probes++;
      if (state.isComplete(nowMicros)) {
        figures.probesDelivered++;
      } else if (isFetchable(state)) {
        figures.probesFetchable++;
      } else if (state.depositedMicros < 0) {
        figures.probesUnsent++;
      } else {
        figures.probesMissed++;
      }
    }
  }

  private boolean isKept(State state, long nowMicros) {
    return state.isComplete(nowMicros) || isFetchable(state);
  }

  private boolean isFetchable(State state) {
    return copies(state) > 0;
  }

  /** Returns how many of those whom a device would ask give it. */
  private long copies(State state) {
    return view.closestUp(state.to.mailbox(), ASKED).stream()
        .filter(view::serves)
        .filter(place -> view.standing(place, state.digest) == MailDisk.Standing.HELD)
        .count();
  }

  /** Counts what there is at the end. */
  void finish(long nowMicros) {
    checkCustody(nowMicros);
    LogHistogram copies = figures.copies;
    for (State state : states) {
      if (state.isComplete(nowMicros)) {
        figures.deliveredToAll++;
        continue;
      }
      if (nowMicros >= state.expiresMicros) {
        figures.expired++;
        if ((state.devices & state.to.required(state.expiresMicros)) == 0) {
          figures.expiredUnseen++;
        }
        continue;
      }
      long count = copies(state);
      copies.record(count);
      if (count > 0) {
        figures.fetchable++;
      } else if (state.depositedMicros < 0) {
        figures.undeposited++;
      } else {
        figures.unreachable++;
      }
    }
  }

  /** Returns the messages that should have been deposited for so long but are not. */
  long overdue(long nowMicros, long patienceMicros) {
    return states.stream()
        .filter(state -> state.depositedMicros < 0 && state.deliveredMicros < 0)
        .filter(state -> state.to.index() >= victims)
        .filter(state -> nowMicros - state.sentMicros > patienceMicros)
        .count();
  }
}
