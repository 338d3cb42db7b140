package org.bytchat.sim.mail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.sim.kernel.Links;
import org.bytchat.sim.model.Mix;
import org.bytchat.tracker.codec.Decoded;
import org.bytchat.tracker.codec.MessageCodec;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one machine, as TCP has them: in order, nothing lost, and broken when an end dies
 * or the network is cut. Whoever dials a machine that is not there hears nothing.
 */
final class Streams {

  /** TCP's handshake and Noise XX after it: two round trips before the first answer. */
  private static final int HANDSHAKE_LEGS = 4;

  /** Apart from the numbers of datagrams, of which delays are drawn too. */
  private static final long FRAMES = 1L << 34;

  private static final int HASH_BYTES = 32;
  private static final long HASHES = 2_001;

  private final MailMachine machine;
  private final Links links;
  private final @Nullable MessageCodec codec;
  private final Map<Long, Dialled> dialled = new LinkedHashMap<>();
  private final Map<Frame.Stream, Served> served = new LinkedHashMap<>();
  private final Map<Long, Served> sessions = new HashMap<>();
  private long dialledCount;
  private long servedCount;
  private long sentCount;

  /** Takes what comes of a stream that this machine has dialled. */
  interface Dialer {

    void onOpen(byte[] handshakeHash);

    void onAnswer(long requestId, Response response);

    /** It is no more, or could never be opened. */
    void onClosed();
  }

  /** Takes what comes of the streams that others have dialled. */
  interface Server {

    void onOpened(long session, byte[] handshakeHash);

    void onRequest(long session, long requestId, Request request);

    void onClosed(long session);
  }

  /** One end; what it sends arrives in order. */
  private static class End {
    final Frame.Stream stream;
    final int other;
    long lastMicros;

    End(Frame.Stream stream, int other) {
      this.stream = stream;
      this.other = other;
    }
  }

  private static final class Dialled extends End {
    final Dialer dialer;

    Dialled(Frame.Stream stream, int other, Dialer dialer) {
      super(stream, other);
      this.dialer = dialer;
    }
  }

  private static final class Served extends End {
    final long session;

    Served(Frame.Stream stream, long session) {
      super(stream, stream.dialer());
      this.session = session;
    }
  }

  /**
   * Makes the streams of a machine.
   *
   * @param codec what messages go through, null to hand them over as they are
   */
  Streams(MailMachine machine, Links links, @Nullable MessageCodec codec) {
    this.machine = machine;
    this.links = links;
    this.codec = codec;
  }

  // What the machine does.

  /** Opens a stream to a machine; its number. */
  long dial(int to, Dialer dialer) {
    long number = dialledCount++;
    Dialled end = new Dialled(new Frame.Stream(machine.index(), number), to, dialer);
    dialled.put(number, end);
    send(end, new Frame.Dial(end.stream), HANDSHAKE_LEGS + 1);
    return number;
  }

  /** Asks in a stream that is open; nothing happens if it is not any more. */
  void ask(long number, long requestId, Request request) {
    Dialled end = dialled.get(number);
    if (end != null) {
      send(end, new Frame.Ask(end.stream, requestId, passed(requestId, request)), 1);
    }
  }

  /** Closes a stream that this machine has dialled; its dialer is not told. */
  void hangUp(long number) {
    Dialled end = dialled.remove(number);
    if (end != null) {
      send(end, new Frame.Close(end.stream, false), 1);
    }
  }

  /** Answers in a stream that another machine has dialled. */
  void answer(long session, long requestId, Response response) {
    Served end = sessions.get(session);
    if (end == null) {
      return;
    }
    if (codec != null && response instanceof Response.Envelopes envelopes) {
      for (Response.Envelopes part : MessageCodec.split(envelopes.envelopes())) {
        send(end, new Frame.Answer(end.stream, requestId, passed(requestId, part)), 1);
      }
    } else {
      send(end, new Frame.Answer(end.stream, requestId, passed(requestId, response)), 1);
    }
  }

  /** Returns which machine is at the other end of a session, -1 if it is closed. */
  int otherEnd(long session) {
    Served end = sessions.get(session);
    return end == null ? -1 : end.other;
  }

