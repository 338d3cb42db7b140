package org.bytchat.dht.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.bytchat.dht.store.MainlineItem;
import org.bytchat.dht.testkit.Solo;
import org.bytchat.dht.wire.ErrorCode;
import org.bytchat.dht.wire.Kind;
import org.bytchat.dht.wire.Method;
import org.bytchat.dht.wire.Packet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node of Mainline's dialect holds for others, and what it refuses: BEP 44. */
class MainlinePutTest extends MainlineFixture {

  @Test
  void put_immutable_isHeldForTwoHours() {
    MainlineItem item = MainlineItem.immutable(bencoded("hello"));
    assertThat(ask(put(item)).kind).isEqualTo(Kind.RESPONSE);
    Packet found = ask(query(Method.GET, item.target()));
    assertThat(found.record()).isEqualTo(bencoded("hello"));
    assertThat(found.hasProof).isFalse();
    assertThat(found.tokenLength).isPositive();
    solo.run(Duration.ofMinutes(119));
    assertThat(ask(query(Method.GET, item.target())).record()).isNotNull();
    solo.run(Duration.ofMinutes(1));
    assertThat(ask(query(Method.GET, item.target())).record()).isNull();
    solo.run(Duration.ofMinutes(5));
    assertThat(solo.count(Counter.RECORDS_EXPIRED)).isEqualTo(1);
  }

