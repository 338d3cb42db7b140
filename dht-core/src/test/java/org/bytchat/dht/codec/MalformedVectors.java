package org.bytchat.dht.codec;

import static org.bytchat.dht.codec.DecodeOutcome.BAD_ARGUMENTS;
import static org.bytchat.dht.codec.DecodeOutcome.DUPLICATE_KEY;
import static org.bytchat.dht.codec.DecodeOutcome.MISSING_KEY;
import static org.bytchat.dht.codec.DecodeOutcome.NOT_MINIMAL;
import static org.bytchat.dht.codec.DecodeOutcome.TOO_LONG;
import static org.bytchat.dht.codec.DecodeOutcome.TOO_MANY_ENTRIES;
import static org.bytchat.dht.codec.DecodeOutcome.TOO_SHORT;
import static org.bytchat.dht.codec.DecodeOutcome.TRAILING_BYTES;
import static org.bytchat.dht.codec.DecodeOutcome.TRUNCATED;
import static org.bytchat.dht.codec.DecodeOutcome.UNKNOWN_KIND;
import static org.bytchat.dht.codec.DecodeOutcome.WRONG_TYPE;
import static org.bytchat.dht.codec.RawMap.binary;
import static org.bytchat.dht.codec.RawMap.concat;
import static org.bytchat.dht.codec.RawMap.hex;
import static org.bytchat.dht.codec.RawMap.string;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The malformed datagrams of {@code docs/vectors/malformed.json}, each wrong in one way. */
final class MalformedVectors {

  /**
   * One malformed datagram.
   *
   * @param name unique; also the name of a fuzzing seed
   * @param description what is wrong
   * @param datagram the bytes
   * @param outcome what the decoder must say
   */
  record Malformed(String name, String description, byte[] datagram, DecodeOutcome outcome) {

    @Override
    public String toString() {
      return name + " is " + outcome;
    }
  }

  private static final byte[] KEY = binary(20, 0xc0);
  private static final byte[] TOKEN = binary(8, 0x70);
  private static final byte[] RECORD = binary(30, 0x33);
  private static final byte[] NIL = hex("c0");

  private final List<Malformed> cases = new ArrayList<>();

  private MalformedVectors() {}

  static List<Malformed> all() {
    MalformedVectors vectors = new MalformedVectors();
    vectors.addLengths();
    vectors.addMaps();
    vectors.addEnvelopeKeys();
    vectors.addEnvelopeValues();
    vectors.addUnknownValues();
    vectors.addArguments();
    vectors.addResults();
    vectors.addErrors();
    return vectors.cases;
  }

  private void add(String name, String description, byte[] datagram, DecodeOutcome outcome) {
    cases.add(new Malformed(name, description, datagram, outcome));
  }

  private void addLengths() {
    byte[] ping = ping().bytes();
    add("empty", "No bytes.", new byte[0], TOO_SHORT);
    add("short", "39 bytes of a ping.", Arrays.copyOf(ping, 39), TOO_SHORT);
    add("cut-40", "40 bytes of a ping.", Arrays.copyOf(ping, 40), TRUNCATED);
    add("cut-last", "All but the last byte.", Arrays.copyOf(ping, ping.length - 1), TRUNCATED);
    add("long", "1,201 bytes.", ping().with("p", binary(1201 - 65, 0)).bytes(), TOO_LONG);
    add("trailing-nil", "A byte after the map.", concat(ping, NIL), TRAILING_BYTES);
    add("two-messages", "A ping after a ping.", concat(ping, ping), TRAILING_BYTES);
  }

  private void addMaps() {
    byte[] bencode =
        "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"
            .getBytes(StandardCharsets.US_ASCII);
    add("mainline", "The ping of BEP 5: bencode.", bencode, WRONG_TYPE);
    add("array", "An array at the top.", ping().bytesAfter((byte) 0x96), WRONG_TYPE);
    add(
        "map32",
        "A map with a length of four bytes.",
        ping().bytesAfter(hex("df00000006")),
        WRONG_TYPE);
    add("map16", "Six entries in map 16.", ping().bytesAfter(hex("de0006")), NOT_MINIMAL);
    add("entries-33", "One entry too many.", ping(27).bytes(), TOO_MANY_ENTRIES);
    add("entries-65535", "Claims them.", ping().bytesAfter(hex("deffff")), TOO_MANY_ENTRIES);
    add("entries-claimed", "Claims one more.", ping().bytesAfter(hex("87")), TRUNCATED);
    add("entries-not-counted", "Claims one less.", ping().bytesAfter(hex("85")), TRAILING_BYTES);
    add(
        "key-integer",
        "A key is no string.",
        ping().withRawKey(hex("01"), NIL).bytes(),
        WRONG_TYPE);
    add(
        "key-binary",
        "A key is binary.",
        ping().withRawKey(hex("c40178"), NIL).bytes(),
        WRONG_TYPE);
    add("key-nil", "A key is nil.", ping().withRawKey(NIL, NIL).bytes(), WRONG_TYPE);
    add(
        "key-str8",
        "A key of one character with a header of two bytes.",
        ping().withRawKey(hex("d90178"), NIL).bytes(),
        NOT_MINIMAL);
    add(
        "key-str16",
        "A key of 40 characters with a header of three bytes.",
        ping().withRawKey(concat(hex("da0028"), new byte[40]), NIL).bytes(),
        NOT_MINIMAL);
    add(
        "key-str32",
        "A key with a header of five bytes.",
        ping().withRawKey(hex("db0000000178"), NIL).bytes(),
        WRONG_TYPE);
  }

