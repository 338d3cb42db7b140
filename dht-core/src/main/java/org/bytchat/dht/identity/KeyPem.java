package org.bytchat.dht.identity;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The one private key of a PEM file (RFC 7468).
 *
 * <p>Works on bytes, not on strings, so that what is secret can be overwritten.
 *
 * @param encrypted whether the content is an EncryptedPrivateKeyInfo
 * @param der the content
 */
record KeyPem(boolean encrypted, byte[] der) {

  /** More than any file with one key has, unless it holds something else too. */
  static final int TEXT_BYTES_MAX = 16_384;

  private static final String PLAIN = "PRIVATE KEY";
  private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";
  private static final int LABEL_CHARACTERS_MAX = 40;

  /** Returns the text: 64 characters to a line, each line ended by a line feed. */
  byte[] text() {
    String label = encrypted ? ENCRYPTED : PLAIN;
    byte[] head = ascii(BEGIN + label + DASHES + "\n");
    byte[] tail = ascii("\n" + END + label + DASHES + "\n");
    byte[] body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encode(der);
    byte[] text = Arrays.copyOf(head, head.length + body.length + tail.length);
    System.arraycopy(body, 0, text, head.length, body.length);
    System.arraycopy(tail, 0, text, head.length + body.length, tail.length);
    Arrays.fill(body, (byte) 0);
    return text;
  }

  /**
   * Reads a text that has one PEM block, which is a private key. Lines outside the block are passed
   * over.
   *
   * @throws IllegalArgumentException if it has not
   */
  static KeyPem parse(byte[] text) {
    if (text.length > TEXT_BYTES_MAX) {
      throw new IllegalArgumentException("a key file of more than " + TEXT_BYTES_MAX + " bytes");
    }
    int begin = indexOfLine(text, BEGIN, 0);
    if (begin < 0) {
      throw new IllegalArgumentException("no PEM block: no line begins with " + BEGIN.strip());
    }
    String label = label(text, begin);
    int body = endOfLine(text, begin);
    int end = indexOfLine(text, END, body);
    if (end < 0 || !startsWith(text, end, END + label + DASHES)) {
      throw new IllegalArgumentException("the PEM block has no line " + END + label + DASHES);
    }
    if (indexOfLine(text, BEGIN, body) >= 0) {
      throw new IllegalArgumentException("more than one PEM block");
    }
    return new KeyPem(label.equals(ENCRYPTED), decode(text, body, end));
  }

  private static String label(byte[] text, int begin) {
    int from = begin + BEGIN.length();
    int end = endOfLine(text, begin);
    while (end > from && (text[end - 1] == '\n' || text[end - 1] == '\r')) {
      end--;
    }
    String line = new String(text, from, end - from, StandardCharsets.ISO_8859_1);
    String label = line.endsWith(DASHES) ? line.substring(0, line.length() - 5) : "";
    if (label.equals(PLAIN) || label.equals(ENCRYPTED)) {
      return label;
    }
    boolean named = label.matches("[A-Z0-9 ]{1," + LABEL_CHARACTERS_MAX + "}");
    throw new IllegalArgumentException(
        "the PEM block is "
            + (named ? "a " + label : "something else")
            + ", not a PKCS#8 private key"
            + (named && label.endsWith(PLAIN) ? "; convert it with openssl pkcs8 -topk8" : ""));
  }

  private static byte[] decode(byte[] text, int from, int to) {
    byte[] compact = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      if (text[i] != '\n' && text[i] != '\r' && text[i] != ' ' && text[i] != '\t') {
        compact[length++] = text[i];
      }
    }
    byte[] base64 = Arrays.copyOf(compact, length);
    Arrays.fill(compact, (byte) 0);
    byte[] der;
    try {
      der = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      // The decoder's message quotes what it read.
      throw new IllegalArgumentException("the PEM block is not base64");
    }
    byte[] again = Base64.getEncoder().encode(der);
    boolean canonical = Arrays.equals(again, base64);
    Arrays.fill(again, (byte) 0);
    Arrays.fill(base64, (byte) 0);
    if (!canonical) {
      throw new IllegalArgumentException("the PEM block is not canonical base64");
    }
    return der;
  }

  /** Returns where the first line at or after an index begins that has a beginning, or -1. */
  private static int indexOfLine(byte[] text, String beginning, int from) {
    for (int at = from; at < text.length; at = endOfLine(text, at)) {
      if (startsWith(text, at, beginning)) {
        return at;
      }
    }
    return -1;
  }

  /** Returns where the line after this one begins. */
  private static int endOfLine(byte[] text, int from) {
    int at = from;
    while (at < text.length && text[at] != '\n') {
      at++;
    }
    return Math.min(at + 1, text.length);
  }

  private static boolean startsWith(byte[] text, int at, String beginning) {
    byte[] wanted = ascii(beginning);
    return text.length - at >= wanted.length
        && Arrays.equals(text, at, at + wanted.length, wanted, 0, wanted.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  void wipe() {
    Arrays.fill(der, (byte) 0);
  }

  /** Without the content. */
  @Override
  public String toString() {
    return "KeyPem[" + (encrypted ? "encrypted" : "plain") + "]";
  }
}
