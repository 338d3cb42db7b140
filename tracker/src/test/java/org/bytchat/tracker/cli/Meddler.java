package org.bytchat.tracker.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Somebody between a client and a tracker, who keeps what the client says and adds to it. */
final class Meddler implements AutoCloseable {

  private static final int BUFFER_BYTES = 8_192;

  private final ServerSocket listening;
  private final Socket up;
  private final int chunkBytes;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  /** Lets pass so many bytes of the client at a time, as packets of their own. */
  Meddler(InetSocketAddress tracker, int chunkBytes) throws IOException {
    this.chunkBytes = chunkBytes;
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    up = new Socket(tracker.getAddress(), tracker.getPort());
    up.setTcpNoDelay(true);
    daemon(this::serve);
  }

  Meddler(InetSocketAddress tracker) throws IOException {
    this(tracker, BUFFER_BYTES);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  /** Says something to the tracker as if the client had. */
  void inject(byte[] bytes) throws IOException {
    synchronized (said) {
      up.getOutputStream().write(bytes);
      up.getOutputStream().flush();
    }
  }

  /** All that the client has said. */
  byte[] said() {
    synchronized (said) {
      return said.toByteArray();
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "meddler");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    try (Socket down = listening.accept()) {
      daemon(() -> copyDown(down));
      InputStream in = down.getInputStream();
      byte[] buffer = new byte[chunkBytes];
      for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
        synchronized (said) {
          up.getOutputStream().write(buffer, 0, count);
          said.write(buffer, 0, count);
        }
      }
    } catch (IOException e) {
      // An end that breaks off ends it.
    }
  }

  private void copyDown(Socket down) {
    try (down) {
      InputStream in = up.getInputStream();
      OutputStream out = down.getOutputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      // As above.
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
      up.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
