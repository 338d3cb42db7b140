package org.bytchat.sim.mail;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoredMailbox;
import org.jspecify.annotations.Nullable;

/**
 * Watches one honest tracker: what it writes to its disk, and what it says. What a tracker may not
 * do by itself is found here; what takes the knowledge of others is found by {@link MailAudit}.
 */
final class Custodian implements MailDisk.Watch {

  /** What is taken has not ended when its commit begins, but may have when that is on the disk. */
  private static final long COMMIT_MILLIS = 60_000;

  /** A page that is being read when a list comes goes to the device that the list revokes. */
  private static final long READING_MICROS = 1_000_000;

  private final Site site;
  private final MailWorld world;
  private final MailLog log;
  private final boolean isHonest;
  private final Authenticity authenticity;
  private @Nullable MailDisk disk;

  /** Since when each mailbox has had the device list that is on the disk. */
  private final Map<NodeId, Long> listedMicros = new HashMap<>();

  /** Requests to open a session that are not answered. */
  private final Map<Asked, Opener> asked = new HashMap<>();

  /** Who has opened which session. */
  private final Map<Long, Opener> openers = new HashMap<>();

  /** A request, by what its answer names it by. */
  private record Asked(long session, long requestId) {}

  /** A device that opens a session. */
  private record Opener(NodeId mailbox, DeviceId device) {}

  /** Where the tracker is, and what time it is there. */
  interface Site {

    int index();

    long nowMicros();

    /** The time by the clock of which the tracker was told, to the millisecond. */
    long wallMillis();
  }

  Custodian(Site site, MailWorld world, MailLog log, boolean isHonest) {
    this.site = site;
    this.world = world;
    this.log = log;
    this.isHonest = isHonest;
    this.authenticity = new Authenticity(world);
  }

  void watch(MailDisk watched) {
    disk = watched;
  }

  private MailDisk disk() {
    MailDisk watched = disk;
    if (watched == null) {
      throw new IllegalStateException("no disk is watched");
    }
    return watched;
  }

  private void problem(String text) {
    log.problem(
        String.format(
            Locale.ROOT, "tracker %d at %.3f s: %s", site.index(), site.nowMicros() / 1e6, text));
  }

  // What it writes.

  @Override
  public void onChange(Change change) {
    if (!isHonest) {
      return;
    }
    String fault = authenticity.fault(change);
    if (fault != null) {
      problem(fault);
    }
    if (change instanceof Change.PutEnvelope put) {
      Digest digest = put.entry().digest();
      if (disk().standing(digest) == MailDisk.Standing.DELETED) {
        problem("has " + digest + " again, which it had deleted");
      }
      checkTaken(put.entry());
    } else if (change instanceof Change.PutTombstone put) {
      checkTaken(put.entry());
    } else if (change instanceof Change.Delete delete) {
      log.counts.deletions++;
      log.add(
          new MailLog.Deleted(site.nowMicros(), delete.mailbox(), delete.digest(), site.index()));
    } else if (change instanceof Change.Forget forget) {
      onForget(forget.digest());
    } else if (change instanceof Change.PutPart put && put.part() == StoredMailbox.Part.DEVICES) {
      onList(put);
    }
  }

  private void checkTaken(StoredMailbox.Entry entry) {
    if (entry.expiresMillis() + COMMIT_MILLIS < site.wallMillis()) {
      problem("has taken " + entry.digest() + " after its end");
    }
  }

  /** The same list may be written again. */
  private void onList(Change.PutPart put) {
    DeviceList before = disk().list(put.mailbox());
    if (before == null || !Arrays.equals(before.toBytes(), put.bytes())) {
      listedMicros.put(put.mailbox(), site.nowMicros());
    }
  }

  private void onForget(Digest digest) {
    if (disk().expiresMillis(digest) > site.wallMillis()) {
      problem("forgets " + digest + " before its end");
    }
  }

  // What it says.

  /** Looks at a request on its way in. */
  void onRequest(long session, long requestId, Request request) {
    if (isHonest && request instanceof Request.Open open) {
      asked.put(new Asked(session, requestId), new Opener(open.owner().mailbox(), open.device()));
    }
  }

