package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.mailbox.Receipt;

/** A user whose mail lies at a node while something happens there that is none of its business. */
final class Bystander implements AutoCloseable {

  private static final int ENVELOPES = 5;

  private final TrackerUser user = new TrackerUser();
  private final Map<Envelope, Receipt> mail = new LinkedHashMap<>();

  /** Deposits at the node that printed such a line. */
  Bystander(JsonNode ready) throws Exception {
    try (TrackerConnection connection = user.register(ready)) {
      for (int i = 0; i < ENVELOPES; i++) {
        Envelope envelope = user.envelope();
        mail.put(envelope, user.deposit(connection, envelope));
      }
    }
  }

  /** The node, perhaps after a restart, has the same bytes and stands by its receipts. */
  void assertMailIsUntouched(JsonNode ready) throws Exception {
    try (TrackerConnection device = user.open(ready, 1)) {
      assertThat(TrackerUser.fetch(device))
          .as("the mail of a bystander")
          .containsExactlyElementsOf(mail.keySet().stream().map(Envelope::bytes).toList());
      for (Map.Entry<Envelope, Receipt> one : mail.entrySet()) {
        assertThat(user.deposit(device, one.getKey())).isEqualTo(one.getValue());
      }
    }
  }

  @Override
  public void close() {
    user.close();
  }
}
