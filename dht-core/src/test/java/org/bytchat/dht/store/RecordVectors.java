package org.bytchat.dht.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.SignedBytes;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.NodeId;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** The generator of {@code docs/vectors/record.json}. */
public final class RecordVectors {

  static final long ISSUED = Items.NOW;
  static final long DAY = Items.DAY;
  static final long EXPIRES = ISSUED + 7 * DAY;

  private static final HexFormat HEX = HexFormat.of();
  private static final List<String> KEYS = List.of("ed25519", "rsa2048", "rsa3072");
  private static final String LONGEST_LABEL = "abcdefghijklmnopqrstuvwxyz-01239";

  /** The offset of the sequence in a record with the label "meta". */
  private static final int SEQUENCE = 7;

  private static final int KEY_LENGTH = SEQUENCE + 24;

  /** Of an Ed25519 key. */
  private static final int VALUE_LENGTH = KEY_LENGTH + 2 + 44;

  private RecordVectors() {}

  /**
   * A record of the vectors.
   *
   * @param name unique
   * @param key the name of its key
   * @param item the record
   */
  private record Named(String name, String key, MutableRecord item) {}

  /** Returns the file as a tree. */
  public static ObjectNode file() {
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.put(
        "description",
        "Records, chunks and blobs in the network bytchat; bytes that are none, signatures that do"
            + " not verify, and blobs that cannot be put together. The private keys are known to"
            + " all: use them for tests only.");
    ArrayNode keys = file.putArray("keys");
    for (String name : KEYS) {
      ObjectNode entry = keys.addObject().put("name", name);
      entry.put("pem", new String(RecordVectorsKeys.file(name), StandardCharsets.US_ASCII));
      entry.put("spki", hex(RecordVectorsKeys.ofFile(name).publicKey().encoded()));
    }
    ArrayNode records = file.putArray("records");
    records().forEach(named -> addRecord(records.addObject(), named));
    ArrayNode badSignatures = file.putArray("badSignatures");
    badSignatures()
        .forEach((name, item) -> badSignatures.addObject().put("name", name).put("rec", hex(item)));
    ArrayNode chunks = file.putArray("chunks");
    chunks().forEach((name, chunk) -> addChunk(chunks.addObject().put("name", name), chunk));
    ArrayNode malformed = file.putArray("malformed");
    malformedRecords().forEach((name, bytes) -> addMalformed(malformed, name, bytes));
    malformedChunks().forEach((name, bytes) -> addMalformed(malformed, name, bytes));
    ArrayNode blobs = file.putArray("blobs");
    for (int size : new int[] {5, 1_918, 45 * 959, 45 * 959 + 1, BlobReference.SIZE_MAX}) {
      addBlob(blobs.addObject(), size, 251);
    }
    addBlob(blobs.addObject(), 50 * 959, 7);
    ArrayNode broken = file.putArray("brokenBlobs");
    addBrokenBlobs(broken);
    ArrayNode references = file.putArray("badReferences");
    badReferences()
        .forEach((name, bytes) -> references.addObject().put("name", name).put("av", hex(bytes)));
    return file;
  }

  // Records.

  private static void addRecord(ObjectNode entry, Named named) {
    MutableRecord item = named.item;
    entry.put("name", named.name).put("key", named.key);
    entry.put("uidVersion", item.uidVersion()).put("label", item.label());
    entry.put("seq", item.sequence()).put("issued", item.issuedMillis());
    entry.put("expires", item.expiresMillis()).put("value", hex(item.value()));
    entry.put("place", item.key().toString());
    entry.put("statement", hex(item.statement(RecordVectorsKeys.NETWORK)));
    entry.put("signature", hex(item.signature())).put("rec", hex(item.bytes()));
  }

