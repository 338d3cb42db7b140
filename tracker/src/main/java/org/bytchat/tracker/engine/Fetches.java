package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.time.DeadlineQueue;
import org.bytchat.dht.time.Timed;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;

/** Gives devices what they have not acknowledged, or has them wait for it. */
final class Fetches {

  private final Desk desk;
  private final Owners owners;
  private final DeadlineQueue<Waiting> deadlines = new DeadlineQueue<>();
  private final Map<NodeId, List<Waiting>> waiting = new LinkedHashMap<>();

  /** A fetch that waits for an envelope. */
  private static final class Waiting extends Timed {
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
          List<Held> page = page(fetch, mailbox);
          if (page.isEmpty() && waitMillis > 0) {
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
    boolean isFull = mailbox.liveCount >= desk.config.mailbox().envelopesMax() * 9 / 10;
    mailbox.refusedCount = isFull ? mailbox.refusedCount : 0;
    long cursor =
        given.isEmpty() ? fetch.request.after() : given.get(given.size() - 1).entry.sequence();
    Response.PageEnd end = new Response.PageEnd(cursor, more, mailbox.refusedCount);
    if (given.isEmpty()) {
      fetch.call.answer(end);
      return;
    }
    if (!desk.hasRoomFor(1)) {
      fetch.call.refuse(Refusal.BUSY, "too much is under way");
      return;
    }
    List<Digest> digests = given.stream().map(Held::digest).toList();
    desk.perform(
        id -> new TrackerEffect.ReadEnvelopes(id, mailbox.key, digests),
        result -> {
          if (result instanceof TrackerEffect.EnvelopesRead read) {
            give(fetch.call, read, end);
          } else {
            fetch.call.refuse(Refusal.STORE, "the envelopes cannot be read");
          }
        });
  }

  private void give(Call call, TrackerEffect.EnvelopesRead read, Response.PageEnd end) {
    List<byte[]> envelopes = new ArrayList<>();
    for (byte[] envelope : read.envelopes()) {
      // One may have been deleted meanwhile.
      if (envelope != null) {
        envelopes.add(envelope);
      }
    }
    desk.count(TrackerCounter.FETCHED, envelopes.size());
    if (!envelopes.isEmpty()) {
      call.part(new Response.Envelopes(envelopes));
    }
    call.answer(end);
  }

  /** An envelope is there for those who wait. */
  void onArrived(Mailbox mailbox) {
    List<Waiting> all = waiting.remove(mailbox.key);
    if (all != null) {
      for (Waiting fetch : all) {
        deadlines.cancel(fetch);
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
      List<Waiting> all = waiting.get(due.mailbox);
      if (all != null) {
        all.remove(due);
        if (all.isEmpty()) {
          waiting.remove(due.mailbox);
        }
      }
      due.call.answer(new Response.PageEnd(due.request.after(), false, 0));
      due = deadlines.pollDue(desk.nowNanos);
    }
  }

  /** A session is closed: nobody waits in it any more. */
  void onClosed(ClientSession session) {
    NodeId mailbox = session.mailbox;
    List<Waiting> all = mailbox == null ? null : waiting.get(mailbox);
    if (all == null || mailbox == null) {
      return;
    }
    all.removeIf(
        fetch -> {
          if (fetch.call.session == session) {
            deadlines.cancel(fetch);
            return true;
          }
          return false;
        });
    if (all.isEmpty()) {
      waiting.remove(mailbox);
    }
  }
}
