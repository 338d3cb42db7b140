package org.bytchat.tracker.values;

import static org.bytchat.tracker.values.VectorFiles.MAILBOX;
import static org.bytchat.tracker.values.VectorFiles.NETWORK;
import static org.bytchat.tracker.values.VectorFiles.PHONE;
import static org.bytchat.tracker.values.VectorFiles.addBytes;
import static org.bytchat.tracker.values.VectorFiles.cut;
import static org.bytchat.tracker.values.VectorFiles.hex;
import static org.bytchat.tracker.values.VectorFiles.with;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytchat.tracker.mailbox.AckBatch;
import org.bytchat.tracker.mailbox.Digest;

/** Makes ack.json. */
final class AckVectors {

  /** Where a proof has its index. */
  private static final int INDEX_AT = 68;

  private AckVectors() {}

  static ObjectNode file() {
    ObjectNode file =
        VectorFiles.begin(
            "Batches of acknowledgements, and proofs of one of them; what does not verify, and"
                + " bytes that are none. Batch n names the SHA-256 of each number from 0 to n - 1,"
                + " as one byte.");
    VectorFiles.addKeys(file, Map.of("phone", PHONE));
    file.put("mailbox", MAILBOX.toString());
    ArrayNode batches = file.putArray("batches");
    for (int count : new int[] {1, 2, 3, 7, 8, 256}) {
      AckBatch batch = batch(count);
      ObjectNode entry = batches.addObject().put("count", count).put("key", "phone");
      entry.put("statement", hex(batch.statement(NETWORK)));
      entry.put("signature", hex(batch.signature()));
      if (count < 10) {
        entry.put("bytes", hex(batch.toBytes()));
      } else {
        entry.put("sha256", Digest.sha256(batch.toBytes()).toString());
      }
      ArrayNode proofs = entry.putArray("proofs");
      for (int index = 0; index < count; index += count < 10 ? 1 : 85) {
        Digest digest = batch.digests().get(index);
        ObjectNode proof = proofs.addObject().put("index", index);
        proof.put("digest", digest.toString());
        proof.put("bytes", hex(batch.proof(digest).orElseThrow().toBytes()));
      }
    }
    addBad(file);
    addMalformed(file);
    return file;
  }

  private static void addBad(ObjectNode file) {
    byte[] batch = batch(3).toBytes();
    ArrayNode batches = file.putArray("badBatches");
    addBytes(batches, "signature-changed", VectorFiles.badSignature(batch));
    addBytes(batches, "mailbox-changed", with(batch, 0, batch[0] ^ 1));
    addBytes(batches, "device-changed", with(batch, 20, batch[20] ^ 1));
    addBytes(batches, "digest-changed", with(batch, 38 + 95, batch[38 + 95] ^ 1));
    ArrayNode proofs = file.putArray("badProofs");
    byte[] proof = proof(3, 0);
    addBytes(proofs, "signature-changed", VectorFiles.badSignature(proof));
    addBytes(proofs, "digest-changed", with(proof, 36, proof[36] ^ 1));
    addBytes(proofs, "path-changed", with(proof, INDEX_AT + 5, proof[INDEX_AT + 5] ^ 1));
    addBytes(proofs, "index-1-for-0", with(proof, INDEX_AT + 1, 1));
    addBytes(proofs, "count-4-for-3-of-the-same-root", with(proof, INDEX_AT + 3, 4));
  }

  private static void addMalformed(ObjectNode file) {
    byte[] batch = batch(2).toBytes();
    ArrayNode batches = file.putArray("malformedBatches");
    addBytes(batches, "empty", new byte[0]);
    addBytes(batches, "no-digests", with(batch, 37, 0));
    addBytes(batches, "257-digests", with(with(batch, 36, 1), 37, 1));
    addBytes(batches, "digests-beyond-the-end", with(batch, 37, 5));
    byte[] twice = batch.clone();
    System.arraycopy(batch, 38, twice, 70, 32);
    addBytes(batches, "digest-twice", twice);
    System.arraycopy(batch, 70, twice, 38, 32);
    System.arraycopy(batch, 38, twice, 70, 32);
    addBytes(batches, "digests-falling", twice);
    addBytes(batches, "signature-of-63-bytes", cut(batch, batch.length - 1));
    addBytes(batches, "signature-of-65-bytes", cut(batch, batch.length + 1));
    byte[] proof = proof(3, 0);
    ArrayNode proofs = file.putArray("malformedProofs");
    addBytes(proofs, "empty", new byte[0]);
    addBytes(proofs, "index-3-of-3", with(proof, INDEX_AT + 1, 3));
    addBytes(proofs, "index-0-of-0", with(proof, INDEX_AT + 3, 0));
    addBytes(proofs, "count-257", with(with(proof, INDEX_AT + 2, 1), INDEX_AT + 3, 1));
    addBytes(proofs, "path-of-2-where-1-is-due", with(proof, INDEX_AT + 1, 2));
    addBytes(proofs, "path-of-255", with(proof, INDEX_AT + 4, 255));
    addBytes(proofs, "signature-of-63-bytes", cut(proof, proof.length - 1));
    addBytes(proofs, "signature-of-65-bytes", cut(proof, proof.length + 1));
  }

  private static byte[] proof(int count, int index) {
    AckBatch batch = batch(count);
    return batch.proof(batch.digests().get(index)).orElseThrow().toBytes();
  }

  private static AckBatch batch(int count) {
    List<Digest> digests = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      digests.add(Digest.sha256(new byte[] {(byte) number}));
    }
    return AckBatch.sign(MAILBOX, PHONE.id(), digests, NETWORK, PHONE::sign);
  }
}
