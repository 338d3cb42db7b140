package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.DhtNodeBuilder;
import org.bytchat.dht.DhtService;
import org.bytchat.dht.Published;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.engine.PutResult;
import org.bytchat.dht.identity.NodeIdentity;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.keyspace.Keys;
import org.bytchat.dht.keyspace.NodeId;
import org.bytchat.dht.runtime.DhtRuntime;
import org.bytchat.dht.store.Blob;
import org.bytchat.dht.wire.Services;
import org.bytchat.tracker.client.DeliverySigner;
import org.bytchat.tracker.client.MailClient;
import org.bytchat.tracker.client.MailListener;
import org.bytchat.tracker.client.Sending;
import org.bytchat.tracker.device.Device;
import org.bytchat.tracker.device.DeviceList;
import org.bytchat.tracker.device.Owner;
import org.bytchat.tracker.mailbox.Envelope;
import org.bytchat.tracker.quorum.Parcel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documents' Java is the code of {@link Examples}, and that code works. */
class ExamplesTest {

  private static final Pattern REGION =
      Pattern.compile("( *)// example: (\\w+)\\n(.*?)\\n *// end\\n", Pattern.DOTALL);
  private static final Pattern FENCE =
      Pattern.compile("<!-- example: (\\w+) -->\\n```java\\n(.*?)\\n```", Pattern.DOTALL);
  private static final String SOURCE = "docs/src/test/java/org/bytchat/docs/Examples.java";

  private static final RepositoryTree TREE = RepositoryTree.find();
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @Test
  void documents_showTheCompiledExamples() {
    Map<String, String> compiled = compiled();
    Map<String, String> shown = new TreeMap<>();
    TREE.files(".md")
        .forEach(
            file -> {
              Matcher matcher = FENCE.matcher(TREE.read(file));
              while (matcher.find()) {
                assertThat(matcher.group(2))
                    .as("%s shows example %s", file, matcher.group(1))
                    .isEqualTo(compiled.get(matcher.group(1)));
                shown.put(matcher.group(1), file);
              }
            });
    assertThat(shown.keySet()).isEqualTo(new TreeSet<>(compiled.keySet()));
  }

  @Test
  void documents_showNoOtherJava() {
    TREE.files(".md")
        .forEach(
            file -> {
              String text = TREE.read(file);
              long examples = FENCE.matcher(text).results().count();
              assertThat(text.split("```java\n", -1)).as(file).hasSize((int) examples + 1);
            });
  }

  private static Map<String, String> compiled() {
    Map<String, String> compiled = new TreeMap<>();
    Matcher matcher = REGION.matcher(TREE.read(SOURCE));
    while (matcher.find()) {
      String code = matcher.group(3).replaceAll("(?m)^" + matcher.group(1), "");
      compiled.put(matcher.group(2), code);
    }
    assertThat(compiled).isNotEmpty();
    return compiled;
  }

  @Test
  void examples_onLoopback_doWhatTheySay() throws Exception {
    List<String> log = new CopyOnWriteArrayList<>();
    DhtConfig config = DhtConfig.defaults().withNetwork("example");
    try (DhtNode first = DhtNode.builder().bind(ANY_PORT).config(config).build().start();
        DhtNode second =
            Examples.events(ANY_PORT, textOf(first.localAddresses().get(0)), log).start()) {
      assertThat(Examples.ping(second, first.localAddresses().get(0))).isPositive();
      await().atMost(Duration.ofSeconds(30)).until(() -> log.contains("joined with 1"));
      assertThat(Examples.failures(second, NodeId.ZERO).get()).startsWith("1 nodes in ");
      assertThat(second.lookup(NodeId.ZERO).get().closest()).hasSize(1);
    }
  }

