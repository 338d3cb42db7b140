package org.bytchat.tracker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.values.TestDevice;
import org.bytchat.tracker.wire.Parsed;
import org.junit.jupiter.api.Test;

/** Goal: a batch and its proofs say which device has which envelopes, and nothing else. */
class AckBatchTest {

  private static final int NETWORK = 7;
  private static final Ed25519Scheme ED25519 = Ed25519Scheme.INSTANCE;
  private static final NodeId MAILBOX = NodeId.of(1, 2, 3);
  private static final TestDevice DEVICE = TestDevice.of(3);

  /** Where a proof has what it carries. */
  private static final int DEVICE_AT = 20;

  private static final int INDEX_AT = 20 + 16 + 32;

  @Test
  void sign_anyOrderAndDoubles_isOneBatch() {
    List<Digest> digests = new ArrayList<>(digests(9));
    AckBatch batch = batch(digests);
    digests.add(digests.get(4));
    Collections.reverse(digests);
    assertThat(batch(digests)).isEqualTo(batch);
    assertThat(batch.verify(DEVICE.publicKey(), NETWORK, ED25519)).isTrue();
  }

  @Test
  void sign_noneOrTooMany_isRefused() {
    assertThatThrownBy(() -> batch(List.of())).hasMessageContaining("not 0");
    assertThatThrownBy(() -> batch(digests(257))).hasMessageContaining("not 257");
    assertThat(batch(digests(256)).digests()).hasSize(256);
    assertThatThrownBy(
            () ->
                AckBatch.sign(MAILBOX, DEVICE.id(), digests(1), NETWORK, statement -> new byte[63]))
        .hasMessageContaining("not 63");
  }

  @Test
  void verify_keyOfAnotherDevice_isFalse() {
    TestDevice other = TestDevice.of(4);
    AckBatch batch = batch(digests(2));
    assertThat(batch.verify(other.publicKey(), NETWORK, ED25519)).isFalse();
    AckBatch named = AckBatch.sign(MAILBOX, other.id(), digests(2), NETWORK, DEVICE::sign);
    assertThat(named.verify(DEVICE.publicKey(), NETWORK, ED25519)).isFalse();
    assertThat(named.verify(other.publicKey(), NETWORK, ED25519)).isFalse();
  }

  @Test
  void parse_digestsThatDoNotRise_isRefused() {
    byte[] bytes = batch(digests(2)).toBytes();
    byte[] swapped = bytes.clone();
    System.arraycopy(bytes, 38, swapped, 70, 32);
    System.arraycopy(bytes, 70, swapped, 38, 32);
    assertMalformed(AckBatch.parse(swapped), "do not rise");
    System.arraycopy(bytes, 38, swapped, 38, 32);
    assertMalformed(AckBatch.parse(swapped), "do not rise");
  }

  @Test
  void parse_badCount_isRefused() {
    byte[] bytes = batch(digests(1)).toBytes();
    for (int count : new int[] {0, 257, 0x8000, 0xffff}) {
      byte[] changed = Arrays.copyOf(bytes, 38 + 32 * count + 64);
      changed[36] = (byte) (count >> 8);
      changed[37] = (byte) count;
      assertMalformed(AckBatch.parse(changed), "not " + count);
    }
  }

  @Test
  void proof_ofEachOfEverySize_isGoodForItAlone() {
    for (int size : new int[] {1, 2, 3, 5, 8, 13}) {
      AckBatch batch = batch(digests(size));
      for (Digest digest : batch.digests()) {
        AckProof proof = batch.proof(digest).orElseThrow();
        assertThat(proof.verify(DEVICE.publicKey(), NETWORK, ED25519)).isTrue();
        assertThat(proof.verify(DEVICE.publicKey(), NETWORK + 1, ED25519)).isFalse();
        assertThat(proof.verify(TestDevice.of(4).publicKey(), NETWORK, ED25519)).isFalse();
        assertThat(proof.digest()).isEqualTo(digest);
        assertThat(proof.device()).isEqualTo(DEVICE.id());
        assertThat(proof.mailbox()).isEqualTo(MAILBOX);
      }
    }
  }

