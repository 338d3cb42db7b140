package org.bytchat.tracker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.values.TestDevice;
import org.bytchat.tracker.wire.Parsed;
import org.junit.jupiter.api.Test;

/** Goal: what admits an envelope admits no other, and at no other tracker. */
class AdmissionTest {

  private static final int NETWORK = 7;
  private static final NodeId TRACKER = NodeId.of(1, 1, 1);
  private static final NodeId OTHER = NodeId.of(1, 1, 2);
  private static final Envelope ENVELOPE = envelope(NodeId.of(2, 2, 2), 1, 0);
  private static final TestDevice CONTACT = TestDevice.of(5);

  @Test
  void stamp_found_isAsHardAsAskedForHereOnly() {
    Admission.ByStamp stamp = Admission.ByStamp.find(ENVELOPE, TRACKER, 16);
    assertThat(stamp.bits(ENVELOPE, TRACKER)).isGreaterThanOrEqualTo(16);
    assertThat(stamp.bits(ENVELOPE, OTHER)).isLessThan(16);
    assertThat(stamp.bits(envelope(NodeId.of(2, 2, 3), 1, 0), TRACKER)).isLessThan(16);
    assertThat(stamp.bits(envelope(NodeId.of(2, 2, 2), 2, 0), TRACKER)).isLessThan(16);
    assertThat(stamp.bits(envelope(NodeId.of(2, 2, 2), 1, 1), TRACKER)).isLessThan(16);
    for (long nonce = 0; nonce < stamp.nonce(); nonce++) {
      assertThat(new Admission.ByStamp(nonce).bits(ENVELOPE, TRACKER)).isLessThan(16);
    }
  }

  @Test
  void stamp_bits_areTheZerosThatTheJdkFinds() throws NoSuchAlgorithmException {
    for (long nonce : new long[] {0, 1, 255, 256, 1L << 40, Long.MAX_VALUE}) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update("bytchat-stamp".getBytes(StandardCharsets.US_ASCII));
      sha256.update(TRACKER.toBytes());
      sha256.update(ENVELOPE.mailbox().toBytes());
      sha256.update(sha256Of(ENVELOPE.bytes()));
      sha256.update(
          ByteBuffer.allocate(16).putLong(ENVELOPE.expiresMillis()).putLong(nonce).array());
      int bits = 256 - new BigInteger(1, sha256.digest()).bitLength();
      assertThat(new Admission.ByStamp(nonce).bits(ENVELOPE, TRACKER)).isEqualTo(bits);
    }
  }

  @Test
  void stamp_ofNoBits_isTheFirst() {
    assertThat(Admission.ByStamp.find(ENVELOPE, TRACKER, 0)).isEqualTo(new Admission.ByStamp(0));
  }

  @Test
  void stamp_outOfRange_isRefused() {
    assertThatThrownBy(() -> Admission.ByStamp.find(ENVELOPE, TRACKER, 41))
        .hasMessageContaining("0 to 40");
    assertThatThrownBy(() -> Admission.ByStamp.find(ENVELOPE, TRACKER, -1)).isNotNull();
    assertThatThrownBy(() -> new Admission.ByStamp(-1)).hasMessageContaining("not negative");
    byte[] negative = new Admission.ByStamp(5).toBytes();
    negative[1] = (byte) 0x80;
    assertThat(Admission.parse(negative)).isInstanceOf(Parsed.Malformed.class);
  }

  @Test
  void key_signature_isGoodForOneDepositOnly() {
    Admission.ByKey byKey = sign(CONTACT.publicKey());
    assertThat(byKey.verify(ENVELOPE, TRACKER, NETWORK, Ed25519Scheme.INSTANCE)).isTrue();
    assertThat(byKey.verify(ENVELOPE, OTHER, NETWORK, Ed25519Scheme.INSTANCE)).isFalse();
    assertThat(byKey.verify(ENVELOPE, TRACKER, NETWORK + 1, Ed25519Scheme.INSTANCE)).isFalse();
    Envelope other = envelope(ENVELOPE.mailbox(), 1, 1);
    assertThat(byKey.verify(other, TRACKER, NETWORK, Ed25519Scheme.INSTANCE)).isFalse();
  }

  @Test
  void key_ofAnother_isNotGood() {
    Admission.ByKey byKey = sign(TestDevice.of(6).publicKey());
    assertThat(byKey.verify(ENVELOPE, TRACKER, NETWORK, Ed25519Scheme.INSTANCE)).isFalse();
  }

  @Test
  void key_arraysChangedLater_keepsItsBytes() {
    byte[] key = CONTACT.publicKey();
    byte[] signature = CONTACT.sign(new byte[100]);
    Admission.ByKey byKey = new Admission.ByKey(key, signature);
    byte[] before = byKey.toBytes();
    key[0]++;
    signature[0]++;
    byKey.publicKey()[1]++;
    byKey.signature()[1]++;
    assertThat(byKey.toBytes()).isEqualTo(before);
    assertThatThrownBy(() -> new Admission.ByKey(new byte[31], signature)).isNotNull();
    assertThatThrownBy(() -> new Admission.ByKey(key, new byte[65])).isNotNull();
    assertThat(byKey.toString()).doesNotContain("[");
  }

  private static Admission.ByKey sign(byte[] publicKey) {
    return Admission.ByKey.sign(publicKey, ENVELOPE, TRACKER, NETWORK, CONTACT::sign);
  }

  private static byte[] sha256Of(byte[] bytes) throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  private static Envelope envelope(NodeId mailbox, long created, int content) {
    byte[] sealed = new byte[512 - Envelope.HEADER_BYTES];
    sealed[9] = (byte) content;
    return Envelope.of(mailbox, created, created + Envelope.TTL_MAX.toMillis(), sealed);
  }

  @Test
  void stamp_notWantedAnyMore_isGivenUp() {
    int[] asked = new int[1];
    assertThat(Admission.ByStamp.find(ENVELOPE, TRACKER, 40, () -> ++asked[0] == 3)).isEmpty();
    assertThat(asked[0]).isEqualTo(3);
  }
}
