package org.bytchat.tracker.values;

import static org.bytchat.tracker.values.VectorFiles.LAPTOP;
import static org.bytchat.tracker.values.VectorFiles.NETWORK;
import static org.bytchat.tracker.values.VectorFiles.PHONE;
import static org.bytchat.tracker.values.VectorFiles.RSA_USER;
import static org.bytchat.tracker.values.VectorFiles.TIME;
import static org.bytchat.tracker.values.VectorFiles.USER;
import static org.bytchat.tracker.values.VectorFiles.addBytes;
import static org.bytchat.tracker.values.VectorFiles.cut;
import static org.bytchat.tracker.values.VectorFiles.hex;
import static org.bytchat.tracker.values.VectorFiles.with;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceId;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;

/** Makes devices.json. */
final class DeviceVectors {

  private static final byte[] NONE = new byte[32];
  private static final TestDevice TABLET = TestDevice.of(0x13);

  /** Where a list has the number of its devices. */
  private static final int COUNT_AT = 48;

  private DeviceVectors() {}

  static ObjectNode file() {
    ObjectNode file =
        VectorFiles.begin(
            "Owners of mailboxes and their device lists; how lists stand to each other; lists that"
                + " do not verify, and bytes that are none. The users' keys are in record.json,"
                + " all private keys are known: use them for tests only.");
    Map<String, TestDevice> keys = new LinkedHashMap<>();
    keys.put("phone", PHONE);
    keys.put("laptop", LAPTOP);
    keys.put("tablet", TABLET);
    VectorFiles.addKeys(file, keys);
    addOwners(file.putArray("owners"));
    ArrayNode malformedOwners = file.putArray("malformedOwners");
    byte[] owner = new Owner(2, USER.publicKey()).toBytes();
    addBytes(malformedOwners, "empty", new byte[0]);
    addBytes(malformedOwners, "version-0", with(owner, 0, 0));
    addBytes(malformedOwners, "version-3", with(owner, 0, 3));
    addBytes(malformedOwners, "without-key", cut(owner, 1));
    addBytes(malformedOwners, "cut", cut(owner, owner.length - 1));
    addBytes(malformedOwners, "byte-after-the-key", cut(owner, owner.length + 1));
    Map<String, DeviceList> lists = lists();
    ArrayNode array = file.putArray("lists");
    lists.forEach((name, list) -> addList(array.addObject().put("name", name), list, name));
    addStandings(file.putArray("standings"), lists);
    addBad(file, lists);
    return file;
  }

  private static void addOwners(ArrayNode owners) {
    for (Owner owner : List.of(owner(1, USER), owner(2, USER), owner(2, RSA_USER))) {
      ObjectNode entry = owners.addObject().put("uidVersion", owner.uidVersion());
      entry.put("spki", hex(owner.key().encoded())).put("uid", owner.uid().toString());
      entry.put("mailbox", owner.mailbox().toString()).put("bytes", hex(owner.toBytes()));
    }
  }

  private static Owner owner(int version, UserKey user) {
    return new Owner(version, user.publicKey());
  }

  private static Owner ownerOf(String list) {
    return owner(list.equals("of-uid-version-1") ? 1 : 2, list.equals("of-rsa") ? RSA_USER : USER);
  }

  private static Map<String, DeviceList> lists() {
    Map<String, DeviceList> lists = new LinkedHashMap<>();
    Device phone = PHONE.since(1);
    DeviceList first = sign(USER, 2, content(1, NONE, List.of(phone), List.of()));
    lists.put("first", first);
    DeviceList second =
        sign(USER, 2, content(2, first.hash(), List.of(phone, LAPTOP.since(2)), List.of()));
    lists.put("second", second);
    lists.put(
        "third",
        sign(USER, 2, content(3, second.hash(), List.of(LAPTOP.since(2)), List.of(PHONE.id()))));
    lists.put(
        "fork-of-second",
        sign(USER, 2, content(2, first.hash(), List.of(phone, TABLET.since(2)), List.of())));
    lists.put(
        "second-of-another-first",
        sign(USER, 2, content(2, PHONE.publicKey(), List.of(phone), List.of())));
    lists.put("no-devices", sign(USER, 2, content(9, NONE, List.of(), List.of(PHONE.id()))));
    List<Device> eight = new ArrayList<>();
    List<DeviceId> revoked = new ArrayList<>();
    for (int number = 0; number < 72; number++) {
      if (number < 8) {
        eight.add(TestDevice.of(number).since(number + 1));
      } else {
        revoked.add(TestDevice.of(number).id());
      }
    }
    lists.put("largest-content", sign(USER, 2, content(Long.MAX_VALUE, NONE, eight, revoked)));
    lists.put("of-uid-version-1", sign(USER, 1, content(1, NONE, List.of(phone), List.of())));
    lists.put("of-rsa", sign(RSA_USER, 2, content(1, NONE, List.of(phone), List.of())));
    return lists;
  }

  private static DeviceList.Content content(
      long version, byte[] previous, List<Device> devices, List<DeviceId> revoked) {
    return new DeviceList.Content(version, previous, TIME, devices, revoked);
  }

  private static DeviceList sign(UserKey user, int uidVersion, DeviceList.Content content) {
    return DeviceList.sign(content, user, uidVersion, NETWORK);
  }

