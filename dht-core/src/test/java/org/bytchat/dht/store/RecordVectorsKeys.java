package org.bytchat.dht.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.identity.UserPublicKey;
import org.bytchat.dht.keyspace.Keys;

/** The keys that sign the records of the vectors. All of them are known to everybody. */
final class RecordVectorsKeys {

  static final int NETWORK = Keys.networkId("bytchat");

  private RecordVectorsKeys() {}

  /** Returns a key file of the tests of keys. */
  static byte[] file(String name) {
    try (InputStream in = UserKey.class.getResourceAsStream(name + ".pem")) {
      if (in == null) {
        throw new AssertionError("no file " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static UserKey ofFile(String name) {
    return UserKey.parsePem(file(name), null);
  }

  /** Returns the Ed25519 key whose seed is 32 times a byte. */
  static UserKey ofUser(int user) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) user);
    return UserKey.ofSeed(Ed25519Scheme.INSTANCE, seed);
  }

  static MutableRecord signed(UserKey key, MutableRecord.Draft draft) {
    return draft.signed(key.sign(draft.statement(NETWORK)));
  }

  /** Says what a holder and a reader find: a key that is allowed, and that it signed. */
  static boolean isSigned(MutableRecord item) {
    try {
      return UserPublicKey.parse(item.publicKey())
          .verify(item.statement(NETWORK), item.signature());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
