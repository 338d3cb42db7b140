package org.bytchat.tracker.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: its only handler in Netty, its handshake, then the session itself.
 *
 * <p>One object and no timer for each connection, so that an idle session costs little. What is not
 * marked otherwise belongs to the event loop thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel's end tells what became of it
final class Connection extends ByteToMessageDecoder implements Session {

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final byte[] KEEP_ALIVE = {};
  private static final byte[] NOTHING = {};

  private enum State {
    HANDSHAKE,
    OPEN,
    /** Closed by the application; what waits is still sent. */
    CLOSING,
    ENDED
  }

  private final SessionRuntime runtime;
  private final Channel channel;
  private final SessionListener listener;
  private final boolean isServer;
  private final Outbound outbound;
  private final Reading reading;
  private final long id;

  // For any thread.
  private volatile State state = State.HANDSHAKE;
  private volatile boolean sendRefused;
  private volatile @Nullable Object attachment;
  // Written before the state becomes OPEN.
  private @Nullable InetSocketAddress remote;
  private byte[] hash = NOTHING;
  private byte[] remoteStaticKey = NOTHING;
  private byte[] introduction = NOTHING;

  private @Nullable Handshake handshake;
  private @Nullable FrameCipher cipher;
  private @Nullable Runnable released;

  private CloseReason reason = CloseReason.PEER;
  private Failure failure = Failure.CLOSED_BY_PEER;
  private boolean active;
  private @Nullable Runnable task;
  private boolean sentHandshakeMessage;
  private boolean frameCompleted;
  private boolean partial;
  private int heldBytes;
  private final long startedNanos = System.nanoTime();
  private long partialSinceNanos;
  private long receivedNanos;

  Connection(SessionRuntime runtime, Channel channel, SessionListener listener, boolean isServer) {
    this.runtime = runtime;
    this.channel = channel;
    this.listener = listener;
    this.isServer = isServer;
    this.id = runtime.nextId();
    this.outbound = new Outbound(runtime, channel, this::tellWritable);
    this.reading = new Reading(runtime, channel, this::readAgain);
  }

  /** Sets what happens before the session, and what must once be told of its end. */
  void prepare(Handshake first, @Nullable Runnable whenReleased) {
    handshake = first;
    released = whenReleased;
  }

  /** Sets how fast the source of a server's connection may send. */
  void limit(SourceLimits by, SourceLimits.Place source) {
    reading.limit(by, source);
  }

  SessionRuntime runtime() {
    return runtime;
  }

  // ---- the channel's life

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (runtime.isClosed() || handshake == null) {
      failure = Failure.SHUTDOWN;
    }
    active = true;
    remote = (InetSocketAddress) channel.remoteAddress();
    runtime.add(channel.eventLoop(), this);
    if (failure == Failure.SHUTDOWN) {
      channel.close();
    } else if (handshake != null) {
      handshake.begin();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    runtime.count(SessionCounter.BYTES_IN, ((ByteBuf) message).readableBytes());
    super.channelRead(ctx, message);
    noteHeld();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // Not that of the decoder, which would read although reading has stopped.
    discardSomeReadBytes();
  }