  /**
   * All streams end with the machine's life.
   *
   * @param isTold whether the other ends are told; they are not if the power fails
   */
  void end(boolean isTold) {
    if (isTold) {
      dialled.values().forEach(end -> send(end, new Frame.Close(end.stream, false), 1));
      served.values().forEach(end -> send(end, new Frame.Close(end.stream, true), 1));
    }
    dialled.clear();
    served.clear();
    sessions.clear();
  }

  int openCount() {
    return dialled.size() + served.size();
  }

  private void send(End end, Frame frame, int legs) {
    long now = machine.nowMicros();
    if (links.isCut(machine.index(), end.other, now)) {
      // What waits to be sent again is as good as lost: a cut outlasts the patience of both ends.
      return;
    }
    long delay = 0;
    for (int i = 0; i < legs; i++) {
      delay += links.delayMicros(machine.index(), end.other, FRAMES + sentCount++, 0);
    }
    end.lastMicros = Math.max(end.lastMicros, now + delay);
    machine.carry(end.other, end.lastMicros, frame);
  }

  // What arrives.

  /** Takes a frame; the server is null if there is none on this machine. */
  void arrive(Frame frame, @Nullable Server server) {
    if (frame instanceof Frame.Dial dial) {
      accept(dial.stream(), server);
    } else if (frame instanceof Frame.Accept accept) {
      Dialled end = dialled.get(accept.stream().number());
      if (end != null) {
        end.dialer.onOpen(accept.handshakeHash());
      }
    } else if (frame instanceof Frame.Ask ask) {
      Served end = served.get(ask.stream());
      if (end == null || server == null) {
        refuse(ask.stream());
      } else {
        server.onRequest(end.session, ask.requestId(), ask.request());
      }
    } else if (frame instanceof Frame.Answer answer) {
      Dialled end = dialled.get(answer.stream().number());
      if (end != null) {
        end.dialer.onAnswer(answer.requestId(), answer.response());
      }
    } else if (frame instanceof Frame.Close close) {
      closed(close, server);
    }
  }

  private void accept(Frame.Stream stream, @Nullable Server server) {
    if (server == null) {
      refuse(stream);
      return;
    }
    Served end = new Served(stream, servedCount++);
    served.put(stream, end);
    sessions.put(end.session, end);
    byte[] hash = hashOf(stream);
    server.onOpened(end.session, hash);
    send(end, new Frame.Accept(stream, hash), 1);
  }

  private void refuse(Frame.Stream stream) {
    send(new End(stream, stream.dialer()), new Frame.Close(stream, true), 1);
  }

  private void closed(Frame.Close close, @Nullable Server server) {
    if (close.toDialer()) {
      Dialled end = dialled.remove(close.stream().number());
      if (end != null) {
        end.dialer.onClosed();
      }
    } else {
      Served end = served.remove(close.stream());
      if (end != null && server != null) {
        sessions.remove(end.session);
        server.onClosed(end.session);
      }
    }
  }

  /** What no other stream has, as the hash of a handshake. */
  private byte[] hashOf(Frame.Stream stream) {
    long state = Mix.combine(Mix.seed(machine.seed(), HASHES), stream.dialer());
    return Bits.bytes(Mix.combine(state, stream.number()), HASH_BYTES);
  }

  // The codec.

  private Request passed(long requestId, Request request) {
    return codec == null
        ? request
        : message(codec.decodeRequest(codec.encode(requestId, request)), request);
  }

  private Response passed(long requestId, Response response) {
    return codec == null
        ? response
        : message(codec.decodeResponse(codec.encode(requestId, response)), response);
  }

  private static <T> T message(Decoded<T> decoded, T sent) {
    if (decoded instanceof Decoded.Message<T> message) {
      return message.message();
    }
    throw new IllegalStateException("what was sent cannot be read: " + sent + ", " + decoded);
  }

  /** Returns the numbers of the streams that this machine has dialled. */
  List<Long> dialledNumbers() {
    return new ArrayList<>(dialled.keySet());
  }
}
