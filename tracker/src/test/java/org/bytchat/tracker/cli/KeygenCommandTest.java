package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.bytchat.dht.identity.UserKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Makes keys in real files. */
class KeygenCommandTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"ed25519,2,byt21", "ed25519,1,byt11", "rsa2048,2,byt21", "rsa3072,1,byt11"})
  void keygen_eachTypeAndVersion_printsTheUidOfTheKeyInTheFile(
      String type, int version, String prefix) throws IOException {
    Path file = folder.resolve("user.pem");
    Captured result =
        Captured.run(
            "keygen", "--out", file.toString(), "--type", type, "--uid-version", "" + version);
    assertThat(result.exitCode()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    UserKey key = UserKey.parsePem(Files.readAllBytes(file), null);
    assertThat(json.path("uid").asText())
        .startsWith(prefix)
        .isEqualTo(key.publicKey().uid(version).toString());
    assertThat(json.path("type").asText()).isEqualTo(type).isEqualTo(key.publicKey().type());
  }

  @Test
  void keygen_newFile_onlyItsOwnerMayReadIt() throws IOException {
    assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"));
    Path file = folder.resolve("user.pem");
    assertThat(Captured.run("keygen", "--out", file.toString()).exitCode()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void keygen_fileExists_isRefusedAndTheFileKept() throws IOException {
    Path file = Files.writeString(folder.resolve("user.pem"), "precious");
    Captured result = Captured.run("keygen", "--out", file.toString());
    assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).contains("--out", file.toString(), "not overwritten");
    assertThat(result.out()).isEmpty();
    assertThat(file).hasContent("precious");
  }

  @Test
  void keygen_folderMissing_isRefused() {
    Path file = folder.resolve("missing").resolve("user.pem");
    Captured result = Captured.run("keygen", "--out", file.toString());
    assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).contains("--out", "does not exist");
  }

  @ParameterizedTest
  @CsvSource({"--type,dsa", "--type,rsa1024", "--uid-version,3", "--uid-version,x"})
  void keygen_badOption_isAUsageErrorThatNamesItAndMakesNoFile(String option, String value) {
    Path file = folder.resolve("user.pem");
    Captured result = Captured.run("keygen", "--out", file.toString(), option, value);
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains(option, value);
    assertThat(file).doesNotExist();
  }

  @Test
  void keygen_withoutFile_isAUsageError() {
    Captured result = Captured.run("keygen");
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--out");
  }
}
