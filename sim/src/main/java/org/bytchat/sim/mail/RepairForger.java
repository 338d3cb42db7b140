package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.sim.model.Mix;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.repair.Item;
import org.bytchat.tracker.repair.Summary;
import org.jspecify.annotations.Nullable;

/**
 * Makes up answers to other trackers: what they would take if they did not verify it. It has no
 * keys but its own, knows what others sent it, and draws what it does of a state.
 */
final class RepairForger {

  private static final double FORGED = 0.5;
  private static final int KEY_BYTES = 32;
  private static final long SHIFT_MILLIS = 3_600_000;

  /** A longer answer is no frame. */
  private static final int ANSWER_BYTES_MAX = 76_000;

  private static final int HEADER_BYTES = 5;

  private final Means means;
  private final MailCounts counts;
  private final UserKey user;
  private final NodeIdentity device;
  private long drawn;

  /** What was asked last in each session; other trackers ask one thing at a time. */
  private final Map<Long, Request> asked = new HashMap<>();

  /** The first list of each mailbox that was seen, and the newest one. */
  private final Map<NodeId, Known> oldest = new LinkedHashMap<>();

  private final Map<NodeId, Known> newest = new LinkedHashMap<>();

  /**
   * What it makes things up with.
   *
   * @param scheme what signs
   * @param networkId the network
   * @param state what is drawn follows from it
   */
  record Means(SignatureScheme scheme, int networkId, long state) {}

  private record Known(Owner owner, DeviceList list) {}

  RepairForger(Means means, MailCounts counts) {
    this.means = means;
    this.counts = counts;
    this.user = UserKey.ofSeed(means.scheme, Bits.bytes(draw(), KEY_BYTES));
    this.device = NodeIdentity.of(means.scheme, Bits.bytes(draw(), KEY_BYTES));
  }

  private long draw() {
    return Mix.combine(means.state, drawn++);
  }

  private boolean isDrawn() {
    return Mix.share(draw()) < FORGED;
  }

  private int below(int bound) {
    return Mix.below(draw(), bound);
  }

  // What it learns.

  /** Notes what is asked, and the lists that are brought. */
  void onRequest(long session, Request request) {
    if (request instanceof Request.Open open) {
      learn(open.owner(), open.list());
    } else if (request instanceof Request.PutDevices put) {
      learn(put.owner(), put.list());
    }
    if (request instanceof Request.Compare || request instanceof Request.Pull) {
      asked.put(session, request);
    }
  }

  void onClosed(long session) {
    asked.remove(session);
  }

  void onStopped() {
    asked.clear();
  }

  private void learn(Owner owner, @Nullable DeviceList list) {
    if (list == null) {
      return;
    }
    Known known = new Known(owner, list);
    oldest.merge(owner.mailbox(), known, (one, other) -> isNewer(one, other) ? other : one);
    newest.merge(owner.mailbox(), known, (one, other) -> isNewer(one, other) ? one : other);
  }

  private static boolean isNewer(Known one, Known other) {
    return one.list.version() > other.list.version();
  }

  // What it answers.

  /** Returns what it says instead of an answer to another tracker. */
  Response forged(long session, Response response) {
    Request request = asked.get(session);
    if (response instanceof Response.Mailboxes mailboxes) {
      return forged(mailboxes);
    }
    if (response instanceof Response.Compared compared
        && request instanceof Request.Compare compare) {
      Response.Compared forged = forged(compared, compare.mailbox());
      counts.forgedFingerprints += forged.equals(compared) ? 0 : 1;
      return forged;
    }
    if (response instanceof Response.Owned owned) {
      Response.Owned forged = forged(owned);
      counts.forgedLists += forged.equals(owned) ? 0 : 1;
      return forged;
    }
    if (response instanceof Response.Pulled pulled && request instanceof Request.Pull pull) {
      return new Response.Pulled(
          pulled.copies().stream().map(this::forged).toList(), forged(pulled.acks(), pull));
    }
    return response;
  }

