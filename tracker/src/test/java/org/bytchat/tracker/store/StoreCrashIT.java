package org.bytchat.tracker.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.tracker.mailbox.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that commits is killed at any moment: what it said was durable is there, whole. With
 * {@code -Dcrash.rounds=50} as often.
 */
class StoreCrashIT {

  private static final int ROUNDS = Integer.getInteger("crash.rounds", 10);
  private static final int LINES_MAX = 1_000;

  @TempDir Path folder;

  /**
   * Digests that were acknowledged, with the mailbox of each; those that may be deleted are not.
   */
  private final Map<String, Integer> durable = new LinkedHashMap<>();

  private final Set<String> deleting = new HashSet<>();

  @Test
  void killed_atAnyMoment_keepsWhatWasAcknowledged() throws Exception {
    Random random = Seeds.random(Long.getLong("seed", System.nanoTime()));
    for (int round = 0; round < ROUNDS; round++) {
      int before = durable.size();
      runAndKill(round, 1 + random.nextInt(LINES_MAX));
      assertThat(durable.size()).as("round %d did something", round).isGreaterThan(before);
      verify(round);
    }
    assertThat(SqliteStore.check(folder).problems()).isEmpty();
  }

  private void runAndKill(int round, int lines) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StoreCrashMain.class.getName(),
                folder.toString(),
                Integer.toString(round))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
      int seen = 0;
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        take(line);
        seen++;
        if (seen == lines) {
          // Not the process's own method, which closes its streams as well.
          process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** What the process printed counts to its last whole line, also after the kill. */
  private void take(String line) {
    String[] words = line.split(" ", -1);
    if (words.length == 3 && words[2].length() == 2 * Digest.BYTES) {
      if (words[0].equals("put")) {
        durable.put(words[2], Integer.valueOf(words[1]));
      } else {
        assertThat(words[0]).as(line).isEqualTo("deleting");
        deleting.add(words[2]);
      }
    } else {
      assertThat(line).doesNotStartWith("failed");
    }
  }

  private void verify(int round) throws StoreException {
    try (SqliteStore store = SqliteStore.open(folder, SqliteStore.Options.defaults())) {
      for (Map.Entry<String, Integer> one : durable.entrySet()) {
        NodeId mailbox = StoreFixtures.mailbox(one.getValue());
        Digest digest = Digest.of(HexFormat.of().parseHex(one.getKey()));
        byte[] envelope = store.envelopes(mailbox, List.of(digest)).get(0);
        if (envelope == null) {
          assertThat(deleting).as("lost, round %d", round).contains(one.getKey());
        } else {
          assertThat(envelope).hasSize(1_024);
        }
      }
      long held = store.stats().envelopes() + store.stats().tombstones();
      assertThat(held).isGreaterThanOrEqualTo(durable.size());
    }
  }
}
