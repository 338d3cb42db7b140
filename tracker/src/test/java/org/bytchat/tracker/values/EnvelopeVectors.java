package org.bytchat.tracker.values;

import static org.bytchat.tracker.values.VectorFiles.CONTACT;
import static org.bytchat.tracker.values.VectorFiles.DAY;
import static org.bytchat.tracker.values.VectorFiles.MAILBOX;
import static org.bytchat.tracker.values.VectorFiles.NETWORK;
import static org.bytchat.tracker.values.VectorFiles.TIME;
import static org.bytchat.tracker.values.VectorFiles.TRACKER;
import static org.bytchat.tracker.values.VectorFiles.addBytes;
import static org.bytchat.tracker.values.VectorFiles.cut;
import static org.bytchat.tracker.values.VectorFiles.hex;
import static org.bytchat.tracker.values.VectorFiles.with;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.mailbox.Admission;
import org.bytchat.tracker.mailbox.Envelope;

/** Makes envelope.json and admission.json. */
final class EnvelopeVectors {

  static final Envelope ENVELOPE = envelope(TIME, TIME + 7 * DAY, 512);

  private static final NodeId TRACKER_ID = NodeIdentity.idOf(TRACKER.publicKey());

  private EnvelopeVectors() {}

  /** Returns bytes that count from 0 to 250 and begin again, so that no file need carry them. */
  static byte[] sealed(int length) {
    byte[] sealed = new byte[length];
    for (int i = 0; i < length; i++) {
      sealed[i] = (byte) (i % 251);
    }
    return sealed;
  }

  static ObjectNode file() {
    ObjectNode file =
        VectorFiles.begin(
            "Envelopes, and bytes that are none. The header is followed by as many bytes 0 to 250,"
                + " 0 to 250 and so on as the length asks for.");
    ArrayNode envelopes = file.putArray("envelopes");
    for (int length = 512; length <= 65_536; length *= 2) {
      addEnvelope(envelopes, envelope(TIME, TIME + 7 * DAY, length));
    }
    addEnvelope(envelopes, envelope(TIME, TIME + 3 * DAY, 512));
    addEnvelope(envelopes, envelope(0, 5 * DAY, 512));
    addEnvelope(envelopes, envelope(Long.MAX_VALUE - 3 * DAY, Long.MAX_VALUE, 512));
    byte[] good = Arrays.copyOf(ENVELOPE.bytes(), Envelope.HEADER_BYTES);
    ArrayNode malformed = file.putArray("malformed");
    for (int length : new int[] {0, 1, 36, 37, 256, 511, 513, 768, 65_535, 65_537, 131_072}) {
      addMalformed(malformed, length + "-bytes", cut(good, Math.min(length, 37)), length);
    }
    addMalformed(malformed, "format-0", with(good, 0, 0), 512);
    addMalformed(malformed, "format-2", with(good, 0, 2), 512);
    addMalformed(malformed, "created-above-63-bits", with(good, 21, 0x80), 512);
    addMalformed(malformed, "expires-above-63-bits", with(good, 29, 0x80), 512);
    addMalformed(malformed, "both-above-63-bits", with(with(good, 21, 0xff), 29, 0xff), 512);
    addMalformed(malformed, "3-days-less-1-ms", header(TIME, TIME + 3 * DAY - 1), 512);
    addMalformed(malformed, "7-days-and-1-ms", header(TIME, TIME + 7 * DAY + 1), 512);
    addMalformed(malformed, "ends-before-it-is-made", header(TIME, TIME - 3 * DAY), 512);
    addMalformed(malformed, "no-life", header(TIME, TIME), 512);
    return file;
  }

  private static void addEnvelope(ArrayNode envelopes, Envelope envelope) {
    ObjectNode entry = envelopes.addObject().put("mailbox", envelope.mailbox().toString());
    entry.put("created", envelope.createdMillis()).put("expires", envelope.expiresMillis());
    entry.put("header", hex(cut(envelope.bytes(), Envelope.HEADER_BYTES)));
    entry.put("length", envelope.bytes().length).put("digest", envelope.digest().toString());
  }