  void onClosed(long session) {
    openers.remove(session);
    asked.keySet().removeIf(request -> request.session == session);
  }

  /** All sessions have ended with the tracker's life. */
  void onStopped() {
    openers.clear();
    asked.clear();
  }

  /** Looks at an answer on its way out. */
  void check(long session, long requestId, Response response) {
    if (!isHonest) {
      return;
    }
    Opener opener = asked.remove(new Asked(session, requestId));
    if (opener != null && response instanceof Response.Opened) {
      openers.put(session, opener);
    }
    if (response instanceof Response.Receipts receipts) {
      checkDeposit(receipts.deposit());
      checkDeletion(receipts.deletion());
    } else if (response instanceof Response.Envelopes envelopes) {
      checkServed(session, envelopes.envelopes());
    } else if (response instanceof Response.Custody custody) {
      checkCustody(custody);
    }
  }

  private void checkDeposit(Receipt receipt) {
    log.counts.receiptsChecked++;
    if (!receipt.verify(world.networkId(), world.scheme())) {
      problem("gives a receipt that does not verify: " + receipt);
    }
    Digest digest = receipt.content().digest();
    if (disk().standing(digest) == MailDisk.Standing.ABSENT) {
      problem("gives a receipt for what is not on its disk: " + receipt);
    }
  }

  private void checkDeletion(@Nullable Receipt receipt) {
    if (receipt == null) {
      return;
    }
    log.counts.deletionsChecked++;
    if (receipt.content().kind() != Receipt.Kind.DELETION
        || !receipt.verify(world.networkId(), world.scheme())) {
      problem("says of a deletion what does not verify: " + receipt);
    }
    if (disk().standing(receipt.content().digest()) == MailDisk.Standing.HELD) {
      problem("says that it has deleted what it holds: " + receipt);
    }
  }

  private void checkServed(long session, List<byte[]> envelopes) {
    Opener opener = openers.get(session);
    if (opener == null) {
      problem("serves envelopes in a session that no device has opened");
    } else {
      checkListed(opener);
    }
    for (byte[] bytes : envelopes) {
      log.counts.envelopesServed++;
      Envelope envelope = Envelope.parse(bytes).toOptional().orElse(null);
      if (envelope == null) {
        problem("serves what is no envelope");
      } else {
        checkServed(envelope, opener);
      }
    }
  }

  /**
   * Devices are revoked and none is added, so that a list on its way to the disk names none that
   * the one on it does not.
   */
  private void checkListed(Opener opener) {
    DeviceList list = disk().list(opener.mailbox);
    if (list != null
        && list.device(opener.device).isEmpty()
        && site.nowMicros() - listedMicros.getOrDefault(opener.mailbox, 0L) > READING_MICROS) {
      problem(
          "serves device %s, which version %d of the list does not name"
              .formatted(opener.device, list.version()));
    }
  }

  /** Of the end there is no tolerance: the tracker reads the same clock. */
  private void checkServed(Envelope envelope, @Nullable Opener opener) {
    Digest digest = envelope.digest();
    if (envelope.expiresMillis() <= site.wallMillis()) {
      problem("serves " + digest + " after its end");
    }
    if (disk().standing(digest) == MailDisk.Standing.DELETED) {
      problem("serves " + digest + ", which it has deleted");
    }
    if (opener != null && !envelope.mailbox().equals(opener.mailbox)) {
      problem("serves " + digest + " to another user");
    }
  }

  private void checkCustody(Response.Custody custody) {
    Receipt deposit = custody.deposit();
    if (deposit != null) {
      log.counts.receiptsChecked++;
      if (!deposit.verify(world.networkId(), world.scheme())) {
        problem("proves a deposit by what does not verify: " + deposit);
      }
    }
    checkDeletion(custody.deletion());
    for (AckProof proof : custody.proofs()) {
      log.counts.proofsChecked++;
      if (!isGood(proof, custody.list())) {
        problem("proves an acknowledgement by what does not verify: " + proof);
      }
    }
  }

  private boolean isGood(AckProof proof, @Nullable DeviceList list) {
    Optional<Device> device = list == null ? Optional.empty() : list.device(proof.device());
    return device.isPresent()
        && proof.verify(device.get().signingKey(), world.networkId(), world.scheme());
  }
}
