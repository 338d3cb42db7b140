package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.store.ParseOutcome.Fault;
import org.junit.jupiter.api.Test;

/** Goal: a mutable record is read and made as the protocol says, and no bytes are taken for one. */
class MutableRecordTest {

  private static final byte[] KEY = Items.publicKey(1);
  private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SIGNATURE = Items.bytes(64, 9);
  private static final MutableRecord.Draft DRAFT =
      new MutableRecord.Draft(2, "meta", KEY, 5, 1_000, 2_000, VALUE);

  /** The offset of the sequence in a record with the label "meta". */
  private static final int SEQUENCE = 7;

  private static final int KEY_LENGTH = SEQUENCE + 24;
  private static final int VALUE_LENGTH = KEY_LENGTH + 2 + 44;

  @Test
  void signed_layoutIsThatOfTheProtocol() {
    ByteBuffer expected = ByteBuffer.allocate(3 + 4 + 24 + 2 + 44 + 2 + 5 + 64);
    expected.put((byte) 1).put((byte) 2).put((byte) 4);
    expected.put("meta".getBytes(StandardCharsets.US_ASCII));
    expected.putLong(5).putLong(1_000).putLong(2_000);
    expected.putShort((short) 44).put(KEY).putShort((short) 5).put(VALUE).put(SIGNATURE);
    assertThat(DRAFT.signed(SIGNATURE).bytes()).isEqualTo(expected.array());
    assertThat(DRAFT.size(64)).isEqualTo(expected.capacity());
  }

  @Test
  void parse_whatWasMade_hasItsParts() {
    byte[] bytes = DRAFT.signed(SIGNATURE).bytes();
    MutableRecord read = (MutableRecord) Items.parsed(bytes);
    assertThat(read.uidVersion()).isEqualTo(2);
    assertThat(read.label()).isEqualTo("meta");
    assertThat(read.sequence()).isEqualTo(5);
    assertThat(read.issuedMillis()).isEqualTo(1_000);
    assertThat(read.expiresMillis()).isEqualTo(2_000);
    assertThat(read.publicKey()).isEqualTo(KEY);
    assertThat(read.value()).isEqualTo(VALUE);
    assertThat(read.signature()).isEqualTo(SIGNATURE);
    assertThat(read.size()).isEqualTo(bytes.length);
    assertThat(read).isEqualTo(DRAFT.signed(SIGNATURE)).hasSameHashCodeAs(DRAFT.signed(SIGNATURE));
  }

  @Test
  void parse_callerChangesTheArrays_recordStays() {
    byte[] bytes = DRAFT.signed(SIGNATURE).bytes();
    byte[] before = bytes.clone();
    StoredItem read = Items.parsed(bytes);
    Arrays.fill(bytes, (byte) 0);
    Arrays.fill(read.bytes(), (byte) 0);
    assertThat(read.bytes()).isEqualTo(before);
  }

  @Test
  void statement_ofDraftAndRecord_isThatOfTheProtocol() {
    byte[] expected =
        SignedBytes.of("record", new SignedBytes.Frame(77, DRAFT.place(), 5, 1_000, 2_000), VALUE);
    assertThat(DRAFT.statement(77)).isEqualTo(expected);
    assertThat(DRAFT.signed(SIGNATURE).statement(77)).isEqualTo(expected);
  }

  @Test
  void place_eachVersionAndLabel_isTheHashOfTheProtocol() throws NoSuchAlgorithmException {
    byte[] first = MessageDigest.getInstance("SHA-1").digest(KEY);
    byte[] second = MessageDigest.getInstance("SHA-512/256").digest(KEY);
    assertThat(place(1, "")).isEqualTo(NodeId.of(first));
    assertThat(place(2, "")).isEqualTo(NodeId.of(Arrays.copyOf(second, 20)));
    assertThat(place(1, "keys-2")).isEqualTo(Keys.of("keys-2", first));
    assertThat(place(2, "keys-2")).isEqualTo(Keys.of("keys-2", second));
    assertThat(DRAFT.signed(SIGNATURE).key()).isEqualTo(DRAFT.place());
  }

  private static NodeId place(int uidVersion, String label) {
    return new MutableRecord.Draft(uidVersion, label, KEY, 1, 0, 0, VALUE).place();
  }