  /** So that others look, although they have the same. */
  private Response.Mailboxes forged(Response.Mailboxes mailboxes) {
    List<Summary> summaries = new ArrayList<>();
    for (Summary summary : mailboxes.summaries()) {
      if (isDrawn()) {
        counts.forgedFingerprints++;
        summaries.add(new Summary(summary.mailbox(), flipped(summary.fingerprint())));
      } else {
        summaries.add(summary);
      }
    }
    return new Response.Mailboxes(summaries, mailboxes.next());
  }

  private Response.Compared forged(Response.Compared compared, NodeId mailbox) {
    int way = below(5);
    if (way == 0) {
      return new Response.Compared(flipped(compared.lists()), compared.comparisons());
    }
    List<Comparison> comparisons = new ArrayList<>();
    for (Comparison comparison : compared.comparisons()) {
      comparisons.add(
          switch (way) {
            case 1 -> acknowledged(comparison, mailbox);
            case 2 -> renamed(comparison);
            case 3 -> new Comparison.Same();
            default -> comparison;
          });
    }
    int size = comparisons.stream().mapToInt(one -> one.toBytes().length + HEADER_BYTES).sum();
    return size > ANSWER_BYTES_MAX
        ? compared
        : new Response.Compared(compared.lists(), comparisons);
  }

  /** All devices have acknowledged all. */
  private Comparison acknowledged(Comparison comparison, NodeId mailbox) {
    Known known = newest.get(mailbox);
    if (known == null || !(comparison instanceof Comparison.Items all)) {
      return comparison;
    }
    List<DeviceId> devices =
        known.list.content().devices().stream().map(Device::id).sorted().toList();
    return new Comparison.Items(
        all.items().stream().map(item -> new Item(item.digest(), devices)).toList());
  }

  /** There is something that nobody has. */
  private static Comparison renamed(Comparison comparison) {
    if (comparison instanceof Comparison.Items all) {
      return new Comparison.Items(
          all.items().stream()
              .map(item -> new Item(flipped(item.digest()), item.devices()))
              .toList());
    }
    if (comparison instanceof Comparison.Split split) {
      return new Comparison.Split(
          split.ranges().stream()
              .map(
                  range ->
                      new DigestRange(range.first(), range.last(), flipped(range.fingerprint())))
              .toList());
    }
    return comparison;
  }

  // Lists.

  private Response.Owned forged(Response.Owned owned) {
    Owner owner = owned.owner();
    DeviceList list = owned.list();
    if (owner == null || list == null) {
      return owned;
    }
    learn(owner, list);
    Known known = new Known(owner, list);
    Known other = another(owner.mailbox());
    return switch (below(7)) {
      case 0 -> with(owned, oldest.getOrDefault(owner.mailbox(), known));
      case 1 -> with(owned, new Known(owner, fork(list.content())));
      case 2 -> with(owned, new Known(owner, next(list)));
      case 3 -> with(owned, other);
      case 4 -> with(owned, new Known(owner, other == null ? list : other.list));
      case 5 -> new Response.Owned(owner, list, forged(owned.keys()), owned.usedMillis());
      default -> owned;
    };
  }

  private static Response.Owned with(Response.Owned owned, @Nullable Known shown) {
    return shown == null
        ? owned
        : new Response.Owned(shown.owner, shown.list, owned.keys(), owned.usedMillis());
  }

  private @Nullable Known another(NodeId mailbox) {
    for (Known known : newest.values()) {
      if (!known.owner.mailbox().equals(mailbox)) {
        return known;
      }
    }
    return null;
  }

  private DeviceList fork(DeviceList.Content content) {
    return signed(
        new DeviceList.Content(
            content.version(),
            content.previous(),
            content.issuedMillis() + 1,
            content.devices(),
            content.revoked()));
  }

  /** The only device left is the forger's. */
  private DeviceList next(DeviceList list) {
    long version = list.version() + 1;
    Device own = new Device(device.publicKey(), Bits.bytes(means.state, KEY_BYTES), version);
    return signed(new DeviceList.Content(version, list.hash(), 0, List.of(own), List.of()));
  }

