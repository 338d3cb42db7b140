package org.bytchat.tracker.interop;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.store.MainlineItem;

/** The owner of a mutable item of BEP 44, who signs what it says. */
final class SignedItem {

  static final int SEED_BYTES = 32;

  private static final Ed25519Scheme SCHEME = Ed25519Scheme.INSTANCE;

  private final byte[] seed;
  private final byte[] salt;
  private final byte[] publicKey;

  SignedItem(byte[] seed, String salt) {
    this.seed = seed;
    this.salt = salt.getBytes(StandardCharsets.UTF_8);
    this.publicKey = SCHEME.publicKey(seed);
  }

  /** The private key, as libtorrent's script takes it too. */
  byte[] seed() {
    return seed;
  }

  byte[] publicKey() {
    return publicKey;
  }

  /** The item with a text as its value. */
  MainlineItem sign(long sequence, String text) {
    byte[] value = bencoded(text);
    byte[] statement = MainlineItem.statement(salt, sequence, value);
    byte[] signature = SCHEME.sign(seed, publicKey, statement);
    return MainlineItem.mutable(publicKey, salt, sequence, value, signature);
  }

  /** A text as a bencoded string. */
  static byte[] bencoded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] head = (bytes.length + ":").getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, whole, head.length, bytes.length);
    return whole;
  }
}
