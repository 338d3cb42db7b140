package org.bytchat.tracker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.stream.IntStream;
import org.bytchat.dht.keyspace.Endpoint;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.tracker.device.DeviceStatements.Asker;
import org.bytchat.tracker.device.DeviceStatements.Scene;
import org.bytchat.tracker.values.TestDevice;
import org.junit.jupiter.api.Test;

/** Goal: whatever a stranger carries, a statement is made of it, and of it alone. */
class DeviceStatementsTest {

  private static final Scene SCENE = new Scene(7, NodeId.of(1, 1, 1), NodeId.of(2, 2, 2));
  private static final Endpoint ENDPOINT = Endpoint.ofIpv4(0xcb007107, 6881);

  @Test
  void find_allWaysToCutTheSameBytes_areDifferentStatements() {
    long different =
        IntStream.rangeClosed(0, 48)
            .mapToObj(cut -> new Asker(new byte[cut], new byte[48 - cut], ENDPOINT, 5))
            .map(asker -> HexFormat.of().formatHex(DeviceStatements.find(SCENE, asker)))
            .distinct()
            .count();
    assertThat(different).isEqualTo(49);
  }

  @Test
  void bind_hugeNonce_isAStatementOfTheUsualLength() {
    Asker asker = new Asker(new byte[16], new byte[80_000], ENDPOINT, 5);
    assertThat(DeviceStatements.bind(SCENE, asker, 1)).hasSize(10 + 4 + 1 + 80);
  }

  @Test
  void session_hashOfAnotherLength_isRefused() {
    DeviceId device = TestDevice.of(1).id();
    assertThatThrownBy(() -> DeviceStatements.session(SCENE, device, 1, new byte[31]))
        .hasMessageContaining("32 bytes, not 31");
  }

  @Test
  void asker_arraysChangedLater_keepsItsBytes() {
    byte[] subject = {1};
    byte[] nonce = {2};
    Asker asker = new Asker(subject, nonce, ENDPOINT, 5);
    subject[0]++;
    nonce[0]++;
    asker.subject()[0]++;
    asker.nonce()[0]++;
    assertThat(asker).isEqualTo(new Asker(new byte[] {1}, new byte[] {2}, ENDPOINT, 5));
    assertThat(asker).hasSameHashCodeAs(new Asker(new byte[] {1}, new byte[] {2}, ENDPOINT, 5));
    assertThat(asker).isNotEqualTo(new Asker(new byte[] {2}, new byte[] {1}, ENDPOINT, 5));
    assertThat(asker.toString()).isEqualTo("Asker[203.0.113.7:6881]");
  }
}
