package org.bytchat.sim.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * As much of NATS's client protocol (docs.nats.io, "NATS Protocol") as publishing to JetStream
 * takes. Used by one thread.
 */
final class NatsConnection implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INBOX = "_INBOX.bench";
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int BUFFER_BYTES = 32 << 10;
  private static final byte[] LINE_END = {'\r', '\n'};

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final String inbox;

  NatsConnection(InetSocketAddress address, int number) throws IOException {
    socket = new Socket();
    inbox = INBOX + number;
    boolean ready = false;
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(address, TIMEOUT_MILLIS);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
      out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
      // The server speaks first, of itself.
      line(in);
      write("CONNECT {\"verbose\":false,\"pedantic\":false}");
      write("SUB " + inbox + " 1");
      write("PING");
      out.flush();
      String answer = line(in);
      if (!answer.equals("PONG")) {
        throw new IOException("nats-server answered " + answer);
      }
      ready = true;
    } finally {
      if (!ready) {
        socket.close();
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next != '\n') {
      if (next < 0) {
        throw new IOException("nats-server closed the connection");
      }
      if (next != '\r') {
        line.append((char) next);
      }
      next = in.read();
    }
    return line.toString();
  }

  private void write(String line) throws IOException {
    out.write(line.getBytes(StandardCharsets.US_ASCII));
    out.write(LINE_END);
  }

  /** Publishes, and asks for an answer; it leaves with {@link #flush}. */
  void publish(String subject, byte[] payload) throws IOException {
    write("PUB " + subject + " " + inbox + " " + payload.length);
    out.write(payload);
    out.write(LINE_END);
  }

  void flush() throws IOException {
    out.flush();
  }

  /** Waits for the next answer. */
  byte[] answer() throws IOException {
    String line = line(in);
    while (!line.startsWith("MSG ")) {
      if (line.equals("PING")) {
        write("PONG");
        out.flush();
      } else if (line.startsWith("-ERR")) {
        throw new IOException("nats-server: " + line);
      }
      line = line(in);
    }
    byte[] payload = new byte[Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1))];
    in.readFully(payload);
    line(in);
    return payload;
  }

  /** Asks JetStream for something; fails if that is refused. */
  JsonNode request(String subject, String payload) throws IOException {
    publish(subject, payload.getBytes(StandardCharsets.UTF_8));
    flush();
    JsonNode answer = JSON.readTree(answer());
    if (answer.has("error")) {
      throw new IOException("JetStream: " + answer.get("error"));
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
