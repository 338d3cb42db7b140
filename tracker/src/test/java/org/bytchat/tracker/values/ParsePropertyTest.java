package org.bytchat.tracker.values;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;

/** Goal: every value is read as it was written, and no bytes make a parser throw. */
class ParsePropertyTest {

  @SeededTest(runs = 200)
  void read_anyDeviceList_isWhatWasWritten(long seed) {
    RandomValues values = new RandomValues(seed);
    UserKey user = values.user();
    Owner owner = values.owner(user);
    DeviceList.Content content = values.devices(values.below(9), values.below(65));
    DeviceList list = values.deviceList(user, owner, content);
    DeviceList read = Format.DEVICES.read(list.toBytes()).orElseThrow();
    assertThat(read).isEqualTo(list);
    assertThat(read.content().devices()).isEqualTo(content.devices());
    assertThat(read.content().revoked()).isEqualTo(content.revoked());
    assertThat(read.content().previous()).isEqualTo(content.previous());
    assertThat(read.version()).isEqualTo(content.version());
    assertThat(read.content().issuedMillis()).isEqualTo(content.issuedMillis());
    assertThat(read.hash()).isEqualTo(list.hash());
    assertThat(read.verify(owner, values.networkId())).isTrue();
    assertThat(read.verify(owner, values.networkId() + 1)).isFalse();
    assertThat(read.verify(values.owner(values.user()), values.networkId())).isFalse();
  }

  @SeededTest(runs = 60)
  void read_anyAcks_areWhatWasWritten(long seed) {
    RandomValues values = new RandomValues(seed);
    TestDevice device = values.device();
    AckBatch batch = values.ackBatch(device, 1 + values.below(AckBatch.DIGESTS_MAX));
    AckBatch read = Format.ACK.read(batch.toBytes()).orElseThrow();
    assertThat(read).isEqualTo(batch);
    assertThat(read.verify(device.publicKey(), values.networkId(), Ed25519Scheme.INSTANCE))
        .isTrue();
    assertThat(read.digests()).isSorted().doesNotHaveDuplicates();
    Digest one = read.digests().get(values.below(read.digests().size()));
    byte[] proof = read.proof(one).orElseThrow().toBytes();
    assertThat(proof).hasSizeLessThanOrEqualTo(393);
    assertThat(
            Format.PROOF
                .read(proof)
                .orElseThrow()
                .verify(device.publicKey(), values.networkId(), Ed25519Scheme.INSTANCE))
        .isTrue();
    assertThat(read.proof(values.digest())).isEmpty();
  }

  @SeededTest(runs = 30)
  void read_anyDeliveryKeys_areWhatWasWritten(long seed) {
    RandomValues values = new RandomValues(seed);
    TestDevice device = values.device();
    DeliveryKeys list = values.deliveryKeys(device, values.below(DeliveryKeys.KEYS_MAX + 1));
    DeliveryKeys read = Format.DELIVERY.read(list.toBytes()).orElseThrow();
    assertThat(read).isEqualTo(list);
    assertThat(read.content()).isEqualTo(list.content());
    assertThat(read.verify(device.publicKey(), values.networkId(), Ed25519Scheme.INSTANCE))
        .isTrue();
    read.content().keys().forEach(key -> assertThat(read.key(key.publicKey())).contains(key));
    assertThat(read.key(values.bytes(32))).isEmpty();
  }

  @SeededTest(runs = 30)
  void read_anyEnvelope_isWhatWasWritten(long seed) {
    RandomValues values = new RandomValues(seed);
    Envelope envelope = values.envelope(Envelope.BYTES_MIN << values.below(8));
    Envelope read = Format.ENVELOPE.read(envelope.bytes()).orElseThrow();
    assertThat(read.mailbox()).isEqualTo(envelope.mailbox());
    assertThat(read.createdMillis()).isEqualTo(envelope.createdMillis());
    assertThat(read.expiresMillis()).isEqualTo(envelope.expiresMillis());
    assertThat(read.sealed()).isEqualTo(envelope.sealed());
    assertThat(read.digest()).isEqualTo(envelope.digest());
  }

  @SeededTest(runs = 50)
  void read_randomBytes_neverThrows(long seed) {
    RandomValues random = new RandomValues(seed);
    for (int round = 0; round < 100; round++) {
      Format.readAsAll(random.bytes(random.below(600)));
    }
  }

  /** Bytes of good values, cut, mixed with those of others and changed: they come far. */
  @SeededTest(runs = 20)
  void read_mutatedValues_neverThrows(long seed) {
    RandomValues random = new RandomValues(seed);
    Sample<?>[] samples = Sample.all(seed).toArray(Sample<?>[]::new);
    for (int round = 0; round < 200; round++) {
      byte[] one = samples[random.below(samples.length)].bytes();
      byte[] other = samples[random.below(samples.length)].bytes();
      byte[] mixed = Arrays.copyOf(one, random.below(one.length + other.length));
      int from = random.below(one.length);
      int copied = Math.min(other.length, mixed.length - from);
      if (copied > 0) {
        System.arraycopy(other, 0, mixed, from, random.below(copied + 1));
      }
      for (int changes = random.below(4); changes > 0 && mixed.length > 0; changes--) {
        byte[] extremes = {0, 1, 2, 8, 9, 64, 65, -1, -128, 127};
        mixed[random.below(mixed.length)] = extremes[random.below(extremes.length)];
      }
      Format.readAsAll(mixed);
    }
  }
}
