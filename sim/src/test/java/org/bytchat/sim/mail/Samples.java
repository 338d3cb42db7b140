package org.bytchat.sim.mail;

import java.util.List;
import java.util.Objects;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.sim.kernel.Links;
import org.bytchat.sim.network.SimulatedScheme;
import org.bytchat.sim.scenario.Mail;
import org.bytchat.sim.scenario.Scenarios;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Origin;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.StoredMailbox;

/** What tests of the watchers need: users, envelopes, changes and receipts. */
final class Samples {

  static final int NETWORK = 7;
  static final long NOW_MILLIS = 1_800_000_000_000L;
  static final long DAY_MILLIS = 86_400_000;
  static final Users USERS =
      new Users(
          1, new Users.Making(10, 2, NETWORK, SimulatedScheme.INSTANCE, Users.Revocations.NONE));
  static final NodeIdentity TRACKER = NodeIdentity.of(SimulatedScheme.INSTANCE, Bits.bytes(99, 32));

  private Samples() {}

  static MailWorld world() {
    return world(USERS);
  }

  static MailWorld world(Users users) {
    String text = "nodes: 2\nmail: {users: 10}\n";
    Mail mail = Scenarios.parse("mail.yaml", text, List.of()).mail();
    if (mail == null) {
      throw new AssertionError("no mail");
    }
    return new MailWorld(
        new MailWorld.Parts(
            mail,
            1,
            NETWORK,
            SimulatedScheme.INSTANCE,
            false,
            1_000,
            new Still(),
            new Place(),
            users));
  }

  static Users.User user() {
    return USERS.user(3);
  }

  /** The same users, of whom those with two devices revoke their last one at a time. */
  static Users revoking(long atMicros) {
    return new Users(
        1,
        new Users.Making(
            10,
            2,
            NETWORK,
            SimulatedScheme.INSTANCE,
            new Users.Revocations(1, new MailPlan.Span(atMicros, atMicros + 1))));
  }

  /** One of them, who has two devices. */
  static Users.User userOfTwoDevices(Users users) {
    for (int i = 0; i < users.count(); i++) {
      if (users.user(i).devices().size() == 2) {
        return users.user(i);
      }
    }
    throw new AssertionError("no user has two devices");
  }

  /** An envelope for the user that ends in three days. */
  static Envelope envelope(long number) {
    return envelope(user(), number);
  }

  static Envelope envelope(Users.User to, long number) {
    return MailPlan.envelope(to.mailbox(), NOW_MILLIS, 3 * DAY_MILLIS, number, 512);
  }

  static Change.PutPart putList(Users.User owner, DeviceList list) {
    return new Change.PutPart(owner.mailbox(), StoredMailbox.Part.DEVICES, list.toBytes());
  }

  static Change.PutEnvelope put(Envelope envelope, long sequence) {
    StoredMailbox.Entry entry =
        new StoredMailbox.Entry(
            sequence,
            envelope.digest(),
            NOW_MILLIS,
            envelope.expiresMillis(),
            envelope.bytes().length,
            null,
            0);
    return new Change.PutEnvelope(envelope.mailbox(), entry, envelope.bytes(), origin(envelope));
  }

  /** The admission by one of the owner's contacts. */
  static Origin origin(Envelope envelope) {
    Users.User to = Objects.requireNonNull(USERS.of(envelope.mailbox()));
    NodeIdentity contact = to.contacts().values().iterator().next();
    return new Origin(
        TRACKER.id(),
        Admission.ByKey.sign(contact.publicKey(), envelope, TRACKER.id(), NETWORK, contact::sign));
  }

  static Change.Delete delete(Digest digest) {
    return new Change.Delete(user().mailbox(), digest, NOW_MILLIS);
  }

  static Change.Forget forget(Digest digest) {
    return new Change.Forget(user().mailbox(), digest);
  }

  static Receipt receipt(Receipt.Kind kind, Envelope envelope) {
    Receipt.Content content =
        new Receipt.Content(
            kind, envelope.mailbox(), envelope.digest(), NOW_MILLIS, envelope.expiresMillis());
    return new Receipt(content, TRACKER.publicKey(), TRACKER.sign(content.statement(NETWORK)));
  }

  private static final class Still implements Links {
    @Override
    public long floorMicros() {
      return 1_000;
    }

    @Override
    public int copies(int from, int to, long number, long nowMicros) {
      return 1;
    }

    @Override
    public long delayMicros(int from, int to, long number, int copy) {
      return 1_000;
    }
  }

  private static final class Place implements MailWorld.Ground {
    @Override
    public long wallMillis(int node, long micros) {
      return NOW_MILLIS + micros / 1_000;
    }

    @Override
    public int indexOf(Contact contact) {
      return 0;
    }

    @Override
    public NodeIdentity identity(int node) {
      return TRACKER;
    }
  }
}
