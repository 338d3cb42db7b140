package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UidTest {

  private static Uid random(Random random) {
    int version = 1 + random.nextInt(2);
    byte[] hash = new byte[Uid.hashBytes(version)];
    random.nextBytes(hash);
    return Uid.of(version, hash);
  }

  @SeededTest(runs = 100)
  void text_anyUid_comesBackInBothCases(long seed) {
    Uid uid = random(Seeds.random(seed));
    String text = uid.toString();
    assertThat(text)
        .startsWith(uid.version() == 1 ? "byt11" : "byt21")
        .hasSize(uid.version() == 1 ? 43 : 63)
        .isEqualTo(text.toLowerCase(Locale.ROOT));
    for (String form : new String[] {text, text.toUpperCase(Locale.ROOT)}) {
      assertThat(Uid.parse(form)).isEqualTo(uid).hasSameHashCodeAs(uid).hasToString(text);
      assertThat(Uid.parse(form).bytes()).isEqualTo(uid.bytes());
    }
  }

  /** Whatever is done to a text: it is refused, or it is the text of another UID. */
  @SeededTest(runs = 500)
  void parse_mutatedText_isNeverTheSameUidAndThrowsNothingElse(long seed) {
    Random random = Seeds.random(seed);
    Uid uid = random(random);
    String text = uid.toString();
    String mutated = mutate(text, random);
    if (mutated.equals(text) || mutated.equals(text.toUpperCase(Locale.ROOT))) {
      return;
    }
    try {
      Uid other = Uid.parse(mutated);
      assertThat(other).isNotEqualTo(uid);
      assertThat(other).hasToString(mutated.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("UID");
    }
  }

  private static String mutate(String text, Random random) {
    StringBuilder changed = new StringBuilder(text);
    int changes = 1 + random.nextInt(6);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(changed.length());
      switch (random.nextInt(6)) {
        case 0 -> changed.deleteCharAt(at);
        case 1 -> changed.insert(at, changed.charAt(at));
        case 2 -> changed.setCharAt(at, (char) random.nextInt(256));
        case 3 -> changed.setCharAt(at, "qpzry9x8gf2tvdw0".charAt(random.nextInt(16)));
        case 4 -> changed.setCharAt(at, Character.toUpperCase(changed.charAt(at)));
        default -> changed.append(changed.charAt(random.nextInt(changed.length())));
      }
      if (changed.length() == 0) {
        return "";
      }
    }
    return changed.toString();
  }

  /** Bech32 had a weakness here: any number of q before a last p. */
  @SeededTest(runs = 20)
  void parse_symbolsInsertedBeforeTheLast_isRefused(long seed) {
    String text = random(Seeds.random(seed)).toString();
    for (String inserted : new String[] {"q", "qq", "p", "qqqqqqqq"}) {
      String longer =
          text.substring(0, text.length() - 1) + inserted + text.charAt(text.length() - 1);
      assertThatThrownBy(() -> Uid.parse(longer)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"byt", "byt0", "byt3", "byt11", "byt12", "byte2", "bc", "1byt2", "byt\u007f"})
  void parse_otherPrefix_isRefused(String prefix) {
    String text = Bech32m.ofBytes(prefix, new byte[32]).text();
    assertThatThrownBy(() -> Uid.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("UID");
  }

  @Test
  void parse_versionNobodyKnows_saysSo() {
    String text = Bech32m.ofBytes("byt3", new byte[32]).text();
    assertThatThrownBy(() -> Uid.parse(text)).hasMessageContaining("no other version is known");
  }

  @Test
  void parse_lengthOfTheOtherVersion_isRefused() {
    String longOne = Bech32m.ofBytes("byt1", new byte[32]).text();
    assertThatThrownBy(() -> Uid.parse(longOne)).hasMessageContaining("20 bytes, not 32");
    String shortTwo = Bech32m.ofBytes("byt2", new byte[20]).text();
    assertThatThrownBy(() -> Uid.parse(shortTwo)).hasMessageContaining("32 bytes, not 20");
    assertThatThrownBy(() -> Uid.parse(Bech32m.ofBytes("byt2", new byte[0]).text()))
        .hasMessageContaining("32 bytes, not 0");
  }

  /** 32 bytes leave 4 bits over, which could otherwise say anything. */
  @Test
  void parse_bitsAfterTheHash_areRefused() {
    byte[] symbols = Bech32m.ofBytes("byt2", new byte[32]).symbols();
    for (int bits = 1; bits < 16; bits++) {
      symbols[51] = (byte) bits;
      String text = new Bech32m("byt2", symbols).text();
      assertThatThrownBy(() -> Uid.parse(text)).hasMessageContaining("not zero");
    }
  }

  @Test
  void of_wrongVersionOrLength_isRefused() {
    for (int version : new int[] {-1, 0, 3, 256}) {
      assertThatThrownBy(() -> Uid.of(version, new byte[20]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("version 1 or 2, not " + version);
      assertThatThrownBy(() -> Uid.ofKey(version, new byte[44]))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Uid.of(1, new byte[32])).hasMessageContaining("20 bytes, not 32");
    assertThatThrownBy(() -> Uid.of(2, new byte[31])).hasMessageContaining("32 bytes, not 31");
  }

  @SeededTest(runs = 10)
  void place_anyUid_isThePrefixAndTheLabelledHash(long seed) {
    Uid uid = random(Seeds.random(seed));
    assertThat(uid.place()).isEqualTo(NodeId.of(Arrays.copyOf(uid.bytes(), 20)));
    assertThat(uid.place("")).isEqualTo(uid.place());
    assertThat(uid.place("meta")).isEqualTo(Keys.of("meta", uid.bytes()));
    assertThat(uid.place("chat")).isNotEqualTo(uid.place("meta"));
  }

  @Test
  void equals_otherVersionOrHash_differs() {
    Uid uid = Uid.of(1, new byte[20]);
    byte[] other = new byte[20];
    other[19] = 1;
    assertThat(uid).isEqualTo(Uid.of(1, new byte[20]));
    assertThat(uid).isNotEqualTo(Uid.of(1, other)).isNotEqualTo(Uid.of(2, new byte[32]));
  }

  @Test
  void bytes_changedByTheCaller_uidStays() {
    byte[] hash = new byte[20];
    Uid uid = Uid.of(1, hash);
    hash[0] = 1;
    uid.bytes()[1] = 1;
    assertThat(uid.bytes()).isEqualTo(new byte[20]);
  }
}
