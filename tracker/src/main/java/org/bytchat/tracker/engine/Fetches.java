package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.StoreException;
import org.jspecify.annotations.Nullable;

/** Gives devices what they have not acknowledged, or has them wait for it. */
final class Fetches {

  private final Desk desk;
  private final Owners owners;
  private final DeadlineQueue<Waiting> deadlines = new DeadlineQueue<>();
  private final Map<NodeId, List<Waiting>> waiting = new LinkedHashMap<>();

  /** A fetch that waits for an envelope. */
  static final class Waiting extends Timed {
    final Call call;
    final Request.Fetch request;
    final NodeId mailbox;
    final DeviceId device;

    Waiting(Call call, Request.Fetch request, NodeId mailbox, DeviceId device) {
      this.call = call;
      this.request = request;
      this.mailbox = mailbox;
      this.device = device;
    }
  }

  Fetches(Desk desk, Owners owners) {
    this.desk = desk;
    this.owners = owners;
  }

  int waitingCount() {
    return deadlines.size();
  }

  long nextNanos() {
    return deadlines.nextNanos();
  }

  boolean isAwaited(NodeId mailbox) {
    return waiting.containsKey(mailbox);
  }

  void fetch(Call call, Request.Fetch request) {
    NodeId mailbox = call.session.mailbox;
    DeviceId device = call.session.device;
    if (mailbox == null || device == null) {
      call.refuse(Refusal.NOT_OPEN, "no device has shown itself in this session");
      return;
    }
    if (call.session.fetch != null) {
      call.refuse(Refusal.BUSY, "a session has one fetch at a time");
      return;
    }
    call.session.fetch = call;
    fetch(new Waiting(call, request, mailbox, device), request.waitMillis());
  }

  private void fetch(Waiting fetch, long waitMillis) {
    owners.with(
        fetch.mailbox,
        fetch.call,
        mailbox -> {
          if (mailbox.listed(fetch.device) == null) {
            fetch.call.answer(new Response.Refused(Refusal.NOT_LISTED, "revoked", mailbox.list, 0));
            return;
          }
          if (fetch.call.session.closed) {
            // It closed while the mailbox was read: nobody would take back what waits.
            fetch.call.rest();
            return;
          }
          owners.touch(mailbox);
          List<Held> page = page(fetch, mailbox);
          if (page.isEmpty() && waitMillis > 0 && untoldFork(fetch.call.session, mailbox) == null) {
            await(fetch, waitMillis);
          } else {
            read(fetch, mailbox, page);
          }
        });
  }

  /** Returns what the device lacks, up to one more than the limit of a page. */
  private List<Held> page(Waiting fetch, Mailbox mailbox) {
    TrackerConfig.Page limits = desk.config.page();
    int limit = Math.max(1, Math.min(fetch.request.limit(), limits.envelopesMax()));
    long nowMillis = desk.wallMillis();
    List<Held> page = new ArrayList<>();
    long bytes = 0;
    for (Held held : mailbox.entries()) {
      if (held.entry.sequence() <= fetch.request.after()
          || !held.durable
          || !held.isLive()
          || held.entry.expiresMillis() <= nowMillis
          || mailbox.isAcknowledged(held, fetch.device)) {
        continue;
      }
      bytes += held.entry.sizeBytes();
      page.add(held);
      if (page.size() > limit || (page.size() > 1 && bytes > limits.bytesMax())) {
        break;
      }
    }
    return page;
  }

  private void await(Waiting fetch, long waitMillis) {
    long millis = Math.min(waitMillis, desk.config.times().waitMax().toMillis());
    deadlines.schedule(fetch, desk.nowNanos + millis * 1_000_000);
    waiting.computeIfAbsent(fetch.mailbox, unused -> new ArrayList<>()).add(fetch);
    fetch.call.session.waiting.add(fetch);
    fetch.call.rest();
  }

  private void read(Waiting fetch, Mailbox mailbox, List<Held> page) {
    TrackerConfig.Page limits = desk.config.page();
    int limit = Math.max(1, Math.min(fetch.request.limit(), limits.envelopesMax()));
    List<Held> given = new ArrayList<>(page);
    long bytes = given.stream().mapToLong(held -> held.entry.sizeBytes()).sum();
    boolean more = given.size() > limit || (given.size() > 1 && bytes > limits.bytesMax());
    if (more) {
      given.remove(given.size() - 1);
    }
    long refusedCount = refusedCount(mailbox);
    long cursor =
        given.isEmpty() ? fetch.request.after() : given.get(given.size() - 1).entry.sequence();
    DeviceList fork = untoldFork(fetch.call.session, mailbox);
    Response.PageEnd end = new Response.PageEnd(cursor, more, refusedCount, fork);
    if (given.isEmpty()) {
      answer(fetch.call, end);
      return;
    }
    if (!desk.hasRoomFor(1)) {
      fetch.call.refuse(Refusal.BUSY, "too much is under way");
      return;
    }
    read(new Reading(fetch.call, mailbox.key, given, end));
  }