  private static List<Named> records() {
    byte[] profile = profile("Ada Lovelace", Blob.cut(content(45 * 959 + 1, 251), 1).reference());
    byte[] plain = profile("Grace", null);
    byte[] text = "Ångström".getBytes(StandardCharsets.UTF_8);
    return List.of(
        named("ed25519-profile", "ed25519", draft(2, "meta", 7, EXPIRES, profile)),
        named("ed25519-profile-version-1", "ed25519", draft(1, "meta", 7, EXPIRES, plain)),
        named("ed25519-own", "ed25519", draft(2, "", 1, ISSUED + 3 * DAY, text)),
        named("ed25519-own-version-1", "ed25519", draft(1, "", 2, EXPIRES, text)),
        named("ed25519-empty-value", "ed25519", draft(2, "keys", 1L << 32, EXPIRES, new byte[0])),
        named(
            "ed25519-largest",
            "ed25519",
            draft(2, LONGEST_LABEL, Long.MAX_VALUE, EXPIRES, content(829, 251))),
        named("rsa2048-profile", "rsa2048", draft(2, "meta", ISSUED, EXPIRES, profile)),
        named("rsa2048-profile-version-1", "rsa2048", draft(1, "meta", 3, EXPIRES, plain)),
        named("rsa2048-own-empty-value", "rsa2048", draft(1, "", 4, EXPIRES, new byte[0])),
        named("rsa3072-largest", "rsa3072", draft(2, "keys", 5, EXPIRES, content(159, 251))));
  }

  /** What a draft has beside the key. */
  private record Fields(int uidVersion, String label, long sequence, long expires, byte[] value) {

    MutableRecord.Draft of(byte[] publicKey) {
      return new MutableRecord.Draft(
          uidVersion, label, publicKey, sequence, ISSUED, expires, value);
    }
  }

  private static Fields draft(
      int uidVersion, String label, long sequence, long expires, byte[] value) {
    return new Fields(uidVersion, label, sequence, expires, value);
  }

  private static Named named(String name, String keyName, Fields fields) {
    UserKey key = RecordVectorsKeys.ofFile(keyName);
    MutableRecord item = RecordVectorsKeys.signed(key, fields.of(key.publicKey().encoded()));
    return new Named(name, keyName, item);
  }

  /** Returns the value of a profile. */
  private static byte[] profile(String name, @Nullable BlobReference avatar) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(avatar == null ? 2 : 3);
      packer.packString("n").packString(name);
      packer.packString("ts").packLong(ISSUED);
      if (avatar != null) {
        packer.packString("av").packBinaryHeader(BlobReference.BYTES);
        packer.writePayload(avatar.toBytes());
      }
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> badSignatures() {
    UserKey key = RecordVectorsKeys.ofFile("ed25519");
    Fields fields = draft(2, "meta", 7, EXPIRES, new byte[] {1, 2, 3});
    MutableRecord.Draft draft = fields.of(key.publicKey().encoded());
    byte[] good = RecordVectorsKeys.signed(key, draft).bytes();
    byte[] signature = key.sign(draft.statement(RecordVectorsKeys.NETWORK));
    Map<String, byte[]> bad = new LinkedHashMap<>();
    bad.put("bit-of-the-signature", with(good, good.length - 1, good[good.length - 1] ^ 1));
    bad.put("bit-of-the-value", with(good, VALUE_LENGTH + 2, 0));
    bad.put("bit-of-the-sequence", with(good, SEQUENCE + 7, 8));
    bad.put("other-label", with(good, 3, 'b'));
    bad.put("other-uid-version", with(good, 1, 1));
    bad.put("other-network", draft.signed(key.sign(draft.statement(1))).bytes());
    SignedBytes.Frame frame =
        new SignedBytes.Frame(RecordVectorsKeys.NETWORK, draft.place(), 7, ISSUED, EXPIRES);
    bad.put(
        "other-purpose",
        draft.signed(key.sign(SignedBytes.of("prove", frame, draft.value()))).bytes());
    bad.put("other-key", draft.signed(otherSignature(draft)).bytes());
    bad.put("s-plus-order", draft.signed(plusOrder(signature)).bytes());
    bad.put("longer-signature", draft.signed(Arrays.copyOf(signature, 65)).bytes());
    bad.put("rsa-signature-of-an-ed25519-key", draft.signed(new byte[256]).bytes());
    bad.put("no-key", fields.of(new byte[44]).signed(signature).bytes());
    byte[] smallOrder = key.publicKey().encoded();
    Arrays.fill(smallOrder, 12, smallOrder.length, (byte) 0);
    smallOrder[12] = 1;
    bad.put("key-of-small-order", fields.of(smallOrder).signed(smallOrderSignature()).bytes());
    UserKey rsa = RecordVectorsKeys.ofFile("rsa2048");
    MutableRecord.Draft rsaDraft = fields.of(rsa.publicKey().encoded());
    byte[] rsaSignature = rsa.sign(rsaDraft.statement(RecordVectorsKeys.NETWORK));
    byte[] padded = new byte[rsaSignature.length + 1];
    System.arraycopy(rsaSignature, 0, padded, 1, rsaSignature.length);
    bad.put("rsa-signature-with-a-zero-before", rsaDraft.signed(padded).bytes());
    bad.put("rsa-key-with-a-byte-after", withByteAfterKey(rsa, fields).bytes());
    return bad;
  }

