package org.bytchat.tracker.session;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A client on a blocking socket, whose every byte a test can choose. */
final class RawPeer implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 30_000;

  final Socket socket = new Socket();
  private final OutputStream out;
  private final DataInputStream in;

  RawPeer(InetSocketAddress to, int fromLast) {
    try {
      socket.bind(new InetSocketAddress(Lab.loopback(fromLast), 0));
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      socket.connect(to, TIMEOUT_MILLIS);
      out = socket.getOutputStream();
      in = new DataInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects, or returns null if the server resets the connection at once. */
  static @Nullable RawPeer tryConnect(InetSocketAddress to, int fromLast) {
    try {
      return new RawPeer(to, fromLast);
    } catch (UncheckedIOException e) {
      return null;
    }
  }

  void send(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void sendFramed(byte[] body) {
    send(framed(body));
  }

  static byte[] framed(byte[] body) {
    return ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).array();
  }

  byte[] receive(int count) {
    try {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] receiveFramed() {
    try {
      return in.readNBytes(in.readInt());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells whether the server ended the connection, after whatever it said before. */
  boolean isEnded() {
    try {
      in.readAllBytes();
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      // A reset ends it as well.
      return true;
    }
  }

  /** Sends the preamble and starts the handshake; returns it after the server's version. */
  NoiseHandshake begin() {
    Preamble preamble = Preamble.of(Lab.NETWORK);
    send(preamble.bytes());
    int version = receive(1)[0];
    NoiseHandshake noise =
        NoiseHandshake.initiator(preamble.prologue(version), NoiseHandshake.newKey());
    noise.start();
    return noise;
  }

  /** Does a whole handshake. */
  NoiseHandshake.Keys handshake() {
    NoiseHandshake noise = begin();
    sendFramed(noise.write(new byte[0]));
    if (noise.read(receiveFramed(), true) == null) {
      throw new AssertionError("the server's message verifies");
    }
    sendFramed(noise.write(new byte[0]));
    return noise.split();
  }

  /** Returns the bytes of a frame. */
  static byte[] sealed(NoiseHandshake.Keys keys, byte[] frame) {
    byte[] body = new byte[FrameCipher.bodyBytes(frame.length)];
    keys.cipher().seal(frame, body, 0);
    return framed(body);
  }

  byte[] receiveFrame(NoiseHandshake.Keys keys) {
    byte[] body = receiveFramed();
    return java.util.Objects.requireNonNull(
        keys.cipher().open(body, body.length), "the frame verifies");
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
