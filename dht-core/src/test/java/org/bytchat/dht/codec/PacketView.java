package org.bytchat.dht.codec;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytchat.dht.keyspace.AddressFamily;
import org.bytchat.dht.keyspace.Contact;
import org.bytchat.dht.wire.Packet;

/**
 * All that a packet says, as a value that can be compared and printed.
 *
 * <p>Found by reflection, so that a field added to {@link Packet} is compared from the first day.
 */
final class PacketView {

  private PacketView() {}

  /** Returns every field by name; what is not present is null, padding is left out. */
  static Map<String, String> of(Packet packet) {
    Map<String, String> view = new TreeMap<>();
    for (Field field : Packet.class.getFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        view.put(field.getName(), describe(field, packet));
      }
    }
    // Where a record lies in its buffer says nothing, and padding is gone once it is decoded.
    view.keySet().removeAll(List.of("recordOffset", "paddedBytes"));
    return view;
  }

  private static String describe(Field field, Packet packet) {
    return switch (field.getName()) {
      case "challenge" -> prefix(packet.challenge, packet.hasChallenge ? 16 : 0);
      case "publicKey" -> prefix(packet.publicKey, packet.hasProof ? 32 : 0);
      case "signature" -> prefix(packet.signature, packet.hasProof ? 64 : 0);
      case "token" -> prefix(packet.token, packet.tokenLength);
      case "errorText" -> prefix(packet.errorText, packet.errorTextLength);
      case "record" -> {
        byte[] record = packet.record();
        yield record == null ? "null" : prefix(record, record.length);
      }
      case "salt" -> prefix(packet.salt, Math.min(packet.saltLength, packet.salt.length));
      case "peers" -> Arrays.toString(Arrays.copyOf(packet.peers, Math.max(0, packet.peersCount)));
      case "contacts4" -> contacts(packet, AddressFamily.IPV4);
      case "contacts6" -> contacts(packet, AddressFamily.IPV6);
      default -> {
        try {
          yield String.valueOf(field.get(packet));
        } catch (IllegalAccessException e) {
          throw new AssertionError("getFields returns public fields only", e);
        }
      }
    };
  }

  private static String prefix(byte[] bytes, int length) {
    return HexFormat.of().formatHex(Arrays.copyOf(bytes, length));
  }

  private static String contacts(Packet packet, AddressFamily family) {
    List<String> contacts = new ArrayList<>();
    for (int i = 0; i < packet.contactCount(family); i++) {
      Contact contact = packet.contacts(family)[i];
      contacts.add(contact == null ? "missing" : contact + "+" + contact.services());
    }
    return contacts.toString();
  }
}
