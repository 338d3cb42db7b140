package org.bytchat.tracker.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.DigestRange;
import org.jspecify.annotations.Nullable;

/**
 * Mends one mailbox with what one peer has: finds the difference, then takes its lists, its
 * envelopes and its acknowledgements, in this order, since each is verified with what came before.
 */
final class MailboxRepair {

  /** How many envelopes or acknowledgements are asked for at once. */
  private static final int DIGESTS_AT_ONCE = 32;

  private final Desk desk;
  private final Tools tools;
  final Line line;
  final Object turn;
  private final NodeId key;
  private final Difference difference;

  /** What the peer has and this tracker lacks, once the mailbox has been read. */
  private Differences differences;

  /** The fingerprints of the lists, null before a comparison has told that of the peer. */
  private LastingDifferences.@Nullable Pair lists;

  /** Whether nothing was left out that may go better at once. */
  private boolean isWhole = true;

  /** What the peer has deleted and this tracker never had. */
  private final Burials burials;

  /**
   * What takes up what was taken.
   *
   * @param mailboxes those in memory
   * @param owners takes lists
   * @param deposits takes envelopes
   * @param custody takes acknowledgements
   * @param deletions asks whether a list is the newest
   * @param refused what need not be pulled again
   * @param lasting what need not be mended again
   */
  record Tools(
      Mailboxes mailboxes,
      Owners owners,
      Deposits deposits,
      Custody custody,
      Deletions deletions,
      RefusedCopies refused,
      LastingDifferences lasting) {}

  /**
   * A mailbox of which a peer has something else.
   *
   * @param mailbox its key
   * @param fingerprints what it is here and there
   */
  record Difference(NodeId mailbox, LastingDifferences.Pair fingerprints) {}

  /** Takes an answer that is no refusal. */
  @FunctionalInterface
  interface AnswerHandler {
    void handle(Response response);
  }

  /** The line to the peer. */
  interface Line {

    /** Asks, when there is time to; the handler is not called if the turn has ended. */
    void ask(Request request, AnswerHandler handler);

    /** Returns who is asked. */
    NodeId peer();

    /** Notes how long an answer was. */
    void charge(long sizeBytes);

    /** Tells whether the turn in which a repair began goes on. */
    boolean isCurrent(MailboxRepair repair);

    /** The turn, for {@link #isCurrent}. */
    Object turnNow();

    /** The mailbox is mended as far as it goes. */
    void onMended();

    /** The peer does not answer as it must. */
    void onBroken();
  }

  /** When the mailbox was used last, as the peer says; not known before its owner is. */
  private long usedMillis;

  MailboxRepair(Desk desk, Tools tools, Line line, Difference difference) {
    this.desk = desk;
    this.tools = tools;
    this.line = line;
    this.turn = line.turnNow();
    this.key = difference.mailbox;
    this.difference = difference;
    this.differences = new Differences(desk.config, List.of());
    this.burials = new Burials(desk, tools, key, line.peer());
  }

  void begin() {
    with(
        mailbox -> {
          differences = new Differences(desk.config, mailbox.items(desk.wallMillis()));
          compare();
        });
  }

  /** Ends, wherever it is: what is known for certain has not been asked for in vain. */
  void leave() {
    burials.leave();
  }

  /** Goes on with the mailbox if the turn goes on. */
  private void with(Owners.Step step) {
    tools.mailboxes.with(
        key,
        new Mailboxes.Work() {
          @Override
          public void run(Mailbox mailbox) {
            if (line.isCurrent(MailboxRepair.this)) {
              step.run(mailbox);
            }
          }

          @Override
          public void fail(Refusal refusal, String text) {
            if (line.isCurrent(MailboxRepair.this)) {
              // The fault is here; the next turn tries again.
              line.onMended();
            }
          }
        });
  }

  /** Asks, if the turn goes on: what was going on here may have taken longer. */
  private void ask(Request request, AnswerHandler handler) {
    if (line.isCurrent(this)) {
      line.ask(request, handler);
    }
  }

  private void compare() {
    List<DigestRange> asked = differences.next();
    if (asked.isEmpty()) {
      with(this::choose);
      return;
    }
    ask(
        new Request.Compare(key, asked),
        response -> {
          if (response instanceof Response.Compared compared
              && differences.take(asked, compared.comparisons())) {
            line.charge(
                compared.comparisons().stream().mapToLong(one -> one.toBytes().length).sum());
            onCompared(compared);
          } else {
            line.onBroken();
          }
        });
  }

