package org.bytchat.tracker.values;

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
import java.util.Map;
import org.bytchat.tracker.mailbox.Receipt;

/** Makes receipt.json. */
final class ReceiptVectors {

  private ReceiptVectors() {}

  static ObjectNode file() {
    ObjectNode file =
        VectorFiles.begin(
            "Receipts of a tracker for the first envelope of envelope.json; receipts that do not"
                + " verify, and bytes that are none.");
    VectorFiles.addKeys(file, Map.of("tracker", TRACKER));
    ArrayNode receipts = file.putArray("receipts");
    for (Receipt.Kind kind : Receipt.Kind.values()) {
      Receipt receipt = sign(kind);
      Receipt.Content content = receipt.content();
      ObjectNode entry = receipts.addObject().put("kind", kind.name());
      entry.put("trackerKey", hex(receipt.trackerKey()));
      entry.put("tracker", receipt.tracker().toString());
      entry.put("mailbox", content.mailbox().toString());
      entry.put("digest", content.digest().toString());
      entry.put("at", content.atMillis()).put("expires", content.expiresMillis());
      byte[] statement = content.statement(NETWORK);
      entry.put("statement", hex(statement)).put("signature", hex(TRACKER.sign(statement)));
      entry.put("bytes", hex(receipt.toBytes()));
    }
    byte[] good = sign(Receipt.Kind.DEPOSIT).toBytes();
    ArrayNode bad = file.putArray("badSignatures");
    addBytes(bad, "signature-changed", VectorFiles.badSignature(good));
    addBytes(bad, "deposit-as-deletion", with(good, 0, 1));
    addBytes(bad, "mailbox-changed", with(good, 33, good[33] ^ 1));
    addBytes(bad, "digest-changed", with(good, 53, good[53] ^ 1));
    addBytes(bad, "time-changed", with(good, 92, good[92] ^ 1));
    addBytes(bad, "end-changed", with(good, 100, good[100] ^ 1));
    byte[] otherKey = good.clone();
    System.arraycopy(TestDevice.of(0x32).publicKey(), 0, otherKey, 1, 32);
    addBytes(bad, "key-of-another", otherKey);
    ArrayNode malformed = file.putArray("malformed");
    addBytes(malformed, "empty", new byte[0]);
    addBytes(malformed, "kind-2", with(good, 0, 2));
    addBytes(malformed, "kind-255", with(good, 0, 255));
    addBytes(malformed, "time-above-63-bits", with(good, 85, 0x80));
    addBytes(malformed, "end-above-63-bits", with(good, 93, 0x80));
    addBytes(malformed, "164-bytes", cut(good, 164));
    addBytes(malformed, "166-bytes", cut(good, 166));
    return file;
  }

  private static Receipt sign(Receipt.Kind kind) {
    long at = kind == Receipt.Kind.DEPOSIT ? TIME + 1_234 : TIME + 2 * DAY;
    Receipt.Content content =
        new Receipt.Content(
            kind,
            MAILBOX,
            EnvelopeVectors.ENVELOPE.digest(),
            at,
            EnvelopeVectors.ENVELOPE.expiresMillis());
    return new Receipt(content, TRACKER.publicKey(), TRACKER.sign(content.statement(NETWORK)));
  }
}
