package org.bytchat.tracker.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.repair.Fingerprints;
import org.bytchat.tracker.repair.Item;
import org.bytchat.tracker.repair.RepairStatements;
import org.bytchat.tracker.repair.Summary;
import org.jspecify.annotations.Nullable;

/**
 * Gives other trackers copies: to those that have shown which they are, of mailboxes to which they
 * are close, and no faster than is configured.
 */
final class PeerRequests {

  /** What the values of an answer may take; a frame has 80 KiB. */
  static final int ANSWER_BYTES_MAX = 76_000;

  /** How many mailboxes one answer has at most. */
  static final int SUMMARIES_MAX = 64;

  /** How many envelopes, or acknowledgements, one request may name. */
  static final int DIGESTS_MAX = 64;

  /** How many keys are passed over for one answer. */
  private static final int SCAN_MAX = 1_024;

  /** How many items hashed, or keys passed over, cost as much as one mailbox. */
  private static final int CHEAP_PER_UNIT = 64;

  /** What a binary takes beside its bytes, at most. */
  private static final int HEADER_BYTES = 5;

  private static final int HEAD_BYTES = 200;

  private final Desk desk;
  private final Owners owners;
  private final Neighbours neighbours;
  private final Pace work;
  private final Pace bytes;
  private final Map<NodeId, Share> shares = new LinkedHashMap<>();

  /** What one peer may take of both: half, so that one that keeps asking leaves others some. */
  private static final class Share {
    final Pace work;
    final Pace bytes;

    Share(TrackerConfig.Repair limits) {
      this.work = new Pace(Math.max(1, limits.mailboxesPerSecond() / 2));
      this.bytes = new Pace(limits.bytesPerSecond() / 2);
    }
  }

  PeerRequests(Desk desk, Owners owners, Neighbours neighbours) {
    this.desk = desk;
    this.owners = owners;
    this.neighbours = neighbours;
    this.work = new Pace(desk.config.repair().mailboxesPerSecond());
    this.bytes = new Pace(desk.config.repair().bytesPerSecond());
  }

  /** Takes a tracker's proof of which one it is. */
  void greet(Call call, Request.Peer request) {
    NodeId peer = NodeIdentity.idOf(request.publicKey());
    if (desk.config.repair().servedPeers() == 0 || !neighbours.knows(peer)) {
      call.refuse(Refusal.NOT_NEAR, "no such tracker is known here");
      return;
    }
    byte[] statement =
        RepairStatements.peer(desk.networkId, desk.tracker, peer, call.session.handshakeHash);
    desk.verify(
        request.publicKey(),
        statement,
        request.signature(),
        verdict -> {
          if (verdict.isGood()) {
            call.session.peer = peer;
            call.answer(new Response.Greeted());
          } else {
            call.refuse(verdict, "the session's signature is not the tracker's");
          }
        });
  }

  /** Tells whether a request may be served now, and refuses it if not. */
  private boolean isAllowed(Call call, @Nullable NodeId mailbox) {
    NodeId peer = call.session.peer;
    if (peer == null) {
      call.refuse(Refusal.NOT_NEAR, "no tracker has shown itself in this session");
    } else if (mailbox != null && !neighbours.serves(peer, mailbox)) {
      call.refuse(Refusal.NOT_NEAR, "others are closer to the mailbox");
    } else if (!isReady(work, bytes) || !isReady(share(peer).work, share(peer).bytes)) {
      call.refuse(Refusal.BUSY, "other trackers have been given enough for now");
    } else if (!desk.hasRoomFor(1)) {
      call.refuse(Refusal.BUSY, "too much is under way");
    } else {
      return true;
    }
    return false;
  }

  private boolean isReady(Pace work, Pace bytes) {
    return work.isReady(desk.nowNanos) && bytes.isReady(desk.nowNanos);
  }

  /** Those of trackers that are not known any more are forgotten, so that they do not add up. */
  private Share share(NodeId peer) {
    if (!shares.containsKey(peer) && shares.size() >= desk.config.repair().neighboursMax()) {
      shares.keySet().removeIf(other -> !neighbours.knows(other));
    }
    return shares.computeIfAbsent(peer, unused -> new Share(desk.config.repair()));
  }

