package org.bytchat.dht.identity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import org.bytchat.dht.keyspace.Keys;

/** Key files that openssl wrote for these tests; nobody uses them. */
final class TestKeys {

  /** Of every encrypted file. */
  static final String PASSPHRASE = "correct-horse";

  static final List<String> PLAIN = List.of("ed25519", "rsa2048", "rsa3072");

  private TestKeys() {}

  static byte[] file(String name) {
    try (InputStream in = TestKeys.class.getResourceAsStream(name + ".pem")) {
      if (in == null) {
        throw new AssertionError("no file " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static UserKey key(String name) {
    return UserKey.parsePem(file(name), null);
  }

  /** A statement about where the key's profile lies. */
  static byte[] statement(UserKey key, byte[] value) {
    Uid uid = key.publicKey().uid(Uid.VERSION_2);
    SignedBytes.Frame frame =
        new SignedBytes.Frame(
            Keys.networkId("bytchat"),
            uid.place("meta"),
            7,
            1_800_000_000_000L,
            1_800_604_800_000L);
    return SignedBytes.of("record", frame, value);
  }

  /** DER written by hand, also such as no library writes: a tag, a length, what follows. */
  static byte[] der(int tag, byte[]... parts) {
    byte[] content = concat(parts);
    int length = content.length;
    byte[] head;
    if (length < 128) {
      head = new byte[] {(byte) tag, (byte) length};
    } else if (length < 256) {
      head = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
    } else {
      head = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >>> 8), (byte) length};
    }
    return concat(head, content);
  }

  static byte[] integer(BigInteger value) {
    return der(2, value.toByteArray());
  }

  static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
