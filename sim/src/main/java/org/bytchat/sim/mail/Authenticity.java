package org.bytchat.sim.mail;

import java.util.Arrays;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.store.Change;
import org.jspecify.annotations.Nullable;

/**
 * Judges what trackers write by what the users have really signed: nothing that a traitor made up
 * may get to an honest disk.
 */
final class Authenticity {

  private final MailWorld world;

  /**
   * Makes it.
   *
   * @param world whose users there are
   */
  Authenticity(MailWorld world) {
    this.world = world;
  }

  /** Returns what is wrong with something that is written, null if nothing is. */
  @Nullable String fault(Change change) {
    if (change instanceof Change.PutEnvelope put) {
      return fault(put);
    }
    if (change instanceof Change.PutAcks put) {
      return isGood(put) ? null : "notes acknowledgements that do not verify in " + put.mailbox();
    }
    if (change instanceof Change.PutPart put) {
      return fault(put);
    }
    return null;
  }

  private @Nullable String fault(Change.PutEnvelope put) {
    Envelope envelope = Envelope.parse(put.envelope()).toOptional().orElse(null);
    if (envelope == null
        || !envelope.digest().equals(put.entry().digest())
        || !envelope.mailbox().equals(put.mailbox())) {
      return "has taken other bytes for " + put.entry().digest();
    }
    Origin origin = put.origin();
    return origin != null && isGood(origin, envelope)
        ? null
        : "has taken " + put.entry().digest() + ", which nothing let in";
  }

  private boolean isGood(Origin origin, Envelope envelope) {
    if (origin.admission() instanceof Admission.ByStamp stamp) {
      return stamp.bits(envelope, origin.tracker()) >= world.mail().tracker().stamps().bits();
    }
    Admission.ByKey key = (Admission.ByKey) origin.admission();
    Users.User user = world.users().of(envelope.mailbox());
    return user != null
        && user.keys().key(key.publicKey()).isPresent()
        && key.verify(envelope, origin.tracker(), world.networkId(), world.scheme());
  }

  private boolean isGood(Change.PutAcks put) {
    AckBatch batch = AckBatch.parse(put.batch()).toOptional().orElse(null);
    Users.User user = world.users().of(put.mailbox());
    if (batch == null
        || user == null
        || !batch.mailbox().equals(put.mailbox())
        || !batch.device().equals(put.device())
        || !batch.digests().containsAll(put.digests())) {
      return false;
    }
    int device = user.deviceIndex(batch.device());
    return device >= 0
        && batch.verify(user.devices().get(device).publicKey(), world.networkId(), world.scheme());
  }

  private @Nullable String fault(Change.PutPart put) {
    Users.User user = world.users().of(put.mailbox());
    boolean isGood =
        user != null
            && switch (put.part()) {
              case OWNER -> Arrays.equals(put.bytes(), user.owner().toBytes());
              case DEVICES ->
                  user.lists().stream()
                      .anyMatch(list -> Arrays.equals(put.bytes(), list.toBytes()));
              case DELIVERY_KEYS -> Arrays.equals(put.bytes(), user.keys().toBytes());
              // No user signs two lists of one version.
              case FORK -> false;
            };
    return isGood
        ? null
        : "has taken for %s of %s what its user did not sign".formatted(put.part(), put.mailbox());
  }
}
