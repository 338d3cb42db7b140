package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.bytchat.dht.testkit.SeededTest;
import org.bytchat.dht.testkit.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: the code is that of BIP 350, whose vectors these are. */
class Bech32mTest {

  private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

  @ParameterizedTest
  @CsvSource({
    "A1LQFN3A, 0",
    "a1lqfn3a, 0",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1"
        + "1sg7hg6, 0",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx, 32",
    "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8,82",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v, 48",
    "?1v759aa, 0",
  })
  void parse_validVector_isReadAndWrittenAgain(String text, int symbols) {
    Bech32m content = Bech32m.parse(text);
    assertThat(content.symbols()).hasSize(symbols);
    assertThat(content.text()).isEqualTo(text.toLowerCase(Locale.ROOT));
    assertThat(content.prefix()).isEqualTo(content.prefix().toLowerCase(Locale.ROOT));
  }

  @Test
  void parse_vectorOfAllSymbols_givesThemInOrder() {
    byte[] symbols = Bech32m.parse("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx").symbols();
    for (int i = 0; i < 32; i++) {
      assertThat(symbols[i]).isEqualTo((byte) (31 - i));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "' 1xj0phk', character 1 is not printable",
    "'\u007f1g6xzxy', character 1 is not printable",
    "'\u00801vctc34', character 1 is not printable",
    "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4"
        + ", at most 90",
    "qyrz8wqd2c9m, no prefix",
    "1qyrz8wqd2c9m, no prefix",
    "y1b0jsk6g, 'character 3, ''b'', is never used'",
    "lt1igcx5c0, 'character 4, ''i'', is never used'",
    "in1muywd, too short",
    "mm1crxm3i, 'character 9, ''i'', is never used'",
    "au1s5cgom, 'character 8, ''o'', is never used'",
    "M1VUXWEZ, checksum is wrong",
    "16plkw9, no prefix",
    "1p2gdwpf, no prefix",
    "'', no prefix",
  })
  void parse_invalidVector_isRefusedForItsReason(String text, String reason) {
    assertThatThrownBy(() -> Bech32m.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  /** The valid vectors of BIP 173. */
  @ParameterizedTest
  @ValueSource(strings = {"A12UEL5L", "a12uel5l", "?1ezyfcl"})
  void parse_bech32_isNamedAsSuch(String text) {
    assertThatThrownBy(() -> Bech32m.parse(text)).hasMessageContaining("that of Bech32, not");
  }

  @ParameterizedTest
  @ValueSource(strings = {"A1lqfn3a", "a1LQFN3A", "a1lqfn3A"})
  void parse_mixedCase_isRefused(String text) {
    assertThatThrownBy(() -> Bech32m.parse(text)).hasMessageContaining("mixed");
  }

  @SeededTest(runs = 200)
  void bytes_anyBytes_comeBack(long seed) {
    Random random = Seeds.random(seed);
    byte[] bytes = new byte[random.nextInt(45)];
    random.nextBytes(bytes);
    Bech32m parsed = Bech32m.parse(Bech32m.ofBytes("byt9", bytes).text());
    assertThat(parsed.bytes()).isEqualTo(bytes);
    assertThat(parsed.prefix()).isEqualTo("byt9");
  }

  @Test
  void bytes_bitsLeftOver_areRefused() {
    byte[] symbols = Bech32m.ofBytes("x", new byte[] {-1, -1}).symbols();
    symbols[3] |= 1;
    assertThatThrownBy(() -> new Bech32m("x", symbols).bytes()).hasMessageContaining("not zero");
    symbols[3] ^= 1;
    Bech32m longer = new Bech32m("x", Arrays.copyOf(symbols, 5));
    assertThat(longer.bytes()).isEqualTo(new byte[] {-1, -1, 0});
    assertThatThrownBy(() -> new Bech32m("x", Arrays.copyOf(symbols, 6)).bytes())
        .hasMessageContaining("a symbol too many");
  }

  /** What BIP 173 promises of the code: any 4 wrong symbols are found. */
  @SeededTest(runs = 500)
  void parse_upToFourWrongSymbols_isRefused(long seed) {
    Random random = Seeds.random(seed);
    byte[] bytes = new byte[random.nextInt(33)];
    random.nextBytes(bytes);
    String text = Bech32m.ofBytes("byt2", bytes).text();
    StringBuilder changed = new StringBuilder(text);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = 5 + random.nextInt(text.length() - 5);
      changed.setCharAt(at, ALPHABET.charAt(random.nextInt(32)));
    }
    if (!changed.toString().equals(text)) {
      assertThatThrownBy(() -> Bech32m.parse(changed.toString()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("checksum");
    }
  }
}