  private void onCompared(Response.Compared compared) {
    if (lists != null) {
      compare();
      return;
    }
    with(
        mailbox -> {
          LastingDifferences.Pair both =
              new LastingDifferences.Pair(mailbox.listsFingerprint(), compared.lists());
          lists = both;
          if (both.here().equals(both.there()) || tools.lasting.areListsKnown(place(), both)) {
            compare();
          } else {
            pullOwner();
          }
        });
  }

  private LastingDifferences.Place place() {
    return new LastingDifferences.Place(line.peer(), key);
  }

  private void pullOwner() {
    ask(
        new Request.PullOwner(key),
        response -> {
          if (response instanceof Response.Owned owned && isOfMailbox(owned)) {
            line.charge(sizeBytes(owned));
            with(mailbox -> takeOwner(mailbox, owned));
          } else {
            line.onBroken();
          }
        });
  }

  private boolean isOfMailbox(Response.Owned owned) {
    Owner owner = owned.owner();
    DeliveryKeys keys = owned.keys();
    return (owner == null || owner.mailbox().equals(key))
        && (keys == null || keys.content().mailbox().equals(key));
  }

  private static long sizeBytes(Response.Owned owned) {
    DeviceList list = owned.list();
    DeliveryKeys keys = owned.keys();
    return (list == null ? 0L : list.toBytes().length) + (keys == null ? 0 : keys.toBytes().length);
  }

  /** Whatever comes of the list and of the keys: envelopes that need them are refused without. */
  private void takeOwner(Mailbox mailbox, Response.Owned owned) {
    long nowMillis = desk.wallMillis();
    long saidMillis = owned.usedMillis() == 0 ? nowMillis : owned.usedMillis();
    usedMillis = Math.min(nowMillis, saidMillis);
    if (!mailbox.isBegun
        && usedMillis <= nowMillis - desk.config.times().mailboxIdle().toMillis()) {
      // Trackers would give each other for ever what all of them forget.
      desk.count(TrackerCounter.REPAIR_REFUSED);
      compare();
      return;
    }
    Owner owner = owned.owner();
    DeviceList list = owned.list();
    if (owner == null || list == null) {
      takeKeys(owned.keys());
    } else {
      tools.owners.putDevices(
          inward(
              response -> {
                watch(response);
                takeKeys(owned.keys());
              }),
          new Request.PutDevices(owner, list));
    }
  }

  private void takeKeys(@Nullable DeliveryKeys keys) {
    if (keys == null) {
      compare();
    } else {
      tools.owners.putKeys(
          inward(
              response -> {
                watch(response);
                compare();
              }),
          new Request.PutDeliveryKeys(keys));
    }
  }

  /** Notes a refusal of something that may be taken a moment later. */
  private void watch(Response response) {
    if (response instanceof Response.Refused refused
        && (refused.refusal() == Refusal.BUSY || refused.refusal() == Refusal.STORE)) {
      isWhole = false;
    }
  }

  private Inward inward(AnswerHandler next) {
    return new Inward(
        desk,
        usedMillis,
        response -> {
          if (line.isCurrent(this)) {
            next.handle(response);
          }
        });
  }

  /** Leaves out what was refused lately, and what is here although it has ended by the clock. */
  private void choose(Mailbox mailbox) {
    Digest lists = mailbox.listsFingerprint();
    NodeId peer = line.peer();
    Set<Digest> refused = new LinkedHashSet<>();
    for (Digest digest : differences.lacking) {
      if (mailbox.find(digest) == null
          && tools.refused.contains(peer, mailbox, digest, lists, desk.nowNanos)) {
        refused.add(digest);
      }
    }
    differences.narrow(mailbox, refused);
    pullEnvelopes();
  }

  private void pullEnvelopes() {
    List<Digest> asked = differences.lacking.stream().limit(DIGESTS_AT_ONCE).toList();
    if (asked.isEmpty()) {
      pullAcks();
      return;
    }
    ask(
        new Request.Pull(key, asked, List.of()),
        response -> {
          if (response instanceof Response.Pulled pulled && areAsked(asked, pulled.copies())) {
            line.charge(sizeBytes(pulled));
            Digest last =
                pulled.copies().isEmpty()
                    ? asked.get(0)
                    : pulled.copies().get(pulled.copies().size() - 1).head().digest();
            // Those before the last one that came are not there any more, or cannot be read. If
            // none came, there may have been room for the others only.
            asked.subList(0, asked.indexOf(last) + 1).forEach(differences.lacking::remove);
            takeCopies(new ArrayDeque<>(pulled.copies()));
          } else {
            line.onBroken();
          }
        });
  }

