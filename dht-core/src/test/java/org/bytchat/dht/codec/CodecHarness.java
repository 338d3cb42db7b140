package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.ToIntFunction;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** The codec as the tests use it: arrays in and out, always somewhere inside a larger buffer. */
final class CodecHarness {

  private static final int OFFSET = 13;
  private static final byte GARBAGE = (byte) 0xc1;

  final MessageCodec codec;
  private final ToIntFunction<byte[]> oracle;

  /** The packet that the last decoding filled; its record points into that call's buffer. */
  final Packet packet = new Packet();

  CodecHarness() {
    this(
        new BytchatCodec(ContactInterner.NONE),
        datagram -> MsgpackOracle.skip(datagram, 0, datagram.length));
  }

  private CodecHarness(MessageCodec codec, ToIntFunction<byte[]> oracle) {
    this.codec = codec;
    this.oracle = oracle;
  }

  /** Makes one for the Mainline dialect. */
  static CodecHarness mainline() {
    return new CodecHarness(new MainlineCodec(ContactInterner.NONE), Bencode::end);
  }

  /** Encodes, and checks that nothing outside the message was written. */
  byte[] encode(Packet message) {
    int size = codec.sizeOf(message);
    byte[] buffer = new byte[OFFSET + size + OFFSET];
    Arrays.fill(buffer, GARBAGE);
    int written = codec.encode(message, buffer, OFFSET);
    assertThat(written).as("encoded length").isEqualTo(size);
    for (int i = 0; i < OFFSET; i++) {
      assertThat(buffer[i]).as("byte before the message").isEqualTo(GARBAGE);
      assertThat(buffer[OFFSET + size + i]).as("byte after the message").isEqualTo(GARBAGE);
    }
    return Arrays.copyOfRange(buffer, OFFSET, OFFSET + size);
  }

  /** Decodes into {@link #packet}. */
  DecodeOutcome decode(byte[] datagram) {
    byte[] buffer = new byte[OFFSET + datagram.length + OFFSET];
    Arrays.fill(buffer, GARBAGE);
    System.arraycopy(datagram, 0, buffer, OFFSET, datagram.length);
    return codec.decode(buffer, OFFSET, datagram.length, packet);
  }

  /** Decodes what must be a message. */
  Packet decoded(byte[] datagram) {
    assertThat(decode(datagram)).isEqualTo(DecodeOutcome.DECODED);
    return packet;
  }

  /**
   * Checks what must hold for any bytes: decoding does not throw; what has an envelope is well
   * formed; what decodes has an encoding, not longer but for the empty text of an error, that
   * decodes to the same.
   */
  DecodeOutcome checkAnyBytes(byte[] datagram) {
    DecodeOutcome outcome = decode(datagram);
    if (outcome.hasEnvelope()) {
      assertThat(datagram.length)
          .isBetween(WireLimits.MAINLINE_DATAGRAM_BYTES_MIN, WireLimits.MAINLINE_DATAGRAM_BYTES);
      assertThat(oracle.applyAsInt(datagram))
          .as("bytes that another reader walks over")
          .isEqualTo(datagram.length);
    }
    if (outcome == DecodeOutcome.DECODED && packet.saltLength <= packet.salt.length) {
      byte[] canonical = encode(packet);
      int slack = packet.kind == Kind.ERROR && packet.errorTextLength == 0 ? 2 : 0;
      assertThat(canonical.length).isLessThanOrEqualTo(datagram.length + slack);
      var before = PacketView.of(packet);
      assertThat(decode(canonical)).isEqualTo(DecodeOutcome.DECODED);
      assertThat(PacketView.of(packet)).isEqualTo(before);
      assertThat(encode(packet)).isEqualTo(canonical);
    }
    return outcome;
  }
}