  @Test
  void proof_withItsDigestExchanged_isNotGood() {
    AckBatch batch = batch(digests(6));
    for (int index = 0; index < 6; index++) {
      byte[] bytes = batch.proof(batch.digests().get(index)).orElseThrow().toBytes();
      for (Digest other : batch.digests()) {
        byte[] changed = bytes.clone();
        other.write(changed, 36);
        if (!Arrays.equals(changed, bytes)) {
          assertThat(takes(changed)).isFalse();
        }
      }
    }
  }

  /** Of any index and count, only the true ones verify: the path alone would allow others. */
  @Test
  void proof_withAnyOtherPlace_isNotGood() {
    AckBatch batch = batch(digests(5));
    byte[] bytes = batch.proof(batch.digests().get(2)).orElseThrow().toBytes();
    for (int count = 0; count < 300; count++) {
      for (int index = 0; index < 300; index++) {
        byte[] changed = bytes.clone();
        changed[INDEX_AT] = (byte) (index >> 8);
        changed[INDEX_AT + 1] = (byte) index;
        changed[INDEX_AT + 2] = (byte) (count >> 8);
        changed[INDEX_AT + 3] = (byte) count;
        boolean isTheProof = index == 2 && count == 5;
        if (isTheProof || AckProof.parse(changed) instanceof Parsed.Good<AckProof>) {
          assertThat(takes(changed)).as("%d of %d", index, count).isEqualTo(isTheProof);
        }
      }
    }
  }

  @Test
  void proof_withThePathOfAnotherLength_isRefused() {
    AckBatch batch = batch(digests(5));
    byte[] last = batch.proof(batch.digests().get(4)).orElseThrow().toBytes();
    assertThat(last[INDEX_AT + 4]).isEqualTo((byte) 1);
    byte[] longer = Arrays.copyOf(last, last.length + 32);
    longer[INDEX_AT + 4] = 2;
    assertMalformed(AckProof.parse(longer), "the path of 4 of 5 has no 2 hashes");
    byte[] shorter = Arrays.copyOf(last, last.length - 32);
    shorter[INDEX_AT + 4] = 0;
    assertMalformed(AckProof.parse(shorter), "the path of 4 of 5 has no 0 hashes");
  }

  @Test
  void proof_ofTheDeviceOfAnother_isNotGood() {
    AckBatch batch = batch(digests(3));
    byte[] bytes = batch.proof(batch.digests().get(1)).orElseThrow().toBytes();
    System.arraycopy(TestDevice.of(4).id().toBytes(), 0, bytes, DEVICE_AT, 16);
    assertThat(takes(bytes)).isFalse();
  }

  @Test
  void values_arraysChangedLater_keepTheirBytes() {
    AckBatch batch = batch(digests(3));
    byte[] before = batch.toBytes();
    batch.signature()[0]++;
    batch.toBytes()[0]++;
    assertThat(batch.toBytes()).isEqualTo(before);
    assertThatThrownBy(() -> batch.digests().remove(0)).isNotNull();
    byte[] own = DEVICE.sign(batch.statement(NETWORK));
    AckBatch signed =
        AckBatch.sign(MAILBOX, DEVICE.id(), batch.digests(), NETWORK, statement -> own);
    own[0]++;
    assertThat(signed).isEqualTo(batch);
  }

  private static boolean takes(byte[] proof) {
    return AckProof.parse(proof)
        .toOptional()
        .filter(read -> read.verify(DEVICE.publicKey(), NETWORK, ED25519))
        .isPresent();
  }

  private static <T> void assertMalformed(Parsed<T> parsed, String reason) {
    assertThat(parsed).isInstanceOf(Parsed.Malformed.class).asString().contains(reason);
  }

  private static AckBatch batch(List<Digest> digests) {
    return AckBatch.sign(MAILBOX, DEVICE.id(), digests, NETWORK, DEVICE::sign);
  }

  private static List<Digest> digests(int count) {
    return IntStream.range(0, count)
        .mapToObj(number -> Digest.sha256(new byte[] {(byte) (number >> 8), (byte) number}))
        .sorted()
        .toList();
  }
}