  private static byte[] otherSignature(MutableRecord.Draft draft) {
    return RecordVectorsKeys.ofUser(1).sign(draft.statement(RecordVectorsKeys.NETWORK));
  }

  /** Adds the order of the group to S: the same point, another encoding. */
  private static byte[] plusOrder(byte[] signature) {
    BigInteger order =
        BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    byte[] reversed = new byte[32];
    for (int i = 0; i < 32; i++) {
      reversed[i] = signature[63 - i];
    }
    byte[] sum = new BigInteger(1, reversed).add(order).toByteArray();
    byte[] changed = Arrays.copyOf(signature, 64);
    for (int i = 0; i < 32; i++) {
      changed[32 + i] = i < sum.length ? sum[sum.length - 1 - i] : 0;
    }
    return changed;
  }

  /** With the neutral element as key, R = the neutral element and S = 0 is a forgery for all. */
  private static byte[] smallOrderSignature() {
    byte[] signature = new byte[64];
    signature[0] = 1;
    return signature;
  }

  private static MutableRecord withByteAfterKey(UserKey rsa, Fields fields) {
    byte[] longer = Arrays.copyOf(rsa.publicKey().encoded(), rsa.publicKey().encoded().length + 1);
    MutableRecord.Draft draft = fields.of(longer);
    return RecordVectorsKeys.signed(rsa, draft);
  }

  // Chunks.

  private static Map<String, Chunk> chunks() {
    Chunk leaf = Chunk.leaf("picture".getBytes(StandardCharsets.US_ASCII), EXPIRES);
    Map<String, Chunk> chunks = new LinkedHashMap<>();
    chunks.put("leaf", leaf);
    chunks.put("leaf-of-another-end", leaf.withExpiresMillis(0));
    chunks.put("leaf-of-one-byte", Chunk.leaf(new byte[1], Long.MAX_VALUE));
    chunks.put("largest-leaf", Chunk.leaf(content(959, 251), EXPIRES));
    chunks.put("index", Chunk.index(List.of(leaf.key()), EXPIRES));
    chunks.put("largest-index", Chunk.index(Collections.nCopies(45, leaf.key()), EXPIRES));
    return chunks;
  }

  private static void addChunk(ObjectNode entry, Chunk chunk) {
    entry.put("key", chunk.key().toString()).put("expires", chunk.expiresMillis());
    if (chunk.isIndex()) {
      ArrayNode ids = entry.putArray("ids");
      chunk.ids().forEach(id -> ids.add(id.toString()));
    } else {
      entry.put("data", hex(chunk.data()));
    }
    entry.put("rec", hex(chunk.bytes()));
  }

  // Bytes that are no item.

  private static void addMalformed(ArrayNode malformed, String name, byte[] bytes) {
    ObjectNode entry = malformed.addObject().put("name", name).put("rec", hex(bytes));
    entry.put("fault", MutableRecordTest.fault(bytes).name());
  }

