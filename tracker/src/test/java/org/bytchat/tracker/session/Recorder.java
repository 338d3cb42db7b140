package org.bytchat.tracker.session;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener that keeps what it is told; it may answer each frame with the same bytes. */
class Recorder implements SessionListener {

  final List<Session> opened = new CopyOnWriteArrayList<>();
  final List<byte[]> frames = new CopyOnWriteArrayList<>();
  final Map<Long, CloseReason> closed = new ConcurrentHashMap<>();
  final AtomicInteger writable = new AtomicInteger();
  private final boolean echoes;

  Recorder(boolean echoes) {
    this.echoes = echoes;
  }

  @Override
  public void onOpen(Session session) {
    opened.add(session);
  }

  @Override
  public void onFrame(Session session, byte[] frame) {
    frames.add(frame);
    if (echoes) {
      session.send(frame);
    }
  }

  @Override
  public void onWritable(Session session) {
    writable.incrementAndGet();
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    if (closed.put(session.id(), reason) != null) {
      throw new AssertionError("closed twice");
    }
  }

  /** The reason of the only session that ended, or null. */
  @Nullable CloseReason onlyReason() {
    return closed.size() == 1 ? closed.values().iterator().next() : null;
  }
}