  private static void addList(ObjectNode entry, DeviceList list, String name) {
    DeviceList.Content content = list.content();
    entry.put("owner", hex(ownerOf(name).toBytes())).put("version", content.version());
    entry.put("previous", hex(content.previous())).put("issued", content.issuedMillis());
    ArrayNode devices = entry.putArray("devices");
    for (Device device : content.devices()) {
      ObjectNode json = devices.addObject().put("id", device.id().toString());
      json.put("signingKey", hex(device.signingKey()));
      json.put("exchangeKey", hex(device.exchangeKey())).put("since", device.since());
    }
    ArrayNode revoked = entry.putArray("revoked");
    content.revoked().forEach(id -> revoked.add(id.toString()));
    entry.put("hash", hex(list.hash()));
    entry.put("statement", hex(list.statement(ownerOf(name), NETWORK)));
    entry.put("signature", hex(list.signature())).put("bytes", hex(list.toBytes()));
  }

  private static void addStandings(ArrayNode standings, Map<String, DeviceList> lists) {
    List<String> names =
        List.of("first", "second", "third", "fork-of-second", "second-of-another-first");
    for (String held : names) {
      for (String offered : names) {
        ObjectNode entry = standings.addObject().put("held", held).put("offered", offered);
        entry.put("standing", lists.get(offered).standing(lists.get(held)).name());
      }
    }
  }

  private static void addBad(ObjectNode file, Map<String, DeviceList> lists) {
    byte[] good = lists.get("second").toBytes();
    ArrayNode signatures = file.putArray("badSignatures");
    addBytes(signatures, "signature-changed", VectorFiles.badSignature(good));
    addBytes(signatures, "issued-changed", with(good, 47, good[47] ^ 1));
    addBytes(signatures, "previous-changed", with(good, 8, good[8] ^ 1));
    addBytes(signatures, "since-changed", with(good, COUNT_AT + 1 + 72 + 71, 1));
    addBytes(
        signatures, "exchange-key-changed", with(good, COUNT_AT + 40, good[COUNT_AT + 40] ^ 1));
    addBytes(signatures, "signature-of-65-bytes", cut(good, good.length + 1));
    addBytes(signatures, "of-uid-version-1", lists.get("of-uid-version-1").toBytes());
    addBytes(signatures, "of-another-user", lists.get("of-rsa").toBytes());
    ArrayNode unsound = file.putArray("unsoundKeys");
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("neutral", "01" + "00".repeat(31));
    keys.put("mixed-order", "0169d3c02f3edd121cafbe1dfd45c4cf4aac216a79e36e6326419f2a654d2d46");
    keys.put("not-canonical", "ed" + "ff".repeat(30) + "7f");
    keys.forEach(
        (name, key) -> {
          Device device = new Device(HexFormat.of().parseHex(key), PHONE.publicKey(), 1);
          DeviceList list = sign(USER, 2, content(1, NONE, List.of(device), List.of()));
          addBytes(unsound, name, list.toBytes());
        });
    addMalformed(file.putArray("malformed"), good);
  }

  private static void addMalformed(ArrayNode malformed, byte[] good) {
    int device = COUNT_AT + 1;
    int revoked = device + 2 * 72;
    addBytes(malformed, "empty", new byte[0]);
    addBytes(malformed, "version-0", with(good, 7, 0));
    addBytes(malformed, "version-above-63-bits", with(good, 0, 0x80));
    addBytes(malformed, "version-1-with-one-before", with(good, 7, 1));
    addBytes(malformed, "issued-above-63-bits", with(good, 40, 0x80));
    addBytes(malformed, "9-devices", with(good, COUNT_AT, 9));
    addBytes(malformed, "255-devices", with(good, COUNT_AT, 255));
    addBytes(malformed, "devices-beyond-the-end", with(good, COUNT_AT, 7));
    addBytes(malformed, "since-0", with(good, device + 71, 0));
    addBytes(malformed, "since-a-later-version", with(good, device + 71, 3));
    addBytes(malformed, "since-above-63-bits", with(good, device + 64, 0x80));
    byte[] twice = good.clone();
    System.arraycopy(good, device, twice, device + 72, 72);
    addBytes(malformed, "device-twice", twice);
    addBytes(malformed, "65-revoked", with(good, revoked, 65));
    addBytes(malformed, "revoked-beyond-the-end", with(good, revoked, 5));
    addBytes(malformed, "device-revoked", revoking(good, revoked, PHONE, TABLET));
    addBytes(malformed, "revoked-twice", revoking(good, revoked, TABLET, TABLET));
    addBytes(malformed, "without-signature", cut(good, revoked + 1));
    addBytes(malformed, "signature-of-63-bytes", cut(good, good.length - 1));
    addBytes(malformed, "signature-of-385-bytes", cut(good, revoked + 1 + 385));
  }

  private static byte[] revoking(byte[] good, int at, TestDevice one, TestDevice other) {
    byte[] bytes = cut(good, good.length + 32);
    bytes[at] = 2;
    System.arraycopy(one.id().toBytes(), 0, bytes, at + 1, 16);
    System.arraycopy(other.id().toBytes(), 0, bytes, at + 17, 16);
    System.arraycopy(good, at + 1, bytes, at + 33, 64);
    return bytes;
  }
}
