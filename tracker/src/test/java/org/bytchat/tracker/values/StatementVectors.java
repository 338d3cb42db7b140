package org.bytchat.tracker.values;

import static org.bytchat.tracker.values.VectorFiles.CONTACT;
import static org.bytchat.tracker.values.VectorFiles.MAILBOX;
import static org.bytchat.tracker.values.VectorFiles.NETWORK;
import static org.bytchat.tracker.values.VectorFiles.PHONE;
import static org.bytchat.tracker.values.VectorFiles.TIME;
import static org.bytchat.tracker.values.VectorFiles.TRACKER;
import static org.bytchat.tracker.values.VectorFiles.hex;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceStatements;
import org.bytchat.tracker.device.DeviceStatements.Asker;
import org.bytchat.tracker.device.DeviceStatements.Scene;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.repair.RepairStatements;

/** Makes statements.json. */
final class StatementVectors {

  private static final NodeId TRACKER_ID = NodeIdentity.idOf(TRACKER.publicKey());
  private static final Scene SCENE = new Scene(NETWORK, TRACKER_ID, MAILBOX);

  private StatementVectors() {}

  static ObjectNode file() {
    ObjectNode file =
        VectorFiles.begin(
            "What devices, and contacts with a delivery key, sign to a tracker. Private keys are"
                + " known: use them for tests only.");
    Map<String, TestDevice> keys = new LinkedHashMap<>();
    keys.put("phone", PHONE);
    keys.put("contact", CONTACT);
    VectorFiles.addKeys(file, keys);
    file.put("tracker", TRACKER_ID.toString()).put("mailbox", MAILBOX.toString());
    addSessions(file.putArray("session"));
    addRepairs(file.putArray("repair"));
    List<Endpoint> endpoints =
        List.of(Endpoint.ofIpv4(0xcb007107, 6881), Endpoint.ofIpv6(0x20010db800000000L, 7, 6881));
    byte[] nonce = Digest.sha256(new byte[] {1}).toBytes();
    ArrayNode binds = file.putArray("bind");
    ArrayNode finds = file.putArray("find");
    for (Endpoint endpoint : endpoints) {
      Asker device = new Asker(PHONE.id().toBytes(), nonce, endpoint, TIME);
      addAsker(binds, "phone", device, DeviceStatements.bind(SCENE, device, 2), 2);
      addAsker(finds, "phone", device, DeviceStatements.find(SCENE, device), 0);
      Asker contact = new Asker(CONTACT.publicKey(), nonce, endpoint, TIME);
      addAsker(finds, "contact", contact, DeviceStatements.find(SCENE, contact), 0);
    }
    return file;
  }

  private static void addSessions(ArrayNode sessions) {
    for (long version : new long[] {1, 2, Long.MAX_VALUE}) {
      byte[] hash = Digest.sha256(new byte[] {(byte) version}).toBytes();
      byte[] statement = DeviceStatements.session(SCENE, PHONE.id(), version, hash);
      ObjectNode entry = sessions.addObject().put("key", "phone").put("listVersion", version);
      entry.put("handshakeHash", hex(hash)).put("statement", hex(statement));
      entry.put("signature", hex(PHONE.sign(statement)));
    }
  }

  private static void addRepairs(ArrayNode repairs) {
    byte[] hash = Digest.sha256(new byte[] {9}).toBytes();
    NodeId asker = NodeIdentity.idOf(CONTACT.publicKey());
    byte[] statement = RepairStatements.peer(NETWORK, TRACKER_ID, asker, hash);
    ObjectNode entry = repairs.addObject().put("key", "contact").put("asker", asker.toString());
    entry.put("handshakeHash", hex(hash)).put("statement", hex(statement));
    entry.put("signature", hex(CONTACT.sign(statement)));
  }

  private static void addAsker(
      ArrayNode array, String name, Asker asker, byte[] statement, long listVersion) {
    byte[] endpoint = new byte[asker.observed().family().endpointBytes()];
    asker.observed().write(endpoint, 0);
    TestDevice key = name.equals("phone") ? PHONE : CONTACT;
    ObjectNode entry = array.addObject().put("key", name).put("listVersion", listVersion);
    entry.put("subject", hex(asker.subject())).put("nonce", hex(asker.nonce()));
    entry.put("endpoint", hex(endpoint)).put("at", asker.atMillis());
    entry.put("statement", hex(statement)).put("signature", hex(key.sign(statement)));
  }
}
