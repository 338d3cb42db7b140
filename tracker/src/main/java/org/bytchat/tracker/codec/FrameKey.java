package org.bytchat.tracker.codec;

import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Envelope;

/** The keys of a frame. Each has one type in whatever message it is. */
enum FrameKey {
  REQUEST_ID("i", Type.NUMBER, 0, 0xffff_ffffL),
  REQUEST("q", Type.TEXT, 0, FrameKey.NAME_BYTES_MAX),
  RESPONSE("r", Type.TEXT, 0, FrameKey.NAME_BYTES_MAX),
  REFUSAL("e", Type.NUMBER, 1, 0xffff),
  REFUSAL_TEXT("x", Type.TEXT, 0, 4 * FrameKey.REFUSAL_TEXT_MAX),
  OWNER("own", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  DEVICE_LIST("dl", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  DEVICE("dev", Type.BINARY, DeviceId.BYTES, DeviceId.BYTES),
  VERSION("ver", Type.NUMBER, 0, Long.MAX_VALUE),
  SIGNATURE("sig", Type.BINARY, 64, 64),
  DELIVERY_KEYS("dk", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  ENVELOPE("env", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  ADMISSION("adm", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  CURSOR("cur", Type.NUMBER, 0, Long.MAX_VALUE),
  LIMIT("max", Type.NUMBER, 1, Integer.MAX_VALUE),
  WAIT_MILLIS("wait", Type.NUMBER, 0, Integer.MAX_VALUE),
  ACKS("acks", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  MAILBOX("box", Type.BINARY, NodeId.BYTES, NodeId.BYTES),
  DIGEST("dig", Type.BINARY, Digest.BYTES, Digest.BYTES),
  NOW_MILLIS("now", Type.NUMBER, 0, Long.MAX_VALUE),
  STAMP_BITS("bits", Type.NUMBER, 0, Admission.STAMP_BITS_MAX),
  DEPOSIT_RECEIPT("dep", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  DELETION_RECEIPT("del", Type.BINARY, 0, FrameKey.VALUE_BYTES_MAX),
  ENVELOPES("envs", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  MORE("more", Type.BOOLEAN, 0, 1),
  REFUSED_COUNT("ref", Type.NUMBER, 0, Long.MAX_VALUE),
  KNOWN("ok", Type.BOOLEANS, 0, FrameKey.ITEMS_MAX),
  PROOFS("prf", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  NODE_KEY("key", Type.BINARY, 32, 32),
  SUMMARIES("sums", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  RANGES("rngs", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  LISTS("lsts", Type.BINARY, Digest.BYTES, Digest.BYTES),
  COMPARISONS("cmps", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  DIGESTS("digs", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  ACK_DIGESTS("adgs", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  HEADS("hds", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  BATCHES("bats", Type.BINARIES, 0, FrameKey.ITEMS_MAX),
  USED_MILLIS("use", Type.NUMBER, 0, Long.MAX_VALUE);

  /** In characters, of which each takes four bytes at most. */
  static final int REFUSAL_TEXT_MAX = 200;

  /** No array has more items. */
  static final int ITEMS_MAX = 256;

  /** No value is longer than the longest envelope; most have limits of their own. */
  static final int VALUE_BYTES_MAX = Envelope.BYTES_MAX;

  private static final int NAME_BYTES_MAX = 32;

  /** What a value is, and what its least and most limit. */
  enum Type {
    /** An unsigned integer; its value. */
    NUMBER("integer"),
    /** UTF-8; its bytes. */
    TEXT("string"),
    /** Bytes; their number. */
    BINARY("binary"),
    /** True or false. */
    BOOLEAN("boolean"),
    /** An array of binaries; its items. */
    BINARIES("array of binaries"),
    /** An array of booleans; its items. */
    BOOLEANS("array of booleans");

    private final String label;

    Type(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  private final String wireName;
  private final Type type;
  private final long least;
  private final long most;

  FrameKey(String wireName, Type type, long least, long most) {
    this.wireName = wireName;
    this.type = type;
    this.least = least;
    this.most = most;
  }

  String wireName() {
    return wireName;
  }

  Type type() {
    return type;
  }

  long least() {
    return least;
  }

  long most() {
    return most;
  }

  boolean allows(long size) {
    return size >= least && size <= most;
  }
}
