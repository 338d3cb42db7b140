package org.bytchat.tracker.session;

import com.southernstorm.noise.protocol.DHState;
import io.netty.buffer.ByteBuf;
import java.time.Clock;
import java.time.Duration;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;

/** The handshake as a node sees it. */
final class ServerHandshake extends Handshake {

  private final Connection connection;
  private final StaticKey key;
  private final SourceLimits limits;
  private final SourceLimits.Place place;
  private @Nullable NoiseHandshake noise;

  ServerHandshake(
      Connection connection, StaticKey key, SourceLimits limits, SourceLimits.Place place) {
    this.connection = connection;
    this.key = key;
    this.limits = limits;
    this.place = place;
  }

  /** The key by which a node is known in handshakes, and its certificate, made anew each day. */
  static final class StaticKey {

    private static final long RENEW_MILLIS = Duration.ofDays(1).toMillis();

    private final DHState key = NoiseHandshake.newKey();
    private final NodeIdentity identity;
    private final int networkId;
    private final Clock clock;
    private NodeCertificate certificate;

    StaticKey(NodeIdentity identity, int networkId, Clock clock) {
      this.identity = identity;
      this.networkId = networkId;
      this.clock = clock;
      this.certificate = issue();
    }

    private NodeCertificate issue() {
      return NodeCertificate.issue(
          identity, networkId, NoiseHandshake.publicKey(key), clock.millis());
    }

    synchronized byte[] certificate() {
      long age = clock.millis() - certificate.issuedMillis();
      // A negative age: the clock was put right.
      if (age < 0 || age > RENEW_MILLIS) {
        certificate = issue();
      }
      return certificate.encode();
    }
  }

  @Override
  void begin() {}

  @Override
  void read(ByteBuf in) {
    if (noise == null) {
      readPreamble(in);
    } else if (connection.sentHandshakeMessage()) {
      readThird(in, noise);
    } else {
      readFirst(in, noise);
    }
  }

  private void readPreamble(ByteBuf in) {
    // What is not ours need not be waited for.
    if (in.readableBytes() >= Integer.BYTES && in.getInt(in.readerIndex()) != Preamble.MAGIC) {
      connection.fail(Failure.BAD_PREAMBLE);
      return;
    }
    if (in.readableBytes() < Preamble.BYTES) {
      return;
    }
    byte[] bytes = new byte[Preamble.BYTES];
    in.readBytes(bytes);
    Preamble preamble = new Preamble(bytes);
    Failure fault = preamble.fault(connection.runtime().networkId());
    if (fault != null) {
      connection.fail(fault);
      return;
    }
    int version = preamble.choose();
    noise = NoiseHandshake.responder(preamble.prologue(version), key.key);
    noise.start();
    connection.write(new byte[] {(byte) version});
  }

  private void readFirst(ByteBuf in, NoiseHandshake handshake) {
    int length = NoiseHandshake.FIRST_BYTES;
    byte[] message = takeMessage(in, connection, length, length);
    if (message == null) {
      return;
    }
    connection.compute(
        () -> {
          byte[] payload = handshake.read(message, true);
          if (payload == null) {
            return () -> connection.fail(handshake.failure());
          }
          byte[] answer = framed(handshake.write(key.certificate()));
          return () -> connection.writeHandshakeMessage(answer);
        });
  }

  private void readThird(ByteBuf in, NoiseHandshake handshake) {
    int min = NoiseHandshake.THIRD_OVERHEAD_BYTES;
    byte[] message = takeMessage(in, connection, min, min + Session.INTRODUCTION_BYTES_MAX);
    if (message == null) {
      return;
    }
    connection.compute(
        () -> {
          byte[] introduction = handshake.read(message, false);
          if (introduction == null) {
            return () -> connection.fail(handshake.failure());
          }
          NoiseHandshake.Keys keys = handshake.split();
          return () -> connection.open(keys, introduction);
        });
  }

  @Override
  void ended(Failure failure) {
    if (noise != null && !connection.isComputing()) {
      noise.destroy();
    }
    limits.closed(place);
  }

  @Override
  void opened() {
    limits.opened(place);
  }
}