  private DeviceList signed(DeviceList.Content content) {
    return DeviceList.sign(content, user, 2, means.networkId);
  }

  private @Nullable DeliveryKeys forged(@Nullable DeliveryKeys keys) {
    if (keys == null) {
      return null;
    }
    if (isDrawn()) {
      return DeliveryKeys.parse(Bits.flipped(keys.toBytes())).toOptional().orElse(keys);
    }
    DeliveryKeys.Content content = keys.content();
    DeviceId signer = isDrawn() ? content.device() : DeviceId.ofKey(device.publicKey());
    return DeliveryKeys.sign(
        new DeliveryKeys.Content(
            content.mailbox(), content.version() + 1, content.issuedMillis(), signer, List.of()),
        means.networkId,
        device::sign);
  }

  /** Returns a list from before the one that goes with proofs, null if none was seen. */
  @Nullable DeviceList rolledBack(Response.Custody custody) {
    Owner owner = custody.owner();
    DeviceList list = custody.list();
    if (owner == null || list == null) {
      return null;
    }
    learn(owner, list);
    Known first = oldest.get(owner.mailbox());
    return first == null || first.list.version() == list.version() ? null : first.list;
  }

  // Envelopes and acknowledgements.

  private Copy forged(Copy copy) {
    if (!isDrawn()) {
      return copy;
    }
    counts.forgedCopies++;
    Copy.Head head = copy.head();
    byte[] envelope = copy.envelope();
    Origin origin = head.origin();
    if (envelope == null || origin == null) {
      long end = head.expiresMillis() + (isDrawn() ? SHIFT_MILLIS : -SHIFT_MILLIS);
      return new Copy(new Copy.Head(head.digest(), end, null), null);
    }
    return switch (below(4)) {
      case 0 -> new Copy(head, Bits.flipped(envelope));
      case 1 -> with(copy, new Origin(origin.tracker(), forged(origin.admission())));
      case 2 ->
          with(
              copy,
              new Origin(NodeId.of(Bits.flipped(origin.tracker().toBytes())), origin.admission()));
      default -> new Copy(new Copy.Head(head.digest(), head.expiresMillis(), null), null);
    };
  }

  private static Copy with(Copy copy, Origin origin) {
    Copy.Head head = copy.head();
    return new Copy(new Copy.Head(head.digest(), head.expiresMillis(), origin), copy.envelope());
  }

  private static Admission forged(Admission admission) {
    if (admission instanceof Admission.ByKey key) {
      return new Admission.ByKey(key.publicKey(), Bits.flipped(key.signature()));
    }
    return new Admission.ByStamp(((Admission.ByStamp) admission).nonce() ^ 1);
  }

  private List<AckBatch> forged(List<AckBatch> acks, Request.Pull pull) {
    Known known = newest.get(pull.mailbox());
    if (known != null && !pull.acks().isEmpty() && isDrawn()) {
      List<AckBatch> claimed = new ArrayList<>();
      for (Device each : known.list.content().devices()) {
        claimed.add(signed(pull.mailbox(), each.id(), pull.acks()));
      }
      return claimed;
    }
    return acks.stream().map(batch -> isDrawn() ? forged(batch) : batch).toList();
  }

  private AckBatch signed(NodeId mailbox, DeviceId signer, List<Digest> digests) {
    counts.forgedAcks++;
    return AckBatch.sign(mailbox, signer, digests, means.networkId, device::sign);
  }

  private AckBatch forged(AckBatch batch) {
    if (isDrawn()) {
      return signed(batch.mailbox(), DeviceId.ofKey(device.publicKey()), batch.digests());
    }
    counts.forgedAcks++;
    return AckBatch.parse(Bits.flipped(batch.toBytes())).toOptional().orElse(batch);
  }

  private static Digest flipped(Digest digest) {
    return Digest.of(Bits.flipped(digest.toBytes()));
  }
}