  /** Notes since when a frame is incomplete, and what it holds. */
  private void noteHeld() {
    boolean incomplete = internalBuffer().isReadable() && state == State.OPEN;
    boolean stopped = !reading.mayRead();
    if (incomplete && !stopped && (!partial || frameCompleted)) {
      partialSinceNanos = System.nanoTime();
    }
    partial = incomplete && !stopped;
    frameCompleted = false;
    int holds = internalBuffer().isReadable() ? internalBuffer().capacity() : 0;
    long sum = runtime.addInbound(holds - heldBytes);
    boolean more = holds > heldBytes;
    heldBytes = holds;
    if (more && sum > runtime.config().total().inboundBytes() && state == State.OPEN) {
      drop(CloseReason.INBOUND_FULL);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    switch (state) {
      case HANDSHAKE -> {
        if (handshake != null && !reading.isComputing()) {
          handshake.read(in);
        }
      }
      case OPEN -> {
        if (reading.mayRead()) {
          readFrame(in);
        }
      }
      case CLOSING, ENDED -> in.skipBytes(in.readableBytes());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    end();
  }

  private void end() {
    if (!active) {
      return;
    }
    active = false;
    FrameCipher used = cipher;
    boolean wasOpen = used != null;
    state = State.ENDED;
    runtime.addInbound(-heldBytes);
    heldBytes = 0;
    runtime.remove(channel.eventLoop(), this, wasOpen);
    if (used == null) {
      notOpened();
      return;
    }
    cipher = null;
    used.destroy();
    runtime.count(reason.counter());
    if (released != null) {
      released.run();
    }
    try {
      listener.onClose(this, reason);
    } catch (RuntimeException e) {
      LOG.warn("a listener failed at the end of session {}", id, e);
    }
  }

  private void notOpened() {
    runtime.count(failure.counter());
    Handshake unfinished = handshake;
    handshake = null;
    Runnable useless = task;
    if (useless != null && runtime.cryptography().remove(useless)) {
      // It would take the time and the place of those who are still there.
      reading.setComputing(false);
    }
    task = null;
    if (unfinished != null) {
      unfinished.ended(failure);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("session {} broke", id, cause);
      drop(CloseReason.PEER);
      return;
    }
    LOG.warn("session {} is closed because of an error", id, cause);
    failure = Failure.INTERNAL_ERROR;
    drop(CloseReason.INTERNAL_ERROR);
  }

  /** Ends the connection, whatever its state. */
  void shutDown() {
    failure = Failure.SHUTDOWN;
    drop(CloseReason.SHUTDOWN);
  }

  /** Ends it without sending what waits. */
  private void drop(CloseReason why) {
    if (state == State.ENDED) {
      return;
    }
    // A session that its application closed keeps that reason.
    if (state != State.CLOSING) {
      reason = why;
    }
    state = State.ENDED;
    channel.close();
  }

  // ---- the handshake

  /** Ends a connection whose session cannot be opened. */
  void fail(Failure why) {
    if (state == State.HANDSHAKE) {
      failure = why;
      state = State.ENDED;
      channel.close();
    }
  }

  /** Makes room for a newcomer, unless the handshake is complete; for any thread. */
  void displace() {
    onLoop(
        () -> {
          if (state == State.HANDSHAKE && channel.isOpen()) {
            // A reset: nothing of it stays behind here.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            fail(Failure.DISPLACED);
          }
        });
  }

  void write(byte[] bytes) {
    runtime.count(SessionCounter.BYTES_OUT, bytes.length);
    channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  void writeHandshakeMessage(byte[] message) {
    sentHandshakeMessage = true;
    write(message);
  }

  boolean sentHandshakeMessage() {
    return sentHandshakeMessage;
  }

  boolean isComputing() {
    return reading.isComputing();
  }

  /**
   * Computes in the pool of the handshakes, so that established sessions do not wait for it, then
   * does here what came of it. Nothing is read meanwhile.
   */
  void compute(Supplier<Runnable> step) {
    reading.setComputing(true);
    reading.update();
    Runnable work =
        () -> {
          Runnable next = guarded(step);
          onLoop(() -> computed(next));
        };
    task = work;
    try {
      runtime.cryptography().execute(work);
    } catch (RejectedExecutionException e) {
      reading.setComputing(false);
      task = null;
      fail(runtime.isClosed() ? Failure.SHUTDOWN : Failure.BUSY);
    }
  }

  private Runnable guarded(Supplier<Runnable> step) {
    try {
      return step.get();
    } catch (RuntimeException e) {
      LOG.warn("the handshake of session {} failed", id, e);
      return () -> fail(Failure.INTERNAL_ERROR);
    }
  }

  private void computed(Runnable next) {
    reading.setComputing(false);
    task = null;
    if (state == State.HANDSHAKE) {
      next.run();
      readOn();
    }
  }

  /** The handshake is complete. */
  void open(NoiseHandshake.Keys keys, byte[] clientIntroduction) {
    cipher = keys.cipher();
    hash = keys.hash();
    remoteStaticKey = keys.remoteStaticKey();
    introduction = clientIntroduction;
    receivedNanos = System.nanoTime();
    outbound.begin(receivedNanos);
    state = State.OPEN;
    runtime.opened();
    runtime.count(SessionCounter.OPENED);
    Handshake finished = handshake;
    handshake = null;
    tell(() -> listener.onOpen(this));
    if (finished != null) {
      finished.opened();
    }
  }

  // ---- frames in

  private void readFrame(ByteBuf in) {
    if (in.readableBytes() < FrameCipher.LENGTH_BYTES) {
      return;
    }
    // Nothing is reserved for what a length claims; the buffer grows by what comes.
    long length = in.getUnsignedInt(in.readerIndex());
    if (length > FrameCipher.BODY_BYTES_MAX) {
      drop(CloseReason.FRAME_TOO_LARGE);
      return;
    }
    int body = (int) length;
    if (FrameCipher.plainBytes(body) < 0) {
      drop(CloseReason.FRAME_MALFORMED);
      return;
    }
    if (in.readableBytes() < FrameCipher.LENGTH_BYTES + body || cipher == null) {
      return;
    }
    byte[] scratch = SessionRuntime.scratch();
    in.skipBytes(FrameCipher.LENGTH_BYTES).readBytes(scratch, 0, body);
    byte[] frame = cipher.open(scratch, body);
    if (frame == null) {
      drop(CloseReason.FRAME_FORGED);
      return;
    }
    frameCompleted = true;
    receivedNanos = System.nanoTime();
    reading.countFrame(receivedNanos);
    if (frame.length > 0) {
      runtime.count(SessionCounter.FRAMES_IN);
      tell(() -> listener.onFrame(this, frame));
    } else {
      runtime.count(SessionCounter.KEEP_ALIVES_IN);
      if (isServer) {
        send(KEEP_ALIVE);
      }
    }
  }

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.warn("a listener failed, session {} is closed", id, e);
      drop(CloseReason.LISTENER_FAILED);
    }
  }

  @Override
  public void pause() {
    reading.setPaused(true);
    if (channel.eventLoop().inEventLoop()) {
      // At once, or the turn of the loop would read on.
      reading.update();
    } else {
      onLoop(reading::update);
    }
  }

  @Override
  public void resume() {
    reading.setPaused(false);
    onLoop(this::readAgain);
  }

  private void readAgain() {
    receivedNanos = System.nanoTime();
    readOn();
  }

  /** Decodes what came before reading stopped, and reads on. */
  private void readOn() {
    reading.update();
    if (active && reading.mayRead() && internalBuffer().isReadable()) {
      channel.pipeline().fireChannelRead(Unpooled.EMPTY_BUFFER);
    }
  }

  // ---- frames out

  @Override
  public boolean send(byte[] frame) {
    if (frame.length > FRAME_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a frame has at most " + FRAME_BYTES_MAX + " bytes: " + frame.length);
    }
    if (state != State.OPEN) {
      return false;
    }
    int wire = Outbound.wireBytes(frame);
    if (!outbound.reserve(wire)) {
      runtime.count(SessionCounter.SENDS_REFUSED);
      sendRefused = true;
      // What waited may have left in between, and nothing else would tell.
      onLoop(this::tellWritable);
      return false;
    }
    if (channel.eventLoop().inEventLoop()) {
      seal(frame, wire);
      return true;
    }
    try {
      channel.eventLoop().execute(() -> seal(frame, wire));
      return true;
    } catch (RejectedExecutionException e) {
      outbound.release(wire);
      return false;
    }
  }

  private void seal(byte[] frame, int wire) {
    if (cipher == null || state == State.ENDED) {
      outbound.release(wire);
    } else if (cipher.isExhausted()) {
      outbound.release(wire);
      drop(CloseReason.KEYS_EXHAUSTED);
    } else {
      outbound.write(cipher, frame, wire);
    }
  }

  private void tellWritable() {
    if (sendRefused && state == State.OPEN && outbound.hasRoom()) {
      sendRefused = false;
      tell(() -> listener.onWritable(this));
    }
  }

  // ---- time

  /** Checks the time limits. */
  void sweep(long nowNanos) {
    SessionConfig.Times times = runtime.config().times();
    if (state == State.HANDSHAKE) {
      if (nowNanos - startedNanos > times.handshake().toNanos()) {
        fail(Failure.TIMEOUT);
      }
    } else if ((outbound.hasUnsent() || state == State.CLOSING)
        && nowNanos - outbound.progressNanos() > times.slowReader().toNanos()) {
      drop(CloseReason.SLOW_READER);
    } else if (state == State.OPEN) {
      sweepOpen(nowNanos, times);
    }
  }

  private void sweepOpen(long nowNanos, SessionConfig.Times times) {
    if (partial && nowNanos - partialSinceNanos > times.frame().toNanos()) {
      drop(CloseReason.FRAME_TIMEOUT);
    } else if (reading.mayRead() && nowNanos - receivedNanos > times.idle().toNanos()) {
      drop(CloseReason.IDLE);
    } else if (!isServer && nowNanos - outbound.sentNanos() > times.keepAlive().toNanos()) {
      send(KEEP_ALIVE);
    }
  }

  // ---- what a session tells

  @Override
  public void close() {
    onLoop(
        () -> {
          if (state == State.OPEN) {
            state = State.CLOSING;
            reason = CloseReason.APPLICATION;
            outbound.begin(System.nanoTime());
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> finishSending());
          }
        });
  }