  private void addEnvelopeKeys() {
    for (String key : List.of("t", "y", "id", "n", "q", "a")) {
      add("missing-" + key, "A ping without it.", filler().without(key).bytes(), MISSING_KEY);
    }
    add(
        "missing-r",
        "A response without a result.",
        RawMap.envelope("r").with("x", hex("01")).bytes(),
        MISSING_KEY);
    add(
        "missing-e",
        "An error without a body.",
        RawMap.envelope("e").with("x", hex("01")).bytes(),
        MISSING_KEY);
    add(
        "kind-without-its-body",
        "A response that has arguments only.",
        ping().replace("y", string("r")).bytes(),
        MISSING_KEY);
    RawMap all =
        ping()
            .with("v", binary(4, 1))
            .with("f", hex("05"))
            .with("ro", hex("c3"))
            .with("ip", binary(6, 9))
            .with("p", binary(3, 0))
            .with("r", hex("80"))
            .with("e", hex("80"));
    byte[] whole = all.bytes();
    for (String key : List.of("t", "y", "id", "n", "v", "f", "ro", "q", "a", "ip", "p", "r", "e")) {
      byte[] value = valueOf(key);
      byte[] twice =
          concat(
              new byte[] {(byte) (whole[0] + 1)},
              Arrays.copyOfRange(whole, 1, whole.length),
              string(key),
              value);
      add("twice-" + key, "A known key stands twice.", twice, DUPLICATE_KEY);
    }
  }

  private static byte[] valueOf(String key) {
    return switch (key) {
      case "t" -> binary(8, 1);
      case "y" -> string("q");
      case "id" -> binary(20, 1);
      case "n", "v" -> binary(4, 1);
      case "f" -> hex("05");
      case "ro" -> hex("c3");
      case "q" -> string("ping");
      case "ip" -> binary(6, 9);
      case "p" -> binary(3, 0);
      default -> hex("80");
    };
  }

  private void addEnvelopeValues() {
    wrongEnvelope("t", "7-bytes", binary(7, 1), WRONG_TYPE);
    wrongEnvelope("t", "9-bytes", binary(9, 1), WRONG_TYPE);
    wrongEnvelope("t", "string", string("12345678"), WRONG_TYPE);
    wrongEnvelope("t", "bin16", hex("c50008 0102030405060708"), NOT_MINIMAL);
    wrongEnvelope("t", "bin32", hex("c600000008 0102030405060708"), WRONG_TYPE);
    wrongEnvelope("t", "beyond-end", hex("c4ff 0102030405060708"), TRUNCATED);
    wrongEnvelope("y", "other", string("x"), UNKNOWN_KIND);
    wrongEnvelope("y", "empty", string(""), UNKNOWN_KIND);
    wrongEnvelope("y", "longer", string("qq"), UNKNOWN_KIND);
    wrongEnvelope("y", "binary", binary(1, 'q'), WRONG_TYPE);
    wrongEnvelope("y", "str8", hex("d90171"), NOT_MINIMAL);
    wrongEnvelope("id", "19-bytes", binary(19, 1), WRONG_TYPE);
    wrongEnvelope("id", "21-bytes", binary(21, 1), WRONG_TYPE);
    wrongEnvelope("id", "string", string("x".repeat(20)), WRONG_TYPE);
    wrongEnvelope("n", "3-bytes", binary(3, 1), WRONG_TYPE);
    wrongEnvelope("n", "integer", hex("cedeadbeef"), WRONG_TYPE);
    wrongEnvelope("v", "5-bytes", binary(5, 1), WRONG_TYPE);
    wrongEnvelope("v", "integer", hex("01"), WRONG_TYPE);
    wrongEnvelope("f", "negative", hex("ff"), WRONG_TYPE);
    wrongEnvelope("f", "float", hex("ca3f800000"), WRONG_TYPE);
    wrongEnvelope("f", "int8", hex("d005"), WRONG_TYPE);
    wrongEnvelope("f", "uint8-of-5", hex("cc05"), NOT_MINIMAL);
    wrongEnvelope("f", "uint16-of-255", hex("cd00ff"), NOT_MINIMAL);
    wrongEnvelope("f", "uint32-of-65535", hex("ce0000ffff"), NOT_MINIMAL);
    wrongEnvelope("f", "uint64-of-32-bits", hex("cf00000000ffffffff"), NOT_MINIMAL);
    wrongEnvelope("f", "64-bits", hex("cf8000000000000000"), WRONG_TYPE);
    wrongEnvelope("ro", "integer", hex("01"), WRONG_TYPE);
    wrongEnvelope("ro", "nil", NIL, WRONG_TYPE);
    wrongEnvelope("q", "binary", binary(4, 'p'), WRONG_TYPE);
    wrongEnvelope("ip", "5-bytes", binary(5, 1), WRONG_TYPE);
    wrongEnvelope("ip", "7-bytes", binary(7, 1), WRONG_TYPE);
    wrongEnvelope("ip", "17-bytes", binary(17, 1), WRONG_TYPE);
    wrongEnvelope("ip", "string", string("203.0.113.7:6881"), WRONG_TYPE);
    wrongEnvelope("p", "string", string("padding"), WRONG_TYPE);
    wrongEnvelope("p", "nil", NIL, WRONG_TYPE);
  }