  /** Notes what a request costs, in mailboxes summarised. */
  private void charge(Call call, long amount) {
    work.charge(amount, desk.nowNanos);
    NodeId peer = call.session.peer;
    if (peer != null) {
      share(peer).work.charge(amount, desk.nowNanos);
    }
  }

  private void answer(Call call, Response response, long sizeBytes) {
    bytes.charge(sizeBytes, desk.nowNanos);
    NodeId peer = call.session.peer;
    if (peer != null) {
      share(peer).bytes.charge(sizeBytes, desk.nowNanos);
    }
    desk.count(TrackerCounter.REPAIR_SERVED_BYTES, sizeBytes);
    call.answer(response);
  }

  void list(Call call, Request.ListMailboxes request) {
    NodeId peer = call.session.peer;
    if (!isAllowed(call, null) || peer == null) {
      return;
    }
    charge(call, 1);
    desk.perform(
        id -> new TrackerEffect.ListMailboxes(id, request.after(), SCAN_MAX),
        result -> {
          if (result instanceof TrackerEffect.Found found) {
            summarise(call, peer, found.mailboxes(), Math.min(request.limit(), SUMMARIES_MAX));
          } else {
            call.refuse(Refusal.STORE, "the mailboxes cannot be read");
          }
        });
  }

  private void summarise(Call call, NodeId peer, List<NodeId> scanned, int limit) {
    List<NodeId> chosen = new ArrayList<>();
    NodeId next = null;
    for (NodeId mailbox : scanned) {
      if (chosen.size() == limit) {
        break;
      }
      next = mailbox;
      if (neighbours.serves(peer, mailbox)) {
        chosen.add(mailbox);
      }
    }
    boolean isAll =
        scanned.size() < SCAN_MAX && (next == null || scanned.get(scanned.size() - 1).equals(next));
    NodeId cursor = isAll ? null : next;
    charge(call, chosen.size() + scanned.size() / CHEAP_PER_UNIT);
    long nowMillis = desk.wallMillis();
    desk.perform(
        id -> new TrackerEffect.Fingerprint(id, chosen, nowMillis),
        result -> {
          if (result instanceof TrackerEffect.Fingerprinted read) {
            List<Summary> summaries = new ArrayList<>();
            for (NodeId mailbox : chosen) {
              Digest fingerprint = read.fingerprints().get(mailbox);
              if (fingerprint != null) {
                summaries.add(new Summary(mailbox, fingerprint));
              }
            }
            answer(
                call,
                new Response.Mailboxes(summaries, cursor),
                (long) summaries.size() * Summary.BYTES);
          } else {
            call.refuse(Refusal.STORE, "the mailboxes cannot be read");
          }
        });
  }

  void compare(Call call, Request.Compare request) {
    if (!isDisjoint(request.ranges())) {
      call.refuse(Refusal.MALFORMED, "the ranges do not rise");
    } else if (isAllowed(call, request.mailbox())) {
      owners.with(request.mailbox(), call, mailbox -> compare(call, request, mailbox));
    }
  }

  /** So that no item is hashed more than twice for one request. */
  private static boolean isDisjoint(List<DigestRange> ranges) {
    for (int i = 1; i < ranges.size(); i++) {
      if (ranges.get(i - 1).last().compareTo(ranges.get(i).first()) >= 0) {
        return false;
      }
    }
    return true;
  }

  private void compare(Call call, Request.Compare request, Mailbox mailbox) {
    List<Item> items = mailbox.items(desk.wallMillis());
    charge(call, 1 + items.size() / CHEAP_PER_UNIT);
    List<Comparison> comparisons = new ArrayList<>();
    int size = 0;
    for (DigestRange range : request.ranges()) {
      Comparison comparison = Fingerprints.compare(items, range);
      size += comparison.toBytes().length + HEADER_BYTES;
      if (size > ANSWER_BYTES_MAX && !comparisons.isEmpty()) {
        break;
      }
      comparisons.add(comparison);
    }
    answer(call, new Response.Compared(mailbox.listsFingerprint(), comparisons), size);
  }

