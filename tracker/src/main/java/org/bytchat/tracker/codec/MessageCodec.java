package org.bytchat.tracker.codec;

import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.bytchat.dht.identity.SignatureScheme;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;

/**
 * The codec of a session's frames: MessagePack maps with short keys, {@code
 * docs/session-messages.md}.
 *
 * <p>Decoding is total: any bytes give a {@link Decoded}, in time and memory proportional to their
 * number. It takes the keys of a map in any order and ignores those it does not know; encoding has
 * one order. The values are well-formed, their signatures unverified.
 *
 * <p>Immutable and safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class MessageCodec {

  /** The longest frame, without the length before it. */
  public static final int FRAME_BYTES_MAX = 80 * 1024;

  /** The highest number of a request. */
  public static final long REQUEST_ID_MAX = 0xffff_ffffL;

  /** A frame of envelopes without its array: the map's header, the number, and the keys. */
  private static final int ENVELOPES_OVERHEAD_BYTES =
      1
          + (1 + FrameKey.REQUEST_ID.wireName().length() + 5)
          + (1 + FrameKey.RESPONSE.wireName().length())
          + (1 + ResponseFormat.ENVELOPES.length())
          + (1 + FrameKey.ENVELOPES.wireName().length());

  private final SignatureScheme ed25519;

  /** Reads the message of a frame. */
  @FunctionalInterface
  private interface Layout<T> {
    T read(FrameFields fields) throws BadFrame;
  }

  /**
   * Makes a codec.
   *
   * @param ed25519 what tells Ed25519 keys from other bytes
   */
  public MessageCodec(SignatureScheme ed25519) {
    this.ed25519 = ed25519;
  }

  /**
   * Encodes a request.
   *
   * @param requestId chosen by the client, 0 to {@link #REQUEST_ID_MAX}
   * @param request the request
   * @return the frame, at most {@link #FRAME_BYTES_MAX} bytes
   * @throws IllegalArgumentException if a number is out of its range, or a signature has not 64
   *     bytes
   */
  public byte[] encode(long requestId, Request request) {
    return FrameWriter.write(requestId, writer -> RequestFormat.write(request, writer));
  }

  /**
   * Encodes a response. The text of a refusal is cut after 200 characters.
   *
   * @param requestId of the request that it answers, 0 to {@link #REQUEST_ID_MAX}
   * @param response the response
   * @return the frame, at most {@link #FRAME_BYTES_MAX} bytes
   * @throws IllegalArgumentException if a number is out of its range, a list has more than 256
   *     items, or the frame would be too long, which {@link #split} prevents
   */
  public byte[] encode(long requestId, Response response) {
    return FrameWriter.write(requestId, writer -> ResponseFormat.write(response, writer));
  }

  /**
   * Decodes what a client sent.
   *
   * @param frame any bytes
   * @return the request, or why the bytes are none
   */
  public Decoded<Request> decodeRequest(byte[] frame) {
    return decode(frame, fields -> RequestFormat.read(fields, ed25519));
  }

  /**
   * Decodes what a tracker sent.
   *
   * <p>A refusal with a code of a later version becomes {@link
   * org.bytchat.tracker.message.Refusal#BUSY}, which one meets by trying again later; its text
   * begins with "refusal" and the code. The envelopes of a page are not parsed.
   *
   * @param frame any bytes
   * @return the response, or why the bytes are none
   */
  public Decoded<Response> decodeResponse(byte[] frame) {
    return decode(frame, fields -> ResponseFormat.read(fields, ed25519));
  }

  private static <T> Decoded<T> decode(byte[] frame, Layout<T> layout) {
    if (frame.length > FRAME_BYTES_MAX) {
      return new Decoded.NoFrame<>("it is too long: %d bytes".formatted(frame.length));
    }
    long requestId;
    try {
      requestId = FrameFields.requestId(frame);
    } catch (BadFrame e) {
      return new Decoded.NoFrame<>(e.reason());
    }
    try {
      return new Decoded.Message<>(requestId, layout.read(FrameFields.read(frame)));
    } catch (BadFrame e) {
      return new Decoded.Malformed<>(requestId, e.reason());
    }
  }

  /**
   * Divides envelopes among frames, as many in each as fit, in their order.
   *
   * @param envelopes as carried, each at most 64 KiB
   * @return responses that can be encoded with any number; none if there are no envelopes
   * @throws IllegalArgumentException if an envelope is longer
   */
  public static List<Response.Envelopes> split(List<byte[]> envelopes) {
    List<Response.Envelopes> frames = new ArrayList<>();
    List<byte[]> frame = new ArrayList<>();
    int bytes = 0;
    for (byte[] envelope : envelopes) {
      if (envelope.length > FrameKey.VALUE_BYTES_MAX) {
        throw new IllegalArgumentException(
            "an envelope has at most %d bytes, not %d"
                .formatted(FrameKey.VALUE_BYTES_MAX, envelope.length));
      }
      int more = binaryBytes(envelope.length);
      if (!fits(frame.size() + 1, bytes + more)) {
        frames.add(new Response.Envelopes(frame));
        frame.clear();
        bytes = 0;
      }
      frame.add(envelope);
      bytes += more;
    }
    if (!frame.isEmpty()) {
      frames.add(new Response.Envelopes(frame));
    }
    return frames;
  }

  private static boolean fits(int items, int itemBytes) {
    int header = items <= 0xf ? 1 : 3;
    return items <= FrameKey.ITEMS_MAX
        && ENVELOPES_OVERHEAD_BYTES + header + itemBytes <= FRAME_BYTES_MAX;
  }

  private static int binaryBytes(int length) {
    int header = length <= 0xff ? 2 : length <= 0xffff ? 3 : 5;
    return header + length;
  }
}
