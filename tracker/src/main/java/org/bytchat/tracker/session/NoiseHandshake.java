package org.bytchat.tracker.session;

import com.southernstorm.noise.protocol.CipherStatePair;
import com.southernstorm.noise.protocol.DHState;
import com.southernstorm.noise.protocol.HandshakeState;
import com.southernstorm.noise.protocol.Noise;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.BadPaddingException;
import javax.crypto.ShortBufferException;
import org.bytchat.tracker.session.SessionException.Failure;
import org.jspecify.annotations.Nullable;

/**
 * One side of a Noise handshake of pattern XX (Perrin, The Noise Protocol Framework, revision 34,
 * section 7.5). Used by one thread at a time.
 */
final class NoiseHandshake {

  static final String PATTERN = "Noise_XX_25519_ChaChaPoly_SHA256";
  static final int KEY_BYTES = 32;
  static final int TAG_BYTES = 16;

  /** The length of the first message, which has no payload. */
  static final int FIRST_BYTES = KEY_BYTES;

  /** What the second message has beside its payload. */
  static final int SECOND_OVERHEAD_BYTES = 2 * KEY_BYTES + 2 * TAG_BYTES;

  /** What the third message has beside its payload. */
  static final int THIRD_OVERHEAD_BYTES = KEY_BYTES + 2 * TAG_BYTES;

  /**
   * The points of order 1, 2, 4 and 8 on the curve and its twist, and the encodings of 0 and 1 that
   * are not canonical: all to which every secret key gives zero (RFC 7748, section 6.1).
   */
  private static final Set<String> WEAK =
      Stream.of(
              "0000000000000000000000000000000000000000000000000000000000000000",
              "0100000000000000000000000000000000000000000000000000000000000000",
              "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
              "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
              "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
              "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
          .collect(Collectors.toUnmodifiableSet());

  private final HandshakeState state;
  private @Nullable Failure failure;

  private NoiseHandshake(int role, byte[] prologue, DHState staticKey) {
    try {
      state = new HandshakeState(PATTERN, role);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("the library has " + PATTERN, e);
    }
    state.setPrologue(prologue, 0, prologue.length);
    state.getLocalKeyPair().copyFrom(staticKey);
  }

  static NoiseHandshake initiator(byte[] prologue, DHState staticKey) {
    return new NoiseHandshake(HandshakeState.INITIATOR, prologue, staticKey);
  }

  static NoiseHandshake responder(byte[] prologue, DHState staticKey) {
    return new NoiseHandshake(HandshakeState.RESPONDER, prologue, staticKey);
  }

  /** Makes a key pair. */
  static DHState newKey() {
    DHState key = emptyKey();
    key.generateKeyPair();
    return key;
  }

  /** Makes the key pair of a secret key, for vectors. */
  static DHState keyOf(byte[] secret) {
    DHState key = emptyKey();
    key.setPrivateKey(secret, 0);
    return key;
  }

  static byte[] publicKey(DHState key) {
    byte[] bytes = new byte[KEY_BYTES];
    key.getPublicKey(bytes, 0);
    return bytes;
  }

  private static DHState emptyKey() {
    try {
      return Noise.createDH("25519");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("the library has X25519", e);
    }
  }

  /** Says whether a public key contributes nothing to a secret. */
  static boolean isWeak(byte[] publicKey) {
    byte[] masked = publicKey.clone();
    // X25519 ignores the last bit.
    masked[KEY_BYTES - 1] &= 0x7f;
    return WEAK.contains(HexFormat.of().formatHex(masked));
  }

  /** Fixes the ephemeral key, for vectors; before {@link #start}. */
  void fixEphemeral(byte[] secret) {
    state.getFixedEphemeralKey().setPrivateKey(secret, 0);
  }

  void start() {
    state.start();
  }

  /** Writes the next message. */
  byte[] write(byte[] payload) {
    byte[] message = new byte[SECOND_OVERHEAD_BYTES + payload.length];
    try {
      int length = state.writeMessage(message, 0, payload, 0, payload.length);
      return Arrays.copyOf(message, length);
    } catch (ShortBufferException e) {
      throw new AssertionError("the second message has the most overhead", e);
    }
  }

  /** Reads the next message; returns its payload, or null, and then {@link #failure} says why. */
  byte @Nullable [] read(byte[] message, boolean opensWithEphemeral) {
    if (opensWithEphemeral
        && (message.length < KEY_BYTES || isWeak(Arrays.copyOf(message, KEY_BYTES)))) {
      failure = message.length < KEY_BYTES ? Failure.BAD_MESSAGE : Failure.WEAK_KEY;
      return null;
    }
    byte[] payload = new byte[message.length];
    int length;
    try {
      length = state.readMessage(message, 0, message.length, payload, 0);
    } catch (ShortBufferException | BadPaddingException e) {
      failure = Failure.BAD_MESSAGE;
      return null;
    }
    // A weak static key went into the hash already, but nothing was sent or told since.
    if (state.hasRemotePublicKey() && isWeak(remoteStaticKey())) {
      failure = Failure.WEAK_KEY;
      return null;
    }
    return Arrays.copyOf(payload, length);
  }

  Failure failure() {
    return failure == null ? Failure.INTERNAL_ERROR : failure;
  }

  byte[] remoteStaticKey() {
    return publicKey(state.getRemotePublicKey());
  }

  /** Ends the handshake: its hash and the keys of the session remain. */
  Keys split() {
    byte[] hash = state.getHandshakeHash().clone();
    byte[] remote = remoteStaticKey();
    CipherStatePair pair = state.split();
    FrameCipher cipher = new FrameCipher(pair.getSender(), pair.getReceiver());
    state.destroy();
    return new Keys(cipher, hash, remote);
  }

  /** Forgets the secrets of a handshake that came to nothing. */
  void destroy() {
    state.destroy();
  }

  /**
   * What a complete handshake leaves.
   *
   * @param cipher the keys of both directions
   * @param hash the handshake's hash
   * @param remoteStaticKey the peer's
   */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  record Keys(FrameCipher cipher, byte[] hash, byte[] remoteStaticKey) {

    /** Names no key. */
    @Override
    public String toString() {
      return "Keys";
    }
  }
}
