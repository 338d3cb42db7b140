package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytchat.tracker.MailUsers;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.Sending;
import org.bytchat.tracker.client.TrackerConnection;
import org.bytchat.tracker.mailbox.Digest;
import org.bytchat.tracker.mailbox.Receipt;
import org.bytchat.tracker.message.Request;
import org.bytchat.tracker.message.Response;
import org.bytchat.tracker.quorum.Parcel;
import org.bytchat.tracker.quorum.QuorumConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Five nodes that are killed one after the other or at once, and others that take their place: what
 * was deposited is fetched.
 */
class TrackerReplacementIT {

  private static final int TRACKERS = 5;
  private static final int PARCELS = 3;
  private static final long LIMIT_SECONDS = 60;

  /** A day in seconds: trackers compare, and tables lose who is gone, as often as they can. */
  private static final String CONFIG =
      """
      mailbox: {repair: {interval: 1s}}
      routing: {staleAfter: 2s, pingInterval: 200ms}
      """;

  @TempDir private static Path folder;

  private static final NodeCluster cluster = new NodeCluster();
  private static int startedCount;

  @TempDir private Path clients;

  private Users users;

  /** Users of the nodes that are there. */
  private static final class Users extends MailUsers {

    Users(Path folder) {
      super("bytchat", folder);
    }

    @Override
    protected String bootstrap() {
      return cluster.members().get(0).udp();
    }

    /** As soon as trackers are others, a sender is to know. */
    MailClient openSender() throws Exception {
      QuorumConfig.OutboxTimes times = config().outboxTimes();
      return openAsIs(
          sender(node(), new Application())
              .withConfig(
                  config()
                      .withOutboxTimes(
                          new QuorumConfig.OutboxTimes(
                              Duration.ofSeconds(2),
                              times.retryMin(),
                              times.retryMax(),
                              times.proveMin(),
                              times.proveMax(),
                              times.clockTolerance()))));
    }

    MailClient openDevice(int device, Application application) throws Exception {
      return open(device(node(), device, application));
    }
  }

  /** Starts as many nodes as are gone. */
  @BeforeEach
  void fillUp() throws Exception {
    while (cluster.members().size() < TRACKERS) {
      startNode();
    }
    cluster.awaitContacts();
    users = new Users(clients);
  }

  private static NodeCluster.Member startNode() throws Exception {
    Path config = Files.writeString(folder.resolve("node.yaml"), CONFIG);
    Path data = folder.resolve("data-" + startedCount++);
    return cluster.start("--data", data.toString(), "--config", config.toString());
  }

  @AfterEach
  void close() {
    users.close();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** Sends, and waits until all five have it. */
  private Parcel sendToAll(MailClient sender) throws Exception {
    Parcel parcel = users.parcel();
    sender.send(parcel).deposited().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    awaitReceipts(sender, TRACKERS);
    return parcel;
  }

  /** Waits until the parcel sent last has so many receipts. */
  private static void awaitReceipts(MailClient sender, int count) {
    await()
        .atMost(MailUsers.LONG)
        .untilAsserted(
            () -> {
              var standings = sender.standings().get(LIMIT_SECONDS, TimeUnit.SECONDS);
              assertThat(standings).isNotEmpty();
              assertThat(standings.get(standings.size() - 1).receipts()).hasSize(count);
            });
  }

  /** The owner's phone brings the device list and the delivery keys, and takes no mail. */
  private void register() throws Exception {
    MailUsers.Application unready = new MailUsers.Application();
    unready.isReady = false;
    MailClient phone = users.openDevice(0, unready);
    MailUsers.awaitOpen(phone, TRACKERS);
    phone.close();
  }

  @Test
  void mail_threeOfFiveTrackersKilled_isFetchedAndDepositedWithTheRest() throws Exception {
    register();
    MailClient sender = users.openSender();
    Parcel before = sendToAll(sender);
    cluster.members().stream()
        .sorted(Comparator.comparing(NodeCluster.Member::id, users.bob.mailbox()::compareDistance))
        .limit(3)
        .forEach(TrackerReplacementIT::kill);

    // The owner's other device was never here, and joins by who is left.
    MailUsers.Application application = new MailUsers.Application();
    MailClient laptop = users.openDevice(1, application);
    MailUsers.awaitReceived(application, before.digest());
    Parcel after = users.parcel();
    Sending sending = sender.send(after);
    MailUsers.awaitReceived(application, after.digest());
    sending.delivered().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    laptop.close();

    // With nobody to acknowledge it, two receipts are not enough, and said to be so.
    Parcel last = users.parcel();
    Sending waiting = sender.send(last);
    awaitReceipts(sender, 2);
    assertThat(waiting.deposited()).isNotDone();
    startNode();
    List<Receipt> receipts = waiting.deposited().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(receipts.stream().map(Receipt::tracker).distinct()).hasSize(3);
    MailUsers.Application again = new MailUsers.Application();
    users.openDevice(1, again);
    MailUsers.awaitReceived(again, last.digest());
    assertThat(application.received.values()).containsOnly(1);
    assertThat(again.received).containsOnlyKeys(last.digest());
  }

  private static void kill(NodeCluster.Member member) {
    try {
      cluster.kill(member);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void mail_allTrackersReplacedOneByOne_isFetchedFromTheLast() throws Exception {
    register();
    MailClient sender = users.openSender();
    List<Digest> sent = new ArrayList<>();
    for (int i = 0; i < PARCELS; i++) {
      sent.add(sendToAll(sender).digest());
    }
    // What comes to newcomers is the trackers' doing.
    sender.close();
    List<NodeCluster.Member> originals = cluster.members();
    try (TrackerUser asker = new TrackerUser(users.bob)) {
      for (NodeCluster.Member original : originals) {
        cluster.kill(original);
        NodeCluster.Member newcomer = startNode();
        cluster.awaitContacts();
        awaitHeld(asker, newcomer, sent);
      }
    }
    assertThat(cluster.members()).hasSize(TRACKERS).doesNotContainAnyElementsOf(originals);
    MailUsers.Application application = new MailUsers.Application();
    users.openDevice(1, application);
    for (Digest digest : sent) {
      MailUsers.awaitReceived(application, digest);
    }
    assertThat(application.received).containsOnlyKeys(sent);
    assertThat(application.received.values()).containsOnly(1);
  }

  private void awaitHeld(TrackerUser asker, NodeCluster.Member member, List<Digest> digests)
      throws Exception {
    try (TrackerConnection connection = asker.connect(member.ready())) {
      for (Digest digest : digests) {
        await()
            .atMost(MailUsers.LONG)
            .until(
                () ->
                    TrackerUser.ask(connection, new Request.Prove(users.bob.mailbox(), digest))
                            instanceof Response.Custody custody
                        && custody.deposit() != null
                        && custody.deletion() == null);
      }
    }
  }
}
