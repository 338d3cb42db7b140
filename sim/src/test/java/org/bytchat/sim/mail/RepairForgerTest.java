package org.bytchat.sim.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.sim.network.SimulatedScheme;
import org.bytchat.tracker.codec.Decoded;
import org.bytchat.tracker.codec.MessageCodec;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.repair.Comparison;
import org.bytchat.tracker.repair.Copy;
import org.bytchat.tracker.repair.DigestRange;
import org.bytchat.tracker.repair.Item;
import org.bytchat.tracker.repair.Summary;
import org.junit.jupiter.api.Test;

/** A forger says all that is not so, and nothing that verifies. */
class RepairForgerTest {

  private static final long SESSION = 4;
  private static final int TRIES = 200;

  private final MessageCodec codec = new MessageCodec(SimulatedScheme.INSTANCE);
  private final Users users = Samples.revoking(1);
  private final Users.User user = Samples.userOfTwoDevices(users);
  private final MailCounts counts = new MailCounts();
  private final RepairForger forger = forger(1);
  private final List<Envelope> envelopes =
      IntStream.range(0, 8)
          .mapToObj(number -> Samples.envelope(user, number))
          .sorted(Comparator.comparing(Envelope::digest))
          .toList();
  private final List<Digest> digests = envelopes.stream().map(Envelope::digest).toList();

  private RepairForger forger(long state) {
    RepairForger made =
        new RepairForger(
            new RepairForger.Means(SimulatedScheme.INSTANCE, Samples.NETWORK, state), counts);
    Users.User other = users.user((user.index() + 1) % users.count());
    for (Users.User each : List.of(user, other)) {
      made.onRequest(SESSION, new Request.PutDevices(each.owner(), each.lists().get(0)));
    }
    return made;
  }

  private Response forged(Response response) {
    Response forged = forger.forged(SESSION, response);
    assertThat(codec.decodeResponse(codec.encode(0, forged))).isInstanceOf(Decoded.Message.class);
    return forged;
  }

  // Envelopes.

  private enum CopyForgery {
    BYTES,
    SIGNATURE,
    TRACKER,
    TOMBSTONE
  }

  private Copy copy(Envelope envelope) {
    NodeIdentity contact = user.contacts().values().iterator().next();
    Admission.ByKey key =
        Admission.ByKey.sign(
            contact.publicKey(), envelope, Samples.TRACKER.id(), Samples.NETWORK, contact::sign);
    Origin origin = new Origin(Samples.TRACKER.id(), key);
    return new Copy(
        new Copy.Head(envelope.digest(), envelope.expiresMillis(), origin), envelope.bytes());
  }

  private static CopyForgery forgery(Copy copy) {
    byte[] bytes = copy.envelope();
    Origin origin = copy.head().origin();
    if (bytes == null || origin == null) {
      return CopyForgery.TOMBSTONE;
    }
    Envelope envelope = Envelope.parse(bytes).toOptional().orElseThrow();
    if (!envelope.digest().equals(copy.head().digest())) {
      return CopyForgery.BYTES;
    }
    Admission.ByKey key = (Admission.ByKey) origin.admission();
    assertThat(key.verify(envelope, origin.tracker(), Samples.NETWORK, SimulatedScheme.INSTANCE))
        .isFalse();
    return origin.tracker().equals(Samples.TRACKER.id())
        ? CopyForgery.SIGNATURE
        : CopyForgery.TRACKER;
  }

