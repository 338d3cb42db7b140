package org.bytchat.tracker.store;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Origin;
import org.jspecify.annotations.Nullable;

/** Mailboxes, envelopes and changes for tests. */
final class StoreFixtures {

  static final NodeId ADA = mailbox(1);
  static final NodeId BOB = mailbox(2);
  static final DeviceId PHONE = device(1);
  static final DeviceId LAPTOP = device(2);

  private StoreFixtures() {}

  static NodeId mailbox(int number) {
    return NodeId.of(number * 0x9E3779B97F4A7C15L, number, number);
  }

  static DeviceId device(int number) {
    return DeviceId.ofKey(new byte[] {(byte) number});
  }

  static byte[] envelope(long seed, int length) {
    byte[] bytes = new byte[length];
    Seeds.random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] envelope(long seed) {
    return envelope(seed, 512);
  }

  static Digest digest(long seed) {
    return Digest.sha256(envelope(seed));
  }

  static StoredMailbox.Entry entry(long sequence, byte[] envelope, long expiresMillis) {
    byte[] key = sequence % 2 == 0 ? null : envelope(sequence, 32);
    return new StoredMailbox.Entry(
        sequence,
        Digest.sha256(envelope),
        1_000 + sequence,
        expiresMillis,
        envelope.length,
        key,
        0);
  }

  static StoredMailbox.Entry tombstone(StoredMailbox.Entry entry, long deletedMillis) {
    return new StoredMailbox.Entry(
        entry.sequence(),
        entry.digest(),
        entry.acceptedMillis(),
        entry.expiresMillis(),
        entry.sizeBytes(),
        entry.deliveryKey(),
        deletedMillis);
  }

  /** Puts the envelope of 512 bytes that a seed gives. */
  static Change.PutEnvelope put(NodeId mailbox, long sequence, long seed, long expiresMillis) {
    byte[] envelope = envelope(seed);
    return new Change.PutEnvelope(
        mailbox, entry(sequence, envelope, expiresMillis), envelope, origin(seed));
  }

  /** What let the envelope of a seed in; null for every third, as before version 2. */
  static @Nullable Origin origin(long seed) {
    return seed % 3 == 0 ? null : new Origin(ADA, new Admission.ByStamp(seed));
  }

  static Change.PutTombstone bury(NodeId mailbox, long sequence, long seed, long expiresMillis) {
    StoredMailbox.Entry entry = entry(sequence, envelope(seed), expiresMillis);
    return new Change.PutTombstone(mailbox, tombstone(entry, 77));
  }

  static Change.PutAcks acks(NodeId mailbox, DeviceId device, int batch, long... seeds) {
    List<Digest> digests = Arrays.stream(seeds).mapToObj(StoreFixtures::digest).toList();
    return new Change.PutAcks(mailbox, device, batch(batch), digests, 5_000L + batch);
  }

  static byte[] batch(int number) {
    return new byte[] {'b', (byte) number};
  }

  /** A change that is possible, of few mailboxes, envelopes and devices, so that they meet. */
  static Change random(Random random, Map<NodeId, Long> nextSequences) {
    NodeId mailbox = mailbox(1 + random.nextInt(4));
    long seed = random.nextInt(12);
    long expires = 10_000L + random.nextInt(20);
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> put(mailbox, sequence(random, nextSequences, mailbox), seed, expires);
      case 3 -> bury(mailbox, sequence(random, nextSequences, mailbox), seed, expires);
      case 4, 5 ->
          acks(
              mailbox,
              device(random.nextInt(3)),
              random.nextInt(100),
              random.longs(1L + random.nextInt(5), 0, 12).distinct().toArray());
      case 6 -> new Change.Delete(mailbox, digest(seed), 1 + random.nextInt(1_000));
      case 7 -> new Change.Forget(mailbox, digest(seed));
      case 8 ->
          new Change.PutPart(
              mailbox,
              StoredMailbox.Part.values()[random.nextInt(4)],
              envelope(random.nextInt(50), random.nextInt(300)));
      case 9 -> new Change.Touch(mailbox, random.nextInt(2_000));
      case 10 -> new Change.End(mailbox);
      default ->
          new Change.PutConfirmation(
              mailbox,
              new StoredMailbox.Confirmation(
                  1 + random.nextInt(5), 1 + random.nextInt(50), random.nextInt(1_000)));
    };
  }

  private static long sequence(Random random, Map<NodeId, Long> nextSequences, NodeId mailbox) {
    long sequence = nextSequences.getOrDefault(mailbox, 1L) + random.nextInt(3) / 2;
    nextSequences.put(mailbox, sequence + 1);
    return sequence;
  }
}
