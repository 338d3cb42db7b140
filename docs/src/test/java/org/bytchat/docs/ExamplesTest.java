package org.bytchat.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytchat.dht.DhtNode;
import org.bytchat.dht.config.DhtConfig;
import org.bytchat.dht.keyspace.NodeId;
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
  void readmeExample_withABootstrapNode_joinsAndKeepsItsKey(@TempDir Path folder) throws Exception {
    try (DhtNode first = DhtNode.builder().bind(ANY_PORT).build().start()) {
      Examples.readme(ANY_PORT, folder, textOf(first.localAddresses().get(0)), new byte[20]);
    }
    assertThat(Files.size(folder.resolve("node.key"))).isEqualTo(32);
  }

  @Test
  void sharedExample_startsAHundredNodes() throws Exception {
    assertThat(Examples.shared(ANY_PORT)).isEqualTo(100);
  }

  private static String textOf(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