  @Test
  void serviceExamples_onThreeNodes_doWhatTheySay() throws Exception {
    Map<NodeId, byte[]> notes = new ConcurrentHashMap<>();
    NodeId place = NodeId.parse("0123456789".repeat(4));
    try (DhtNode first = DhtNode.builder().bind(ANY_PORT).build().start();
        DhtNode tracker =
            Examples.offering(ANY_PORT, textOf(first.localAddresses().get(0)), notes).start();
        DhtNode asker =
            DhtNode.builder()
                .bind(ANY_PORT)
                .bootstrap(textOf(first.localAddresses().get(0)))
                .build()
                .start()) {
      tracker.joined().get();
      asker.joined().get();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> asker.lookup(place, Services.TRACKER).get().closest().size() == 1);
      assertThat(Examples.asking(asker, place, new byte[] {1, 2})).containsExactly(1, 2);
      assertThat(notes).containsOnlyKeys(place);
    }
  }

  @Test
  void trackerExample_besideANode_makesMailboxes(@TempDir Path folder) throws Exception {
    DhtService none =
        query -> CompletableFuture.completedFuture(new DhtService.Refused(204, "not offered"));
    assertThat(Examples.tracker(ANY_PORT, folder, none).mailboxes()).isZero();
    assertThat(folder.resolve("mailboxes").resolve("mailboxes.sqlite")).isNotEmptyFile();
  }

  @Test
  void mailExample_withoutTrackers_queuesAndKeepsTheParcel(@TempDir Path folder) throws Exception {
    UserKey key = UserKey.generateEd25519(new SecureRandom());
    long now = System.currentTimeMillis();
    Envelope envelope =
        Envelope.of(
            new Owner(Uid.DEFAULT_VERSION, key.publicKey()).mailbox(),
            now,
            now + Duration.ofDays(4).toMillis(),
            new byte[Envelope.BYTES_MIN - Envelope.HEADER_BYTES]);
    MailListener app = received -> CompletableFuture.completedFuture(true);
    Path file = folder.resolve("mail.db");
    try (DhtNode node = DhtNode.builder().bind(ANY_PORT).build().start()) {
      Sending sending =
          Examples.mail(node, file, new Parcel(envelope, null), DeliverySigner.NONE, app);
      assertThat(sending.queued()).isCompleted();
      assertThat(sending.delivered()).isCompletedExceptionally();
      NodeIdentity phone = NodeIdentity.generate(new SecureRandom());
      Device listed = new Device(phone.publicKey(), new byte[Device.KEY_BYTES], 1);
      int network = Keys.networkId(DhtConfig.DEFAULT_NETWORK);
      DeviceList list =
          DeviceList.sign(
              new DeviceList.Content(
                  1, new byte[DeviceList.HASH_BYTES], now, List.of(listed), List.of()),
              key,
              Uid.DEFAULT_VERSION,
              network);
      MailClient.Account account =
          new MailClient.Account(
              new Owner(Uid.DEFAULT_VERSION, key.publicKey()),
              listed.id(),
              list,
              null,
              phone::sign);
      try (MailClient device = Examples.device(node, file, account, app)) {
        assertThat(device.standings().get(10, TimeUnit.SECONDS)).hasSize(1);
      }
    }
  }

  @Test
  void readmeExample_withABootstrapNode_joinsAndKeepsItsKey(@TempDir Path folder) throws Exception {
    try (DhtNode first = DhtNode.builder().bind(ANY_PORT).build().start()) {
      Examples.readme(ANY_PORT, folder, textOf(first.localAddresses().get(0)), new byte[20]);
    }
    assertThat(Files.size(folder.resolve("node.key"))).isEqualTo(32);
  }

  @Test
  void recordExamples_onFourNodes_doWhatTheySay(@TempDir Path folder) throws Exception {
    UserKey key = UserKey.generateEd25519(new SecureRandom());
    Path file = Files.write(folder.resolve("user.pem"), key.toPem());
    List<String> log = new CopyOnWriteArrayList<>();
    List<DhtNode> nodes = new ArrayList<>();
    try (DhtRuntime runtime = DhtRuntime.start(1, 1)) {
      for (int i = 0; i < 4; i++) {
        DhtNodeBuilder builder = DhtNode.builder().bind(ANY_PORT).runtime(runtime);
        builder.config(living(Duration.ofSeconds(4)));
        builder.listener(event -> Examples.publications(event, log));
        if (i > 0) {
          builder.bootstrap(textOf(nodes.get(0).localAddresses().get(0)));
        }
        nodes.add(builder.build().start());
      }
      for (DhtNode node : nodes) {
        node.joined().get();
      }
      byte[] content = new byte[2_000];
      try (Published published = Examples.publish(nodes.get(1), file, content)) {
        assertThat(published.result().isEnough()).isTrue();
        assertThat(Examples.profile(nodes.get(2), published.uid().toString())).isEqualTo("Ann");
        Uid other = key.publicKey().uid(Uid.VERSION_1);
        assertThat(Examples.profile(nodes.get(2), other.toString())).isEqualTo("no profile");
        assertThat(Examples.file(nodes.get(3), key, content).get().label()).isEqualTo("file");
        assertThat(nodes.get(2).blob(Blob.cut(content, 0).reference()).get()).isEqualTo(content);
        await().atMost(Duration.ofSeconds(30)).until(() -> log.contains("meta is at 4 nodes"));
      }
    } finally {
      nodes.forEach(DhtNode::close);
    }
  }

  @Test
  void recordExample_again_replacesWhatItRead() throws Exception {
    UserKey key = UserKey.generateEd25519(new SecureRandom());
    try (DhtNode first = DhtNode.builder().bind(ANY_PORT).build().start();
        DhtNode second =
            DhtNode.builder()
                .bind(ANY_PORT)
                .bootstrap(textOf(first.localAddresses().get(0)))
                .build()
                .start()) {
      second.joined().get();
      long sequence = 0;
      for (int i = 1; i <= 3; i++) {
        PutResult result = Examples.record(second, key, new byte[] {(byte) i});
        assertThat(result.stored()).isEqualTo(2);
        assertThat(result.sequence()).isGreaterThan(sequence);
        sequence = result.sequence();
        assertThat(first.get(result.place()).get().orElseThrow().value()).containsExactly(i);
      }
    }
  }

  private static DhtConfig living(Duration ttl) {
    return DhtConfig.defaults()
        .withStore(
            StoreConfig.defaults().withTtl(Duration.ofSeconds(1), ttl, Duration.ofMinutes(1)));
  }

  @Test
  void sharedExample_startsAHundredNodes() throws Exception {
    assertThat(Examples.shared(ANY_PORT)).isEqualTo(100);
  }

  private static String textOf(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