  private static void addMalformed(ArrayNode malformed, String name, byte[] header, int length) {
    ObjectNode entry = malformed.addObject().put("name", name).put("header", hex(header));
    entry.put("length", length);
  }

  private static byte[] header(long created, long expires) {
    return ByteBuffer.allocate(Envelope.HEADER_BYTES)
        .put((byte) 1)
        .put(MAILBOX.toBytes())
        .putLong(created)
        .putLong(expires)
        .array();
  }

  private static Envelope envelope(long created, long expires, int length) {
    return Envelope.of(MAILBOX, created, expires, sealed(length - Envelope.HEADER_BYTES));
  }

  static ObjectNode admissions() {
    ObjectNode file =
        VectorFiles.begin(
            "What admits the first envelope of envelope.json at one tracker: a contact's signature,"
                + " or a stamp; what does not, and bytes that are none.");
    VectorFiles.addKeys(file, Map.of("contact", CONTACT));
    file.put("tracker", TRACKER_ID.toString()).put("mailbox", MAILBOX.toString());
    file.put("digest", ENVELOPE.digest().toString()).put("expires", ENVELOPE.expiresMillis());
    Admission.ByKey byKey = sign(ENVELOPE, TRACKER_ID, NETWORK);
    ArrayNode keys = file.putArray("byKey");
    ObjectNode good = keys.addObject().put("publicKey", hex(byKey.publicKey()));
    good.put("statement", hex(Admission.ByKey.statement(ENVELOPE, TRACKER_ID, NETWORK)));
    good.put("signature", hex(byKey.signature())).put("bytes", hex(byKey.toBytes()));
    ArrayNode stamps = file.putArray("byStamp");
    for (int bits : new int[] {0, 1, 8, 12, 18}) {
      addStamp(stamps, Admission.ByStamp.find(ENVELOPE, TRACKER_ID, bits));
    }
    addStamp(stamps, new Admission.ByStamp(Long.MAX_VALUE));
    ArrayNode bad = file.putArray("badSignatures");
    byte[] bytes = byKey.toBytes();
    addBytes(bad, "signature-changed", VectorFiles.badSignature(bytes));
    addBytes(bad, "at-another-tracker", sign(ENVELOPE, MAILBOX, NETWORK).toBytes());
    addBytes(bad, "in-another-network", sign(ENVELOPE, TRACKER_ID, NETWORK + 1).toBytes());
    Envelope other = envelope(TIME, TIME + 6 * DAY, 512);
    addBytes(bad, "for-another-envelope", sign(other, TRACKER_ID, NETWORK).toBytes());
    ArrayNode malformed = file.putArray("malformed");
    addBytes(malformed, "empty", new byte[0]);
    addBytes(malformed, "kind-2", with(bytes, 0, 2));
    addBytes(malformed, "key-for-a-stamp", with(bytes, 0, 1));
    addBytes(malformed, "signature-of-63-bytes", cut(bytes, bytes.length - 1));
    addBytes(malformed, "signature-of-65-bytes", cut(bytes, bytes.length + 1));
    byte[] stamp = new Admission.ByStamp(7).toBytes();
    addBytes(malformed, "stamp-of-7-bytes", cut(stamp, 8));
    addBytes(malformed, "stamp-of-9-bytes", cut(stamp, 10));
    addBytes(malformed, "stamp-above-63-bits", with(stamp, 1, 0x80));
    return file;
  }

  private static void addStamp(ArrayNode stamps, Admission.ByStamp stamp) {
    ObjectNode entry = stamps.addObject().put("nonce", stamp.nonce());
    entry.put("bits", stamp.bits(ENVELOPE, TRACKER_ID)).put("bytes", hex(stamp.toBytes()));
  }

  private static Admission.ByKey sign(Envelope envelope, NodeId tracker, int network) {
    return Admission.ByKey.sign(CONTACT.publicKey(), envelope, tracker, network, CONTACT::sign);
  }
}