  /** In the order asked, and each once. */
  private static boolean areAsked(List<Digest> asked, List<Copy> copies) {
    int at = 0;
    for (Copy copy : copies) {
      while (at < asked.size() && !asked.get(at).equals(copy.head().digest())) {
        at++;
      }
      if (at == asked.size()) {
        return false;
      }
      at++;
    }
    return true;
  }

  private static long sizeBytes(Response.Pulled pulled) {
    long size = 0;
    for (Copy copy : pulled.copies()) {
      byte[] envelope = copy.envelope();
      size += 64 + (envelope == null ? 0 : envelope.length);
    }
    for (AckBatch batch : pulled.acks()) {
      size += (long) batch.digests().size() * Digest.BYTES;
    }
    return size;
  }

  private void takeCopies(Deque<Copy> copies) {
    Copy copy = copies.poll();
    if (copy == null) {
      pullEnvelopes();
    } else if (copy.envelope() == null) {
      burials.add(copy.head());
      takeCopies(copies);
    } else {
      tools.deposits.copy(
          inward(
              response -> {
                if (response instanceof Response.Refused refusal) {
                  onRefused(refusal.refusal(), copy, copies);
                } else {
                  takeCopies(copies);
                }
              }),
          key,
          copy);
    }
  }

  private void onRefused(Refusal refusal, Copy copy, Deque<Copy> others) {
    desk.count(TrackerCounter.REPAIR_REFUSED);
    byte[] envelope = copy.envelope();
    if (refusal == Refusal.STORE) {
      // The fault is here; others would come in vain too.
      line.onMended();
    } else if (envelope != null && !tools.deposits.hasSpace(envelope.length)) {
      // Acknowledgements may make room.
      isWhole = false;
      differences.lacking.clear();
      pullAcks();
    } else if (refusal == Refusal.BUSY) {
      isWhole = false;
      takeCopies(others);
    } else {
      with(
          mailbox -> {
            tools.refused.note(line.peer(), mailbox, copy.head().digest(), desk.nowNanos);
            takeCopies(others);
          });
    }
  }

  private void pullAcks() {
    if (burials.isDue()) {
      burials.bury(this::pullAcksOnward);
    } else {
      pullAcksOnward();
    }
  }

  private void pullAcksOnward() {
    if (!line.isCurrent(this)) {
      return;
    }
    List<Digest> asked = differences.unacked.keySet().stream().limit(DIGESTS_AT_ONCE).toList();
    if (asked.isEmpty()) {
      burials.end(
          () -> {
            if (line.isCurrent(this)) {
              end();
            }
          });
      return;
    }
    ask(
        new Request.Pull(key, List.of(), asked),
        response -> {
          if (response instanceof Response.Pulled pulled && pulled.copies().isEmpty()) {
            line.charge(sizeBytes(pulled));
            if (!settle(pulled.acks())) {
              asked.forEach(differences.unacked::remove);
            }
            takeAcks(new ArrayDeque<>(pulled.acks()));
          } else {
            line.onBroken();
          }
        });
  }

  private void end() {
    LastingDifferences.Pair both = lists;
    if (isWhole && both != null && !differences.isCut() && !burials.isPutOff()) {
      tools.lasting.note(place(), difference.fingerprints, both);
    }
    line.onMended();
  }

  /** Notes which acknowledgements came, good or not; tells whether any did. */
  private boolean settle(List<AckBatch> batches) {
    boolean any = false;
    for (AckBatch batch : batches) {
      for (Digest digest : batch.digests()) {
        Set<DeviceId> missing = differences.unacked.get(digest);
        if (missing != null && missing.remove(batch.device())) {
          any = true;
          if (missing.isEmpty()) {
            differences.unacked.remove(digest);
          }
        }
      }
    }
    return any;
  }

  private void takeAcks(Deque<AckBatch> batches) {
    AckBatch batch = batches.poll();
    if (batch == null) {
      pullAcks();
    } else if (!batch.mailbox().equals(key)) {
      takeAcks(batches);
    } else {
      burials.verify(
          batch,
          () -> {
            tools.custody.acknowledge(
                inward(
                    response -> {
                      watch(response);
                      takeAcks(batches);
                    }),
                batch);
          });
    }
  }
}
