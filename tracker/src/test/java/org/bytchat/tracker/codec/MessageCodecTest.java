package org.bytchat.tracker.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.DeliveryKeys;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Refusal;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: what is encoded is what is decoded, whatever the size. */
class MessageCodecTest {

  private final MessageCodec codec = new MessageCodec(Ed25519Scheme.INSTANCE);

  static Stream<Arguments> requests() {
    return arguments(SampleMessages.requests());
  }

  static Stream<Arguments> responses() {
    return arguments(SampleMessages.responses());
  }

  private static Stream<Arguments> arguments(Map<String, ?> messages) {
    return messages.entrySet().stream()
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @Test
  void samples_haveEveryMessage() {
    assertThat(kinds(SampleMessages.requests()))
        .containsExactlyInAnyOrder(Request.class.getPermittedSubclasses());
    assertThat(kinds(SampleMessages.responses()))
        .containsExactlyInAnyOrder(Response.class.getPermittedSubclasses());
  }

  private static Set<Class<?>> kinds(Map<String, ?> messages) {
    return messages.values().stream().map(Object::getClass).collect(Collectors.toSet());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void decodeRequest_encoded_givesTheRequestBack(String name, Request request) {
    for (long requestId : new long[] {0, 1, 0x80, 0xffff_ffffL}) {
      assertThat(MessageView.of(codec.decodeRequest(codec.encode(requestId, request))))
          .isEqualTo(MessageView.of(new Decoded.Message<>(requestId, request)));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("responses")
  void decodeResponse_encoded_givesTheResponseBack(String name, Response response) {
    for (long requestId : new long[] {0, 1, 0x80, 0xffff_ffffL}) {
      assertThat(MessageView.of(codec.decodeResponse(codec.encode(requestId, response))))
          .isEqualTo(MessageView.of(new Decoded.Message<>(requestId, response)));
    }
  }

  @Test
  void encode_numberBeyondItsRange_throws() {
    Request info = new Request.Info();
    assertThatThrownBy(() -> codec.encode(-1, info)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> codec.encode(0x1_0000_0000L, info))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> codec.encode(1, new Request.Fetch(0, 0, 0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> codec.encode(1, new Request.Fetch(-1, 1, 0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> codec.encode(1, new Response.Info(0, 41, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void encode_largestOfEach_fitsTheFrame() {
    assertFits(new Request.PutDeliveryKeys(SampleMessages.keys(DeliveryKeys.KEYS_MAX)));
    assertFits(SampleMessages.deposit(Envelope.BYTES_MAX));
    assertFits(new Request.PutAcks(SampleMessages.batch(AckBatch.DIGESTS_MAX)));
    assertFits(
        new Request.PutDevices(
            SampleMessages.RSAS, SampleMessages.devices(SampleMessages.RSA, 8, 64)));
    Response custody =
        new Response.Custody(
            SampleMessages.receipt(Receipt.Kind.DEPOSIT),
            SampleMessages.receipt(Receipt.Kind.DELETION),
            SampleMessages.proofs(8 + 64),
            SampleMessages.RSAS,
            SampleMessages.devices(SampleMessages.RSA, 8, 64));
    byte[] frame = codec.encode(MessageCodec.REQUEST_ID_MAX, custody);
    assertThat(frame).hasSizeLessThanOrEqualTo(MessageCodec.FRAME_BYTES_MAX);
    assertThat(MessageView.of(codec.decodeResponse(frame)))
        .isEqualTo(MessageView.of(new Decoded.Message<>(MessageCodec.REQUEST_ID_MAX, custody)));
  }

  private void assertFits(Request request) {
    byte[] frame = codec.encode(MessageCodec.REQUEST_ID_MAX, request);
    assertThat(frame).hasSizeLessThanOrEqualTo(MessageCodec.FRAME_BYTES_MAX);
    assertThat(MessageView.of(codec.decodeRequest(frame)))
        .isEqualTo(MessageView.of(new Decoded.Message<>(MessageCodec.REQUEST_ID_MAX, request)));
  }

  @Test
  void encode_moreThanAFrame_throws() {
    byte[] envelope = new byte[Envelope.BYTES_MAX];
    assertThatThrownBy(() -> codec.encode(1, new Response.Envelopes(List.of(envelope, envelope))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void encode_textOfRefusalTooLong_isCutAtACharacter() {
    String text = "\ud83d\ude00".repeat(201);
    byte[] frame = codec.encode(1, new Response.Refused(Refusal.STORE, text, null, 0));
    assertThat(refused(codec.decodeResponse(frame)).text()).isEqualTo("\ud83d\ude00".repeat(200));
  }

  @Test
  void decodeResponse_codeOfALaterVersion_isBusyWithTheCodeInTheText() {
    Response.Refused refused = refused(codec.decodeResponse(refusal(999, "x".repeat(200))));
    assertThat(refused.refusal()).isEqualTo(Refusal.BUSY);
    assertThat(refused.text()).startsWith("refusal 999: xxx").hasSize(200);
    assertThat(refused.evidence()).isNull();
  }

  @Test
  void decodeResponse_codeZero_isMalformed() {
    assertThat(codec.decodeResponse(refusal(0, ""))).isInstanceOf(Decoded.Malformed.class);
    assertThat(codec.decodeResponse(refusal(65_536, ""))).isInstanceOf(Decoded.Malformed.class);
  }

  private static byte[] refusal(int code, String text) {
    return Packed.of(
        packer -> {
          packer.packMapHeader(3);
          packer.packString("i").packLong(1);
          packer.packString("e").packLong(code);
          packer.packString("x").packString(text);
        });
  }

  private static Response.Refused refused(Decoded<Response> decoded) {
    assertThat(decoded).isInstanceOf(Decoded.Message.class);
    return (Response.Refused) ((Decoded.Message<Response>) decoded).message();
  }

  @Test
  void split_none_givesNoFrame() {
    assertThat(MessageCodec.split(List.of())).isEmpty();
  }

  @Test
  void split_anySizes_fillsEachFrameAsFarAsItGoes() {
    for (int length = Envelope.BYTES_MIN; length <= Envelope.BYTES_MAX; length *= 2) {
      assertSplit(length, 200);
      assertSplit(length, 1);
    }
    // So many that the number of items is the limit, and not the bytes.
    assertSplit(1, 1_000);
    // With 15 items in all that fit, the array's header has one byte, and with 16 three.
    for (int length = 5_090; length < 5_130; length++) {
      assertSplit(length, 17);
    }
    for (int length = 5_430; length < 5_470; length++) {
      assertSplit(length, 17);
    }
  }

  private void assertSplit(int length, int count) {
    List<byte[]> envelopes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] envelope = new byte[length];
      Arrays.fill(envelope, (byte) i);
      envelopes.add(envelope);
    }
    List<Response.Envelopes> frames = MessageCodec.split(envelopes);
    assertThat(frames.stream().flatMap(frame -> frame.envelopes().stream()))
        .containsExactlyElementsOf(envelopes);
    for (int i = 0; i < frames.size(); i++) {
      Response.Envelopes frame = frames.get(i);
      assertThat(codec.encode(MessageCodec.REQUEST_ID_MAX, frame)).isNotEmpty();
      if (i + 1 < frames.size()) {
        List<byte[]> oneMore = new ArrayList<>(frame.envelopes());
        oneMore.add(frames.get(i + 1).envelopes().get(0));
        assertThatThrownBy(
                () -> codec.encode(MessageCodec.REQUEST_ID_MAX, new Response.Envelopes(oneMore)))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void split_envelopeTooLong_throws() {
    List<byte[]> envelopes = List.of(new byte[Envelope.BYTES_MAX + 1]);
    assertThatThrownBy(() -> MessageCodec.split(envelopes))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