  /**
   * Returns how many deposits were refused since the mailbox has been full. What is refused is
   * counted in memory alone, so that a mailbox that was read again is known to be full by what is
   * in it: then it is one at least.
   */
  private long refusedCount(Mailbox mailbox) {
    TrackerConfig.MailboxLimits limits = desk.config.mailbox();
    boolean isNearlyFull =
        mailbox.liveCount >= limits.envelopesMax() * 9L / 10
            || mailbox.liveBytes >= limits.bytesMax() * 9 / 10;
    boolean isFull =
        mailbox.liveCount >= limits.envelopesMax()
            || mailbox.liveBytes + Envelope.BYTES_MAX > limits.bytesMax();
    if (!isNearlyFull) {
      mailbox.refusedCount = 0;
      return 0;
    }
    return Math.max(mailbox.refusedCount, isFull ? 1 : 0);
  }

  /** A page that is being read. */
  private record Reading(Call call, NodeId mailbox, List<Held> given, Response.PageEnd end) {

    TrackerEffect.ReadEnvelopes effect(long id, List<Held> some) {
      return new TrackerEffect.ReadEnvelopes(id, mailbox, some.stream().map(Held::digest).toList());
    }
  }

  private void read(Reading reading) {
    desk.perform(
        id -> reading.effect(id, reading.given),
        result -> {
          if (result instanceof TrackerEffect.EnvelopesRead read) {
            give(reading, read.envelopes());
          } else if (result instanceof TrackerEffect.Failed failed
              && failed.reason() == StoreException.Reason.DAMAGED) {
            readSingly(reading, new ArrayList<>());
          } else {
            refuse(reading);
          }
        });
  }

  private static void refuse(Reading reading) {
    reading.call.refuse(Refusal.STORE, "the envelopes cannot be read");
  }

  /** A damaged envelope must not keep the others of its page from their device. */
  private void readSingly(Reading reading, List<byte @Nullable []> done) {
    if (done.size() == reading.given.size()) {
      give(reading, done);
      return;
    }
    desk.perform(
        id -> reading.effect(id, List.of(reading.given.get(done.size()))),
        result -> {
          if (result instanceof TrackerEffect.EnvelopesRead read) {
            done.addAll(read.envelopes());
          } else if (result instanceof TrackerEffect.Failed failed
              && failed.reason() == StoreException.Reason.DAMAGED) {
            desk.count(TrackerCounter.UNREADABLE);
            done.add(null);
          } else {
            refuse(reading);
            return;
          }
          readSingly(reading, done);
        });
  }

  private void give(Reading reading, List<byte @Nullable []> read) {
    List<byte[]> envelopes = new ArrayList<>();
    long nowMillis = desk.wallMillis();
    for (int i = 0; i < read.size(); i++) {
      byte[] envelope = read.get(i);
      // One may have been deleted meanwhile, or have ended.
      if (envelope != null && reading.given.get(i).entry.expiresMillis() > nowMillis) {
        envelopes.add(envelope);
      }
    }
    desk.count(TrackerCounter.FETCHED, envelopes.size());
    if (!envelopes.isEmpty()) {
      reading.call.part(new Response.Envelopes(envelopes));
    }
    answer(reading.call, reading.end);
  }

  /** Returns what a session has to be told of its mailbox's owner, null if there is nothing. */
  private static @Nullable DeviceList untoldFork(ClientSession session, Mailbox mailbox) {
    DeviceList fork = mailbox.fork;
    return Objects.equals(fork, session.toldFork) ? null : fork;
  }

  private static void answer(Call call, Response.PageEnd end) {
    if (end.fork() != null) {
      call.session.toldFork = end.fork();
    }
    call.answer(end);
  }

  /** There is something for those who wait: an envelope, or a fork of the device list. */
  void onArrived(Mailbox mailbox) {
    List<Waiting> all = waiting.remove(mailbox.key);
    if (all != null) {
      for (Waiting fetch : all) {
        deadlines.cancel(fetch);
        fetch.call.session.waiting.remove(fetch);
        fetch(fetch, remainingMillis(fetch));
      }
    }
  }

  private long remainingMillis(Waiting fetch) {
    return Math.max(0, (fetch.deadlineNanos() - desk.nowNanos) / 1_000_000);
  }

  /** Those who waited long enough learn that there is nothing. */
  void handleTimeout() {
    Waiting due = deadlines.pollDue(desk.nowNanos);
    while (due != null) {
      forget(due);
      due.call.session.waiting.remove(due);
      fetch(due, 0);
      due = deadlines.pollDue(desk.nowNanos);
    }
  }

  private void forget(Waiting fetch) {
    List<Waiting> all = waiting.get(fetch.mailbox);
    if (all != null) {
      all.remove(fetch);
      if (all.isEmpty()) {
        waiting.remove(fetch.mailbox);
      }
    }
  }

  /** A session is closed: nobody waits in it any more, for whichever mailboxes it was open. */
  void onClosed(ClientSession session) {
    for (Waiting fetch : session.waiting) {
      deadlines.cancel(fetch);
      forget(fetch);
    }
    session.waiting.clear();
  }
}
