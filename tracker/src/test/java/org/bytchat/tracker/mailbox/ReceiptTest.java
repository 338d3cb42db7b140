package org.bytchat.tracker.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.values.TestDevice;
import org.bytchat.tracker.wire.Parsed;
import org.junit.jupiter.api.Test;

/** Goal: a receipt is its tracker's, of one kind, for one envelope. */
class ReceiptTest {

  private static final int NETWORK = 7;
  private static final TestDevice TRACKER = TestDevice.of(9);
  private static final Receipt.Content CONTENT =
      new Receipt.Content(
          Receipt.Kind.DEPOSIT, NodeId.of(1, 2, 3), Digest.sha256(new byte[0]), 5, 9);

  @Test
  void parse_receipt_isWhatWasSigned() {
    Receipt receipt = receipt(TRACKER);
    assertThat(receipt.toBytes()).hasSize(Receipt.BYTES).hasSize(165);
    Receipt read = Receipt.parse(receipt.toBytes()).toOptional().orElseThrow();
    assertThat(read).isEqualTo(receipt);
    assertThat(read.content()).isEqualTo(CONTENT);
    assertThat(read.trackerKey()).isEqualTo(TRACKER.publicKey());
    assertThat(read.tracker())
        .isEqualTo(NodeIdentity.of(Ed25519Scheme.INSTANCE, TRACKER.seed()).id());
    assertThat(read.verify(NETWORK, Ed25519Scheme.INSTANCE)).isTrue();
    assertThat(read.verify(NETWORK + 1, Ed25519Scheme.INSTANCE)).isFalse();
  }

  @Test
  void verify_depositAsDeletion_isFalse() {
    byte[] bytes = receipt(TRACKER).toBytes();
    bytes[0] = 1;
    Receipt read = Receipt.parse(bytes).toOptional().orElseThrow();
    assertThat(read.content().kind()).isEqualTo(Receipt.Kind.DELETION);
    assertThat(read.verify(NETWORK, Ed25519Scheme.INSTANCE)).isFalse();
  }

  @Test
  void verify_signedByAnother_isFalse() {
    byte[] signature = TestDevice.of(8).sign(CONTENT.statement(NETWORK));
    Receipt forged = new Receipt(CONTENT, TRACKER.publicKey(), signature);
    assertThat(forged.verify(NETWORK, Ed25519Scheme.INSTANCE)).isFalse();
  }

  @Test
  void parse_unknownKind_isRefused() {
    byte[] bytes = receipt(TRACKER).toBytes();
    for (int kind = 2; kind < 256; kind++) {
      bytes[0] = (byte) kind;
      assertThat(Receipt.parse(bytes)).isInstanceOf(Parsed.Malformed.class);
    }
  }

  @Test
  void receipt_arraysChangedLater_keepsItsBytes() {
    byte[] key = TRACKER.publicKey();
    byte[] signature = TRACKER.sign(CONTENT.statement(NETWORK));
    Receipt receipt = new Receipt(CONTENT, key, signature);
    key[0]++;
    signature[0]++;
    receipt.trackerKey()[0]++;
    assertThat(receipt).isEqualTo(receipt(TRACKER));
  }

  @Test
  void receipt_badParts_areRefused() {
    assertThatThrownBy(() -> new Receipt(CONTENT, new byte[31], new byte[64])).isNotNull();
    assertThatThrownBy(() -> new Receipt(CONTENT, new byte[32], new byte[63])).isNotNull();
    assertThatThrownBy(
            () -> new Receipt.Content(CONTENT.kind(), CONTENT.mailbox(), CONTENT.digest(), -1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Receipt receipt(TestDevice tracker) {
    return new Receipt(CONTENT, tracker.publicKey(), tracker.sign(CONTENT.statement(NETWORK)));
  }
}
