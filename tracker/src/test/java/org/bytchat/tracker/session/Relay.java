package org.bytchat.tracker.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Somebody between a client and a server, who changes bytes. Serves one connection. */
final class Relay implements AutoCloseable {

  /** What becomes of a byte. */
  interface Change {
    /** Returns the new value of a byte, given its direction and its index in that direction. */
    int of(boolean up, int index, int value);
  }

  private final ServerSocket listening;
  private final Change change;
  private final InetSocketAddress to;

  Relay(InetSocketAddress to, Change change) throws IOException {
    this.to = to;
    this.change = change;
    listening = new ServerSocket(0, 1, Lab.loopback(1));
    daemon(this::serve);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    try (Socket down = listening.accept();
        Socket up = new Socket(to.getAddress(), to.getPort())) {
      daemon(() -> copy(up, down, false));
      copy(down, up, true);
    } catch (IOException e) {
      // An end that breaks off ends the relay.
    }
  }

  private void copy(Socket from, Socket target, boolean isUp) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = target.getOutputStream();
      byte[] buffer = new byte[8_192];
      int index = 0;
      for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
        for (int i = 0; i < count; i++) {
          buffer[i] = (byte) change.of(isUp, index++, buffer[i] & 0xff);
        }
        out.write(buffer, 0, count);
        out.flush();
      }
      target.close();
    } catch (IOException e) {
      // As above.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
