package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytchat.dht.identity.UserKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code meta set} refuses before it opens a socket, and how it reads keys. */
class MetaSetInputTest {

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** The next thing after all input was taken. */
  private static final String TAKEN = "nosuchhost.invalid:1 cannot be resolved";

  @TempDir private Path folder;
  private Path keyFile = Path.of("");

  @BeforeEach
  void makeKey() throws IOException {
    keyFile = folder.resolve("user.pem");
    Files.write(keyFile, UserKey.generateEd25519(new SecureRandom()).toPem());
  }

  private Captured set(String name, String... more) {
    List<String> args = new ArrayList<>(List.of("meta", "set", "--key", keyFile.toString()));
    args.addAll(List.of("--name", name, "--bootstrap", "nosuchhost.invalid:1"));
    args.addAll(List.of(more));
    return Captured.run(args.toArray(new String[0]));
  }

  private static void assertRefused(Captured result, String... messages) {
    assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).contains(messages).doesNotContain("Exception");
    assertThat(result.out()).isEmpty();
  }

  private static void assertTaken(Captured result) {
    assertThat(result.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
    assertThat(result.err()).contains(TAKEN);
  }

  @Test
  void name_empty_isRefused() {
    assertRefused(set(""), "'--name'", "1 to 64 bytes of UTF-8, not 0");
  }

  @ParameterizedTest
  @CsvSource({"65,n", "33,ä"})
  void name_tooLong_isRefused(int count, String letter) {
    assertRefused(set(letter.repeat(count)), "'--name'", "1 to 64 bytes of UTF-8");
  }

  @Test
  void name_longest_isTaken() {
    assertTaken(set("ä".repeat(32)));
  }

  @Test
  void name_thatTheLocaleCannotExpress_isRefused() {
    assertRefused(set("\uFFFD\uFFFD"), "'--name'", "LC_ALL=C.UTF-8");
  }

  @ParameterizedTest
  @CsvSource({"0,is empty", "65537,at most 65536 bytes"})
  void avatar_ofAWrongLength_isRefused(int length, String message) throws IOException {
    Path picture = Files.write(folder.resolve("picture"), new byte[length]);
    assertRefused(set("Ada", "--avatar", picture.toString()), "'--avatar'", "" + picture, message);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 65_536})
  void avatar_shortestAndLongest_isTaken(int length) throws IOException {
    Path picture = Files.write(folder.resolve("picture"), new byte[length]);
    assertTaken(set("Ada", "--avatar", picture.toString()));
  }

  @Test
  void avatar_thatCannotBeRead_isRefused() {
    Path missing = folder.resolve("missing");
    assertRefused(set("Ada", "--avatar", missing.toString()), "'--avatar'", "does not exist");
    assertRefused(set("Ada", "--avatar", folder.toString()), "'--avatar'", "cannot be read");
    Path below = keyFile.resolve("below");
    assertRefused(
        set("Ada", "--avatar", below.toString()), below + " cannot be read: Not a directory");
  }

  /** Exceptions of the platform have a path in place of a reason, or both. */
  @Test
  void reasonOf_platformException_isAReason() {
    assertThat(CommandFailure.reasonOf(new AccessDeniedException("a")))
        .isEqualTo("permission denied");
    assertThat(CommandFailure.reasonOf(new NoSuchFileException("a"))).isEqualTo("no such file");
    assertThat(CommandFailure.reasonOf(new FileSystemException("a", null, "why"))).isEqualTo("why");
    assertThat(CommandFailure.reasonOf(new NotDirectoryException("a")))
        .isEqualTo("NotDirectoryException");
    assertThat(CommandFailure.reasonOf(new IOException("why"))).isEqualTo("why");
  }

  @ParameterizedTest
  @CsvSource({
    "'',no PEM block",
    "hello,no PEM block",
    "-----BEGIN CERTIFICATE-----,not a PKCS#8 private key"
  })
  void key_other_isRefused(String content, String message) throws IOException {
    Files.writeString(keyFile, content);
    assertRefused(set("Ada"), "'--key'", keyFile.toString(), message);
  }

  @Test
  void key_tooLong_isRefused() throws IOException {
    Files.writeString(keyFile, "a line\n".repeat(10_000));
    assertRefused(set("Ada"), "'--key'", "more than 16384 bytes");
  }

  @Test
  void key_thatCannotBeRead_isRefused() throws IOException {
    Files.delete(keyFile);
    assertRefused(set("Ada"), "'--key'", "does not exist");
    Files.createDirectory(keyFile);
    assertRefused(set("Ada"), "'--key'", "cannot be read");
  }

  @Test
  void key_encryptedAndNoPassphrase_saysHowToGiveIt() throws IOException {
    assumeTrue(System.getenv(KeyFile.PASSPHRASE_VARIABLE) == null && !Progress.isTerminal());
    encryptKey("sésame");
    assertRefused(set("Ada"), "is encrypted", "--passphrase-fd", "BYTCHAT_PASSPHRASE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sésame", "sésame\n", "sésame\r\nsecond line\n"})
  void key_encrypted_isReadWithThePassphraseOfADescriptor(String content) throws IOException {
    encryptKey("sésame");
    Path file = Files.writeString(folder.resolve("passphrase"), content);
    assertTaken(setWithDescriptorOf(file));
  }

  @Test
  void key_encryptedAndWrongPassphrase_isRefused() throws IOException {
    encryptKey("sésame");
    Path wrong = Files.writeString(folder.resolve("passphrase"), "sesame\n");
    assertRefused(setWithDescriptorOf(wrong), "'--key'", "passphrase");
    Path noText = Files.write(folder.resolve("noText"), new byte[] {(byte) 0xff});
    assertRefused(setWithDescriptorOf(noText), "'--passphrase-fd'", "UTF-8");
    Path longer = Files.writeString(folder.resolve("longer"), "x".repeat(1_025));
    assertRefused(setWithDescriptorOf(longer), "'--passphrase-fd'", "at most 1024 bytes");
    assertRefused(set("Ada", "--passphrase-fd", "65535"), "'--passphrase-fd'", "cannot be read");
  }

  private void encryptKey(String passphrase) throws IOException {
    UserKey key = UserKey.parsePem(Files.readAllBytes(keyFile), null);
    Files.write(keyFile, key.toEncryptedPem(passphrase.toCharArray(), new SecureRandom()));
  }

  /** Opens a file, and gives the command its number. */
  private Captured setWithDescriptorOf(Path file) throws IOException {
    assumeTrue(Files.isDirectory(DESCRIPTORS));
    try (FileInputStream open = new FileInputStream(file.toFile())) {
      assertThat(open.available()).isPositive();
      return set("Ada", "--passphrase-fd", descriptorOf(file));
    }
  }

  private static String descriptorOf(Path file) throws IOException {
    try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
      return descriptors
          .filter(descriptor -> isLinkTo(descriptor, file))
          .map(descriptor -> descriptor.getFileName().toString())
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean isLinkTo(Path descriptor, Path file) {
    try {
      return Files.readSymbolicLink(descriptor).equals(file.toRealPath());
    } catch (IOException e) {
      // The one that listed the folder is gone.
      return false;
    }
  }
}