  private static Map<String, byte[]> malformedRecords() {
    byte[] value = {1, 2, 3};
    byte[] good = named("", "ed25519", draft(2, "meta", 7, EXPIRES, value)).item.bytes();
    Map<String, byte[]> malformed = new LinkedHashMap<>();
    malformed.put("empty", new byte[0]);
    malformed.put("1001-bytes", Arrays.copyOf(good, 1_001));
    malformed.put("kind-0", with(good, 0, 0));
    malformed.put("kind-3", with(good, 0, 3));
    malformed.put("kind-only", new byte[] {1});
    malformed.put("cut-in-the-key", Arrays.copyOf(good, KEY_LENGTH + 20));
    malformed.put("cut-in-the-signature", Arrays.copyOf(good, good.length - 1));
    malformed.put("no-signature", Arrays.copyOf(good, good.length - 64));
    malformed.put("uid-version-0", with(good, 1, 0));
    malformed.put("uid-version-3", with(good, 1, 3));
    malformed.put("label-of-33-bytes", with(good, 2, 33));
    malformed.put("label-of-255-bytes", with(good, 2, 255));
    for (String character : List.of("M", "_", " ", ".", "\0", "\u007f", "`", "{", "/", ":")) {
      String name = "label-with-%02x".formatted((int) character.charAt(0));
      malformed.put(name, with(good, 4, character.charAt(0)));
    }
    malformed.put("label-with-c3", with(good, 4, 0xc3));
    malformed.put("sequence-0", with(good, SEQUENCE + 7, 0));
    malformed.put("sequence-above-63-bits", with(good, SEQUENCE, 0x80));
    malformed.put("issued-above-63-bits", with(good, SEQUENCE + 8, 0x80));
    malformed.put("expires-above-63-bits", with(good, SEQUENCE + 16, 0x80));
    malformed.put("key-of-0-bytes", with(good, KEY_LENGTH + 1, 0));
    malformed.put("key-of-423-bytes", with(with(good, KEY_LENGTH, 1), KEY_LENGTH + 1, 167));
    malformed.put("key-beyond-the-end", with(good, KEY_LENGTH + 1, 200));
    malformed.put("value-beyond-the-end", with(good, VALUE_LENGTH + 1, 200));
    malformed.put("value-takes-a-byte-of-the-signature", with(good, VALUE_LENGTH + 1, 4));
    malformed.put("signature-of-385-bytes", Arrays.copyOf(good, good.length - 64 + 385));
    return malformed;
  }

  private static Map<String, byte[]> malformedChunks() {
    byte[] leaf = Chunk.leaf(new byte[20], EXPIRES).bytes();
    byte[] index = Chunk.index(List.of(NodeId.ZERO), EXPIRES).bytes();
    Map<String, byte[]> malformed = new LinkedHashMap<>();
    malformed.put("chunk-cut-in-its-end", Arrays.copyOf(leaf, 8));
    malformed.put("chunk-without-content", Arrays.copyOf(leaf, 9));
    malformed.put("chunk-expires-above-63-bits", with(leaf, 1, 0x80));
    malformed.put("chunk-of-type-2", with(leaf, 9, 2));
    malformed.put("leaf-without-data", Arrays.copyOf(leaf, 10));
    malformed.put("leaf-of-960-bytes", Arrays.copyOf(leaf, 10 + 960));
    malformed.put("index-without-ids", Arrays.copyOf(index, 10));
    malformed.put("index-of-19-bytes", Arrays.copyOf(index, 10 + 19));
    malformed.put("index-of-21-bytes", Arrays.copyOf(index, 10 + 21));
    malformed.put("index-of-46-ids", Arrays.copyOf(index, 10 + 46 * 20));
    return malformed;
  }

  // Blobs.

