package org.bytchat.dht.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.dht.codec.VectorFiles;
import org.bytchat.dht.keyspace.Keys;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: openssl reads what we write, we read what it writes, and the commands of the document do
 * what it says. Skipped where there is no openssl 3.
 */
class OpensslTest {

  private static final String DOCUMENT = "protocol.md";
  private static final String PASSPHRASE = "correct hörse";
  private static final byte[] VALUE = "Ada Lovelace".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

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

  /** Runs a script in the folder and returns what it prints; it must end well. */
  private String run(String script) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder("sh", "-ec", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    String printed = Files.readString(output);
    assertThat(ended).as("ended: " + script).isTrue();
    assertThat(process.exitValue()).as(script + "\n" + printed).isZero();
    return printed;
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }

  private byte[] read(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "rsa2048", "rsa3072"})
  void openssl_readsOurFiles(String name) throws IOException, InterruptedException {
    UserKey key = TestKeys.key(name);
    write("plain.pem", key.toPem());
    write("encrypted.pem", key.toEncryptedPem(PASSPHRASE.toCharArray(), new SecureRandom()));
    write("passphrase", PASSPHRASE.getBytes(StandardCharsets.UTF_8));
    run(
        """
        openssl pkey -in plain.pem -noout -check
        openssl pkey -in plain.pem -pubout -outform DER -out public.der
        openssl pkey -in plain.pem -out plain-again.pem
        openssl pkey -in encrypted.pem -passin file:passphrase -out decrypted.pem
        """);
    assertThat(read("public.der")).isEqualTo(key.publicKey().encoded());
    assertThat(read("plain-again.pem")).isEqualTo(key.toPem());
    assertThat(read("decrypted.pem")).isEqualTo(key.toPem());
  }

  @ParameterizedTest
  @CsvSource({
    "-algorithm ed25519, ed25519",
    "-algorithm RSA -pkeyopt rsa_keygen_bits:2048, rsa2048",
    "-algorithm RSA -pkeyopt rsa_keygen_bits:3072, rsa3072",
  })
  void we_readOpensslsFiles(String algorithm, String type)
      throws IOException, InterruptedException {
    write("passphrase", PASSPHRASE.getBytes(StandardCharsets.UTF_8));
    run(
        """
        openssl genpkey %s -out plain.pem 2>/dev/null
        openssl pkcs8 -topk8 -nocrypt -in plain.pem -outform DER -out plain.der
        openssl pkey -in plain.pem -pubout -outform DER -out public.der
        openssl pkey -in plain.pem -aes256 -passout file:passphrase -out pkey.pem
        openssl pkey -in plain.pem -aes192 -passout file:passphrase -out pkey192.pem
        topk8() { openssl pkcs8 -topk8 -in plain.pem -passout file:passphrase "$@"; }
        topk8 -out topk8.pem
        topk8 -v2 aes-128-cbc -out aes128.pem
        topk8 -v2 aes-256-cbc -v2prf hmacWithSHA1 -iter 100000 -out sha1.pem
        topk8 -v2 aes-128-cbc -v2prf hmacWithSHA512 -iter 1 -out sha512.pem
        """
            .formatted(algorithm));
    UserKey key = UserKey.parsePem(read("plain.pem"), null);
    assertThat(key.encoded()).isEqualTo(read("plain.der"));
    assertThat(key.publicKey()).isEqualTo(UserPublicKey.parse(read("public.der")));
    assertThat(key.publicKey().type()).isEqualTo(type);
    for (String file : List.of("pkey", "pkey192", "topk8", "aes128", "sha1", "sha512")) {
      byte[] text = read(file + ".pem");
      assertThat(UserKey.isEncryptedPem(text)).as(file).isTrue();
      UserKey decrypted = UserKey.parsePem(text, PASSPHRASE.toCharArray());
      assertThat(decrypted.encoded()).as(file).isEqualTo(read("plain.der"));
    }
  }

  /** What {@code genpkey} encrypts by itself, and what openssl signs. */
  @Test
  void we_readAndVerifyWhatOpensslMakesOfOneCommand() throws IOException, InterruptedException {
    write("passphrase", PASSPHRASE.getBytes(StandardCharsets.UTF_8));
    run("openssl genpkey -algorithm ed25519 -aes256 -pass file:passphrase -out key.pem");
    UserKey key = UserKey.parsePem(read("key.pem"), PASSPHRASE.toCharArray());
    byte[] statement = TestKeys.statement(key, VALUE);
    write("statement", statement);
    run(
        "openssl pkeyutl -sign -inkey key.pem -passin file:passphrase -rawin -in statement"
            + " -out signature");
    assertThat(key.publicKey().verify(statement, read("signature"))).isTrue();
    assertThat(key.sign(statement)).isEqualTo(read("signature"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "rsa2048", "rsa3072"})
  void document_uidCommands_printTheUids(String name) throws IOException, InterruptedException {
    UserPublicKey key = TestKeys.key(name).publicKey();
    write("user.pem", TestKeys.file(name));
    assertThat(run(command("uid-version-1")).strip()).isEqualTo(hex(key.uid(1).bytes()));
    assertThat(run(command("uid-version-2")).strip()).isEqualTo(hex(key.uid(2).bytes()));
    assertThat(run(command("place-meta-version-1")).strip())
        .isEqualTo(key.uid(1).place("meta").toString());
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519, verify-ed25519, Signature Verified Successfully",
    "rsa2048, verify-rsa, Verified OK",
    "rsa3072, verify-rsa, Verified OK",
  })
  void document_verifyCommands_takeOurSignatureOnly(String name, String command, String message)
      throws IOException, InterruptedException {
    UserKey key = TestKeys.key(name);
    SignedBytes.Frame frame =
        new SignedBytes.Frame(
            Keys.networkId("bytchat"),
            key.publicKey().uid(1).place("meta"),
            7,
            1_800_000_000_000L,
            1_800_604_800_000L);
    byte[] statement = SignedBytes.of("record", frame, VALUE);
    ByteBuffer fields = ByteBuffer.allocate(48);
    fields.putInt(frame.networkId()).put(frame.target().toBytes()).putLong(frame.sequence());
    fields.putLong(frame.issuedMillis()).putLong(frame.expiresMillis());
    write("key.der", key.publicKey().encoded());
    write("frame", fields.array());
    write("value", VALUE);
    byte[] signature = key.sign(statement);
    write("signature", signature);
    run(command("statement"));
    assertThat(read("statement")).isEqualTo(statement);
    assertThat(run(command(command)).strip()).isEqualTo(message);
    byte[] forged = signature.clone();
    forged[5] ^= 1;
    write("signature", forged);
    assertThat(run(command(command) + " || true")).doesNotContain(message);
    write("signature", signature);
    assertThat(run(command(command))).contains(message);
  }

  /** Returns a fenced command of the document by its name. */
  private static String command(String name) throws IOException {
    String text = Files.readString(VectorFiles.folder().resolveSibling(DOCUMENT));
    Matcher matcher = Pattern.compile("(?s)```sh " + name + "\n(.*?)```").matcher(text);
    assertThat(matcher.find()).as("a command named " + name).isTrue();
    return matcher.group(1).strip();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
