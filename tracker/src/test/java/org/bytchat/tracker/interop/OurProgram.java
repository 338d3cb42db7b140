package org.bytchat.tracker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytchat.tracker.RunnableJar;

/** The runnable jar, as those use it who have no Java of their own. */
final class OurProgram {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 60;

  private OurProgram() {}

  /**
   * What a command that has ended said.
   *
   * @param exitCode its exit code
   * @param out its one line of JSON on standard output; of no value if it wrote nothing
   * @param err its standard error
   */
  record Ended(int exitCode, JsonNode out, String err) {}

  /** Runs a command to its end. */
  static Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = RunnableJar.command(arguments);
    Process process = new ProcessBuilder(command).start();
    // Both say less than a pipe holds.
    boolean hasEnded = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (!hasEnded) {
      process.toHandle().destroyForcibly();
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(hasEnded).as("%s ended; it said:%n%s%s", command, out, err).isTrue();
    return new Ended(process.exitValue(), JSON.readTree(out), err);
  }

  /** Starts a node of Mainline's dialect in a host; it is to be closed. */
  static PeerProgram start(NetworkNamespaces.Host host, String... bootstrap)
      throws IOException, InterruptedException {
    List<String> command = RunnableJar.command("run", "--dialect", "mainline");
    command.addAll(List.of("--bind", host.addresses().get(0)));
    for (String node : bootstrap) {
      command.addAll(List.of("--bootstrap", node));
    }
    return PeerProgram.start(host.command(command));
  }

  /** The next event of a kind that a node prints; others before it are passed over. */
  static JsonNode await(PeerProgram node, String event) throws IOException, InterruptedException {
    while (true) {
      JsonNode object = JSON.readTree(node.nextLine(LIMIT_SECONDS));
      if (object.path("event").asText().equals(event)) {
        return object;
      }
    }
  }
}