  /** Returns bytes that count from 0 and begin again, so that no file need carry them. */
  static byte[] content(int size, int modulus) {
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) {
      content[i] = (byte) ((i + i / 959) % modulus);
    }
    return content;
  }

  private static void addBlob(ObjectNode entry, int size, int modulus) {
    Blob blob = Blob.cut(content(size, modulus), EXPIRES);
    entry.put("size", size).put("modulus", modulus).put("expires", EXPIRES);
    entry.put("sha256", hex(blob.reference().sha256()));
    entry.put("root", blob.reference().root().toString());
    entry.put("reference", hex(blob.reference().toBytes()));
    ArrayNode chunks = entry.putArray("chunks");
    for (Chunk chunk : blob.chunks()) {
      ObjectNode json = chunks.addObject().put("key", chunk.key().toString());
      if (chunk.isIndex() || size <= Chunk.DATA_BYTES_MAX) {
        json.put("rec", hex(chunk.bytes()));
      }
    }
  }

  private static void addBrokenBlobs(ArrayNode broken) {
    Chunk leaf = Chunk.leaf(new byte[] {1, 2, 3, 4, 5}, EXPIRES);
    Chunk index = Chunk.index(List.of(leaf.key()), EXPIRES);
    byte[] hash = BlobShape.sha256(leaf.data());
    addBroken(
        broken.addObject().put("name", "root-is-a-leaf"),
        new BlobReference(5, hash, leaf.key()),
        List.of(leaf));
    Chunk two = Chunk.index(List.of(leaf.key(), leaf.key()), EXPIRES);
    addBroken(
        broken.addObject().put("name", "root-names-one-more"),
        new BlobReference(5, hash, two.key()),
        List.of(two, leaf));
    addBroken(
        broken.addObject().put("name", "root-names-one-less"),
        new BlobReference(960, hash, index.key()),
        List.of(index, leaf));
    Chunk deep = Chunk.index(List.of(index.key()), EXPIRES);
    addBroken(
        broken.addObject().put("name", "index-where-a-leaf-is-due"),
        new BlobReference(5, hash, deep.key()),
        List.of(deep, index, leaf));
    Chunk full = Chunk.leaf(content(959, 251), EXPIRES);
    Chunk shallow = Chunk.index(List.of(full.key(), leaf.key()), EXPIRES);
    addBroken(
        broken.addObject().put("name", "leaf-where-an-index-is-due"),
        new BlobReference(46 * 959, hash, shallow.key()),
        List.of(shallow, full, leaf));
    for (int size : new int[] {4, 6}) {
      addBroken(
          broken.addObject().put("name", "leaf-of-5-bytes-for-" + size),
          new BlobReference(size, hash, index.key()),
          List.of(index, leaf));
    }
    addBroken(
        broken.addObject().put("name", "other-sha-256"),
        new BlobReference(5, BlobShape.sha256(new byte[5]), index.key()),
        List.of(index, leaf));
  }

  private static void addBroken(ObjectNode entry, BlobReference reference, List<Chunk> chunks) {
    entry.put("reference", hex(reference.toBytes()));
    ArrayNode recs = entry.putArray("chunks");
    chunks.forEach(chunk -> recs.add(hex(chunk.bytes())));
    BlobAssembler assembler = new BlobAssembler(reference);
    for (Chunk chunk : chunks) {
      if (assembler.offer(chunk) instanceof BlobAssembler.Step.Failed failed) {
        entry.put("fault", failed.fault().name());
        return;
      }
    }
    throw new AssertionError("not broken: " + entry);
  }

  private static Map<String, byte[]> badReferences() {
    byte[] good = Blob.cut(new byte[5], 1).reference().toBytes();
    Map<String, byte[]> bad = new LinkedHashMap<>();
    bad.put("55-bytes", Arrays.copyOf(good, 55));
    bad.put("57-bytes", Arrays.copyOf(good, 57));
    bad.put("size-0", with(good, 3, 0));
    bad.put("size-65537", with(with(good, 1, 1), 3, 1));
    bad.put("size-above-31-bits", with(good, 0, 0x80));
    return bad;
  }

  private static byte[] with(byte[] bytes, int offset, int value) {
    byte[] changed = bytes.clone();
    changed[offset] = (byte) value;
    return changed;
  }

  private static String hex(byte[] bytes) {
    return HEX.formatHex(bytes);
  }
}
