package org.bytchat.tracker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytchat.dht.config.StoreConfig;
import org.bytchat.dht.identity.Uid;
import org.bytchat.dht.identity.UserKey;
import org.bytchat.dht.testkit.Seeds;
import org.bytchat.dht.wire.ErrorCode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Profiles stored and read by the commands, on nodes in this process. */
class MetaCommandTest {

  private static final int NODES = 6;
  private static final long SEED = 1;
  private static final Duration WEEK = Duration.ofDays(7);

  private static LocalNetwork network;

  @TempDir private Path folder;
  private Path keyFile = Path.of("");

  @BeforeAll
  static void startNetwork() throws Exception {
    network = LocalNetwork.start(NODES, StoreConfig.defaults());
  }

  @AfterAll
  static void closeNetwork() {
    network.close();
  }

  @BeforeEach
  void makeKey() {
    keyFile = folder.resolve("user.pem");
    assertThat(Captured.run("keygen", "--out", keyFile.toString()).exitCode()).isZero();
  }

  private UserKey key() throws IOException {
    return UserKey.parsePem(Files.readAllBytes(keyFile), null);
  }

  private Uid uid() throws IOException {
    return key().publicKey().uid(Uid.DEFAULT_VERSION);
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    Seeds.random(SEED).nextBytes(bytes);
    return bytes;
  }

  private Path picture(byte[] content) throws IOException {
    return Files.write(folder.resolve("picture"), content);
  }

  private Captured set(LocalNetwork where, String name, String... more) {
    List<String> args = new ArrayList<>(List.of("meta", "set", "--key", keyFile.toString()));
    args.addAll(List.of("--name", name, "--bootstrap", where.bootstrap()));
    args.addAll(List.of(more));
    return Captured.run(args.toArray(new String[0]));
  }

