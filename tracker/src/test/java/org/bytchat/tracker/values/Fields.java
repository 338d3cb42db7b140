package org.bytchat.tracker.values;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * Fields one after the other, as docs/tracker.md has them: a second encoder, of vectors' values.
 */
final class Fields {

  private static final HexFormat HEX = HexFormat.of();
  private static final String ED25519_PREFIX = "302a300506032b6570032100";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Fields number(int length, long value) {
    bytes.write(ByteBuffer.allocate(8).putLong(value).array(), 8 - length, length);
    return this;
  }

  Fields number(int length, JsonNode value) {
    return number(length, value.asLong());
  }

  Fields hex(JsonNode value) {
    return hex(value.asText());
  }

  Fields hex(String value) {
    bytes.writeBytes(HEX.parseHex(value));
    return this;
  }

  Fields raw(byte[] value) {
    bytes.writeBytes(value);
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  String toHex() {
    return HEX.formatHex(toBytes());
  }

  /** Returns these fields, as the value of a statement. */
  String statement(String purpose, JsonNode network, String target, long... numbers) {
    Fields statement = new Fields();
    statement.raw(("bytchat/1/" + purpose + "\0").getBytes(StandardCharsets.US_ASCII));
    statement.hex(network).hex(target);
    for (long number : numbers) {
      statement.number(8, number);
    }
    return statement.raw(sha256(toBytes())).toHex();
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Verifies with the platform's own Ed25519. */
  static boolean verify(String publicKey, JsonNode statement, JsonNode signature) {
    return verifySpki("Ed25519", ED25519_PREFIX + publicKey, statement, signature);
  }

  /** Verifies with the platform. */
  static boolean verifySpki(String algorithm, String spki, JsonNode statement, JsonNode signature) {
    try {
      String type = algorithm.equals("Ed25519") ? "Ed25519" : "RSA";
      PublicKey key =
          KeyFactory.getInstance(type).generatePublic(new X509EncodedKeySpec(HEX.parseHex(spki)));
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(HEX.parseHex(statement.asText()));
      return verifier.verify(HEX.parseHex(signature.asText()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
