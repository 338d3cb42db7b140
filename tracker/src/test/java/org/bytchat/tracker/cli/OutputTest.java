package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.bytchat.dht.DhtEvent;
import org.junit.jupiter.api.Test;

class OutputTest {

  @Test
  void json_toAClosedPipe_isLostQuietly() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    PrintStream stream = new PrintStream(broken, false, StandardCharsets.UTF_8);
    Output output = new Output(stream, stream);
    assertThat(output.isOpen()).isTrue();
    output.json(Map.of("event", "ready"));
    assertThat(output.isOpen()).isFalse();
  }

  /** A name may hold what a terminal obeys, and what turns the direction of the text round. */
  @Test
  void json_controlCharactersOfStrangers_areEscaped() throws IOException {
    String name = "A\u001b[2J\u007f\u009b2J\u202eB\u2028\u00e4\u2713 $1\\";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    new Output(stream, stream).json(Map.of("name", name));
    String line = bytes.toString(StandardCharsets.UTF_8);
    assertThat(line)
        .contains("\\u007f\\u009b2J\\u202eB\\u2028\u00e4\u2713")
        .doesNotContainPattern("[\\p{Cc}&&[^\n]]|[\u2028\u202e]");
    assertThat(new ObjectMapper().readTree(line).path("name").asText()).isEqualTo(name);
  }

  @Test
  void millis_toTheMicrosecond() {
    assertThat(Output.millis(Duration.ofNanos(1_234_567))).isEqualTo(1.235);
  }

  @Test
  void text_ofIpv6_isShort() {
    assertThat(Output.text(new InetSocketAddress("2001:db8:0:0::1", 7)))
        .isEqualTo("[2001:db8::1]:7");
    assertThat(Output.text(new InetSocketAddress("192.0.2.1", 7))).isEqualTo("192.0.2.1:7");
  }

  @Test
  void events_areDescribed() {
    assertThat(NodeRun.describe(new DhtEvent.Joined(3)))
        .containsEntry("event", "joined")
        .containsEntry("contacts", 3);
    assertThat(NodeRun.describe(new DhtEvent.OutageBegan())).containsEntry("event", "outage_began");
    assertThat(NodeRun.describe(new DhtEvent.OutageEnded())).containsEntry("event", "outage_ended");
    assertThat(NodeRun.describe(new DhtEvent.ReachabilityChanged(true)))
        .containsEntry("event", "reachability")
        .containsEntry("reachable", true);
    assertThat(
            NodeRun.describe(new DhtEvent.ExternalAddress(new InetSocketAddress("192.0.2.1", 7))))
        .containsEntry("event", "external_address")
        .containsEntry("udp", "192.0.2.1:7");
  }
}
