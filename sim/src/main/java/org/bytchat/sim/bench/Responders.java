package org.bytchat.sim.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.Sockets;
import org.bytchat.dht.transport.UdpTransport;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Packet;
import org.jspecify.annotations.Nullable;

/**
 * Sockets on loopback that are contacts of any number of nodes at once: to each node, socket i has
 * the id that falls into the node's bucket i / 20. They answer pings and name nobody.
 */
final class Responders implements AutoCloseable {

  private static final int BUFFER_BYTES = 2048;
  private static final long SELECT_MILLIS = 1000;

  private final Selector selector = Selector.open();
  private final List<UdpTransport> sockets = new ArrayList<>();
  private final Thread thread;
  private final Queries queries = new Queries(DhtConfig.DEFAULT_NETWORK);
  private final Packet packet = new Packet();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] datagram = new byte[BUFFER_BYTES];

  private volatile boolean running = true;
  private volatile @Nullable IOException failure;

  Responders(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      UdpTransport socket =
          UdpTransport.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      sockets.add(socket);
      int index = i;
      Runnable reader = () -> answerAll(socket, index);
      socket.register(selector, reader);
    }
    thread = new Thread(this::run, "bench-responders");
    thread.setDaemon(true);
    thread.start();
  }

  private static NodeId idFor(NodeId node, int index) {
    return Ids.sharing(node, index / FedEngine.BUCKET, (index + 1) * 0x9E3779B97F4A7C15L);
  }

  /** Has every socket ask a node something, so that it gets to know them. */
  void introduceTo(NodeId node, InetSocketAddress address) {
    Queries own = new Queries(DhtConfig.DEFAULT_NETWORK);
    for (int i = 0; i < sockets.size(); i++) {
      NodeId id = idFor(node, i);
      sockets.get(i).send(ByteBuffer.wrap(own.findNode(id, node, false)), address);
    }
  }

  private void run() {
    try {
      while (running) {
        selector.select(key -> ((Runnable) key.attachment()).run(), SELECT_MILLIS);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  private void answerAll(UdpTransport socket, int index) {
    buffer.clear();
    InetSocketAddress from = socket.receive(buffer);
    while (from != null) {
      int length = buffer.position();
      buffer.get(0, datagram, 0, length);
      if (queries.decode(datagram, length, packet) && packet.kind == Kind.QUERY) {
        NodeId id = idFor(packet.sender(), index);
        byte[] answer = queries.answer(packet, id, Sockets.toEndpoint(from));
        socket.send(buffer.clear().put(answer).flip(), from);
      }
      buffer.clear();
      from = socket.receive(buffer);
    }
  }

  @Override
  public void close() throws IOException {
    running = false;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sockets.forEach(UdpTransport::close);
    selector.close();
    IOException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }
}