  @Test
  void copies_areForgedInEachWayAndNoneIsGood() {
    List<Copy> copies = envelopes.stream().map(this::copy).toList();
    forger.onRequest(SESSION, new Request.Pull(user.mailbox(), digests, List.of()));
    Set<CopyForgery> seen = EnumSet.noneOf(CopyForgery.class);
    int forgedCount = 0;
    for (int i = 0; i < TRIES; i++) {
      Response.Pulled forged = (Response.Pulled) forged(new Response.Pulled(copies, List.of()));
      assertThat(forged.copies().stream().map(copy -> copy.head().digest()).toList())
          .isEqualTo(digests);
      for (int j = 0; j < copies.size(); j++) {
        if (!forged.copies().get(j).equals(copies.get(j))) {
          forgedCount++;
          seen.add(forgery(forged.copies().get(j)));
        }
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(CopyForgery.values());
    assertThat(counts.forgedCopies).isEqualTo(forgedCount);
  }

  // Acknowledgements.

  @Test
  void acknowledgements_areOfNobodyOrDoNotVerify() {
    AckBatch good =
        AckBatch.sign(
            user.mailbox(),
            user.deviceId(0),
            digests,
            Samples.NETWORK,
            user.devices().get(0)::sign);
    DeviceList list = user.lists().get(0);
    forger.onRequest(SESSION, new Request.Pull(user.mailbox(), List.of(), digests));
    Set<Boolean> listed = new HashSet<>();
    int forgedCount = 0;
    for (int i = 0; i < TRIES; i++) {
      Response.Pulled forged =
          (Response.Pulled) forged(new Response.Pulled(List.of(), List.of(good)));
      assertThat(forged.copies()).isEmpty();
      for (AckBatch batch : forged.acks()) {
        if (!batch.equals(good)) {
          forgedCount++;
          listed.add(list.device(batch.device()).isPresent());
          list.device(batch.device())
              .ifPresent(
                  device ->
                      assertThat(
                              batch.verify(
                                  device.signingKey(), Samples.NETWORK, SimulatedScheme.INSTANCE))
                          .isFalse());
        }
      }
    }
    assertThat(listed).containsExactlyInAnyOrder(true, false);
    assertThat(counts.forgedAcks).isEqualTo(forgedCount);
  }

  // Lists.

  private enum ListForgery {
    OLDER,
    FORK,
    NEWER,
    FOREIGN,
    FOREIGN_OWNER,
    KEYS
  }

  private ListForgery forgery(Response.Owned owned, Response.Owned good) {
    Owner owner = Objects.requireNonNull(owned.owner());
    DeviceList list = Objects.requireNonNull(owned.list());
    DeliveryKeys keys = Objects.requireNonNull(owned.keys());
    if (!owner.equals(good.owner())) {
      return ListForgery.FOREIGN_OWNER;
    }
    if (list.equals(Objects.requireNonNull(good.list()))) {
      assertThat(
              list.device(keys.content().device())
                  .map(Device::signingKey)
                  .filter(key -> keys.verify(key, Samples.NETWORK, SimulatedScheme.INSTANCE)))
          .isEmpty();
      return ListForgery.KEYS;
    }
    if (list.equals(user.lists().get(0))) {
      return ListForgery.OLDER;
    }
    assertThat(list.verify(owner, Samples.NETWORK)).isFalse();
    return switch (list.standing(user.lists().get(1))) {
      case FORK -> ListForgery.FORK;
      case NEWER -> ListForgery.NEWER;
      case OLDER, SAME, BROKEN_CHAIN -> ListForgery.FOREIGN;
    };
  }

  @Test
  void lists_areForgedInEachWayAndNoneIsNewerAndSigned() {
    Response.Owned good = new Response.Owned(user.owner(), user.lists().get(1), user.keys(), 5);
    Set<ListForgery> seen = EnumSet.noneOf(ListForgery.class);
    int forgedCount = 0;
    for (int i = 0; i < TRIES; i++) {
      Response.Owned forged = (Response.Owned) forged(good);
      if (!forged.equals(good)) {
        forgedCount++;
        seen.add(forgery(forged, good));
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(ListForgery.values());
    assertThat(counts.forgedLists).isEqualTo(forgedCount);
  }

  @Test
  void proofs_areShownWithAListFromBefore() {
    assertThat(forger.rolledBack(custody(user.lists().get(1)))).isEqualTo(user.lists().get(0));
    assertThat(forger.rolledBack(custody(user.lists().get(0)))).isNull();
    assertThat(forger.rolledBack(new Response.Custody(null, null, List.of(), null, null))).isNull();
  }

  private Response.Custody custody(DeviceList list) {
    return new Response.Custody(null, null, List.of(), user.owner(), list);
  }

  // Fingerprints and items.

  @Test
  void comparisons_claimWhatIsNotSo() {
    List<Item> items = digests.stream().map(digest -> new Item(digest, List.of())).toList();
    DigestRange range = new DigestRange(digests.get(0), digests.get(7), digests.get(3));
    Response.Compared good =
        new Response.Compared(
            digests.get(0),
            List.of(new Comparison.Items(items), new Comparison.Split(List.of(range))));
    List<DeviceId> devices =
        user.lists().get(0).content().devices().stream().map(Device::id).sorted().toList();
    forger.onRequest(SESSION, new Request.Compare(user.mailbox(), List.of()));
    List<Response.Compared> forged = new ArrayList<>();
    for (int i = 0; i < TRIES; i++) {
      forged.add((Response.Compared) forged(good));
    }
    assertThat(forged).anyMatch(one -> !one.lists().equals(good.lists()));
    assertThat(forged).anyMatch(one -> one.comparisons().get(0) instanceof Comparison.Same);
    assertThat(forged)
        .anyMatch(one -> items(one).stream().allMatch(item -> item.devices().equals(devices)));
    assertThat(forged)
        .anyMatch(
            one ->
                one.comparisons().get(0) instanceof Comparison.Items
                    && items(one).stream().noneMatch(item -> digests.contains(item.digest())));
    assertThat(forged)
        .anyMatch(
            one ->
                one.comparisons().get(1) instanceof Comparison.Split split
                    && !split.ranges().get(0).equals(range));
    assertThat(counts.forgedFingerprints)
        .isEqualTo(forged.stream().filter(one -> !one.equals(good)).count());
  }

  private static List<Item> items(Response.Compared compared) {
    return compared.comparisons().get(0) instanceof Comparison.Items all
        ? all.items()
        : List.of(new Item(DigestRange.LOWEST, List.of()));
  }

  @Test
  void summaries_haveOtherFingerprintsAtTimes() {
    Response.Mailboxes good =
        new Response.Mailboxes(
            digests.stream().map(digest -> new Summary(user.mailbox(), digest)).toList(), null);
    Response.Mailboxes forged = (Response.Mailboxes) forged(good);
    assertThat(forged.summaries()).hasSize(digests.size()).isNotEqualTo(good.summaries());
    assertThat(counts.forgedFingerprints).isPositive();
  }

  @Test
  void forgeries_followFromTheState() {
    Response.Owned good = new Response.Owned(user.owner(), user.lists().get(1), user.keys(), 5);
    List<List<Response>> all = new ArrayList<>();
    for (long state : new long[] {9, 9, 10}) {
      RepairForger one = forger(state);
      all.add(IntStream.range(0, 20).mapToObj(i -> one.forged(SESSION, good)).toList());
    }
    assertThat(all.get(1)).isEqualTo(all.get(0));
    assertThat(all.get(2)).isNotEqualTo(all.get(0));
  }

  @Test
  void answersToClients_areLeftToOthers() {
    Response page = new Response.PageEnd(1, false, 0, null);
    assertThat(forger.forged(SESSION, page)).isSameAs(page);
  }
}
