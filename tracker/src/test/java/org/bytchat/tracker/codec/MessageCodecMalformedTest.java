package org.bytchat.tracker.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytchat.dht.identity.Ed25519Scheme;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: what is wrong is refused, and can be answered wherever it has a number. */
class MessageCodecMalformedTest {

  private static final long ID = 77;

  private final MessageCodec codec = new MessageCodec(Ed25519Scheme.INSTANCE);

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static byte[] join(byte[]... parts) {
    return Packed.concat(parts);
  }

  private void assertMalformed(byte[] frame, String reasonPart) {
    assertThat(codec.decodeRequest(frame))
        .isInstanceOfSatisfying(
            Decoded.Malformed.class,
            malformed -> {
              assertThat(malformed.requestId()).isEqualTo(ID);
              assertThat(malformed.reason()).contains(reasonPart);
            });
  }

  private void assertNoFrame(byte[] frame, String reasonPart) {
    assertThat(codec.decodeRequest(frame))
        .isInstanceOfSatisfying(
            Decoded.NoFrame.class, none -> assertThat(none.reason()).contains(reasonPart));
    assertThat(codec.decodeResponse(frame)).isInstanceOf(Decoded.NoFrame.class);
  }

  /** The entries of a sample's frame. */
  private Map<String, byte[]> request(String name) {
    Request request = SampleMessages.named(SampleMessages.requests(), name);
    return Packed.entries(codec.encode(ID, request));
  }

  private static byte[] with(Map<String, byte[]> entries, String key, byte[] value) {
    Map<String, byte[]> changed = new LinkedHashMap<>(entries);
    changed.put(key, value);
    return Packed.map(changed);
  }

  private static byte[] without(Map<String, byte[]> entries, String key) {
    Map<String, byte[]> changed = new LinkedHashMap<>(entries);
    changed.remove(key);
    return Packed.map(changed);
  }

  @Test
  void decode_keysInAnyOrderAndUnknownOnes_givesTheSame() {
    SampleMessages.requests()
        .forEach(
            (name, request) -> {
              Map<String, byte[]> entries = request(name);
              Map<String, byte[]> reversed = new LinkedHashMap<>();
              reversed.put("later", hex("93 c0 81 a1 61 c4 01 00 d6 ff 00 00 00 00"));
              List<String> keys = new ArrayList<>(entries.keySet());
              Collections.reverse(keys);
              keys.forEach(key -> reversed.put(key, entries.getOrDefault(key, new byte[0])));
              reversed.put("", hex("cb 00 00 00 00 00 00 00 00"));
              assertThat(MessageView.of(codec.decodeRequest(Packed.map(reversed))))
                  .as(name)
                  .isEqualTo(MessageView.of(new Decoded.Message<>(ID, request)));
            });
  }

  @Test
  void decodeRequest_anyKeyButOptionalOnesMissing_isMalformedOrNoFrame() {
    for (String name : SampleMessages.requests().keySet()) {
      Map<String, byte[]> entries = request(name);
      for (String key : entries.keySet()) {
        byte[] frame = without(entries, key);
        if (key.equals("i")) {
          assertNoFrame(frame, "no number");
        } else if ((name.equals("open-list") && key.equals("dl"))
            || (name.equals("mailboxes-next") && key.equals("box"))) {
          assertThat(codec.decodeRequest(frame)).isInstanceOf(Decoded.Message.class);
        } else {
          assertMalformed(frame, key + " is missing");
        }
      }
    }
  }

  @Test
  void decodeRequest_anyKeyTwice_isMalformedOrNoFrame() {
    for (String name : SampleMessages.requests().keySet()) {
      Map<String, byte[]> entries = request(name);
      byte[] once = Packed.map(entries);
      entries.forEach(
          (key, value) -> {
            byte[] twice = join(once, Packed.string(key), value);
            twice[0]++;
            if (key.equals("i")) {
              assertNoFrame(twice, "two numbers");
            } else {
              assertMalformed(twice, "twice");
            }
          });
    }
  }

  @Test
  void decodeRequest_unknownKeyTwice_isMalformed() {
    byte[] later = join(Packed.string("later"), hex("c0"));
    byte[] info = Packed.map(request("info"));
    byte[] twice = join(info, later, later);
    twice[0] = (byte) (twice[0] + 2);
    assertMalformed(twice, "twice");
  }

