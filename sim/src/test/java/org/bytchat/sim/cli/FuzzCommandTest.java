package org.bytchat.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytchat.sim.fuzz.Capsule;
import org.bytchat.sim.fuzz.Swarm;
import org.bytchat.sim.fuzz.Trial;
import org.bytchat.sim.run.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands fuzz and replay: what they print, and how they end. */
class FuzzCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void fuzz_printsALineForEachSeed() throws Exception {
    Captured captured = Captured.run("fuzz", "--seeds", "3..5", "--out", folder.toString());
    assertThat(captured.exitCode()).as(captured.err()).isZero();
    assertThat(captured.err()).isEmpty();
    List<String> lines = captured.out().lines().toList();
    assertThat(lines).hasSize(3);
    for (int i = 0; i < 3; i++) {
      JsonNode line = JSON.readTree(lines.get(i));
      assertThat(line.get("seed").asLong()).isEqualTo(3 + i);
      assertThat(line.get("finding").asText()).isEqualTo("none");
      assertThat(line.get("trace_hash").asText()).hasSize(16);
      assertThat(line.get("options").get("seed").asLong()).isEqualTo(3 + i);
    }
    assertThat(folder).isEmptyDirectory();
    assertThat(Captured.run("fuzz", "--seeds", "4").out().strip()).isEqualTo(lines.get(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5..3", "a..b", "", "1...3", "-1..2", "1..99999999999999999999"})
  void fuzz_seedsThatAreNone_isUsage(String seeds) {
    Captured captured = Captured.run("fuzz", "--seeds=" + seeds);
    assertThat(captured.exitCode()).isEqualTo(2);
    assertThat(captured.err()).contains("option '--seeds'").contains("'" + seeds + "'");
    assertThat(captured.out()).isEmpty();
  }

  @Test
  void fuzz_withoutSeeds_isUsage() {
    assertThat(Captured.run("fuzz").exitCode()).isEqualTo(2);
  }

  @Test
  void replay_ofWhatDoesNotFailAnyMore_exitsWithZero() throws Exception {
    Path file = capsule(RunResult.Finding.INVARIANT);
    Captured captured = Captured.run("replay", file.toString());
    assertThat(captured.exitCode()).as(captured.err()).isZero();
    JsonNode line = JSON.readTree(captured.out());
    assertThat(line.get("reproduced").asBoolean()).isFalse();
    assertThat(line.get("finding").asText()).isEqualTo("none");
    assertThat(captured.err()).contains("it does not fail any more");
    assertThat(captured.err()).contains("was written by old program, and this is bytchat-sim");
  }

  @Test
  void replay_otherFormat_isRefused() throws Exception {
    Path file = capsule(RunResult.Finding.LIVENESS);
    Files.writeString(file, Files.readString(file).replace("\"format\" : 1,", "\"format\" : 2,"));
    Captured captured = Captured.run("replay", file.toString());
    assertThat(captured.exitCode()).isEqualTo(5);
    assertThat(captured.err()).contains("format 2").contains("format 1").contains("old program");
    assertThat(captured.out()).isEmpty();
  }

  @Test
  void replay_noFile_isRefused() {
    Captured captured = Captured.run("replay", folder.resolve("nothing.json").toString());
    assertThat(captured.exitCode()).isEqualTo(5);
    assertThat(captured.err()).contains("nothing.json does not exist");
  }

  private Path capsule(RunResult.Finding finding) throws Exception {
    Trial trial = new Trial(finding, "it was so", "0123456789abcdef", 5, false);
    return Capsule.of("old program", Swarm.of(4).plan(), trial).write(folder, "");
  }
}