  void pullOwner(Call call, Request.PullOwner request) {
    if (isAllowed(call, request.mailbox())) {
      owners.with(
          request.mailbox(),
          call,
          mailbox -> {
            charge(call, 1);
            Response.Owned owned =
                new Response.Owned(
                    mailbox.owner, mailbox.list, mailbox.validKeys(), mailbox.touchedMillis);
            answer(call, owned, sizeBytes(owned));
          });
    }
  }

  private static long sizeBytes(Response.Owned owned) {
    long size = owned.owner() == null ? 0 : owned.owner().toBytes().length;
    size += owned.list() == null ? 0 : owned.list().toBytes().length;
    return size + (owned.keys() == null ? 0 : owned.keys().toBytes().length);
  }

  void pull(Call call, Request.Pull request) {
    if (request.envelopes().size() > DIGESTS_MAX || request.acks().size() > DIGESTS_MAX) {
      call.refuse(Refusal.MALFORMED, "at most 64 are given at once");
    } else if (isAllowed(call, request.mailbox())) {
      owners.with(request.mailbox(), call, mailbox -> pull(call, request, mailbox));
    }
  }

  private void pull(Call call, Request.Pull request, Mailbox mailbox) {
    charge(call, 1);
    List<Held> chosen = new ArrayList<>();
    long nowMillis = desk.wallMillis();
    int room = ANSWER_BYTES_MAX;
    for (Digest digest : new LinkedHashSet<>(request.envelopes())) {
      Held held = mailbox.find(digest);
      if (held != null && held.durable && held.entry.expiresMillis() > nowMillis) {
        room -= (held.isLive() ? held.entry.sizeBytes() : 0) + HEAD_BYTES;
        if (room < 0 && !chosen.isEmpty()) {
          break;
        }
        chosen.add(held);
      }
    }
    List<Digest> live = chosen.stream().filter(Held::isLive).map(Held::digest).toList();
    Set<Digest> acked = new LinkedHashSet<>(request.acks());
    acked.removeIf(digest -> mailbox.find(digest) == null);
    int ackBytes = Math.max(0, room);
    TrackerEffect.CopiesOf copies =
        new TrackerEffect.CopiesOf(
            mailbox.key, live, List.copyOf(acked), List.copyOf(mailbox.listedDevices()), ackBytes);
    desk.perform(
        id -> new TrackerEffect.ReadCopies(id, copies),
        result -> {
          if (result instanceof TrackerEffect.CopiesRead read) {
            give(call, mailbox, chosen, read);
          } else {
            call.refuse(Refusal.STORE, "the envelopes cannot be read");
          }
        });
  }

  private void give(Call call, Mailbox mailbox, List<Held> chosen, TrackerEffect.CopiesRead read) {
    List<Copy> copies = new ArrayList<>();
    long size = 0;
    int next = 0;
    for (Held held : chosen) {
      Digest digest = held.digest();
      long expires = held.entry.expiresMillis();
      if (next < read.digests().size() && read.digests().get(next).equals(digest)) {
        byte[] envelope = read.envelopes().get(next);
        Origin origin = read.origins().get(next);
        next++;
        if (envelope != null && origin != null) {
          copies.add(new Copy(new Copy.Head(digest, expires, origin), envelope));
          size += envelope.length + HEAD_BYTES;
        } else if (envelope == null && held.isLive()) {
          desk.count(TrackerCounter.UNREADABLE);
        }
      } else {
        copies.add(new Copy(new Copy.Head(digest, expires, null), null));
        size += HEAD_BYTES;
      }
    }
    List<AckBatch> batches = new ArrayList<>();
    for (byte[] carried : read.batches()) {
      AckBatch batch = AckBatch.parse(carried).toOptional().orElse(null);
      if (batch != null && isListed(mailbox, batch.device())) {
        batches.add(batch);
        size += carried.length;
      }
    }
    answer(call, new Response.Pulled(copies, batches), size);
  }

  private static boolean isListed(Mailbox mailbox, DeviceId device) {
    return mailbox.listed(device) != null;
  }
}