  @Test
  void put_mutable_isHeldWithKeySequenceAndSignature() {
    MainlineItem item = signed("salt", 4, "one");
    assertThat(ask(put(item)).kind).isEqualTo(Kind.RESPONSE);
    Packet found = ask(query(Method.GET, item.target()));
    assertThat(found.record()).isEqualTo(bencoded("one"));
    assertThat(found.publicKey).isEqualTo(item.publicKey());
    assertThat(found.signature).isEqualTo(item.signature());
    assertThat(found.sequence).isEqualTo(4);
    assertThat(found.contacts4Count).as("contacts as well").isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, Long.MAX_VALUE})
  void get_whoHasItAlready_isToldTheSequenceAlone(long known) {
    MainlineItem item = signed("", 4, "one");
    ask(put(item));
    Packet query = query(Method.GET, item.target());
    query.sequence = known;
    Packet found = ask(query);
    assertThat(found.sequence).isEqualTo(4);
    assertThat(found.record).isNull();
    assertThat(found.hasProof).isFalse();
    query.sequence = 3;
    assertThat(ask(query).record()).isEqualTo(bencoded("one"));
  }

  @Test
  void put_longest_fitsAnAnswerBesideContacts() {
    fill(40, true);
    MainlineItem item = signed("s".repeat(64), Long.MAX_VALUE, "x".repeat(996));
    assertThat(item.value()).hasSize(1_000);
    assertThat(ask(put(item)).kind).isEqualTo(Kind.RESPONSE);
    Packet found = ask(query(Method.GET, item.target()));
    assertThat(found.record()).isEqualTo(item.value());
    assertThat(found.contacts4Count).isPositive();
  }

  @Test
  void put_refused_namesEachReasonByItsCode() {
    ask(put(signed("", 4, "four")));
    assertRefused(put(signed("", 3, "three")), ErrorCode.SEQUENCE_TOO_OLD);
    assertRefused(put(signed("", 4, "other")), ErrorCode.SEQUENCE_TOO_OLD);
    Packet cas = put(signed("", 5, "five"));
    cas.expectedSequence = 3;
    assertRefused(cas, ErrorCode.CAS_MISMATCH);
    cas.expectedSequence = 4;
    assertThat(ask(cas).kind).isEqualTo(Kind.RESPONSE);
    Packet forged = put(signed("", 6, "six"));
    forged.signature[0] ^= 1;
    assertRefused(forged, ErrorCode.BAD_SIGNATURE);
    Packet unsalted = put(signed("", 6, "six"));
    Packet tokenless = put(signed("", 6, "six"));
    tokenless.token[0] ^= 1;
    assertRefused(tokenless, ErrorCode.PROTOCOL);
    assertThat(ask(unsalted).kind).isEqualTo(Kind.RESPONSE);
    assertThat(ask(query(Method.GET, signed("", 6, "six").target())).sequence).isEqualTo(6);
  }

  @Test
  void put_tooLong_isRefusedWhateverItsToken() {
    Packet query = put(MainlineItem.immutable(bencoded("x")));
    query.record = bencoded("x".repeat(997));
    query.recordLength = query.record.length;
    assertRefused(query, ErrorCode.TOO_BIG);
  }

  /** As libtorrent's #8606 has it. */
  @Test
  void put_overlongSalt_isRefusedWithItsCode() {
    String salt = "s".repeat(65);
    byte[] datagram =
        ("d1:ad2:id20:abcdefghij01234567891:k32:"
                + "k".repeat(32)
                + "4:salt65:"
                + salt
                + "3:seqi1e3:sig64:"
                + "s".repeat(64)
                + "5:token8:aaaaaaaa1:v1:xe1:q3:put2:roi1e1:t1:a1:y1:qe")
            .getBytes(StandardCharsets.US_ASCII);
    assertThat(ask(ASKER, datagram).errorCode).isEqualTo(ErrorCode.SALT_TOO_BIG);
  }

  /** As libtorrent's #8698 has it: no key, but a signature, is not an immutable item. */
  @Test
  void put_halfAMutableItem_isStoredNowhere() {
    MainlineItem plain = MainlineItem.immutable(bencoded("x"));
    byte[] token = ask(query(Method.GET, plain.target())).token();
    String before =
        "d1:ad2:id20:abcdefghij01234567893:seqi1e3:sig64:" + "s".repeat(64) + "5:token8:";
    byte[] head = before.getBytes(StandardCharsets.US_ASCII);
    byte[] tail = "1:v1:xe1:q3:put2:roi1e1:t1:a1:y1:qe".getBytes(StandardCharsets.US_ASCII);
    byte[] datagram = Arrays.copyOf(head, head.length + token.length + tail.length);
    System.arraycopy(token, 0, datagram, head.length, token.length);
    System.arraycopy(tail, 0, datagram, head.length + token.length, tail.length);
    assertThat(ask(ASKER, datagram).errorCode).isEqualTo(ErrorCode.PROTOCOL);
    assertThat(ask(query(Method.GET, plain.target())).record()).isNull();
  }

  @Test
  void put_sentAgainWhileItsSignatureIsVerified_isVerifiedOnce() {
    byte[] datagram = encoded(put(signed("", 1, "x")));
    Packet next = put(signed("", 2, "y"));
    next.transactionId = 7;
    solo.holdEffects(true);
    solo.receive(ASKER, datagram);
    solo.receive(ASKER, datagram);
    assertThat(solo.takeSent(ASKER)).isEmpty();
    assertThat(ask(next).errorCode).as("another one of the same target").isEqualTo(ErrorCode.BUSY);
    solo.holdEffects(false);
    assertThat(solo.takeSent(ASKER)).hasSize(1);
    assertThat(ask(next).kind).isEqualTo(Kind.RESPONSE);
    assertThat(solo.count(Counter.RECORDS_STORED)).isEqualTo(2);
  }

  @Test
  void put_whileSignaturesWait_isBoundedForASourceAndAnsweredLater() {
    solo.holdEffects(true);
    int most = CONFIG.limits().pendingEffectsMax() / 16;
    for (int i = 0; i <= most; i++) {
      solo.receive(ASKER, encoded(put(signed("" + i, 1, "x"))));
      solo.run(Duration.ofMillis(10));
      List<Solo.Sent> sent = solo.takeSent(ASKER);
      assertThat(sent).hasSize(i < most ? 0 : 1);
      if (i == most) {
        assertThat(decoded(sent.get(0).bytes()).errorCode).isEqualTo(ErrorCode.BUSY);
      }
    }
    solo.holdEffects(false);
    assertThat(solo.takeSent(ASKER)).hasSize(most);
    assertThat(solo.count(Counter.RECORDS_STORED)).isEqualTo(most);
    assertThat(ask(put(signed("again", 1, "x"))).kind).isEqualTo(Kind.RESPONSE);
  }
}