  @Test
  void decodeRequest_valueOfAnotherType_isMalformedOrNoFrame() {
    List<byte[]> values =
        List.of(
            hex("c0"),
            hex("c3"),
            hex("01"),
            hex("ff"),
            hex("a1 61"),
            hex("c4 01 00"),
            hex("90"),
            hex("80"),
            hex("cb 3f f0 00 00 00 00 00 00"),
            hex("d4 01 00"));
    for (String name : SampleMessages.requests().keySet()) {
      Map<String, byte[]> entries = request(name);
      for (String key : entries.keySet()) {
        for (byte[] value : values) {
          boolean number = value[0] == 1;
          boolean mayBeNumber = List.of("i", "ver", "cur", "max", "wait").contains(key);
          boolean mayBeEmpty = List.of("rngs", "digs", "adgs").contains(key);
          if ((number && mayBeNumber) || (value[0] == (byte) 0x90 && mayBeEmpty)) {
            continue;
          }
          byte[] frame = with(entries, key, value);
          if (key.equals("i")) {
            assertNoFrame(frame, "");
          } else {
            assertMalformed(frame, "");
          }
        }
      }
    }
  }

  @Test
  void decodeRequest_valueThatIsNone_isMalformedWithTheReason() {
    assertMalformed(with(request("deposit-key"), "env", hex("c4 01 00")), "env: an envelope has");
    assertMalformed(with(request("deposit-key"), "adm", hex("c4 01 07")), "adm: no admission");
    assertMalformed(with(request("open"), "own", hex("c4 01 09")), "own: a UID has version");
    assertMalformed(with(request("open-list"), "dl", hex("c4 00")), "dl: it ends too soon");
    assertMalformed(with(request("open"), "dev", hex("c4 01 00")), "dev is out of its range");
    assertMalformed(with(request("open"), "sig", hex("c4 00")), "sig is out of its range");
    assertMalformed(with(request("prove"), "box", hex("c4 00")), "box is out of its range");
    assertMalformed(with(request("fetch"), "max", hex("00")), "max is out of its range");
    assertMalformed(
        with(request("fetch"), "max", hex("ce 80 00 00 00")), "max is out of its range");
    assertMalformed(
        with(request("fetch"), "cur", hex("cf 80 00 00 00 00 00 00 00")), "out of its range");
    assertMalformed(with(request("fetch"), "cur", hex("ff")), "out of its range");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cc 01",
        "cc 7f",
        "cd 00 01",
        "cd 00 ff",
        "ce 00 00 00 01",
        "ce 00 00 ff ff",
        "cf 00 00 00 00 00 00 00 01",
        "cf 00 00 00 00 ff ff ff ff",
        "d0 01",
        "d1 00 01",
        "d2 00 00 00 01",
        "d3 00 00 00 00 00 00 00 01",
        "d3 7f ff ff ff ff ff ff ff"
      })
  void decodeRequest_numberNotInItsShortestForm_isMalformed(String number) {
    assertMalformed(with(request("fetch"), "cur", hex(number)), "shortest form");
  }

  @Test
  void decodeRequest_shortestFormAtEachBoundary_isTaken() {
    for (long cursor :
        new long[] {
          0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffffL, 1L << 32, Long.MAX_VALUE
        }) {
      assertThat(MessageView.of(codec.decodeRequest(codec.encode(ID, fetch(cursor)))))
          .isEqualTo(MessageView.of(new Decoded.Message<>(ID, fetch(cursor))));
    }
  }

  private static Request fetch(long cursor) {
    return new Request.Fetch(cursor, 1, 0);
  }

  @Test
  void decodeRequest_lengthNotInItsShortestForm_isMalformedOrNoFrame() {
    Map<String, byte[]> prove = request("prove");
    byte[] digest = new byte[32];
    assertMalformed(with(prove, "dig", join(hex("c5 00 20"), digest)), "shortest form");
    assertMalformed(with(prove, "dig", join(hex("c6 00 00 00 20"), digest)), "shortest form");
    byte[] name = Packed.latin("info");
    assertMalformed(with(request("info"), "q", join(hex("d9 04"), name)), "shortest form");
    assertMalformed(with(request("info"), "q", join(hex("da 00 04"), name)), "shortest form");
    byte[] info = Packed.map(request("info"));
    byte[] entries = Arrays.copyOfRange(info, 1, info.length);
    assertNoFrame(join(hex("de 00 02"), entries), "shortest form");
    assertNoFrame(join(hex("df 00 00 00 02"), entries), "shortest form");
    assertNoFrame(join(hex("82 d9 01 69 01 a1 71 a4"), name), "shortest form");
  }

  @Test
  void decodeRequest_unknownName_isMalformed() {
    assertMalformed(with(request("info"), "q", Packed.string("later")), "no request has this name");
    assertMalformed(with(request("info"), "q", Packed.string("q".repeat(33))), "out of its range");
    assertMalformed(with(request("info"), "q", hex("a1 ff")), "not UTF-8");
  }

  @Test
  void decodeResponse_unknownNameOrTwoKinds_isMalformed() {
    byte[] unknown = with(request("info"), "r", Packed.string("later"));
    byte[] both = codec.encode(ID, new Response.Taken(1));
    byte[] refused = with(Packed.entries(both), "e", hex("01"));
    for (byte[] frame : List.of(unknown, refused)) {
      assertThat(codec.decodeResponse(frame)).isInstanceOf(Decoded.Malformed.class);
    }
  }

  @Test
  void decodeResponse_requestsFrame_isMalformed() {
    assertThat(codec.decodeResponse(Packed.map(request("info"))))
        .isEqualTo(new Decoded.Malformed<>(ID, "r is missing"));
  }

  @Test
  void decodeResponse_itemThatIsNone_isMalformed() {
    Map<String, byte[]> acked = Packed.entries(codec.encode(ID, new Response.Acked(List.of(true))));
    Map<String, byte[]> custody =
        Packed.entries(codec.encode(ID, new Response.Custody(null, null, List.of(), null, null)));
    for (byte[] frame :
        List.of(
            with(acked, "ok", hex("91 01")),
            with(acked, "ok", hex("dc 00 01 c3")),
            with(custody, "prf", hex("91 c4 00")),
            with(custody, "prf", hex("91 a0")))) {
      assertThat(codec.decodeResponse(frame)).isInstanceOf(Decoded.Malformed.class);
    }
  }

  @Test
  void decode_noMap_isNoFrame() {
    assertNoFrame(new byte[0], "cut off");
    assertNoFrame(hex("c0"), "type of the frame");
    assertNoFrame(hex("c1"), "no MessagePack");
    assertNoFrame(hex("80"), "no number");
    assertNoFrame(hex("81 01 01"), "type of a key");
    assertNoFrame(hex("81 a1 69 00 00"), "1 bytes follow");
    assertNoFrame(hex("81 a1 69 cf 00 00 00 01 00 00 00 00"), "out of its range");
    assertNoFrame(hex("81 a1 69 ff"), "out of its range");
    assertNoFrame(hex("82 a1 69 01 a1 6a c1"), "no MessagePack");
  }

  @Test
  void decode_tooManyKeys_isNoFrame() {
    Map<String, byte[]> entries = request("info");
    for (int i = entries.size(); i < FrameReader.ENTRIES_MAX; i++) {
      entries.put("key" + i, hex("c0"));
    }
    assertThat(codec.decodeRequest(Packed.map(entries))).isInstanceOf(Decoded.Message.class);
    assertNoFrame(with(entries, "more-of-it", hex("c0")), "at most 32 keys");
  }

  @Test
  void decode_longerThanAFrame_isNoFrame() {
    int overhead = Packed.map(request("info")).length + 1 + 5 + 5;
    byte[] most = new byte[MessageCodec.FRAME_BYTES_MAX - overhead];
    byte[] longest = with(request("info"), "later", Packed.binary(most));
    assertThat(longest).hasSize(MessageCodec.FRAME_BYTES_MAX);
    assertThat(codec.decodeRequest(longest)).isInstanceOf(Decoded.Message.class);
    byte[] more = Arrays.copyOf(most, most.length + 1);
    assertNoFrame(with(request("info"), "later", Packed.binary(more)), "too long");
  }

  @Test
  void decode_deepNesting_isPassedOver() {
    byte[] nested = new byte[70_000];
    for (byte opening : hex("91 81")) {
      Arrays.fill(nested, opening);
      nested[nested.length - 1] = (byte) 0xc0;
      if (opening == (byte) 0x81) {
        // Each map's key is another map; the values follow the innermost.
        Arrays.fill(nested, 35_000, nested.length, (byte) 0xc0);
      }
      byte[] frame = with(request("info"), "later", hex("c0"));
      byte[] deep = join(Arrays.copyOf(frame, frame.length - 1), nested);
      if (opening == (byte) 0x81) {
        deep = Arrays.copyOf(deep, deep.length + 1);
        deep[deep.length - 1] = (byte) 0xc0;
      }
      assertThat(codec.decodeRequest(deep)).isInstanceOf(Decoded.Message.class);
      assertNoFrame(Arrays.copyOf(deep, deep.length - 1), "cut off");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c6 7f ff ff ff", "c6 ff ff ff ff", "db 7f ff ff ff", "db ff ff ff ff", "c9 7f ff ff ff 01",
        "c9 ff ff ff ff 01", "dd 7f ff ff ff", "dd ff ff ff ff", "df 7f ff ff ff", "df ff ff ff ff",
        "c5 ff ff", "da ff ff", "dc ff ff", "de ff ff", "c8 ff ff 01"
      })
  void decode_hugeClaimedLength_isNoFrameWithoutTheMemory(String header) {
    for (String key : List.of("later", "q", "env", "envs", "ok", "prf", "cur")) {
      assertNoFrame(join(hex("82 a1 69 01"), Packed.string(key), hex(header)), "");
    }
    assertNoFrame(join(hex("82 a1 69 01"), hex(header)), "");
    assertNoFrame(hex(header), "");
  }
}
