package org.bytchat.dht.identity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytchat.dht.identity.RefusedKeys.Refused;

/** The generator of {@code docs/vectors/uid.json}. */
public final class UidVectors {

  private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final HexFormat HEX = HexFormat.of();

  private UidVectors() {}

  /** Returns the file as a tree. */
  public static ObjectNode file() {
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.put(
        "description",
        "Users' keys, their UIDs and places, and a statement that each signed; keys and texts"
            + " that are refused. The private keys are known to all: use them for tests only.");
    ArrayNode keys = file.putArray("keys");
    for (String name : TestKeys.PLAIN) {
      UserKey key = TestKeys.key(name);
      byte[] statement = TestKeys.statement(key, "Ada".getBytes(StandardCharsets.UTF_8));
      ObjectNode entry = keys.addObject().put("name", name);
      entry.put("pkcs8", HEX.formatHex(key.encoded()));
      entry.put("spki", HEX.formatHex(key.publicKey().encoded()));
      ArrayNode uids = entry.putArray("uids");
      for (int version : new int[] {Uid.VERSION_1, Uid.VERSION_2}) {
        Uid uid = key.publicKey().uid(version);
        ObjectNode json = uids.addObject().put("version", version);
        json.put("hash", HEX.formatHex(uid.bytes()));
        json.put("text", uid.toString());
        json.put("place", uid.place().toString());
        json.put("meta", uid.place("meta").toString());
      }
      entry.put("statement", HEX.formatHex(statement));
      entry.put("signature", HEX.formatHex(key.sign(statement)));
    }
    ArrayNode refusedKeys = file.putArray("refusedKeys");
    for (Refused refused : RefusedKeys.all()) {
      refusedKeys
          .addObject()
          .put("name", refused.name())
          .put("spki", HEX.formatHex(refused.encoded()));
    }
    ArrayNode refusedTexts = file.putArray("refusedTexts");
    refusedTexts()
        .forEach((name, text) -> refusedTexts.addObject().put("name", name).put("text", text));
    return file;
  }

  private static Map<String, String> refusedTexts() {
    String one = TestKeys.key("ed25519").publicKey().uid(Uid.VERSION_1).toString();
    String two = TestKeys.key("ed25519").publicKey().uid(Uid.VERSION_2).toString();
    byte[] hash = TestKeys.key("ed25519").publicKey().uid(Uid.VERSION_2).bytes();
    byte[] bitLeft = Bech32m.ofBytes("byt2", hash).symbols();
    bitLeft[bitLeft.length - 1] |= 1;
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("empty", "");
    texts.put("mixed-case", two.substring(0, 10) + two.substring(10).toUpperCase(Locale.ROOT));
    texts.put("wrong-last-character", two.substring(0, 62) + next(two.charAt(62)));
    texts.put("wrong-version-character", "byt2" + one.substring(4));
    texts.put("cut", two.substring(0, 62));
    texts.put("space-after", two + " ");
    texts.put("checksum-of-bech32", bech32(two));
    texts.put("version-3", Bech32m.ofBytes("byt3", hash).text());
    texts.put("no-version", Bech32m.ofBytes("byt", hash).text());
    texts.put("longer-prefix", Bech32m.ofBytes("byt22", hash).text());
    texts.put("version-1-of-32-bytes", Bech32m.ofBytes("byt1", hash).text());
    texts.put("version-2-of-20-bytes", Bech32m.ofBytes("byt2", new byte[20]).text());
    texts.put("bit-after-the-hash", new Bech32m("byt2", bitLeft).text());
    byte[] longer = Arrays.copyOf(Bech32m.ofBytes("byt2", hash).symbols(), 53);
    texts.put("symbol-after-the-hash", new Bech32m("byt2", longer).text());
    return texts;
  }

  private static char next(char symbol) {
    return ALPHABET.charAt((ALPHABET.indexOf(symbol) + 1) % ALPHABET.length());
  }

  /** The checksums of Bech32 and Bech32m differ by a constant. */
  private static String bech32(String text) {
    int difference = 0x2bc830a3 ^ 1;
    StringBuilder other = new StringBuilder(text);
    for (int i = 0; i < 6; i++) {
      int at = text.length() - 6 + i;
      int symbol = ALPHABET.indexOf(text.charAt(at)) ^ (difference >>> 5 * (5 - i) & 31);
      other.setCharAt(at, ALPHABET.charAt(symbol));
    }
    return other.toString();
  }
}
