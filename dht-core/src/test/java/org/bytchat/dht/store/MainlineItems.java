package org.bytchat.dht.store;

import java.nio.charset.StandardCharsets;

/** Items of BEP 44 for tests of the store, which verifies nothing. */
final class MainlineItems {

  /** The size of a mutable item without its value. */
  static final int MUTABLE_BYTES = MainlineItem.PUBLIC_KEY_BYTES + MainlineItem.SIGNATURE_BYTES;

  private static final byte[] NO_SALT = {};

  private MainlineItems() {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns an immutable item of a size; equal numbers and sizes give equal items. */
  static MainlineItem immutable(int number, int size) {
    return MainlineItem.immutable(Items.bytes(size, number));
  }

  /** Returns an item of a user that begins otherwise than those with other variants. */
  static MainlineItem mutable(int user, long sequence, int variant, int valueBytes) {
    byte[] value = Items.bytes(valueBytes, user);
    value[0] = (byte) variant;
    return MainlineItem.mutable(
        Items.bytes(32, user), NO_SALT, sequence, value, Items.bytes(64, sequence));
  }

  static MainlineItem mutable(int user, long sequence) {
    return mutable(user, sequence, 0, 4);
  }
}