  private void wrongEnvelope(String key, String how, byte[] value, DecodeOutcome outcome) {
    // Filled up, so that no case is merely too short.
    RawMap map = filler().without(key).with(key, value);
    add(key + "-" + how, "The value of " + key + ".", map.bytes(), outcome);
  }

  private void addUnknownValues() {
    unknown("array32-of-billions", "ddffffffff", TRUNCATED);
    unknown("map32-of-billions", "dfffffffff", TRUNCATED);
    unknown("map32-of-2-to-the-31", "df80000000", TRUNCATED);
    unknown("array16", "dcffff", TRUNCATED);
    unknown("bin32-of-billions", "c6ffffffff", TRUNCATED);
    unknown("str32-of-billions", "dbffffffff", TRUNCATED);
    unknown("ext32-of-billions", "c9ffffffff01", TRUNCATED);
    unknown("never-used", "c1", WRONG_TYPE);
    unknown("never-used-inside", "92c0c1", WRONG_TYPE);
  }

  private void unknown(String how, String value, DecodeOutcome outcome) {
    add(
        "unknown-" + how,
        "The value of an unknown key.",
        ping().with("x", hex(value)).bytes(),
        outcome);
  }

  private void addArguments() {
    RawMap none = new RawMap();
    add(
        "find_node-without-k",
        "k is required.",
        RawMap.query("find_node", none).bytes(),
        BAD_ARGUMENTS);
    add("get-without-k", "k is required.", RawMap.query("get", none).bytes(), BAD_ARGUMENTS);
    for (String key : List.of("k", "tk", "rec")) {
      RawMap put = new RawMap().with("k", KEY).with("tk", TOKEN).with("rec", RECORD).without(key);
      add(
          "put-without-" + key,
          "k, tk and rec are required.",
          RawMap.query("put", put).bytes(),
          BAD_ARGUMENTS);
    }
    for (String body : List.of("c0", "90", "05", "de0000", "df00000000")) {
      add(
          "a-" + body,
          "The arguments are no map, or one in a longer form.",
          ping().replace("a", hex(body)).bytes(),
          BAD_ARGUMENTS);
    }
    addArgumentValues();
    addArgumentMaps();
  }

  private void addArgumentValues() {
    argument("k", "19-bytes", binary(19, 1));
    argument("k", "string", string("x".repeat(20)));
    argument("want", "5", hex("05"));
    argument("want", "string", string("n4"));
    argument("s", "256", hex("cd0100"));
    argument("s", "not-minimal", hex("cc01"));
    argument("c", "15-bytes", binary(15, 1));
    argument("c", "integer", hex("01"));
    argument("fwd", "integer", hex("01"));
    argument("to", "7-bytes", binary(7, 1));
    argument("tk", "empty", binary(0, 1));
    argument("tk", "33-bytes", binary(33, 1));
    argument("rec", "string", string("record"));
    argument("rec", "not-minimal", hex("c5000101"));
    argument("cas", "negative", hex("ff"));
    argument("cas", "64-bits", hex("cfffffffffffffffff"));
    argument("pl", "21-bytes", binary(21, 1));
  }

