package org.bytchat.sim.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.sim.run.Plan;
import org.bytchat.sim.run.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A capsule holds a whole run, and nothing else is taken for one. */
class CapsuleTest {

  private static final Trial FOUND =
      new Trial(RunResult.Finding.LIVENESS, "why", "0123456789abcdef", 5, false);

  @TempDir private Path folder;

  static String text(Plan plan) {
    return CapsuleFile.text(Capsule.of("a program", plan, FOUND));
  }

  @Test
  void written_isReadAndRunsTheSame() throws Exception {
    for (long seed = 1; seed <= 12; seed++) {
      Plan plan = Swarm.of(seed).plan();
      Trial trial = Trial.run(plan, () -> true);
      Path file = Capsule.of("a program", plan, trial).write(folder, "");
      assertThat(file).hasFileName("capsule-" + seed + ".json");
      Capsule read = Capsule.read(file);
      assertThat(read.seed()).isEqualTo(seed);
      assertThat(read.program()).isEqualTo("a program");
      assertThat(read.trial()).isEqualTo(trial);
      assertThat(CapsuleFile.text(read)).isEqualTo(Files.readString(file));
      assertThat(Trial.run(read.plan(), () -> true)).isEqualTo(trial);
    }
  }

  @Test
  void otherFormat_isRefusedByName() throws Exception {
    Path file = written();
    Files.writeString(
        file,
        Files.readString(file)
            .replace("\"format\" : 1,", "\"format\" : 7,")
            .replace("a program", "bytchat-sim 9.9"));
    assertThatThrownBy(() -> Capsule.read(file))
        .isInstanceOf(CapsuleException.class)
        .hasMessage(
            file
                + " is a capsule of format 7, written by bytchat-sim 9.9;"
                + " this program reads format 1 only");
  }

  private Path written() throws IOException {
    return Capsule.of("a program", Swarm.of(1).plan(), FOUND).write(folder, "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"kind\" : \"GET\"|\"kind\" : \"NAP\"|is damaged",
        "\"node\" : |\"node\" : 99|is damaged",
        "\"timeMicros\" : |\"timeMicros\" : -|is damaged",
        "\"lives\" :|\"livers\" :|is damaged",
        "\"records\" : [|\"records\" : null, \"x\" : [|is damaged",
        "\"format\" : 1|\"format\" : \"1\"|is not a capsule",
        "\"swarm-1\"|\"\"|is damaged"
      })
  void changed_isRefusedWithAReason(String old, String instead, String reason) throws Exception {
    Path file = written();
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, instead));
    assertThatThrownBy(() -> Capsule.read(file))
        .isInstanceOf(CapsuleException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void missing_isRefusedByName() {
    Path file = folder.resolve("capsule-3.json");
    assertThatThrownBy(() -> Capsule.read(file))
        .isInstanceOf(CapsuleException.class)
        .hasMessage(file + " does not exist");
  }

  @Test
  void anyDamage_isACapsuleOrRefused() throws Exception {
    byte[] whole = Files.readAllBytes(written());
    Path file = folder.resolve("damaged.json");
    Random random = Seeds.random(1);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bytes = whole.clone();
      if (i % 3 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(32, 127);
      }
      Files.write(file, bytes);
      try {
        assertThat(Capsule.read(file).plan().lives()).isNotEmpty();
      } catch (CapsuleException e) {
        refused++;
        assertThat(e).hasMessageStartingWith(file.toString());
      }
    }
    assertThat(refused).isGreaterThan(100);
    Files.write(file, "not JSON".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Capsule.read(file)).isInstanceOf(CapsuleException.class);
  }
}
