package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.bytchat.tracker.Party;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.store.Change;
import org.bytchat.tracker.store.SqliteStore;
import org.bytchat.tracker.store.StoreException;
import org.bytchat.tracker.store.StoredMailbox;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on the mailboxes of a data folder, here with 30 envelopes. */
class MailboxCommandTest {

  private static final int ENVELOPES = 30;

  @TempDir private Path folder;

  private Path mailboxes;
  private Path database;

  @BeforeEach
  void fill() throws StoreException {
    mailboxes = folder.resolve("mailboxes");
    database = mailboxes.resolve("mailboxes.sqlite");
    Party party = new Party(1, 1, 1);
    List<Change> changes = new ArrayList<>();
    for (int i = 1; i <= ENVELOPES; i++) {
      Envelope envelope = party.envelope(1024, System.currentTimeMillis());
      byte[] bytes = envelope.bytes();
      StoredMailbox.Entry entry =
          new StoredMailbox.Entry(
              i, envelope.digest(), 1, envelope.expiresMillis(), bytes.length, null, 0);
      changes.add(new Change.PutEnvelope(party.mailbox(), entry, bytes, null));
    }
    try (SqliteStore store = SqliteStore.open(mailboxes, SqliteStore.Options.defaults())) {
      store.commit(changes);
    }
  }

  private Captured run(String... args) {
    List<String> all = new ArrayList<>(List.of("mailbox"));
    all.addAll(List.of(args));
    all.addAll(List.of("--data", folder.toString()));
    return Captured.run(all.toArray(new String[0]));
  }

  private static JsonNode json(Captured result) throws IOException {
    assertThat(result.out()).endsWith("\n").hasLineCount(1);
    return new ObjectMapper().readTree(result.out());
  }

  private String backupFile() {
    return folder.resolve("copy.sqlite").toString();
  }

  @Test
  void stats_countWhatIsKept() throws IOException {
    Captured result = run("stats");
    assertThat(result.exitCode()).as(result.err()).isZero();
    JsonNode stats = json(result);
    assertThat(stats.path("mailboxes").asInt()).isEqualTo(1);
    assertThat(stats.path("envelopes").asInt()).isEqualTo(ENVELOPES);
    assertThat(stats.path("envelope_bytes").asInt()).isEqualTo(ENVELOPES * 1024);
    assertThat(stats.path("tombstones").asInt(-1)).isZero();
    assertThat(stats.path("ack_batches").asInt(-1)).isZero();
    assertThat(stats.path("disk_bytes").asLong()).isGreaterThan(ENVELOPES * 1024);
    assertThat(result.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "check", "check --repair", "backup copy"})
  void noMailboxes_areNotFoundAndNotMade(String command) {
    Path other = folder.resolve("other");
    Captured result = Captured.run(("mailbox " + command + " --data " + other).split(" ", -1));
    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.err()).contains("there are no mailboxes in " + other);
    assertThat(result.out()).isEmpty();
    assertThat(other).doesNotExist();
    assertThat(Path.of("copy")).doesNotExist();
  }

  @Test
  void check_ofSoundMailboxes_isDone() throws IOException {
    Captured result = run("check");
    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(json(result).path("sound").asBoolean()).isTrue();
    assertThat(json(result).path("problem_count").asInt(-1)).isZero();
    assertThat(json(result).path("envelopes").asInt()).isEqualTo(ENVELOPES);
  }

  @Test
  void repair_ofSoundMailboxes_changesNothing() throws IOException {
    byte[] before = Files.readAllBytes(database);
    Captured result = run("check", "--repair");
    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(json(result).path("repaired").asBoolean(true)).isFalse();
    assertThat(json(result).path("damaged").isNull()).isTrue();
    assertThat(json(result).path("lost").path("envelopes").asInt(-1)).isZero();
    assertThat(Files.readAllBytes(database)).isEqualTo(before);
  }

  @Test
  void mailboxesThatAreNone_areDamagedUntilRepaired() throws IOException {
    Files.write(database, new byte[100_000]);
    Captured check = run("check");
    assertThat(check.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(json(check).path("sound").asBoolean(true)).isFalse();
    assertThat(json(check).path("problems").get(0).asText()).contains("mailboxes.sqlite");
    assertThat(check.err()).contains("mailbox check --repair --data " + folder);
    for (Captured other : List.of(run("stats"), run("backup", backupFile()))) {
      assertThat(other.exitCode()).isEqualTo(ExitCode.REFUSED);
      assertThat(other.err()).contains("mailboxes.sqlite", "check --repair");
    }
    assertThat(Path.of(backupFile())).doesNotExist();

    Captured repair = run("check", "--repair");
    assertThat(repair.exitCode()).as(repair.err()).isZero();
    assertThat(json(repair).path("repaired").asBoolean()).isTrue();
    assertThat(Path.of(json(repair).path("damaged").asText())).hasSize(100_000);
    assertThat(json(repair).path("lost").isNull()).isTrue();
    assertThat(json(repair).path("kept").path("envelopes").asInt(-1)).isZero();
    assertThat(run("check").exitCode()).isZero();
  }

  @Test
  void repair_ofMailboxesInUse_isRefused() throws StoreException {
    try (SqliteStore store = SqliteStore.open(mailboxes, SqliteStore.Options.defaults())) {
      Captured repair = run("check", "--repair");
      assertThat(repair.exitCode()).isEqualTo(ExitCode.REFUSED);
      assertThat(repair.err()).contains("in use by another node");
      assertThat(run("check").exitCode()).isZero();
      assertThat(store.stats().envelopes()).isEqualTo(ENVELOPES);
    }
  }

  @Test
  void backup_isAStoreOfItsOwnerAlone() throws Exception {
    Captured result = run("backup", backupFile());
    assertThat(result.exitCode()).as(result.err()).isZero();
    Path file = Path.of(backupFile());
    assertThat(json(result).path("file").asText()).isEqualTo(backupFile());
    assertThat(json(result).path("bytes").asLong()).isEqualTo(Files.size(file));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Path restored = Files.createDirectories(folder.resolve("restored"));
    Files.copy(file, restored.resolve("mailboxes.sqlite"));
    try (SqliteStore store = SqliteStore.open(restored, SqliteStore.Options.defaults())) {
      assertThat(store.stats().envelopes()).isEqualTo(ENVELOPES);
    }
    assertThat(SqliteStore.check(restored).isSound()).isTrue();
  }

  @Test
  void backup_ontoAFile_isRefused() throws IOException {
    Path file = Files.writeString(Path.of(backupFile()), "mine");
    Captured result = run("backup", file.toString());
    assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).contains(file + " exists");
    assertThat(file).hasContent("mine");
  }

  @Test
  void backup_intoAFolderThatIsNotThere_isRefused() {
    Path file = folder.resolve("none").resolve("copy");
    Captured result = run("backup", file.toString());
    assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).contains(file.toString()).doesNotContain("Exception:");
  }
}