  @Test
  void parse_partOutOfRange_namesIt() {
    assertThat(fault(new byte[0])).isEqualTo(Fault.TRUNCATED);
    assertThat(fault(new byte[1_001])).isEqualTo(Fault.TOO_BIG);
    assertThat(fault(with(0, 0))).isEqualTo(Fault.UNKNOWN_KIND);
    assertThat(fault(with(0, 3))).isEqualTo(Fault.UNKNOWN_KIND);
    assertThat(fault(with(1, 0))).isEqualTo(Fault.UID_VERSION);
    assertThat(fault(with(1, 3))).isEqualTo(Fault.UID_VERSION);
    assertThat(fault(with(2, 33))).isEqualTo(Fault.LABEL);
    assertThat(fault(with(2, 255))).isEqualTo(Fault.LABEL);
    for (char character : "M_ \u007f\u0000/:`{".toCharArray()) {
      assertThat(fault(with(4, character))).as("%d", (int) character).isEqualTo(Fault.LABEL);
    }
    assertThat(fault(with(SEQUENCE, 0x80))).isEqualTo(Fault.SEQUENCE);
    assertThat(fault(with(SEQUENCE + 7, 0))).isEqualTo(Fault.SEQUENCE);
    assertThat(fault(with(SEQUENCE + 8, 0x80))).isEqualTo(Fault.TIME);
    assertThat(fault(with(SEQUENCE + 16, 0x80))).isEqualTo(Fault.TIME);
    assertThat(fault(with(KEY_LENGTH + 1, 0))).isEqualTo(Fault.KEY_LENGTH);
    assertThat(fault(with(KEY_LENGTH, 0x80))).isEqualTo(Fault.KEY_LENGTH);
    assertThat(fault(with(KEY_LENGTH + 1, 200))).isEqualTo(Fault.TRUNCATED);
    assertThat(fault(with(VALUE_LENGTH, 0x80))).isEqualTo(Fault.TRUNCATED);
    assertThat(fault(with(VALUE_LENGTH + 1, 6))).isEqualTo(Fault.SIGNATURE_LENGTH);
  }

  @Test
  void parse_publicKeyLength_422IsTheLongest() {
    MutableRecord.Draft longest = new MutableRecord.Draft(1, "", new byte[422], 1, 0, 0, VALUE);
    byte[] bytes = longest.signed(SIGNATURE).bytes();
    assertThat(Items.parsed(bytes).key()).isEqualTo(longest.place());
    bytes[28]++;
    assertThat(fault(bytes)).isEqualTo(Fault.KEY_LENGTH);
  }

  @Test
  void parse_cutAnywhere_isNoRecord() {
    byte[] bytes = DRAFT.signed(SIGNATURE).bytes();
    for (int length = 0; length < bytes.length; length++) {
      assertThat(fault(Arrays.copyOf(bytes, length))).isIn(Fault.TRUNCATED, Fault.SIGNATURE_LENGTH);
    }
  }

  @Test
  void parse_signatureLength_64To384() {
    byte[] longest = DRAFT.signed(new byte[384]).bytes();
    assertThat(((MutableRecord) Items.parsed(longest)).signature()).hasSize(384);
    assertThat(fault(Arrays.copyOf(longest, longest.length + 1))).isEqualTo(Fault.SIGNATURE_LENGTH);
    assertThatThrownBy(() -> DRAFT.signed(new byte[63]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a signature's length: 63");
    assertThatThrownBy(() -> DRAFT.signed(new byte[385]))
        .hasMessage("not a signature's length: 385");
  }

  @Test
  void signed_longerThanARecord_saysHowLong() {
    int room = 1_000 - DRAFT.size(64) + VALUE.length;
    assertThat(draft("", new byte[room + 4]).signed(SIGNATURE).size()).isEqualTo(1_000);
    assertThatThrownBy(() -> draft("", new byte[room + 5]).signed(SIGNATURE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a record has at most 1000 bytes, not 1001");
  }

  @Test
  void draft_outOfRange_isRefused() {
    assertThatThrownBy(() -> new MutableRecord.Draft(3, "", KEY, 1, 0, 0, VALUE))
        .hasMessage("uidVersion must be 1 or 2: 3");
    assertThatThrownBy(() -> draft("Meta", VALUE)).hasMessage("not a label: 'Meta'");
    assertThatThrownBy(() -> draft("\u0161", VALUE)).hasMessage("not a label: '\u0161'");
    assertThatThrownBy(() -> draft("a".repeat(33), VALUE)).hasMessageStartingWith("not a label");
    assertThat(draft("a".repeat(32), VALUE).label()).hasSize(32);
    assertThatThrownBy(() -> new MutableRecord.Draft(1, "", new byte[0], 1, 0, 0, VALUE))
        .hasMessage("not a public key's length: 0");
    assertThatThrownBy(() -> new MutableRecord.Draft(1, "", new byte[423], 1, 0, 0, VALUE))
        .hasMessage("not a public key's length: 423");
    for (long[] numbers : new long[][] {{0, 0, 0}, {1, -1, 0}, {1, 0, -1}}) {
      assertThatThrownBy(
              () -> new MutableRecord.Draft(1, "", KEY, numbers[0], numbers[1], numbers[2], VALUE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("sequence and times must not be negative");
    }
  }

  private static MutableRecord.Draft draft(String label, byte[] value) {
    return new MutableRecord.Draft(2, label, KEY, 5, 1_000, 2_000, value);
  }

  private static byte[] with(int offset, int value) {
    byte[] bytes = DRAFT.signed(SIGNATURE).bytes();
    bytes[offset] = (byte) value;
    return bytes;
  }

  static Fault fault(byte[] bytes) {
    if (StoredItem.parse(bytes) instanceof ParseOutcome.Malformed malformed) {
      return malformed.fault();
    }
    throw new AssertionError("an item");
  }
}
