package org.bytchat.tracker.values;

import static org.bytchat.tracker.values.VectorFiles.CONTACT;
import static org.bytchat.tracker.values.VectorFiles.LAPTOP;
import static org.bytchat.tracker.values.VectorFiles.MAILBOX;
import static org.bytchat.tracker.values.VectorFiles.NETWORK;
import static org.bytchat.tracker.values.VectorFiles.PHONE;
import static org.bytchat.tracker.values.VectorFiles.TIME;
import static org.bytchat.tracker.values.VectorFiles.addBytes;
import static org.bytchat.tracker.values.VectorFiles.cut;
import static org.bytchat.tracker.values.VectorFiles.hex;
import static org.bytchat.tracker.values.VectorFiles.with;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.tracker.mailbox.DeliveryKeys;

/** Makes delivery.json. */
final class DeliveryVectors {

  /** Where a list has the number of its keys. */
  private static final int COUNT_AT = 52;

  private static final int KEYS_AT = COUNT_AT + 2;

  private DeliveryVectors() {}

  static ObjectNode file() {
    ObjectNode file =
        VectorFiles.begin(
            "Lists of delivery keys, which of two counts, lists that do not verify, and bytes that"
                + " are none.");
    Map<String, TestDevice> signers = new LinkedHashMap<>();
    signers.put("phone", PHONE);
    signers.put("laptop", LAPTOP);
    signers.put("contact", CONTACT);
    VectorFiles.addKeys(file, signers);
    Map<String, DeliveryKeys> lists = new LinkedHashMap<>();
    List<DeliveryKeys.Key> two =
        List.of(key(CONTACT, 60, 100), key(TestDevice.of(0x22), 0xffff, 1));
    lists.put("none", sign(PHONE, 1, List.of()));
    lists.put("one", sign(PHONE, 2, two.subList(0, 1)));
    lists.put("two", sign(PHONE, 2, two));
    lists.put("one-of-laptop", sign(LAPTOP, 2, two.subList(0, 1)));
    lists.put("last", sign(LAPTOP, Long.MAX_VALUE, two));
    ArrayNode array = file.putArray("lists");
    lists.forEach((name, list) -> addList(array.addObject().put("name", name), list));
    ArrayNode orders = file.putArray("supersedes");
    lists.forEach(
        (held, one) ->
            lists.forEach(
                (offered, other) -> {
                  ObjectNode entry = orders.addObject().put("held", held);
                  entry.put("offered", offered).put("counts", other.supersedes(one));
                }));
    addBad(file, lists.get("two").toBytes());
    return file;
  }

  private static void addList(ObjectNode entry, DeliveryKeys list) {
    DeliveryKeys.Content content = list.content();
    entry.put("key", content.device().equals(PHONE.id()) ? "phone" : "laptop");
    entry.put("mailbox", content.mailbox().toString()).put("version", content.version());
    entry.put("issued", content.issuedMillis()).put("device", content.device().toString());
    ArrayNode keys = entry.putArray("keys");
    for (DeliveryKeys.Key key : content.keys()) {
      ObjectNode json = keys.addObject().put("publicKey", hex(key.publicKey()));
      json.put("hourlyRate", key.hourlyRate()).put("quota", key.quota());
    }
    entry.put("statement", hex(list.statement(NETWORK)));
    entry.put("signature", hex(list.signature())).put("bytes", hex(list.toBytes()));
  }

  private static void addBad(ObjectNode file, byte[] good) {
    ArrayNode bad = file.putArray("badSignatures");
    addBytes(bad, "signature-changed", VectorFiles.badSignature(good));
    addBytes(bad, "mailbox-changed", with(good, 0, good[0] ^ 1));
    addBytes(bad, "version-changed", with(good, 27, 3));
    addBytes(bad, "device-changed", with(good, 36, good[36] ^ 1));
    addBytes(bad, "rate-changed", with(good, KEYS_AT + 33, good[KEYS_AT + 33] ^ 1));
    ArrayNode malformed = file.putArray("malformed");
    addBytes(malformed, "empty", new byte[0]);
    addBytes(malformed, "version-0", with(good, 27, 0));
    addBytes(malformed, "version-above-63-bits", with(good, 20, 0x80));
    addBytes(malformed, "issued-above-63-bits", with(good, 28, 0x80));
    addBytes(malformed, "1025-keys", with(with(good, COUNT_AT, 4), COUNT_AT + 1, 1));
    addBytes(malformed, "keys-beyond-the-end", with(good, COUNT_AT + 1, 9));
    addBytes(malformed, "rate-0", with(with(good, KEYS_AT + 32, 0), KEYS_AT + 33, 0));
    addBytes(malformed, "quota-0", with(with(good, KEYS_AT + 34, 0), KEYS_AT + 35, 0));
    byte[] twice = good.clone();
    System.arraycopy(good, KEYS_AT, twice, KEYS_AT + 36, 36);
    addBytes(malformed, "key-twice", twice);
    System.arraycopy(good, KEYS_AT + 36, twice, KEYS_AT, 36);
    addBytes(malformed, "keys-falling", twice);
    addBytes(malformed, "signature-of-63-bytes", cut(good, good.length - 1));
    addBytes(malformed, "signature-of-65-bytes", cut(good, good.length + 1));
  }

  private static DeliveryKeys.Key key(TestDevice contact, int hourlyRate, int quota) {
    return new DeliveryKeys.Key(contact.publicKey(), hourlyRate, quota);
  }

  private static DeliveryKeys sign(TestDevice device, long version, List<DeliveryKeys.Key> keys) {
    DeliveryKeys.Content content =
        new DeliveryKeys.Content(MAILBOX, version, TIME, device.id(), keys);
    return DeliveryKeys.sign(content, NETWORK, device::sign);
  }
}
