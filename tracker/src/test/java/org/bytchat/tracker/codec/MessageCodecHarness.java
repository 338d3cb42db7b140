package org.bytchat.tracker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;

/** What must hold for any bytes. */
final class MessageCodecHarness {

  private final MessageCodec codec = new MessageCodec(Ed25519Scheme.INSTANCE);

  /**
   * Decodes bytes both ways, which must not throw. A message that comes of them must have a frame
   * that gives it again; what is no frame for one side is none for the other.
   *
   * @return what came of the bytes as a request, or as a response if they are no request
   */
  Decoded<?> checkAnyBytes(byte[] frame) {
    Decoded<Request> request = codec.decodeRequest(frame);
    Decoded<Response> response = codec.decodeResponse(frame);
    assertThat(request instanceof Decoded.NoFrame).isEqualTo(response instanceof Decoded.NoFrame);
    if (request instanceof Decoded.Message<Request> message) {
      byte[] again = codec.encode(message.requestId(), message.message());
      assertThat(MessageView.of(codec.decodeRequest(again))).isEqualTo(MessageView.of(request));
    }
    if (response instanceof Decoded.Message<Response> message) {
      byte[] again = codec.encode(message.requestId(), message.message());
      assertThat(MessageView.of(codec.decodeResponse(again))).isEqualTo(MessageView.of(response));
    }
    return request instanceof Decoded.Message ? request : response;
  }
}
