package org.bytchat.sim.mail;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.AckProof;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.store.Change;
import org.jspecify.annotations.Nullable;

/**
 * Watches one honest tracker: what it writes to its disk, and what it says. What a tracker may not
 * do by itself is found here; what takes the knowledge of others is found by {@link MailAudit}.
 */
final class Custodian implements MailDisk.Watch {

  private static final int EXPIRES_AT = 1 + NodeId.BYTES + Long.BYTES;

  private final Site site;
  private final MailWorld world;
  private final MailLog log;
  private final boolean isHonest;
  private @Nullable MailDisk disk;

  /** Where the tracker is, and what time it is there. */
  interface Site {

    int index();

    long nowMicros();

    long wallMillis();
  }

  Custodian(Site site, MailWorld world, MailLog log, boolean isHonest) {
    this.site = site;
    this.world = world;
    this.log = log;
    this.isHonest = isHonest;
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
    if (change instanceof Change.PutEnvelope put) {
      Digest digest = put.entry().digest();
      if (disk().standing(digest) == MailDisk.Standing.DELETED) {
        problem("has " + digest + " again, which it had deleted");
      }
      if (hasEnded(put.entry().expiresMillis())) {
        problem("has taken " + digest + " after its end");
      }
    } else if (change instanceof Change.Delete delete) {
      log.counts.deletions++;
      log.add(
          new MailLog.Deleted(site.nowMicros(), delete.mailbox(), delete.digest(), site.index()));
    } else if (change instanceof Change.Forget forget) {
      onForget(forget.digest());
    }
  }

  private void onForget(Digest digest) {
    if (disk().expiresMillis(digest) > site.wallMillis()) {
      problem("forgets " + digest + " before its end");
    }
  }

  private boolean hasEnded(long expiresMillis) {
    long tolerance = world.mail().tracker().times().clockTolerance().toMillis();
    return expiresMillis + tolerance < site.wallMillis();
  }

  // What it says.

  /** Looks at an answer on its way out. */
  void check(Response response) {
    if (!isHonest) {
      return;
    }
    if (response instanceof Response.Receipts receipts) {
      checkDeposit(receipts.deposit());
      checkDeletion(receipts.deletion());
    } else if (response instanceof Response.Envelopes envelopes) {
      envelopes.envelopes().forEach(this::checkServed);
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

  private void checkServed(byte[] envelope) {
    log.counts.envelopesServed++;
    if (hasEnded(ByteBuffer.wrap(envelope).getLong(EXPIRES_AT))) {
      problem("serves an envelope after its end");
    }
    Digest digest = Digest.sha256(envelope);
    if (disk().standing(digest) == MailDisk.Standing.DELETED) {
      problem("serves " + digest + ", which it has deleted");
    }
    if (!Envelope.parse(envelope).toOptional().isPresent()) {
      problem("serves what is no envelope");
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