  private Captured get(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("meta", "get", uid().toString()));
    args.addAll(List.of("--bootstrap", network.bootstrap()));
    args.addAll(List.of(more));
    return Captured.run(args.toArray(new String[0]));
  }

  private static JsonNode json(Captured result) throws IOException {
    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    return new ObjectMapper().readTree(result.out());
  }

  @Test
  void set_newProfile_isReadByGet() throws Exception {
    byte[] avatar = bytes(20_000);
    Instant begun = Instant.now();
    JsonNode stored = json(set(network, "Ädä \u2713", "--avatar", picture(avatar).toString()));
    assertThat(stored.path("uid").asText()).isEqualTo(uid().toString());
    assertThat(stored.path("key").asText()).isEqualTo(uid().place("meta").toString());
    assertThat(stored.path("stored").asInt()).isEqualTo(5);
    assertThat(stored.path("nodes")).hasSize(5);
    for (JsonNode node : stored.path("nodes")) {
      assertThat(node.path("node_id").asText()).matches("[0-9a-f]{40}");
      assertThat(node.path("addr").asText()).matches("127\\.0\\.0\\.1:\\d+");
      assertThat(node.path("outcome").asText()).isEqualTo("stored");
    }

    Path out = folder.resolve("out");
    JsonNode found = json(get("--avatar-out", out.toString()));
    assertThat(found.path("uid")).isEqualTo(stored.path("uid"));
    assertThat(found.path("name").asText()).isEqualTo("Ädä \u2713");
    assertThat(found.path("seq")).isEqualTo(stored.path("seq"));
    assertThat(Instant.parse(found.path("expires").asText()))
        .isBetween(begun.plus(WEEK).minusMillis(1), Instant.now().plus(WEEK));
    assertThat(found.path("avatar_bytes").asInt()).isEqualTo(20_000);
    assertThat(found.path("verified").asBoolean()).isTrue();
    assertThat(out).hasBinaryContent(avatar);
  }

  @Test
  void set_withoutAvatar_keepsTheOneThatIsThere() throws Exception {
    byte[] avatar = bytes(1_000);
    JsonNode first = json(set(network, "Ada", "--avatar", picture(avatar).toString()));
    JsonNode second = json(set(network, "Ada Lovelace"));
    assertThat(second.path("seq").asLong()).isGreaterThan(first.path("seq").asLong());
    Path out = folder.resolve("out");
    JsonNode found = json(get("--avatar-out", out.toString()));
    assertThat(found.path("name").asText()).isEqualTo("Ada Lovelace");
    assertThat(out).hasBinaryContent(avatar);
  }

  @Test
  void set_noAvatar_removesIt() throws Exception {
    json(set(network, "Ada", "--avatar", picture(bytes(1_000)).toString()));
    json(set(network, "Ada", "--no-avatar"));
    assertThat(json(get()).path("avatar_bytes").asInt()).isZero();
    Path out = Files.writeString(folder.resolve("out"), "old");
    Captured result = get("--avatar-out", out.toString());
    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.err()).contains("no avatar");
    assertThat(result.out()).contains("\"avatar_bytes\":0");
    assertThat(out).hasContent("old");
  }

  @Test
  void set_uidVersion1_isFoundByThatUid() throws Exception {
    JsonNode stored = json(set(network, "Ada", "--uid-version", "1"));
    Uid uid = key().publicKey().uid(Uid.VERSION_1);
    assertThat(stored.path("uid").asText()).isEqualTo(uid.toString());
    JsonNode found =
        json(Captured.run("meta", "get", uid.toString(), "--bootstrap", network.bootstrap()));
    assertThat(found.path("name").asText()).isEqualTo("Ada");
    assertThat(get().exitCode()).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void get_nobodysProfile_isNotFound() throws Exception {
    Captured result = get();
    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(result.err()).contains("no profile of " + uid());
    assertThat(result.out()).isEmpty();
  }

  @Test
  void recordThatIsNoProfile_isRefusedByGetAndReplacedBySet() throws Exception {
    publish("no profile".getBytes(StandardCharsets.UTF_8));
    Captured before = get();
    assertThat(before.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(before.err()).contains("the profile of " + uid());
    Captured set = set(network, "Ada");
    assertThat(set.exitCode()).isZero();
    assertThat(set.err()).contains("what is there is replaced");
    assertThat(json(get()).path("name").asText()).isEqualTo("Ada");
  }

  @Test
  void avatarThatIsGone_isNamed() throws Exception {
    json(set(network, "Ada", "--avatar", picture(bytes(1_000)).toString()));
    byte[] value =
        network.node().get(uid().place("meta")).get(30, TimeUnit.SECONDS).orElseThrow().value();
    // The reference to the avatar is the last thing in it, and the root the last part of that.
    value[value.length - 1] ^= 1;
    publish(value);

    Captured get = get();
    assertThat(get.exitCode()).isZero();
    assertThat(get.err()).contains("the avatar cannot be read");
    assertThat(get.out()).contains("\"name\":\"Ada\"", "\"avatar_bytes\":0", "avatar_error");
    Path out = folder.resolve("out");
    Captured withFile = get("--avatar-out", out.toString());
    assertThat(withFile.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(withFile.err()).contains("no file was written");
    assertThat(out).doesNotExist();
    Captured set = set(network, "Ada Lovelace");
    assertThat(set.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(set.err()).contains("--no-avatar");
    assertThat(set.out()).isEmpty();
  }

  private void publish(byte[] value) throws Exception {
    network
        .node()
        .publish(key(), Uid.DEFAULT_VERSION, "meta", value, new byte[0])
        .get(30, TimeUnit.SECONDS)
        .close();
  }

  @Test
  void set_tooFewNodes_isReportedWithWhatEachDid() throws Exception {
    try (LocalNetwork two = LocalNetwork.start(2, StoreConfig.defaults())) {
      Captured profile = set(two, "Ada");
      assertThat(profile.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
      assertThat(profile.err()).contains("the profile is stored on 2 of 2 nodes, and 3 must");
      assertThat(new ObjectMapper().readTree(profile.out()).path("stored").asInt()).isEqualTo(2);
      Captured avatar = set(two, "Ada", "--avatar", picture(bytes(10)).toString());
      assertThat(avatar.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
      assertThat(avatar.err()).contains("the avatar is stored on 2 of 2", "was not stored");
      JsonNode result = new ObjectMapper().readTree(avatar.out());
      assertThat(result.path("seq").asLong()).isZero();
      assertThat(result.path("stored").asInt()).isZero();
      assertThat(result.path("nodes")).hasSize(2);
    }
  }

  @Test
  void set_refusedByAll_saysWhy() throws Exception {
    StoreConfig small = store("recordBytesMax", 200);
    try (LocalNetwork three = LocalNetwork.start(3, small)) {
      Captured result = set(three, "n".repeat(64));
      assertThat(result.exitCode()).isEqualTo(ExitCode.NOBODY_ANSWERED);
      assertThat(result.err()).contains("the profile is stored on 0 of 3 nodes");
      JsonNode nodes = new ObjectMapper().readTree(result.out()).path("nodes");
      assertThat(nodes).hasSize(3);
      for (JsonNode node : nodes) {
        assertThat(node.path("outcome").asText()).isEqualTo("rejected");
        assertThat(node.path("code").asInt()).isEqualTo(ErrorCode.TOO_BIG);
        assertThat(node.path("reason").asText()).isNotEmpty();
      }
    }
  }

  private static StoreConfig store(String name, int value) {
    return ConfigSection.with(StoreConfig.defaults(), name, value);
  }

  @Test
  void avatarOut_regularFile_isReplacedAndNothingIsLeftBeside() throws Exception {
    byte[] avatar = bytes(1_000);
    json(set(network, "Ada", "--avatar", picture(avatar).toString()));
    Path results = Files.createDirectory(folder.resolve("results"));
    Path out = Files.writeString(results.resolve("out"), "something longer".repeat(1_000));
    json(get("--avatar-out", out.toString()));
    assertThat(out).hasBinaryContent(avatar);
    try (Stream<Path> files = Files.list(results)) {
      assertThat(files).containsExactly(out);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "link", "missing/out"})
  void avatarOut_other_isRefusedBeforeAnythingIsAsked(String name) throws Exception {
    Files.createDirectory(folder.resolve("folder"));
    Files.createSymbolicLink(folder.resolve("link"), keyFile);
    Path out = folder.resolve(name);
    Captured result =
        Captured.run(
            "meta",
            "get",
            uid().toString(),
            "--bootstrap",
            "nosuchhost.invalid:1",
            "--avatar-out",
            out.toString());
    assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
    assertThat(result.err()).contains("--avatar-out", out.toString());
    assertThat(key().publicKey().uid(Uid.DEFAULT_VERSION)).isEqualTo(uid());
  }
}