  /**
   * Says that nothing follows, and drops what still comes until the peer closes too: to close with
   * bytes unread would reset the connection, and the peer lose what was sent last.
   */
  private void finishSending() {
    if (state == State.CLOSING) {
      ((DuplexChannel) channel).shutdownOutput();
      reading.setPaused(false);
      readOn();
    }
  }

  private void onLoop(Runnable task) {
    EventLoop loop = channel.eventLoop();
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the loop of session {} has ended", id, e);
    }
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remote == null ? InetSocketAddress.createUnresolved("", 0) : remote;
  }

  @Override
  public @Nullable Endpoint source() {
    return reading.source();
  }

  @Override
  public byte[] handshakeHash() {
    return hash.clone();
  }

  @Override
  public byte[] remoteStaticKey() {
    return remoteStaticKey.clone();
  }

  @Override
  public byte[] introduction() {
    return introduction.clone();
  }

  @Override
  public int pendingBytes() {
    return outbound.pendingBytes();
  }

  @Override
  public boolean isOpen() {
    return state == State.OPEN;
  }

  @Override
  public void attach(@Nullable Object something) {
    attachment = something;
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  /** Names no secret. */
  @Override
  public String toString() {
    return "Session[" + id + ", " + remoteAddress() + ", " + state + "]";
  }
}
