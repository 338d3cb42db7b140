package org.bytchat.dht.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytchat.dht.codec.VectorFiles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: with the commands of the document alone, openssl and a shell find where a record belongs
 * and verify its signature. Skipped where there is no openssl 3.
 */
class RecordOpensslTest {

  private static final HexFormat HEX = HexFormat.of();

  @TempDir private Path folder;

  /**
   * What a script did.
   *
   * @param exit its exit code
   * @param printed what it printed
   */
  private record Ran(int exit, String printed) {}

  @BeforeAll
  static void needsOpenssl() throws IOException, InterruptedException {
    assumeTrue(
        version().startsWith("OpenSSL 3."), "skipped: the program openssl, version 3, is not here");
  }

  private static String version() throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder("openssl", "version").start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? output : "";
    } catch (IOException e) {
      return "";
    }
  }

  static Stream<Arguments> records() {
    return VectorFiles.read("record.json")
        .get("records")
        .valueStream()
        .map(entry -> Arguments.of(entry.get("name").asText(), entry));
  }

  private Ran run(String... commands) throws IOException, InterruptedException {
    StringBuilder script = new StringBuilder();
    for (String name : commands) {
      script.append(command(name)).append('\n');
    }
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder("sh", "-euc", script.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    String printed = Files.readString(output).strip();
    assertThat(ended).as("ended: " + printed).isTrue();
    return new Ran(process.exitValue(), printed);
  }

  /** Returns a fenced command of the document by its name. */
  private static String command(String name) throws IOException {
    String text = Files.readString(VectorFiles.folder().resolveSibling("protocol.md"));
    Matcher matcher = Pattern.compile("(?s)```sh " + name + "\n(.*?)```").matcher(text);
    assertThat(matcher.find()).as("a command named " + name).isTrue();
    return matcher.group(1).strip();
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }

  private String read(String name) throws IOException {
    return HEX.formatHex(Files.readAllBytes(folder.resolve(name)));
  }

  private Ran verify(JsonNode entry) throws IOException, InterruptedException {
    boolean rsa = entry.get("key").asText().startsWith("rsa");
    return run("record-parts", "record-frame", "statement", rsa ? "verify-rsa" : "verify-ed25519");
  }

  private static String good(JsonNode entry) {
    return entry.get("key").asText().startsWith("rsa")
        ? "Verified OK"
        : "Signature Verified Successfully";
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void document_commands_verifyARecord(String name, JsonNode entry)
      throws IOException, InterruptedException {
    write("record", HEX.parseHex(entry.get("rec").asText()));
    Ran ran = verify(entry);
    assertThat(ran).isEqualTo(new Ran(0, entry.get("place").asText() + "\n" + good(entry)));
    assertThat(read("value")).isEqualTo(entry.get("value").asText());
    assertThat(read("signature")).isEqualTo(entry.get("signature").asText());
    assertThat(read("statement")).isEqualTo(entry.get("statement").asText());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void document_commands_refuseWhatWasChanged(String name, JsonNode entry)
      throws IOException, InterruptedException {
    byte[] record = HEX.parseHex(entry.get("rec").asText());
    int label = record[2];
    // The version of the uid, the sequence, the times, and the end of the signature.
    int[] places = {1, 3 + label + 7, 3 + label + 15, 3 + label + 23, record.length - 1};
    for (int place : places) {
      byte[] changed = record.clone();
      changed[place] ^= (byte) (place == 1 ? 3 : 1);
      write("record", changed);
      Ran ran = verify(entry);
      assertThat(ran.exit).as("byte " + place).isNotZero();
      assertThat(ran.printed).as("byte " + place).doesNotContain(good(entry));
    }
  }

  /** From a key file to the place of the profile, which the record then comes to as well. */
  @Test
  void document_commands_leadFromAKeyFileToItsRecord() throws IOException, InterruptedException {
    int compared = 0;
    for (JsonNode key : VectorFiles.read("record.json").get("keys")) {
      write("user.pem", key.get("pem").asText().getBytes(StandardCharsets.US_ASCII));
      String uid = run("uid-version-1").printed;
      String place = run("place-meta-version-1").printed;
      for (JsonNode entry : VectorFiles.read("record.json").get("records")) {
        if (entry.get("key").equals(key.get("name")) && entry.get("uidVersion").asInt() == 1) {
          String expected = entry.get("label").asText().isEmpty() ? uid : place;
          write("record", HEX.parseHex(entry.get("rec").asText()));
          assertThat(entry.get("place").asText()).isEqualTo(expected);
          assertThat(run("record-parts", "record-frame")).isEqualTo(new Ran(0, expected));
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(4);
  }
}
