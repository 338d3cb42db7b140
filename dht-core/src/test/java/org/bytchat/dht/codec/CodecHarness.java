package org.bytchat.dht.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.bytchat.dht.keyspace.ContactInterner;
import org.bytchat.dht.wire.Packet;
import org.bytchat.dht.wire.WireLimits;

/** The codec as the tests use it: arrays in and out, always somewhere inside a larger buffer. */
final class CodecHarness {

  private static final int OFFSET = 13;
  private static final byte GARBAGE = (byte) 0xc1;

  final BytchatCodec codec = new BytchatCodec(ContactInterner.NONE);

  /** The packet that the last decoding filled; its record points into that call's buffer. */
  final Packet packet = new Packet();

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
   * Checks what must hold for any bytes: decoding does not throw; what has an envelope is
   * MessagePack; what decodes has an encoding, no longer, that decodes to the same.
   */
  DecodeOutcome checkAnyBytes(byte[] datagram) {
    DecodeOutcome outcome = decode(datagram);
    if (outcome.hasEnvelope()) {
      assertThat(datagram.length)
          .isBetween(WireLimits.DATAGRAM_BYTES_MIN, WireLimits.DATAGRAM_BYTES);
      assertThat(MsgpackOracle.skip(datagram, 0, datagram.length))
          .as("bytes that msgpack-core walks over")
          .isEqualTo(datagram.length);
    }
    if (outcome == DecodeOutcome.DECODED) {
      byte[] canonical = encode(packet);
      assertThat(canonical.length).isLessThanOrEqualTo(datagram.length);
      var before = PacketView.of(packet);
      assertThat(decode(canonical)).isEqualTo(DecodeOutcome.DECODED);
      assertThat(PacketView.of(packet)).isEqualTo(before);
      assertThat(encode(packet)).isEqualTo(canonical);
    }
    return outcome;
  }
}
