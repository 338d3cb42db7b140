package org.bytchat.dht.identity;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The text form Bech32m (BIP 350): a prefix, the separator {@code 1}, symbols of 5 bits, and a
 * checksum of 6 symbols that finds any 4 wrong characters.
 *
 * @param prefix the human-readable part, lower-case
 * @param symbols the data without the checksum, each 0 to 31
 */
record Bech32m(String prefix, byte[] symbols) {

  private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final char SEPARATOR = '1';
  private static final int CHARACTERS_MAX = 90;
  private static final int CHECKSUM_SYMBOLS = 6;
  private static final int BECH32_CHECK = 1;
  private static final int BECH32M_CHECK = 0x2bc830a3;
  private static final int[] GENERATOR = {
    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
  };

  /**
   * Makes the content of bytes: their bits, most significant first, five to a symbol, the last
   * symbol filled up with zeros.
   */
  static Bech32m ofBytes(String prefix, byte[] bytes) {
    byte[] symbols = new byte[(bytes.length * 8 + 4) / 5];
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      if ((bytes[bit / 8] >>> (7 - bit % 8) & 1) != 0) {
        symbols[bit / 5] |= (byte) (0x10 >>> bit % 5);
      }
    }
    return new Bech32m(prefix, symbols);
  }

  /**
   * Reads a text of one case, upper or lower.
   *
   * @throws IllegalArgumentException if it is not Bech32m
   */
  static Bech32m parse(String text) {
    if (text.length() > CHARACTERS_MAX) {
      throw new IllegalArgumentException(
          "at most " + CHARACTERS_MAX + " characters, not " + text.length());
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '!' || text.charAt(i) > '~') {
        throw new IllegalArgumentException("character " + (i + 1) + " is not printable ASCII");
      }
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (!lower.equals(text) && !text.toUpperCase(Locale.ROOT).equals(text)) {
      throw new IllegalArgumentException("mixed upper and lower case");
    }
    int separator = lower.lastIndexOf(SEPARATOR);
    if (separator < 1) {
      throw new IllegalArgumentException("no prefix that ends in '" + SEPARATOR + "'");
    }
    byte[] symbols = symbols(lower, separator + 1);
    if (symbols.length < CHECKSUM_SYMBOLS) {
      throw new IllegalArgumentException("too short for a checksum");
    }
    String prefix = lower.substring(0, separator);
    int check = checksum(prefix, symbols);
    if (check != BECH32M_CHECK) {
      throw new IllegalArgumentException(
          check == BECH32_CHECK
              ? "the checksum is that of Bech32, not of Bech32m"
              : "the checksum is wrong: there is a mistake in the text");
    }
    return new Bech32m(prefix, Arrays.copyOf(symbols, symbols.length - CHECKSUM_SYMBOLS));
  }

  private static byte[] symbols(String text, int from) {
    byte[] symbols = new byte[text.length() - from];
    for (int i = 0; i < symbols.length; i++) {
      int symbol = ALPHABET.indexOf(text.charAt(from + i));
      if (symbol < 0) {
        throw new IllegalArgumentException(
            "character " + (from + i + 1) + ", '" + text.charAt(from + i) + "', is never used");
      }
      symbols[i] = (byte) symbol;
    }
    return symbols;
  }

  /**
   * Returns the bytes that {@link #ofBytes} was given.
   *
   * @throws IllegalArgumentException if the symbols do not come from whole bytes
   */
  byte[] bytes() {
    byte[] bytes = new byte[symbols.length * 5 / 8];
    for (int bit = 0; bit < symbols.length * 5; bit++) {
      if ((symbols[bit / 5] >>> (4 - bit % 5) & 1) == 0) {
        continue;
      }
      if (bit / 8 >= bytes.length) {
        throw new IllegalArgumentException("the bits beyond the last byte are not zero");
      }
      bytes[bit / 8] |= (byte) (0x80 >>> bit % 8);
    }
    if (ofBytes(prefix, bytes).symbols.length != symbols.length) {
      throw new IllegalArgumentException("a symbol too many");
    }
    return bytes;
  }

  /** Returns the text in lower case. */
  String text() {
    byte[] checked = Arrays.copyOf(symbols, symbols.length + CHECKSUM_SYMBOLS);
    int checksum = checksum(prefix, checked) ^ BECH32M_CHECK;
    for (int i = 0; i < CHECKSUM_SYMBOLS; i++) {
      checked[symbols.length + i] = (byte) (checksum >>> 5 * (CHECKSUM_SYMBOLS - 1 - i) & 31);
    }
    StringBuilder text = new StringBuilder(prefix).append(SEPARATOR);
    for (byte symbol : checked) {
      text.append(ALPHABET.charAt(symbol));
    }
    return text.toString();
  }

  private static int checksum(String prefix, byte[] symbols) {
    byte[] characters = prefix.getBytes(StandardCharsets.US_ASCII);
    int state = 1;
    for (byte character : characters) {
      state = step(state, character >>> 5);
    }
    state = step(state, 0);
    for (byte character : characters) {
      state = step(state, character & 31);
    }
    for (byte symbol : symbols) {
      state = step(state, symbol);
    }
    return state;
  }

  /** One division step of the BCH code over symbols of 5 bits; the state has 30 bits. */
  private static int step(int state, int symbol) {
    int next = (state & 0x1ffffff) << 5 ^ symbol;
    for (int i = 0; i < GENERATOR.length; i++) {
      if ((state >>> (25 + i) & 1) != 0) {
        next ^= GENERATOR[i];
      }
    }
    return next;
  }
}
