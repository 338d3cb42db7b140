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

  private final MailMachine machine;
  private final boolean isHonest;
  private @Nullable MailDisk disk;

  Custodian(MailMachine machine, boolean isHonest) {
    this.machine = machine;
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
    machine.log.problem(
        String.format(
            Locale.ROOT,
            "tracker %d at %.3f s: %s",
            machine.index(),
            machine.nowMicros() / 1e6,
            text));
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
      machine.log.counts.deletions++;
      machine.log.add(
          new MailLog.Deleted(
              machine.nowMicros(), delete.mailbox(), delete.digest(), machine.index()));
    } else if (change instanceof Change.Forget forget) {
      onForget(forget.digest());
    }
  }

  private void onForget(Digest digest) {
    if (disk().expiresMillis(digest) > machine.wallMillis()) {
      problem("forgets " + digest + " before its end");
    }
  }

  private boolean hasEnded(long expiresMillis) {
    long tolerance = machine.world().mail().tracker().times().clockTolerance().toMillis();
    return expiresMillis + tolerance < machine.wallMillis();
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
    machine.log.counts.receiptsChecked++;
    if (!receipt.verify(machine.world().networkId(), machine.world().scheme())) {
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
    machine.log.counts.deletionsChecked++;
    if (receipt.content().kind() != Receipt.Kind.DELETION
        || !receipt.verify(machine.world().networkId(), machine.world().scheme())) {
      problem("says of a deletion what does not verify: " + receipt);
    }
    if (disk().standing(receipt.content().digest()) == MailDisk.Standing.HELD) {
      problem("says that it has deleted what it holds: " + receipt);
    }
  }

  private void checkServed(byte[] envelope) {
    machine.log.counts.envelopesServed++;
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
      machine.log.counts.receiptsChecked++;
      if (!deposit.verify(machine.world().networkId(), machine.world().scheme())) {
        problem("proves a deposit by what does not verify: " + deposit);
      }
    }
    checkDeletion(custody.deletion());
    for (AckProof proof : custody.proofs()) {
      machine.log.counts.proofsChecked++;
      if (!isGood(proof, custody.list())) {
        problem("proves an acknowledgement by what does not verify: " + proof);
      }
    }
  }

  private boolean isGood(AckProof proof, @Nullable DeviceList list) {
    Optional<Device> device = list == null ? Optional.empty() : list.device(proof.device());
    return device.isPresent()
        && proof.verify(
            device.get().signingKey(), machine.world().networkId(), machine.world().scheme());
  }
}
