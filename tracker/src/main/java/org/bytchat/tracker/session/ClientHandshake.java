package org.bytchat.tracker.session;

import com.southernstorm.noise.protocol.DHState;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;

/** The handshake as a client sees it. */
final class ClientHandshake extends Handshake {

  private static final int SECOND_BYTES =
      NoiseHandshake.SECOND_OVERHEAD_BYTES + NodeCertificate.BYTES;

  private final Connection connection;
  private final NodeId expected;
  private final byte[] introduction;
  private final CompletableFuture<Session> result;
  private final Preamble preamble;
  private @Nullable NoiseHandshake noise;

  ClientHandshake(
      Connection connection,
      NodeId expected,
      byte[] introduction,
      CompletableFuture<Session> result) {
    this.connection = connection;
    this.expected = expected;
    this.introduction = introduction;
    this.result = result;
    this.preamble = Preamble.of(connection.runtime().networkId());
  }

  @Override
  void begin() {
    connection.write(preamble.bytes());
  }

  @Override
  void read(ByteBuf in) {
    if (noise == null) {
      readVersion(in.readUnsignedByte());
      return;
    }
    NoiseHandshake handshake = noise;
    byte[] message = takeMessage(in, connection, SECOND_BYTES, SECOND_BYTES);
    if (message != null) {
      connection.compute(() -> readSecond(handshake, message));
    }
  }

  private void readVersion(int version) {
    if (!preamble.offers(version)) {
      connection.fail(Failure.NO_COMMON_VERSION);
      return;
    }
    connection.compute(
        () -> {
          // A new key for each session: nobody can tell that two have the same client.
          DHState key = NoiseHandshake.newKey();
          NoiseHandshake handshake = NoiseHandshake.initiator(preamble.prologue(version), key);
          key.destroy();
          handshake.start();
          byte[] first = framed(handshake.write(new byte[0]));
          return () -> {
            noise = handshake;
            connection.writeHandshakeMessage(first);
          };
        });
  }

  private Runnable readSecond(NoiseHandshake handshake, byte[] message) {
    byte[] payload = handshake.read(message, true);
    if (payload == null) {
      return () -> connection.fail(handshake.failure());
    }
    Failure fault = fault(payload, handshake.remoteStaticKey());
    if (fault != null) {
      return () -> connection.fail(fault);
    }
    byte[] third = framed(handshake.write(introduction));
    NoiseHandshake.Keys keys = handshake.split();
    return () -> {
      connection.writeHandshakeMessage(third);
      connection.open(keys, introduction);
    };
  }

  private @Nullable Failure fault(byte[] payload, byte[] staticKey) {
    NodeCertificate certificate = NodeCertificate.decode(payload);
    if (certificate == null) {
      return Failure.BAD_CERTIFICATE;
    }
    SessionRuntime runtime = connection.runtime();
    return certificate.fault(
        new NodeCertificate.Asked(runtime.networkId(), expected, Ed25519Scheme.INSTANCE),
        staticKey,
        runtime.clock().millis());
  }

  @Override
  void ended(Failure failure) {
    if (noise != null && !connection.isComputing()) {
      noise.destroy();
    }
    result.completeExceptionally(new SessionException(failure, null));
  }

  @Override
  void opened() {
    result.complete(connection);
  }
}