  private void addArgumentMaps() {
    add(
        "a-twice-k",
        "A known argument stands twice.",
        RawMap.query("ping", new RawMap().with("k", KEY).with("k", KEY)).bytes(),
        BAD_ARGUMENTS);
    add(
        "a-key-integer",
        "An argument's key is no string.",
        RawMap.query("ping", new RawMap().withRawKey(hex("01"), NIL)).bytes(),
        BAD_ARGUMENTS);
    add(
        "a-entries-33",
        "One argument too many.",
        RawMap.query("ping", more(new RawMap(), 33)).bytes(),
        BAD_ARGUMENTS);
    add(
        "a-before-y",
        "Bad arguments that come before the kind.",
        RawMap.query("ping", new RawMap().with("k", NIL)).reversed().bytes(),
        BAD_ARGUMENTS);
    add(
        "a-beyond-end",
        "An argument that ends after the datagram: nothing to answer to.",
        RawMap.query("ping", new RawMap().with("k", hex("c414 01"))).bytes(),
        TRUNCATED);
  }

  private void argument(String key, String how, byte[] value) {
    add(
        "a-" + key + "-" + how,
        "The argument " + key + ".",
        RawMap.query("ping", new RawMap().with(key, value)).bytes(),
        BAD_ARGUMENTS);
  }

  private void addResults() {
    result("n4-28-bytes", new RawMap().with("n4", binary(28, 1)), WRONG_TYPE);
    result("n4-string", new RawMap().with("n4", string("")), WRONG_TYPE);
    result("n6-27-bytes", new RawMap().with("n6", binary(27, 1)), WRONG_TYPE);
    result("n4-not-minimal", new RawMap().with("n4", hex("c50000")), NOT_MINIMAL);
    result("seq-negative", new RawMap().with("seq", hex("e0")), WRONG_TYPE);
    result("tk-empty", new RawMap().with("tk", binary(0, 1)), WRONG_TYPE);
    result("rec-nil", new RawMap().with("rec", NIL), WRONG_TYPE);
    RawMap proof = new RawMap().with("pk", binary(32, 1)).with("sig", binary(63, 1));
    result("sig-63-bytes", proof, WRONG_TYPE);
    result("pk-31-bytes", new RawMap().with("pk", binary(31, 1)), WRONG_TYPE);
    result("pk-without-sig", new RawMap().with("pk", binary(32, 1)), MISSING_KEY);
    result("sig-without-pk", new RawMap().with("sig", binary(64, 1)), MISSING_KEY);
    result("twice-tk", new RawMap().with("tk", TOKEN).with("tk", TOKEN), DUPLICATE_KEY);
    result("entries-33", more(new RawMap(), 33), TOO_MANY_ENTRIES);
    add(
        "r-array",
        "The result is no map.",
        RawMap.envelope("r").with("r", hex("90")).bytes(),
        WRONG_TYPE);
  }

  private void result(String how, RawMap result, DecodeOutcome outcome) {
    add("r-" + how, "A result.", RawMap.response(result).bytes(), outcome);
  }

  private void addErrors() {
    error("without-c", new RawMap().with("m", string("why")), MISSING_KEY);
    error("c-65536", new RawMap().with("c", hex("ce00010000")), WRONG_TYPE);
    error("c-string", new RawMap().with("c", string("201")), WRONG_TYPE);
    error("m-binary", new RawMap().with("c", hex("01")).with("m", binary(3, 'x')), WRONG_TYPE);
    error("twice-c", new RawMap().with("c", hex("01")).with("c", hex("01")), DUPLICATE_KEY);
    error("tk-0", busy().with("tk", binary(0, 0)), WRONG_TYPE);
    error("tk-33", busy().with("tk", binary(33, 0x70)), WRONG_TYPE);
    error("tk-string", busy().with("tk", string("12345678")), WRONG_TYPE);
    error("tk-nil", busy().with("tk", NIL), WRONG_TYPE);
    error("tk-bin16", busy().with("tk", concat(hex("c50008"), new byte[8])), NOT_MINIMAL);
    error("twice-tk", busy().with("tk", TOKEN).with("tk", TOKEN), DUPLICATE_KEY);
    add(
        "e-array",
        "The list of BEP 5.",
        RawMap.envelope("e").with("e", hex("92cccaa162")).bytes(),
        WRONG_TYPE);
  }

  private static RawMap busy() {
    return new RawMap().with("c", hex("ccca"));
  }

  private void error(String how, RawMap body, DecodeOutcome outcome) {
    add("e-" + how, "The body of an error.", RawMap.error(body).bytes(), outcome);
  }

  private static RawMap ping() {
    return RawMap.query("ping", new RawMap());
  }

  private static RawMap ping(int more) {
    return more(ping(), more);
  }

  private static RawMap filler() {
    return ping().with("x", binary(20, 0));
  }

  private static RawMap more(RawMap map, int entries) {
    for (int i = 0; i < entries; i++) {
      map.with("x" + i, NIL);
    }
    return map;
  }
}
